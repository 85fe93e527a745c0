"""`make pictures`: takes screenshots of the real page and card in each state, and the README's picture."""

from __future__ import annotations

import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tools")]

from chromium import find_chromium  # noqa: E402
from playwright.sync_api import Browser, Page, sync_playwright  # noqa: E402
from support.hosts import can_make_namespaces, two_hosts  # noqa: E402
from support.jupyterlab import jupyterlab, lab_page  # noqa: E402
from support.notebook_pages import Kernel, link_in  # noqa: E402  # as the tests drive kernel and page

from bokeh_share.card import (  # noqa: E402
    Card,
    Note,
    Section,
    Severity,
    describe_missing_viewers,
    list_access_notes,
)
from bokeh_share.network.links import HUB_NOTE, Link  # noqa: E402
from bokeh_share.server import Certificate  # noqa: E402

FOLDER = ROOT / "build" / "pictures"
README = ROOT / "docs" / "notebook-and-page.png"
PASSWORD = "correct horse"
ARGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
ARGS += ["--disable-component-update", "--disable-sync", "--no-first-run", "--disable-quic"]
SIZES = {"wide": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}
PLOTS = {
    "revenue": """
p = figure(title="Revenue, thousand €", height=260, sizing_mode="stretch_width")
p.line(np.arange(60), 20 + np.cumsum(np.sin(np.arange(60) / 4)), line_width=3, color="#1d6b7a")
show(p)""",
    "regions": """
p = figure(title="Orders by region", x_range=["North", "South", "East", "West"], height=260, width=600)
p.vbar(["North", "South", "East", "West"], top=[5, 3, 8, 4], width=0.7, color="#5b7f99")
show(p)""",
    "table": """
from bokeh.models import ColumnDataSource, DataTable, TableColumn
source = ColumnDataSource({"region": ["North", "South", "East"], "orders": [5, 3, 8]})
show(DataTable(source=source, columns=[TableColumn(field=n, title=n) for n in source.data], height=140))""",
}
WINDOWS = {390: 844, 820: 1180, 1280: 800, 1920: 1080, 3840: 2160}
"""The heights of windows of these widths, in pixels."""
MANY = """
from bokeh.layouts import row
def line(**options):
    p = figure(**{"height": 300, "sizing_mode": "stretch_width", **options})
    p.line(np.arange(60), np.cumsum(np.sin(np.arange(60) / 4)), line_width=2, color="#1d6b7a")
    return p
for title in ("Sales", "Costs", "Margin", "Staff"):
    show(line(title=title))
show(row(*(line(title=title) for title in ("North", "South", "East")), sizing_mode="stretch_width"))
show(line(width=400, sizing_mode="fixed"))
show(line(title="מכירות", width=600, sizing_mode="fixed"))
show(line(title="Rooms"))"""
# JupyterLab paints only the visible cells, shortly after it has scrolled.
PAINTED = """() => {
    const { x, y } = document.querySelector(".bokeh-share-card")?.getBoundingClientRect() ?? { x: -1, y: -1 };
    return document.elementFromPoint(x + 20, y + 20)?.closest(".bokeh-share-card");
}"""
TOKEN = "vYYIK50e6yzfQZBMZmytjA"
LIVE = Card(
    links=(
        Link(f"http://192.168.1.23:5006/{TOKEN}/", "this network"),
        Link(f"http://10.8.0.6:5006/{TOKEN}/", "VPN"),
        Link(f"http://localhost:5006/{TOKEN}/", "this machine only"),
    ),
    plot_count=4, app_names=(), viewer_count=2, has_token=True, is_local=False, is_offline=False,
    is_paused=False, is_link_saved=False, timestamp=time.time(),
)  # fmt: skip
CERTIFICATE = Certificate(ssl.create_default_context(), ":".join(["A3", "7F"] * 16), is_generated=True)
ADVICE = (
    "inside a container: docker run -p 5006:5006 … publishes the port, then %bokeh_share -e -p 5006"
    " --public-url http://<your machine>:5006"
)
CARDS: dict[str, dict[str, Any]] = {
    "live": {},
    "local": {"links": LIVE.links[-1:], "is_local": True, "viewer_count": 0},
    "paused": {"is_paused": True},
    "ended": {"links": (), "viewer_count": 0},
    "yesterday": {"timestamp": time.time() - 86_400},
    "moved": {"status_note": "moved here from http://192.168.1.23:5006/ · open pages were told"},
    "container": {
        "links": (
            Link(f"http://172.17.0.2:5006/{TOKEN}/", "this container's host only", is_limited=True),
            Link(f"http://localhost:5006/{TOKEN}/", "inside this container only", is_limited=True),
        ),
        "notes": (Note(ADVICE, Section.ACCESS, Severity.UNREACHABLE),),
    },
    "hub": {
        "links": (
            Link(
                f"/user/ada/proxy/5006/{TOKEN}/", "through the Hub, which asks for a login", is_proxied=True
            ),
            Link(f"http://localhost:5006/{TOKEN}/", "the Hub's machine only", is_limited=True),
        ),
        "notes": (Note(HUB_NOTE, Section.ACCESS),),
        "is_local": True,
        "can_widen_access": False,
    },
    "data": {
        "notes": (
            Note("'Sales' also sends customer_email, margin", Section.DATA, Severity.EXPOSED),
            Note(
                "18 plots, the first is 'Region 0' in cell [14], also send margin",
                Section.DATA,
                Severity.EXPOSED,
            ),
        )
    },
    "problems": {
        "notes": (
            Note(
                "cannot share 'costs': show fewer rows, as it is 412.0 MB and the limit is 200.0 MB",
                severity=Severity.MISSING,
            ),
            Note("'Sales' also sends customer_email, margin", Section.DATA, Severity.EXPOSED),
            Note("'price': its Python callbacks do nothing for viewers; CustomJS works, or an app"),
            describe_missing_viewers(5006, system="linux", find_program=lambda name: "/usr/sbin/ufw"),
        ),
        "status_note": "the network changed: this is the link now",
        "has_token": False,
    },
    "access": {
        "app_names": ("trend",),
        "is_link_saved": True,
        "has_password": True,
        "notes": tuple(
            list_access_notes(
                has_password=True,
                certificate=CERTIFICATE,
                wrong_password_count=3,
                wrong_password_address="192.168.1.77",
            )
        ),
    },
}


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    chromium = find_chromium() or sys.exit("no Chromium or Chrome")
    with sync_playwright() as playwright, ExitStack() as stack:

        def launch(path: str | Path) -> Browser:
            browser = playwright.chromium.launch(executable_path=path, args=ARGS)
            stack.callback(browser.close)
            return browser

        browser = launch(chromium)
        cards(browser)
        pages(browser)
        windows(browser)
        presentations(browser)
        if can_make_namespaces() is None:
            author, colleague = stack.enter_context(two_hosts("192.168.1.23/24", "192.168.1.42/24"))
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            browsers = [launch(host.wrapper(folder, chromium)) for host in (author, colleague)]
            notebook(browsers[0], browsers[1], browser, author.popen)
        else:
            notebook(browser, browser, browser, subprocess.Popen)


