"""Another choice, or another version, becomes what a new viewer would get: each edit, both ways."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from bokeh.core.types import ID
from bokeh.document import Document
from bokeh.document.events import DocumentPatchedEvent, ModelChangedEvent
from bokeh.events import DocumentReady
from bokeh.io import curdoc
from bokeh.layouts import column
from bokeh.model import Model
from bokeh.models import CustomJS, Div, Slider
from bokeh.plotting import figure
from bokeh.protocol import Protocol
from bokeh.themes import default
from support.edits import EDITS, Edit

from bokeh_share.apps.app import as_app
from bokeh_share.apps.session import AppSession
from bokeh_share.apps.update import suppress_events
from bokeh_share.plots.diff.diff import Comparison
from bokeh_share.plots.snapshot.capture import capture_plot
from bokeh_share.plots.snapshot.snapshot import Snapshot


class Context:
    """Of a session, as far as it is asked for."""

    def __init__(self, session: Viewer) -> None:
        self.session = session


class Viewer:
    """The document of one viewer, and what the browser makes of it, without a network between."""

    def __init__(self, function: Callable[..., Any], **options: str) -> None:
        self.failures: list[Exception] = []
        self.events: list[str] = []
        self.document, self.seen = Document(), Document()
        self._protocol = Protocol()
        app = as_app(function, name="app")
        asked = {name: [value] for name, value in options.items()}
        self.session = AppSession(app, self.document, asked, lambda app, error: self.failures.append(error))
        self.session.start()
        self._context = Context(self)
        self.document._session_context = weakref.ref(self._context)  # type: ignore[assignment]
        self.document.callbacks.on_change_dispatch_to(self)
        self._protocol.create("PULL-DOC-REPLY", ID("1"), self.document).push_to_document(self.seen)

    def _document_patched(self, event: DocumentPatchedEvent) -> None:
        """As Bokeh's session has it."""
        if event.setter is not self:
            message = self._protocol.create("PATCH-DOC", [event])
            self.events.append(event.kind)
            whole = getattr(event, "cols", None) is None
            former = {} if whole else dict(self.seen.models[event.model.id].data)  # type: ignore[attr-defined]
            message.apply_to_document(self.seen)
            if not whole:  # BokehJS leaves the columns alone that an event does not name
                source: Any = self.seen.models[event.model.id]  # type: ignore[attr-defined]
                source.data = {**former, **source.data}

    def chooses(self, **values: Any) -> None:
        self.session._on_options_changed(values)
        assert self.failures == []

    def does(self, model: Model, **values: Any) -> None:
        """Something in the browser, to a model that is seen there."""
        for name, value in values.items():
            event = ModelChangedEvent(self.seen, model, name, value)
            self._protocol.create("PATCH-DOC", [event]).apply_to_document(self.document, self)  # type: ignore[arg-type]
            if not model.lookup(name).readonly:  # as BokehJS sets it all the same
                model.update(**{name: value})

    @property
    def root(self) -> Any:
        """What is drawn in the browser."""
        return self.seen.roots[0].children[-1]  # type: ignore[attr-defined]

    @property
    def made(self) -> Any:
        """The same in the kernel."""
        return self.document.roots[0].children[-1]  # type: ignore[attr-defined]


def captured(root: Model) -> Snapshot:
    """Its snapshot, with node indices as ids."""
    snapshot = capture_plot(root, theme=default).snapshot
    return replace(snapshot, ids=tuple(map(str, range(len(snapshot.nodes)))))


def look_alike(one: Model, other: Model | Snapshot) -> bool:
    """True if nothing differs, except that default values may be given or omitted."""
    then, now = captured(one), other if isinstance(other, Snapshot) else captured(other)
    kinds = [[node.model_type for node in each.nodes] for each in (then, now)]
    return kinds[0] == kinds[1] and Comparison(then, now).differences == ()


