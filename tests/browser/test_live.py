"""The author works, and what viewers have open changes in place."""

from __future__ import annotations

from pathlib import Path

from support.notebook_pages import Kernel, Open, difference, is_drawn_on

SPIRAL = """
t = np.linspace(0, {turns}, 500)
p = figure(title="{turns} turns", height=300, width=600)
p.line(t * np.cos(t), t * np.sin(t), line_width=2, color="{color}")
show(p)
"""


def test_two_viewers_see_a_plot_and_its_next_run_without_navigation(
    kernel: Kernel, link: str, visit: Open
) -> None:
    kernel.run(SPIRAL.format(turns=10, color="teal"), cell="c1")
    viewers = [visit(link), visit(link)]
    before = []
    for viewer in viewers:
        before.append(viewer.in_step_with(kernel).captured())
        viewer.mark()
    kernel.run(SPIRAL.format(turns=20, color="crimson"), cell="c1")
    fresh = visit(link).in_step_with(kernel).captured()
    for viewer, former in zip(viewers, before, strict=True):
        now = viewer.in_step_with(kernel).captured()
        assert difference(now, fresh) is None
        assert difference(now, former)
        assert viewer.titles() == ["20 turns"]
        assert not viewer.was_reloaded
    assert is_drawn_on(fresh)


def test_twenty_quick_runs_leave_one_plot_which_is_the_last(kernel: Kernel, link: str, visit: Open) -> None:
    kernel.run(SPIRAL.format(turns=1, color="teal"), cell="c1")
    viewer = visit(link).in_step_with(kernel)
    viewer.mark()
    for turns in range(2, 22):
        kernel.run(SPIRAL.format(turns=turns, color="teal"), cell="c1")
    ((_, generation),) = kernel.plots()
    assert generation == 21
    viewer.in_step_with(kernel)
    assert viewer.titles() == ["21 turns"]
    assert viewer.page.locator(".drawing").count() == 1
    assert viewer.page.locator(".bk-Figure").count() == 1
    assert difference(viewer.captured(), visit(link).in_step_with(kernel).captured()) is None
    assert not viewer.was_reloaded


def test_nothing_jumps_when_a_plot_above_runs_again(kernel: Kernel, link: str, visit: Open) -> None:
    for number in range(6):
        kernel.run(SPIRAL.format(turns=10 + number, color="teal"), cell=f"c{number}")
    viewer = visit(link).in_step_with(kernel)
    watched = viewer.page.locator("section.card").nth(4).locator(".plot")
    watched.scroll_into_view_if_needed()
    viewer.page.evaluate("""() => {
        window.__top = scrollY;
        window.__seen = new Set([scrollY + " " + document.body.scrollHeight]);
        const look = () => {
            window.__seen.add(scrollY + " " + document.body.scrollHeight);
            requestAnimationFrame(look);
        };
        look();
    }""")
    box = watched.bounding_box()
    assert viewer.page.evaluate("window.__top") > 300
    for turns in (30, 40, 50):
        kernel.run(SPIRAL.format(turns=turns, color="crimson"), cell="c0")
        viewer.in_step_with(kernel)
        assert watched.bounding_box() == box
    kernel.run(SPIRAL.format(turns=60, color="crimson"), cell="c4")
    viewer.in_step_with(kernel)
    assert watched.bounding_box() == box
    assert viewer.page.evaluate("window.__seen.size") == 1, "height and scroll of the page, frame by frame"


def test_the_place_of_the_plot_stays_filled_while_it_is_replaced(
    kernel: Kernel, link: str, visit: Open
) -> None:
    kernel.run(SPIRAL.format(turns=3, color="teal"), cell="c1")
    viewer = visit(link).in_step_with(kernel)
    viewer.page.evaluate("""() => {
        window.__gaps = 0;
        const look = () => {
            const shown = [...document.querySelectorAll(".drawing:not(.offscreen)")];
            window.__gaps += shown.length !== 1 || shown[0].clientHeight < 300;
            requestAnimationFrame(look);
        };
        look();
    }""")
    for turns in range(4, 9):
        kernel.run(SPIRAL.format(turns=turns, color="teal"), cell="c1")
        viewer.in_step_with(kernel)
    assert viewer.page.evaluate("window.__gaps") == 0


