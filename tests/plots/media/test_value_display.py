"""Objects of other libraries as `share` reads them, by stand-ins for the libraries."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import pandas as pd
import pytest
from support.small_pictures import PNG

from bokeh_share.plots.media.display import Display
from bokeh_share.plots.media.value_display import can_change, read_value_display


class Picture:
    def _repr_png_(self) -> Any:
        return PNG, {"width": 6}


class Bundle:
    def _repr_mimebundle_(self, include: object, exclude: object) -> Any:
        return {"image/png": PNG, "text/plain": "x"}, {"image/png": {"height": 4}}


class Anything:
    """Answers to every name."""

    def __getattr__(self, name: str) -> Any:
        return lambda *args, **kwargs: "<table><tr><td>1"


class Interactive:
    def _repr_html_(self) -> str:
        return "<script>draw()</script>"


@pytest.mark.parametrize(
    ("value", "noun", "metadata"),
    [
        (Picture(), "picture", {"width": 6}),
        (Bundle(), "picture", {"height": 4}),
        (pd.DataFrame({"a": [1]}), "table", {}),
        (pd.DataFrame({"a": [1]}).style, "table", {}),
    ],
)
def test_objects_describe_themselves_as_to_ipython(value: object, noun: str, metadata: object) -> None:
    display = read_value_display(value)
    assert display is not None
    assert (display.noun, display.metadata) == (noun, metadata)
    assert can_change(value, display) is (noun == "table")


@pytest.mark.parametrize(
    "value", [None, 1, "text", b"x", [1], {}, Picture, object(), Anything(), Interactive(), pd.Series([1])]
)
def test_other_values_have_no_picture(value: object) -> None:
    assert read_value_display(value) is None


def test_figures_of_plotly_and_charts_of_altair_are_exported(monkeypatch: pytest.MonkeyPatch) -> None:
    class BaseFigure:
        def to_json(self) -> str:
            return '{"data": [], "layout": {}}'

    class TopLevelMixin:
        def to_dict(self) -> dict[str, Any]:
            return {"mark": "bar"}

    plotly, altair = ModuleType("plotly.basedatatypes"), ModuleType("altair")
    vars(plotly)["BaseFigure"], vars(altair)["TopLevelMixin"] = BaseFigure, TopLevelMixin
    monkeypatch.setitem(sys.modules, "plotly.basedatatypes", plotly)
    monkeypatch.setitem(sys.modules, "altair", altair)
    for value, exporter in ((BaseFigure(), "plotly"), (TopLevelMixin(), "altair")):
        display = read_value_display(value)
        assert isinstance(display, Display)
        assert (display.exporter, display.is_ready) == (exporter, False)
        assert can_change(value, display)
