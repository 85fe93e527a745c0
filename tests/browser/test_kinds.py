"""Everything that Bokeh can show besides a plain figure, on one page each."""

from __future__ import annotations

from support.notebook_pages import Kernel, Open, Viewer, difference, drawing_of, is_drawn_on

LINE = "p = figure(title='line', height=250, width=400)\np.line([1, 2, 3], [3, 1, 2])\n"


def shown(kernel: Kernel, link: str, visit: Open, code: str, *, card: str = "kind") -> Viewer:
    """A viewer who was there before `code` was run, and now sees what one who just came sees."""
    kernel.show("before", LINE + "show(p)")
    viewer = visit(link).in_step_with(kernel)
    viewer.mark()
    kernel.show(card, code)
    viewer.in_step_with(kernel)
    fresh = visit(link).in_step_with(kernel)
    assert difference(viewer.captured(card), fresh.captured(card)) is None
    assert is_drawn_on(viewer.captured(card))
    assert viewer.page.locator(".error:visible").all_inner_texts() == []
    assert not viewer.was_reloaded
    return viewer


def test_a_layout_has_all_its_figures(kernel: Kernel, link: str, visit: Open) -> None:
    code = """
from bokeh.layouts import column, gridplot, row
def a(): p = figure(height=150, width=200); p.line([1, 2, 3], [3, 1, 2]); return p
show(column(row(a(), a()), gridplot([[a(), None], [a(), a()]])))
"""
    viewer = shown(kernel, link, visit, code)
    assert viewer.card("kind").locator(".bk-Figure").count() == 5


def test_linked_ranges_stay_linked(kernel: Kernel, link: str, visit: Open) -> None:
    code = """
from bokeh.layouts import row
a = figure(height=200, width=300, name="a"); a.line([1, 2, 3], [3, 1, 2])
b = figure(height=200, width=300, name="b", x_range=a.x_range, y_range=a.y_range); b.scatter([1, 2], [1, 2])
show(row(a, b))
"""
    viewer = shown(kernel, link, visit, code)
    same = viewer.page.evaluate("""() => {
        const [a, b] = Bokeh.documents.at(-1).roots()[0].children;
        return a.x_range === b.x_range && a.y_range === b.y_range;
    }""")
    assert same


def test_tabs_can_be_turned(kernel: Kernel, link: str, visit: Open) -> None:
    code = """
from bokeh.models import TabPanel, Tabs
def a(title): p = figure(height=200, width=300, title=title); p.line([1, 2], [1, 2]); return p
show(Tabs(tabs=[TabPanel(child=a("first"), title="First"), TabPanel(child=a("second"), title="Second")]))
"""
    viewer = shown(kernel, link, visit, code)
    before = viewer.captured("kind")
    viewer.card("kind").get_by_text("Second").click()
    viewer.page.wait_for_function("Bokeh.documents.at(-1).roots()[0].active === 1")
    assert difference(before, viewer.captured("kind"))


def test_widgets_and_customjs_work_for_each_viewer_alone(kernel: Kernel, link: str, visit: Open) -> None:
    code = """
from bokeh.layouts import column
from bokeh.models import Button, CustomJS, DatePicker, MultiChoice, RadioButtonGroup, Select, Slider
from bokeh.models import TextInput
p = figure(height=200, width=300, title="0 clicks"); r = p.scatter([1, 2], [1, 2], size=5)
button = Button(label="Click", width=100)
count = "title.text = `${parseInt(title.text) + 1} clicks`"
button.js_on_click(CustomJS(args=dict(title=p.title), code=count))
slider = Slider(title="size", start=1, end=50, value=5)
slider.js_link("value", r.glyph, "size")
show(column(button, slider, Select(options=["a", "b"]), TextInput(value="x"), DatePicker(value="2026-11-22"),
            MultiChoice(options=["a", "b"], value=["a"]), RadioButtonGroup(labels=["x", "y"], active=0), p))
"""
    viewer = shown(kernel, link, visit, code)
    title = "Bokeh.documents.at(-1).roots()[0].children.at(-1).title.text"
    before = kernel.plots()
    viewer.card("kind").get_by_role("button", name="Click").click()
    viewer.page.wait_for_function(f"{title} === '1 clicks'")
    viewer.card("kind").locator(".noUi-handle").first.focus()
    viewer.page.keyboard.press("ArrowRight")
    size = "Bokeh.documents.at(-1).roots()[0].children.at(-1).renderers[0].glyph.size"
    viewer.page.wait_for_function(f"{size}.value === 6 || {size} === 6")
    assert kernel.ask("[p.title.text, r.glyph.size]") == ["0 clicks", 5]
    assert kernel.plots() == before
    assert visit(link).in_step_with(kernel).page.evaluate(title) == "0 clicks"


def test_a_select_opens_over_the_edge_of_its_card(kernel: Kernel, link: str, visit: Open) -> None:
    code = """
from bokeh.models import MultiChoice
show(MultiChoice(options=[f"choice {n}" for n in range(20)], width=200))
"""
    viewer = shown(kernel, link, visit, code)
    viewer.card("kind").locator("input").click()
    choice = viewer.card("kind").get_by_text("choice 5", exact=True)
    choice.click()
    viewer.page.wait_for_function("Bokeh.documents.at(-1).roots()[0].value.includes('choice 5')")


