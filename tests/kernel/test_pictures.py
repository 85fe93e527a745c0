"""What cells display without Bokeh: pictures, tables and texts, shared by `--all` or counted on the card."""

from __future__ import annotations

import base64
import socket
import struct
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from support.kernel_driver import Kernel
from support.plot_ids import id_of
from support.viewer import Viewer

SMALL_PICTURES = Path(__file__).parents[1] / "support" / "small_pictures.py"
PICTURES = f"""
import runpy, struct
from IPython.display import (
    HTML, Image, JSON, Latex, Markdown, Math, SVG, clear_output, display, update_display
)

build_png = runpy.run_path({str(SMALL_PICTURES)!r})["build_png"]

def png(color):
    return build_png(4, 4, color)

def picture(color=0, **options):
    return Image(png(color), format="png", **options)
"""
"""Pictures of one colour, for cells."""


@pytest.fixture
def viewer(kernel: Kernel) -> Iterator[Viewer]:
    """Watches a share with `--all`."""
    url = kernel.share("--all")
    kernel.run(PICTURES, silent=True)
    with kernel.watch(url) as viewer:
        yield viewer


def find_color(data: bytes) -> int:
    """The red of the first pixel of one of these pictures."""
    start = data.index(b"IDAT")
    (length,) = struct.unpack("!I", data[start - 4 : start])
    return zlib.decompress(data[start + 4 : start + 4 + length])[1]


def colors(viewer: Viewer) -> list[int] | None:
    return [find_color(each.data) for each in viewer.media] if viewer.in_step else None


