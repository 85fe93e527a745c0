"""A finger on a figure scrolls the page, until a tap wakes the figure."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from bokeh.layouts import column, gridplot
from bokeh.model import Model
from bokeh.models import (
    Button,
    ColumnDataSource,
    CustomJS,
    DataTable,
    Div,
    RangeSlider,
    RangeTool,
    Slider,
    TableColumn,
    TabPanel,
    Tabs,
    TapTool,
)
from bokeh.plotting import figure
from playwright.sync_api import Browser, expect
from support.colleague import PAINTED, Author
from support.hand import middle_of
from support.phone import Phone

DOCUMENTS = "() => Bokeh.documents.map((each) => JSON.stringify(each.to_json()))"
TOOLS = "pan,wheel_zoom,box_zoom,tap,hover,reset"


@pytest.fixture(scope="module", params=[390, 820])
def phone(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Phone]:
    phone = Phone(browser, request.param)
    yield phone
    phone.close()


@pytest.fixture
def author(phone: Phone) -> Iterator[Author]:
    """An author whose page the phone watches, from the top."""
    author = Author()
    with phone.watching(author):
        phone.page.evaluate("scrollTo(0, 0)")
        yield author
        phone.hand.reset_page_scale()
    assert phone.troubles == []


def plot(**options: Any) -> figure:
    """Make a figure that is nearly as high as the screen, and as wide as the card."""
    defaults = {"height": 700, "sizing_mode": "stretch_width", "tools": TOOLS}
    p = figure(**{**defaults, "x_range": (0, 4), "y_range": (0, 4), **options})
    p.scatter([1, 2, 3], [1, 2, 3], size=60)
    return p


def with_legend() -> figure:
    p = plot()
    p.line([1, 2], [1, 2], legend_label="the line")
    p.legend.click_policy = "hide"
    return p


def table(rows: int) -> DataTable:
    source = ColumnDataSource({"x": list(range(rows))})
    columns = [TableColumn(field="x", title="x")]
    return DataTable(source=source, columns=columns, height=700, sizing_mode="stretch_width")


CONTENTS: dict[str, Callable[[], Model]] = {
    "a figure with a pan tool": plot,
    "a figure with a box tool": lambda: plot(active_drag="box_zoom"),
    "a figure that zooms by wheel": lambda: plot(active_scroll="wheel_zoom"),
    "a figure that selects by lasso": lambda: plot(tools="lasso_select"),
    "a figure without tools": lambda: plot(tools=""),
    "a figure in SVG": lambda: plot(output_backend="svg"),
    "a figure that is wider than the screen": lambda: plot(sizing_mode=None, width=1200),
    "a layout": lambda: column(Div(text="above"), plot(), sizing_mode="stretch_width"),
    "a grid": lambda: gridplot([[plot(height=350)], [plot(height=350)]], sizing_mode="stretch_width"),
    "tabs": lambda: Tabs(tabs=[TabPanel(child=plot(), title="one")], sizing_mode="stretch_width"),
    "a table": lambda: table(20),
    "text": lambda: Div(text="word " * 2000, sizing_mode="stretch_width"),
}


@pytest.mark.parametrize("content", CONTENTS)
def test_one_finger_scrolls_the_page_over(phone: Phone, author: Author, content: str) -> None:
    phone.show(author, CONTENTS[content](), plot(), plot())
    ranges = phone.figure_ranges()
    phone.drag_up((phone.size["width"] / 2, 600))
    phone.until_scrolled(250)
    assert phone.figure_ranges() == ranges
    expect(phone.done).to_have_count(0)


def test_one_finger_scrolls_the_page_from_a_tool_button(phone: Phone, author: Author) -> None:
    phone.show(author, plot(), plot(), plot())
    x, y = middle_of(phone.page.get_by_title("Box Zoom").first)
    phone.drag_up((x, y), y - 10)
    phone.until_scrolled(y - 50)
    assert phone.read_models("BoxZoomTool", "model.active") == [False] * 3


def test_one_finger_scrolls_a_table_and_then_the_page(phone: Phone, author: Author) -> None:
    phone.show(author, table(100), plot(), plot())
    first = phone.page.get_by_text("0", exact=True).first
    expect(first).to_be_visible()
    phone.drag_up((phone.size["width"] / 2, 600))
    expect(first).to_be_hidden()
    for _ in range(20):
        phone.drag_up((phone.size["width"] / 2, 600), 500)
        if phone.scroll_position() > 100:
            break
    phone.until_scrolled(100)


def test_two_fingers_zoom_the_page(phone: Phone, author: Author) -> None:
    phone.show(author, plot(active_scroll="wheel_zoom"))
    ranges = phone.figure_ranges()
    phone.hand.pinch((phone.size["width"] / 2, 500), 80, 240)
    assert phone.hand.page_scale > 1.5
    assert phone.figure_ranges() == ranges
    expect(phone.done).to_have_count(0)


def test_the_first_tap_wakes_a_figure_and_counts_for_its_tools(phone: Phone, author: Author) -> None:
    phone.show(author, plot(), plot())
    phone.wake()
    expect(phone.awake).to_have_count(1)
    expect(phone.done).to_be_in_viewport()
    phone.until_model("ColumnDataSource", "model.selected.indices[0] === 1")
    tooltip = phone.page.locator(".bk-Tooltip")
    expect(tooltip).to_contain_text("index")
    phone.done.tap()
    expect(phone.done).to_have_count(0)
    expect(phone.awake).to_have_count(0)
    expect(tooltip).to_have_count(0)


def test_a_tap_calls_what_the_author_attached_to_it(phone: Phone, author: Author) -> None:
    p = plot(tools="")
    callback = CustomJS(code="document.title = `tapped ${cb_data.source.selected.indices}`")
    p.add_tools(TapTool(callback=callback))
    phone.show(author, p)
    phone.wake()
    phone.page.wait_for_function("document.title === 'tapped 1'")


def test_waking_changes_no_model(phone: Phone, author: Author) -> None:
    phone.show(author, plot(tools="pan,wheel_zoom,hover"))
    before = phone.page.evaluate(DOCUMENTS)
    phone.wake()
    assert phone.page.evaluate(DOCUMENTS) == before
    phone.done.tap()
    expect(phone.awake).to_have_count(0)
    assert phone.page.evaluate(DOCUMENTS) == before


def test_a_figure_without_anything_to_use_does_not_wake(phone: Phone, author: Author) -> None:
    phone.show(author, plot(tools="", height=300), plot(height=300))
    phone.hand.tap(middle_of(phone.canvases.first))
    phone.wake(phone.canvases.nth(1))
    expect(phone.awake).to_have_count(1)


def test_an_awake_figure_takes_one_finger_but_not_at_the_edges(phone: Phone, author: Author) -> None:
    phone.show(author, plot(), plot())
    middle = phone.wake()
    ranges = phone.figure_ranges()
    phone.drag_up(middle, 200)
    phone.until_moved(ranges)
    assert phone.scroll_position() == 0
    for x in (40, phone.size["width"] - 42):
        ranges, top = phone.figure_ranges(), phone.scroll_position()
        phone.drag_up((x, 600), 150)
        phone.until_scrolled(top + 100)
        assert phone.figure_ranges() == ranges
        expect(phone.awake).to_have_count(1)


def test_two_fingers_zoom_an_awake_figure(phone: Phone, author: Author) -> None:
    phone.show(author, plot(), plot())
    middle = phone.wake()
    phone.hand.pinch(middle, 80, 240)
    (start, end, *_), *_ = phone.figure_ranges()
    assert 0 < start < end < 4
    assert phone.hand.page_scale == 1
    assert phone.scroll_position() == 0


def test_two_fingers_zoom_an_awake_figure_whose_toolbar_is_that_of_a_grid(
    phone: Phone, author: Author
) -> None:
    grid = gridplot([[plot(height=350)], [plot(height=350)]], sizing_mode="stretch_width")
    phone.show(author, grid, plot())
    middle = phone.wake()
    phone.hand.pinch(middle, 80, 240)
    (start, end, *_), *_ = phone.figure_ranges()
    assert 0 < start < end < 4
    assert phone.hand.page_scale == 1
    phone.done.tap()
    expect(phone.awake).to_have_count(0)
    assert True not in phone.read_models("WheelZoomTool", "model.active")


def test_two_fingers_zoom_the_page_if_no_tool_of_an_awake_figure_takes_them(
    phone: Phone, author: Author
) -> None:
    phone.show(author, plot(tools="pan"), plot())
    middle = phone.wake()
    phone.hand.pinch(middle, 80, 240)
    assert phone.hand.page_scale > 1.5


def test_a_tooltip_follows_the_finger_over_an_awake_figure(phone: Phone, author: Author) -> None:
    phone.show(author, plot(tools="hover", tooltips="$index of @x"), plot())
    x, y = phone.wake()
    tooltip = phone.page.locator(".bk-Tooltip")
    expect(tooltip).to_contain_text("1 of 2")
    third = phone.page.evaluate("""() => {
        const [view] = Bokeh.documents[0].views_manager.roots;
        const { left, top } = view.el.getBoundingClientRect();
        const { x_scale, y_scale } = view.frame;
        return [left + x_scale.compute(3), top + y_scale.compute(3)];
    }""")
    phone.hand.press((x, y))
    phone.hand.move(((x + third[0]) / 2, (y + third[1]) / 2))
    phone.hand.move(tuple(third))
    expect(tooltip).to_contain_text("2 of 3")
    phone.hand.lift()
    assert phone.scroll_position() == 0


def test_a_part_that_can_be_dragged_is_dragged_in_an_awake_figure(phone: Phone, author: Author) -> None:
    p = plot(tools="", toolbar_location=None)
    other = plot(tools="")
    p.add_tools(RangeTool(x_range=other.x_range))
    other.x_range.start, other.x_range.end = 1, 3
    phone.show(author, column(p, other, sizing_mode="stretch_width"))
    x, y = phone.wake()
    ranges = phone.figure_ranges()
    phone.hand.drag((x, y), (x + 40, y))
    phone.until_moved(ranges)


def test_a_tap_elsewhere_puts_a_figure_to_rest(phone: Phone, author: Author) -> None:
    phone.show(author, plot(height=300), plot(height=300))
    phone.wake()
    phone.hand.tap(middle_of(phone.page.locator("h1")))
    expect(phone.done).to_have_count(0)
    phone.wake()
    phone.wake(phone.canvases.nth(1))
    expect(phone.awake).to_have_count(1)
    expect(phone.done).to_have_count(1)


def test_the_toolbar_and_the_legend_of_an_awake_figure_keep_it_awake(phone: Phone, author: Author) -> None:
    phone.show(author, gridplot([[with_legend()]], sizing_mode="stretch_width"))
    middle = phone.wake()
    phone.hand.tap(middle_of(phone.page.get_by_title("Box Zoom")))
    phone.until_model("BoxZoomTool", "model.active")
    phone.hand.tap(middle_of(phone.page.get_by_text("the line")))
    phone.until_model("GlyphRenderer", "!model.visible")
    expect(phone.awake).to_have_count(1)
    ranges = phone.figure_ranges()
    phone.hand.drag(middle, (middle[0] + 60, middle[1] + 60))
    phone.until_moved(ranges)


def test_a_figure_that_is_scrolled_out_of_view_rests(phone: Phone, author: Author) -> None:
    phone.show(author, plot(), plot(), plot())
    phone.wake()
    phone.drag_up((10, 800), 700)
    phone.drag_up((10, 800), 700)
    expect(phone.done).to_have_count(0)
    phone.page.evaluate("scrollTo(0, 0)")
    phone.page.evaluate(PAINTED)
    phone.drag_up((phone.size["width"] / 2, 600))
    phone.until_scrolled(250)


def test_a_tap_on_a_legend_works_at_once_and_a_finger_that_scrolls_hides_nothing(
    phone: Phone, author: Author
) -> None:
    phone.show(author, with_legend(), plot())
    item = middle_of(phone.page.get_by_text("the line"))
    phone.hand.tap(item)
    phone.until_model("GlyphRenderer", "!model.visible")
    expect(phone.done).to_have_count(0)
    phone.drag_up(item, item[1] - 10)
    phone.until_scrolled(50)
    assert phone.read_models("GlyphRenderer", "model.visible").count(False) == 1


def test_widgets_tabs_and_tools_work_at_once(phone: Phone, author: Author) -> None:
    button = Button(label="press me")
    button.js_on_click(CustomJS(code="document.title = 'pressed'"))
    slider = Slider(start=0, end=10, value=0, sizing_mode="stretch_width")
    tabs = Tabs(tabs=[TabPanel(child=plot(height=300), title=title) for title in ("one", "two")])
    phone.show(author, column(button, slider, tabs, sizing_mode="stretch_width"))
    phone.hand.tap(middle_of(phone.page.get_by_role("button", name="press me")))
    phone.page.wait_for_function("document.title === 'pressed'")
    x, y = middle_of(phone.page.locator(".noUi-handle"))
    phone.hand.drag((x, y), (x + 100, y))
    phone.until_model("Slider", "model.value > 0")
    phone.hand.tap(middle_of(phone.page.get_by_title("Box Zoom").first))
    phone.until_model("BoxZoomTool", "model.active")
    phone.hand.tap(middle_of(phone.page.get_by_text("two", exact=True)))
    phone.until_model("Tabs", "model.active === 1")
    expect(phone.done).to_have_count(0)


@pytest.mark.parametrize("place", [0.5, 0.25], ids=["handle", "bar"])
def test_one_finger_scrolls_the_page_over_a_slider(phone: Phone, author: Author, place: float) -> None:
    slider = Slider(start=0, end=10, value=5, sizing_mode="stretch_width")
    phone.show(author, column(plot(height=300), slider, sizing_mode="stretch_width"), plot(), plot())
    box = phone.page.locator(".noUi-target").bounding_box()
    assert box
    x, y = box["x"] + box["width"] * place, box["y"] + 5
    phone.drag_up((x, y), y - 20)
    phone.until_scrolled(y - 60)
    assert phone.read_models("Slider", "model.value") == [5]
    assert phone.page.locator(".noUi-active").count() == 0


def test_a_finger_uses_a_slider_to_the_side_and_by_a_tap_on_its_bar(phone: Phone, author: Author) -> None:
    slider = Slider(start=0, end=10, value=5, sizing_mode="stretch_width")
    days = RangeSlider(start=0, end=10, value=(2, 8), sizing_mode="stretch_width")
    phone.show(author, column(slider, days, sizing_mode="stretch_width"), plot(), plot())
    bar = phone.page.locator(".noUi-connects").first
    box = bar.bounding_box()
    assert box
    phone.hand.tap((box["x"] + box["width"] * 0.8, box["y"] + 2))
    phone.until_model("Slider", "model.value === 8")
    # the handle moves there slowly
    phone.page.wait_for_function("(bar) => !bar.closest('.noUi-state-tap')", arg=bar.element_handle())
    x, y = middle_of(phone.page.locator(".noUi-handle").first)
    phone.hand.drag((x, y), (x - box["width"] / 3, y - 20))
    phone.until_model("Slider", "model.value < 7")
    x, y = middle_of(phone.page.locator(".noUi-draggable"))
    phone.hand.drag((x, y), (x + 500, y))
    phone.until_model("RangeSlider", "model.value[0] === 4 && model.value[1] === 10")
    assert phone.scroll_position() == 0


def test_a_long_touch_wakes_nothing(phone: Phone, author: Author) -> None:
    phone.show(author, plot())
    begun = phone.page.evaluate("performance.now()")
    phone.hand.press(middle_of(phone.canvases.first))
    phone.page.wait_for_function("(begun) => performance.now() > begun + 600", arg=begun)
    phone.hand.lift()
    expect(phone.done).to_have_count(0)
    phone.wake()


@pytest.mark.parametrize("pointer", ["mouse", "pen"])
def test_a_mouse_and_a_pen_use_a_figure_at_once(phone: Phone, author: Author, pointer: str) -> None:
    phone.show(author, plot(), plot())
    middle, ranges = middle_of(phone.canvases.first), phone.figure_ranges()
    phone.hand.drag_with(pointer, middle, (middle[0] + 60, middle[1] - 90))
    phone.until_moved(ranges)
    expect(phone.done).to_have_count(0)
    assert phone.scroll_position() == 0
    phone.drag_up(middle)
    phone.until_scrolled(250)


def test_the_touch_events_of_a_pen_do_not_scroll_the_page_where_a_tool_takes_them(
    phone: Phone, author: Author
) -> None:
    """The browser's driver has no pen whose events scroll the page, so the test sends the event itself."""
    send = """(canvas) => {
        const event = new Event("touchmove", { bubbles: true, cancelable: true, composed: true });
        canvas.shadowRoot.querySelector(".bk-events").dispatchEvent(event);
        return event.defaultPrevented;
    }"""
    phone.show(author, plot(), plot(tools="tap"))
    for canvas, is_taken in ((phone.canvases.first, True), (phone.canvases.nth(1), False)):
        canvas.scroll_into_view_if_needed()
        assert canvas.evaluate(send) is False
        with phone.hand.pen_at(middle_of(canvas)):
            assert canvas.evaluate(send) is is_taken
        assert canvas.evaluate(send) is False


