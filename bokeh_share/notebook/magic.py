"""The magics `%bokeh_share` and `%%bokeh_share`: parse a line, and call the share or the extension."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import Any

from IPython.core.error import UsageError
from IPython.core.inputtransformer2 import cell_magic
from IPython.core.magic import Magics, line_cell_magic, magics_class
from IPython.core.magic_arguments import argument, magic_arguments, parse_argstring
from IPython.display import display

from ..card import format_starting_card
from ..errors import BokehShareError, ConflictingOptions
from ..sharing import (
    Front,
    Group,
    Options,
    ResolvedOptions,
    build_options,
    current,
    list_given_options,
    list_options,
    read_parameters,
    resolve_options,
    strip_quotes,
)
from ..text import print_line, write_to_stream
from .extension import NotebookExtension


def add_option_arguments(magic: Any) -> Any:
    """Decorate a magic with the options of the table."""
    for option in reversed(list_options(Front.MAGIC)):  # IPython takes them from the last to the first
        magic = argument(*option.flags, **option.build_argument(Front.MAGIC))(magic)
    return magic


@magics_class
class BokehShareMagics(Magics):
    def __init__(self, shell: Any, extension: NotebookExtension) -> None:
        super().__init__(shell)
        self._extension = extension

    @magic_arguments("bokeh_share")
    @add_option_arguments
    @argument(
        "names", nargs="*", help="variables to share by name; with %%%%, what this cell's plots are called"
    )
    @line_cell_magic
    def bokeh_share(self, line: str, cell: str | None = None) -> None:
        """Share this notebook's Bokeh plots, live, with whoever has the link.

        Every plot that a cell shows is on the page; run the cell again, and open pages change in place.
        With names, these variables are on the page whichever cell binds them. As %%bokeh_share NAME on
        top of a cell, what that cell shows is on the page under that name.
        """
        options = parse_argstring(self.bokeh_share, line)
        try:
            if cell is None:
                self._run_line_magic(options)
            else:
                self._run_cell_magic(options, cell)
        except BokehShareError as error:
            raise UsageError(str(error)) from None

    def _run_line_magic(self, options: Any) -> None:
        if options.caption or options.skip:
            raise UsageError("--caption and --skip are for one cell: %%bokeh_share --skip as its first line")
        given_options = list_given_options(options, Front.MAGIC)
        if options.stop:
            for other in [*(each.flag for each in given_options if each.name != "stop"), *options.names]:
                raise ConflictingOptions("--stop", other, "give --stop alone, which ends sharing")
            print_line("sharing ended" if current.stop_share() else "nothing is shared")
            return
        if options.pause and options.resume:
            raise ConflictingOptions("--pause", "--resume", "give one of them")
        share_options = build_options(read_parameters(options, Front.MAGIC))
        actions = [each.name for each in given_options if each.group is Group.ACTION]
        if actions and actions != ["order"]:
            current.get_running_share()
        self._extension.check_variables(options.names)
        resolved = resolve_options(share_options)
        self._handle_actions(options)
        if not actions or share_options != Options() or options.names:
            self._show_card(options.names, resolved)

    def _handle_actions(self, options: Any) -> None:
        """Carry out the options that act on the running share."""
        if options.drop is not None:
            current.get_running_share().drop(options.drop)
            print_line(f"{options.drop} is off the page, until it is shared by name again")
        if options.order is not None:
            self._extension.arrange_plots(options.order)
        if options.pause:
            current.get_running_share().pause()
            print_line("paused; pages stay as they are until %bokeh_share --resume")
        if options.resume:
            current.get_running_share().resume()
            print_line("live again")
        if options.save is not None:
            print_line(f"saved to {current.get_running_share().save(options.save)}")
        if options.status:
            self._extension.sort_plots()
            write_to_stream(sys.stdout, f"{current.get_running_share().status()}\n")

    def _show_card(self, names: list[str], resolved: ResolvedOptions) -> None:
        if not hasattr(self.shell, "kernel"):
            display(self._extension.share_variables(names, resolved))
            return
        handle = display(
            {"text/html": format_starting_card(), "text/plain": "Starting…"}, raw=True, display_id=True
        )
        try:
            self._extension.share_variables(names, resolved)
            current.show_card(handle)
        except BaseException:
            handle.update({"text/plain": ""}, raw=True)
            raise

    def _run_cell_magic(self, options: Any, body: str) -> None:
        if len(options.names) > 1 or not (options.names or options.skip or options.caption):
            raise UsageError("%%bokeh_share takes one name, for what the cell shows: %%bokeh_share sales")
        for option in list_given_options(options, Front.MAGIC):
            if option.group is not Group.CELL:
                flag = option.flag
                raise UsageError(f"{flag} is for the whole share: %bokeh_share {flag} in a line of its own")
        if options.skip and (options.names or options.caption):
            raise UsageError("--skip goes alone: what is not shared has no name and no caption")
        name = strip_quotes(options.names[0]) if options.names else None
        self._extension.mark_cell(name=name, caption=options.caption, skipped=options.skip)
        if body.strip() and self.shell is not None:
            self.shell.run_cell(body)


def register_magics(shell: Any, extension: NotebookExtension) -> None:
    if transform_cell_magic not in shell.input_transformers_cleanup:
        shell.input_transformers_cleanup.insert(0, transform_cell_magic)
    shell.register_magics(BokehShareMagics(shell, extension))


def unregister_magics(shell: Any) -> None:
    """IPython has no counterpart to `register_magics`; its manager's tables are public."""
    with suppress(ValueError):  # somebody else took it away
        shell.input_transformers_cleanup.remove(transform_cell_magic)
    manager = shell.magics_manager
    for kind in ("line", "cell"):
        manager.magics[kind].pop("bokeh_share", None)
    manager.registry.pop(BokehShareMagics.__name__, None)
    # IPython lists all magics here, and would keep the extension
    shell.configurables[:] = [each for each in shell.configurables if not isinstance(each, BokehShareMagics)]


def transform_cell_magic(lines: list[str]) -> list[str]:
    """Turns `%%bokeh_share …` on top of a cell into a statement before its other lines.

    As a cell magic proper it would run the cell inside a cell, where `await` does not work. Lines keep
    their numbers.
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