def test_what_cells_display_is_on_the_page_in_order(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run(
        "display(picture(1)); show(fig('a')); display(Markdown('# Sales\\n\\ntext')); picture(2)", "c1"
    )
    viewer.until(lambda: viewer.kinds == ["image", "bokeh", "text", "image"])
    assert colors_of_images(viewer) == [1, 2]
    kernel.run("Math(r'x^2')", "c2")
    kernel.run('SVG(\'<svg xmlns="http://www.w3.org/2000/svg" width="2in" height="50"/>\')', "c3")
    kernel.run("HTML('<table><tr><td>1</td></tr></table>')", "c4")
    viewer.until(lambda: (viewer.kinds or [])[4:] == ["text", "image", "table"])
    math, svg, table = viewer.media[3:]
    assert math.json == [["p", None, ["math", None, r"\displaystyle x^2"]]]
    assert math.parts == ["mathjax"]
    assert (svg.type, svg.width, svg.height) == ("image/svg+xml", 192, 50)
    assert table.json["body"] == [["1"]]
    kernel.run("print('text'); 3; display(JSON({'a': 1})); None", "c5")
    kernel.run("display(picture(3))", "c6")
    viewer.until(lambda: (viewer.kinds or [])[7:] == ["image"])


def colors_of_images(viewer: Viewer) -> list[int]:
    return [find_color(each.data) for each in viewer.media if each.kind == "image"]


def test_a_re_run_replaces_pictures_in_place_and_equal_ones_send_nothing(
    kernel: Kernel, viewer: Viewer
) -> None:
    kernel.run("display(picture(1)); display(picture(2))", "c1")
    viewer.until(lambda: colors(viewer) == [1, 2])
    before, frames = [plot["id"] for plot in viewer.plots], len(viewer.frames)
    kernel.run("display(picture(1)); display(picture(3))", "c1")
    viewer.until(lambda: colors(viewer) == [1, 3])
    assert [plot["id"] for plot in viewer.plots] == before
    assert [each["plot"] for each in viewer.frames[frames:] if each["kind"] == "plot"] == before[1:]
    kernel.run("display(picture(9)); display(picture(1)); display(picture(3))", "c1")
    viewer.until(lambda: colors(viewer) == [9, 1, 3])
    assert [plot["id"] for plot in viewer.plots][1:] == before, "a picture that is new moves the others"
    kernel.run("display(picture(3))", "c1")
    viewer.until(lambda: colors(viewer) == [3])
    assert [plot["id"] for plot in viewer.plots] == before[1:]


def test_a_plot_of_bokeh_may_become_a_picture_and_a_plot_again(kernel: Kernel, viewer: Viewer) -> None:
    for code, kind in (("show(fig('a'))", "bokeh"), ("picture(1)", "image"), ("show(fig('b'))", "bokeh")):
        kernel.run(code, "c1")
        viewer.until(lambda kind=kind: viewer.kinds == [kind])
    viewer.shows(["b"])
    assert {plot["id"] for plot in viewer.plots} == {id_of("c1", "cell")}


@pytest.mark.parametrize("wait", ["wait=True", "wait=False"])
def test_a_loop_that_clears_and_displays_is_one_picture_that_changes(
    kernel: Kernel, viewer: Viewer, wait: str
) -> None:
    kernel.run(f"for number in range(8):\n    clear_output({wait})\n    display(picture(number))", "c1")
    viewer.until(lambda: colors(viewer) == [7])
    assert [(plot["id"], plot["generation"]) for plot in viewer.plots] == [(id_of("c1", "cell"), 8)]


def test_updates_of_a_display_change_it_wherever_it_is(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run("handle = display(picture(1), display_id='d')", "c1")
    kernel.run("display(picture(5)); display(picture(2), display_id='d')", "c2")
    viewer.until(lambda: colors(viewer) == [1, 5, 2])
    kernel.run("update_display(picture(3), display_id='d')", "c3")
    viewer.until(lambda: colors(viewer) == [3, 5, 3])
    kernel.run("handle.update('text')", "c3")
    viewer.until(lambda: colors(viewer) == [5])
    kernel.run("handle.update(picture(4))", "c3")
    viewer.until(lambda: sorted(colors(viewer) or []) == [4, 4, 5])


def test_captions_names_sizes_and_skipped_cells(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run("%%bokeh_share sales --caption 'in thousands'\npicture(1, width=2)", "c1")
    kernel.run("%%bokeh_share --skip\npicture(2)", "c2")
    kernel.run("picture(3, height=8, width=2)", "c3")
    viewer.until(lambda: colors(viewer) == [1, 3])
    assert [(plot["name"], plot["caption"]) for plot in viewer.plots] == [
        ("sales", "in thousands"),
        (None, None),
    ]
    assert [(each.width, each.height) for each in viewer.media] == [(2, 2), (2, 8)]
    kernel.run("%bokeh_share --drop sales")
    viewer.until(lambda: colors(viewer) == [3])
    kernel.run("%%bokeh_share sales\npicture(4)", "c1")
    kernel.run("picture(5)", "c3")
    viewer.until(lambda: colors(viewer) == [5])
    status = kernel.run("%bokeh_share --status").stdout
    assert "picture, cell [" in status


def test_without_all_the_card_counts_what_is_not_shared_and_all_shares_it(kernel: Kernel) -> None:
    url = kernel.share()
    kernel.run(PICTURES, silent=True)
    kernel.run("display(picture(1)); display(picture(2)); show(fig('a'))", "c1")
    kernel.run("display(HTML('<table><tr><td>1</td></tr></table>')); picture(3)", "c2")
    first, second = (output.number for output in kernel.outputs[-2:])
    line = f"3 pictures and 1 table of cells [{first}] and [{second}] are not shared: --all"
    kernel.wait(lambda: line in kernel.card, what=line)
    with kernel.watch(url) as viewer:
        viewer.until(lambda: viewer.kinds == ["bokeh"])
        kernel.run("picture(3)", "c2")
        kernel.wait(lambda: "1 table" not in kernel.card)
        kernel.run("%bokeh_share --all")
        viewer.until(lambda: sorted(viewer.kinds or []) == ["bokeh", "image", "image", "image"])
        kernel.wait(lambda: "not shared" not in kernel.card)


def test_a_share_without_all_has_none_of_the_pictures_of_a_share_before(
    kernel: Kernel, viewer: Viewer
) -> None:
    kernel.run("picture(1)", "c1")
    kernel.run("%%bokeh_share sales\npicture(2)", "c2")
    kernel.run("%%bokeh_share margin --all\npicture(3)", "c3")
    kernel.run("import bokeh_share; bokeh_share.share(picture(4), name='named')", "c4")
    viewer.until(lambda: viewer.in_step and len(viewer.plots) == 4)
    kernel.run("bokeh_share.share(all=False)", "c5")
    viewer.until(lambda: viewer.names == ["margin", "named"])
    kernel.run("%bokeh_share --all", "c5")
    viewer.until(lambda: viewer.in_step and sorted(colors(viewer) or []) == [1, 2, 3, 4])
    kernel.run("%bokeh_share --stop", "c6")
    with kernel.watch(kernel.share()) as other:
        other.until(lambda: other.names == ["margin", "named"])
        kernel.wait(lambda: "2 pictures of cells" in kernel.card)


def test_all_may_apply_to_one_cell(kernel: Kernel) -> None:
    url = kernel.share()
    kernel.run(PICTURES, silent=True)
    kernel.run("%%bokeh_share margin --all\npicture(1)", "c1")
    kernel.run("picture(2)", "c2")
    with kernel.watch(url) as viewer:
        viewer.until(lambda: colors(viewer) == [1])
        assert viewer.names == ["margin"]
    output = kernel.run("%%bokeh_share sales\npicture(2)", "c2")
    assert output.lines == ["bokeh_share: this cell showed no plot for 'sales': --all shares its picture"]


def test_what_cannot_be_shown_is_a_line_on_the_card_and_the_last_state_stays(
    kernel: Kernel, viewer: Viewer
) -> None:
    kernel.run("picture(1)", "c1")
    viewer.until(lambda: colors(viewer) == [1])
    number = kernel.run("display({'image/png': b'no picture'}, raw=True)", "c1").number
    kernel.wait(lambda: f"cannot share picture, cell [{number}]: the data is no PNG picture" in kernel.card)
    assert colors(viewer) == [1]
    kernel.run(
        "display({'image/png': png(1)[:16] + struct.pack('!II', 20_000, 20_000) + png(1)[24:]}, raw=True)",
        "c1",
    )
    kernel.wait(lambda: "it has 20,000 × 20,000 pixels and the limit is 10,000" in kernel.card)
    kernel.run("picture(2)", "c1")
    viewer.until(lambda: colors(viewer) == [2])
    kernel.wait(lambda: "cannot share" not in kernel.card)


def test_pictures_in_widgets_belong_to_the_cell_that_displays_the_widget(
    kernel: Kernel, viewer: Viewer
) -> None:
    kernel.run(
        "import ipywidgets; out = ipywidgets.Output(); display(out)\nwith out: display(picture(1))", "c1"
    )
    kernel.run("picture(2)", "c2")
    viewer.until(lambda: colors(viewer) == [1, 2])


def test_captured_outputs_and_those_of_our_own_are_not_shared(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run("%%capture out\npicture(1)", "c1")
    kernel.run("%bokeh_share --title T", "c2")
    kernel.run("from bokeh.io import output_notebook; output_notebook(); show(fig('a'))", "c3")
    viewer.shows(["a"])
    kernel.run("out.show()", "c4")
    viewer.until(lambda: viewer.kinds == ["bokeh", "image"])
    assert base64.b64encode(viewer.media[0].data)


NOISE = """
import os, time
def noise(number):
    chunk = lambda kind, data: struct.pack("!I", len(data)) + kind + data + bytes(4)
    header = chunk(b"IHDR", struct.pack("!IIBBBBB", 300, 300, 8, 2, 0, 0, 0))
    pixels = chunk(b"IDAT", f"number {number};".encode() + os.urandom(300_000))
    return b"\\x89PNG\\r\\n\\x1a\\n" + header + pixels + chunk(b"IEND", b"")
"""
MAX_READ = 100_000_000


def join_without_reading(url: str) -> socket.socket:
    """A viewer's websocket that reads nothing but the answer."""
    link = urlsplit(url)
    sock = socket.create_connection((link.hostname or "", link.port or 0), timeout=60)
    lines = [
        f"GET {link.path}ws HTTP/1.1", f"Host: {link.netloc}", f"Origin: {link.scheme}://{link.netloc}",
        "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "", "",
    ]  # fmt: skip
    sock.sendall("\r\n".join(lines).encode())
    assert sock.recv(12).startswith(b"HTTP/1.1 101")
    return sock


def read_pictures(sock: socket.socket, last: bytes) -> int:
    """Read until this picture comes. Return the number of pictures on the way."""
    data, tail, count = b"", b"", 0
    for _ in range(MAX_READ // 65_536):
        data = sock.recv(65_536)
        assert data, "the connection was closed"
        count += (tail + data).count(b"IDATnumber ") - tail.count(b"IDATnumber ")
        if last in tail + data:
            return count
        tail = (tail + data)[-50:]
    raise AssertionError("the newest picture never came")


def test_a_loop_of_pictures_waits_for_none_of_200_viewers_who_get_the_newest_and_skip_others(
    kernel: Kernel, viewer: Viewer
) -> None:
    kernel.run(NOISE, silent=True)
    with ExitStack() as stack:
        crowd = [stack.enter_context(join_without_reading(kernel.url)) for _ in range(199)]
        loop = "display({'image/png': noise(number)}, raw=True); time.sleep(0.02)"
        kernel.run(f"for number in range(60):\n    clear_output(wait=True)\n    {loop}", "c1")
        viewer.until(lambda: viewer.kinds == ["image"] and b"number 59;" in viewer.media[0].data)
        assert [plot["generation"] for plot in viewer.plots] == [60]
        counts = [read_pictures(sock, b"IDATnumber 59;") for sock in crowd[:20]]
        assert max(counts) < 60, "a viewer who reads nothing is sent only what fits, and then the newest"
