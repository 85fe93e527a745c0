from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from bokeh.document import Document
from bokeh.models import Div

from bokeh_share.apps.app import as_app
from bokeh_share.apps.errors import AppNameConflict
from bokeh_share.apps.registry import AppRegistry
from bokeh_share.errors import UnknownName


def trend(days: int = 30) -> Div:
    """Draws a trend."""
    return Div(text=f"{days}")


def fill(doc: Document) -> None:
    doc.add_root(Div())


@pytest.fixture
def apps() -> AppRegistry:
    return AppRegistry()


@pytest.fixture
def notices(apps: AppRegistry) -> Iterator[list[tuple[str, ...]]]:
    """The names that were shared at each notification."""
    noticed: list[tuple[str, ...]] = []

    def on_change() -> None:
        noticed.append(apps.names)

    apps.subscribe(on_change)
    yield noticed
    apps.unsubscribe(on_change)


def test_an_app_is_found_by_its_name_until_it_is_removed(apps: AppRegistry) -> None:
    app = apps.add(as_app(trend))
    assert (apps.find("trend"), apps.names, list(apps), len(apps)) == (app, ("trend",), [app], 1)
    apps.remove("trend")
    assert (apps.find("trend"), apps.names, list(apps), len(apps)) == (None, (), [], 0)


def test_the_page_lists_each_app_with_its_description_and_time(apps: AppRegistry) -> None:
    app = apps.add(as_app(trend))
    (entry,) = apps.entries
    assert (entry.name, entry.about) == ("trend", "Draws a trend.")
    assert entry.changed_at == app.changed_at > 0


def test_a_subscriber_hears_of_each_change(apps: AppRegistry, notices: list[tuple[str, ...]]) -> None:
    apps.add(as_app(trend))
    apps.add(as_app(trend, name="other"))
    apps.remove("trend")
    apps.clear()
    assert notices == [("trend",), ("trend", "other"), ("other",), ()]


def test_a_subscriber_hears_of_a_problem_once(apps: AppRegistry, notices: list[tuple[str, ...]]) -> None:
    apps.add(as_app(trend))
    notices.clear()
    for problem in ("no data", "no data", "no file"):
        apps.add_problem("trend", problem)
    assert notices == [("trend",)] * 2
    assert apps.problems == {"trend": "no file"}


def test_who_unsubscribes_hears_nothing_more_and_others_do(
    apps: AppRegistry, notices: list[tuple[str, ...]]
) -> None:
    calls: list[str] = []

    def on_change() -> None:
        calls.append("once")
        apps.unsubscribe(on_change)  # while subscribers are being called

    apps.unsubscribe(on_change)
    apps.subscribe(on_change)
    apps.add(as_app(trend))
    apps.clear()
    assert calls == ["once"]
    assert notices == [("trend",), ()]


def test_a_version_of_another_kind_begins_another_generation(apps: AppRegistry) -> None:
    functions = [trend, lambda days=7: Div(), fill, trend]
    assert [apps.add(as_app(each, name="app")).generation for each in functions] == [1, 1, 2, 3]


def test_another_function_of_the_same_name_is_refused(
    apps: AppRegistry, notices: list[tuple[str, ...]]
) -> None:
    def make_other() -> Any:
        def trend() -> Div:
            return Div()

        return trend

    former = apps.add(as_app(trend))
    notices.clear()
    with pytest.raises(AppNameConflict, match="two apps have the name 'trend'"):
        apps.add(as_app(make_other()))
    assert apps.find("trend") is former
    assert notices == []
    apps.add(as_app(make_other(), name="trend"))  # the author names it


def test_a_new_version_has_no_problem_yet(apps: AppRegistry) -> None:
    for forget in (lambda: apps.add(as_app(trend)), lambda: apps.remove("trend"), apps.clear):
        apps.add(as_app(trend))
        apps.add_problem("trend", "no data")
        forget()
        assert apps.problems == {}


def test_what_is_not_shared_cannot_be_removed(apps: AppRegistry, notices: list[tuple[str, ...]]) -> None:
    with pytest.raises(UnknownName, match="'trend'"):
        apps.remove("trend")
    assert notices == []


def test_each_process_signs_with_a_key_of_its_own(apps: AppRegistry) -> None:
    assert len(apps.signing_key) == 32
    assert apps.signing_key != AppRegistry().signing_key
