from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from bokeh.document import Document
from bokeh.models import Div, Slider
from bokeh.plotting import figure

from bokeh_share.apps.app import App, as_app
from bokeh_share.apps.container import CONTAINER_NAME, AppContainer
from bokeh_share.apps.update import PlotState


def trend(days: int = 30, colour: str = "red") -> Div:
    return Div(text=f"{days} {colour}")


APP = as_app(trend, controls=True)
PLAIN = as_app(trend)
VALUES = {"days": 7, "colour": "red"}


@pytest.fixture
def document() -> Document:
    return Document()


@pytest.fixture
def changes() -> list[dict[str, Any]]:
    """What the viewer has chosen."""
    return []


@pytest.fixture
def container(document: Document, changes: list[dict[str, Any]]) -> AppContainer:
    return AppContainer(document, changes.append)


def show(container: AppContainer, document: Document, root: Any, app: App = APP) -> Any:
    """The column in the document, with `root` in it."""
    container.update(root, app, VALUES, new_widgets=True)
    container.add_to_document()
    (column,) = document.roots
    return column


def test_the_plot_stands_below_a_widget_for_each_option(container: AppContainer, document: Document) -> None:
    column = show(container, document, root := Div())
    widgets, below = column.children
    assert below is root
    assert column.name == CONTAINER_NAME
    names = [model.name for model in widgets.references() if hasattr(model, "title")]
    assert sorted(names) == ["colour", "days"]


def test_without_widgets_the_plot_stands_alone(container: AppContainer, document: Document) -> None:
    column = show(container, document, root := Div(), PLAIN)
    assert column.children == [root]
    assert container.add_widgets(PLAIN, {}) is False
    assert container.own_models == {column}


def test_widgets_stand_alone_above_a_panel_object(container: AppContainer, document: Document) -> None:
    assert container.add_widgets(APP, VALUES) is True
    container.add_to_document()
    (column,) = document.roots
    assert len(column.children) == 1  # type: ignore[attr-defined]


def test_all_but_the_plot_is_the_containers_own(container: AppContainer, document: Document) -> None:
    root = Div()
    column = show(container, document, root)
    assert container.own_models == {*column.references()} - {root}


def test_another_choice_is_told_with_all_values(
    container: AppContainer, document: Document, changes: list[dict[str, Any]]
) -> None:
    show(container, document, Div())
    document.get_model_by_name("colour").update(value="blue")  # type: ignore[union-attr]
    assert changes == [{"days": 7, "colour": "blue"}]


def test_widgets_stay_unless_there_is_another_version(container: AppContainer, document: Document) -> None:
    column = show(container, document, Div())
    widgets = column.children[0]
    container.update(second := Div(), APP, {**VALUES, "days": 8}, new_widgets=False)
    assert column.children == [widgets, second]
    container.update(second, APP, VALUES, new_widgets=True)
    assert column.children[0] is not widgets


def test_the_column_is_sized_as_the_plot_and_as_wide_as_its_widgets(
    container: AppContainer, document: Document
) -> None:
    for app, mode in ((APP, "stretch_width"), (PLAIN, None)):
        document.clear()
        root = figure()
        column = show(container, document, root, app)
        container.apply_sizing(root)
        assert column.sizing_mode == mode


def test_tags_tell_the_page_the_address_and_the_ranges_of_the_last_redraw(
    container: AppContainer, document: Document
) -> None:
    column = show(container, document, root := Slider(start=0, end=1, value=0))
    state = PlotState.capture(root, document, "trend")
    container.update_tags("days=7", state)
    assert column.tags == ["days=7", "", []]
    container.update_tags("days=8", replace(state, replaced_ranges=(("new", "old"),)))
    assert column.tags == ["days=8", "", [["new", "old"]]]
    container.update_tags("days=9", state)  # a page that comes back may have missed the redraw
    assert column.tags == ["days=9", "", [["new", "old"]]]
    container.update_tags("", None)
    assert column.tags == ["", "", [["new", "old"]]]


def test_a_first_call_that_fails_leaves_a_document_that_says_so(
    container: AppContainer, document: Document
) -> None:
    container.report_failure("days=7", is_empty=True)
    (column,) = document.roots
    assert column.tags == ["days=7", "nothing", []]
    assert [type(each) for each in column.children] == [Div]  # type: ignore[attr-defined]
    container.report_failure("days=8", is_empty=True)
    assert document.roots == [column]


def test_a_later_call_that_fails_leaves_the_plot(container: AppContainer, document: Document) -> None:
    column = show(container, document, root := Div())
    container.report_failure("days=7", is_empty=False)
    assert column.tags == ["days=7", "failed", []]
    assert column.children[1] is root
