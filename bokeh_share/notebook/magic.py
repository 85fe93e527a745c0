"""The magics `%bokeh_share` and `%%bokeh_share`: parse a line, and call the share or the extension."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any, NoReturn

from IPython.core.error import UsageError
from IPython.core.inputtransformer2 import cell_magic
from IPython.core.magic import Magics, line_cell_magic, magics_class
from IPython.display import display
from IPython.utils.process import arg_split  # type: ignore[attr-defined]  # as IPython's own magics do

from ..card import format_starting_card
from ..errors import BokehShareError, ConflictingOptions, UnknownName
from ..sharing import (
    Front,
    OptionParser,
    Options,
    ResolvedOptions,
    Scope,
    add_options,
    build_options,
    current,
    list_front_hints,
    list_given_options,
    read_parameters,
    resolve_options,
    strip_quotes,
)
from ..text import format_words, print_line, shorten_value, write_to_stream
from .extension import NotebookExtension
from .option_hints import explain_unknown_name

MAGIC_DESCRIPTION = """\
Share this notebook's Bokeh plots live with everyone who has the link.

Every plot that a cell shows is on the page. Run the cell again, and open pages change in place. NAME is a
variable that has a plot: the plot is on the page under this name, and follows the variable. With
%%bokeh_share NAME as the first line of a cell, the plots of that cell are on the page under this name.
"""
MAGIC_EXAMPLES = """\
examples:
  %bokeh_share --external --title "Sales overview"    share on the network, with a title
  %bokeh_share p q                                    share the plots in the variables p and q
  %%bokeh_share sales --caption "in thousands"        name and describe the plots of this cell
"""


class _MagicParser(OptionParser):
    """Raises errors that IPython prints as one line."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(self._explain(message))


def build_magic_parser() -> OptionParser:
    """Build the parser of the magics' lines."""
    parser = _MagicParser(
        prog="%bokeh_share",
        usage="%(prog)s [NAME ...] [OPTIONS]",
        description=MAGIC_DESCRIPTION,
        epilog=MAGIC_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        add_help=False,
        front_hints=list_front_hints(Front.MAGIC),
    )
    names_help = "variables to share by name; with %%%%, the name of this cell's plots"
    parser.add_argument("names", nargs="*", metavar="NAME", help=names_help)
    add_options(parser, Front.MAGIC)
    parser.add_argument("-h", "--help", action="store_true", help="show this help, as %%bokeh_share? does")
    return parser


MAGIC_PARSER = build_magic_parser()


def _add_docstring(magic: Any) -> Any:
    """Give the magic the help that `%bokeh_share?` shows."""
    magic.__doc__ = MAGIC_PARSER.format_help()
    return magic


