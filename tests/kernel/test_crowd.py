"""As many come as the process has descriptors, and more."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlsplit

import pytest
from kernel.test_busy import BUSY_STATE, get
from support.app_viewer import ask, watching_app
from support.kernel_driver import Kernel, until
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

LIMIT = "import resource, psutil; most = resource.getrlimit(resource.RLIMIT_NOFILE)"
FEW = f"{LIMIT}; resource.setrlimit(resource.RLIMIT_NOFILE, (psutil.Process().num_fds() + 90, most[1]))"
FULL = 4003


@pytest.fixture
def url(kernel: Kernel) -> Iterator[str]:
    """The link of a share in a kernel that may have ninety descriptors more than it has."""
    kernel.run(f"{BUSY_STATE}.STANDBY_DELAY = 0.02", silent=True)  # visitors come while cells run, as usual
    url = kernel.share()
    kernel.run("show(fig('a'))", "c1")
    kernel.run(FEW, silent=True)
    yield url
    kernel.run("resource.setrlimit(resource.RLIMIT_NOFILE, most)", silent=True)


def join(url: str) -> ClientConnection:
    address = f"{url.replace('http://', 'ws://')}ws"
    return connect(address, max_size=None, proxy=None, close_timeout=1, ping_interval=None)


def knock(url: str) -> socket.socket:
    """A connection that asks for nothing."""
    link = urlsplit(url)
    return socket.create_connection((link.hostname or "", link.port or 0), timeout=10)


def is_turned_away(viewer: ClientConnection) -> bool:
    try:
        viewer.recv(timeout=10)
    except ConnectionClosed as end:
        return end.rcvd is not None and end.rcvd.code == FULL
    return False


def descriptors(kernel: Kernel) -> int:
    return int(kernel.ask("psutil.Process().num_fds()"))


def test_when_descriptors_run_short_viewers_are_turned_away_and_the_card_says_why(
    kernel: Kernel, url: str
) -> None:
    before = descriptors(kernel)
    with ExitStack() as stack:
        viewers = [stack.enter_context(join(url)) for _ in range(60)]
        away = [viewer for viewer in viewers if is_turned_away(viewer)]
        assert 0 < len(away) < 60
        assert get(url).status == 200
        assert get(url, "page.js").status == 200
        kernel.wait(lambda: "may open no more files" in kernel.card)
        kernel.run("files = [open('/dev/null') for _ in range(20)]", "c2")
        kernel.run("for file in files: file.close()\nshow(fig('b'))", "c1")
    until(lambda: descriptors(kernel) <= before)
    with kernel.watch(url) as viewer:
        viewer.shows(["b"])


def test_when_descriptors_run_short_viewers_of_apps_are_turned_away_too(kernel: Kernel, url: str) -> None:
    kernel.run(
        "from bokeh.models import Div\nfrom bokeh_share import share\n"
        "def app(doc):\n    doc.add_root(Div(text='a'))\nshare(app)"
    )
    address = f"{url.replace('http://', 'ws://')}app/socket"
    with ExitStack() as stack:
        viewers = []
        for _ in range(60):
            protocols: Any = ["bokeh", json.loads(ask(f"{url}app/token")[1])["token"]]
            viewers.append(stack.enter_context(connect(address, subprotocols=protocols, proxy=None)))
        away = [viewer for viewer in viewers if is_turned_away(viewer)]
        assert 0 < len(away) < 60
        kernel.wait(lambda: "may open no more files" in kernel.card)
        kernel.run("files = [open('/dev/null') for _ in range(20)]", "c2")
        kernel.run("for file in files: file.close()", "c2")
    with watching_app(url, "app") as viewer:
        assert viewer.document.roots
    assert all(output.stderr == "" for output in kernel.outputs)


@pytest.mark.parametrize("while_busy", [False, True])
def test_connections_that_ask_for_nothing_leave_the_author_some_descriptors_and_the_share_whole(
    kernel: Kernel, url: str, while_busy: bool
) -> None:
    before = descriptors(kernel)
    go = kernel.folder / "go"
    cell = None
    if while_busy:
        cell = kernel.begin(f"import os, time\nwhile not os.path.exists({str(go)!r}): time.sleep(0.01)", "c2")
    with ExitStack() as stack:
        for _ in range(150):
            stack.enter_context(knock(url))
        if cell is not None:
            go.touch()
            kernel.finish(cell)
            go.unlink()
        kernel.run("files = [open('/dev/null') for _ in range(20)]", "c2")
        kernel.run("for file in files: file.close()", "c2")
    until(lambda: descriptors(kernel) <= before)
    assert all(output.stderr == "" for output in kernel.outputs)
    with kernel.watch(url) as viewer:
        viewer.shows(["a"])


def test_while_the_author_has_used_up_all_descriptors_visitors_wait_and_nothing_is_logged(
    kernel: Kernel, url: str
) -> None:
    begun, go = kernel.folder / "begun", kernel.folder / "go"
    cell = kernel.begin(
        f"import os, time\nbegun, files = open({str(begun)!r}, 'w'), []\n"
        "try:\n    while True: files.append(open('/dev/null'))\nexcept OSError: pass\n"
        f"begun.write('yes'); begun.flush()\nwhile not os.path.exists({str(go)!r}): time.sleep(0.01)\n"
        "for file in [begun, *files]: file.close()",
        "c2",
    )
    kernel.wait(lambda: begun.exists() and begun.read_text() == "yes")
    with knock(url) as waiting:
        waiting.sendall(f"GET {urlsplit(url).path} HTTP/1.1\r\nHost: {urlsplit(url).netloc}\r\n\r\n".encode())
        waiting.settimeout(0.5)
        with pytest.raises(TimeoutError):
            waiting.recv(12)
        go.touch()
        kernel.wait(lambda: cell.ended, what="the end of the cell")
        assert "bokeh_share" not in cell.stderr  # IPython's history and ZeroMQ may say that they have none
        waiting.settimeout(30)
        assert waiting.recv(12) == b"HTTP/1.1 200"
    kernel.wait(lambda: "may open no more files" in kernel.card)
    go.unlink()
    begun.unlink()