def cards(browser: Browser) -> None:
    """Each state of the card, closed and with its details open, wide and narrow, light and dark."""
    for scheme in ("light", "dark"):
        ground = "#fff;color:#111" if scheme == "light" else "#111;color:#eee"
        for size in SIZES:
            with page_of(browser, scheme, size) as page:
                for name, changes in CARDS.items():
                    html = Card(**{**vars(LIVE), **changes}).to_html()
                    page.goto("about:blank")  # forgets what was opened
                    page.set_content(f'<!doctype html><body style="margin:1em;background:{ground}">{html}')
                    page.locator("body").screenshot(path=FOLDER / f"card-{name}-{size}-{scheme}.png")
                    for summary in page.locator("summary").all():
                        summary.click()
                    page.mouse.move(0, 0)
                    page.locator("body").screenshot(path=FOLDER / f"card-{name}-open-{size}-{scheme}.png")


def pages(browser: Browser) -> None:
    """Each state of the page, wide and narrow, light and dark, with its own kernel."""
    kernel = Kernel()
    try:
        kernel.run("%load_ext bokeh_share\nimport numpy as np\nfrom bokeh.plotting import figure, show")
        link = link_in(kernel.run("%bokeh_share -t 'Weekly sales review'", cell="share"))
        with ExitStack() as stack:
            looks = [(scheme, size) for scheme in ("light", "dark") for size in SIZES]
            views = {look: stack.enter_context(page_of(browser, *look)) for look in looks}

            def take(state: str) -> None:
                for (scheme, size), page in views.items():
                    page.screenshot(path=FOLDER / f"page-{state}-{size}-{scheme}.png", full_page=True)

            def until(condition: str) -> None:
                for page in views.values():
                    page.wait_for_function(condition)

            for page in views.values():
                page.goto(link)
            until("document.documentElement.dataset.state === 'live'")
            take("empty")
            for name, code in PLOTS.items():
                kernel.run(f"%%bokeh_share {name} --caption 'made by the {name} cell'{code}", cell=name)
            until("document.querySelectorAll('.card[data-generation]').length === 3")
            take("three")
            kernel.run("%bokeh_share --pause")
            until("document.documentElement.dataset.state === 'paused'")
            take("paused")
            kernel.run("%bokeh_share --resume")
            until("document.documentElement.dataset.state === 'live'")
            with tempfile.TemporaryDirectory() as folder, kernel.busy(Path(folder)):
                until("document.documentElement.dataset.state === 'busy'")
                take("busy")
            for page in views.values():
                page.goto("about:blank")
            kernel.run("%bokeh_share --max-viewers 1")
            with page_of(browser, "light", next(iter(SIZES))) as first:
                first.goto(link)
                first.wait_for_function("document.documentElement.dataset.state === 'live'")
                for page in views.values():
                    page.goto(link)
                until("document.documentElement.dataset.state === 'full'")
                take("full")
            kernel.run("%bokeh_share --max-viewers 200")
            until("document.documentElement.dataset.state === 'live'")
            broken = "from bokeh.models import Div\nclass Unknown(Div): pass\nshow(Unknown(text='x'))"
            kernel.run(f"%%bokeh_share broken\n{broken}", cell="broken")
            until("document.querySelector('.error:not([hidden])')")
            take("error")
            kernel.run("%bokeh_share --drop broken")
            kernel.run("%bokeh_share --stop")
            until("document.documentElement.dataset.state === 'ended'")
            take("ended")
            kernel.run("%bokeh_share")
            until("document.documentElement.dataset.state === 'live'")
            kernel.run(f"from bokeh_share import share\nshare(password={PASSWORD!r})")
            until("document.documentElement.dataset.state === 'locked'")
            take("locked")
            for page in views.values():
                page.reload()
            take("question")
            for page in views.values():
                page.get_by_label("Password").fill("wrong")
                page.keyboard.press("Enter")
                page.get_by_role("alert").wait_for()
            take("wrong")
            for page in views.values():
                page.get_by_label("Password").fill(PASSWORD)
                page.keyboard.press("Enter")
                page.wait_for_selector(".card[data-generation] + .card[data-generation]")
            until("document.querySelectorAll('.card[data-generation]').length === 3")
            take("inside")
            kernel.close()
            until("document.documentElement.dataset.state === 'reconnecting'")
            take("reconnecting")
    finally:
        kernel.close()


