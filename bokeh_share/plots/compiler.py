"""Compiles the implementations of the author's own models by Bokeh's compiler, in a separate process.

Bokeh's compiler ends its process when it fails, prints to stdout, and caches scripts by the models' names
only. In a separate process it blocks nothing. That process has its own session, so that an interrupt for the
kernel's process group does not reach it.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout, suppress
from dataclasses import asdict, dataclass
from types import SimpleNamespace
from typing import Any

from ..compat import is_frozen, use_system_libraries
from ..errors import CannotCompile

COMPILE_TIMEOUT = 120.0
"""Seconds that compiling may take: usually two, more if packages from npm have to be installed."""
COMPILER_CODE = (
    "import json, sys; job = json.load(sys.stdin); sys.path[:] = job['path'];"
    "from bokeh_share.plots.compiler import main; main(job)"
)
NO_NODE_PROBLEM = "Node.js 18 or newer is needed and was not found: install it, or set BOKEH_NODEJS_PATH"
ANSI_COLOR_CODE = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Implementation:
    """The implementation of one model, with the attributes that Bokeh's compiler reads."""

    name: str
    full_name: str
    module: str
    """The name by which other implementations import it."""
    path: str
    """The folder in which its files are searched."""
    code: str
    lang: str
    file: str | None
    """The name of the code in messages."""
    dependencies: tuple[tuple[str, str], ...] = ()
    """Packages from npm, with their versions."""


class Compiler:
    """Compiles one bundle at a time; `close` stops it. Any thread may call it."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def __call__(self, implementations: Sequence[Implementation]) -> bytes:
        """Return the script for these implementations. Takes seconds. Raises `CannotCompile`."""
        job = {"path": sys.path, "implementations": [asdict(each) for each in implementations]}
        can_spawn = bool(sys.executable) and not is_frozen()
        if can_spawn:
            answer = self._compile_in_process(job)
        else:
            with use_system_libraries():
                answer = compile_job(job)
        if "script" not in answer:
            raise CannotCompile(answer["problem"], answer["lasting"])
        return str(answer["script"]).encode()

    def close(self) -> None:
        if (process := self._process) is not None:
            _kill_process(process)

    def _compile_in_process(self, job: Mapping[str, Any]) -> Any:
        with subprocess.Popen(
            [sys.executable, "-I", "-X", "utf8", "-c", COMPILER_CODE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=_build_environment(),
            start_new_session=True,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        ) as process:
            self._process = process
            try:
                out, err = process.communicate(json.dumps(job).encode(), COMPILE_TIMEOUT)
            except subprocess.TimeoutExpired:
                raise CannotCompile(f"it took longer than {COMPILE_TIMEOUT:.0f} seconds") from None
            finally:
                self._process = None
                _kill_process(process)
        try:
            return json.loads(out)
        except ValueError:
            last_line = err.decode(errors="replace").strip().rpartition("\n")[2]
            raise CannotCompile(last_line or f"the compiler ended with {process.returncode}") from None


def _kill_process(process: subprocess.Popen[bytes]) -> None:
    """Kill a process and everything that it has started."""
    if process.poll() is None:
        with suppress(OSError):
            if hasattr(os, "killpg"):
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()


def _build_environment() -> dict[str, str]:
    """Build the environment variables, including the author's settings for Bokeh."""
    from bokeh.settings import settings

    node = settings.nodejs_path()
    return {**os.environ, "BOKEH_NODEJS_PATH": str(node)} if node is not None else dict(os.environ)


def main(job: Mapping[str, Any]) -> None:
    """Run a job; the entry point of the separate process."""
    with redirect_stdout(sys.stderr):  # Bokeh prints the compiler's log
        answer = compile_job(job)
    json.dump(answer, sys.stdout)


def compile_job(job: Mapping[str, Any]) -> dict[str, Any]:
    """Return the script, or the problem and if it is permanent."""
    from bokeh.util.compiler import CompilationError, nodejs_version

    from ..compat import build_bundle

    try:
        return {"script": build_bundle([*map(_build_custom_model, job["implementations"])])}
    except CompilationError as error:
        return {"problem": _extract_first_line(str(error)), "lasting": True}
    except Exception as error:
        problem = _extract_first_line(str(error)) or type(error).__name__
        return {"problem": problem if nodejs_version() else NO_NODE_PROBLEM, "lasting": False}


def _extract_first_line(text: str) -> str:
    lines = (line.strip() for line in ANSI_COLOR_CODE.sub("", text).splitlines())
    return next(filter(None, lines), "")


class _CustomModelFields(SimpleNamespace):
    """The fields of a `CustomModel` and of its implementation, combined."""

    @property
    def implementation(self) -> SimpleNamespace:
        return self


def _build_custom_model(fields: Mapping[str, Any]) -> SimpleNamespace:
    """Build a substitute for Bokeh's `CustomModel`, which would need the class itself."""
    return _CustomModelFields(**{**fields, "dependencies": dict(fields["dependencies"])})
