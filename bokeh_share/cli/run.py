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

from ..apps.app import App, as_app
from ..apps.errors import TwoApps
from ..errors import BadOption, BokehShareError
from ..network.host_probe import libraries_of_the_system
from ..network.links import Link
from ..sharing import current
from ..sharing.binding import BoundSockets
from ..sharing.options import Options, place_of
from ..sharing.password_prompt import PASSWORD_HELP, resolve_options
from ..text import printable, write

SIGNALS = [
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
]  # Windows has no SIGHUP
"""Signals that end a program in order: Ctrl-C, a request of the system's, and a terminal that was closed."""
CHILDREN_TIMEOUT = 10.0
"""Seconds that processes have for stopping."""
INTERRUPT_TIMEOUT = 1.0
"""Seconds that a callback of the author's may go on when the program is to end."""
taken: list[str] = []
"""What `python -m bokeh_share` took for itself from the script's command line: the options of sharing."""


def run(
    app: Any,
    /,
    *,
    controls: bool = False,
    title: str | None = None,
    argv: Sequence[str] | None = None,
) -> None:
    """Share functions as apps from a script, with what its command line says, until one of `SIGNALS` comes.

    `python plot.py --help` lists the options: those of sharing, and the parameters of the function, if
    there is one. What is given for these is what a viewer begins with.

    Args:
        app: a function as `share` takes it, a list of several, or a dictionary of several by their names.
            The link of the share lists them.
        controls: let viewers have a widget for each option, above what a function draws.
        title: what stands on top of the list. Default: the script's name.
        argv: the command line. Default: `sys.argv[1:]`.

    Raises:
        BokehShareError: for a function that can be no app. A wrong command line ends the program with
            the usage, a sentence and 2.
    """
    if _is_running():
        raise BadOption("run()", "here", "a loop runs already; in a notebook, call share(…) instead")
    apps = _apps_of(app, controls)
    parser = _parser(apps)
    given = parser.parse_args([*taken, *sys.argv[1:]] if argv is None else argv)
    if len(apps) == 1:
        parameters = apps[0].parameters
        apps = [replace(apps[0], parameters=parameters.starting_with(parameters.from_namespace(given)))]
    try:
        options = options_of(given, title=title)
        for each in apps:
            current.put_app(each)
        # Before any thread is there, and the loop.
        bound = _fork(given.num_procs, options) if given.num_procs != 1 else None
        live = current.start(options, bound=bound)
    except BokehShareError as error:
        parser.error(str(error))
    with interrupted_once():
        try:
            if tornado.process.task_id() in (None, 0):
                path = quote(apps[0].name) if len(apps) == 1 else ""
                links = [link._replace(url=link.url + path) for link in live.links]
                announce(links, live.notes, token=live.has_token, browser=not given.no_browser)
            live.run_until_interrupted()
        except KeyboardInterrupt:  # before it could serve anybody
            live.stop()


def _apps_of(app: Any, controls: bool) -> list[App]:
    if isinstance(app, Mapping):
        found = [as_app(function, name=name, controls=controls) for name, function in app.items()]
    else:
        functions = app if isinstance(app, list | tuple) else [app]
        found = [as_app(function, controls=controls) for function in functions]
    if not found:
        raise BadOption("run()", app, "give it a function, a list of some, or a dictionary of some by names")
    for each in found:
        if any(other is not each and other.name == each.name for other in found):
            same = [str(other.origin) for other in found if other.name == each.name]
            raise TwoApps(each.name, same[0], same[1])
    return found


