"""Runs a script from the command line as `__main__`, and shares it until Ctrl-C."""

from __future__ import annotations

import runpy
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from ..errors import CannotRun, NothingShared
from ..sharing import Options, Share, current
from ..text import print_line, write_to_stream
from .enclosing_command import get_enclosing_command
from .relay_announcer import RelayAnnouncer
from .run import announce_author_link, announce_links, handle_stop_signals
from .schedule import RerunSchedule
from .show_hooks import ShowHooks
from .terminal_notes import adapt_note

INTERRUPTED_EXIT_CODE = 130
"""The exit code of a program that Ctrl-C has ended, as shells report it."""


def share_script(
    path: Path,
    script_args: Sequence[str],
    options: Options,
    *,
    hints: Sequence[str] = (),
    browser: bool,
    author: bool,
    watch: bool,
    every: float | None,
) -> int:
    """Run a script, then share what it has shown until SIGINT or SIGTERM. Return the exit code.

    `watch` and `every` select when it runs again in this process, so that pages change in place. A script
    that calls `run()` shares by itself. `hints` on its arguments are printed for other scripts, since `run()`
    rejects wrong ones. With `author`, the link to the author's own page is printed too. Raises the errors of
    starting a share.
    """
    schedule = RerunSchedule(path, Path.read_bytes, watch=watch, every=every, on_failure=print_line)
    hooks = ShowHooks()
    try:
        with handle_stop_signals():
            schedule.record_start(path.read_bytes())
            code = _run_script_file(path, script_args, hooks)
            share = current.get_share()
            if share is not None and not share.running:
                return code or 0  # it shared by itself, and its share has ended
            for hint in hints:
                print_line(hint, is_error=True)
            if code and not (schedule.wait_description and hooks.shown_objects):
                return code
            if share is None and not hooks.shown_objects:
                return 0 if code is None else _report_nothing_shown(path)
            current.load_script_link(path)
            share = current.start_or_update_share(current.resolve(options))
            announce_links(share.links, browser=browser and not author)
            for note in current.list_notes():
                print_line(adapt_note(note, get_enclosing_command().text))
            current.follow_relay(RelayAnnouncer().update)
            if author:
                announce_author_link(str(link := share.author_link()), link.url, browser=browser)
            _serve_and_rerun(share, schedule, path, script_args, hooks)
    except KeyboardInterrupt:
        if not current.stop_share(keep_relayed=True):
            return INTERRUPTED_EXIT_CODE
    print_line("sharing ended")
    return 0


def _report_nothing_shown(path: Path) -> int:
    error = CannotRun(path.name, "has shown no plot", "let it call show(), or bokeh_share.run()")
    print_line(str(error), is_error=True)
    return 1


def show_help(path: Path, script_args: Sequence[str], usage: str) -> int:
    """Print a script's own help, or else `usage`."""
    code = _run_script_file(path, [*script_args, "--help"], ShowHooks())
    if code is None:
        return 0
    if code == 0:
        write_to_stream(sys.stdout, usage)
    return code


def _serve_and_rerun(
    share: Share, schedule: RerunSchedule[bytes], path: Path, script_args: Sequence[str], hooks: ShowHooks
) -> None:
    """Serve until Ctrl-C, or until the script itself ends sharing."""
    while share.running:
        if schedule.wait_description:
            print_line(schedule.wait_description)
        try:
            schedule.record_start(current.serve_until(schedule.find_due_content))
        except NothingShared:  # the author has stopped it on their own page
            return
        started_at = time.monotonic()
        current.show_busy(started_at)
        try:
            code = _run_script_file(path, script_args, hooks)
        finally:
            current.show_busy(None)
        result = (
            "the page keeps its last good state"
            if code
            else f"ran again in {time.monotonic() - started_at:.1f} s"
        )
        print_line(
            f"{result} · {len(share.plots)} {'plot' if len(share.plots) == 1 else 'plots'} on the page"
        )


def _run_script_file(path: Path, script_args: Sequence[str], hooks: ShowHooks) -> int | None:
    """Run the script like Python does. Return its exit code, or None if it exited with 0 itself."""
    sys.argv = [str(path), *script_args]
    folder = str(path.parent)
    if folder != sys.path[0]:
        sys.path[: 0 if sys.flags.safe_path else 1] = [folder]
    hooks.start_run()
    code: int | None = 1
    try:
        runpy.run_path(str(path), run_name="__main__")
        code = 0
    except SystemExit as system_exit:
        if isinstance(system_exit.code, str):
            write_to_stream(sys.stderr, f"{system_exit.code}\n")
        code = (
            None
            if system_exit.code in (None, 0)
            else system_exit.code
            if isinstance(system_exit.code, int)
            else 1
        )
    except Exception as error:
        error = error.with_traceback(_trim_traceback(error.__traceback__, path))
        sys.excepthook(type(error), error, error.__traceback__)
    finally:
        hooks.finish_run(success=not code)
    return code


def _trim_traceback(traceback: TracebackType | None, path: Path) -> TracebackType | None:
    """Remove the frames before the script's own; none are left if it could not be compiled."""
    while traceback is not None and traceback.tb_frame.f_code.co_filename != str(path):
        traceback = traceback.tb_next
    return traceback
