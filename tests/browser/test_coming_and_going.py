"""The share ends, starts again, moves, or its kernel dies, while viewers have the page open."""

from __future__ import annotations

import re
import signal
import socket
from pathlib import Path

import pytest
from support.notebook_pages import Kernel, Open, Viewer, difference, link_in, picture_of

ONE_PAIRING = pytest.mark.one_pairing
"""What the page's script does by itself; that a plot stands there is all that BokehJS has to do with it."""
PLOT = """
p = figure(title="{title}", height=300)
p.scatter([1, 2, 3], [{y}, 1, 2], size=20)
show(p)
"""

LIVE = "document.documentElement.dataset.state === 'live'"
BEGIN = "%load_ext bokeh_share\nfrom bokeh.io import show\nfrom bokeh.plotting import figure"


def sharing(kernel: Kernel, visit: Open, options: str = "") -> tuple[str, Viewer]:
    """The link of a share of a kernel that nobody has used, and a viewer of its plot."""
    kernel.run(BEGIN)
    link = link_in(kernel.run(f"%bokeh_share {options}", cell="c0"))
    kernel.run(PLOT.format(title="one", y=4), cell="c1")
    viewer = visit(link).in_step_with(kernel)
    viewer.mark()
    return link, viewer


def word(viewer: Viewer) -> str:
    return viewer.page.locator(".page-header .state").inner_text()


@ONE_PAIRING
def test_stop_is_shown_with_the_time_and_the_plot_stays(kernel: Kernel, link: str, visit: Open) -> None:
    kernel.run(PLOT.format(title="one", y=4), cell="c1")
    viewer = visit(link).in_step_with(kernel)
    viewer.mark()
    before = viewer.captured()
    assert word(viewer) == "Live"
    with viewer.without_server():
        kernel.run("%bokeh_share --stop", cell="c2")
        viewer.wait_for_state("ended")
        assert re.fullmatch(r"Sharing ended at \d\d:\d\d( [AP]M)?(: .+)?", word(viewer))
        assert difference(viewer.captured(), before) is None
    assert not viewer.was_reloaded


def test_pages_come_back_by_themselves_and_exact(kernel: Kernel, link: str, visit: Open) -> None:
    kernel.run(PLOT.format(title="stays", y=1), cell="c1")
    kernel.run(PLOT.format(title="goes", y=2), cell="c2")
    kernel.run(PLOT.format(title="before", y=4), cell="c3")
    viewer = visit(link).in_step_with(kernel)
    viewer.mark()
    with viewer.without_server():
        kernel.run("%bokeh_share --stop", cell="c4")
        viewer.wait_for_state("ended")
        kernel.run("pass", cell="c2")
        kernel.run(PLOT.format(title="after", y=5), cell="c3")
        assert link_in(kernel.run("%bokeh_share", cell="c4")) == link
        viewer.wait_for_state("live")
    assert viewer.in_step_with(kernel).titles() == ["stays", "after"]
    fresh = visit(link).in_step_with(kernel)
    for number in range(2):
        pictures = [picture_of(each.page.locator(".plot").nth(number)) for each in (viewer, fresh)]
        assert difference(*pictures) is None
    assert not viewer.was_reloaded


def test_a_page_that_was_offline_is_exact_afterwards_and_keeps_its_zoom(
    kernel: Kernel, link: str, visit: Open
) -> None:
    kernel.run(PLOT.format(title="before", y=4), cell="c1")
    viewer = visit(link).in_step_with(kernel)
    viewer.mark()
    box = viewer.page.locator(".bk-Figure").bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    viewer.page.mouse.move(x, y)
    viewer.page.mouse.down()
    viewer.page.mouse.move(x + 40, y, steps=4)
    viewer.page.mouse.up()
    ranges = "Bokeh.documents.at(-1).roots()[0].x_range"
    viewer.page.wait_for_function(f"{ranges}.have_updated_interactively")
    zoomed = viewer.page.evaluate(f"[{ranges}.start, {ranges}.end]")
    with viewer.without_server():
        viewer.page.context.set_offline(True)
        kernel.run(PLOT.format(title="after", y=5), cell="c1")
        viewer.page.context.set_offline(False)
        viewer.in_step_with(kernel).wait_for_state("live")
    assert viewer.titles() == ["after"]
    assert viewer.page.evaluate(f"[{ranges}.start, {ranges}.end]") == zoomed
    assert not viewer.was_reloaded


def test_a_page_that_was_offline_while_nothing_changed_is_live_again(
    kernel: Kernel, link: str, visit: Open
) -> None:
    kernel.run(PLOT.format(title="one", y=4), cell="c1")
    viewer = visit(link).in_step_with(kernel)
    with viewer.without_server():
        # By the page's own words, since it may be back before anybody has looked.
        viewer.page.evaluate("""() => {
            window.__states = [];
            const tell = () => window.__states.push(document.documentElement.dataset.state);
            new MutationObserver(tell).observe(document.documentElement, { attributeFilter: ["data-state"] });
            dispatchEvent(new Event("online"));
        }""")
        viewer.page.wait_for_function("window.__states.includes('live')")
    assert viewer.titles() == ["one"]