def _parser(apps: Sequence[App]) -> argparse.ArgumentParser:
    several = f"Shares {', '.join(each.name for each in apps)}."
    parser = argparse.ArgumentParser(
        description=(apps[0].about or None) if len(apps) == 1 else several,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    sharing = parser.add_argument_group("sharing")
    add_options(sharing)
    sharing.add_argument(
        "--num-procs",
        type=_count,
        default=1,
        metavar="N",
        help="serve viewers from N processes; 0 for as many as there are processors",
    )
    if len(apps) == 1:
        apps[0].parameters.add_to(parser)
    return parser


def add_options(parser: argparse._ActionsContainer) -> None:
    """What a command line says about sharing."""
    add = parser.add_argument
    add("-e", "--external", action="store_true", help="share on the network, not on this machine only")
    add("-a", "--address", help="share at this address or interface, or at 'all' that the machine has")
    add("-p", "--port", type=int, help="the port to listen on; otherwise the first free one from 5006")
    add("-t", "--title", help="what stands on top of the page")
    add("--max-viewers", type=int, metavar="N", help="let in so many at a time; 200 unless given")
    add("--no-token", action="store_true", help="a short link, which anyone can guess")
    add("--password", action="store_true", help=PASSWORD_HELP)
    add("--tls", action="store_true", help="speak https; a certificate is made unless one is given")
    add("--certfile", metavar="FILE", help="the certificate for --tls (PEM)")
    add("--keyfile", metavar="FILE", help="its key (PEM), if that is a file of its own")
    add("--public-url", metavar="URL", help="where colleagues find it, through a proxy or a forwarded port")
    add("--no-browser", action="store_true", help="do not open a browser")


def options_of(given: argparse.Namespace, *, title: str | None = None, fresh: bool = False) -> Options:
    """What a command line says about sharing; asks for the password. Raises as `resolve_options` does."""
    options = Options(
        place=place_of(True if given.external else None, given.address),
        port=given.port,
        title=given.title or title,
        token=False if given.no_token else True if fresh else None,
        max_viewers=given.max_viewers,
        fresh=fresh,
        tls=given.tls,
        certfile=given.certfile,
        keyfile=given.keyfile,
        public_url=given.public_url,
        password="" if given.password else None,
    )
    return resolve_options(options)


def announce(links: Sequence[Link], notes: Sequence[str] = (), *, token: bool, browser: bool) -> None:
    """Say on the terminal where a share is, the best link first; open that of this machine."""
    lines = [f"{printable(link.url)}  ({printable(link.kind)})" for link in links]
    more = [] if token else ["no token: anyone who reaches this machine can look"]
    said = "\n             ".join([*lines, *more, *map(printable, notes), "stop with Ctrl-C"])
    write(sys.stdout, f"bokeh_share: {said}\n")
    if browser:
        here = [link.url for link in links if not link.through][-1:]
        # Some browsers' commands return when the browser is closed.
        opening = threading.Thread(target=_open, args=here, daemon=True)
        opening.start()


def _open(url: str) -> None:
    with libraries_of_the_system():
        webbrowser.open(url)


def _is_running() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _count(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number: give 0 or more") from None
    if number < 0:
        raise argparse.ArgumentTypeError(f"{number} processes make no sense: give 0 or more")
    return number


def _fork(number: int, options: Options) -> BoundSockets:
    """Listen, and go on in `number` processes that all do; this one waits for them. Raises as `start`."""
    if not hasattr(os, "fork"):
        raise BadOption("--num-procs", number, "this system cannot fork: leave it out")
    bound = current.bind(options)
    with interrupted_once():
        try:
            fork_processes(number)  # returns in the new ones only
        except BaseException as end:
            bound.close()
            _end_children()
            if isinstance(end, KeyboardInterrupt):
                sys.exit(0)
            raise
    return bound


def _end_children() -> None:
    children = psutil.Process().children()
    for child in children:
        with suppress(psutil.Error):
            child.terminate()
    psutil.wait_procs(children, timeout=CHILDREN_TIMEOUT)


@contextmanager
def interrupted_once() -> Iterator[None]:
    """Each of `SIGNALS` is as Ctrl-C, and what comes after it does not disturb the end."""

    asked: list[threading.Timer] = []

    def end() -> NoReturn:
        for each in SIGNALS:
            signal.signal(each, signal.SIG_IGN)
        raise KeyboardInterrupt

    def interrupt(number: int, frame: Any) -> None:
        if asked or not _is_running():
            end()
        # Between two callbacks, where it breaks off nothing; unless one of them takes too long.
        asyncio.get_running_loop().call_soon_threadsafe(end)
        asked.append(threading.Timer(INTERRUPT_TIMEOUT, signal.raise_signal, [number]))
        asked[0].daemon = True
        asked[0].start()

    former = {each: signal.getsignal(each) for each in SIGNALS}
    for each, handler in former.items():
        if handler is not signal.SIG_IGN:  # as a shell has it for what runs in the background
            signal.signal(each, interrupt)
    try:
        yield
    finally:
        for timer in asked:
            timer.cancel()
        for each, handler in former.items():
            signal.signal(each, handler)