def windows(browser: Browser) -> None:
    """A page of many plots in windows of each width, light and dark, with open contents, and on paper."""
    kernel = Kernel()
    try:
        kernel.run("%load_ext bokeh_share\nimport numpy as np\nfrom bokeh.plotting import figure, show")
        link = link_in(kernel.run("%bokeh_share -t 'Weekly sales review'", cell="share"))
        kernel.run(MANY, cell="many")
        for scheme in ("light", "dark"):
            for width, height in WINDOWS.items():
                with page_of(browser, scheme, "wide", width=width, height=height) as page:
                    page.goto(link)
                    page.wait_for_selector("html[data-version]", state="attached")
                    page.evaluate("dispatchEvent(new Event('beforeprint'))")
                    page.wait_for_function("document.querySelectorAll('.card[data-generation]').length === 8")
                    page.screenshot(path=FOLDER / f"window-{width}-{scheme}.png")
                    if width == SIZES["wide"]["width"]:
                        page.pdf(path=FOLDER / f"paper-{scheme}.pdf", format="A4")
                    contents = page.get_by_role("button", name="Contents", exact=True)
                    if contents.is_visible():
                        contents.click()
                        page.screenshot(path=FOLDER / f"window-{width}-{scheme}-contents.png")
    finally:
        kernel.close()


