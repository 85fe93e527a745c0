"""What viewers see, and who is let in, while a cell keeps the kernel busy."""

from __future__ import annotations

import http.client
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from support.kernel_driver import Kernel, is_free
from support.viewer import Viewer

WAYS = {"sleeps": "time.sleep(0.01)", "computes": "sum(range(1000))", "awaits": "await asyncio.sleep(0.01)"}


@contextmanager
def busy(kernel: Kernel, tmp_path: Path, *, way: str = "sleeps", before: str = "") -> Iterator[Any]:
    """A cell that has begun, does `before`, and goes on until the block ends."""
    begun, end = tmp_path / "begun", tmp_path / "end"
    output = kernel.begin(
        f"import os, time\n{before}\nopen({str(begun)!r}, 'w').close()\n"
        f"while not os.path.exists({str(end)!r}): {WAYS[way]}",
        "the long one",
    )
    kernel.wait(begun.exists)
    try:
        yield output
        assert output.error or not output.ended, "it ended too soon"
    finally:
        end.touch()
        kernel.finish(output, fails=True)


def get(url: str, path: str = "") -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
    connection.request("GET", urlsplit(url).path + path)
    response = connection.getresponse()
    response.read()
    connection.close()
    return response


def list_busy_seconds(viewer: Viewer) -> list[Any]:
    return [frame["seconds"] for frame in viewer.frames if frame["kind"] == "busy"]


BUSY_STATE = "__import__('bokeh_share.broadcast.busy_state').broadcast.busy_state"


@pytest.fixture(autouse=True)
def _standby(kernel: Kernel) -> None:
    """Visitors are let in soon after the beginning of a cell, as usual."""
    kernel.run(f"{BUSY_STATE}.STANDBY_DELAY = 0.02", silent=True)


@pytest.fixture
def impatient(kernel: Kernel) -> None:
    """Viewers get the busy notice sooner than usual."""
    kernel.run(f"{BUSY_STATE}.BUSY_NOTICE_DELAY = 0.1", silent=True)


@pytest.mark.usefixtures("impatient")
def test_viewers_are_notified_that_the_kernel_is_busy_and_when_it_no_longer_is(
    kernel: Kernel, viewer: Viewer, tmp_path: Path
) -> None:
    with busy(kernel, tmp_path):
        viewer.until(lambda: list_busy_seconds(viewer))
        (seconds,) = list_busy_seconds(viewer)
        assert 0.1 <= seconds < 60
    viewer.until(lambda: len(list_busy_seconds(viewer)) == 2)
    assert list_busy_seconds(viewer)[1] is None