def test_a_click_elsewhere_puts_a_figure_to_rest_and_one_in_it_does_not(phone: Phone, author: Author) -> None:
    phone.show(author, plot())
    x, y = phone.wake()
    ranges = phone.figure_ranges()
    phone.hand.drag_with("mouse", (x, y), (x + 60, y - 90))
    phone.until_moved(ranges)
    expect(phone.awake).to_have_count(1)
    phone.hand.drag_with("mouse", middle_of(phone.page.locator("h1")), (100, 30))
    expect(phone.awake).to_have_count(0)


def retitled(p: figure, text: str, redrawn: bool) -> figure:
    """With this title; `redrawn` changes its font too, which BokehJS does not redraw correctly."""
    p.title.text = text
    p.title.text_font_size = "20px" if redrawn else "12px"
    return p


@pytest.mark.parametrize("patch_kind", ["patch", "redraw", "whole"])
@pytest.mark.parametrize("is_awake", [True, False], ids=["awake", "at rest"])
def test_a_figure_stays_as_it_is_when_its_cell_runs_again(
    phone: Phone, author: Author, patch_kind: str, is_awake: bool
) -> None:
    def make(text: str, redrawn: bool = False) -> Model:
        second = retitled(plot(height=400), text, redrawn)
        return column(plot(height=200), second, sizing_mode="stretch_width")

    phone.show(author, make("before"), plot())
    canvas = phone.canvases.nth(1)
    middle = phone.wake(canvas) if is_awake else middle_of(canvas)
    canvas.evaluate("(element) => { element.dataset.former = '' }")
    if patch_kind == "whole":
        phone.fall_behind()
    phone.show(author, make("after", patch_kind != "patch"))
    assert "after" in phone.read_models("Title", "model.text")
    assert phone.page.locator("[data-former]").count() == (patch_kind == "patch")
    if is_awake:
        expect(phone.awake).to_have_count(1)
        expect(phone.done).to_have_count(1)
        assert phone.canvases.nth(1).get_attribute("data-awake") == ""
    phone.page.evaluate(PAINTED)
    ranges = phone.figure_ranges()
    phone.drag_up(middle, 200)
    if is_awake:
        phone.until_moved(ranges)
        assert phone.scroll_position() == 0
    else:
        phone.until_scrolled(150)
        assert phone.figure_ranges() == ranges


