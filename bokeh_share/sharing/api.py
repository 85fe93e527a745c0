"""The function that authors call: `share`."""

from __future__ import annotations

import inspect
import os
from collections.abc import Mapping
from typing import Any, Literal

from bokeh.model import Model

from ..apps import App, as_app, build_panel_app, is_viewable
from ..errors import BadOption, BokehShareError, NotAModel
from ..plots import as_shareable, as_showable, is_element, render_in_document
from ..text import MAX_VALUE_LENGTH, shorten, shorten_value
from . import current
from .argument_check import check_arguments
from .errors import UnknownArgument
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
    all: bool | None = None,
    headings: bool | None = None,
    download: bool | None = None,
    token: bool | None = None,
    fresh: bool = False,
    max_viewers: int | None = None,
    password: bool | str = False,
    pointing: bool | None = None,
    tls: bool = False,
    certfile: str | os.PathLike[str] | None = None,
    keyfile: str | os.PathLike[str] | None = None,
    public_url: str | None = None,
    broker: str | Literal[False] | None = None,
    retention: float | None = None,
    controls: bool = False,
    **bound: Any,
) -> Share:
    """Share plots live with everyone who has the link, and put `model` on the page if it is given.

    A function is shared as an app: it is called for each viewer, who has a document of their own. It returns
    a plot, or takes a Bokeh document as its first parameter and fills it. Its other parameters are options in
    the address, as in `…/trend?days=7`.

    HoloViews objects that Bokeh draws are plots too. A Panel object is shared as an app, and so is a function
    that returns one.

    In a notebook, every plot that a cell shows after `%load_ext bokeh_share` is on the page, also plots from
    before this call. Without `%load_ext`, this call loads the extension. In a script, only plots that are
    given to `share` are on the page. The server runs in the background, on the event loop that runs; without
    one, call `Share.run_until_interrupted`. A share that runs already is kept, and moves if its address
    changes.

    Args:
        model: a Bokeh figure, layout, widget or table, or a list of them. You can still show it, put it in a
            layout and change it; the page has the changes when the cell ends. Or a HoloViews object, a
            function, or a Panel object. Of figures of matplotlib, Plotly and Altair, pictures of Pillow, and
            data frames, the page shows a picture or a table.
        name: the name of the plot on the page; the same name again replaces the plot. The name of an app is
            also in its link; unless you give one, it is the function's name.
        caption: a sentence above the plot; an app without one has the first paragraph of its docstring.
        external: True: share on the network; False: on this machine only, the default.
        address: share at this address or network interface; 'all' means all addresses of this machine. An
            interface has the name that the system gives it: `"eth0"`.
        port: listen on this port; otherwise on the previous one, or the first free one from 5006.
        title: the title of the page; otherwise the name of the notebook or script.
        all: True: share pictures, tables and texts that cells display too; False: only Bokeh's plots, the
            default. After `%%bokeh_share` on top of a cell, only those of this cell. Figures of matplotlib,
            Plotly and Altair are shared as pictures.
        headings: True: show the notebook's headings above the plots of their sections; False: do not, the
            default. They are the Markdown headings in the notebook's file, as last saved.
        download: False: do not offer the data of plots for download; True: offer them, the default. Viewers
            save them as CSV from the menu of a plot, without the columns that it does not use.
        token: False: use a short link, which anyone can guess; otherwise the link has a random token.
        fresh: make a new link, without a password; the old link stops working. Open pages of the old link say
            that sharing ended. Give a password too to set a new one.
        max_viewers: maximum number of viewers at the same time; 200 unless given. Later visitors see that the
            page is full, and the card tells you about them.
        password: the password that viewers must enter; True: read it from the environment variable
            `BOKEH_SHARE_PASSWORD`, or ask you for it. The password belongs to the link: later shares of the
            notebook ask for it too.
        pointing: True: let viewers show you which points they mean, on your own page and in `Share.pointed`;
            False: do not, the default. They send numbers and the name that they type, and nothing else.
        tls: use https; a certificate is made unless you give one. Making one needs `pip install
            "bokeh_share[tls]"`.
        certfile: the certificate for `tls` (PEM); the same file may contain its key. A renewed file is used
            at once.
        keyfile: the key of `certfile` (PEM), if it is in another file.
        public_url: the address that colleagues use, through a proxy or a forwarded port. It has scheme, host,
            port and path, but not the token.
        broker: publish the page to this broker too, Redis or Valkey; relays serve it to any number of
            viewers. Without the option, the environment variable `BOKEH_SHARE_BROKER` counts. It is better
            for a URL with a password, since cells are saved. Needs `pip install "bokeh_share[relay]"`.
        retention: for how many days relays show the last state after the kernel has ended; 7 unless given.
            They also show it after Ctrl-C in a terminal. When you stop sharing, they do not.
        controls: True: viewers of an app get a widget for each option, above its plot.
        bound: values of the function's parameters, which viewers then cannot choose.

    Raises:
        BokehShareError: a subclass, which says what is wrong and what to do. Nothing has changed then.
    """
    given = dict(locals())  # by the parameters' names, which are the options' names
    __tracebackhide__ = True  # for pytest; `BokehShareError` itself hides it in IPython
    try:
        return _share(model, given, name=name, caption=caption, controls=controls, bound=bound)
    except BokehShareError as error:
        raise error.with_traceback(None)  # noqa: B904  # the same error, without the frames below this one


