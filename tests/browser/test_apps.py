"""Apps in a real browser: each viewer's own document, its options, and how it ends or changes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect
from support.notebook_pages import Kernel, Open, Viewer

TREND = '''
from typing import Annotated, Literal
from annotated_types import Interval
from bokeh_share import share

def trend(color: Literal["red", "blue"] = "red", days: Annotated[int, Interval(ge=1, le=365)] = 30):
    """Daily sales."""
    p = figure(title=f"{days} days", width=400, height=300, x_range=(0, 10), y_range=(0, 10))
    p.line([1, 2, 3], [4, 5, 6], line_color=color)
    return p
'''
DOCUMENT = """
from bokeh.models import Button, Div
from bokeh.layouts import column
from bokeh_share import share

def clicks(doc):
    button, text = Button(label="count"), Div(text="0 clicks")
    counts = [0]
    def click():
        counts[0] += 1
        text.text = f"{counts[0]} clicks"
    button.on_click(click)
    doc.add_root(column(button, text))
"""
OPENED = "(times) => Number(document.querySelector('.app .plot').dataset.openCount) >= times"
TITLES = """() => Bokeh.documents.flatMap((shown) => [...shown._all_models.values()])
    .filter(({ title }) => title?.text).map(({ title }) => title.text)"""
FIGURE_VIEW = "Bokeh.documents.at(-1).views_manager.query_one(({ canvas_view }) => canvas_view)"
RANGE = """() => {
    const models = Bokeh.documents.flatMap((shown) => [...shown._all_models.values()]);
    const [figure] = models.filter(({ x_range }) => x_range);
    return [figure.x_range.start, figure.x_range.end];
}"""


def opened(viewer: Viewer, times: int = 1) -> Viewer:
    """Once the app's document is drawn."""
    viewer.page.wait_for_function(OPENED, arg=times)
    return viewer


def titles(viewer: Viewer) -> list[str]:
    found: list[str] = viewer.page.evaluate(TITLES)
    return found


def until_titled(viewer: Viewer, title: str) -> None:
    viewer.page.wait_for_function(f"(title) => ({TITLES})().includes(title)", arg=title)


def zoom(viewer: Viewer) -> list[float]:
    """Pan the plot by hand, and say what it shows then."""
    box = viewer.page.locator(".app .plot .bk-Canvas").first.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    before = viewer.page.evaluate(RANGE)
    mouse = viewer.page.mouse
    mouse.move(x, y)
    mouse.down()
    mouse.move(x + 31, y + 17, steps=3)
    mouse.up()
    viewer.page.wait_for_function(f"(before) => ({RANGE})()[0] !== before[0]", arg=before)
    found: list[float] = viewer.page.evaluate(RANGE)
    return found


@pytest.fixture
def trend(kernel: Kernel, link: str) -> str:
    """The link of an app with widgets."""
    kernel.run(f"{TREND}\nshare(trend, controls=True)", cell="trend")
    return f"{link}trend"


def test_the_page_lists_an_app_with_its_title_docstring_and_link(
    kernel: Kernel, link: str, visit: Open
) -> None:
    kernel.run(f"{TREND}\nshare(trend)", cell="trend")
    viewer = visit(link)
    card = viewer.page.locator("section.card.app")
    expect(card.get_by_role("heading")).to_have_text("trend")
    expect(card.locator(".caption")).to_have_text("Daily sales.")
    expect(viewer.page.locator(".state-notice")).to_be_hidden()
    card.get_by_role("link").click()
    opened(viewer)
    assert urlsplit(viewer.page.url).path == urlsplit(link).path + "trend"
    assert titles(viewer) == ["30 days"]
    expect(viewer.page.get_by_role("heading", level=1)).to_have_text("trend")
    viewer.page.get_by_role("link", name="All plots").click()
    expect(card.get_by_role("heading")).to_have_text("trend")
    assert viewer.page.url == link


