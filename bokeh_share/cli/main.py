"""The command line: what is given, and what is wrong with it."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from ..errors import BokehShareError, CannotRun, KernelDied, MissingExtra
from ..network.host_probe import is_frozen
from ..sharing.password_prompt import PASSWORD_VARIABLE
from ..text import say
from .interval import interval
from .run import add_options, options_of, taken
from .run_script import share_script, show_help

ABOUT = """\
Run a notebook or a script, and share its Bokeh plots, live, until Ctrl-C.

A notebook (.ipynb) is run in a kernel of its own, and its plots are on the page as its cells end. A
script (.py) shows its plots with show(), or its functions with bokeh_share.run(). What stands after
a script's name and is none of the options below is the script's own, --help too.
"""


def main(argv: Sequence[str] | None = None) -> int:
    """What `python -m bokeh_share` and `bokeh-share` do; the exit code. 2 is for what was given wrong."""
    _have_streams()
    parser = _parser()
    given, rest = parser.parse_known_args(argv)
    is_script = given.file is not None and Path(given.file).suffix == ".py"
    if given.help and not is_script:
        parser.print_help()
        return 0
    if given.file is None:
        parser.error("name a notebook (.ipynb) or a script (.py)")
    if rest and not is_script:
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    try:
        return _run(parser, given, rest)
    except BokehShareError as error:
        say(str(error), wrong=True)
        return 1 if isinstance(error, KernelDied) else 2


def _have_streams() -> None:
    """Let what is printed go nowhere where there is no stdout or stderr, as in a task of the system's."""
    while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass  # or what is opened next is taken for a stream, by this process and by those that it starts
    os.close(number)
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115  # open for as long as the process lives
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal may know no `…`


def _parser() -> argparse.ArgumentParser:
    is_installed = Path(sys.argv[0]).stem == "bokeh-share"
    parser = argparse.ArgumentParser(
        prog="bokeh-share" if is_installed else "python -m bokeh_share",
        usage="%(prog)s FILE [OPTIONS]",
        description=ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        add_help=False,
        allow_abbrev=False,  # a script may have options whose names begin alike
    )
    add = parser.add_argument
    add("file", nargs="?", metavar="FILE", help="a notebook (.ipynb) or a script (.py)")
    add("-h", "--help", action="store_true", help="show this, or after a script's name the script's own")
    sharing = parser.add_argument_group("sharing")
    add_options(sharing)
    sharing.add_argument(
        "--fresh",
        action="store_true",
        help="make a new link, without a password; the old one is worth nothing any more",
    )
    again = parser.add_argument_group("running it again, each time as an update in place")
    again.add_argument("--watch", action="store_true", help="when the file changes, other than in outputs")
    again.add_argument("--every", type=interval, metavar="TIME", help="after 30s, 10m, 1h or 1d, and so on")
    return parser


def _run(parser: argparse.ArgumentParser, given: argparse.Namespace, rest: list[str]) -> int:
    _check(given.file)
    path = Path(os.path.abspath(given.file))  # a script may go elsewhere; links are not followed
    for name in ("certfile", "keyfile"):  # a notebook's kernel is elsewhere, and so may a script be
        file = getattr(given, name)
        setattr(given, name, None if file is None else os.path.abspath(file))
    options = options_of(given, fresh=given.fresh)
    if options.password is not None:
        os.environ[PASSWORD_VARIABLE] = options.password  # for the kernel, or the script's own `run()`
    again = {"watch": given.watch, "every": given.every}
    if path.suffix == ".ipynb":
        try:
            from .run_notebook import share_notebook
        except ModuleNotFoundError as error:
            raise MissingExtra((error.name or "").partition(".")[0]) from None
        share_notebook(path, options, browser=not given.no_browser, **again)
        return 0
    taken[:] = _sharing(given)
    if given.help:
        return show_help(path, rest, parser.format_help())
    return share_script(path, rest, options, browser=not given.no_browser, **again)


def _sharing(given: argparse.Namespace) -> list[str]:
    """The options that a script's own `run()` is to have; it refuses those that it cannot follow."""
    said = []
    for name, value in vars(given).items():
        if name not in ("file", "help") and value is not None and value is not False:
            flag = f"--{name.replace('_', '-')}"
            said.append(flag if value is True else f"{flag}={value}")
    return said


def _check(file: str) -> None:
    path = Path(file)
    if path.is_dir():
        raise CannotRun(file, "is a folder", "name a notebook or a script in it")
    if not path.exists():
        raise CannotRun(file, "does not exist", "see its spelling, and the folder that you are in")
    if path.suffix not in (".ipynb", ".py"):
        raise CannotRun(file, "is neither a notebook (.ipynb) nor a script (.py)", "name one of these")
    if path.suffix == ".ipynb" and is_frozen():
        hint = "use python -m bokeh_share, or freeze a script"
        raise CannotRun(file, "needs a Python for its kernel, and a frozen program has none to start", hint)
