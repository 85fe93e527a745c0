"""The menus of the page and its cards, by mouse and keyboard; what they need is loaded at the first use."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from bokeh.models import Div
from bokeh.plotting import figure
from bokeh.themes import Theme
from playwright.sync_api import Browser, Locator, Page, expect
from support.colleague import URL, Author, Colleague

from bokeh_share.plots.page import Page as PlotsPage
from bokeh_share.plots.page import PlotKey
from bokeh_share.plots.snapshot.capture import capture_plot
from bokeh_share.sharing.export import save_page

pytestmark = pytest.mark.one_pairing

TOOLS = [
    "Full screen",
    "Download data…",
    "Save as PNG",
    "Save as PNG, twice as large",
    "Copy link to this plot",
    "Copy link to this view",
]
SCRIPT = f"{URL}card_tools.js"


@pytest.fixture(scope="module")
def colleague(browser: Browser) -> Iterator[Colleague]:
    """A colleague on plain http, where browsers have no clipboard."""
    colleague = Colleague(browser)
    yield colleague
    colleague.close()


@pytest.fixture
def page(colleague: Colleague) -> Iterator[Page]:
    """A page with two plots, of which one has a title only."""
    author = Author()
    p = figure(width=300, height=200, title="the title")
    p.line([1, 2], [1, 2])
    author.show(p, name="sales")
    author.show(Div(text="text"), name="news")
    with colleague.watching(author):
        colleague.until_drawn()
        yield colleague.page
    assert colleague.troubles == []


def menu_button(page: Page, name: str = "sales") -> Locator:
    return page.get_by_role("button", name=f"Menu of {name}", exact=True)


def focused(page: Page) -> str:
    text: str = page.evaluate("document.activeElement.textContent || document.activeElement.ariaLabel")
    return text


def test_a_menu_is_used_by_keyboard(page: Page) -> None:
    button, items = menu_button(page), page.get_by_role("menuitem")
    assert (button.get_attribute("aria-haspopup"), button.get_attribute("aria-expanded")) == ("menu", "false")
    button.press("Enter")
    expect(items).to_have_text(TOOLS)
    expect(page.get_by_role("menu", name="Menu of sales")).to_be_visible()
    expect(button).to_have_attribute("aria-expanded", "true")
    for key, item in [
        ("ArrowDown", TOOLS[1]), ("ArrowDown", TOOLS[2]), ("ArrowUp", TOOLS[1]), ("Home", TOOLS[0]),
        ("ArrowUp", TOOLS[-1]), ("ArrowDown", TOOLS[0]), ("End", TOOLS[-1]), ("s", TOOLS[2]),
        ("S", TOOLS[3]), ("c", TOOLS[4]), ("x", TOOLS[4]),
    ]:  # fmt: skip
        page.keyboard.press(key)
        assert focused(page) == item, key
    page.keyboard.press("Escape")
    expect(items).to_have_count(0)
    expect(button).to_be_focused()
    expect(button).to_have_attribute("aria-expanded", "false")
    button.press("ArrowUp")
    expect(items.last).to_be_focused()
    page.keyboard.press("Tab")
    expect(items).to_have_count(0)
    assert focused(page) != "Menu of sales"
    button.press("ArrowDown")
    expect(items.first).to_be_focused()
    page.keyboard.press("Escape")


def test_a_menu_closes_by_a_click_elsewhere_and_one_is_open_at_a_time(page: Page) -> None:
    menus = page.get_by_role("menu")
    menu_button(page).click()
    expect(menus).to_have_count(1)
    menu_button(page, "news").click()
    expect(page.get_by_role("menu", name="Menu of news")).to_be_visible()
    expect(menus).to_have_count(1)
    page.locator("h2").first.click()
    expect(menus).to_have_count(0)
    for count in (1, 0):
        menu_button(page).click()
        expect(menus).to_have_count(count)


def test_a_link_is_copied_on_plain_http_too(page: Page) -> None:
    page.evaluate("""() => {
        window.copied = [];
        document.addEventListener("copy", ({ target }) => {
            window.copied.push(target.value.slice(target.selectionStart, target.selectionEnd));
        });
    }""")
    assert page.evaluate("isSecureContext") is False
    menu_button(page).click()
    expect(page.get_by_role("menuitem", name="Copy as picture")).to_have_count(0)
    page.get_by_role("menuitem", name="Copy link to this plot").click()
    status = page.locator(".card .menu-status").first
    expect(status).to_have_text("The link is copied.")
    expect(status).to_have_role("status")
    expect(menu_button(page)).to_be_focused()
    page.evaluate("document.execCommand = () => false")
    menu_button(page, "news").click()
    page.get_by_role("menuitem", name="Copy link to this plot").click()
    expect(page.locator(".card .menu-status").nth(1)).to_have_text(
        f"This browser does not let the page copy. The link is: {URL}#news"
    )
    page.evaluate("delete document.execCommand")
    page.locator(".page-header").evaluate("(header) => { header.style.visibility = 'visible' }")
    menu_button(page, "this page").click()
    page.get_by_role("menuitem", name="Copy link to this page").click()
    expect(page.locator(".page-header .menu-status")).to_have_text("The link is copied.")
    assert page.evaluate("window.copied") == [f"{URL}#sales", URL]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_to_complain_of_in_menus(page: Page, axe: str, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.evaluate(axe)
    check = """async (menu) => {
        const { violations } = await axe.run({ include: ["body"], exclude: [".plot"] });
        return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html)}`);
    }"""
    menu_button(page).click()
    expect(page.get_by_role("menuitem").first).to_be_focused()
    assert page.evaluate(check) == []
    page.get_by_role("menuitem", name="Full screen").click()
    expect(page.locator(".full-screen")).to_have_count(1)
    menu_button(page).click()
    assert page.evaluate(check) == []
    page.get_by_role("menuitem", name="Leave full screen").click()
    expect(page.locator(".full-screen")).to_have_count(0)
    page.emulate_media(color_scheme="light")


def test_the_tools_are_loaded_at_the_first_use_and_again_after_a_failure(browser: Browser) -> None:
    colleague, author = Colleague(browser), Author()
    author.show(Div(text="text"), name="news")
    requested: list[str] = []
    colleague.page.on("request", lambda request: requested.append(request.url))
    colleague.page.route(f"{SCRIPT}*", lambda route: route.abort(), times=1)
    page = colleague.page
    with colleague.watching(author):
        colleague.until_drawn()
        assert not any(url.startswith(SCRIPT) for url in requested)
        menu_button(page, "news").click()
        expect(page.locator(".card .menu-status")).to_contain_text("The menu could not be loaded.")
        menu_button(page, "news").click()
        expect(page.get_by_role("menuitem").first).to_be_focused()
        expect(page.locator(".card .menu-status")).to_have_text("")
        page.keyboard.press("Escape")
        menu_button(page, "news").click()
        expect(page.get_by_role("menuitem").first).to_be_focused()
    assert [url for url in requested if url.startswith(SCRIPT)] == [SCRIPT, f"{SCRIPT}?1"]
    colleague.close()


def test_a_saved_page_has_its_tools_but_no_link_to_pass_on(browser: Browser, tmp_path: Path) -> None:
    snapshot = capture_plot(Div(text="text"), theme=Theme(json={})).snapshot
    plots = PlotsPage(title="Plots").put(PlotKey("name", "sales"), snapshot, now=1)
    file = save_page(plots, tmp_path / "page.html", now=1)
    page = browser.new_page()
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    page.goto(file.as_uri())
    expect(page.locator("section.card[data-generation]")).to_have_count(1)
    menu_button(page).click()
    expect(page.get_by_role("menuitem")).to_have_text([TOOLS[0], *TOOLS[2:4], "Copy as picture"])
    with page.expect_download() as download:
        page.get_by_role("menuitem", name="Save as PNG", exact=True).click()
    assert download.value.suggested_filename == "sales.png"
    assert [url for url in requested if not url.startswith(("data:", "blob:"))] == [file.as_uri()]
    page.close()


def test_the_label_of_a_menu_is_text(colleague: Colleague) -> None:
    author = Author()
    name = "<img src=x onerror=alert(1)>"
    author.show(Div(text="text"), name=name)
    with colleague.watching(author):
        colleague.until_drawn()
        menu_button(colleague.page, name).click()
        expect(colleague.page.get_by_role("menu", name=f"Menu of {name}")).to_be_visible()
        assert colleague.page.locator("img").count() == 0
    assert json.dumps(colleague.troubles) == "[]"