def test_a_figure_may_be_redrawn_while_a_finger_is_on_it(phone: Phone, author: Author) -> None:
    phone.show(author, retitled(plot(), "before", False))
    x, y = phone.wake()
    ranges = phone.figure_ranges()
    phone.hand.press((x, y))
    phone.hand.move((x + 30, y))
    phone.hand.move((x + 60, y))
    phone.until_moved(ranges)
    phone.show(author, retitled(plot(), "after", True))
    phone.hand.move((x + 60, y - 60))
    phone.hand.lift()
    expect(phone.awake).to_have_count(1)
    ranges = phone.figure_ranges()
    phone.drag_up((x, y), 100)
    phone.until_moved(ranges)


def test_a_tap_wakes_a_figure_that_is_redrawn_meanwhile(phone: Phone, author: Author) -> None:
    phone.show(author, retitled(plot(), "before", False))
    middle, begun = middle_of(phone.canvases.first), time.time()
    phone.hand.press(middle, at=begun)
    phone.show(author, retitled(plot(), "after", True))
    assert "redraw" in phone.patch_kinds
    phone.hand.lift(at=begun + 0.1)
    expect(phone.awake).to_have_count(1)
    phone.until_model("ColumnDataSource", "model.selected.indices[0] === 1")


def test_what_replaces_an_awake_figure_is_at_rest(phone: Phone, author: Author) -> None:
    phone.show(author, plot(), plot())
    phone.wake()
    phone.show(author, Div(text="no figure"))
    expect(phone.done).to_have_count(0)
    expect(phone.awake).to_have_count(0)


