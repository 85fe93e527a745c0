"""Which implementations are compiled, and when, with a compiler that takes no time."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from bokeh.core.has_props import _default_resolver
from bokeh.io import curdoc
from bokeh.models import Column, Div
from bokeh.util.compiler import JavaScript
from support.subscriber import Subscriber

from bokeh_share.errors import CannotCompile
from bokeh_share.plots import custom_models
from bokeh_share.plots.compiler import Implementation
from bokeh_share.plots.custom_models import BundleSource, CustomModels
from bokeh_share.plots.page import PlotKey
from bokeh_share.plots.tracker import PlotTracker


def made(code: Any, **attributes: Any) -> type[Div]:
    return type("Loud", (Div,), {"__implementation__": code, "__module__": "__main__", **attributes})


@pytest.fixture(autouse=True)
def _forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is made here is made for these tests alone."""
    monkeypatch.setattr(_default_resolver, "_known_models", _default_resolver.known_models)


class Compiling:
    """Takes what it is given for compiled, but for code that says otherwise."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.free = threading.Event()
        self.free.set()

    def __call__(self, implementations: Sequence[Implementation]) -> bytes:
        code = implementations[0].code
        self.asked.append(code)
        assert self.free.wait(10)
        if "wrong" in code:
            raise CannotCompile("line 1", is_permanent=True)
        if "missing" in code:
            raise CannotCompile("no compiler")
        if "odd" in code:
            raise ValueError("odd\n\x1b[31mred")
        return code.encode()


@pytest.fixture
def compiling() -> Compiling:
    return Compiling()


@pytest.fixture
def custom(compiling: Compiling) -> CustomModels:
    return CustomModels(compiling)


def state(custom: CustomModels) -> list[tuple[str, bytes, str]]:
    custom.wait(10)
    return [(each.model_type, each.script, each.problem) for each in custom.bundles]


def test_what_is_shown_again_unchanged_is_compiled_once(custom: CustomModels, compiling: Compiling) -> None:
    one = made(JavaScript("1"))
    for _ in range(3):
        custom.start_compile([one])
        assert state(custom) == [("Loud", b"1", "")]
    assert compiling.asked == ["1"]


def test_whoever_shows_it_does_not_wait_for_the_compiler(custom: CustomModels, compiling: Compiling) -> None:
    compiling.free.clear()
    custom.start_compile([made(JavaScript("1"))])
    assert [each.missing_reason for each in custom.bundles] == ["compiling"]
    assert custom.find_problem({"Loud"}) is None
    compiling.free.set()
    assert state(custom) == [("Loud", b"1", "")]
    assert custom.find_problem({"Loud"}) == ""


def test_another_implementation_of_a_name_takes_the_place_of_the_former(custom: CustomModels) -> None:
    former = made(JavaScript("1"))
    custom.start_compile([former])
    assert state(custom) == [("Loud", b"1", "")]
    made(JavaScript("2"))  # the author runs the cell again
    custom.start_compile([former])  # a plot of before is looked at again
    assert state(custom) == [("Loud", b"2", "")]


def test_what_was_replaced_while_it_was_compiled_does_not_count(
    custom: CustomModels, compiling: Compiling
) -> None:
    compiling.free.clear()
    custom.start_compile([made(JavaScript("1"))])
    custom.start_compile([made(JavaScript("2"))])
    compiling.free.set()
    assert state(custom) == [("Loud", b"2", "")]


def test_wrong_code_is_not_compiled_again_and_other_code_is(
    custom: CustomModels, compiling: Compiling, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(custom_models, "COMPILE_RETRY_DELAY", -1)
    custom.start_compile([made(JavaScript("wrong"))])
    assert state(custom) == [("Loud", b"", "line 1")]
    custom.start_compile([made(JavaScript("wrong"))])
    assert state(custom) == [("Loud", b"", "line 1")]
    assert compiling.asked == ["wrong"]
    assert custom.find_problem({"Loud", "Other"}) == "Loud does not compile: line 1"
    custom.start_compile([made(JavaScript("right"))])
    assert state(custom) == [("Loud", b"right", "")]


def test_what_failed_for_another_reason_is_tried_again_after_a_while(
    custom: CustomModels, compiling: Compiling, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = made(JavaScript("missing"))
    for again in (60, 60, -1):
        monkeypatch.setattr(custom_models, "COMPILE_RETRY_DELAY", again)
        custom.start_compile([one])
        assert state(custom) == [("Loud", b"", "no compiler")]
    assert compiling.asked == ["missing", "missing"]


def test_whatever_goes_wrong_is_a_line_and_the_next_one_is_compiled(custom: CustomModels) -> None:
    custom.start_compile([made(JavaScript("odd"))])
    assert state(custom) == [("Loud", b"", "ValueError: odd \\x1b[31mred")]
    custom.start_compile([made("missing.ts")])
    ((_, script, problem),) = state(custom)
    assert not script
    assert "missing.ts" in problem
    custom.start_compile([made(JavaScript("1"))])
    assert state(custom) == [("Loud", b"1", "")]


def test_a_file_that_changes_is_another_implementation_and_so_is_one_that_it_imports(tmp_path: Path) -> None:
    (tmp_path / "loud.ts").write_text('import {x} from "./more"')
    (tmp_path / "more.ts").write_text("import '../nowhere'; import \"./style.less\"")
    (tmp_path / "style.less").write_text("a { b: c }")
    (tmp_path / "more").mkdir()
    cls = made("loud.ts", __base_path__=str(tmp_path))
    seen = [BundleSource.from_model(cls)]
    assert seen[0] == BundleSource.from_model(cls)
    for name in ("loud.ts", "more.ts", "style.less"):
        with (tmp_path / name).open("a") as file:
            file.write(" ")
        seen.append(BundleSource.from_model(cls))
    assert len({*seen}) == 4


def test_what_imports_another_of_the_authors_models_is_compiled_with_it() -> None:
    type("Quiet", (Div,), {"__implementation__": JavaScript("quiet"), "__module__": "__main__"})
    both = BundleSource.from_model(made(JavaScript('require("custom/quiet"); require("custom/loud")')))
    assert [each.full_name for each in both.implementations] == ["Loud", "Quiet"]
    alone = BundleSource.from_model(made(JavaScript("require('custom/quieter')")))
    assert [each.full_name for each in alone.implementations] == ["Loud"]


def test_who_waits_is_called_once_with_the_result(custom: CustomModels, compiling: Compiling) -> None:
    compiling.free.clear()
    said: list[str] = []
    for code in ("wrong", "right"):
        custom.start_compile([made(JavaScript(code))])
        custom.add_done_callback({"Loud"}, said.append)
    assert said == []
    compiling.free.set()
    custom.wait(10)
    assert said == ["", ""]  # the first was replaced
    custom.start_compile([made(JavaScript("wrong"))])
    custom.wait(10)
    assert said == ["", ""]


def test_nothing_is_left_when_it_is_closed(custom: CustomModels, compiling: Compiling) -> None:
    compiling.free.clear()
    custom.start_compile([made(JavaScript("1"))])
    custom.close()
    compiling.free.set()
    assert state(custom) == []


def test_the_page_has_a_plot_that_waits_for_its_script_and_then_the_script(compiling: Compiling) -> None:
    capture = PlotTracker(compile_script=compiling)
    share = Subscriber(capture)
    compiling.free.clear()
    capture.put(PlotKey("name", "p"), made(JavaScript("1"))(text="a"))
    (plot,) = capture.page.plots
    assert plot.snapshot.parts == {"widgets", "custom/Loud"}
    assert capture.page.find_missing_reason(plot) == "compiling"
    compiling.free.set()
    capture.custom_models.wait(10)
    assert capture.page.find_missing_reason(plot) is None
    assert share.pages[-1] is capture.page
    capture.close()


def test_one_that_comes_along_with_a_change_is_compiled_as_well(compiling: Compiling) -> None:
    capture = PlotTracker(compile_script=compiling)
    Subscriber(capture)
    root = Column(children=[Div(text="a")])
    curdoc().add_root(root)
    try:
        capture.put(PlotKey("name", "p"), root)
        root.children = [*root.children, made(JavaScript("1"))(text="b")]
        capture.refresh(dirty_only=True)
        assert state(capture.custom_models) == [("Loud", b"1", "")]
        assert "custom/Loud" in capture.page.plots[0].snapshot.parts
    finally:
        curdoc().remove_root(root)
        capture.close()
