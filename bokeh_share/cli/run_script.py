"""A script from the command line: run as `__main__`, shared until Ctrl-C."""

from __future__ import annotations

import runpy
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from ..errors import CannotRun
from ..sharing import current
from ..sharing.options import Options
from ..sharing.share import Share
from ..text import say, write
from .run import announce, interrupted_once
from .schedule import Schedule
from .show_hooks import ShowHooks

INTERRUPTED = 130
"""What a shell says of a program that a Ctrl-C has ended."""


def share_script(
    path: Path, rest: Sequence[str], options: Options, *, browser: bool, watch: bool, every: float | None
) -> int:
    """Run a script, then share what it has shown until SIGINT or SIGTERM; the exit code.

    It is run again as `watch` and `every` say, in this process, so that pages change in place. One that
    calls `run()` shares by itself. Raises what starting a share does.
    """
    reruns = Schedule(path, Path.read_bytes, watch=watch, every=every, complain=say)
    hooks = ShowHooks()
    try:
        with interrupted_once():
            reruns.began(path.read_bytes())
            code = _run(path, rest, hooks)
            live = current.current()
            if live is not None and not live.running:
                return code or 0  # it has shared by itself, and that is over
            if code and not (reruns.expected and hooks.shown):
                return code
            if live is None and not hooks.shown:
                return 0 if code is None else _nothing_shown(path)
            current.remember(path)
            live = current.start(options)
            announce(live.links, token=live.has_token, browser=browser)
            for note in live.notes:
                say(note)
            _serve(live, reruns, path, rest, hooks)
    except KeyboardInterrupt:
        if not current.stop():
            return INTERRUPTED
    say("sharing ended")
    return 0


def _nothing_shown(path: Path) -> int:
    error = CannotRun(path.name, "has shown nothing", "let it call show(), or bokeh_share.run()")
    say(str(error), wrong=True)
    return 1


def show_help(path: Path, rest: Sequence[str], usage: str) -> int:
    """Let a script say its own help; if it has none, this is ours."""
    code = _run(path, [*rest, "--help"], ShowHooks())
    if code is None:
        return 0
    if code == 0:
        write(sys.stdout, usage)
    return code


def _serve(live: Share, reruns: Schedule[bytes], path: Path, rest: Sequence[str], hooks: ShowHooks) -> None:
    """Until Ctrl-C, or until the script itself ends sharing."""
    while live.running:
        if reruns.expected:
            say(reruns.expected)
        reruns.began(live.serve_until(reruns.due))
        began = time.monotonic()
        live.show_busy(began)
        try:
            code = _run(path, rest, hooks)
        finally:
            live.show_busy(None)
        said = "the last good state stays" if code else f"ran again in {time.monotonic() - began:.1f} s"
        say(f"{said} · {len(live.plots)} {'plot' if len(live.plots) == 1 else 'plots'} on the page")


def _run(path: Path, rest: Sequence[str], hooks: ShowHooks) -> int | None:
    """Run the script from its top, as Python would; its exit code, or None if it chose to exit with 0."""
    sys.argv = [str(path), *rest]
    folder = str(path.parent)
    if folder != sys.path[0]:
        sys.path[: 0 if sys.flags.safe_path else 1] = [folder]
    hooks.begin()
    code: int | None = 1
    try:
        runpy.run_path(str(path), run_name="__main__")
        code = 0
    except SystemExit as end:
        if isinstance(end.code, str):
            write(sys.stderr, f"{end.code}\n")
        code = None if end.code in (None, 0) else end.code if isinstance(end.code, int) else 1
    except Exception as error:
        error = error.with_traceback(_of_script(error.__traceback__, path))
        sys.excepthook(type(error), error, error.__traceback__)
    finally:
        hooks.end(success=not code)
    return code


def _of_script(trace: TracebackType | None, path: Path) -> TracebackType | None:
    """Without the frames that led to the script; none are left of one that cannot be compiled."""
    while trace is not None and trace.tb_frame.f_code.co_filename != str(path):
        trace = trace.tb_next
    return trace
