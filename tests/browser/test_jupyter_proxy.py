"""The route through JupyterLab's own server, by the real jupyter-server-proxy, as on a Hub and without."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Locator, ViewportSize, expect
from support.jupyterlab import Lab, Server, jupyterlab
from support.notebook_pages import Viewer

# The same JupyterLab leads to the same addresses; plots only have to be there.
pytestmark = pytest.mark.one_pairing
VIEW = ViewportSize(width=1280, height=900)
HUB = {"JUPYTERHUB_SERVICE_PREFIX": "/user/ada/"}
FIGURE = """
from bokeh.plotting import figure, show
p = figure(height=200)
p.line([0, 1, 2], [0, 2, 1])
show(p)
"""
CELLS = ["%load_ext bokeh_share\n%bokeh_share --local", FIGURE, FIGURE]
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

    def share_locally(self) -> Locator:
        """Run the cells of a notebook of ours, but on this machine only; the link through the server."""
        self.lab.replace(self.lab.cell_with("%load_ext bokeh_share"), "external", "local")
        return self.share()

    def share(self) -> Locator:
        """Run the notebook's cells; the link through the server."""
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
class Route:
    """A JupyterLab whose server is called as on a Hub, or as without one."""

    server: Server
    name: str

    @contextmanager
    def opened(self, notebook: str, cells: Sequence[str] | None = None) -> Iterator[Setting]:
        is_hub = self.name == "hub"
        kind = "through the Hub, which asks for a login" if is_hub else "through Jupyter"
        with self.server.opened(notebook, cells) as lab:
            yield Setting(lab, "/user/ada/" if is_hub else "/", kind, self.name)


@pytest.fixture(scope="module", params=["jupyter", "hub"])
def route(
    request: pytest.FixtureRequest, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Route]:
    path, variables = ("/user/ada/", HUB) if request.param == "hub" else ("/", {})
    folder = tmp_path_factory.mktemp(request.param)
    context = browser.new_context(viewport=VIEW)
    with jupyterlab(folder, options=[f"--ServerApp.base_url={path}"], **variables) as url:
        yield Route(Server(context, url, folder / "files"), request.param)
    context.close()


@pytest.fixture
def quickstart(route: Route) -> Iterator[Setting]:
    with route.opened("quickstart") as setting:
        yield setting


@pytest.fixture
def small(route: Route) -> Iterator[Setting]:
    """A notebook that shares two plots, which are made and drawn in no time."""
    with route.opened("small", CELLS) as setting:
        yield setting


def test_the_card_offers_the_route_and_who_has_the_login_sees_the_page_live(
    quickstart: Setting, browser: Browser
) -> None:
    setting = quickstart
    link = setting.share_locally()
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
    for label in card.locator("dt").all():  # JupyterLab's style makes them as narrow as a letter
        box = label.bounding_box()
        assert box
        assert box["width"] > 25

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


def test_an_app_works_through_it_too(route: Route) -> None:
    with route.opened("apps") as setting:
        link = setting.share_locally()
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


def test_a_page_follows_the_share_to_another_port_and_stays_on_the_route(small: Setting) -> None:
    viewer = small.open(small.share())
    before = urlsplit(viewer.page.url)
    cell = small.lab.cell_with("%load_ext bokeh_share")
    small.lab.replace(cell, "local", "local --port 5999")
    small.lab.page.keyboard.press("Shift+Enter")
    there = re.sub(r"/proxy/\d+/", "/proxy/5999/", viewer.page.url)
    viewer.page.wait_for_url(there)
    viewer.wait_for_state("live")
    assert urlsplit(viewer.page.url).netloc == before.netloc


def test_a_page_comes_back_by_itself_when_the_kernel_was_restarted(small: Setting) -> None:
    viewer = small.open(small.share())
    viewer.mark()
    expect(viewer.page.locator("section.card[data-generation='1']")).to_have_count(2, timeout=60_000)
    small.lab.restart_and_run_all()
    expect(viewer.page.locator("html")).not_to_have_attribute("data-state", "live", timeout=30_000)
    viewer.page.wait_for_selector("html[data-state=live]", state="attached", timeout=90_000)
    expect(viewer.page.locator("section.card")).to_have_count(2, timeout=60_000)
    assert viewer.page.evaluate("window.__mark") == "still here"
