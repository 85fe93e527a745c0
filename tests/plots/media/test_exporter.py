"""Exports of figures in a thread: in order, without what was replaced, with an end."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

import pytest
from support.small_pictures import PNG

from bokeh_share.plots.media import exporter as module
from bokeh_share.plots.media.display import Display
from bokeh_share.plots.media.exporter import FigureExporter, find_figure_title, find_missing_package

DEADLINE = 30.0


class Process:
    """Exports the figures that a test lets it export."""

    def __init__(self) -> None:
        self.exported: list[object] = []
        self.closed = threading.Event()
        self.permits = threading.Semaphore(0)
        self.is_waiting = threading.Semaphore(0)

    def export(self, exporter: str, figure: Mapping[str, Any]) -> bytes:
        self.is_waiting.release()
        assert self.permits.acquire(timeout=DEADLINE)
        self.exported.append(figure["name"])
        if figure["name"] == "bad":
            raise ValueError("its export failed")
        if figure["name"] == "broken":
            raise RuntimeError("on purpose")
        return PNG if figure["name"] != "no picture" else b"x"

    def close(self) -> None:
        self.closed.set()


class Results:
    def __init__(self) -> None:
        self.all: list[tuple[object, str]] = []
        self._condition = threading.Condition()

    def add(self, display: Display, problem: str) -> None:
        with self._condition:
            self.all.append((display.content["name"], problem))
            self._condition.notify()

    def wait(self, count: int) -> None:
        with self._condition:
            assert self._condition.wait_for(lambda: len(self.all) == count, DEADLINE)


def build_display(name: str) -> Display:
    figure = {"name": name, "layout": {"title": "T"}}
    return Display("application/vnd.plotly.v1+json", figure, noun="Plotly figure", exporter="plotly")


def test_figures_are_exported_one_after_the_other_without_those_that_were_cancelled() -> None:
    process, results = Process(), Results()
    exporter = FigureExporter(process, idle_time=DEADLINE)  # type: ignore[arg-type]
    first, second, third = map(build_display, ("a", "b", "c"))
    exporter.export(first, results.add)
    assert process.is_waiting.acquire(timeout=DEADLINE)
    exporter.export(second, results.add)
    exporter.export(third, results.add)
    exporter.cancel(second)
    process.permits.release(5)
    results.wait(2)
    assert results.all == [("a", ""), ("c", "")]
    snapshot = first.build_snapshot()
    assert (snapshot.width, snapshot.title, snapshot.noun) == (1.5, "T", "Plotly figure")
    exporter.close()
    assert process.closed.wait(DEADLINE)


def test_failures_have_reasons_and_the_next_figure_is_exported() -> None:
    process, results = Process(), Results()
    process.permits.release(5)
    exporter = FigureExporter(process, idle_time=DEADLINE)  # type: ignore[arg-type]
    for name in ("bad", "broken", "no picture", "good"):
        exporter.export(build_display(name), results.add)
    results.wait(4)
    assert results.all == [
        ("bad", "its export failed"),
        ("broken", "its export failed (RuntimeError: on purpose)"),
        ("no picture", "the data is no PNG picture"),
        ("good", ""),
    ]
    exporter.close()


def test_the_process_ends_after_a_while_and_starts_again() -> None:
    process, results = Process(), Results()
    process.permits.release(5)
    exporter = FigureExporter(process, idle_time=0.0)  # type: ignore[arg-type]
    for count in (1, 2):
        process.closed.clear()
        exporter.export(build_display("a"), results.add)
        results.wait(count)
        assert process.closed.wait(DEADLINE)


@pytest.mark.parametrize(
    ("figure", "title"),
    [
        ({"layout": {"title": {"text": "Sales\n 2026"}}}, "Sales 2026"),
        ({"layout": {"title": "Sales"}}, "Sales"),
        ({"layout": {}}, ""),
        ({"title": "Sales"}, "Sales"),
        ({"title": {"text": ["Sales", "2026"]}}, "Sales 2026"),
        ({"title": 7}, ""),
        ({}, ""),
    ],
)
def test_figures_have_titles(figure: dict[str, Any], title: str) -> None:
    assert find_figure_title(figure) == title


def test_a_missing_package_is_named_as_pip_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        module.importlib.util, "find_spec", lambda name: None if name in ("kaleido", "vl_convert") else 1
    )
    assert find_missing_package("plotly") == "kaleido"
    assert find_missing_package("altair") == "vl-convert-python"
    monkeypatch.setattr(module.importlib.util, "find_spec", lambda name: 1)
    assert find_missing_package("plotly") is None