def test_what_a_later_cell_changes_in_place_is_on_the_page(kernel: Kernel, link: str, visit: Open) -> None:
    kernel.run(SPIRAL.format(turns=10, color="teal"), cell="c1")
    viewer = visit(link).in_step_with(kernel)
    viewer.mark()
    kernel.run("p.title.text = 'renamed'", cell="c2")
    assert viewer.in_step_with(kernel).titles() == ["renamed"]
    before = viewer.captured()
    kernel.run("p.renderers[0].data_source.data['y'][100:200] = 7", cell="c3")
    after = viewer.in_step_with(kernel).captured()
    assert difference(before, after)
    assert difference(after, visit(link).in_step_with(kernel).captured()) is None
    kernel.run("p.renderers[0].data_source.stream(dict(x=[0, 30], y=[0, 30]))", cell="c4")
    assert difference(after, viewer.in_step_with(kernel).captured())
    assert kernel.plots()[0][1] == 4
    assert not viewer.was_reloaded


def test_plots_that_a_run_no_longer_shows_are_gone(kernel: Kernel, link: str, visit: Open) -> None:
    several = """
for n in range({count}):
    q = figure(title=f"plot {{n}}", height=200)
    q.line([1, 2], [n, 2])
    show(q)"""
    kernel.run(several.format(count=3), cell="c1")
    kernel.run(SPIRAL.format(turns=5, color="teal"), cell="c2")
    viewer = visit(link).in_step_with(kernel)
    viewer.mark()
    assert viewer.titles() == ["plot 0", "plot 1", "plot 2", "5 turns"]
    kernel.run(several.format(count=1), cell="c1")
    assert viewer.in_step_with(kernel).titles() == ["plot 0", "5 turns"]
    kernel.run("pass", cell="c3", deleted=("c1",))
    assert viewer.in_step_with(kernel).titles() == ["5 turns"]
    kernel.run("pass", cell="c2")
    viewer.in_step_with(kernel)
    viewer.page.locator(".state-notice").wait_for(state="visible")
    assert viewer.page.locator("section.card").count() == 0
    kernel.run(SPIRAL.format(turns=6, color="teal"), cell="c2")
    assert viewer.in_step_with(kernel).titles() == ["6 turns"]
    viewer.page.locator(".state-notice").wait_for(state="hidden")
    assert not viewer.was_reloaded


def test_variables_shared_by_name_follow_their_names(kernel: Kernel, link: str, visit: Open) -> None:
    kernel.run("sales = figure(title='one', height=200)\nsales.line([1, 2], [2, 1])", cell="c1")
    kernel.run("%bokeh_share sales", cell="c2")
    viewer = visit(link).in_step_with(kernel)
    assert viewer.card("sales").locator("h2").inner_text() == "sales"
    kernel.run("sales = figure(title='two', height=200)\nsales.line([1, 2], [1, 2])", cell="c3")
    assert viewer.in_step_with(kernel).titles() == ["two"]


def test_a_change_within_an_async_cell_is_there_before_the_cell_ends(
    kernel: Kernel, link: str, visit: Open, tmp_path: Path
) -> None:
    kernel.run("import asyncio\nfrom bokeh.document import Document\nn = 0", cell="c0")
    kernel.run(SPIRAL.format(turns=10, color="teal") + "Document().add_root(p)\nshow(p)", cell="c1")
    viewer = visit(link).in_step_with(kernel)
    viewer.page.evaluate("""() => {
        window.__titles = new Set();
        const look = () => {
            window.__titles.add(Bokeh.documents[0]?.roots()[0]?.title.text);
            requestAnimationFrame(look);
        };
        look();
    }""")
    with kernel.busy(tmp_path, work="n += 1; p.title.text = f'step {n}'; await asyncio.sleep(0.01)"):
        viewer.page.wait_for_function("window.__titles.size > 3")
    viewer.in_step_with(kernel)


def test_viewers_are_counted(kernel: Kernel, link: str, visit: Open) -> None:
    count = "__import__('bokeh_share').share().viewers"
    assert kernel.ask(count) == 0
    first, _ = visit(link), visit(link)
    assert kernel.ask(count) == 2
    first.page.close()
    waiting = f"    while {count} != 1: await asyncio.sleep(0.01)"
    kernel.run(f"import asyncio\nasync with asyncio.timeout(10):\n{waiting}")