def presentations(browser: Browser) -> None:
    """The author's own page with its panel, and a page that follows it, wide and narrow, light and dark."""
    kernel = Kernel()
    try:
        kernel.run("%load_ext bokeh_share\nimport numpy as np\nfrom bokeh.plotting import figure, show")
        link = link_in(kernel.run("%bokeh_share -t 'Weekly sales review' --pointing", cell="share"))
        for name, code in PLOTS.items():
            kernel.run(f"%%bokeh_share {name}{code}", cell=name)
        for scheme, size in ((scheme, size) for scheme in ("light", "dark") for size in SIZES):
            with page_of(browser, scheme, size) as author, page_of(browser, scheme, size) as viewer:
                viewer.goto(link)
                author.goto(link_in(kernel.run("%bokeh_share --author", cell="author")))
                author.get_by_role("button", name="Present", exact=True).click()
                figures = author.locator(".bk-Canvas")
                figures.first.dblclick(position={"x": 150, "y": 150})
                author.get_by_label("Text of the pin").fill("Why did this happen?")
                author.keyboard.press("Enter")
                figures.first.hover(position={"x": 120, "y": 120})
                viewer.locator(".pin-text").wait_for()
                viewer.locator(".author-pointer:not([hidden])").wait_for(state="attached")
                viewer.screenshot(path=FOLDER / f"following-{size}-{scheme}.png")
                author.get_by_role("button", name="1 viewer").click()
                author.screenshot(path=FOLDER / f"author-{size}-{scheme}.png", full_page=True)
                author.get_by_role("button", name="Take away").click()
                viewer.locator(".pin-text").wait_for(state="detached")
    finally:
        kernel.close()


def notebook(author: Browser, colleague: Browser, easel: Browser, start: Any) -> None:
    """JupyterLab in both its themes, and for the README beside the page of a viewer."""
    with tempfile.TemporaryDirectory() as folder, jupyterlab(Path(folder), start) as url:
        with lab_page(author, viewport={"width": 1000, "height": 1000}) as lab:
            lab.open(url)
            lab.run_all()
            link = lab.page.locator(".bokeh-share-card a").first
            link.wait_for(timeout=60_000)
            with page_of(colleague, "light", "wide", width=900, height=1000) as page:
                page.goto(str(link.get_attribute("href")))
                page.wait_for_function("document.querySelectorAll('.card[data-generation]').length > 3")
                lab.page.get_by_text("1 viewer").wait_for()
                lab.page.keyboard.press("Control+b")  # hides the side bar
                lab.page.locator(".bokeh-share-card").scroll_into_view_if_needed()
                lab.page.wait_for_function(PAINTED)
                side_by_side(easel, lab.page.screenshot(), page.screenshot())
                lab.page.screenshot(path=FOLDER / "jupyterlab-light.png")
            lab.page.keyboard.press("Control+Shift+c")  # the command palette
            lab.page.keyboard.type("Use Theme: JupyterLab Dark")
            lab.page.locator(".lm-CommandPalette-item", has_text="JupyterLab Dark").first.click()
            lab.page.locator("body[data-jp-theme-light=false]").wait_for(state="attached")
            lab.page.locator("#jupyterlab-splash").wait_for(state="detached")
            lab.page.screenshot(path=FOLDER / "jupyterlab-dark.png")


def side_by_side(easel: Browser, left: bytes, right: bytes) -> None:
    from base64 import b64encode

    frame = "border:1px solid #bbb;border-radius:8px;box-shadow:0 2px 12px #0003"
    pictures = "".join(
        f'<img style="{frame};height:800px" src="data:image/png;base64,{b64encode(each).decode()}">'
        for each in (left, right)
    )
    with page_of(easel, "light", "wide", width=1700, height=900) as page:
        page.set_content(f'<body style="margin:24px;display:flex;gap:32px;background:#fff">{pictures}')
        page.locator("img").last.evaluate("(image) => image.decode()")
        README.parent.mkdir(exist_ok=True)
        page.screenshot(path=README, clip=clip(0, 0, 1600, 850))


@contextmanager
def page_of(browser: Browser, scheme: Any, size: str, **other: int) -> Iterator[Page]:
    viewport: Any = {**SIZES[size], **other}
    context = browser.new_context(viewport=viewport, color_scheme=scheme, reduced_motion="reduce")
    try:
        yield context.new_page()
    finally:
        context.close()


def clip(x: int, y: int, width: int, height: int) -> Any:
    return {"x": x, "y": y, "width": width, "height": height}


if __name__ == "__main__":
    main()