def test_a_busy_kernel_is_said_to_be_so_since_when_and_for_how_long(
    kernel: Kernel, link: str, visit: Open, tmp_path: Path
) -> None:
    kernel.run(PLOT.format(title="one", y=4), cell="c1")
    viewer = visit(link).in_step_with(kernel)
    before = viewer.captured()
    lasting = viewer.page.locator(".page-header .busy-duration")
    assert not lasting.is_visible()
    with kernel.busy(tmp_path):
        viewer.wait_for_state("busy")
        assert word(viewer) == "The author’s notebook is running. You see the last state."
        assert not lasting.is_visible()
        assert difference(viewer.captured(), before) is None
        viewer.page.evaluate("() => { const now = Date.now; Date.now = () => now() + 730_000; }")
        viewer.page.wait_for_function("document.querySelector('.busy-duration').innerText === ' (12 min)'")
        assert word(viewer) == "The author’s notebook is running (12 min). You see the last state."
    viewer.wait_for_state("live")
    assert not lasting.is_visible()


@ONE_PAIRING
def test_a_page_of_another_version_reloads_itself_once(kernel: Kernel, link: str, visit: Open) -> None:
    kernel.run(PLOT.format(title="one", y=4), cell="c1")
    viewer = visit(link).in_step_with(kernel)
    viewer.mark()
    with viewer.without_server():
        kernel.run("%bokeh_share --stop", cell="c2")
        viewer.wait_for_state("ended")
        viewer.page.evaluate("document.documentElement.dataset.pageBuild = 'another'")
        kernel.run("%bokeh_share", cell="c2")
        viewer.page.wait_for_function("window.__mark === undefined")
        viewer.wait_for_state("live")
    viewer.in_step_with(kernel)
    assert viewer.navigations == 2


@ONE_PAIRING
def test_a_page_that_is_of_another_version_after_its_reload_too_stays(
    kernel: Kernel, link: str, visit: Open
) -> None:
    """As when a proxy keeps an old page: better an old one than one that never rests."""
    kernel.run(PLOT.format(title="one", y=4), cell="c1")
    viewer = visit(link).in_step_with(kernel)
    viewer.mark()
    with viewer.without_server():
        kernel.run("%bokeh_share --stop", cell="c2")
        viewer.wait_for_state("ended")
        viewer.page.evaluate("""() => {
            sessionStorage.setItem("pageBuild", document.documentElement.dataset.pageBuild);
            document.documentElement.dataset.pageBuild = "another";
        }""")
        kernel.run("%bokeh_share", cell="c2")
        viewer.wait_for_state("live")
    viewer.in_step_with(kernel)
    assert not viewer.was_reloaded


@pytest.mark.parametrize("work", ["time.sleep(0.01)", "sum(range(1000))"], ids=["it sleeps", "it computes"])
def test_while_the_kernel_is_busy_the_page_opens_in_another_tab_and_after_a_reload(
    kernel: Kernel, link: str, visit: Open, tmp_path: Path, work: str
) -> None:
    kernel.run(PLOT.format(title="one", y=4), cell="c1")
    viewer = visit(link).in_step_with(kernel)
    plots = kernel.plots()
    with kernel.busy(tmp_path, work=work):
        viewer.page.reload()
        viewer.wait_until_drawn(plots)
        another = visit(link, state="busy")
        another.wait_until_drawn(plots)
        assert difference(viewer.captured(), another.captured()) is None


@ONE_PAIRING
def test_who_finds_the_share_full_sees_why_and_comes_in_when_there_is_room(
    kernel: Kernel, link: str, visit: Open
) -> None:
    kernel.run(PLOT.format(title="one", y=4), cell="c1")
    kernel.run("%bokeh_share --max-viewers 1", cell="c2")
    first = visit(link).in_step_with(kernel)
    second = visit(link, state="full")
    assert word(second) == ("This page is full. It opens by itself when someone leaves.")
    first.page.close()
    second.wait_for_state("live")
    second.in_step_with(kernel)


@ONE_PAIRING
def test_a_share_that_moves_takes_its_pages_along(kernel: Kernel, link: str, visit: Open) -> None:
    kernel.run(PLOT.format(title="one", y=4), cell="c1")
    viewer = visit(link).in_step_with(kernel)
    before = viewer.captured()
    moved = link_in(kernel.run(f"%bokeh_share --port {a_port_above(link)}", cell="c2"))
    assert moved != link
    viewer.page.wait_for_url(moved)
    assert difference(viewer.in_step_with(kernel).captured(), before) is None
    kernel.run(PLOT.format(title="two", y=5), cell="c1")
    assert viewer.in_step_with(kernel).titles() == ["two"]


@ONE_PAIRING
def test_a_link_that_loses_its_token_takes_its_pages_along(kernel: Kernel, link: str, visit: Open) -> None:
    kernel.run(PLOT.format(title="one", y=4), cell="c1")
    viewer = visit(link).in_step_with(kernel)
    moved = link_in(kernel.run("%bokeh_share --no-token", cell="c2"))
    assert re.fullmatch(r"http://localhost:\d+/", moved)
    viewer.page.wait_for_url(moved)
    assert viewer.in_step_with(kernel).titles() == ["one"]