def by_edit(edit: Edit) -> Callable[..., Any]:
    def app(after: bool = False) -> Model:
        return edit.make(after)

    return app


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.name)
def test_another_choice_is_seen_as_by_a_new_viewer_and_the_same_one_again_sends_nothing(edit: Edit) -> None:
    viewer = Viewer(by_edit(edit))
    assert viewer.failures == []
    new_viewers = {False: captured(viewer.root), True: captured(Viewer(by_edit(edit), after="True").root)}
    for after in (True, False, True):
        viewer.chooses(after=after)
        assert look_alike(viewer.root, new_viewers[after])
    root = viewer.root
    viewer.events.clear()
    viewer.chooses(after=True)
    assert viewer.events == []
    assert viewer.root is root


def plot(days: int = 30, colour: str = "red") -> Model:
    """A plot with a slider, whose callback works with the plot of the same call."""
    p = figure(title=f"{days} days", x_range=(0, 10))
    line = p.line([1, 2, 3], [4, 5, 6], line_color=colour)
    slider = Slider(start=1, end=9, value=1, name="width")
    slider.on_change("value", lambda attr, old, new: line.glyph.update(line_width=new))
    return column(slider, p)


def test_where_the_viewer_zoomed_to_stays() -> None:
    viewer = Viewer(plot)
    seen = viewer.root.children[1].x_range
    viewer.does(seen, start=2, end=3)
    viewer.chooses(days=7, colour="red")
    assert viewer.events == ["ModelChanged", "ModelChanged"]  # the title, and the address
    assert viewer.root.children[1].x_range is seen
    made = viewer.made.children[1].x_range
    assert (seen.start, seen.end, made.start, made.end) == (2, 3, 2, 3)


def test_where_the_author_says_another_place_the_viewer_goes_there() -> None:
    def app(end: int = 10) -> Model:
        p = figure(x_range=(0, end))
        p.line([1, 2], [3, 4])
        return p

    viewer = Viewer(app)
    viewer.does(viewer.root.x_range, start=2, end=3)
    viewer.chooses(end=20)
    assert (viewer.root.x_range.start, viewer.root.x_range.end) == (0, 20)
    assert viewer.root.x_range.id not in dict(viewer.seen.roots[0].tags[2])


def test_a_callback_of_the_new_call_works_with_what_is_there_now() -> None:
    viewer = Viewer(plot)
    viewer.chooses(days=7, colour="blue")
    viewer.does(viewer.root.children[0], value=5)
    (line,) = viewer.root.children[1].renderers
    assert (line.glyph.line_width, line.glyph.line_color) == (5, "blue")


def test_a_widget_that_the_viewer_has_set_stays_set_and_counts() -> None:
    viewer = Viewer(plot)
    viewer.does(viewer.root.children[0], value=5)
    viewer.chooses(days=7, colour="red")
    assert viewer.root.children[0].value == 5
    assert viewer.root.children[1].renderers[0].glyph.line_width == 5


def test_what_a_callback_changed_is_as_the_function_says_again() -> None:
    def app(days: int = 30) -> Model:
        p = figure(title="as made", x_range=(0, 10))
        p.line([1, 2], [3, 4])
        button = Slider(start=1, end=9, value=1)

        def change(attr: str, old: Any, new: Any) -> None:
            p.title.text = "changed"
            p.line([1, 2], [5, 6])

        button.on_change("value_throttled", change)
        return column(button, p)

    viewer = Viewer(app)
    seen = viewer.root.children[1].x_range
    viewer.does(seen, start=2, end=3)
    viewer.does(viewer.root.children[0], value_throttled=5)
    assert viewer.root.children[1].title.text == "changed"
    viewer.does(viewer.root.children[0], value_throttled=1)
    viewer.chooses(days=7)
    after = viewer.root.children[1]
    assert after.title.text == "as made"
    assert look_alike(viewer.root, viewer.made)
    assert [after.x_range.id, seen.id] in viewer.seen.roots[0].tags[2]


def test_callbacks_of_the_former_call_are_gone() -> None:
    calls = []

    def app(days: int = 30) -> Model:
        curdoc().add_periodic_callback(lambda: calls.append(days), 1000)
        return Div(text=str(days))

    viewer = Viewer(app)
    for days in (7, 8, 9):
        viewer.chooses(days=days)
    (callback,) = viewer.document.session_callbacks
    callback.callback().send(None) if hasattr(callback.callback, "send") else None
    assert len(viewer.document.session_callbacks) == 1


