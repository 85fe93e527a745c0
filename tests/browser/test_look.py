"""How the page reads: wide and narrow, light and dark, empty, by keyboard and to a screen reader."""

from __future__ import annotations

import ssl
from dataclasses import replace

import pytest
from card.test_card import LIVE
from playwright.sync_api import Browser, ViewportSize
from support.notebook_pages import Kernel, Open, Viewer

from bokeh_share.card.note import Note, Section, Severity
from bokeh_share.card.notes import list_access_notes
from bokeh_share.server.certificate import Certificate

ONE_PAIRING = pytest.mark.one_pairing
"""Texts and colours of the page's own, around plots that only have to be there."""
PLOTS = """
from bokeh.layouts import row
a = figure(title="stretched", height=300, sizing_mode="stretch_width")
a.line([1, 2, 3], [3, 1, 2])
show(a)
b = figure(title="wide", height=200, width=1800)
b.line([1, 2, 3], [3, 1, 2])
show(b)
show(row(*(figure(height=150, width=400, x_range=(0, 1), y_range=(0, 1)) for _ in range(4))))
"""
ANIMATED = """() => document.getAnimations()
    .flatMap(({ effect }) => effect.getKeyframes().flatMap(Object.keys))
    .filter((name) => !["offset", "computedOffset", "easing", "composite"].includes(name))"""
"""What changes in the animations that run now. Browsers paint nothing again to change the opacity."""
LONG = "a_name_that_is_a_good_deal_longer_than_a_phone_is_wide_" * 2
SIZES = {"desk": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}


def scrolls_sideways(viewer: Viewer) -> bool:
    """Return True if a person can scroll the page sideways: by its width, and by trying."""
    tried: bool = viewer.page.evaluate("""() => {
        const page = document.scrollingElement;
        const least = page.scrollLeft;
        page.scrollLeft = 500;
        const moved = page.scrollLeft !== least;
        page.scrollLeft = least;
        return moved || page.scrollWidth > page.clientWidth;
    }""")
    return tried


def luminance(viewer: Viewer, selector: str, what: str) -> float:
    read = "([selector, what]) => getComputedStyle(document.querySelector(selector))[what]"
    color = viewer.page.evaluate(read, [selector, what])
    red, green, blue = (int(part) for part in color[color.index("(") + 1 : -1].split(",")[:3])
    return (0.3 * red + 0.6 * green + 0.1 * blue) / 255


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_itself_never_scrolls_sideways(
    kernel: Kernel, link: str, visit: Open, size: str, scheme: str
) -> None:
    kernel.run(PLOTS, cell="c1")
    kernel.show(LONG, "show(a)")
    viewer = visit(link, viewport=SIZES[size], color_scheme=scheme).in_step_with(kernel)
    assert not scrolls_sideways(viewer)
    for card in viewer.page.locator("section.card").all():
        box = card.bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= SIZES[size]["width"]
    wide = viewer.page.locator(".plot").nth(1)
    assert wide.evaluate("(plot) => plot.scrollWidth > plot.clientWidth"), "a wide plot scrolls in its card"


@ONE_PAIRING
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_stand_out_from_the_ground_in_light_and_dark(
    kernel: Kernel, link: str, visit: Open, scheme: str
) -> None:
    kernel.show("sales", "a = figure(height=200)\na.line([1, 2], [2, 1])\nshow(a)")
    viewer = visit(link, color_scheme=scheme).in_step_with(kernel)
    ground = luminance(viewer, "html", "backgroundColor")
    assert (ground < 0.3) == (scheme == "dark")
    card = luminance(viewer, "section.card", "backgroundColor")
    assert abs(luminance(viewer, "h1", "color") - ground) > 0.5
    assert abs(luminance(viewer, "section.card h2", "color") - card) > 0.5


def test_a_stretched_plot_follows_the_window(kernel: Kernel, link: str, visit: Open) -> None:
    code = "a = figure(height=200, sizing_mode='stretch_width')\na.line([1, 2], [2, 1])\nshow(a)"
    kernel.run(code, cell="c1")
    viewer = visit(link).in_step_with(kernel)
    viewer.page.set_viewport_size(SIZES["phone"])
    viewer.page.wait_for_function("document.querySelector('.bk-Figure').clientWidth < 390")
    # The figure narrows first, and what is around it a frame or two later.
    viewer.page.wait_for_function("document.scrollingElement.scrollWidth <= innerWidth")
    assert not scrolls_sideways(viewer)
    viewer.page.set_viewport_size(SIZES["desk"])
    viewer.page.wait_for_function("document.querySelector('.bk-Figure').clientWidth > 900")


