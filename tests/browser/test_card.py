"""The author's card in a browser: Copy, details that stay open, keyboard, colours, and without its script."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from card.test_card import HUB, LIVE
from playwright.sync_api import Browser, Page, expect

from bokeh_share.card.card import Card
from bokeh_share.card.note import Note, Section, Severity

pytestmark = pytest.mark.one_pairing
SECURE, INSECURE = "http://localhost:8888/", "http://author.test:8888/"
LINK = LIVE.links[0].url
FRAME = """<!doctype html><title>notebook</title>
<body{attributes}><div id="output">{html}</div><textarea aria-label="Paste here"></textarea>"""
SET_OUTPUT = """(html) => {
    const output = document.getElementById("output");
    output.innerHTML = html;
    for (const old of output.querySelectorAll("script")) {
        const script = document.createElement("script");
        script.textContent = old.textContent;
        old.replaceWith(script);
    }
}"""
"""As JupyterLab renders an output of a trusted notebook, also when it is updated."""
NOTES = (
    Note("cannot share 'costs'", severity=Severity.MISSING),
    Note("'Sales' also sends customer_email, margin", Section.DATA, Severity.EXPOSED),
    Note("Bokeh 3.99.0 was not tested yet"),
)
ShowCard = Callable[..., Page]


@pytest.fixture
def show(browser: Browser) -> Iterator[ShowCard]:
    """Opens a notebook's page at an address, with a card."""
    contexts = []

    def show_card(
        card: Card = LIVE,
        *,
        at: str = INSECURE,
        attributes: str = "",
        now: datetime | None = None,
        **options: Any,
    ) -> Page:
        contexts.append(browser.new_context(**options))
        page = contexts[-1].new_page()
        if now is not None:
            page.clock.set_fixed_time(now)
        html = FRAME.format(attributes=attributes, html=card.to_html("it"))
        page.route(at, lambda route: route.fulfill(body=html, content_type="text/html; charset=utf-8"))
        page.goto(at)
        return page

    yield show_card
    for context in contexts:
        context.close()


def paste(page: Page) -> str:
    page.get_by_label("Paste here").click()
    page.keyboard.press("Control+v")
    return page.get_by_label("Paste here").input_value()


@pytest.mark.parametrize("at", [SECURE, INSECURE])
def test_copy_copies_the_link_wherever_notebooks_run(show: ShowCard, at: str) -> None:
    page = show(at=at, permissions=["clipboard-read", "clipboard-write"] if at == SECURE else [])
    assert page.evaluate("[isSecureContext, !!navigator.clipboard]") == [at == SECURE] * 2
    copy = page.locator(".bsc-actions").get_by_role("button")
    copy.click()
    expect(copy).to_have_text("Copied")
    expect(page.get_by_role("status")).to_have_text("Link copied")
    assert paste(page) == LINK
    expect(copy).to_have_text("Copy")


def test_where_the_browser_lets_no_page_copy_the_link_is_selected_for_the_author(show: ShowCard) -> None:
    page = show()
    page.evaluate("() => { document.execCommand = () => false; }")
    copy = page.locator(".bsc-actions").get_by_role("button")
    copy.click()
    expect(copy).to_have_text("Press Ctrl+C")
    assert page.evaluate("getSelection().toString()") == LINK
    page.keyboard.press("Control+c")
    assert paste(page) == LINK


def test_where_the_clipboard_is_forbidden_the_link_is_copied_all_the_same(show: ShowCard) -> None:
    page = show(at=SECURE)
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new DOMException('no')); }")
    page.get_by_role("button", name="Copy").first.click()
    expect(page.get_by_role("status")).to_have_text("Link copied")
    assert paste(page) == LINK


def test_each_address_in_the_details_has_a_copy_of_its_own(show: ShowCard) -> None:
    page = show(replace(LIVE, app_names=("trend",)))
    page.get_by_text("Access").first.click()
    page.get_by_role("button", name=f"Copy {LINK}trend").click()
    assert paste(page) == f"{LINK}trend"


def test_open_and_the_link_lead_to_the_page_in_another_tab_and_tell_it_nothing(show: ShowCard) -> None:
    page = show()
    for link in (page.get_by_role("link", name="Open"), page.get_by_role("link", name=LINK)):
        assert [link.get_attribute(name) for name in ("href", "target", "rel")] == [
            LINK,
            "_blank",
            "noreferrer",
        ]


