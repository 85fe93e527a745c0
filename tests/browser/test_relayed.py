"""A relay shows the page of the author's kernel: the same pixels, the same zoom, the same password."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from browser.test_author import PLOTS, ZOOM, author_link, bar, follows
from browser.test_coming_and_going import BEGIN, LIVE, PLOT, range_of, zoom
from browser.test_words import violations
from PIL import Image
from playwright.sync_api import expect
from support.custom_models import PRELUDE as CUSTOM_PRELUDE
from support.custom_models import loud, needs_node
from support.kernel_driver import until
from support.notebook_pages import Kernel, Kernels, Open, Viewer, difference, picture_of
from support.redis_server import RedisServer
from support.served_relay import RelayProcess

MEDIA = """
import pandas as pd
from IPython.display import HTML, Markdown
display(Markdown("## A heading\\n\\nand *text*"))
display(pd.DataFrame({"shop": ["a", "b"], "sold": [3, 4]}))
"""
APP = """
import bokeh_share
def trend(days: int = 3):
    p = figure(title="trend")
    p.line([1, days], [1, 2])
    return p
bokeh_share.share(trend)
"""
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
PASSWORD = "open sesame"


@pytest.fixture(scope="module")
def kernels(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernels]:
    """A kernel never forgets the models that its author made."""
    with Kernels(tmp_path_factory.mktemp("ipython")) as kernels:
        yield kernels


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path)
    yield server
    server.stop()


@pytest.fixture
def kernel(kernel: Kernel, broker: RedisServer) -> Iterator[Kernel]:
    """A kernel whose share ends before its broker does."""
    yield kernel
    kernel.run("%bokeh_share --stop", cell="the sharing cell")


@pytest.fixture
def relay(broker: RedisServer) -> Iterator[RelayProcess]:
    relay = RelayProcess(broker.url)
    yield relay
    relay.stop()


def share(kernel: Kernel, broker: RedisServer, relay: RelayProcess, options: str = "") -> tuple[str, str]:
    """Share the notebook. Return the link of the share itself, and that of the relay."""
    text = kernel.run(f"%bokeh_share -t Plots --broker {broker.url} {options}", cell="the sharing cell")
    links = re.findall(r"https?://\S+/", text)
    direct = next(link for link in links if urlsplit(link).port != relay.port and urlsplit(link).path != "/")
    relayed = f"{relay.url}{urlsplit(direct).path}"
    until(lambda: relay.has_page(urlsplit(direct).path), what="the page on the relay")
    return direct, relayed


def test_zoom_stays_over_restarts_of_the_relay_and_of_the_kernel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broker: RedisServer, relay: RelayProcess, visit: Open
) -> None:
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    monkeypatch.setenv("JPY_SESSION_NAME", str(tmp_path / "sales.ipynb"))
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    kernel = Kernel()
    try:
        kernel.run(BEGIN)
        direct, link = share(kernel, broker, relay, "-p 0")
        kernel.run(PLOT.format(title="one", y=4), cell="c1")
        viewer = visit(link).in_step_with(kernel)
        viewer.mark()
        zoomed = zoom(viewer, "one")
        with viewer.without_server():
            assert relay.stop() == 0
            viewer.wait_for_state("reconnecting")
            kernel.run(PLOT.format(title="one, while the relay was away", y=4), cell="c1")
            relay.start()
            viewer.page.wait_for_function(LIVE, timeout=15_000)
            viewer.in_step_with(kernel)
        assert range_of(viewer, "one, while the relay was away") == zoomed
        kernel.manager.signal_kernel(signal.SIGKILL)
        viewer.wait_for_state("away")
        text = viewer.page.locator(".page-header .state").inner_text()
        assert re.match(r"The author’s notebook is away since \d\d:\d\d", text)
        assert "This is the last state" in text
        late = visit(link, state="away")
        assert late.titles() == ["one, while the relay was away"]
        kernel.close()
        kernel = Kernel()
        kernel.run(BEGIN)
        assert urlsplit(share(kernel, broker, relay)[0]).path == urlsplit(direct).path
        kernel.run(PLOT.format(title="one, again", y=5), cell="c1")
        viewer.wait_for_state("live")
        viewer.in_step_with(kernel)
        assert range_of(viewer, "one, again") == zoomed
        assert (
            difference(late.in_step_with(kernel).captured(), visit(link).in_step_with(kernel).captured())
            is None
        )
        assert not viewer.was_reloaded
        kernel.run("%bokeh_share --stop", cell="c2")
        viewer.wait_for_state("ended")
    finally:
        kernel.close()


@needs_node
def test_the_page_of_a_relay_looks_as_that_of_the_kernel(
    kernel: Kernel, broker: RedisServer, relay: RelayProcess, visit: Open, axe: str
) -> None:
    direct, link = share(kernel, broker, relay, "--all")
    kernel.run(MEDIA, cell="c1")
    kernel.run(PLOT.format(title="one", y=4), cell="c2")
    kernel.run(f"{CUSTOM_PRELUDE}{loud('!')}show(Loud(text='custom'))", cell="c3")
    for options in ({}, {**PHONE, "color_scheme": "dark"}):
        pages = [visit(each, **options) for each in (direct, link)]
        for each in pages:
            each.page.get_by_text("custom!").wait_for(timeout=20_000)
            each.in_step_with(kernel)
        expected, found = (picture_of_plots(each) for each in pages)
        assert [difference(one, other) for one, other in zip(found, expected, strict=True)] == [None] * 4
    viewer = pages[1]
    kernel.run(APP, cell="c4")
    expect(viewer.page.get_by_text("on the author’s machine")).to_be_visible()
    viewer.page.get_by_role("link", name="trend").click()
    expect(viewer.page.locator("main")).to_contain_text("trend runs on the author’s machine")
    expect(viewer.page.get_by_role("link", name=re.compile("^http"))).to_have_attribute(
        "href", f"{direct}trend"
    )
    assert violations(viewer, axe) == []
    viewer.page.get_by_role("link", name="All plots").click()
    viewer.wait_for_state("live")


def picture_of_plots(viewer: Viewer) -> list[Image.Image]:
    return [picture_of(each) for each in viewer.page.locator("section.card .plot").all()]


@pytest.mark.one_pairing
def test_viewers_of_a_relay_follow_the_author_and_see_pins(
    kernel: Kernel, broker: RedisServer, relay: RelayProcess, visit: Open
) -> None:
    _, link = share(kernel, broker, relay)
    kernel.run(PLOTS, cell="c1")
    viewer, author = visit(link).in_step_with(kernel), visit(author_link(kernel)).in_step_with(kernel)
    bar(author, "Present").click()
    author.page.evaluate(ZOOM, [1.2, 2.4])
    follows(viewer, author)
    late = visit(link).in_step_with(kernel)
    follows(late, author)
    author.page.evaluate(ZOOM, [1.1, 2.2])
    follows(viewer, author)
    follows(late, author)
    bar(author, "Stop presenting").click()
    expect(viewer.page.get_by_text("presents")).to_have_count(0)


@pytest.mark.one_pairing
def test_a_relay_asks_for_the_password_that_the_kernel_asks_for(
    kernel: Kernel, broker: RedisServer, relay: RelayProcess, visit: Open
) -> None:
    kernel.run(f"import os\nos.environ['BOKEH_SHARE_PASSWORD'] = {PASSWORD!r}", cell="c0")
    try:
        _, link = share(kernel, broker, relay)
        kernel.run(PLOT.format(title="one", y=4), cell="c1")
        viewer = visit(link).in_step_with(kernel)
        kernel.run("%bokeh_share --password", cell="c2")
        viewer.wait_for_state("locked")
        viewer.page.reload()
        viewer.page.get_by_label("Password").fill("wrong")
        viewer.page.keyboard.press("Enter")
        expect(viewer.page.get_by_text("This password is wrong.")).to_be_visible()
        viewer.page.get_by_label("Password").fill(PASSWORD)
        viewer.page.keyboard.press("Enter")
        viewer.wait_for_state("live")
        viewer.in_step_with(kernel)
        usual = re.compile(
            r"console error: Failed to load resource: .* status of 401|request failed: .*ERR_ABORTED"
        )
        viewer.troubles[:] = [text for text in viewer.troubles if not usual.match(text)]
    finally:
        kernel.run("del os.environ['BOKEH_SHARE_PASSWORD']", cell="c0")
