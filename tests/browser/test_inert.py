"""What an author or their data says is seen as it is, and nothing of it runs: on page, card and in files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest
from bokeh.layouts import column
from bokeh.model import Model
from bokeh.models import (
    AutocompleteInput,
    Button,
    CheckboxGroup,
    ColumnDataSource,
    DataTable,
    Div,
    Dropdown,
    HoverTool,
    MultiChoice,
    Paragraph,
    PreText,
    RadioButtonGroup,
    Select,
    Slider,
    TableColumn,
    TabPanel,
    Tabs,
    TextInput,
)
from bokeh.plotting import figure
from browser.test_apps import OPENED, opened
from card.test_card import LIVE
from playwright.sync_api import Browser, Locator, WebSocketRoute, expect
from support.colleague import FRAME, Author, Colleague
from support.notebook_pages import Kernel, Open, Viewer, link_in

from bokeh_share.card.note import Note, Severity
from bokeh_share.card.template import FOLDER as CARD_FOLDER
from bokeh_share.network.links import Link
from bokeh_share.text import make_printable

ONE_PAIRING = pytest.mark.one_pairing
"""HTML of our own, in which BokehJS has no part."""
HANDLER = "<img src=x onerror=owned=1>"
TEXTS = [
    HANDLER,
    '"><script>owned=1</script>',
    "'><svg onload=owned=1>",
    "</title></script><script>owned=1</script>",
    "<!--<script>",
    "../../x",
    "javascript:owned=1",
    "{{ owned }}{% raw owned %}${owned=1}`",
    "&lt;b&gt; & &amp;",
    "two\nlines\r\n\ttabs",
    "to the left \u202e and back \u2066",
    "__proto__",
    "Bokeh",
    "MathJax",
    "long" * 1250,
]
"""What somebody may call things, or have in their data."""
LINE = "p = figure(height=200, width=300)\np.line([1, 2], [2, 1])\n"
OWNED = "() => typeof owned !== 'undefined'"


@pytest.fixture(scope="module")
def colleague(browser: Browser) -> Iterator[Colleague]:
    one = Colleague(browser)
    yield one
    one.close()


def texts_of(locator: Locator) -> list[str]:
    """Whole, as they are in the page and not as they are wrapped."""
    found: list[str] = locator.evaluate_all("(nodes) => nodes.map(({ textContent }) => textContent)")
    return found


def test_names_and_captions_of_plots_are_text(
    kernel: Kernel, link: str, visit: Open, browser: Browser, tmp_path: Path
) -> None:
    kernel.run(f"from bokeh_share import share\nTEXTS = {TEXTS!r}\n")
    kernel.run(f"{LINE}for text in TEXTS: share(p, name=text, caption=text)", cell="c1")
    viewer = visit(link).in_step_with(kernel)
    assert texts_of(viewer.page.locator("section.card h2")) == TEXTS
    assert texts_of(viewer.page.locator("section.card .caption")) == TEXTS
    assert not viewer.page.evaluate(OWNED)
    path = tmp_path / "'\"><img src=x onerror=owned=1>{{ x }}.html".replace("/", "")
    kernel.run(f"_ = share().save({str(path)!r})", cell="c2")
    context = browser.new_context()
    try:
        saved = Viewer(context.new_page(), path.as_uri()).open("saved")
        saved.wait_until_drawn(kernel.plots())
        assert texts_of(saved.page.locator("section.card h2")) == TEXTS
        assert texts_of(saved.page.locator("section.card .caption")) == TEXTS
        assert not saved.page.evaluate(OWNED)
        assert saved.troubles == []
    finally:
        context.close()


@ONE_PAIRING
@pytest.mark.parametrize("number", range(len(TEXTS)))
def test_the_title_of_the_page_is_text(kernel: Kernel, link: str, visit: Open, number: int) -> None:
    text = TEXTS[number]
    kernel.run(f"from bokeh_share import share\nshare(title={text!r})", cell="c1")
    viewer = visit(link)
    assert texts_of(viewer.page.locator("h1")) == [text]
    assert viewer.page.title() == " ".join(text.split())
    assert not viewer.page.evaluate(OWNED)


@ONE_PAIRING
def test_what_a_cell_says_of_its_plots_is_text(kernel: Kernel, link: str, visit: Open) -> None:
    kernel.run(f"%%bokeh_share '{HANDLER}' --caption '{HANDLER}'\n{LINE}show(p)", cell="c1")
    viewer = visit(link).in_step_with(kernel)
    assert texts_of(viewer.page.locator("section.card h2")) == [HANDLER]
    assert texts_of(viewer.page.locator("section.card .caption")) == [HANDLER]
    assert not viewer.page.evaluate(OWNED)


@ONE_PAIRING
def test_the_notebooks_name_is_text(visit: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    monkeypatch.setenv("JPY_SESSION_NAME", '/home/me/"><script>owned=1<\\script><b>.ipynb')
    kernel = Kernel()
    try:
        kernel.run("%load_ext bokeh_share")
        viewer = visit(link_in(kernel.run("%bokeh_share")))
        assert texts_of(viewer.page.locator("h1")) == ['"><script>owned=1<\\script><b>']
        assert not viewer.page.evaluate(OWNED)
    finally:
        viewer.page.goto("about:blank")
        kernel.close()


def figures() -> Model:
    """With all that can be named in a figure."""
    p = figure(title=HANDLER, width=400, height=300, x_range=[HANDLER, "b"], tools="")
    p.vbar(x=HANDLER, top="y", width=1, legend_field="y", source=ColumnDataSource(
        {HANDLER: [HANDLER, "b"], "y": ["1", "2"]}))  # fmt: skip
    p.xaxis.axis_label = p.yaxis.axis_label = HANDLER
    q = figure(title=HANDLER, width=400, height=300, x_range=(0, 2), y_range=(0, 2), tools="", tags=["main"])
    columns = {HANDLER: [1], "y": [1], "said": [HANDLER]}
    q.scatter(HANDLER, "y", size=50, legend_label=HANDLER, source=ColumnDataSource(columns))
    q.add_tools(HoverTool(tooltips=[(HANDLER, "@said"), ("of", f"@{{{HANDLER}}}")]))
    return column(q, p)


def test_what_a_figure_says_is_text(colleague: Colleague) -> None:
    author = Author()
    author.show(figures())
    with colleague.watching(author):
        colleague.until_drawn()
        colleague.page.mouse.move(*colleague.page.evaluate(FRAME))
        expect(colleague.page.locator(".bk-Tooltip")).to_contain_text(HANDLER)
        colleague.page.mouse.move(1, 1)
        assert not colleague.page.evaluate(OWNED)
        assert colleague.troubles == []


WIDGETS = {
    "a table": lambda: DataTable(
        source=ColumnDataSource({HANDLER: [HANDLER, "b"]}),
        columns=[TableColumn(field=HANDLER, title="it")],
        width=400,
        height=100,
    ),
    "a button": lambda: Button(label=HANDLER),
    "a drop-down": lambda: Dropdown(label=HANDLER, menu=[(HANDLER, HANDLER)]),
    "tabs": lambda: Tabs(tabs=[TabPanel(child=Button(), title=HANDLER)]),
    "a choice": lambda: Select(title=HANDLER, options=[HANDLER, "b"], value=HANDLER),
    "buttons": lambda: RadioButtonGroup(labels=[HANDLER]),
    "boxes": lambda: CheckboxGroup(labels=[HANDLER]),
    "a field": lambda: TextInput(title=HANDLER, value=HANDLER, placeholder=HANDLER),
    "a slider": lambda: Slider(title=HANDLER, start=0, end=1, value=0),
    "plain text": lambda: PreText(text=HANDLER),
    "a paragraph": lambda: Paragraph(text=HANDLER),
    "a div that says text": lambda: Div(text=HANDLER, render_as_text=True),
    "completions": lambda: AutocompleteInput(completions=[HANDLER], min_characters=1),
}


@pytest.mark.parametrize("name", WIDGETS)
def test_what_a_widget_says_is_text(name: str, colleague: Colleague) -> None:
    author = Author()
    author.show(column(WIDGETS[name]()))
    with colleague.watching(author):
        colleague.until_drawn()
        field = colleague.page.locator(".card input:visible")
        if name == "completions":
            field.press_sequentially("<img")
        if name not in ("a choice", "a field"):
            colleague.page.get_by_text(HANDLER).first.wait_for()
        else:
            colleague.page.get_by_text(HANDLER).first.wait_for(state="attached")
        assert not colleague.page.evaluate(OWNED)
        assert colleague.troubles == []


MARKED = f"<b>bold</b>{HANDLER}<script>owned=1</script>"


@pytest.mark.parametrize("made", [Div(text=MARKED), MultiChoice(options=[MARKED], value=[MARKED])])
def test_where_bokeh_draws_markup_scripts_do_not_run(made: Model, colleague: Colleague) -> None:
    """A Div is the author's HTML, and so is a choice of a MultiChoice."""
    author = Author()
    author.show(made)
    with colleague.watching(author):
        colleague.until_drawn()
        assert colleague.page.locator("b").inner_text() == "bold"
        while not any("Content Security Policy" in each for each in colleague.troubles):
            colleague.page.wait_for_event("console")
        assert not colleague.page.evaluate(OWNED)


