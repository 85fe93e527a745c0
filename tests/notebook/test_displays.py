"""Noticing what cells display by methods of their own classes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from IPython.core.formatters import DisplayFormatter

from bokeh_share.notebook import displays
from bokeh_share.notebook.displays import observe_displays

BUNDLE = {"text/html": "<b>drawn</b>"}


class Drawing:
    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Any:
        return BUNDLE, {"text/html": {"wide": True}}


class Sketch(Drawing):
    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Any:
        return None


class Other:
    def _repr_html_(self) -> str:
        return "other"


@pytest.fixture
def seen() -> list[tuple[Any, Mapping[str, Any]]]:
    return []


@pytest.fixture
def formatter(monkeypatch: pytest.MonkeyPatch) -> DisplayFormatter:
    monkeypatch.setattr(displays, "HOLOVIEWS_TYPE", (__name__, "Drawing"))
    return DisplayFormatter()


def test_what_is_displayed_is_seen_and_stays_as_it_is(formatter: DisplayFormatter, seen: list[Any]) -> None:
    drawing = Drawing()
    before = formatter.format(drawing)
    observe_displays(formatter.mimebundle_formatter, lambda *args: seen.append(args))
    assert formatter.format(drawing) == before
    assert seen == [(drawing, BUNDLE)]
    formatter.format(Other())
    assert len(seen) == 1


def test_what_is_not_drawn_has_an_empty_bundle(formatter: DisplayFormatter, seen: list[Any]) -> None:
    sketch = Sketch()
    before = formatter.format(sketch)
    observe_displays(formatter.mimebundle_formatter, lambda *args: seen.append(args))
    assert formatter.format(sketch) == before
    assert seen == [(sketch, {})]


@pytest.mark.parametrize("is_known", [True, False])
def test_a_formatter_of_somebody_elses_is_asked_and_comes_back(
    formatter: DisplayFormatter, seen: list[Any], *, is_known: bool
) -> None:
    bundles = formatter.mimebundle_formatter
    bundles.for_type_by_name(__name__, "Drawing", lambda value: {"text/plain": "theirs"})
    if is_known:
        formatter.format(Drawing())
    end = observe_displays(bundles, lambda *args: seen.append(args))
    drawing = Drawing()
    assert formatter.format(drawing)[0] == {"text/plain": "theirs"}
    assert seen == [(drawing, {"text/plain": "theirs"})]
    end()
    assert formatter.format(drawing)[0] == {"text/plain": "theirs"}
    assert len(seen) == 1
    assert len(bundles.type_printers) + len(bundles.deferred_printers) == 1


@pytest.mark.parametrize("is_known", [True, False])
def test_afterwards_nothing_is_left(formatter: DisplayFormatter, seen: list[Any], *, is_known: bool) -> None:
    bundles = formatter.mimebundle_formatter
    end = observe_displays(bundles, lambda *args: seen.append(args))
    if is_known:
        formatter.format(Drawing())
    end()
    assert (dict(bundles.type_printers), dict(bundles.deferred_printers)) == ({}, {})


def test_what_somebody_else_registered_meanwhile_stays(formatter: DisplayFormatter, seen: list[Any]) -> None:
    bundles = formatter.mimebundle_formatter
    end = observe_displays(bundles, lambda *args: seen.append(args))
    bundles.for_type(Drawing, lambda value: {"text/plain": "theirs"})
    end()
    assert formatter.format(Drawing())[0] == {"text/plain": "theirs"}
    assert seen == []
