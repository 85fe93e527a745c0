"""What one viewer has of an app: a document of their own, with what the function made in it."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import parse_qs

from bokeh.document import Document
from bokeh.document.events import DocumentChangedEvent, SessionCallbackAdded
from bokeh.io import curdoc
from bokeh.io.doc import patch_curdoc
from bokeh.model import Model
from bokeh.models import Column, ColumnDataSource
from bokeh.models.widgets import Div

from ..compat import curdoc_restored, run_on_the_loop
from ..errors import NotAModel
from ..plots.custom_models import custom_in, types_of_custom
from ..plots.holoviews import rendered
from ..plots.tracker import as_shown
from ..server.visitor_log import log_misuse
from . import panel
from .app import App
from .errors import AppFailed, BadValue
from .extension_assets import needed_by
from .failures import is_authors
from .heights import fit, stacked
from .isolation import Isolation, Moment
from .parameters.widgets import OptionWidgets
from .protocol.column_patch import size_of
from .update import Doings, Planted, unheard, update

log = logging.getLogger(__name__)

HOLDER = "bokeh_share"
"""The name of the root that holds what the function returns. Its tags are for the page: the address that
gives the same again; whether the function has failed, or even at first, or the document waits for the page;
and which ranges took whose place."""


class AppSession:
    """Lives from when a viewer's page opens its websocket until the viewer leaves, on the kernel's loop.

    Whoever calls its methods has the document's lock.
    """

    def __init__(
        self,
        app: App,
        document: Document,
        arguments: Mapping[str, Sequence[str]],
        on_failure: Callable[..., None],
        on_over: Callable[[], None] = lambda: None,
        on_custom: Callable[[Iterable[type[Model]]], None] = lambda classes: None,
        *,
        turn: Callable[[], Awaitable[None]] | None = None,
        charge: Callable[[float], None] = lambda seconds: None,
    ) -> None:
        """The document's callbacks wait for a `turn`, and say by `charge` how many seconds they took."""
        self.app = app
        self.is_over = False
        """Whether the viewer is to have another document, as this one can't become what is wanted."""
        self.is_waiting = False
        """Whether the viewer's page has to load more before it can draw the document."""
        self._on_over, self._on_custom = on_over, on_custom
        self._types: set[str] = set()
        """Of the author's own models, those that the viewer's page was told to load."""
        self._turn, self._charge = turn, charge
        self._aside: list[Model] = []
        """The roots, meanwhile."""
        self._document = document
        self._arguments = arguments
        self._on_failure = on_failure
        self._values: dict[str, Any] = {}
        self._controls: OptionWidgets | None = None
        self._holder = Column(name=HOLDER)
        self._ours: set[Model] = {self._holder}
        """What the function did not make."""
        self._planted: Planted | None = None
        self._filling: Any = None
        """What the document is filled with, if it is Panel's."""
        self._ranges: list[list[str]] = []
        """Which took whose place when all was drawn anew the last time."""
        self._doings = Doings()
        self._calling = True
        """Whether the function is called, or what it returned is put in place."""
        self._isolation = Isolation(app.name, document)
        self._since = Moment()
        """When the function was called the last time."""

    def begin(self) -> None:
        """Call the function for the first time."""
        document = self._document
        # The page does that itself.
        document.config.update(reconnect_session=False, notify_connection_status=False)
        document.theme = curdoc().theme
        document.on_change(self._heed)
        try:
            self._values = self.app.parameters.from_query(self._arguments)
            with curdoc_restored(), patch_curdoc(document):
                result = self._called()
                self._isolation.take_roots(self._since)
                if panel.is_viewable(result):
                    self._fill_with(result)
                elif self.app.draws:
                    self._begin_with(self._drawn(result))
        except Exception as error:
            self._isolation.clear()
            self._fail(error)
        finally:
            self._calling = False

    @property
    def size(self) -> int:
        """Bytes that the columns in the document have, about: most of what it takes, where it is large."""
        sources = [each for each in self._document.models if isinstance(each, ColumnDataSource)]
        return sum(size_of(column) for source in sources for column in source.data.values())

    def become(self, app: App) -> None:
        """The author has shared another version, which draws what this one drew."""
        if self._values:
            query = self.app.parameters.to_query(self._values)
            self._arguments = parse_qs(query, keep_blank_values=True)
        self.app = app
        self._values = _still_good(app, self._arguments)
        self._renew(new_controls=True)

    def needs(self) -> list[str]:
        """What the viewer's page has to load before it can draw the document."""
        self._types = types_of_custom(self._document.models)
        self._on_custom(custom_in(self._document.models))
        with curdoc_restored(), patch_curdoc(self._document):
            return needed_by(self._document)

    def wait(self) -> None:
        """Let the viewer's page load what it needs, and open the document once more."""
        document = self._document
        self.is_waiting = True
        self._aside = list(document.roots)
        for root in self._aside:
            document.remove_root(root)
        document.add_root(Div(name=HOLDER, tags=["", "waiting", []]))

    def go_on(self) -> None:
        """The viewer's page has loaded what it needs, and asks for the document again."""
        document = self._document
        self.is_waiting = False
        with unheard(document):
            document.remove_root(document.roots[0])
            for root in self._aside:
                document.add_root(root)
        self._aside = []

    def part_with_columns(self) -> None:
        """The viewer is about to change some: the author may have given a table another frame since."""
        with curdoc_restored(), patch_curdoc(self._document):
            panel.part_with_frames(self._document)

    def _begin_with(self, root: Model) -> None:
        self._planted = Planted.of(root, self._document, self.app.name)
        self._place(root, new_controls=True)
        self._fit(root)
        self._say_where()
        self._document.add_root(self._holder)

    def _change(self, values: dict[str, Any]) -> None:
        """The viewer has chosen something else."""
        self._values = values
        self._renew()

    def _renew(self, *, new_controls: bool = False) -> None:
        document, doings = self._document, self._doings
        former, scripts = document.session_callbacks, document.callbacks.js_event_callbacks
        former_scripts = {event: [*of_event] for event, of_event in scripts.items()}
        self._calling = True
        try:
            with curdoc_restored(), patch_curdoc(document):
                result = None if self._filling is not None else self._called()
                if self._filling is not None or panel.is_viewable(result):
                    self._begin_anew()
                    return
                root = self._drawn(result)
            if not self._is_known(root):
                self._begin_anew()
                return
            if self._planted is None:
                self._begin_with(root)
            else:
                with curdoc_restored(), patch_curdoc(document):
                    self._planted = update(
                        document,
                        root,
                        self._planted,
                        doings,
                        lambda: self._place(root, new_controls=new_controls),
                        plot=self.app.name,
                    )
                self._fit(root)
            self._doings = Doings()
            for callback in former:  # those of the former call
                if callback in document.session_callbacks:
                    document.callbacks.remove_session_callback(callback)
            for event, of_event in former_scripts.items():
                scripts[event] = [each for each in scripts[event] if each not in of_event]
            self._say_where()
        except Exception as error:
            scripts.clear()
            scripts.update(former_scripts)
            self._fail(error)
        finally:
            self._calling = False

    def _is_known(self, root: Model) -> bool:
        """Whether the viewer's page was told to load all types of the author's own models that are in it."""
        self._on_custom(custom_in(root.references()))
        return self._types >= types_of_custom(root.references())

    def _begin_anew(self) -> None:
        """The viewer gets another document: only Panel knows how to change what it made, and a page may have
        to load more."""
        self.is_over = True
        self._say_where()
        self._document.add_next_tick_callback(self._on_over)  # when the page has been told where

    def _called(self) -> Any:
        """What the function returns now; None where it has filled the document."""
        app, document = self.app, self._document
        self._since = Moment()
        if app.draws:
            return app.parameters.call(self._values)
        app.parameters.call(self._values, document)
        if not document.roots:
            raise AppFailed(app.name, "adds nothing to its document", "call doc.add_root(…)")
        # Now, since at the first edit the whole table would be sent again.
        panel.part_with_frames(document)
        return None

    def _drawn(self, result: Any) -> Model:
        """The one model that shows what the function returned."""
        try:
            shown = as_shown(rendered(result))
        except NotAModel as error:
            hint = "return a figure, layout, widget or table"
            raise AppFailed(self.app.name, f"returns a value of type {error.kind!r}", hint) from error
        root = stacked(shown) if isinstance(shown, list) else shown
        return self._isolation.own([root], self._since)[0]

    def _fill_with(self, viewable: Any) -> None:
        if self._isolation.has_others(panel.plots_in(viewable, name=self.app.name), self._since):
            reason = "shows a Bokeh plot in a pane of Panel's that it did not make"
            raise AppFailed(self.app.name, reason, "make the plot inside of the function")
        self._filling = viewable
        if controls := self._widgets(anew=True):
            self._holder.children = controls
            self._say_where()
            self._document.add_root(self._holder)
        panel.fill(self._document, viewable, name=self.app.name)

    def _place(self, root: Model, *, new_controls: bool) -> None:
        above = self._widgets(anew=new_controls)
        # The column takes any model here: `as_shown` has looked at it.
        self._holder.children = [*above, root]  # type: ignore[list-item]

    def _fit(self, root: Model) -> None:
        """Apart from `_place`, of which the viewer is not told."""
        fit(self._holder, root, below=len(self._holder.children) > 1)

    def _widgets(self, *, anew: bool) -> list[Any]:
        """What holds the widgets for the options, if viewers are to have some."""
        if anew:
            has = self.app.controls and len(list(self.app.parameters)) > 0
            self._controls = OptionWidgets(self.app.parameters, self._values, self._change) if has else None
        above: list[Any] = [] if self._controls is None else [self._controls.model]
        self._ours = {self._holder, *(model for each in above for model in each.references())}
        return above

    def _say_where(self) -> None:
        if self._planted is not None and self._planted.ranges:
            self._ranges = [list(pair) for pair in self._planted.ranges]
        self._holder.tags = [self.app.parameters.to_query(self._values), "", self._ranges]

    def _fail(self, error: Exception) -> None:
        """The viewer is told that it failed, the author why."""
        self._on_failure(self.app, error)
        query = self.app.parameters.to_query(self._values) if self._values else ""
        self._holder.tags = [query, "nothing" if self._planted is None else "failed", []]
        if self._holder not in self._document.roots:
            self._holder.children = [Div()]  # Bokeh warns of a layout with nothing in it
            self._document.add_root(self._holder)

    async def _carefully(self, steps: Coroutine[Any, Any, None]) -> None:
        """A callback of the document's: Bokeh would print what it raises into the author's cell each time."""
        try:
            if self._turn is not None:
                await self._turn()
            await panel.AtHome(steps, self._charge)
        except Exception as error:
            if is_authors(error):
                self._on_failure(self.app, error)
            else:
                log_misuse("a value of a viewer is none that Panel takes")

    def _heed(self, event: DocumentChangedEvent) -> None:
        if isinstance(event, SessionCallbackAdded):
            run_on_the_loop(event.callback, self._carefully)
        elif not self._calling and getattr(event, "model", None) not in self._ours:
            self._doings.heed(event)
            if event.setter is None:
                self._isolation.heed(event, partial(self._on_failure, self.app))


def _still_good(app: App, arguments: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """What a viewer chose, as far as the app still takes it."""
    good = dict(arguments)
    while True:
        try:
            return app.parameters.from_query(good)
        except BadValue as error:
            if error.parameter not in good:
                raise
            del good[error.parameter]
