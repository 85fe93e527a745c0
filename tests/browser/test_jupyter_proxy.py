"""The route through JupyterLab's own server, by the real jupyter-server-proxy, as on a Hub and without."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, ViewportSize, expect
from support.jupyterlab import NOTEBOOKS, Lab, jupyterlab, lab_page
from support.notebook_pages import Viewer

# The same JupyterLab leads to the same addresses; plots only have to be there.
pytestmark = pytest.mark.one_pairing
VIEW = ViewportSize(width=1280, height=900)
HUB = {"JUPYTERHUB_SERVICE_PREFIX": "/user/ada/"}
SCREENSHOTS = Path(__file__).resolve().parent.parent.parent / "build" / "screenshots"


@dataclass
class Setting:
    """A JupyterLab with a notebook open, whose server is called as on a Hub or not."""

    lab: Lab
    path: str
    """Where the server is below its host."""
    kind: str
    """What the card says of the route through it."""
    name: str

    def share(self) -> Locator:
        """Run the notebook's cells, on this machine only; the link through the server."""
        self.lab.replace(self.lab.cell_with("%load_ext bokeh_share"), "external", "local")
        self.lab.run_all()
        card = self.lab.page.locator(".bokeh-share-card").first
        expect(card).to_contain_text(self.kind, timeout=90_000)
        card.locator("summary", has_text="Access").click()
        return card.get_by_role("link", name=f"{self.path}proxy/").first

    def open(self, link: Locator) -> Viewer:
        """As the author does, by a click; the browser has Jupyter's login."""
        with self.lab.page.context.expect_page() as popup:
            link.click()
        viewer = Viewer(popup.value, popup.value.url)
        viewer.wait_for_state("live")
        return viewer


@dataclass
class Server:
    """A JupyterLab for some tests, one after the other, in a browser that keeps its many scripts."""

    context: BrowserContext
    url: str
    folder: Path
    name: str

    @contextmanager
    def opened(self, notebook: str) -> Iterator[Setting]:
        """A copy of this notebook, which nobody has changed or run."""
        is_hub = self.name == "hub"
        kind = "through the Hub, which asks for a login" if is_hub else "through Jupyter"
        copy = f"{notebook}-{len(list(self.folder.iterdir()))}"
        shutil.copy(NOTEBOOKS / f"{notebook}.ipynb", self.folder / f"{copy}.ipynb")
        with lab_page(self.context) as lab:
            lab.open(f"{self.url.replace('quickstart', copy)}&reset")
            yield Setting(lab, "/user/ada/" if is_hub else "/", kind, self.name)
            for viewer in self.context.pages[1:]:
                viewer.close()


@pytest.fixture(scope="module", params=["jupyter", "hub"])
def server(
    request: pytest.FixtureRequest, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    path, variables = ("/user/ada/", HUB) if request.param == "hub" else ("/", {})
    folder = tmp_path_factory.mktemp(request.param)
    context = browser.new_context(viewport=VIEW)
    with jupyterlab(folder, options=[f"--ServerApp.base_url={path}"], **variables) as url:
        yield Server(context, url, folder / "files", request.param)
    context.close()


@pytest.fixture
def setting(server: Server) -> Iterator[Setting]:
    with server.opened("quickstart") as setting:
        yield setting


def test_the_card_offers_the_route_and_who_has_the_login_sees_the_page_live(
    setting: Setting, browser: Browser
) -> None:
    link = setting.share()
    card = setting.lab.page.locator(".bokeh-share-card").first
    expect(card).to_contain_text("4 plots", timeout=90_000)
    is_hub = setting.name == "hub"
    expect(card).to_contain_text("what you can")
    lab_host = urlsplit(setting.lab.page.url).netloc
    first = card.locator(".bsc-link a")
    expect(first).to_have_text(
        re.compile(f"^http://{lab_host}/user/ada/proxy/" if is_hub else "^http://localhost")
    )
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    card.screenshot(path=SCREENSHOTS / f"card-through-{setting.name}.png")

    viewer = setting.open(link)
    lab, page = urlsplit(setting.lab.page.url), urlsplit(viewer.page.url)
    assert page.netloc == lab.netloc
    viewer.mark()
    expect(viewer.page.locator("section.card[data-generation='1']")).to_have_count(4, timeout=30_000)
    cell = setting.lab.cell_with("p.legend.location")
    setting.lab.replace(cell, "flippers", "wings")
    setting.lab.page.keyboard.press("Shift+Enter")
    changed = viewer.page.locator("section.card").first
    expect(changed).to_have_attribute("data-generation", "2", timeout=30_000)
    assert "The longer the wings, the heavier the penguin" in viewer.titles()
    assert viewer.page.evaluate("window.__mark") == "still here"
    assert viewer.troubles == []

    stranger = browser.new_context().new_page()
    stranger.goto(viewer.page.url)
    assert urlsplit(stranger.url).path == f"{setting.path}login"
    assert stranger.locator("section.card").count() == 0
    stranger.context.close()


def test_an_app_works_through_it_too(server: Server) -> None:
    with server.opened("apps") as setting:
        link = setting.share()
        card = setting.lab.page.locator(".bokeh-share-card").first
        expect(card).to_contain_text("3 apps", timeout=90_000)
        viewer = setting.open(link)
        address = viewer.page.url
        viewer.page.goto(f"{address}sales")
        viewer.troubles.clear()  # of the page that was left
        viewer.page.get_by_label("shop").select_option("Oslo")
        viewer.page.wait_for_url(f"{address}sales?shop=Oslo")
        viewer.page.wait_for_function(
            """() => Bokeh.documents.flatMap((each) => [...each._all_models.values()])
                .some((model) => model.title?.text?.includes("Oslo"))"""
        )
        assert viewer.troubles == []


def test_a_page_follows_the_share_to_another_port_and_stays_on_the_route(setting: Setting) -> None:
    viewer = setting.open(setting.share())
    before = urlsplit(viewer.page.url)
    cell = setting.lab.cell_with("%load_ext bokeh_share")
    setting.lab.replace(cell, "local", "local --port 5999")
    setting.lab.page.keyboard.press("Shift+Enter")
    there = re.sub(r"/proxy/\d+/", "/proxy/5999/", viewer.page.url)
    viewer.page.wait_for_url(there)
    viewer.wait_for_state("live")
    assert urlsplit(viewer.page.url).netloc == before.netloc


def test_a_page_comes_back_by_itself_when_the_kernel_was_restarted(setting: Setting) -> None:
    viewer = setting.open(setting.share())
    viewer.mark()
    expect(viewer.page.locator("section.card[data-generation='1']")).to_have_count(4, timeout=60_000)
    setting.lab.restart_and_run_all()
    expect(viewer.page.locator("html")).not_to_have_attribute("data-state", "live", timeout=30_000)
    viewer.page.wait_for_selector("html[data-state=live]", state="attached", timeout=90_000)
    expect(viewer.page.locator("section.card")).to_have_count(4, timeout=60_000)
    assert viewer.page.evaluate("window.__mark") == "still here"
