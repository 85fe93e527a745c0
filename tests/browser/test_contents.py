"""A long page has contents, which lead to each plot and mark the plots that changed."""

from __future__ import annotations

import re

import pytest
from browser.test_words import violations
from playwright.sync_api import Page, expect
from support.notebook_pages import Kernel, Open, Viewer

pytestmark = pytest.mark.one_pairing
"""Texts, buttons and headings of the page's own, around plots that only have to be there."""

PLOTS = """
plots = []
for title in {titles!r}:
    p = figure(title=title, height=300, width=500)
    p.line([1, 2], [2, 1])
    show(p)
    plots.append(p)
"""
TITLES = ["Sales", "Costs of May", None, "Costs of June", "مبيعات", "Margin", "Staff", "Rooms"]
HEADINGS = ["Sales", "Costs of May", "Plot 3", "Costs of June", "مبيعات", "Margin", "Staff", "Rooms"]
IN_VIEW = """(heading) => {
    const found = [...document.querySelectorAll("section.card")].find((card) => {
        return card.querySelector("h2").textContent === heading;
    });
    const { top, bottom } = found.getBoundingClientRect();
    return top >= 0 && bottom <= innerHeight;
}"""
WIDE = {"width": 1920, "height": 1000}


def opened(kernel: Kernel, link: str, visit: Open, **options: object) -> Viewer:
    kernel.run(PLOTS.format(titles=TITLES), cell="plots")
    viewer = visit(link, **{"viewport": WIDE, **options})
    expect(viewer.page.locator("section.card")).to_have_count(len(TITLES))
    return viewer


def shown(page: Page) -> list[str]:
    """The titles in the contents that the filter leaves."""
    entries = page.locator(".contents-entry:visible .contents-title")
    return entries.all_inner_texts()


def test_a_page_has_contents_from_five_plots_on(kernel: Kernel, link: str, visit: Open) -> None:
    kernel.run(PLOTS.format(titles=TITLES[:4]), cell="plots")
    viewer = visit(link, viewport=WIDE)
    expect(viewer.page.locator("section.card")).to_have_count(4)
    contents = viewer.page.get_by_role("navigation", name="Contents")
    expect(contents).to_have_count(0)
    kernel.run(PLOTS.format(titles=TITLES[:5]), cell="plots")
    expect(contents).to_be_visible()
    assert shown(viewer.page) == HEADINGS[:5] == viewer.page.locator("section.card h2").all_inner_texts()
    assert viewer.page.get_by_role("region", name="Plot Sales").is_visible()
    assert viewer.page.get_by_role("region", name="Plot 3", exact=True).count() == 1
    texts = viewer.page.locator("h1, h2, .contents-title, .contents-filter, .caption")
    assert {text.get_attribute("dir") for text in texts.all()} == {"auto"}
    kernel.run(PLOTS.format(titles=TITLES[:4]), cell="plots")
    expect(contents).to_have_count(0)


def test_typing_filters_the_contents_and_an_entry_leads_to_its_plot(
    kernel: Kernel, link: str, visit: Open
) -> None:
    kernel.run("%bokeh_share -t Plots", cell="the sharing cell")
    viewer = opened(kernel, link, visit)
    page = viewer.page
    field = page.get_by_role("searchbox", name="Filter the contents")
    field.fill("JUNE cos")
    assert shown(page) == ["Costs of June"]
    assert page.locator(".contents-note").inner_text() == "1 of 8 plots"
    field.fill("nothing")
    assert shown(page) == []
    note = "No plot has “nothing” in its name, title or caption."
    assert page.locator(".contents-note").inner_text() == note
    field.press("Escape")
    assert shown(page) == HEADINGS
    field.fill("roo")
    field.press("Enter")
    page.wait_for_function(IN_VIEW, arg="Rooms")
    assert page.evaluate("document.activeElement.textContent") == "Rooms"
    field.fill("")
    page.locator(".contents-entry", has_text="Sales").click()
    page.wait_for_function(IN_VIEW, arg="Sales")
    expect(page.locator(".contents-entry[aria-current]")).to_contain_text("Sales")
    page.locator(".contents-entry", has_text="Rooms").click()
    page.wait_for_function(IN_VIEW, arg="Rooms")
    assert re.fullmatch(re.escape(link) + "#plot=[0-9a-f]{8}", page.url)
    page.goto("about:blank")
    page.go_back()
    page.wait_for_function(IN_VIEW, arg="Rooms")


def test_a_plot_that_changed_is_marked_until_the_viewer_looks(kernel: Kernel, link: str, visit: Open) -> None:
    viewer = opened(kernel, link, visit)
    page = viewer.page
    page.wait_for_selector("html[data-version]", state="attached")
    marked = page.locator(".contents-entry:has(.change-mark:visible)")
    kernel.run("plots[0].title.text = 'Sales, corrected'\nplots[7].title.text = 'Halls'", cell="change")
    expect(marked).to_have_count(1)
    expect(marked).to_have_text("Halls changed")
    marked.click()
    page.wait_for_function(IN_VIEW, arg="Halls")
    expect(marked).to_have_count(0)
    # headless pages are always visible, so the test makes the page believe that it is not
    page.evaluate("Object.defineProperty(document, 'hidden', { value: true, configurable: true })")
    kernel.run("plots[7].title.text = 'Houses'", cell="change")
    expect(marked).to_have_text("Houses changed")
    page.evaluate("""() => {
        delete document.hidden;
        document.dispatchEvent(new Event("visibilitychange"));
    }""")
    expect(marked).to_have_count(0)


@pytest.mark.parametrize("width", [390, 1280])
def test_in_a_window_that_is_not_wide_a_button_opens_the_contents(
    kernel: Kernel, link: str, visit: Open, axe: str, width: int
) -> None:
    viewer = opened(kernel, link, visit, viewport={"width": width, "height": 800})
    page = viewer.page
    contents = page.get_by_role("navigation", name="Contents")
    button = page.get_by_role("button", name="Contents", exact=True)
    expect(contents).to_have_count(0)
    button.click()
    expect(contents).to_be_visible()
    assert button.get_attribute("aria-expanded") == "true"
    assert page.evaluate("document.activeElement.type") == "search"
    assert violations(viewer, axe) == []
    page.keyboard.press("Escape")
    expect(contents).to_have_count(0)
    assert button.evaluate("(button) => button === document.activeElement")
    page.keyboard.press("Enter")
    page.locator(".contents-entry", has_text="Rooms").click()
    page.wait_for_function(IN_VIEW, arg="Rooms")
    expect(contents).to_have_count(0)
    kernel.run("plots[0].title.text = 'Sales, corrected'", cell="change")
    expect(page.get_by_role("button", name="Contents: 1 plot has changed")).to_be_visible()
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_wide_page_has_no_violations_and_is_used_by_keyboard(
    kernel: Kernel, link: str, visit: Open, axe: str, scheme: str
) -> None:
    viewer = opened(kernel, link, visit, color_scheme=scheme)
    page = viewer.page
    assert violations(viewer, axe) == []
    for _ in range(10):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('.skip-button')"):
            break
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.textContent") == "Sales"
    page.get_by_role("searchbox").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.textContent").strip().startswith("Costs of May")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    assert page.evaluate("document.activeElement.type") == "search"