APP = """
from typing import Annotated, Literal
from bokeh_share import share

def fails(kind: Literal[{texts}] = "a", mood: str = {handler!r}):
    {handler!r}
    if mood == "fail":
        raise ValueError({handler!r})
    p = figure(title=kind, width=300, height=200)
    p.line([1, 2], [2, 1])
    return p
share(fails, controls=True, name="naïve app", caption={handler!r})
"""


@pytest.fixture
def app(kernel: Kernel, link: str) -> str:
    texts = ", ".join(map(repr, ["a", *TEXTS[:-1]]))
    kernel.run(APP.format(texts=texts, handler=HANDLER), cell="app")
    return f"{link}na%C3%AFve%20app"


def test_what_an_app_says_is_text(app: str, link: str, visit: Open) -> None:
    listed = visit(link)
    assert texts_of(listed.page.locator(".app .caption")) == [HANDLER]
    assert not listed.page.evaluate(OWNED)
    viewer = opened(visit(app))
    assert texts_of(viewer.page.locator(".caption")) == [HANDLER]
    for text in TEXTS[:-1]:
        viewer.page.get_by_label("kind").select_option(value=text)
        viewer.page.wait_for_function("(text) => location.search.includes(text)",
                                      arg=f"kind={quote(text, safe='').replace('%20', '+')}")  # fmt: skip
        assert not viewer.page.evaluate(OWNED)
    again = opened(visit(viewer.page.url))
    assert again.page.get_by_label("kind").input_value() == TEXTS[-2]