@ONE_PAIRING
def test_an_empty_page_says_so_and_shows_its_title(kernel: Kernel, link: str, visit: Open) -> None:
    viewer = visit(link)
    viewer.page.locator(".state-notice").wait_for(state="visible")
    assert viewer.page.title() == viewer.page.locator("h1").inner_text() == "Plots"
    kernel.run("%bokeh_share -t 'Sales <b>2026</b>'", cell="c1")
    viewer.page.wait_for_function("document.title === 'Sales <b>2026</b>'")
    assert viewer.page.locator("h1").inner_text() == "Sales <b>2026</b>"


@ONE_PAIRING
def test_a_name_is_shown_as_text_whatever_is_in_it(kernel: Kernel, link: str, visit: Open) -> None:
    name = "<img src=x onerror=alert(1)>"
    share = "from bokeh_share import share\na = figure(height=200)\na.line([1, 2], [2, 1])\n"
    kernel.run(f"{share}_ = share(a, name={name!r})", cell="c1")
    viewer = visit(link).in_step_with(kernel)
    assert viewer.page.locator("section.card h2").inner_text() == name
    assert viewer.page.locator("section.card img").count() == 0


@ONE_PAIRING
def test_a_screen_reader_reads_what_is_what(kernel: Kernel, link: str, visit: Open) -> None:
    kernel.show("sales", "a = figure(height=200)\na.line([1, 2], [2, 1])\nshow(a)")
    viewer = visit(link).in_step_with(kernel)
    page = viewer.page
    assert page.get_by_role("heading", level=1, name="Plots").is_visible()
    assert page.get_by_role("heading", level=2, name="sales").is_visible()
    assert page.get_by_role("region", name="Plot sales").is_visible()
    assert page.get_by_role("status").inner_text() == "Live"


@ONE_PAIRING
def test_a_link_to_a_named_plot_goes_there(kernel: Kernel, link: str, visit: Open) -> None:
    kernel.run(PLOTS, cell="c1")
    kernel.show("sales", "show(a)")
    viewer = visit(link + "#sales").in_step_with(kernel)
    top = "document.getElementById('sales').getBoundingClientRect().top"
    viewer.page.wait_for_function(f"{top} < innerHeight")


@ONE_PAIRING
def test_a_card_that_changed_glows_and_one_that_did_not_does_not(
    kernel: Kernel, link: str, visit: Open
) -> None:
    kernel.show("one", "a = figure(height=200)\na.line([1, 2], [2, 1])\nshow(a)")
    kernel.show("two", "b = figure(height=200)\nb.line([1, 2], [2, 1])\nshow(b)")
    viewer = visit(link, reduced_motion="no-preference").in_step_with(kernel)
    assert viewer.page.locator(".highlighted").count() == 0
    kernel.run("a.title.text = 'changed'", cell="c3")
    viewer.in_step_with(kernel)
    viewer.page.locator("#one.highlighted").wait_for()
    assert set(viewer.page.evaluate(ANIMATED)) == {"opacity"}
    assert viewer.page.locator("#two.highlighted").count() == 0
    viewer.page.locator("#one:not(.highlighted)").wait_for()


@ONE_PAIRING
def test_the_card_fits_a_narrow_notebook(browser: Browser) -> None:
    certificate = Certificate(ssl.create_default_context(), ":".join(["A3"] * 32), is_generated=True)
    notes = [
        *list_access_notes(
            has_password=True,
            certificate=certificate,
            wrong_password_count=1204,
            wrong_password_address="fe80::5054:ff:fe12:3456",
        ),
        Note(LONG, Section.DATA),
        Note(LONG, severity=Severity.MISSING),
    ]
    card = replace(LIVE, is_link_saved=True, app_names=(LONG,), notes=tuple(notes), status_note=LONG)
    page = browser.new_page(viewport=ViewportSize(width=390, height=844))
    page.set_content(card.to_html())
    for details in page.locator("summary").all():
        details.click()
    assert page.locator("details[open]").count() == 2
    wide = (
        "() => [...document.querySelectorAll('*')].filter((each) => each.getBoundingClientRect().right > 390)"
    )
    assert page.evaluate(f"({wide})().map((each) => each.outerHTML)") == []
    page.close()