def test_what_was_opened_stays_open_when_the_card_is_updated(show: ShowCard) -> None:
    page = show()
    qr, more = page.locator(".bsc-qr"), page.locator(".bsc-more")
    expect(page.get_by_role("img", name="The link as a QR code")).not_to_be_visible()
    qr.locator("summary").click()
    expect(page.get_by_role("img", name="The link as a QR code")).to_be_visible()
    page.evaluate(SET_OUTPUT, replace(LIVE, viewer_count=2).to_html("it"))
    expect(page.get_by_text("2 viewers")).to_be_visible()
    expect(page.get_by_role("img", name="The link as a QR code")).to_be_visible()
    expect(more).not_to_have_attribute("open", "")
    qr.locator("summary").click()
    page.evaluate(SET_OUTPUT, LIVE.to_html("it"))
    expect(page.get_by_role("img", name="The link as a QR code")).not_to_be_visible()
    page.evaluate(SET_OUTPUT, LIVE.to_html("another") + LIVE.to_html("it"))
    assert page.locator("details[open]").count() == 0
    assert page.get_by_role("button", name="Copy").count() == 2, "each card is prepared"


def test_the_focus_stays_where_it_is_when_the_card_is_updated(show: ShowCard) -> None:
    page = show()
    page.get_by_role("link", name="Open").focus()
    page.evaluate(SET_OUTPUT, replace(LIVE, viewer_count=2).to_html("it"))
    expect(page.get_by_role("link", name="Open")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator(".bsc-qr summary")).to_be_focused()
    page.get_by_label("Paste here").focus()
    page.evaluate(SET_OUTPUT, LIVE.to_html("it"))
    expect(page.get_by_label("Paste here")).to_be_focused()
    page.evaluate("document.activeElement.blur()")
    page.evaluate(SET_OUTPUT, replace(LIVE, viewer_count=2).to_html("it"))
    expect(page.locator("body")).to_be_focused()


def test_it_is_used_by_the_keyboard(show: ShowCard) -> None:
    page = show(replace(LIVE, notes=NOTES))
    focus = "document.activeElement.textContent.trim()"
    order = []
    for _ in range(5):
        page.keyboard.press("Tab")
        order.append(page.evaluate(focus))
    assert order == ["Copy", "Open", "QR", LINK, "Access · Data 1 · Problems 1"]
    page.keyboard.press("Enter")
    expect(page.get_by_text("'Sales' also sends customer_email, margin")).to_be_visible()
    outline = page.locator(".bsc-more summary").evaluate("(each) => getComputedStyle(each).outlineStyle")
    assert outline == "solid"


def test_a_screen_reader_reads_the_state_the_controls_and_the_warning(show: ShowCard) -> None:
    page = show(replace(LIVE, notes=NOTES))
    card = page.get_by_role("group", name="bokeh_share")
    assert card.get_by_role("button", name="Copy").first.is_visible()
    assert card.get_by_role("img", name="Warning").is_visible()
    assert card.get_by_text("cannot share 'costs'").is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_to_complain_of(show: ShowCard, axe: str, scheme: str, width: int) -> None:
    ground = {"light": "#fff;color:#111", "dark": "#111;color:#eee"}[scheme]
    view = {"width": width, "height": 800}
    attributes = f" style='background:{ground}'"
    card = replace(LIVE, notes=NOTES, app_names=("trend",), status_note="already sharing")
    page = show(card, attributes=attributes, color_scheme=scheme, viewport=view)
    for summary in page.locator("summary").all():
        summary.click()
    page.evaluate(axe)
    found = page.evaluate(
        "async () => (await axe.run('.bokeh-share-card')).violations.map(({ id, nodes }) => "
        "[id, ...nodes.map(({ html }) => html)])"
    )
    assert found == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("ground", ["", ' data-jp-theme-light="{}"', ' class="vscode-{}"'])