def test_the_card_keeps_its_height_when_a_figure_wakes(phone: Phone, author: Author) -> None:
    phone.show(author, plot(height=300), plot(height=300))
    boxes = [card.bounding_box() for card in phone.page.locator("section.card").all()]
    phone.wake()
    assert [card.bounding_box() for card in phone.page.locator("section.card").all()] == boxes


def test_the_button_is_in_the_window_however_high_the_figure_is(phone: Phone, author: Author) -> None:
    phone.show(author, plot(height=2000))
    phone.hand.tap((phone.size["width"] / 2, 500))
    expect(phone.done).to_be_in_viewport(ratio=1)
    box = phone.done.bounding_box()
    assert box
    assert box["height"] >= 40


def test_the_keyboard_reaches_the_button_and_goes_on_from_the_figure(phone: Phone, author: Author) -> None:
    phone.show(author, plot(), plot())
    phone.wake()
    notice = phone.page.locator("[aria-live]:not(.state)")
    expect(notice).to_have_text(
        'Plot plot 0 takes touches now. The button "Done" lets them scroll the page again.'
    )
    button = phone.page.get_by_role("button", name="Done: touches scroll the page again")
    for _ in range(20):
        if button.evaluate("(element) => element === document.activeElement"):
            break
        phone.page.keyboard.press("Tab")
    expect(button).to_be_focused()
    phone.page.keyboard.press("Enter")
    expect(button).to_have_count(0)
    expect(notice).to_have_text("Touches scroll the page again.")
    focused = "document.activeElement.closest('section.card') === document.querySelector('section.card')"
    assert phone.page.evaluate(focused)
