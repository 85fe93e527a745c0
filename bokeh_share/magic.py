"""`%bokeh_share` and `%%bokeh_share`: they parse, and hand over."""

from __future__ import annotations

from typing import Any

from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_cell_magic, magics_class
from IPython.core.magic_arguments import argument, magic_arguments, parse_argstring
from IPython.display import display

from . import kernel
from .errors import BokehShareError
from .sharing import Options


@magics_class
class BokehShareMagics(Magics):
    @magic_arguments("bokeh_share")
    @argument("-e", "--external", action="store_true", help="share on the network, not on this machine only")
    @argument(
        "-l", "--local", action="store_true", help="share on this machine only, also when it was external"
    )
    @argument(
        "-p", "--port", type=int, help="the port to listen on; the first free one from 5006 unless given"
    )
    @argument("-t", "--title", help="what stands on top of the page; the notebook's name unless given")
    @argument("--no-token", action="store_true", help="a short link, which anyone can guess")
    @argument("--stop", action="store_true", help="end sharing and free the port")
    @argument(
        "names", nargs="*", help="variables to share by name, or, with %%%%, the name for this cell's plots"
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
                self._line(options)
            else:
                self._cell(options, cell)
        except BokehShareError as error:
            raise UsageError(str(error)) from None

    def _line(self, options: Any) -> None:
        if options.stop:
            print("bokeh_share: sharing ended" if kernel.stop() else "bokeh_share: nothing is shared")
            return
        if options.external and options.local:
            raise UsageError("--external and --local exclude each other: give one of them")
        asked = Options(
            external=True if options.external else False if options.local else None,
            port=options.port,
            title=_unquoted(options.title),
            token=False if options.no_token else None,
        )
        display(kernel.share_variables(options.names, asked))

    def _cell(self, options: Any, body: str) -> None:
        if len(options.names) != 1:
            raise UsageError("%%bokeh_share takes one name, for what the cell shows: %%bokeh_share sales")
        kernel.name_cell(_unquoted(options.names[0]) or "")
        if body.strip() and self.shell is not None:
            self.shell.run_cell(body)


def register(shell: Any) -> None:
    shell.register_magics(BokehShareMagics)


def unregister(shell: Any) -> None:
    """IPython has no counterpart to `register_magics`; its manager's tables are public."""
    manager = shell.magics_manager
    for kind in ("line", "cell"):
        manager.magics[kind].pop("bokeh_share", None)
    manager.registry.pop(BokehShareMagics.__name__, None)


def _unquoted(text: str | None) -> str | None:
    """`text` without the quotes around it, which IPython leaves in place."""
    if text is not None and len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        return text[1:-1]
    return text
