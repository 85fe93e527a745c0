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
from ..sharing import PASSWORD_HELP, Options, ResolvedOptions, build_bind_address, current, resolve_options
from ..text import print_line, write_to_stream
from .extension import NotebookExtension

CELL_OPTIONS = ("caption", "skip")
"""Options of `%%bokeh_share`."""
RUNNING_SHARE_OPTIONS = ("drop", "order", "pause", "resume", "save", "status")
"""Options that act on a running share."""


@magics_class
class BokehShareMagics(Magics):
    def __init__(self, shell: Any, extension: NotebookExtension) -> None:
        super().__init__(shell)
        self._extension = extension

    @magic_arguments("bokeh_share")
    @argument("-e", "--external", action="store_true", help="share on the network, not on this machine only")
    @argument("-l", "--local", action="store_true", help="share on this machine only; the default")
    @argument("-a", "--address", help="share at this address or interface, or at 'all' that the machine has")
    @argument("-p", "--port", type=int, help="the port to listen on; otherwise the first free one from 5006")
    @argument("-t", "--title", help="what stands on top of the page; the notebook's name unless given")
    @argument("--no-token", action="store_true", help="a short link, which anyone can guess")
    @argument("--password", action="store_true", help=PASSWORD_HELP)
    @argument("--tls", action="store_true", help="speak https; a certificate is made unless one is given")
    @argument("--certfile", metavar="FILE", help="the certificate for --tls (PEM)")
    @argument("--keyfile", metavar="FILE", help="its key (PEM), if that is a file of its own")
    @argument(
        "--public-url", metavar="URL", help="where colleagues find it, through a proxy or a forwarded port"
    )
    @argument("--max-viewers", type=int, metavar="N", help="let in so many at a time; 200 unless given")
    @argument(
        "--fresh",
        action="store_true",
        help="make a new link, without a password; the old one is worth nothing any more",
    )
    @argument("--status", action="store_true", help="list addresses, viewers, and plots with sizes and times")
    @argument("--drop", metavar="NAME", help="take this plot off the page until it is shared by name again")
    @argument("--order", metavar="NAME", nargs="+", help="put these plots on top, in this order")
    @argument("--pause", action="store_true", help="hold changes back; pages say so")
    @argument("--resume", action="store_true", help="let pages have what changed meanwhile")
    @argument("--save", metavar="FILE", help="write the page as it is now to one HTML file")
    @argument("--stop", action="store_true", help="end sharing and free the port")
    @argument("--caption", help="with %%%%: a sentence above what this cell shows")
    @argument("--skip", action="store_true", help="with %%%%: what this cell shows is not shared")
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
        given_flags = _list_given_flags(options)
        if options.stop:
            for other in [*(flag for flag in given_flags.values() if flag != "--stop"), *options.names]:
                raise ConflictingOptions("--stop", other, "give --stop alone, which ends sharing")
            print_line("sharing ended" if current.stop_share() else "nothing is shared")
            return
        if options.pause and options.resume:
            raise ConflictingOptions("--pause", "--resume", "give one of them")
        share_options = Options(
            bind_address=_resolve_place(options),
            port=options.port,
            title=_strip_optional_quotes(options.title),
            token=False if options.no_token else True if options.fresh else None,
            max_viewers=options.max_viewers,
            fresh=options.fresh,
            tls=options.tls,
            certfile=_strip_optional_quotes(options.certfile),
            keyfile=_strip_optional_quotes(options.keyfile),
            public_url=_strip_optional_quotes(options.public_url),
            password="" if options.password else None,
        )
        actions = [name for name in RUNNING_SHARE_OPTIONS if name in given_flags]
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
            name = _strip_quotes(options.drop)
            current.get_running_share().drop(name)
            print_line(f"{name} is off the page, until it is shared by name again")
        if options.order is not None:
            self._extension.arrange_plots([_strip_quotes(name) for name in options.order])
        if options.pause:
            current.get_running_share().pause()
            print_line("paused; pages stay as they are until %bokeh_share --resume")
        if options.resume:
            current.get_running_share().resume()
            print_line("live again")
        if options.save is not None:
            print_line(f"saved to {current.get_running_share().save(_strip_quotes(options.save))}")
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
        for option, flag in _list_given_flags(options).items():
            if option not in CELL_OPTIONS:
                raise UsageError(f"{flag} is for the whole share: %bokeh_share {flag} in a line of its own")
        if options.skip and (options.names or options.caption):
            raise UsageError("--skip goes alone: what is not shared has no name and no caption")
        name = _strip_optional_quotes(options.names[0]) if options.names else None
        caption = _strip_optional_quotes(options.caption)
        self._extension.mark_cell(name=name, caption=caption, skipped=options.skip)
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


def _resolve_place(options: Any) -> str | None:
    if options.external and options.local:
        raise UsageError("--external and --local exclude each other: give one of them")
    external = True if options.external else False if options.local else None
    return build_bind_address(external, _strip_optional_quotes(options.address))


def _list_given_flags(options: Any) -> dict[str, str]:
    """Map the parsed name of each option on the line to the way it is written there."""
    given = (name for name, value in vars(options).items() if value is not None and value is not False)
    return {name: f"--{name.replace('_', '-')}" for name in given if name != "names"}


def _strip_quotes(text: str) -> str:
    """`text` without the quotes around it, which IPython leaves in place."""
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        return text[1:-1]
    return text


def _strip_optional_quotes(text: str | None) -> str | None:
    return None if text is None else _strip_quotes(text)
