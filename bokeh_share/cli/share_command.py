"""The command line that shares a file: reads its options, and prints what is wrong with them."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from ..compat import is_frozen
from ..errors import BokehShareError, CannotRun, KernelDied, MissingExtra
from ..sharing import (
    Front,
    OptionParser,
    add_options,
    find_misspelt_flags,
    follows_password,
    list_front_hints,
    list_given_options,
    read_parameters,
)
from ..text import print_line, shorten_value
from .enclosing_command import EnclosingCommand, enclose
from .program_name import find_program_name
from .run import build_share_options
from .run_script import share_script, show_help

CLI_DESCRIPTION = """\
Run a notebook or a script, and share its Bokeh plots live until you press Ctrl-C.

A notebook (.ipynb) runs in a kernel of its own; its plots appear on the page as its cells end. A script
(.py) shows plots with show(), or shares functions with bokeh_share.run(). After a script's name, options
that are not listed below go to the script, and so does --help.
"""


def run_share_command(argv: Sequence[str] | None = None) -> int:
    """Share the file that the command line names. Return the exit code: 2 for a wrong command line."""
    parser = _build_main_parser()
    args, script_args = parser.parse_known_args(argv)
    is_script = args.file is not None and Path(args.file).suffix == ".py"
    if args.help and not is_script:
        parser.print_help()
        return 0
    if args.file is None:
        parser.error("give a notebook (.ipynb) or a script (.py)")
    words = sys.argv[1:] if argv is None else argv
    if not Path(args.file).exists() and follows_password(args.file, words):
        parser.error(parser.describe_unknown([args.file], words))
    if script_args and not is_script:
        is_password = follows_password(script_args[0], words)
        if Path(script_args[0]).suffix in (".ipynb", ".py") and not is_password:
            parser.error(f"give one file: {shorten_value(script_args[0])} is one too many")
        parser.error(parser.describe_unknown(script_args, words))
    try:
        return _share_file(parser, args, script_args)
    except BokehShareError as error:
        print_line(str(error), is_error=True)
        return 1 if isinstance(error, KernelDied) else 2


def _build_main_parser() -> OptionParser:
    parser = OptionParser(
        is_script=lambda word: Path(word).suffix == ".py",
        prog=find_program_name(),
        usage="%(prog)s FILE [OPTIONS]",
        description=CLI_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        add_help=False,
        front_hints=list_front_hints(Front.COMMAND),
    )
    add = parser.add_argument
    add("file", nargs="?", metavar="FILE", help="a notebook (.ipynb) or a script (.py)")
    add(
        "-h",
        "--help",
        action="store_true",
        help="show this help, or after a script's name that of the script",
    )
    add_options(parser, Front.COMMAND)
    return parser


def _share_file(parser: OptionParser, args: argparse.Namespace, script_args: list[str]) -> int:
    _check_file(args.file)
    path = Path(os.path.abspath(args.file))  # a script may change the folder; `resolve` would follow links
    args = _resolve_paths(args)
    # these are resolved again when the share starts
    options = build_share_options(read_parameters(args, Front.COMMAND)).options
    rerun_options = {"watch": args.watch, "every": args.every}
    command = f"{parser.prog} {args.file}"
    if path.suffix == ".ipynb":
        try:
            from .run_notebook import share_notebook
        except ModuleNotFoundError as error:
            raise MissingExtra((error.name or "").partition(".")[0]) from None
        share_notebook(
            path, options, command=command, browser=not args.no_browser, author=args.author, **rerun_options
        )
        return 0
    with enclose(EnclosingCommand(_list_given_flags(args), options.password, command)):
        if args.help:
            return show_help(path, script_args, parser.format_help())
        hints = [
            f"{word} was passed to {path.name}; did you mean {flag}?"
            for word, flag in find_misspelt_flags(parser, script_args)
        ]
        return share_script(
            path,
            script_args,
            options,
            hints=hints,
            browser=not args.no_browser,
            author=args.author,
            **rerun_options,
        )


def _resolve_paths(args: argparse.Namespace) -> argparse.Namespace:
    """Make the paths absolute: a notebook's kernel runs in another folder, and a script may change to one."""
    files = {name: file for name in ("certfile", "keyfile") if (file := getattr(args, name)) is not None}
    return argparse.Namespace(**vars(args) | {name: os.path.abspath(file) for name, file in files.items()})


def _list_given_flags(args: argparse.Namespace) -> tuple[str, ...]:
    """List the given flags in the form of a command line."""
    values = vars(args)
    given = list_given_options(args, Front.COMMAND)
    return tuple(each.flag if each.is_switch else f"{each.flag}={values[each.name]}" for each in given)


def _check_file(file: str) -> None:
    path = Path(file)
    if path.is_dir():
        raise CannotRun(file, "is a folder", "give a notebook or a script in it")
    if not path.exists():
        raise CannotRun(file, "does not exist", "check its spelling, and the folder that you are in")
    if path.suffix not in (".ipynb", ".py"):
        raise CannotRun(file, "is neither a notebook (.ipynb) nor a script (.py)", "give one of these")
    if path.suffix == ".ipynb" and is_frozen():
        hint = "use python -m bokeh_share, or freeze a script"
        raise CannotRun(file, "needs a Python for its kernel, which a frozen program lacks", hint)
