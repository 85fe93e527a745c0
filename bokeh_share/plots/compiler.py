"""Compiles the implementations of the author's own models by Bokeh's compiler, in a process of its own.

Bokeh's compiler ends its process when it fails, prints to stdout, and caches scripts by the models' names
alone. In its own process it blocks nobody. It has its own session, so that an interrupt of the author's,
which reaches all processes of the kernel's group, does not reach it.
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
"""Seconds that it may take: as a rule two, more where packages from npm have to be installed."""
COMPILER_CODE = (
    "import json, sys; job = json.load(sys.stdin); sys.path[:] = job['path'];"
    "from bokeh_share.plots.compiler import main; main(job)"
)
NO_NODE_PROBLEM = "Node.js 18 or newer is needed and was not found: install it, or set BOKEH_NODEJS_PATH"
ANSI_COLOR_CODE = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Implementation:
    """One model's, as Bokeh's compiler asks for it."""

    name: str
    full_name: str
    module: str
    """What other implementations import it by."""
    path: str
    """The folder where files are looked for."""
    code: str
    lang: str
    file: str | None
    """What the code is called in messages."""
    dependencies: tuple[tuple[str, str], ...] = ()
    """Packages of npm, with their versions."""


class Compiler:
    """Compiles one bundle at a time; `close` ends what goes on. Any thread may call."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def __call__(self, implementations: Sequence[Implementation]) -> bytes:
        """The script for these. Takes seconds. Raises `CannotCompile`."""
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
    """With all that it has started."""
    if process.poll() is None:
        with suppress(OSError):
            if hasattr(os, "killpg"):
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()


def _build_environment() -> dict[str, str]:
    """With what the author has set in Bokeh's settings."""
    from bokeh.settings import settings

    node = settings.nodejs_path()
    return {**os.environ, "BOKEH_NODEJS_PATH": str(node)} if node is not None else dict(os.environ)


def main(job: Mapping[str, Any]) -> None:
    """What the process of its own does."""
    with redirect_stdout(sys.stderr):  # Bokeh prints what its compiler logs
        answer = compile_job(job)
    json.dump(answer, sys.stdout)


def compile_job(job: Mapping[str, Any]) -> dict[str, Any]:
    """The script, or the problem and whether it will be the same again."""
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
    """The fields of a `CustomModel` and of its implementation in one."""

    @property
    def implementation(self) -> SimpleNamespace:
        return self


def _build_custom_model(fields: Mapping[str, Any]) -> SimpleNamespace:
    """Make what stands in for Bokeh's `CustomModel`, which would look for the class."""
    return _CustomModelFields(**{**fields, "dependencies": dict(fields["dependencies"])})