def test_what_the_document_does_when_it_is_ready_is_as_the_last_call_has_it() -> None:
    def app(days: int = 30) -> Model:
        div = Div(text=str(days))
        curdoc().js_on_event(DocumentReady, CustomJS(args={"div": div}, code=str(days)))
        if days == 13:
            raise ValueError("unlucky")
        return div

    def scripts() -> list[tuple[str, object]]:
        entries = viewer.document.to_json(deferred=False).get("callbacks", {})["entries"]
        ((event, [script]),) = entries
        assert event == "document_ready"
        ((_, div),) = script["attributes"]["args"]["entries"]
        return [(script["attributes"]["code"], div["id"])]

    viewer = Viewer(app)
    assert scripts() == [("30", viewer.root.id)]
    for days in (7, 8):
        viewer.chooses(days=days)
        assert scripts() == [(str(days), viewer.root.id)]
    viewer.session._on_options_changed({"days": 13})
    assert scripts() == [("8", viewer.root.id)]


def test_many_choices_leave_no_models_behind() -> None:
    viewer = Viewer(plot)
    many = len(viewer.document.models)
    for days in range(30):
        viewer.chooses(days=days, colour="red" if days % 2 else "blue")
    assert len(viewer.document.models) == many
    assert len(viewer.seen.models) == many


def test_a_call_that_fails_changes_nothing_and_the_next_one_goes_on() -> None:
    def app(days: int = 30) -> Model:
        if days == 13:
            raise ValueError("unlucky")
        return Div(text=str(days))

    viewer = Viewer(app)
    viewer.session._on_options_changed({"days": 13})
    assert [str(error) for error in viewer.failures] == ["unlucky"]
    assert viewer.root.text == "30"
    assert viewer.seen.roots[0].tags == ["days=13", "failed", []]
    viewer.failures.clear()
    viewer.chooses(days=14)
    assert viewer.root.text == "14"
    assert viewer.seen.roots[0].tags == ["days=14", "", []]


def test_a_version_with_another_look_and_the_same_options_keeps_the_zoom() -> None:
    viewer = Viewer(plot, days="7")
    seen = viewer.root.children[1].x_range
    viewer.does(seen, start=2, end=3)

    def another(days: int = 30) -> Model:
        p = figure(title=f"{days} nights", x_range=(0, 10), y_axis_type="log")
        p.scatter([1, 2, 3], [4, 5, 6])
        return column(Slider(start=1, end=9, value=1, name="width"), p)

    app = as_app(another, name="app")
    viewer.session.update_app(replace(app, changed_at=1))
    assert viewer.failures == []
    after = viewer.root.children[1]
    assert after.title.text == "7 nights"
    assert viewer.seen.roots[0].tags[2] == [[after.x_range.id, seen.id]]  # by which the page keeps the zoom
    assert look_alike(viewer.root, viewer.made)


def test_blocks_without_events_for_the_viewer_may_be_nested() -> None:
    viewer = Viewer(lambda: Div(text="a"))
    div = viewer.document.select_one({"type": Div})
    assert isinstance(div, Div)
    viewer.events.clear()
    with suppress_events(viewer.document):
        with suppress_events(viewer.document):
            div.text = "b"
        div.text = "c"
    assert viewer.events == []
    div.text = "d"
    assert viewer.events == ["ModelChanged"]


def test_a_function_that_fails_at_first_keeps_its_widgets_until_another_choice_shows_its_plot() -> None:
    def app(days: int = 1) -> Model:
        assert days != 1
        return figure(title=f"{days} days")

    failures: list[Exception] = []
    document = Document()
    session = AppSession(
        as_app(app, name="app", controls=True), document, {}, lambda app, error: failures.append(error)
    )
    session.start()
    assert len(failures) == 1
    root: Any = document.roots[0]
    assert root.tags == ["", "failed", []]
    (widgets,) = root.children
    session._on_options_changed({"days": 7})
    assert root.children[0] is widgets
    assert root.children[1].title.text == "7 days"
    assert root.tags == ["days=7", "", []]
    assert [*document.roots] == [root]
