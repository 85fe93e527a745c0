"""`run`: a script whose functions are apps, and whose command line has their options."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
import threading
import webbrowser
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any, NoReturn
from urllib.parse import quote

import psutil
import tornado.process
from tornado.process import fork_processes

from ..apps import App, AppNameConflict, NotAFunction, as_app
from ..compat import use_system_libraries
from ..errors import BadOption, BokehShareError
from ..network import Link
from ..sharing import (
    BoundSockets,
    Front,
    LoopRunning,
    OptionParser,
    ResolvedOptions,
    add_options,
    build_options,
    check_arguments,
    current,
    list_front_hints,
    read_parameters,
    resolve_options,
)
from ..text import make_printable, write_to_stream
from .enclosing_command import get_enclosing_command
from .relay_announcer import RelayAnnouncer
from .terminal_notes import adapt_note

STOP_SIGNALS = [
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
]  # Windows has no SIGHUP
"""Signals that end a program in order: Ctrl-C, a request of the system, and a closed terminal."""
CHILDREN_TIMEOUT = 10.0
"""Seconds within which processes must stop."""
INTERRUPT_TIMEOUT = 1.0
"""Seconds for which a callback of the author's may continue when the program ends."""


def run(
    app: Any,
    /,
    *,
    controls: bool = False,
    title: str | None = None,
    argv: Sequence[str] | None = None,
) -> None:
    """Share functions as apps from a script, with the options of its command line, until Ctrl-C, a
    request of the system to end, or the end of its terminal.

    `python plot.py --help` lists the options: those of sharing and, if there is one function, its parameters.
    Viewers begin with the values that are given for these.

    Args:
        app: a function as `share` takes it, a list of functions, or a dictionary of functions by their names.
            The link of the share lists them.
        controls: give viewers a widget for each option, above the plot.
        title: the title of the page that lists the apps. Default: the script's name.
        argv: the command line. Default: `sys.argv[1:]`.

    Raises:
        BokehShareError: for a function that cannot be an app. A wrong command line ends the program with
            the usage, a sentence and exit code 2.
    """
    __tracebackhide__ = True  # for pytest
    try:
        _run_apps(app, controls=controls, title=title, argv=argv)
    except BokehShareError as error:
        raise error.with_traceback(None)  # noqa: B904  # the same error, without the frames below this one


def _run_apps(app: Any, *, controls: bool, title: str | None, argv: Sequence[str] | None) -> None:
    if _is_loop_running():
        raise LoopRunning("run()", "call share(…) instead")
    check_arguments({"controls": controls, "title": title})
    apps = _build_apps(app, controls)
    parser = _build_run_parser(apps)
    enclosing_command = get_enclosing_command()
    args = parser.parse_args([*enclosing_command.flags, *sys.argv[1:]] if argv is None else argv)
    if args.author and args.num_procs != 1:
        parser.error("--author and --num-procs exclude each other: a page controls one process only")
    if len(apps) == 1:
        parameters = apps[0].parameters
        apps = [replace(apps[0], parameters=parameters.replace_defaults(parameters.from_namespace(args)))]
    try:
        resolved = build_share_options(
            {"title": title, **read_parameters(args, Front.RUN)}, password=enclosing_command.password
        )
        for each in apps:
            current.put_app(each)
        # Before there are threads and the loop.
        bound_sockets = _fork_workers(args.num_procs, resolved) if args.num_procs != 1 else None
        if tornado.process.task_id() not in (None, 0):
            resolved = resolved.leave_out_broker()  # otherwise each process would replace the others' pages
        share = current.start_or_update_share(resolved, bound_sockets=bound_sockets)
    except BokehShareError as error:
        parser.error(str(error))
    with handle_stop_signals():
        try:
            if tornado.process.task_id() in (None, 0):
                path = quote(apps[0].name) if len(apps) == 1 else ""
                links = [link._replace(url=link.url + path) for link in share.links]
                command = enclosing_command.text or f"python {os.path.basename(sys.argv[0])}"
                notes = [adapt_note(note, command) for note in current.list_notes()]
                current.follow_relay(RelayAnnouncer().update)
                announce_links(links, notes, browser=not (args.no_browser or args.author))
                if args.author:
                    announce_author_link(
                        str(link := share.author_link()), link.url, browser=not args.no_browser
                    )
            share.run_until_interrupted()
        except KeyboardInterrupt:  # before it served anyone
            current.stop_share(keep_relayed=True)


