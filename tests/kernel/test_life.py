"""A share from start to stop: at most one, where it listens, and what is left when it or the kernel ends."""

from __future__ import annotations

import re
import signal
import socket

import pytest
from support.kernel_driver import Kernel, is_free, until
from support.viewer import Viewer


def test_the_card_has_link_counts_and_how_to_stop_and_follows_them(kernel: Kernel) -> None:
    url = kernel.share()
    assert kernel.card.splitlines()[0].split()[:2] == ["bokeh_share", url]
    state = r"● live at \d{4}-\d\d-\d\d \d\d:\d\d · 0 plots · 0 viewers · stop with %bokeh_share --stop$"
    assert re.search(state, kernel.card, re.M)
    kernel.run("show(fig('a'))", "c1")
    with kernel.watch(url):
        kernel.wait(lambda: "1 plot · 1 viewer ·" in kernel.card, what=kernel.card)
    kernel.wait(lambda: "1 plot · 0 viewers" in kernel.card)
    kernel.run("%bokeh_share --stop", "c2")
    kernel.wait(lambda: "ended" in kernel.card)


def test_there_is_at_most_one_share_and_the_second_call_says_so(kernel: Kernel) -> None:
    url = kernel.share()
    assert kernel.share() == url
    assert "already sharing" in kernel.card
    assert "already sharing" not in kernel.run("%bokeh_share --status", "c3").stdout
    kernel.run("%bokeh_share --title 'Our sales'", "c2")
    kernel.wait(lambda: "the title is now 'Our sales'" in kernel.card, what="the change on the card")
    kernel.run("%bokeh_share", "c4")
    kernel.wait(lambda: "already sharing" in kernel.card, what="the note of the last call")
    assert "the title is now" not in kernel.card
    assert kernel.ask("__import__('bokeh_share').share() is __import__('bokeh_share').share()")


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("%bokeh_share --title 'Our sales'", "the title is now 'Our sales'"),
        ("%bokeh_share --max-viewers 1", "at most 1 viewer at the same time from now on"),
        ("%bokeh_share --no-download", "pages do not offer data for download from now on"),
        ("share(download=True)", "pages offer data for download, as before"),
        ("%bokeh_share p q", "'p' is on the page · 'q' is on the page"),
        ("share(title='Our sales', max_viewers=20)", "the title is now 'Our sales' · at most 20 viewers at"
         " the same time from now on"),
        ("share(p)", "'p' is on the page"),
        ("share(fig('c'))", "the plot is on the page"),
        ("share(fig('c'), name='costs')", "'costs' is on the page"),
        ("for n in range(3): s = share(title=f'title {n}')\ns", "the title is now 'title 2'"),
        ("for n in range(2): s = share(title='Ours')\ns", "the title is already 'Ours'"),
        ("share(trend)", "app 'trend' is on the page"),
        ("share(trend); share(p)", "app 'trend' is on the page · 'p' is on the page"),
    ],
)  # fmt: skip
def test_where_a_card_is_there_a_change_is_confirmed_in_a_line(
    kernel: Kernel, code: str, expected: str
) -> None:
    kernel.share()
    kernel.run(
        "from bokeh_share import share\np, q = fig('a'), fig('b')\ndef trend(days: int = 7): return fig('t')",
        "c1",
    )
    output = kernel.run(code, "c2")
    assert (output.lines, output.displays) == ([f"bokeh_share: {expected}"], [])
    if "title" in code or "max" in code:
        kernel.wait(lambda: expected in kernel.card, what="the change on the card")
    assert "live" in kernel.run("share()", "c3").displays[-1]["text/plain"]
    kernel.run("live = share(trend)", "c4")
    assert "live" in kernel.run("live", "c5").displays[-1]["text/plain"], "another cell shows the card"


@pytest.mark.parametrize("code", ["share(trend)", "share(trend, external=False)"])
def test_where_there_is_no_card_yet_it_is_shown(kernel: Kernel, code: str) -> None:
    kernel.run("from bokeh_share import share\ndef trend(days: int = 7): return fig('t')", "c1")
    output = kernel.run(code, "c2")
    assert output.stdout == ""
    assert "live" in output.displays[-1]["text/plain"]


def test_a_cell_that_is_not_counted_does_not_confirm_the_changes_of_another(kernel: Kernel) -> None:
    kernel.share()
    kernel.run("from bokeh_share import share\nlive = share(title='Our sales')", "c1", history=False)
    output = kernel.run("live", "c2", history=False)
    assert output.stdout == ""
    assert "live" in output.displays[-1]["text/plain"]


@pytest.mark.parametrize("option", ["--no-token", "--fresh", "--port 0", "--no-token --title x"])
def test_another_link_is_shown_on_a_card(kernel: Kernel, option: str) -> None:
    kernel.share()
    output = kernel.run(f"%bokeh_share {option}", "c2")
    assert output.stdout == ""
    assert kernel.url in output.displays[-1]["text/plain"]


def test_cells_run_as_ever_while_sharing(kernel: Kernel, viewer: Viewer) -> None:
    assert kernel.run("print(6 * 7)", "c1").stdout == "42\n"
    assert kernel.run("await asyncio.sleep(0)\n8", "c2").displays == [{"text/plain": "8"}]
    assert kernel.run("1 / 0", "c3", fails=True).error == "ZeroDivisionError"


