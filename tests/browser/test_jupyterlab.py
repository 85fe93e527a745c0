"""The whole road, as two people go it: one has JupyterLab or Notebook 7 open, the other the link."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Playwright, ViewportSize, expect
from support.hosts import can_make_namespaces, two_hosts
from support.jupyterlab import Lab, Notebook7, Server, Start, jupyterlab, lab_page
from support.notebook_pages import Viewer, difference, is_drawn_on, picture_of

ONE_PAIRING = pytest.mark.one_pairing
"""The front end is the same; the first test shows that plots come through it with each Bokeh."""
VIEW = ViewportSize(width=1280, height=900)
SLIDER = """
from bokeh.plotting import figure, show
from ipywidgets import interact

def draw(x):
    p = figure(title=f"x = {x}", height=300)
    p.line([0, 1, 2, 3], [0, x, 0, x])
    show(p)

interact(draw, x=(0, 9));
"""
FIGURE = """
from bokeh.plotting import figure, show
p = figure(title="one", height=300)
p.line([0, 1, 2, 3], [0, 2, 1, 3])
show(p)
"""
TITLES = "Bokeh.documents.flatMap((shown) => shown.roots()).map((root) => root.title.text).join()"
SEEN = "(({ x_range: { start, end } }) => [start, end])(Bokeh.documents[0].roots()[0])"


@dataclass
class People:
    author: Browser
    colleague: Browser
    start: Start
    """Starts a process on the author's machine."""
    host: str
    """What colleagues call the author's machine."""
    external: bool

    @property
    def sharing_cell(self) -> str:
        return f"%load_ext bokeh_share\n%bokeh_share {'--external' if self.external else ''}"