def _build_apps(app: Any, controls: bool) -> list[App]:
    if isinstance(app, Mapping):
        for name in app:
            check_arguments({"name": name})
        _check_functions(list(app.values()))
        apps = [as_app(function, name=name, controls=controls) for name, function in app.items()]
    else:
        functions = app if isinstance(app, list | tuple) else [app]
        _check_functions(functions)
        apps = [as_app(function, controls=controls) for function in functions]
    if not apps:
        hint = "give it a function, a list of functions, or a dictionary of functions by name"
        raise BadOption("run()", app, hint)
    for each in apps:
        if any(other is not each and other.name == each.name for other in apps):
            same = [str(other.qualified_name) for other in apps if other.name == each.name]
            raise AppNameConflict(each.name, same[0], same[1])
    return apps


def _check_functions(functions: Sequence[Any]) -> None:
    for each in functions:
        if not callable(each):
            raise NotAFunction(type(each).__name__)


def _build_run_parser(apps: Sequence[App]) -> OptionParser:
    several = f"Shares {', '.join(each.name for each in apps)}."
    parser = OptionParser(
        description=(apps[0].about or None) if len(apps) == 1 else several,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        front_hints=list_front_hints(Front.RUN),
    )
    add_options(parser, Front.RUN)
    if len(apps) == 1:
        apps[0].parameters.add_to(parser)
    return parser


def build_share_options(parameters: Mapping[str, Any], *, password: str | None = None) -> ResolvedOptions:
    """Build the options of a command line, with the known password, or else ask for it.

    Raises the errors of `resolve_options`.
    """
    options = build_options(parameters)
    return resolve_options(
        replace(options, password=password) if options.password == "" and password else options
    )


def announce_links(links: Sequence[Link], notes: Sequence[str] = (), *, browser: bool) -> None:
    """Print the links of a share, the best first; open this machine's link in a browser."""
    lines = [f"{make_printable(link.url)}  ({make_printable(link.audience)})" for link in links]
    message = "\n             ".join([*lines, *map(make_printable, notes), "stop with Ctrl-C"])
    write_to_stream(sys.stdout, f"bokeh_share: {message}\n")
    if browser:
        local_urls = [link.url for link in links if not (link.is_proxied or link.is_relayed)][-1:]
        # Some browser commands return only when the browser is closed.
        thread = threading.Thread(target=_open_browser, args=local_urls, daemon=True)
        thread.start()


def announce_author_link(text: str, url: str, *, browser: bool) -> None:
    """Print the text with the link to the author's own page, and open it in a browser."""
    write_to_stream(sys.stdout, f"{text}\n")
    if browser:
        threading.Thread(target=_open_browser, args=[url], daemon=True).start()


def _open_browser(url: str) -> None:
    with use_system_libraries():
        webbrowser.open(url)


def _is_loop_running() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _fork_workers(count: int, resolved: ResolvedOptions) -> BoundSockets:
    """Listen, and continue in `count` forked processes; this process waits for them. Raises the errors of
    `start`."""
    if not hasattr(os, "fork"):
        raise BadOption("--num-procs", count, "this system cannot fork processes; leave the option out")
    bound_sockets = current.open_sockets(resolved)
    with handle_stop_signals():
        try:
            fork_processes(count)  # returns only in the new processes
        except BaseException as error:
            bound_sockets.close()
            _terminate_children()
            if isinstance(error, KeyboardInterrupt):
                sys.exit(0)
            raise
    return bound_sockets


def _terminate_children() -> None:
    children = psutil.Process().children()
    for child in children:
        with suppress(psutil.Error):
            child.terminate()
    psutil.wait_procs(children, timeout=CHILDREN_TIMEOUT)


@contextmanager
def handle_stop_signals() -> Iterator[None]:
    """Handle each of `STOP_SIGNALS` like Ctrl-C, and ignore further signals during the end."""

    timers: list[threading.Timer] = []

    def raise_interrupt() -> NoReturn:
        for each in STOP_SIGNALS:
            signal.signal(each, signal.SIG_IGN)
        raise KeyboardInterrupt

    def on_signal(number: int, frame: Any) -> None:
        if timers or not _is_loop_running():
            raise_interrupt()
        # Between two callbacks, so that it interrupts none; unless one of them takes too long.
        asyncio.get_running_loop().call_soon_threadsafe(raise_interrupt)
        timers.append(threading.Timer(INTERRUPT_TIMEOUT, signal.raise_signal, [number]))
        timers[0].daemon = True
        timers[0].start()

    previous_handlers = {each: signal.getsignal(each) for each in STOP_SIGNALS}
    for each, handler in previous_handlers.items():
        if handler is not signal.SIG_IGN:  # a shell ignores it for background programs
            signal.signal(each, on_signal)
    try:
        yield
    finally:
        for timer in timers:
            timer.cancel()
        for each, handler in previous_handlers.items():
            signal.signal(each, handler)