def test_a_table_has_its_rows(kernel: Kernel, link: str, visit: Open) -> None:
    code = """
from bokeh.models import ColumnDataSource, DataTable, TableColumn
source = ColumnDataSource(dict(fruit=["pears", "plums", "figs"], count=np.array([3, 14, 159])))
columns = [TableColumn(field="fruit", title="Fruit"), TableColumn(field="count", title="Count")]
show(DataTable(source=source, columns=columns, width=400, height=150))
"""
    viewer = shown(kernel, link, visit, code)
    cells = viewer.card("kind").locator(".slick-cell").all_inner_texts()
    assert {"pears", "plums", "figs", "3", "14", "159"} <= set(cells)
    kernel.run("source.stream(dict(fruit=['quinces'], count=[2653]))", cell="c9")
    viewer.in_step_with(kernel)
    viewer.card("kind").get_by_text("quinces").wait_for()


def test_the_theme_of_the_author_is_the_pages(kernel: Kernel, link: str, visit: Open) -> None:
    kernel.run("from bokeh.io import curdoc\ncurdoc().theme = 'dark_minimal'")
    try:
        viewer = shown(kernel, link, visit, LINE + "show(p)")
        captured = drawing_of(viewer.card("kind").locator(".bk-Figure"))
        assert max(captured.getpixel((100, 100))) < 0x40
        assert kernel.ask("p.background_fill_color") == "#ffffff"
    finally:
        kernel.run("curdoc().theme = None")


def test_mathematics_is_set(kernel: Kernel, link: str, visit: Open) -> None:
    code = r"""
from bokeh.models import Div
show(Div(text=r"Euler: $$e^{i\pi} + 1 = 0$$", width=300))
"""
    viewer = shown(kernel, link, visit, code)
    viewer.card("kind").locator("mjx-container").wait_for()
    assert "$$" not in viewer.card("kind").locator(".plot").inner_text()


def test_mathematics_on_an_axis_is_set(kernel: Kernel, link: str, visit: Open) -> None:
    code = LINE + "p.xaxis.axis_label = r'$$\\int_0^1 x^2 dx$$'\nshow(p)"
    viewer = shown(kernel, link, visit, code)
    plain = LINE + "p.xaxis.axis_label = r'int'\nshow(p)"
    before = viewer.captured("kind")
    kernel.show("kind", plain)
    assert difference(before, viewer.in_step_with(kernel).captured("kind"))


def test_webgl_draws(kernel: Kernel, link: str, visit: Open) -> None:
    code = """
p = figure(height=200, width=300, output_backend="webgl")
p.scatter(np.arange(100.0), np.cos(np.arange(100.0)), size=8, color="crimson")
show(p)
"""
    viewer = shown(kernel, link, visit, code)
    captured = drawing_of(viewer.card("kind").locator(".bk-Figure"))
    reddish = [pixel for _, pixel in captured.getcolors(2**24) or [] if pixel[0] > 200 and pixel[1] < 60]
    assert reddish


def test_svg_draws(kernel: Kernel, link: str, visit: Open) -> None:
    viewer = shown(kernel, link, visit, LINE + "p.output_backend = 'svg'\nshow(p)")
    assert viewer.card("kind").locator(".bk-Figure").count() == 1


def test_a_list_of_two_is_one_card_with_both(kernel: Kernel, link: str, visit: Open) -> None:
    if kernel.ask("__import__('bokeh').__version__").startswith("3.9."):
        code = "from bokeh_share import share\n_ = share([p, q], name='kind')"
    else:
        code = "show([p, q])"
    two = LINE + "q = figure(title='other', height=200, width=400)\nq.line([1, 2], [1, 2])\n"
    viewer = shown(kernel, link, visit, two + code)
    assert viewer.card("kind").locator(".bk-Figure").count() == 2


def test_a_model_class_of_the_authors_own(kernel: Kernel, link: str, visit: Open) -> None:
    code = """
from bokeh.core.properties import Int
from bokeh.model import DataModel
from bokeh.models import Button, CustomJS
if "Count" not in globals():
    class Count(DataModel):
        so_far = Int(default=1)
count = Count(so_far=41)
button = Button(label="41")
button.js_on_click(CustomJS(args=dict(count=count, button=button), code="button.label = `${++count.so_far}`"))
show(button)
"""
    viewer = shown(kernel, link, visit, code)
    viewer.card("kind").get_by_role("button", name="41").click()
    viewer.card("kind").get_by_role("button", name="42").wait_for()


def test_the_same_figure_stands_in_two_cards(kernel: Kernel, link: str, visit: Open) -> None:
    kernel.run(LINE + "show(p)", cell="c1")
    kernel.run("show(p)", cell="c2")
    viewer = visit(link).in_step_with(kernel)
    assert viewer.titles() == ["line", "line"]
    kernel.run("p.title.text = 'both'", cell="c3")
    assert viewer.in_step_with(kernel).titles() == ["both", "both"]
    plots = viewer.page.locator(".bk-Figure")
    assert difference(drawing_of(plots.nth(0)), drawing_of(plots.nth(1))) is None