def test_an_apps_failure_says_nothing_to_viewers_and_text_to_its_author(
    app: str, kernel: Kernel, browser: Browser, visit: Open
) -> None:
    viewer = opened(visit(f"{app}?mood=fail"))
    assert texts_of(viewer.page.locator(".error:visible")) == [
        "The app failed with these options. The author sees the error."
    ]
    assert HANDLER not in viewer.page.locator(".error").inner_html()
    html = kernel.ask("__import__('bokeh_share').share()._runner.report.build_card().to_html()")
    check_card(browser, html, f"⚠ app 'naïve app' failed for a viewer: ValueError: {HANDLER}")


@ONE_PAIRING
@pytest.mark.parametrize("query", ["kind={}!", "{}", "kind=a&kind={}"])
def test_the_page_of_a_wrong_address_says_it_as_text(app: str, browser: Browser, query: str) -> None:
    page = browser.new_page()
    try:
        answer = page.goto(f"{app}?{query.format(quote(HANDLER))}")
        assert answer is not None
        assert answer.status == 400
        page.wait_for_function(OPENED, arg=1)
        assert HANDLER in page.locator(".app .error").inner_text()
        assert not page.evaluate(OWNED)
    finally:
        page.close()


def test_the_card_shows_text(kernel: Kernel, link: str, browser: Browser) -> None:
    kernel.run(f"from bokeh_share import share\nshare(title={HANDLER!r})\n{LINE}p.title = {HANDLER!r}")
    failing = f"try: share(p, name={HANDLER!r})\nexcept Exception as error: print(error)"
    said = kernel.run(f"p.tags = [object()]\n{failing}", cell="c1").strip()
    assert HANDLER in said
    html = kernel.ask("__import__('bokeh_share').share()._runner.report.build_card().to_html()")
    check_card(browser, html, f"⚠ {said}")


@ONE_PAIRING
@pytest.mark.parametrize("text", TEXTS[:-1])
def test_each_part_of_the_card_is_text(browser: Browser, text: str) -> None:
    links = (Link(f"http://10.0.0.7:5006/{text}/", text), *LIVE.links)
    notes = (Note(text), Note(text, severity=Severity.MISSING))
    card = replace(LIVE, links=links, app_names=(text,), notes=notes, status_note=text)
    shown = make_printable(text)
    check_card(browser, card.to_html(), f"⚠ {shown}", shown)


def check_card(browser: Browser, html: str, *texts: str) -> None:
    """Each of these is a line of it, and nothing of it runs."""
    page = browser.new_page()
    troubles: list[str] = []
    page.on("console", lambda message: troubles.append(message.text))
    page.on("request", lambda request: troubles.append(request.url))
    try:
        page.set_content(html)
        said = texts_of(page.locator(".bokeh-share-card :is(div, dd)"))
        assert [text for text in texts if not any(text.split() == each.split() for each in said)] == []
        assert page.locator("img").count() == 0
        assert texts_of(page.locator("script")) == [(CARD_FOLDER / "card.js").read_text("utf-8")]
        assert not page.evaluate(OWNED)
        assert troubles == []
    finally:
        page.close()


@ONE_PAIRING
@pytest.mark.parametrize("code", [4000, 4001, 4003, 4006, 1008])
def test_the_reason_of_an_end_is_text(kernel: Kernel, link: str, browser: Browser, code: int) -> None:
    context = browser.new_context()
    try:
        page = context.new_page()

        def answer(socket: WebSocketRoute) -> None:
            socket.close(code=code, reason=HANDLER)

        page.route_web_socket("**/ws", answer)
        page.goto(link)
        page.wait_for_function("document.documentElement.dataset.state !== 'connecting'")
        if code in (4000, 4006):  # the page says by itself that it is full
            assert HANDLER in texts_of(page.locator(".state-text"))[0]
        assert page.locator("img").count() == 0
        assert not page.evaluate(OWNED)
    finally:
        context.close()


@ONE_PAIRING
@pytest.mark.parametrize("address", ["#{0}", "?{0}", "?{0}#{0}", "#javascript:owned=1", "#saved"])
def test_what_a_link_ends_with_does_nothing(kernel: Kernel, link: str, visit: Open, address: str) -> None:
    viewer = visit(link + address.format(quote(HANDLER)))
    assert not viewer.page.evaluate(OWNED)
    assert viewer.page.locator("img").count() == 0