def test_a_new_title_is_sent_without_sending_a_plot(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run("show(fig('a'))", "c1")
    viewer.shows(["a"])
    before = len(viewer.frames)
    output = kernel.run("%bokeh_share --title 'Our sales'", "c2")
    assert (output.lines, output.displays) == (["bokeh_share: the title is now 'Our sales'"], [])
    viewer.until(lambda: viewer.title == "Our sales")
    kernel.run("%bokeh_share", "c2")
    kernel.run("show(fig('b'))", "c3")
    viewer.shows(["a", "b"])
    assert viewer.title == "Our sales"
    sent = [(frame["kind"], frame.get("plot")) for frame in viewer.frames[before:]]
    assert sent == [("page", None), ("page", None), ("plot", viewer.plots[1]["id"])]


def test_another_port_moves_the_share_and_redirects_its_pages(kernel: Kernel) -> None:
    url = kernel.share("--port 0")
    kernel.run("show(fig('a'))", "c1")
    old = kernel.port
    with kernel.watch(url) as viewer:
        for port in range(23456, 23556):
            if not kernel.run(f"%bokeh_share -p {port}", "c2", fails=True).stderr:
                break  # the others are somebody's
        new = kernel.url
        assert viewer.until_closed()[0] == 4001
    assert new == url.replace(str(old), str(port))
    assert viewer.frames[-1] == {"kind": "moved", "urls": [new]}
    assert is_free(old)
    assert f"moved here from {url}" in kernel.card
    with kernel.watch(new) as viewer:
        viewer.shows(["a"])


def test_without_a_token_the_link_is_short_and_the_card_says_so(kernel: Kernel) -> None:
    url = kernel.share()
    with kernel.watch(url) as viewer:
        short = kernel.share("--no-token")
        assert viewer.until_closed()[0] == 4001
    assert short == f"http://localhost:{kernel.port}/"
    assert "no token" in kernel.card
    with kernel.watch(short) as viewer:
        assert viewer.in_step


def test_stop_closes_viewers_with_a_reason_and_frees_the_port(kernel: Kernel) -> None:
    url = kernel.share("--port 0")
    kernel.run("show(fig('a'))", "c1")
    port = kernel.port
    with kernel.watch(url) as viewer:
        assert kernel.run("%bokeh_share --stop", "c2").lines == ["bokeh_share: sharing ended"]
        assert viewer.until_closed() == (4000, "sharing ended")
    assert is_free(port)
    assert kernel.run("%bokeh_share --stop", "c2").lines == ["bokeh_share: nothing is shared"]


def test_after_stop_a_share_starts_again_at_the_same_link_and_is_exact(kernel: Kernel) -> None:
    url = kernel.share("--port 0")
    kernel.run("p = fig('a')\nshow(p)", "c1")
    kernel.run("%bokeh_share --stop", "c2")
    output = kernel.run("p.title.text = 'A'\nshow(fig('b'))", "c3")
    assert output.lines == ["bokeh_share: 1 plot kept for the page; %bokeh_share starts sharing"]
    assert kernel.share() == url
    with kernel.watch(url) as viewer:
        viewer.shows(["A", "b"])


def test_an_interrupt_is_the_authors_and_the_share_stays_whole(kernel: Kernel, viewer: Viewer) -> None:
    cell = kernel.begin("show(fig('a'))\nprint('here', flush=True)\nimport time\ntime.sleep(60)", "c1")
    kernel.wait(lambda: "here" in cell.stdout)
    viewer.shows(["a"])
    kernel.manager.interrupt_kernel()
    assert kernel.finish(cell, fails=True).error == "KeyboardInterrupt"
    kernel.run("show(fig('b'))", "c2")
    viewer.shows(["a", "b"])


def test_viewers_are_served_while_a_cell_is_busy(kernel: Kernel, viewer: Viewer) -> None:
    cell = kernel.begin(
        "import pathlib, time\nshow(fig('a'))\nwhile not pathlib.Path('go').exists():\n    time.sleep(0.01)",
        "c1",
    )
    try:
        viewer.shows(["a"])
        assert not cell.ended
    finally:
        (kernel.folder / "go").touch()
        kernel.finish(cell)
        (kernel.folder / "go").unlink()


@pytest.mark.parametrize("way", ["shutdown", "restart", "kill"])
def test_a_kernel_that_ends_leaves_no_port_bound(fresh: Kernel, way: str) -> None:
    fresh.share("--port 0")
    port = fresh.port
    assert not is_free(port)
    if way == "shutdown":
        fresh.client.stop_channels()
        fresh.manager.shutdown_kernel()
    elif way == "restart":
        fresh.restart()
        assert fresh.ask("__import__('sys').modules.get('bokeh_share')") is None
    else:
        fresh.manager.signal_kernel(signal.SIGKILL)
    until(lambda: is_free(port), what="the free port")


def test_a_taken_port_is_passed_over(fresh: Kernel) -> None:
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as those who gave it up just now
        if is_free(5006):
            sock.bind(("127.0.0.1", 5006))
            sock.listen()
        fresh.share()
        assert 5006 < fresh.port <= 5105


def test_a_given_port_that_is_taken_is_an_error_that_names_it(kernel: Kernel) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        kernel.run("%load_ext bokeh_share", "c0")
        line = kernel.refused(f"%bokeh_share --port {port} --title other", "c1")
        assert line.startswith("UsageError: port ")
        assert str(port) in line
        url = kernel.share()
        with kernel.watch(url) as viewer:
            assert str(port) in kernel.refused(f"%bokeh_share --port {port} --title other", "c1")
            kernel.run("show(fig('a'))", "c2")
            viewer.shows(["a"])
            assert kernel.url == url
            assert viewer.title != "other"
