from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from bokeh.document import Document
from bokeh.io import curdoc
from bokeh.layouts import column, row
from bokeh.model import Model
from bokeh.models import (
    ColumnDataSource,
    CustomJS,
    CustomJSTickFormatter,
    Div,
    LinearColorMapper,
    Slider,
    TextInput,
)
from bokeh.plotting import figure
from bokeh.settings import settings

from bokeh_share.apps.app import as_app
from bokeh_share.apps.isolation import ModelCheckpoint
from bokeh_share.apps.session import AppSession
from bokeh_share.compat import get_property_values
from bokeh_share.plots.snapshot.capture import capture_plot
from bokeh_share.plots.snapshot.snapshot import Snapshot


class Opened:
    """A viewer's document, from when it is opened until they leave."""

    def __init__(self, function: Callable[..., Any], **options: str) -> None:
        self.failures: list[str] = []
        self.document = Document()
        asked = {name: [value] for name, value in options.items()}
        app = as_app(function, name="app")
        self.session = AppSession(
            app, self.document, asked, lambda app, error: self.failures.append(str(error))
        )
        self.session.start()

    @property
    def root(self) -> Any:
        return self.document.roots[-1].children[-1]  # type: ignore[attr-defined]

    def leave(self) -> None:
        self.document.models.destroy()  # as Bokeh's session does


def everything() -> Any:
    """A plot of the author's, with what plots have."""
    source = ColumnDataSource({"x": [1, 2], "y": [3, 4]})
    p = figure(title="theirs", tools="pan,hover,tap", tooltips="@x")
    mapper = LinearColorMapper(palette="Viridis256", low=0, high=1)
    p.line("x", "y", source=source)
    p.scatter("x", "y", source=source, color={"field": "x", "transform": mapper}, legend_label="a")
    p.x_range.js_on_change("start", CustomJS(args={"p": p, "source": source}, code="source.change.emit()"))
    p.xaxis.formatter = CustomJSTickFormatter(code="return tick")
    p.xaxis.ticker = [1, 2, 3]
    return p


def state(root: Model) -> list[Any]:
    """All that the models hold, and whose they are."""
    return [(each.id, each.document, *map(dict, get_property_values(each))) for each in root.references()]


def take_snapshot(root: Model) -> Snapshot:
    return capture_plot(root, theme=curdoc().theme).snapshot


def test_an_existing_plot_is_copied_for_each_viewer() -> None:
    p = everything()
    before, snapshots_before = state(p), take_snapshot(p)
    one, two = Opened(lambda: p), Opened(lambda: p)
    assert one.failures == two.failures == []
    for viewer in (one, two):
        assert take_snapshot(viewer.root) == snapshots_before
        assert not viewer.root.references() & p.references()
    assert not one.root.references() & two.root.references()
    one.root.title.text = "another"
    one.root.renderers[0].data_source.selected.indices = [1]
    one.root.select_one(CustomJS).code = "evil()"
    one.root.toolbar.tools.pop()
    assert take_snapshot(two.root) == snapshots_before
    one.leave()
    two.leave()
    assert state(p) == before
    assert take_snapshot(p) == snapshots_before


def test_models_that_a_function_made_are_kept_and_others_are_copied() -> None:
    source, formatter = ColumnDataSource({"x": [1], "y": [2]}), CustomJSTickFormatter(code="return tick")
    before = state(source)
    made: list[Any] = []

    def uses() -> Any:
        p, slider = figure(), Slider(start=0, end=1, value=0)
        slider.on_change("value", lambda attr, old, new: None)
        p.line("x", "y", source=source)
        p.xaxis.formatter = formatter
        made.append((p, slider))
        return row(p, slider)

    viewers = [Opened(uses), Opened(uses)]
    for viewer, (p, slider) in zip(viewers, made, strict=True):
        assert viewer.root.children == [p, slider]
        assert p.renderers[0].data_source is not source
        assert p.renderers[0].data_source.data == source.data
        assert p.xaxis.formatter is not formatter
        viewer.leave()
    assert state(source) == before
    assert formatter.code == "return tick"


def test_a_function_that_fills_its_document_gets_copies_of_other_models() -> None:
    p, text = everything(), Div(text="above")
    before = state(p), state(text)

    def fills(doc: Document) -> None:
        doc.add_root(text)
        doc.add_root(column(p))

    one, two = Opened(fills), Opened(fills)
    for viewer in (one, two):
        assert viewer.failures == []
        shown = viewer.document.roots
        assert [type(each).__name__ for each in shown] == ["Div", "Column"]
        assert take_snapshot(shown[1].children[0]) == take_snapshot(p)  # type: ignore[attr-defined]
        viewer.leave()
    assert (state(p), state(text)) == before


