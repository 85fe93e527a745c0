"""A page that a plot opens, or that opened the share's, does not lead the share's tab elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from bokeh.model import Model
from bokeh.models import Button, CustomJS, Div, OpenURL, TapTool
from bokeh.plotting import figure
from bokeh.themes import Theme
from playwright.sync_api import Browser, BrowserContext, Locator, Route
from playwright.sync_api import Page as BrowserPage
from support.colleague import FRAME, URL, Author, Colleague
from support.notebook_pages import Kernel, Open, Viewer
from support.plot_ids import id_of

from bokeh_share.plots.page import Page, PlotKey
from bokeh_share.plots.snapshot.capture import capture_plot
from bokeh_share.sharing.export import save_page

EVIL = "http://evil.test/"
STOLEN = f"{EVIL}stolen"
STEALS = f"""<script>
    try {{
        opener.location = "{STOLEN}";
    }} catch (error) {{
        document.title = error.name;
    }}
</script>"""
OPENS = f"<button onclick='window.opened = window.open(\"{URL}\")'>go</button>"
FIELD = "width=90 height=90"
PIXEL = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
MARKUP = {
    "a link that says opener": f"<a href='{EVIL}' target='_blank' rel='opener'>go</a>",
    "a link to a tab with a name": f"<a href='{EVIL}' target='other'>go</a>",
    "a link in a picture": f"<svg {FIELD}><a href='{EVIL}' target='other'><text y=50>go</text></a></svg>",
    "an area of a picture": f"<img usemap='#map' {FIELD} alt='go' src='{PIXEL}'>"
    f"<map name='map'><area href='{EVIL}' target='other' rel='opener' shape='default'></map>",
}
SCRIPTS = {
    "a script": f"window.open('{EVIL}').focus()",
    "a script with a name for the tab": f"window.open('{EVIL}', 'other').focus()",
}


@pytest.fixture(scope="module")
def colleague(browser: Browser) -> Iterator[Colleague]:
    """On plain http, where browsers do not heed our header."""
    one = Colleague(browser)
    one.page.context.route(f"{EVIL}**", evil)
    yield one
    one.close()


def evil(route: Route) -> None:
    body = OPENS if route.request.url.endswith("opens") else STEALS
    route.fulfill(body=body, content_type="text/html")


def tapped(url: str, *, same_tab: bool = False) -> Model:
    """A plot that leads there when it is tapped."""
    p = figure(width=300, height=300, x_range=(0, 2), y_range=(0, 2), tools="", tags=["main"])
    p.scatter([1], [1], size=100)
    p.add_tools(TapTool(callback=OpenURL(url=url, same_tab=same_tab)))
    return p


def leading(kind: str) -> Model:
    if kind in MARKUP:
        return Div(text=MARKUP[kind])
    if kind == "OpenURL":
        return tapped(EVIL)
    button = Button(label="go")
    button.js_on_click(CustomJS(code=SCRIPTS[kind]))
    return button


def follow(page: BrowserPage) -> None:
    """Click what leads elsewhere."""
    link: Locator = page.locator("img[usemap]").or_(page.get_by_text("go", exact=True))
    if link.count():
        link.click()
    else:
        page.mouse.click(*page.evaluate(FRAME))


def check_opened(context: BrowserContext, page: BrowserPage) -> None:
    """What `page` opens has nothing to lead it by."""
    url = page.url
    with context.expect_page() as opened:
        follow(page)
    opened.value.wait_for_function("() => document.title === 'TypeError'")
    assert opened.value.evaluate("opener") is None
    opened.value.close()
    assert page.url == url


@pytest.mark.parametrize("kind", [*MARKUP, *SCRIPTS, "OpenURL"])
def test_a_window_that_a_plot_opens_cannot_redirect_the_page(kind: str, colleague: Colleague) -> None:
    author = Author()
    author.show(leading(kind))
    with colleague.watching(author):
        colleague.until_drawn()
        check_opened(colleague.page.context, colleague.page)
        assert colleague.troubles == []


def test_the_opener_of_the_page_cannot_redirect_it(colleague: Colleague) -> None:
    opener = colleague.page.context.new_page()
    opener.goto(f"{EVIL}opens")
    with opener.context.expect_page() as opened:
        opener.get_by_text("go").click()
    opened.value.wait_for_function("() => window.Bokeh")
    refused = f"() => {{ try {{ opened.location = '{STOLEN}' }} catch (error) {{ return error.message }} }}"
    assert "does not have permission to navigate" in opener.evaluate(refused)
    assert opened.value.url == URL
    opened.value.close()
    opener.close()


def test_a_saved_page_cannot_be_redirected_either(browser: Browser, tmp_path: Path) -> None:
    shown = {"markup": leading("a link that says opener"), "plot": tapped(EVIL)}
    context = browser.new_context()
    context.route(f"{EVIL}**", evil)
    try:
        for name, model in shown.items():
            page = Page().put(
                PlotKey("name", name), capture_plot(model, theme=Theme(json={})).snapshot, now=1
            )
            viewer = Viewer(context.new_page(), save_page(page, tmp_path / f"{name}.html", now=1).as_uri())
            viewer.open("saved").wait_until_drawn([[id_of(name), 1]])
            check_opened(context, viewer.page)
            assert viewer.troubles == []
    finally:
        context.close()


APP = """
from bokeh.models import Div
from bokeh_share import share
def leads():
    return Div(text={text!r})
share(leads)
"""


def test_the_page_of_an_app_cannot_be_redirected_either(kernel: Kernel, link: str, visit: Open) -> None:
    kernel.run(APP.format(text=MARKUP["a link that says opener"]), cell="app")
    viewer = visit(f"{link}leads")
    viewer.page.context.route(f"{EVIL}**", evil)
    viewer.page.get_by_text("go", exact=True).wait_for()
    check_opened(viewer.page.context, viewer.page)


def test_the_author_may_lead_the_tab_elsewhere_and_back_leads_to_the_plots(colleague: Colleague) -> None:
    """`OpenURL(same_tab=True)` does what a link without a target does."""
    author = Author()
    author.show(tapped(f"{EVIL}asked", same_tab=True))
    with colleague.watching(author):
        colleague.until_drawn()
        with colleague.page.expect_navigation(url=f"{EVIL}asked"):
            follow(colleague.page)
        colleague.page.go_back()
        assert colleague.page.url == URL


def test_an_address_that_is_a_script_leads_nowhere(colleague: Colleague) -> None:
    """As data may have it that an `OpenURL` takes its address from."""
    author = Author()
    author.show(tapped("javascript:owned=1", same_tab=True))
    with colleague.watching(author):
        colleague.until_drawn()
        follow(colleague.page)
        while not any("Content Security Policy" in each for each in colleague.troubles):
            colleague.page.wait_for_event("console")
        assert colleague.page.evaluate("typeof owned") == "undefined"
        assert colleague.page.url == URL
