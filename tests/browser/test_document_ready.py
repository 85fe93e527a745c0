"""What an author's document does in JavaScript when it is drawn: on pages, in saved files and in apps."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from support.notebook_pages import Kernel, Viewer

Open = Callable[..., Viewer]

SETUP = """
from bokeh.document import Document
from bokeh.events import DocumentReady
from bokeh.io import curdoc, show
from bokeh.io.state import curstate
from bokeh.models import CustomJS, Div
from bokeh.plotting import figure
curstate().document = Document()

def fig(title, **options):
    p = figure(title=title, width=300, height=200, **options)
    p.line([1, 2, 3], [4, 5, 6])
    return p

def ready(code, **args):
    curdoc().js_on_event(DocumentReady, CustomJS(args=args, code=code))
"""
COUNT = "window.counted = (window.counted ?? 0) + 1"


def counted(viewer: Viewer) -> int:
    found: int = viewer.page.evaluate("() => window.counted ?? 0")
    return found


def until(viewer: Viewer, condition: str) -> None:
    viewer.page.wait_for_function(f"() => {condition}")


def test_it_runs_once_when_its_plot_is_drawn_and_not_when_that_changes(
    kernel: Kernel, link: str, visit: Open
) -> None:
    kernel.run(SETUP, cell="setup")
    kernel.run(
        f"p = fig('one')\nready('p.title.text = p.title.text + \" ready\"; {COUNT}', p=p)\nshow(p)", cell="p"
    )
    kernel.run("show(fig('two'))", cell="q")
    viewer = visit(link).in_step_with(kernel)
    until(viewer, "window.counted === 1")
    assert sorted(viewer.titles()) == ["one ready", "two"]
    kernel.run("p.xaxis.axis_label = 'days'", cell="patch")
    viewer.in_step_with(kernel)
    kernel.run("p.xaxis.axis_label_text_font_size = '30px'", cell="redraw")
    viewer.in_step_with(kernel)
    assert counted(viewer) == 1
    assert sorted(viewer.titles()) == ["one ready", "two"]
    assert viewer.troubles == []


def test_the_same_cell_again_does_not_run_it_and_another_script_is_run_alone(
    kernel: Kernel, link: str, visit: Open
) -> None:
    code = "p = fig('one')\nready({!r}, p=p)\nshow(p)"
    kernel.run(SETUP, cell="setup")
    kernel.run(code.format(f"{COUNT}; p.title.text = 'first'"), cell="p")
    viewer = visit(link).in_step_with(kernel)
    until(viewer, "window.counted === 1")
    kernel.run(code.format(f"{COUNT}; p.title.text = 'first'"), cell="p")
    kernel.run(f"{code.format(f'{COUNT}; p.title.text = `first`')}\np.outline_line_width = 7", cell="p")
    viewer.in_step_with(kernel)
    until(viewer, "window.counted === 2")
    kernel.run(code.format("window.other = 1; p.below[0].axis_label = 'second'"), cell="p")
    viewer.in_step_with(kernel)
    until(viewer, "window.other === 1")
    assert counted(viewer) == 2
    later = visit(link).in_step_with(kernel)
    until(later, "window.other === 1")
    assert counted(later) == 0
    assert (viewer.troubles, later.troubles) == ([], [])


def test_one_that_mentions_no_model_runs_in_each_plot_and_the_newest_run_of_a_cell_counts(
    kernel: Kernel, link: str, visit: Open
) -> None:
    kernel.run(SETUP, cell="setup")
    for cell in ("one", "two"):
        kernel.run(f"show(fig('{cell}'))", cell=cell)
    kernel.run("ready('window.former = 1')", cell="ready")
    code = "window.counted = (window.counted ?? 0) + cb_obj.roots().length"
    kernel.run(f"ready({code!r})", cell="ready")
    viewer = visit(link).in_step_with(kernel)
    until(viewer, "window.counted === 2")
    kernel.run("show(fig('three'))", cell="three")
    viewer.in_step_with(kernel)
    until(viewer, "window.counted === 3")
    kernel.run("'none any more'", cell="ready")
    viewer.in_step_with(kernel)
    later = visit(link).in_step_with(kernel)
    assert counted(viewer) == 3
    assert counted(later) == 0
    assert [page.page.evaluate("() => window.former ?? 0") for page in (viewer, later)] == [0, 0]


def test_a_viewers_zoom_stays_when_a_script_comes_along(kernel: Kernel, link: str, visit: Open) -> None:
    kernel.run(SETUP, cell="setup")
    kernel.run("p = fig('one', x_range=(0, 10))\nshow(p)", cell="p")
    viewer = visit(link).in_step_with(kernel)
    viewer.page.evaluate("() => Bokeh.documents[0].roots()[0].x_range.setv({ start: 2, end: 3 })")
    kernel.run(f"ready({COUNT!r}, p=p)", cell="ready")
    viewer.in_step_with(kernel)
    until(viewer, "window.counted === 1")
    assert viewer.page.evaluate("() => Bokeh.documents[0].roots()[0].x_range.end") == 3


def test_a_saved_page_runs_it(kernel: Kernel, link: str, browser: Browser, tmp_path: Path) -> None:
    kernel.run(SETUP, cell="setup")
    kernel.run("p = fig('one')\nready('p.title.text = \"saved\"', p=p)\nshow(p)", cell="p")
    path = tmp_path / "page.html"
    kernel.run(f"%bokeh_share --save {path}", cell="save")
    page = browser.new_page()
    page.goto(path.as_uri())
    page.wait_for_function("() => window.Bokeh?.documents[0]?.roots()[0]?.title.text === 'saved'")
    page.close()


@pytest.mark.parametrize("returns", [True, False])
def test_an_app_runs_it_and_again_only_for_who_opens_it(
    kernel: Kernel, link: str, visit: Open, *, returns: bool
) -> None:
    body = "return p" if returns else "doc.add_root(p)"
    kernel.run(
        f"""{SETUP}
from bokeh_share import share
def app({"title: str = 'one'" if returns else "doc"}):
    p = fig({"title" if returns else "'one'"})
    ready('{COUNT}; p.title.text = p.title.text + " ready"', p=p)
    {body}
share(app{", controls=True" if returns else ""})""",
        cell="app",
    )
    viewer = visit(f"{link}app")
    expect(viewer.page.locator(".app .plot[data-open-count]")).to_be_attached()
    until(viewer, "window.counted === 1")
    titles = "[...Bokeh.documents.at(-1)._all_models.values()].map(({ title }) => title?.text)"
    until(viewer, f"{titles}.includes('one ready')")