@magics_class
class BokehShareMagics(Magics):
    def __init__(self, shell: Any, extension: NotebookExtension) -> None:
        super().__init__(shell)
        self._extension = extension

    @line_cell_magic
    @_add_docstring
    def bokeh_share(self, line: str, cell: str | None = None) -> None:
        try:
            self._run_magic(line, cell)
        except (BokehShareError, UsageError) as error:
            consequence = "" if cell is None else "; the cell did not run"
            raise UsageError(f"{error}{consequence}") from None

    def _run_magic(self, line: str, cell: str | None) -> None:
        try:
            words = arg_split(line)
        except ValueError:
            hint = "put the text that has it in quotes of the other kind"
            raise UsageError(f"a quotation mark in {shorten_value(line)} is not closed: {hint}") from None
        options, rest = MAGIC_PARSER.parse_known_args(words)
        if any(each.startswith("-") for each in rest):
            MAGIC_PARSER.error(MAGIC_PARSER.describe_unknown(rest, words))
        names = [strip_quotes(each) for each in (*options.names, *rest)]  # `rest` stands after an option
        options = argparse.Namespace(**{**vars(options), "names": names})
        if options.help:
            write_to_stream(sys.stdout, MAGIC_PARSER.format_help())
            return
        if cell is None:
            self._run_line_magic(options, words)
        else:
            self._run_cell_magic(options, words, cell)

    def _run_line_magic(self, options: Any, words: Sequence[str]) -> None:
        if options.caption or options.skip:
            raise UsageError(
                "--caption and --skip apply to one cell: write %%bokeh_share --skip as its first line"
            )
        given_options = list_given_options(options, Front.MAGIC)
        if options.stop:
            others = [each.flag for each in given_options if each.name != "stop"]
            for other in [*others, *map(repr, options.names)]:
                raise ConflictingOptions("--stop", other, "give --stop alone, which ends sharing")
            print_line("sharing ended" if current.stop_share() else "nothing is shared")
            return
        if options.pause and options.resume:
            raise ConflictingOptions("--pause", "--resume", "give one of them")
        share_options = build_options(read_parameters(options, Front.MAGIC))
        actions = [each.name for each in given_options if each.scope is Scope.ACTION]
        if actions not in ([], ["order"], ["author"]):
            current.get_running_share()
        self._extension.check_variables(
            options.names, partial(explain_unknown_name, parser=MAGIC_PARSER, words=words)
        )
        resolved = resolve_options(share_options)
        self._handle_actions(options)
        is_start = actions == ["author"] and not current.is_running()
        if not actions or is_start or share_options != Options() or options.names:
            self._share(options.names, resolved, is_bare=share_options == Options() and not options.names)
        if options.author:
            display(current.get_running_share().author_link())

    def _handle_actions(self, options: Any) -> None:
        """Carry out the options that act on the running share."""
        if options.drop is not None:
            current.get_running_share().drop(options.drop)
            print_line(f"{options.drop!r} is off the page until you share it by name")
        if options.order is not None:
            self._arrange_plots(options.order)
            print_line(f"the page begins with {format_words([*map(repr, options.order)], 'and')}")
        if options.pause:
            current.get_running_share().pause()
            print_line("paused: open pages stay as they are until %bokeh_share --resume")
        if options.resume:
            was_paused = current.get_running_share().paused
            current.get_running_share().resume()
            print_line("open pages are live again" if was_paused else "sharing is not paused")
        if options.save is not None:
            print_line(f"saved to {current.get_running_share().save(options.save)}")
        if options.status:
            self._extension.sort_plots()
            write_to_stream(sys.stdout, f"{current.get_running_share().status()}\n")

    def _arrange_plots(self, names: list[str]) -> None:
        try:
            self._extension.arrange_plots(names)
        except UnknownName as error:
            if len(names) == 1 or error.suggestion is not None or any(" " in name for name in names):
                raise
            raise replace(error, hint=f"{error.hint}; quote a name that has spaces") from None

    def _share(self, names: list[str], resolved: ResolvedOptions, *, is_bare: bool) -> None:
        """Share, and show the card; print a line instead if the card and its link are unchanged."""
        former = current.get_share()
        is_shown = former is not None and former.running and not is_bare
        if is_shown or not hasattr(self.shell, "kernel"):
            display(self._extension.share_variables(names, resolved))
            return
        handle = display(
            {"text/html": format_starting_card(), "text/plain": "Starting…"}, raw=True, display_id=True
        )
        try:
            self._extension.share_variables(names, resolved)
            current.show_card(handle)
        except BaseException:
            if not current.has_card(handle):
                handle.update({"text/plain": ""}, raw=True)
            raise

    def _run_cell_magic(self, options: Any, words: Sequence[str], body: str) -> None:
        for option in list_given_options(options, Front.MAGIC):
            if option.scope is not Scope.CELL and not option.is_for_cells:
                flag = option.flag
                raise UsageError(
                    f"{flag} applies to the whole share: write %bokeh_share {flag} in its own line"
                )
        if len(options.names) > 1:
            example = f'quote a name that has spaces: %%bokeh_share "{" ".join(options.names)}"'
            is_quoted = any(" " in name for name in options.names)
            hint = MAGIC_PARSER.suggest_quotes(options.names[-1], words) or (
                "give one of them" if is_quoted else example
            )
            raise UsageError(f"%%bokeh_share takes one name, not {len(options.names)}: {hint}")
        is_name_empty = any(not name.strip() for name in options.names)
        if is_name_empty or not (options.names or options.skip or options.caption or options.all):
            raise UsageError("%%bokeh_share needs a name for the plots of this cell: %%bokeh_share sales")
        if options.skip and (options.names or options.caption or options.all):
            raise UsageError("--skip needs no name and no caption: give it alone, as nothing is shared")
        name = options.names[0] if options.names else None
        self._extension.mark_cell(
            name=name, caption=options.caption, skipped=options.skip, are_displays_shared=options.all
        )
        if body.strip() and self.shell is not None:
            self.shell.run_cell(body)


def register_magics(shell: Any, extension: NotebookExtension) -> None:
    if transform_cell_magic not in shell.input_transformers_cleanup:
        shell.input_transformers_cleanup.insert(0, transform_cell_magic)
    shell.register_magics(BokehShareMagics(shell, extension))


def unregister_magics(shell: Any) -> None:
    """IPython has no counterpart to `register_magics`; its manager's tables are public."""
    with suppress(ValueError):  # another package removed it
        shell.input_transformers_cleanup.remove(transform_cell_magic)
    manager = shell.magics_manager
    for kind in ("line", "cell"):
        manager.magics[kind].pop("bokeh_share", None)
    manager.registry.pop(BokehShareMagics.__name__, None)
    # IPython lists all magics here, and would keep the extension
    shell.configurables[:] = [each for each in shell.configurables if not isinstance(each, BokehShareMagics)]


def transform_cell_magic(lines: list[str]) -> list[str]:
    """Turn `%%bokeh_share …` on top of a cell into a statement before its other lines.

    An ordinary cell magic would run the cell inside a cell, where `await` does not work. Lines keep their
    numbers.
    """
    first = next((index for index, line in enumerate(lines) if line.strip()), None)
    if first is None or lines[first].split(maxsplit=1)[0] != "%%bokeh_share":
        return lines
    arguments = lines[first].strip().removeprefix("%%bokeh_share").strip()
    if arguments.endswith("?"):
        return lines
    rest = lines[first + 1 :]
    if rest and rest[0].startswith("%%"):
        rest = cell_magic(rest)
    return [*lines[:first], f"get_ipython().run_cell_magic('bokeh_share', {arguments!r}, '\\n')\n", *rest]