def a_port_above(link: str) -> int:
    """The next one that nobody listens on; the kernel says so if somebody is quicker."""
    port = int(link.split(":")[2].partition("/")[0])
    while True:
        port += 7
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port


def test_a_dead_kernel_leaves_the_last_picture_and_the_truth(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, visit: Open
) -> None:
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    kernel = Kernel()
    try:
        _, viewer = sharing(kernel, visit)
        before = viewer.captured()
        with viewer.without_server():
            kernel.manager.signal_kernel(signal.SIGKILL)
            viewer.wait_for_state("reconnecting")
            assert re.fullmatch(r"Reconnecting since \d\d:\d\d( [AP]M)?…", word(viewer))
            assert difference(viewer.captured(), before) is None
            assert not viewer.was_reloaded
    finally:
        kernel.close()


def test_a_kernel_that_shuts_down_says_that_sharing_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, visit: Open
) -> None:
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    kernel = Kernel()
    try:
        link = link_in(kernel.run("%load_ext bokeh_share\n%bokeh_share"))
        viewer = visit(link)
        with viewer.without_server():
            kernel.manager.shutdown_kernel()
            viewer.wait_for_state("ended")
    finally:
        kernel.close()


def test_after_a_restart_a_page_has_the_old_picture_until_it_is_back_and_exact(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, visit: Open
) -> None:
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    monkeypatch.setenv("JPY_SESSION_NAME", str(tmp_path / "sales.ipynb"))
    kernel = Kernel()
    try:
        link, viewer = sharing(kernel, visit, "-p 0")
        before = viewer.captured()
        with viewer.without_server():
            kernel.manager.signal_kernel(signal.SIGKILL)
            viewer.wait_for_state("reconnecting")
            kernel.close()
            kernel = Kernel()
            kernel.run(BEGIN)
            assert difference(viewer.captured(), before) is None
            assert link_in(kernel.run("%bokeh_share", cell="c0")) == link
            # it looks again every ten seconds at most
            viewer.page.wait_for_function(LIVE, timeout=15_000)
            kernel.run(PLOT.format(title="after", y=5), cell="c1")
        assert viewer.in_step_with(kernel).titles() == ["after"]
        assert difference(viewer.captured(), visit(link).in_step_with(kernel).captured()) is None
        assert not viewer.was_reloaded
    finally:
        kernel.close()


def zoom(viewer: Viewer, title: str) -> list[float]:
    """Pan the figure with this title by mouse, and return its horizontal range."""
    number = viewer.titles().index(title)
    figure = viewer.page.locator(".bk-Figure").nth(number)
    figure.scroll_into_view_if_needed()
    box = figure.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    before = range_of(viewer, title)
    viewer.page.mouse.move(x, y)
    viewer.page.mouse.down()
    viewer.page.mouse.move(x + 40, y, steps=4)
    viewer.page.mouse.up()
    assert range_of(viewer, title) != before
    return range_of(viewer, title)


def range_of(viewer: Viewer, title: str) -> list[float]:
    """Return the horizontal range of the figure with this title."""
    read = """(title) => {
        const roots = Bokeh.documents.flatMap((shown) => shown.roots());
        const { start, end } = roots.find((root) => root.title.text === title).x_range;
        return [start, end];
    }"""
    found: list[float] = viewer.page.evaluate(read, title)
    return found


def test_after_a_restart_each_plot_keeps_its_zoom_unless_it_measures_something_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, visit: Open
) -> None:
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    monkeypatch.setenv("JPY_SESSION_NAME", str(tmp_path / "sales.ipynb"))
    measured = PLOT.replace("title=", "x_axis_label='{label}', title=")
    kernel = Kernel()
    try:
        link, viewer = sharing(kernel, visit, "-p 0")
        kernel.run(PLOT.format(title="two", y=4), cell="c2")
        kernel.run(measured.format(title="three", y=4, label="hours"), cell="c3")
        kernel.run(PLOT.format(title="one, edited", y=4), cell="c1")
        viewer.in_step_with(kernel)
        zoomed = {title: zoom(viewer, title) for title in ("one, edited", "two", "three")}
        with viewer.without_server():
            kernel.manager.signal_kernel(signal.SIGKILL)
            viewer.wait_for_state("reconnecting")
            kernel.close()
            kernel = Kernel()
            kernel.run(BEGIN)
            assert link_in(kernel.run("%bokeh_share", cell="c0")) == link
            viewer.page.wait_for_function(LIVE, timeout=15_000)
            kernel.run(measured.format(title="other", y=4, label="euros"), cell="c3")
            viewer.in_step_with(kernel)
            kernel.run(PLOT.format(title="two", y=4), cell="c2")
            kernel.run(PLOT.format(title="one, again", y=4), cell="c1")
        viewer.in_step_with(kernel)
        assert range_of(viewer, "one, again") == zoomed["one, edited"]
        assert range_of(viewer, "two") == zoomed["two"]
        assert range_of(viewer, "other") != zoomed["three"]
        assert not viewer.was_reloaded
    finally:
        kernel.close()