def test_its_colours_stand_out_from_the_ground(show: ShowCard, scheme: str, ground: str) -> None:
    value = {"light": "true", "dark": "false"}[scheme] if "jp" in ground else scheme
    # a front end's theme counts, whichever the system has
    system: Any = {"light": "dark", "dark": "light"}[scheme] if ground else scheme
    colours = "background:#fff;color:#111" if scheme == "light" else "background:#111;color:#eee"
    page = show(
        replace(LIVE, notes=NOTES),
        attributes=f"{ground.format(value)} style='{colours}'",
        color_scheme=system,
    )
    for selector in (".bsc-state", ".bsc-link a", "a.bsc-button", ".bsc-sign", ".bsc-link .bsc-muted"):
        assert contrast(page, selector) >= (3 if selector == ".bsc-sign" else 4.5), selector


def contrast(page: Page, selector: str) -> float:
    """Of a text with the page's ground, by WCAG 2."""
    read = """(each) => {
        const canvas = new OffscreenCanvas(1, 1).getContext("2d");
        const colors = [document.body, each].map((element, index) => {
            const style = getComputedStyle(element);
            canvas.fillStyle = index ? style.color : style.backgroundColor;
            canvas.fillRect(0, 0, 1, 1);
            return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
        });
        const light = colors.map((color) => color
            .map((part) => part / 255)
            .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
            .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0));
        return (Math.max(...light) + 0.05) / (Math.min(...light) + 0.05);
    }"""
    found: float = page.locator(selector).first.evaluate(read)
    return found


def test_a_card_of_another_day_says_the_date(show: ShowCard) -> None:
    page = show()  # of 1970
    expect(page.locator(".bsc-state")).to_contain_text("live at 1970-01-01 ")
    page = show(java_script_enabled=False)
    expect(page.locator(".bsc-state")).to_contain_text("live at 1970-01-01 ")


def test_a_card_of_today_says_the_time_until_the_notebook_is_looked_at_on_another_day(show: ShowCard) -> None:
    noon = datetime(2026, 3, 5, 12, 0)  # in the zone of this machine, as the browser's
    page = show(replace(LIVE, timestamp=noon.timestamp()), now=noon)
    state = page.locator(".bsc-state")
    expect(state).to_contain_text("live at 12:00 ")
    page.clock.set_fixed_time(noon + timedelta(days=1))
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(state).to_contain_text("live at 2026-03-05 12:00 ")


@pytest.mark.parametrize("is_jupyter", [True, False])
def test_a_link_through_jupyter_has_the_host_of_the_page_that_it_stands_on(
    show: ShowCard, is_jupyter: bool
) -> None:
    card = replace(LIVE, links=(HUB, *LIVE.links), is_local=True)
    config = '><script id="jupyter-config-data" type="application/json">{}</script'
    page = show(card, at=SECURE, attributes=config if is_jupyter else "")
    link = page.locator(".bsc-link a")
    whole = f"{SECURE}{HUB.url[1:]}"
    expect(link).to_have_text(whole if is_jupyter else f"{HUB.url} at the Hub's address")
    page.get_by_role("button", name="Copy").first.click()
    expect(page.get_by_role("status")).to_have_text("Link copied")
    assert paste(page) == whole


def test_without_its_script_it_shows_the_link_and_no_control_that_does_nothing(show: ShowCard) -> None:
    page = show(java_script_enabled=False)
    assert page.get_by_role("button").count() == 0
    expect(page.get_by_role("link", name=LINK)).to_be_visible()
    expect(page.get_by_text("QR")).not_to_be_visible()


@pytest.mark.parametrize("width", [1280, 390, 250])
def test_it_fits_and_its_controls_do_not_overlap(show: ShowCard, width: int) -> None:
    page = show(replace(LIVE, notes=NOTES), viewport={"width": width, "height": 800})
    page.locator(".bsc-qr summary").click()
    controls = "a.bsc-button, button.bsc-button:visible, .bsc-url:visible, .bsc-picture"
    boxes = [each.bounding_box() for each in page.locator(controls).all()]
    for index, one in enumerate(boxes):
        assert one
        assert one["x"] + one["width"] <= width
        for other in boxes[index + 1 :]:
            assert other
            assert (
                one["x"] + one["width"] <= other["x"] + 1
                or other["x"] + other["width"] <= one["x"] + 1
                or one["y"] + one["height"] <= other["y"] + 1
                or other["y"] + other["height"] <= one["y"] + 1
            )
