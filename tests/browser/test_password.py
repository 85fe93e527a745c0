"""The page that asks for the password, and what becomes of the pages of those who have given it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from browser.test_apps import TREND, opened, titles
from browser.test_words import FIGURE, violations
from playwright.sync_api import Browser, BrowserContext, Page, expect
from support.notebook_pages import Kernel, Viewer, difference, link_in

# The page that asks for the password, its cookie and its address are ours, and plots only have to be there.
pytestmark = pytest.mark.one_pairing
PASSWORD = 'open "sesame" ☃ '
USUAL = re.compile(
    r"console error: Failed to load resource: .* status of (401|429) "
    r"|request failed: .* net::ERR_ABORTED|request to somebody else: file:"
)
"""What the browser says of each page that asks for the password, and of each that is left quickly."""
Knock = Callable[..., Viewer]


@pytest.fixture
def locked(kernel: Kernel) -> Iterator[str]:
    """The link of a share with a password, and with a plot."""
    kernel.run(f"import os\nos.environ['BOKEH_SHARE_PASSWORD'] = {PASSWORD!r}", cell="c0")
    link = link_in(kernel.run("%bokeh_share -t Plots --password", cell="the sharing cell"))
    kernel.show("sales", FIGURE)
    yield link
    kernel.run("del os.environ['BOKEH_SHARE_PASSWORD']", cell="c0")


@pytest.fixture
def knock(browser: Browser) -> Iterator[Knock]:
    """Follows a link, in a browser of its own unless one is given. What pages complain of fails the test."""
    viewers: list[Viewer] = []

    def follow(url: str, context: BrowserContext | None = None, **options: Any) -> Viewer:
        context = context or browser.new_context(**{"reduced_motion": "reduce", **options})
        viewers.append(Viewer(context.new_page(), url))
        viewers[-1].page.goto(url)
        return viewers[-1]

    try:
        yield follow
    finally:
        for context in {viewer.page.context for viewer in viewers}:
            context.close()
    troubles = [trouble for viewer in viewers for trouble in viewer.troubles]
    assert [trouble for trouble in troubles if not USUAL.match(trouble)] == []


def give(viewer: Viewer, password: str = PASSWORD) -> Viewer:
    field = viewer.page.get_by_label("Password")
    field.fill(password)
    field.press("Enter")
    return viewer


def entered(viewer: Viewer) -> Viewer:
    give(viewer).wait_for_state("live")
    return viewer


def is_asked(page: Page) -> None:
    expect(page.get_by_role("heading", name="Enter the password")).to_be_visible()


def test_the_link_asks_for_it_and_lets_in_who_gives_it(locked: str, kernel: Kernel, knock: Knock) -> None:
    viewer = knock(locked)
    is_asked(viewer.page)
    assert viewer.page.locator(".card").count() == 0
    assert "Plots" not in viewer.page.content()
    give(viewer, "wrong")
    expect(viewer.page.get_by_role("alert")).to_have_text("This password is wrong.")
    expect(viewer.page.get_by_label("Password")).to_be_focused()
    entered(viewer).in_step_with(kernel)
    assert viewer.page.url == locked
    kernel.show("sales", FIGURE.replace("[2, 1]", "[1, 5]"))
    viewer.in_step_with(kernel)
    viewer.page.reload()
    viewer.wait_for_state("live")
    viewer.in_step_with(kernel)


def test_an_apps_address_and_all_of_it_is_kept(locked: str, kernel: Kernel, knock: Knock) -> None:
    kernel.run(f"{TREND}\nshare(trend)", cell="trend")
    viewer = opened(entered(knock(f"{locked}trend?color=blue&days=7#there")))
    assert viewer.page.url == f"{locked}trend?color=blue&days=7#there"
    assert titles(viewer) == ["7 days"]


def test_the_plot_that_a_link_leads_to_is_kept(locked: str, kernel: Kernel, knock: Knock) -> None:
    viewer = give(knock(f"{locked}#sales"), "wrong")
    expect(viewer.page.get_by_role("alert")).to_be_visible()
    assert entered(viewer).page.url == f"{locked}#sales"


def test_the_address_of_the_question_itself_leads_to_the_page(locked: str, knock: Knock) -> None:
    viewer = give(knock(locked), "wrong")
    expect(viewer.page.get_by_role("alert")).to_be_visible()
    assert viewer.page.url == f"{locked}login"
    viewer.page.goto(f"{locked}login")
    assert entered(viewer).page.url == locked
    viewer.page.goto(f"{locked}login")
    assert viewer.page.url == locked


def test_who_logs_out_is_asked_again_in_all_their_tabs(locked: str, kernel: Kernel, knock: Knock) -> None:
    kernel.run(f"{TREND}\nshare(trend)", cell="trend")
    viewer = entered(knock(locked))
    other = knock(locked, viewer.page.context)
    other.page.wait_for_selector("#sales[data-generation]")
    before = other.captured("sales")
    stranger = entered(knock(locked))
    app = opened(knock(f"{locked}trend", viewer.page.context))
    viewer.page.get_by_role("button", name="Log out").click()
    is_asked(viewer.page)
    for each in (other, app):
        each.wait_for_state("locked")
        expect(each.page.locator(".state-text")).to_have_text("You have logged out")
        expect(each.page.get_by_role("button", name="Log out")).to_have_count(0)
    assert difference(other.captured("sales"), before) is None
    assert titles(app) == ["30 days"]
    assert stranger.page.locator("html").get_attribute("data-state") == "live"
    other.page.get_by_role("button", name="Enter the password").click()
    entered(other)


def test_each_browser_has_to_give_it(locked: str, knock: Knock) -> None:
    entered(knock(locked))
    is_asked(knock(locked).page)


@pytest.mark.parametrize("what", ["", "#there", "?day=7", "trend?days=7#there"])
def test_who_follows_a_link_from_elsewhere_is_not_asked_twice(
    locked: str, kernel: Kernel, knock: Knock, tmp_path: Path, what: str
) -> None:
    kernel.run(f"{TREND}\nshare(trend)", cell="trend")
    viewer = entered(knock(locked))
    elsewhere = tmp_path / "mail.html"
    elsewhere.write_text(f"<a href='{locked}{what}'>look</a>")
    viewer.page.goto(elsewhere.as_uri())
    viewer.page.get_by_role("link", name="look").click()
    viewer.wait_for_state("live")
    assert viewer.page.url == f"{locked}{what}"
    viewer.page.go_back()
    viewer.page.wait_for_url(elsewhere.as_uri())


def test_open_pages_say_that_the_author_has_set_one_and_keep_their_picture(
    kernel: Kernel, link: str, knock: Knock
) -> None:
    kernel.show("sales", FIGURE)
    viewer = knock(link)
    viewer.wait_for_state("live")
    before = viewer.in_step_with(kernel).captured("sales")
    kernel.run(f"from bokeh_share import share\nshare(password={PASSWORD!r})", cell="c1")
    viewer.wait_for_state("locked")
    expect(viewer.page.locator(".state-text")).to_have_text("The author set a password")
    assert difference(viewer.captured("sales"), before) is None
    viewer.page.get_by_role("button", name="Enter the password").click()
    entered(viewer).in_step_with(kernel)


def test_a_page_that_is_locked_goes_on_once_another_tab_has_given_it(
    locked: str, kernel: Kernel, knock: Knock
) -> None:
    viewer = entered(knock(locked))
    other = knock(locked, viewer.page.context)
    other.wait_for_state("live")
    viewer.page.get_by_role("button", name="Log out").click()
    other.wait_for_state("locked")
    other.mark()
    entered(viewer)
    other.wait_for_state("live")
    assert other.page.evaluate("window.__mark") == "still here"


def test_who_tries_too_often_sees_how_long_to_wait(locked: str, knock: Knock) -> None:
    viewer = knock(locked)
    alert = viewer.page.get_by_role("alert")
    for number in range(5):
        with viewer.page.expect_navigation():
            give(viewer, f"wrong {number}")
        expect(alert).to_have_text("This password is wrong.")
    with viewer.page.expect_navigation():
        give(viewer)
    expect(alert).to_have_text(re.compile(r"^Too many wrong passwords\. Try again in [1-6]?\d seconds?\.$"))


def test_all_can_be_done_by_keyboard(locked: str, knock: Knock) -> None:
    viewer = knock(locked)
    expect(viewer.page.get_by_label("Password")).to_be_focused()
    viewer.page.keyboard.insert_text(PASSWORD)
    viewer.page.keyboard.press("Tab")
    expect(viewer.page.get_by_role("button", name="Open")).to_be_focused()
    viewer.page.keyboard.press("Enter")
    viewer.wait_for_state("live")
    viewer.page.keyboard.press("Tab")
    expect(viewer.page.get_by_role("button", name="Log out")).to_be_focused()
    viewer.page.keyboard.press("Enter")
    is_asked(viewer.page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_to_complain_of_and_nothing_scrolls_sideways(
    locked: str, knock: Knock, axe: str, scheme: str, width: int
) -> None:
    viewer = knock(locked, color_scheme=scheme, viewport={"width": width, "height": 800}, bypass_csp=True)

    def is_well() -> None:
        assert violations(viewer, axe) == []
        assert viewer.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0

    is_well()
    give(viewer, "wrong")
    expect(viewer.page.get_by_role("alert")).to_be_visible()
    is_well()
    entered(viewer)
    is_well()
    other = knock(locked, viewer.page.context)
    other.wait_for_state("live")
    other.page.get_by_role("button", name="Log out").click()
    viewer.wait_for_state("locked")
    is_well()


def test_its_cookie_is_for_this_share_alone(locked: str, kernel: Kernel, knock: Knock) -> None:
    viewer = entered(knock(locked))
    context = viewer.page.context
    prefix = urlsplit(locked).path.rstrip("/")
    (cookie,) = context.cookies()
    assert cookie["name"] == f"bokeh_share_{urlsplit(locked).port}"
    assert (cookie["path"], cookie["httpOnly"], cookie["sameSite"]) == (prefix, True, "Strict")
    assert viewer.page.evaluate("document.cookie") == ""
    given = {"Cookie": f"{cookie['name']}={cookie['value']}"}
    other = context.browser
    assert other is not None
    elsewhere = other.new_context()
    try:
        assert elsewhere.request.get(locked, headers=given).status == 200
        fresh = link_in(kernel.run("%bokeh_share --fresh --password", cell="the sharing cell"))
        assert fresh != locked
        assert elsewhere.request.get(fresh, headers=given).status == 401
        assert elsewhere.request.get(locked, headers=given).status == 404
    finally:
        elsewhere.close()
    viewer.wait_for_state("ended")
    is_asked(knock(fresh, context).page)


def test_a_link_with_a_name_and_a_password_in_it_is_asked_and_left_as_others(
    locked: str, knock: Knock, kernel: Kernel
) -> None:
    viewer = entered(knock(locked.replace("://", "://ann:secret@", 1)))
    viewer.page.get_by_role("button", name="Log out").click()
    is_asked(viewer.page)