@pytest.fixture(scope="module")
def people(
    playwright: Playwright,
    chromium: str,
    chromium_args: list[str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[People]:
    """Two machines where this one can pretend to be two; else both on loopback."""
    folder = tmp_path_factory.mktemp("hosts")
    with ExitStack() as stack:

        def launch(path: str | Path) -> Browser:
            browser = playwright.chromium.launch(executable_path=path, args=chromium_args)
            stack.callback(browser.close)
            return browser

        if can_make_namespaces() is None:
            author, colleague = stack.enter_context(two_hosts())
            paths = [host.wrapper(folder, chromium) for host in (author, colleague)]
            yield People(launch(paths[0]), launch(paths[1]), author.popen, author.ip, external=True)
        else:
            yield People(launch(chromium), launch(chromium), subprocess.Popen, "localhost", external=False)


@pytest.fixture(scope="module")
def server(people: People, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The author's, for all tests here: to start it and to load its scripts takes longer than a test."""
    folder = tmp_path_factory.mktemp("jupyterlab")
    context = people.author.new_context(viewport=VIEW)
    with jupyterlab(folder, people.start) as url:
        yield Server(context, url, folder / "files")
    context.close()


@pytest.fixture
def join(people: People) -> Iterator[Callable[[str], Viewer]]:
    """Opens a link as one more colleague, until the test ends."""
    contexts = []

    def open_link(link: str) -> Viewer:
        contexts.append(people.colleague.new_context(viewport=VIEW))
        return Viewer(contexts[-1].new_page(), link).open()

    yield open_link
    for context in contexts:
        context.close()


@pytest.fixture
def screenshots() -> Path:
    """For people to look at; git does not see it."""
    folder = Path(__file__).resolve().parent.parent.parent / "build" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ".gitignore").write_text("*\n")
    return folder


def run_all(lab: Lab, people: People) -> tuple[Locator, str]:
    """Run all cells of the quickstart; the card, and the link on it."""
    if not people.external:
        lab.replace(lab.cell_with("%load_ext bokeh_share"), "external", "local")
    lab.run_all()
    card = lab.page.locator(".bokeh-share-card")
    expect(card).to_contain_text("4 plots", timeout=90_000)
    link = card.get_by_role("link").first.get_attribute("href")
    assert link
    return card, link


def test_a_colleague_sees_what_the_author_runs_in_jupyterlab(
    people: People, server: Server, join: Callable[[str], Viewer], screenshots: Path
) -> None:
    with server.opened("quickstart") as lab:
        card, link = run_all(lab, people)
        expect(card).to_contain_text("0 viewers")
        assert urlsplit(link).hostname == people.host

        colleague = join(link)
        colleague.mark()
        expect(colleague.page.locator("section.card[data-generation='1']")).to_have_count(4, timeout=30_000)
        assert colleague.page.title() == "quickstart"
        first = colleague.page.locator("section.card").first
        before = picture_of(first.locator(".plot"))
        assert is_drawn_on(before)
        expect(card).to_contain_text("1 viewer", timeout=10_000)
        assert lab.page.locator(".bokeh-share-card").count() == 1, "the card is updated in place"

        cell = lab.cell_with("p.legend.location")
        lab.replace(cell, "flippers", "wings")
        lab.page.keyboard.press("Shift+Enter")
        expect(first).to_have_attribute("data-generation", "2", timeout=30_000)
        titles = ["GridPlot", "How heavy they are", "Column", "The longer the wings, the heavier the penguin"]
        assert sorted(colleague.titles()) == sorted(titles)
        assert difference(picture_of(first.locator(".plot")), before)
        assert colleague.page.locator("section.card").count() == 4
        assert not colleague.was_reloaded

        lab.page.screenshot(path=screenshots / "jupyterlab.png")
        colleague.page.screenshot(path=screenshots / "colleague.png", full_page=True)
        assert colleague.troubles == []
        assert lab.errors() == []
        strangers = [url for url in lab.requests if urlsplit(url).scheme.startswith("http")]
        assert {urlsplit(url).hostname for url in strangers} <= {"localhost", "127.0.0.1"}


@ONE_PAIRING
def test_apps_in_jupyterlab_are_shown_on_the_card_and_open_for_a_colleague(
    people: People, server: Server, join: Callable[[str], Viewer], screenshots: Path
) -> None:
    with server.opened("apps") as lab:
        if not people.external:
            lab.replace(lab.cell_with("%load_ext bokeh_share"), "external", "local")
        lab.run_all()
        card = lab.page.locator(".bokeh-share-card").first
        expect(card).to_contain_text("3 apps", timeout=90_000)
        card.locator("summary", has_text="Access").click()
        link = card.get_by_role("link", name="/sales").get_attribute("href")
        assert link
        colleague = join(link)
        colleague.mark()
        colleague.page.get_by_label("shop").select_option("Oslo")
        colleague.page.wait_for_url(f"{link}?shop=Oslo")
        cell = lab.cell_with("def sales(")
        lab.replace(cell, "2a7f9e", "9e2a7f")
        lab.page.keyboard.press("Shift+Enter")
        colleague.page.wait_for_function(
            """() => Bokeh.documents.flatMap((each) => [...each._all_models.values()])
                .some(({ type, line_color }) => type === "Line" && line_color?.value === "#9e2a7f")"""
        )
        expect(colleague.page.get_by_label("shop")).to_have_value("Oslo")
        assert colleague.page.evaluate("window.__mark") == "still here"
        lab.page.screenshot(path=screenshots / "jupyterlab-apps.png")
        colleague.page.screenshot(path=screenshots / "colleague-app.png")
        assert colleague.troubles == []
        assert lab.errors() == []


@ONE_PAIRING
def test_after_a_restart_in_jupyterlab_the_page_is_there_again_and_exact(
    people: People, server: Server, join: Callable[[str], Viewer]
) -> None:
    with server.opened("quickstart") as lab:
        card, link = run_all(lab, people)
        colleague = join(link)
        colleague.mark()
        plots = colleague.page.locator("section.card[data-generation]")
        expect(plots).to_have_count(4, timeout=30_000)
        epoch = colleague.page.evaluate("document.documentElement.dataset.epoch")

        with colleague.without_server():
            lab.restart_and_run_all()
            expect(colleague.page.locator(f"html[data-epoch='{epoch}']")).to_have_count(0, timeout=90_000)
            expect(card).to_contain_text("4 plots", timeout=90_000)
            colleague.wait_for_state("live")
            expect(plots).to_have_count(4, timeout=30_000)
            expect(card.get_by_role("link").first).to_have_attribute("href", link)
        assert not colleague.was_reloaded
        assert colleague.troubles == []
        late = join(link)
        expect(late.page.locator("section.card[data-generation]")).to_have_count(4, timeout=30_000)
        for number in range(4):
            pictures = [picture_of(each.page.locator(".plot").nth(number)) for each in (colleague, late)]
            assert difference(*pictures) is None


OUTPUTS = [
    r"""%config InlineBackend.figure_format = "retina"
import matplotlib.pyplot as plt
plt.plot([0, 2, 1])
plt.show()""",
    r"""from IPython.display import SVG
circle = '<circle cx="40" cy="15" r="12" fill="teal"/>'
SVG(f'<svg xmlns="http://www.w3.org/2000/svg" width="90" height="30">{circle}</svg>')""",
    r"""import pandas as pd
pd.DataFrame({"city": ["Bern", "Oslo"], "people": [134.5, None]}, index=["a", "b"])""",
    r"""from IPython.display import Markdown
Markdown("# Sales\n\nsome *words* and `code`\n\n- one\n- [two](https://example.org/)\n\n|a|b|\n|-|-|\n|1|2|")""",
]
"""Cells that show a picture, a drawing, a table and a text."""
IMAGE = """(image) => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
    canvas.getContext("2d").drawImage(image, 0, 0);
    const { width, height } = image.getBoundingClientRect();
    return [Math.round(width), Math.round(height), canvas.toDataURL()];
}"""
"""The size of a picture on screen, and its pixels."""
ROWS = "(table) => [...table.rows].map((row) => [...row.cells].map((cell) => cell.textContent.trim()))"
TEXTS = """(text) => [...text.querySelectorAll("h1, h2, h3, h4, p, li, em, code, td, th")].map(
    (each) => each.textContent.replace("¶", "").trim())"""


@ONE_PAIRING
def test_pictures_tables_and_texts_are_on_the_page_as_in_jupyterlab(
    people: People, server: Server, join: Callable[[str], Viewer], screenshots: Path
) -> None:
    with server.opened("mixed", [f"{people.sharing_cell} --all", *OUTPUTS]) as lab:
        lab.run_all()
        card = lab.page.locator(".bokeh-share-card")
        expect(card).to_contain_text("4 plots", timeout=90_000)
        link = card.get_by_role("link").first.get_attribute("href")
        assert link
        colleague = join(link)
        plots = colleague.page.locator("section.card[data-generation]")
        expect(plots).to_have_count(4, timeout=30_000)
        for number, output, shown, read in (
            (0, ".jp-RenderedImage img", "img", IMAGE),
            (1, ".jp-RenderedSVG img", "img", IMAGE),
            (2, ".jp-RenderedHTML table", "table", ROWS),
            (3, ".jp-RenderedMarkdown", ".text-box", TEXTS),
        ):
            in_lab = lab.page.locator(output)
            in_lab.scroll_into_view_if_needed()
            on_page = plots.nth(number).locator(shown)
            on_page.scroll_into_view_if_needed()
            assert on_page.evaluate(read) == in_lab.evaluate(read), output
        address = colleague.page.get_by_role("link", name="two").get_attribute("href")
        assert address == "https://example.org/"
        lab.page.screenshot(path=screenshots / "jupyterlab-mixed.png")
        colleague.page.screenshot(path=screenshots / "colleague-mixed.png", full_page=True)
        assert colleague.troubles == []
        assert lab.errors() == []


@contextmanager
def opened_alone(people: People, folder: Path, *, options: Sequence[str] = ()) -> Iterator[tuple[Lab, str]]:
    """A JupyterLab of its own, and its page at the address of the quickstart."""
    with (
        jupyterlab(folder, people.start, options=options) as url,
        lab_page(people.author, viewport=VIEW) as lab,
    ):
        yield lab, url


@ONE_PAIRING
def test_the_card_can_be_copied_from_and_is_there_after_a_reload(
    people: People, join: Callable[[str], Viewer], tmp_path: Path
) -> None:
    """With two machines, JupyterLab is at an address where browsers have no clipboard for pages."""
    options = [f"--ServerApp.ip={people.host}"] if people.external else []
    with opened_alone(people, tmp_path, options=options) as (lab, url):
        lab.open(url)
        assert lab.page.evaluate("isSecureContext") != people.external
        if not people.external:
            lab.replace(lab.cell_with("%load_ext bokeh_share"), "external", "local")
        lab.cell_with("%load_ext bokeh_share").locator(".cm-content").click()
        lab.page.keyboard.press("Shift+Enter")
        card = lab.page.locator(".bokeh-share-card")
        expect(card).to_contain_text("0 plots", timeout=60_000)
        # with which it is redrawn, once
        expect(card).to_contain_text("through Jupyter", timeout=60_000)
        assert card.locator("svg").count() == people.external, "a QR code, for a link that phones can use"
        expect(
            card.get_by_text(re.compile("^live at [0-9]{2}:[0-9]{2} · 0 plots · 0 viewers$"))
        ).to_be_visible()
        link = card.get_by_role("link").first.get_attribute("href")
        assert link

        copy = card.locator(".bsc-actions").get_by_role("button")
        copy.click()
        expect(copy).to_have_text("Copied")
        expect(card.get_by_role("status")).to_have_text("Link copied")

        lab.page.keyboard.press("Control+s")
        expect(lab.page.locator(".jp-mod-dirty")).to_have_count(0)
        lab.page.reload()
        expect(card).to_contain_text(link, timeout=60_000)
        expect(card.get_by_text(re.compile("^live at ")), "true whenever it is read").to_be_visible()
        expect(card.get_by_role("button", name="Copy").first).to_be_visible()
        viewer = join(link)
        assert viewer.troubles == []


@ONE_PAIRING
def test_a_card_in_a_copied_notebook_says_only_what_is_still_true(people: People, tmp_path: Path) -> None:
    """The kernel has died, and this JupyterLab does not trust what it did not run: it takes scripts out."""
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()
    with opened_alone(people, here) as (lab, url):
        lab.open(url)
        if not people.external:
            lab.replace(lab.cell_with("%load_ext bokeh_share"), "external", "local")
        lab.cell_with("%load_ext bokeh_share").locator(".cm-content").click()
        lab.page.keyboard.press("Shift+Enter")
        link = lab.page.locator(".bokeh-share-card .bsc-link a")
        expect(link).to_be_visible(timeout=60_000)
        address = link.inner_text()
        lab.page.keyboard.press("Control+s")
        expect(lab.page.locator(".jp-mod-dirty")).to_have_count(0)
    with opened_alone(people, there) as (lab, url):
        shutil.copy(here / "files" / "quickstart.ipynb", there / "files" / "copied.ipynb")
        lab.open(url.replace("quickstart", "copied"))
        card = lab.page.locator(".bokeh-share-card")
        expect(card).to_contain_text(re.compile("live at [-0-9]{10} [:0-9]{5} · 0 plots · 0 viewers"))
        expect(card.get_by_role("link", name=address)).to_be_visible()
        expect(card).not_to_contain_text("{", use_inner_text=True)
        expect(card.locator("summary", has_text="QR")).to_be_hidden()
        assert card.get_by_role("button").evaluate_all("(all) => all.map(({ outerHTML }) => outerHTML)") == []


@ONE_PAIRING
def test_a_slider_of_the_authors_changes_one_plot_in_place_and_a_colleague_keeps_their_zoom(
    people: People, server: Server, join: Callable[[str], Viewer]
) -> None:
    with server.opened("slider", [people.sharing_cell, SLIDER]) as lab:
        lab.run_all()
        card = lab.page.locator(".bokeh-share-card")
        expect(card).to_contain_text("1 plot", timeout=90_000)
        link = card.get_by_role("link").first.get_attribute("href")
        assert link
        colleague = join(link)
        colleague.mark()
        page = colleague.page
        page.wait_for_function(f"{TITLES} === 'x = 4'")
        all_of_it = page.evaluate(SEEN)
        box = page.locator(".bk-Figure").bounding_box()
        assert box
        page.mouse.move(box["x"] + 300, box["y"] + 150)
        page.mouse.down()
        page.mouse.move(box["x"] + 400, box["y"] + 150, steps=4)
        page.mouse.up()
        page.wait_for_function(f"(before) => {SEEN}[0] < before[0]", arg=all_of_it)
        seen = page.evaluate(SEEN)

        handle = lab.page.locator(".widget-slider .noUi-handle")
        for value in (5, 6, 7):
            handle.press("ArrowRight")
            page.wait_for_function(f"{TITLES} === 'x = {value}'")
        assert page.evaluate(SEEN) == seen
        expect(lab.page.locator(".widget-output")).to_contain_text("on the page")
        lab.cell_with("interact(draw").locator(".cm-content").click()
        lab.page.keyboard.press("Shift+Enter")
        page.wait_for_function(f"{TITLES} === 'x = 4'")
        assert page.evaluate(SEEN) == seen
        expect(page.locator("section.card")).to_have_count(1)
        assert not colleague.was_reloaded
        assert colleague.troubles == []
        assert lab.errors() == []


@ONE_PAIRING
def test_a_colleague_sees_what_the_author_runs_in_notebook_7_and_after_a_restart_too(
    people: People, server: Server, join: Callable[[str], Viewer], screenshots: Path
) -> None:
    with server.opened("sales", [people.sharing_cell, FIGURE], page_type=Notebook7) as notebook:
        notebook.run_all()
        card = notebook.page.locator(".bokeh-share-card")
        expect(card).to_contain_text("1 plot", timeout=60_000)
        link = card.get_by_role("link").first.get_attribute("href")
        assert link
        assert urlsplit(link).hostname == people.host
        colleague = join(link)
        colleague.mark()
        page = colleague.page
        page.wait_for_function(f"{TITLES} === 'one'")
        assert page.title() == "sales"
        expect(card).to_contain_text("1 viewer", timeout=10_000)

        notebook.replace(notebook.cell_with("show(p)"), "one", "two")
        notebook.page.keyboard.press("Shift+Enter")
        page.wait_for_function(f"{TITLES} === 'two'")
        expect(page.locator("section.card")).to_have_attribute("data-generation", "2")
        assert is_drawn_on(colleague.captured())
        expect(card).to_have_count(1)
        notebook.page.screenshot(path=screenshots / "notebook-7.png")

        epoch = page.evaluate("document.documentElement.dataset.epoch")
        with colleague.without_server():
            notebook.restart_and_run_all()
            expect(page.locator(f"html[data-epoch='{epoch}']")).to_have_count(0, timeout=60_000)
            colleague.wait_for_state("live")
            page.wait_for_function(f"{TITLES} === 'two'")
        expect(card).to_contain_text("1 plot", timeout=30_000)
        expect(card.get_by_role("link").first).to_have_attribute("href", link)
        assert not colleague.was_reloaded
        assert colleague.troubles == []
        assert notebook.errors() == []
        strangers = [url for url in notebook.requests if urlsplit(url).scheme.startswith("http")]
        assert {urlsplit(url).hostname for url in strangers} <= {"localhost", "127.0.0.1"}


@ONE_PAIRING
def test_the_card_in_notebook_7_copies_the_link_and_is_there_after_a_reload(
    people: People, server: Server
) -> None:
    with server.opened("sales", [people.sharing_cell], page_type=Notebook7) as notebook:
        page = notebook.page
        notebook.run_all()
        card = page.locator(".bokeh-share-card")
        expect(card).to_contain_text("0 plots", timeout=60_000)
        # With this route, the card is drawn again, once.
        expect(card).to_contain_text("through Jupyter", timeout=60_000)
        link = card.get_by_role("link").first.get_attribute("href")
        assert link
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        card.get_by_role("button", name=re.compile("copy", re.I)).first.click()
        page.wait_for_function(
            "(link) => navigator.clipboard.readText().then((text) => text === link)", arg=link
        )
        page.context.clear_permissions()

        with page.expect_response(lambda answer: answer.request.method == "PUT" and answer.ok):
            page.keyboard.press("Control+s")
        page.reload()
        expect(card).to_contain_text(link, timeout=60_000)
        expect(card.get_by_text(re.compile("^live at ")), "true whenever it is read").to_be_visible()