def test_an_app_has_the_menus_of_a_plot_and_of_a_page(kernel: Kernel, visit: Open, trend: str) -> None:
    clipboard = {"permissions": ["clipboard-read", "clipboard-write"]}
    viewer = opened(visit(f"{trend}?color=blue&days=7", **clipboard))
    page = viewer.page
    items, card = page.get_by_role("menuitem"), page.locator(".card.app")
    expect(card.locator("header .caption")).to_have_text("Daily sales.")
    page.get_by_role("button", name="Menu of this page").click()
    expect(items).to_have_text(["Copy link to this app", "Print"])
    items.first.click()
    expect(page.locator(".page-header .menu-status")).to_contain_text("The link is copied.")
    assert page.evaluate("navigator.clipboard.readText()") == f"{trend}?color=blue&days=7"

    button = page.get_by_role("button", name="Menu of this app")
    button.click()
    pictures = ["Save as PNG", "Save as PNG, twice as large", "Copy as picture"]
    expect(items).to_have_text(["Full screen", "Download data…", *pictures])
    with page.expect_download() as download:
        page.get_by_role("menuitem", name="Save as PNG", exact=True).click()
    assert download.value.suggested_filename == "trend.png"
    button.click()
    page.get_by_role("menuitem", name="Download data…").click()
    with page.expect_download() as download:
        page.get_by_role("dialog").get_by_role("button", name="Download CSV").click()
    assert download.value.path().read_text().splitlines() == ["\ufeffx,y", "1,4", "2,5", "3,6"]

    button.click()
    page.get_by_role("menuitem", name="Full screen").click()
    page.wait_for_function("() => document.fullscreenElement === document.querySelector('.card.app')")
    page.wait_for_function("() => new DOMMatrix(document.querySelector('.plot').style.transform).a > 1")
    place = zoom(viewer)
    page.keyboard.press("Escape")
    expect(page.locator(".full-screen, .magnified")).to_have_count(0)
    assert page.evaluate(RANGE) == place
    kernel.run("%bokeh_share --no-download")
    button.click()
    expect(page.get_by_role("menuitem", name="Save as PNG", exact=True)).to_be_visible()
    expect(page.get_by_role("menuitem", name="Download data…")).to_have_count(0)


def test_the_address_has_the_options(trend: str, visit: Open) -> None:
    viewer = opened(visit(f"{trend}?color=blue&days=7"))
    assert titles(viewer) == ["7 days"]


def test_a_link_with_a_name_and_a_password_in_it_opens_the_app(trend: str, visit: Open) -> None:
    """As of a proxy that asks for them."""
    assert titles(opened(visit(trend.replace("://", "://ann:secret@", 1)))) == ["30 days"]


def test_a_widget_changes_the_plot_in_place_and_the_address_follows(trend: str, visit: Open) -> None:
    viewer = opened(visit(trend))
    viewer.mark()
    place = zoom(viewer)
    viewer.page.get_by_label("color").select_option("blue")
    viewer.page.wait_for_url(f"{trend}?color=blue")
    slider = viewer.page.get_by_role("slider")
    slider.focus()
    slider.press("ArrowRight")
    viewer.page.wait_for_url(f"{trend}?color=blue&days=31")
    until_titled(viewer, "31 days")
    assert viewer.page.evaluate(RANGE) == place
    assert viewer.page.evaluate("window.__mark") == "still here"


def test_a_link_that_a_colleague_copies_shows_what_they_saw(trend: str, visit: Open) -> None:
    first = opened(visit(trend))
    first.page.get_by_label("color").select_option("blue")
    first.page.wait_for_url(f"{trend}?color=blue")
    second = opened(visit(first.page.url))
    expect(second.page.get_by_label("color")).to_have_value("blue")
    expect(first.page.get_by_label("color")).to_have_value("blue")


def test_each_viewer_has_a_document_of_their_own_and_python_callbacks(
    kernel: Kernel, link: str, visit: Open
) -> None:
    kernel.run(f"{DOCUMENT}\nshare(clicks)", cell="clicks")
    one, other = opened(visit(f"{link}clicks")), opened(visit(f"{link}clicks"))
    for count in (1, 2):
        one.page.get_by_role("button", name="count").click()
        expect(one.page.get_by_text(f"{count} clicks")).to_be_visible()
    expect(other.page.get_by_text("0 clicks")).to_be_visible()


def test_another_version_is_shown_in_place_with_the_options_that_were_chosen(
    kernel: Kernel, trend: str, visit: Open
) -> None:
    viewer = opened(visit(f"{trend}?days=7"))
    viewer.mark()
    place = zoom(viewer)
    kernel.run(f"{TREND.replace('} days', '} nights')}\nshare(trend, controls=True)", cell="trend")
    until_titled(viewer, "7 nights")
    assert viewer.page.evaluate(RANGE) == place
    assert viewer.page.evaluate("window.__mark") == "still here"