def test_a_plot_in_another_document_stays_there() -> None:
    p = everything()
    elsewhere = Document()
    elsewhere.add_root(p)
    before = state(p)
    viewer = Opened(lambda: p)
    assert viewer.failures == []
    viewer.leave()
    assert state(p) == before
    assert elsewhere.roots == [p]


def test_a_function_that_fails_half_way_does_not_change_the_plot_of_the_author() -> None:
    p = everything()
    before = state(p)

    def fails(doc: Document) -> None:
        doc.add_root(p)
        raise ValueError("no luck")

    viewer = Opened(fails)
    assert viewer.failures == ["no luck"]
    viewer.leave()
    assert state(p) == before


def test_what_calls_python_back_cannot_be_copied_and_is_refused() -> None:
    slider = Slider(start=0, end=1, value=0)
    slider.on_change("value", lambda attr, old, new: None)

    def fills(doc: Document) -> None:
        doc.add_root(slider)

    for function in (lambda: slider, lambda: column(slider), fills):
        viewer = Opened(function)  # type: ignore[arg-type]
        assert viewer.failures == [
            "the app 'app' uses a Slider with Python callbacks that it did not make: make it inside the"
            " function, so that each viewer has one"
        ]
        viewer.leave()
    assert (slider.value, slider.document) == (0, None)


def test_models_made_for_one_viewer_are_not_given_to_another() -> None:
    kept: list[Any] = []

    def remembers() -> Any:
        kept.append(kept[0] if kept else figure(title="first"))
        return kept[0]

    one, two = Opened(remembers), Opened(remembers)
    assert one.failures == []
    assert two.failures == [
        "the app 'app' gives one viewer a figure that it made for another: make a new one in each"
        " call, or make it outside the function: then each viewer gets a copy"
    ]
    assert one.root.title.text == "first"
    one.leave()
    assert "made for another" in Opened(remembers).failures[0]


def test_a_viewer_has_the_same_again_by_another_choice() -> None:
    plots = {}

    def chosen(of: str = "a") -> Any:
        return plots.setdefault(of, figure(title=of))

    viewer = Opened(chosen)
    for of in ("b", "a"):
        viewer.session._on_options_changed({"of": of})
        assert viewer.failures == []
        assert viewer.root.title.text == of


def test_models_that_a_callback_adds_are_copied_as_well() -> None:
    p, holders, events = everything(), [], []
    before = state(p)

    def swaps(doc: Document) -> None:
        text, holder, fresh = TextInput(), column(Div()), figure()
        text.on_change("value", lambda attr, old, new: setattr(holder, "children", [p, fresh]))
        holders.append((holder, fresh))
        doc.add_root(column(text, holder))

    viewers = [Opened(swaps), Opened(swaps)]
    for viewer, (holder, fresh) in zip(viewers, holders, strict=True):
        viewer.document.on_change(events.append)
        viewer.document.roots[0].children[0].value = "now"  # type: ignore[attr-defined]
        assert viewer.failures == []
        copy, same = holder.children
        assert same is fresh
        assert take_snapshot(copy) == take_snapshot(p)
        assert copy is not p
        assert events[-2].new == [copy, fresh]  # as sent to the viewer
        viewer.document.add_root(p)
        assert viewer.document.roots[-1] not in (p, copy)
        assert p.document is None
        viewer.leave()
    assert state(p) == before


def test_python_callbacks_of_such_a_model_are_reported() -> None:
    slider = Slider(start=0, end=1, value=0)
    slider.on_change("value", lambda attr, old, new: None)
    viewer = Opened(lambda: figure())
    viewer.document.add_root(slider)
    assert "uses a Slider with Python callbacks" in viewer.failures[0]
    assert slider.document is None
    assert viewer.document.roots[-1] is not slider


@pytest.fixture(params=[True, False], ids=["numbers", "any ids"])
def _ids(request: pytest.FixtureRequest) -> Any:
    settings.simple_ids.set_value(request.param)
    yield
    settings.simple_ids.unset_value()


@pytest.mark.usefixtures("_ids")
def test_it_is_known_what_was_there_before_whatever_ids_are_like() -> None:
    before = figure()
    moment = ModelCheckpoint()
    after = figure()
    assert all(moment.has_model(each) for each in before.references())
    assert not any(moment.has_model(each) for each in after.references())
