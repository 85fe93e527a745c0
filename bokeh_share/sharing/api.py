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
from .options import Options, build_bind_address
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
        caption: a sentence that stands above the plot. An app's is its docstring's first unless given.
        external: listen on the address that other hosts reach, besides localhost. Default: localhost.
        address: listen on this address, this interface (`"eth0"`), or `"all"` addresses of the machine.
        port: the port to listen on. Default: the first free one from 5006 on.
        title: what stands on top of the page. Default: the notebook's name.
        token: whether the link has a part that can't be guessed. Default: yes.
        max_viewers: how many browser pages may be open on it at a time. Default: 200.
        fresh: make another link, without a password unless one is given. Default: the link that this notebook
            had before, also in another kernel.
        password: what viewers have to give besides the link; `True` takes it from the environment's
            `BOKEH_SHARE_PASSWORD`, or asks for it here. Default: the one that the link has, from an earlier
            share too, or none.
        tls: speak https, with the certificate in `certfile` and its key in `keyfile` (PEM; one file may have
            both), or with one that is made here. Default: plain http, or as it is.
        certfile, keyfile: see `tls`.
        public_url: where colleagues find the share when something else leads them there, such as a forwarded
            port, a tunnel or a proxy: scheme, host, port and path, up to the part that can't be guessed.
        controls: let viewers of an app have a widget for each option, above what it draws.
        bound: values for parameters of the function, which are then no options for viewers.

    Raises:
        BokehShareError: a subclass that says what is wrong and what to do; then nothing has changed.
    """
    app = _build_app(model, name=name, caption=caption, controls=controls, bound=bound)
    showable = (
        as_showable(render_in_document(model, name=name)) if model is not None and app is None else None
    )
    if fresh and token is False:
        raise BadOption("fresh", fresh, "without a token there is no secret part that could be replaced")
    if password == "":  # as of a variable that is not set: it would let everybody in
        raise BadOption("password", password, "give one that is not empty, or leave it out")
    options = Options(
        bind_address=build_bind_address(external, address),
        port=port,
        title=title,
        token=True if fresh else token,
        max_viewers=max_viewers,
        fresh=fresh,
        password="" if password is True else password or None,
        tls=tls,
        certfile=None if certfile is None else os.fspath(certfile),
        keyfile=None if keyfile is None else os.fspath(keyfile),
        public_url=public_url,
    )
    resolved = resolve_options(options)
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