def test_another_version_that_fills_a_document_takes_the_place_of_the_former(
    kernel: Kernel, link: str, visit: Open
) -> None:
    kernel.run(f"{DOCUMENT}\nshare(clicks)", cell="clicks")
    viewer = opened(visit(f"{link}clicks"))
    viewer.mark()
    kernel.run(f"{DOCUMENT.replace('0 clicks', 'none so far')}\nshare(clicks)", cell="clicks")
    expect(viewer.page.get_by_text("none so far")).to_be_visible()
    expect(viewer.page.get_by_text("0 clicks")).to_have_count(0)
    assert viewer.page.evaluate("window.__mark") == "still here"


def test_while_a_cell_runs_the_page_says_that_it_waits_and_opens_when_the_kernel_can(
    kernel: Kernel, trend: str, visit: Open, tmp_path: Path
) -> None:
    with kernel.busy(tmp_path):
        viewer = visit(trend, state="busy")
        expect(
            viewer.page.get_by_text("The author’s notebook is running. This app opens when it is done.")
        ).to_be_visible()
    viewer.wait_for_state("live")
    opened(viewer)
    expect(
        viewer.page.get_by_text("The author’s notebook is running. This app opens when it is done.")
    ).to_have_count(0)
    viewer.troubles[:] = [text for text in viewer.troubles if "503" not in text]


def test_a_control_that_is_used_while_a_cell_runs_is_marked_as_waiting_and_the_plot_as_old(
    kernel: Kernel, trend: str, visit: Open, tmp_path: Path
) -> None:
    viewer = opened(visit(trend))
    waiting = viewer.page.locator(".waiting-text")
    opacity = f"() => {FIGURE_VIEW}.canvas_view.el.style.opacity"
    select = viewer.page.get_by_label("color")
    with kernel.busy(tmp_path):
        select.select_option("blue")
        expect(waiting).to_have_text(
            "Your change waits for the author’s notebook. The app shows the state before it."
        )
        expect(viewer.page.locator("[aria-busy=true]").get_by_label("color")).to_be_visible()
        expect(viewer.page.locator("[aria-busy=true]").get_by_role("slider")).to_have_count(0)
        assert viewer.page.evaluate(opacity) == "0.45"
    viewer.page.wait_for_url(f"{trend}?color=blue")
    expect(waiting).to_be_hidden()
    expect(viewer.page.locator("[aria-busy=true]")).to_have_count(0)
    assert viewer.page.evaluate(opacity) == ""
    viewer.wait_for_state("live")


def test_a_viewer_whose_network_was_lost_has_the_same_document_again(
    kernel: Kernel, link: str, visit: Open
) -> None:
    kernel.run(f"{DOCUMENT}\nshare(clicks)", cell="clicks")
    viewer = opened(visit(f"{link}clicks"))
    viewer.page.get_by_role("button", name="count").click()
    expect(viewer.page.get_by_text("1 clicks")).to_be_visible()
    with viewer.without_server():
        viewer.page.context.set_offline(True)
        viewer.page.context.set_offline(False)
        # where the machine has no other network, the browser was never online
        viewer.page.evaluate("window.dispatchEvent(new Event('online'))")
        opened(viewer, 2)
    expect(viewer.page.get_by_text("1 clicks")).to_be_visible()
    viewer.page.get_by_role("button", name="count").click()
    expect(viewer.page.get_by_text("2 clicks")).to_be_visible()


def test_an_app_that_fails_says_so_without_the_authors_traceback(
    kernel: Kernel, link: str, visit: Open
) -> None:
    kernel.run(
        "from bokeh_share import share\ndef broken():\n    secret = 7\n    return 1 / 0\nshare(broken)",
        cell="b",
    )
    viewer = opened(visit(f"{link}broken"))
    expect(
        viewer.page.get_by_text("The app failed with these options. The author sees the error.")
    ).to_be_visible()
    expect(viewer.page.locator(".plot")).to_be_hidden()
    assert not re.search("ZeroDivision|secret|Traceback", viewer.page.content())


def test_a_choice_that_fails_leaves_the_plot_unchanged_and_says_so(
    kernel: Kernel, link: str, visit: Open
) -> None:
    kernel.run(
        f"{TREND.replace('p.line', 'assert days != 31; p.line')}\nshare(trend, controls=True)", cell="trend"
    )
    viewer = opened(visit(f"{link}trend"))
    slider = viewer.page.get_by_role("slider")
    slider.focus()
    slider.press("ArrowRight")
    failed = viewer.page.get_by_text("The app failed with these options. The author sees the error.")
    expect(failed).to_be_visible()
    assert titles(viewer) == ["30 days"]
    assert viewer.page.url == f"{link}trend"
    slider.press("ArrowRight")
    until_titled(viewer, "32 days")
    expect(failed).to_be_hidden()