def _share(
    model: Any,
    given: Mapping[str, Any],
    *,
    name: str | None,
    caption: str | None,
    controls: bool,
    bound: Mapping[str, Any],
) -> Share:
    """Share as `share` does; `given` has its arguments by name."""
    check_arguments(given)
    if isinstance(model, str):
        hint = f"share a Bokeh figure or a function; to name a plot: share(p, name={shorten_value(model)})"
        raise NotAModel(shorten(model, MAX_VALUE_LENGTH), "a text", hint)
    variable = current.find_variable(model) if model is not None else None
    label = name if name is not None else variable
    app = _build_app(model, name=name, caption=caption, controls=controls, bound=bound)
    showable = None
    if model is not None and app is None:
        showable = as_shareable(render_in_document(model, name=label), name=variable)
    if given["fresh"] and given["token"] is False:
        hint = "a link without a token has nothing that could be replaced; leave out fresh or token"
        raise BadOption("fresh", given["fresh"], hint)
    if given["password"] == "":  # from a variable that is not set, which would let everybody in
        raise BadOption("password", "", "give one that is not empty, or leave it out")
    resolved = resolve_options(build_options(given))
    current.ensure_notebook()
    with current.stop_on_failure():
        running_share = current.start_or_update_share(resolved)
        if showable is not None:
            place = "" if current.put_plot(showable, model, name, caption) else "not "
            current.confirm(f"{'the plot' if label is None else repr(label)} is {place}on the page")
        if app is not None:
            current.put_app(app)
            current.confirm(f"app {app.name!r} is on the page")
    return running_share


def _build_app(
    value: Any, *, name: str | None, caption: str | None, controls: bool, bound: Mapping[str, Any]
) -> App | None:
    """Build the app of a function or of a Panel object; None for a plot, or for no value."""
    if inspect.isclass(value) and issubclass(value, Model):
        as_showable(value, name=name or value.__name__)  # raises: it is no plot yet
    if callable(value) and not is_element(value):
        return as_app(value, name=name, about=caption, controls=controls, bound=bound)
    if controls:
        raise BadOption("controls", controls, "only apps have controls: share(function, controls=True)")
    for option in bound:  # without its value, which may be a password
        hint = "help(share) lists the options; only a function has parameters of its own"
        raise UnknownArgument.from_known_names(option, share.__kwdefaults__ or (), kind="option", hint=hint)
    for option, option_value in {"name": name, "caption": caption}.items():
        if option_value is not None and value is None:
            raise BadOption(option, option_value, f"give the plot too: share(p, {option}=…)")
    if not is_viewable(value):
        return None
    return build_panel_app(value, name=name or current.find_variable(value) or "", about=caption)
