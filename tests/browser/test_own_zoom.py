"""Each figure of a cell keeps its own zoom, wherever in the cell it is shown next."""

from __future__ import annotations

import pytest
from support.notebook_pages import Kernel, Open, Viewer

MAKE = """
import time
x = np.linspace(0.0, 9.0, 40)

def titled(name):
    p = figure(title=name, tags=[name], width=300, height=160)
    p.line([1, 2, 3], [4.0, 5.0, 6.0])
    return p

def untitled(name):
    p = figure(tags=[name], width=300, height=160)
    p.line(x, np.sin(x * ord(name)))
    return p

def alike(name):
    p = figure(title="alike", tags=[name], width=300, height=160)
    p.line([1, 2, 3], [4.0, 5.0, 6.0])
    return p

def quite_other(name):
    p = figure(title=name * 3, tags=[name], width=300, height=160)
    getattr(p, {"a": "line", "b": "scatter"}.get(name, "step"))(x + 100.0 * ord(name), np.cos(x * ord(name)))
    return p
"""
FIGURES = """() => [...document.querySelectorAll("section.card")].map((card) => {
    const roots = Bokeh.documents.flatMap((each) => each.roots());
    const element = card.querySelector(".bk-Figure");
    return roots.find((root) => Bokeh.index.find_one(root)?.el === element);
})"""
ZOOM = f"""() => ({FIGURES})().forEach(({{ tags: [name], x_range: range }}) => {{
    range.have_updated_interactively = true;
    const start = name.charCodeAt(0);
    range.setv({{ start, end: start + 0.5 }});
}})"""
SEEN = f"() => ({FIGURES})().map(({{ tags: [name], x_range: {{ start, end }} }}) => [name, start, end])"
MARK = "() => document.querySelectorAll('.drawing').forEach((drawing) => { drawing.dataset.former = 'yes' })"
STOOD = "() => [...document.querySelectorAll('.drawing')].map((drawing) => drawing.dataset.former === 'yes')"


def cell(make: str, names: str, pause: float = 0) -> str:
    return f"for name in {names!r}:\n    show({make}(name))\n    time.sleep({pause})"


def zoomed(visit: Open, link: str, kernel: Kernel, make: str, names: str) -> Viewer:
    """Somebody who looks at another part of each figure, by its name."""
    kernel.run(MAKE, cell="the makers")
    kernel.run(cell(make, names), cell="figures")
    viewer = visit(link).in_step_with(kernel)
    viewer.page.evaluate(ZOOM)
    return viewer


def zooms(viewer: Viewer) -> dict[str, bool]:
    """By name, top to bottom: whether a figure is seen as `ZOOM` left it."""
    seen = viewer.page.evaluate(SEEN)
    return {name: [start, end] == [ord(name), ord(name) + 0.5] for name, start, end in seen}


@pytest.mark.parametrize("make", ["titled", "untitled", "quite_other"])
@pytest.mark.parametrize("names", ["cba", "bc", "ac", "cab", "nabc", "anbc"])
def test_figures_that_stand_elsewhere_in_their_cell_are_seen_as_before(
    kernel: Kernel, link: str, visit: Open, make: str, names: str
) -> None:
    viewer = zoomed(visit, link, kernel, make, "abc")
    viewer.page.evaluate(MARK)
    kernel.run(cell(make, names), cell="figures")
    viewer.in_step_with(kernel)
    assert zooms(viewer) == {name: name != "n" for name in names}
    if "n" not in names:
        assert all(viewer.page.evaluate(STOOD)), "nothing is drawn again"


@pytest.mark.parametrize("make", ["titled", "quite_other"])
def test_so_they_are_while_a_long_cell_comes_to_one_after_the_other(
    kernel: Kernel, link: str, visit: Open, make: str
) -> None:
    viewer = zoomed(visit, link, kernel, make, "abc")
    kernel.run(cell(make, "ncab", pause=0.6), cell="figures")
    viewer.in_step_with(kernel)
    assert zooms(viewer) == {"n": False, "c": True, "a": True, "b": True}


def test_figures_that_look_the_same_are_seen_as_before_by_their_places(
    kernel: Kernel, link: str, visit: Open
) -> None:
    viewer = zoomed(visit, link, kernel, "alike", "abcd")
    for names in ("abcd", "abc"):
        kernel.run(cell("alike", names), cell="figures")
        viewer.in_step_with(kernel)
        assert zooms(viewer) == dict.fromkeys(names, True)


def test_the_very_same_objects_are_seen_as_before(kernel: Kernel, link: str, visit: Open) -> None:
    kernel.run(f"{MAKE}\na, b = alike('a'), alike('b')", cell="the makers")
    kernel.run("show(a); show(b)", cell="figures")
    viewer = visit(link).in_step_with(kernel)
    viewer.page.evaluate(ZOOM)
    for code, names in [("show(b); show(a)", "ba"), ("show(a); show(b)", "ab"), ("show(b)", "b")]:
        kernel.run(code, cell="figures")
        viewer.in_step_with(kernel)
        assert zooms(viewer) == dict.fromkeys(names, True)
        assert [*zooms(viewer)] == [*names]
