"""The function that authors call: `share`."""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from typing import Any

from ..apps import App, as_app, build_panel_app, is_viewable
from ..errors import BadOption
from ..plots import as_showable, is_element, render_in_document
from . import current
from .options import build_options
from .password_prompt import resolve_options
from .share import Share


def share(
    model: Any = None,
    /,
    *,
    name: str | None = None,
    caption: str | None = None,
    external: bool | None = None,
    address: str | None = None,
    port: int | None = None,
    title: str | None = None,
    token: bool | None = None,
    fresh: bool = False,
    max_viewers: int | None = None,
    password: bool | str = False,
    tls: bool = False,
    certfile: str | os.PathLike[str] | None = None,
    keyfile: str | os.PathLike[str] | None = None,
    public_url: str | None = None,
    controls: bool = False,
    **bound: Any,
) -> Share:
    """Share plots live with whoever has the link, and put `model` on the page if one is given.

    A function is shared as an app: each viewer has a document of their own, made by a call of it. It
    returns what is to be drawn, or takes a Bokeh document first and fills that. Its other parameters are
    options in the address, as in `…/trend?days=7`.

    What HoloViews draws with Bokeh is a plot as well. An object of Panel's is shared as an app; so is a
    function that returns one.

    In a notebook every plot that a cell shows is on the page from then on; outside, what is given here.
    The server runs in the background, on the loop that is there; without one, see
    `Share.run_until_interrupted`. A share that runs already is kept, and moved if an option differs.

    Args:
        model: a Bokeh figure, layout, widget or table, or a list of them. It stays the author's: it can
            be shown, laid out and changed; changes are on the page when the cell ends. Or a HoloViews object,
            a function, or a Panel object.
        name: what the plot is called on the page; the same name again replaces it. An app is called by the
            function's name unless given, also in its link.
        caption: a sentence that stands above the plot; an app's is its docstring's first unless given.
        external: listen on the address that other hosts reach too; False: on localhost only, the default.
        address: share at this address or interface, or at 'all' that the machine has. An interface is named
            as the system names it: `"eth0"`.
        port: the port to listen on; otherwise the last one, or the first free one from 5006.
        title: what stands on top of the page; otherwise the name of the notebook or script.
        token: False makes a short link, which anyone can guess; otherwise a part of it cannot be guessed.
        fresh: create a new link, without a password, and revoke the old one. Pages that have the old one open
            are closed. Add `--password` for a new password.
        max_viewers: let in so many at a time; 200 unless given. Those who come then are told so, and so are
            you.
        password: what viewers have to give besides the link; True takes it from the environment's
            `BOKEH_SHARE_PASSWORD`, or asks for it here. It goes with the link: later shares of the notebook
            ask for it too.
        tls: speak https; a certificate is made unless one is given. Making one needs `pip install
            "bokeh_share[tls]"`.
        certfile: the certificate for `tls` (PEM); one file may have its key too. A renewed file counts at
            once.
        keyfile: the key of `certfile` (PEM), if that is a file of its own.
        public_url: where colleagues find it, through a proxy or a forwarded port. Scheme, host, port and
            path, up to the part that cannot be guessed.
        controls: let viewers of an app have a widget for each option, above what it draws.
        bound: values for parameters of the function, which are then no options for viewers.

    Raises:
        BokehShareError: a subclass that says what is wrong and what to do; then nothing has changed.
    """
    given = dict(locals())  # by the parameters' names, which are the options' names
    app = _build_app(model, name=name, caption=caption, controls=controls, bound=bound)
    showable = (
        as_showable(render_in_document(model, name=name)) if model is not None and app is None else None
    )
    if fresh and token is False:
        raise BadOption("fresh", fresh, "without a token there is no secret part that could be replaced")
    if password == "":  # as of a variable that is not set: it would let everybody in
        raise BadOption("password", password, "give one that is not empty, or leave it out")
    resolved = resolve_options(build_options(given))
    current.ensure_notebook()
    with current.stop_on_failure():
        running_share = current.start_or_update_share(resolved)
        if showable is not None:
            current.put_plot(showable, model, name, caption)
        if app is not None:
            current.put_app(app)
    return running_share


def _build_app(
    value: Any, *, name: str | None, caption: str | None, controls: bool, bound: Mapping[str, Any]
) -> App | None:
    """The app that a function is, or an object of Panel's; None for a plot, or for nothing."""
    if callable(value) and not is_element(value):
        return as_app(value, name=name, about=caption, controls=controls, bound=bound)
    if controls:
        raise BadOption("controls", controls, "it is for apps: share(function, …)")
    for option, option_value in bound.items():
        matches = difflib.get_close_matches(option, share.__kwdefaults__ or (), 1)
        default_hint = "share() has no such option, and only functions have parameters"
        raise BadOption(option, option_value, f"did you mean {matches[0]!r}?" if matches else default_hint)
    for option, option_value in {"name": name, "caption": caption}.items():
        if option_value is not None and value is None:
            raise BadOption(option, option_value, f"give what it is for: share(p, {option}=…)")
    if not is_viewable(value):
        return None
    return build_panel_app(value, name=name or current.find_variable(value) or "", about=caption)