def test_an_empty_cell_inside_of_another_ends_neither(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run("get_ipython().run_cell('')\nshow(fig('a'))", "c1")
    viewer.shows(["a"])
    kernel.run("get_ipython().run_cell('')", "c1")
    viewer.shows([])
    assert (
        kernel.ask(
            "__import__('bokeh_share.sharing.current').sharing.current._process_state.notebook.busy_since"
        )
        is None
    )


def test_an_interrupt_while_plots_are_looked_at_leaves_nobody_busy(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run(
        "from bokeh_share.sharing.current import _process_state\n"
        "def interrupted(*args, **options): raise KeyboardInterrupt\n"
        "cells = _process_state.notebook.plots.cells\n"
        "kept, cells.finish_run = cells.finish_run, interrupted",
        "c1",
        fails=True,
    )
    assert kernel.ask("_process_state.notebook.busy_since") is None
    kernel.run("cells.finish_run = kept\nshow(fig('a'))", "c1")
    viewer.shows(["a"])


def test_short_cells_are_not_announced(kernel: Kernel, viewer: Viewer) -> None:
    for number in range(5):
        kernel.run(f"show(fig('{number}'))", "c1")
    viewer.shows(["4"])
    assert list_busy_seconds(viewer) == []


@pytest.mark.usefixtures("impatient")
def test_one_who_comes_meanwhile_is_notified_after_the_page(
    kernel: Kernel, viewer: Viewer, tmp_path: Path
) -> None:
    url = kernel.url
    with busy(kernel, tmp_path):
        viewer.until(lambda: list_busy_seconds(viewer))
        with kernel.watch(url) as late:
            late.until(lambda: list_busy_seconds(late))
            assert late.frames[0]["kind"] == "page"


@pytest.mark.usefixtures("impatient")
def test_a_share_that_starts_in_a_long_cell_announces_that(kernel: Kernel, tmp_path: Path) -> None:
    kernel.run("%load_ext bokeh_share", "c1")
    link = tmp_path / "link"
    start = f"import bokeh_share\nopen({str(link)!r}, 'w').write(bokeh_share.share().url)"
    with busy(kernel, tmp_path, before=start):
        with kernel.watch(link.read_text()) as viewer:
            viewer.until(lambda: list_busy_seconds(viewer))


@pytest.mark.parametrize("way", WAYS)
def test_new_visitors_are_let_in_while_a_cell_runs(kernel: Kernel, tmp_path: Path, way: str) -> None:
    url = kernel.share()
    kernel.run("show(fig('there'))", "c1")
    with busy(kernel, tmp_path, way=way):
        assert get(url).status == 200
        assert get(url, "page.js").status == 200
        assert get(url, "../guessed/").status == 404
        with kernel.watch(url) as viewer:
            viewer.shows(["there"])
    with kernel.watch(url) as viewer:
        viewer.shows(["there"])


def test_what_a_long_cell_shows_reaches_one_who_came_meanwhile(kernel: Kernel, tmp_path: Path) -> None:
    url = kernel.share()
    with busy(kernel, tmp_path, before="show(fig('first'))") as output:
        with kernel.watch(url) as viewer:
            viewer.shows(["first"])
            assert output.error or not output.ended, "it ended too soon"


LAST = 5000
CHANGES = {
    "titles": "p.title.text = str(n)",
    "rows": "source.stream({'x': [float(n)], 't': [str(n)]}, rollover=100); p.title.text = str(n)",
    "values": "source.patch({'x': [(0, float(n))]}); p.title.text = str(n)",
    "columns": "source.data = {'x': np.arange(3.0), 't': ['a', 'b', str(n)]}; p.title.text = str(n)",
    "models": "p.title = Title(text=str(n))",
    "lines": "p.renderers = []; p.line([1, 2], [3, n]); p.title.text = str(n)",
}


@pytest.mark.parametrize("way", ["sleeps", "computes"])
@pytest.mark.parametrize("change", CHANGES)
def test_of_thousands_of_changes_in_a_loop_the_last_is_there_although_the_cell_goes_on(
    kernel: Kernel, viewer: Viewer, tmp_path: Path, way: str, change: str
) -> None:
    kernel.run(
        "from bokeh.models import Title\nsource = ColumnDataSource({'x': [1.0, 2.0], 't': ['a', 'b']})\n"
        "p = figure(title='0', width=200, height=200)\n"
        "p.line('x', 'x', source=source)\ncurdoc().add_root(p)\nshow(p)",
        "c1",
    )
    viewer.shows(["0"])
    url = kernel.url
    last = (
        LAST if change not in ("models", "lines") else LAST // 25
    )  # Bokeh itself takes milliseconds for each
    loop = f"for n in range({last} + 1):\n    {CHANGES[change]}"
    with busy(kernel, tmp_path, way=way, before=loop):
        viewer.until(lambda: viewer.titles == [str(last)])
        with kernel.watch(url) as other:
            other.shows([str(last)])
            if change != "lines":
                assert other.column("t") == viewer.column("t")
                assert other.column("x") == viewer.column("x")
    before = len(viewer.frames)
    kernel.run("show(fig('after'))", "c3")
    viewer.shows([str(last), "after"])
    plots = [frame for frame in viewer.frames[before:] if frame["kind"] == "plot"]
    assert not [frame for frame in plots[:-1] if frame["patch"]["events"]], "sent twice"


def test_an_interrupt_is_the_authors_and_leaves_the_share_whole(kernel: Kernel, tmp_path: Path) -> None:
    url = kernel.share()
    kernel.run("show(fig('a'))", "c1")
    with busy(kernel, tmp_path) as output:
        assert get(url).status == 200
        kernel.interrupt(output)
        assert output.error == "KeyboardInterrupt"
    with kernel.watch(url) as viewer:
        viewer.shows(["a"])
        kernel.run("show(fig('b'))", "c1")
        viewer.shows(["b"])


def test_interrupts_at_any_moment_of_a_cell_that_shows_and_changes_leave_the_share_whole(
    kernel: Kernel, viewer: Viewer, tmp_path: Path
) -> None:
    kernel.run("n = 0\np = fig('0')\ncurdoc().add_root(p)\nshow(p)", "c1")
    begun = tmp_path / "begun"
    work = "n += 1; p.title.text = str(n); p.line([1, 2], [n, 3]); p.renderers.pop(); show(p)"
    for moment in range(25):
        output = kernel.begin(f"open({str(begun)!r}, 'w').close()\nwhile True:\n    {work}", "c2")
        kernel.wait(begun.exists)
        begun.unlink()
        time.sleep(moment * 0.0037)  # any moment will do, and each time another
        kernel.interrupt(output)
    kernel.run("p.title.text = 'whole'; show(p)", "c2")
    viewer.until(lambda: viewer.titles is not None and set(viewer.titles) == {"whole"})
    with kernel.watch() as other:
        other.shows(viewer.titles or [])
    assert kernel.ask("__import__('bokeh_share').share().running")


def test_sharing_leaves_it_to_the_kernel_what_an_interrupt_does(kernel: Kernel, viewer: Viewer) -> None:
    asked = "repr(__import__('signal').getsignal(__import__('signal').SIGINT))"
    while_sharing = kernel.ask(asked)
    kernel.run("%bokeh_share --stop\n%unload_ext bokeh_share", "c1")
    assert kernel.ask(asked) == while_sharing


def test_a_share_that_moves_in_a_long_cell_is_at_its_new_port_and_has_left_the_old(
    kernel: Kernel, tmp_path: Path
) -> None:
    url = kernel.share()
    old = urlsplit(url).port or 0
    link = tmp_path / "link"
    move = f"%bokeh_share -p {_another_port(old)}\nopen({str(link)!r}, 'w').write(bokeh_share.share().url)"
    with busy(kernel, tmp_path, before=f"import bokeh_share\n{_after_a_moment()}\n{move}"):
        assert get(link.read_text()).status == 200
        assert is_free(old)


def test_a_share_that_stops_in_a_long_cell_has_left_its_port(kernel: Kernel, tmp_path: Path) -> None:
    url = kernel.share()
    stop = f"{_after_a_moment()}\n%bokeh_share --stop"
    with busy(kernel, tmp_path, before=stop):
        assert is_free(urlsplit(url).port or 0)


def _another_port(port: int) -> int:
    return next(each for each in range(port + 20, port + 200) if is_free(each))


def _after_a_moment() -> str:
    """Until the viewers' thread has begun to let visitors in."""
    return (
        "share_ = __import__('bokeh_share').share()\n"
        "while not share_._runner.broadcaster._standby_listener._listeners: time.sleep(0.001)"
    )


def test_cells_that_are_run_one_after_the_other_leave_no_sockets(kernel: Kernel, viewer: Viewer) -> None:
    descriptors: Callable[[], int] = lambda: kernel.ask("__import__('psutil').Process().num_fds()")  # noqa: E731
    for _ in range(3):
        kernel.run(f"import time\n{_after_a_moment()}", "c1")
    before = descriptors()
    for _ in range(10):
        kernel.run(f"import time\n{_after_a_moment()}", "c1")
    deadline = time.monotonic() + 30
    while descriptors() > before:
        assert time.monotonic() < deadline