def test_an_app_that_fails_with_the_options_of_the_address_keeps_its_controls(
    kernel: Kernel, link: str, visit: Open
) -> None:
    code = TREND.replace("p.line", "assert color != 'blue'; p.line")
    kernel.run(f"{code}\nshare(trend, controls=True)", cell="trend")
    viewer = opened(visit(f"{link}trend?color=blue"))
    failed = viewer.page.get_by_text("The app failed with these options. The author sees the error.")
    expect(failed).to_be_visible()
    viewer.page.get_by_label("color").select_option("red")
    until_titled(viewer, "30 days")
    expect(failed).to_be_hidden()
    viewer.page.wait_for_url(f"{link}trend")


def test_an_app_may_give_its_page_a_title(kernel: Kernel, link: str, visit: Open) -> None:
    code = DOCUMENT.replace("    doc.add_root", "    doc.title = 'How <often>?'\n    doc.add_root")
    kernel.run(f"{code}\nshare(clicks)", cell="clicks")
    viewer = opened(visit(f"{link}clicks"))
    expect(viewer.page.locator("h1")).to_have_text("How <often>?")
    assert viewer.page.title() == "How <often>?"


def test_an_app_follows_the_share_to_another_port_with_its_options(
    kernel: Kernel, trend: str, visit: Open
) -> None:
    viewer = opened(visit(f"{trend}?days=7"))
    with viewer.without_server():
        kernel.run("%bokeh_share --port 5099", cell="the sharing cell")
        viewer.page.wait_for_url(lambda url: urlsplit(url).port == 5099)
        opened(viewer)
    assert urlsplit(viewer.page.url).query == "days=7"
    assert titles(viewer) == ["7 days"]


def test_an_app_that_is_shared_again_after_an_end_is_opened_again_by_itself(
    kernel: Kernel, trend: str, visit: Open
) -> None:
    viewer = opened(visit(f"{trend}?days=7"))
    with viewer.without_server():
        kernel.run("%bokeh_share --stop")
        viewer.wait_for_state("ended")
        until_titled(viewer, "7 days")
        kernel.run("%bokeh_share", cell="the sharing cell")
        viewer.wait_for_state("live")
        opened(viewer, 2)
    assert titles(viewer) == ["7 days"]


def test_a_wide_plot_scrolls_inside_its_card(kernel: Kernel, link: str, visit: Open) -> None:
    kernel.run(f"{TREND.replace('width=400', 'width=900')}\nshare(trend)", cell="trend")
    viewer = opened(visit(f"{link}trend", viewport={"width": 390, "height": 800}))
    viewer.page.wait_for_selector(".plot.overflowing")
    assert (
        viewer.page.evaluate("(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)(document.body)")
        == 0
    )


def test_a_wrong_address_of_an_app_without_controls_says_what_is_allowed(
    kernel: Kernel, link: str, browser: Any
) -> None:
    kernel.run(f"{TREND}\nshare(trend)", cell="trend")
    page = browser.new_page()
    answer = page.goto(f"{link}trend?days=<b>x</b>")
    assert answer is not None
    assert answer.status == 400
    expect(page.locator(".notice")).to_contain_text(
        "The address of this page is wrong: days cannot be '<b>x</b>': give a whole number from 1 to 365."
    )
    page.goto(f"{link}trend?dayz=7")
    expect(page.locator(".notice")).to_have_text(
        "The address of this page is wrong: there is no option 'dayz': did you mean 'days'?"
        " Open the app with its default values."
    )
    page.get_by_role("link", name="Open the app with its default values.").click()
    page.wait_for_function(OPENED, arg=1)
    page.close()


def test_a_wrong_address_of_an_app_with_controls_says_so_and_lets_the_viewer_choose(
    trend: str, browser: Any
) -> None:
    page = browser.new_page()
    address = f"{trend}?color=green&days=7"
    answer = page.goto(address)
    assert answer is not None
    assert answer.status == 400
    page.wait_for_function(OPENED, arg=1)
    problem = page.get_by_text(
        "The address of this page is wrong: 'green' is no color: choose red or blue."
        " The default value is shown."
    )
    expect(problem).to_be_visible()
    assert page.url == address
    select = page.get_by_label("color")
    expect(select).to_have_value("red")
    assert page.evaluate(TITLES) == ["7 days"]
    select.select_option("blue")
    page.wait_for_url(f"{trend}?color=blue&days=7")
    expect(problem).to_be_hidden()
    page.close()
