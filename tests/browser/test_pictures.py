"""What a plot looks like on the page: as Bokeh itself would draw it."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, Page
from support.notebook_pages import Kernel, Open, difference, drawing_of, is_drawn_on

FIGURES = {
    "float64": "p.line(np.linspace(0, 9, 200), np.sin(np.linspace(0, 9, 200)))",
    "float32": "p.line(np.linspace(0, 9, 200, dtype='f4'), np.sin(np.linspace(0, 9, 200, dtype='f4')))",
    "integers": "p.scatter(np.arange(9, dtype='i4'), np.arange(9, dtype='u1')[::-1], size=12)",
    "int64": "p.vbar(np.arange(9), top=np.arange(9) ** 2, width=0.8)",
    "a_gap": "y = np.sin(np.arange(50.0)); y[20:30] = np.nan; p.line(np.arange(50.0), y, line_width=3)",
    "infinite": "p.scatter([1, 2, 3, 4], [1, np.inf, -np.inf, 2], size=12)",
    "lists": "p.line([1, 2, 3], [1.5, None, 2]); p.scatter([1, 2, 3], [2, 1, 2], size=[5, 10, 20])",
    "booleans": "p.scatter(np.arange(4), np.array([True, False, True, False]), size=12)",
    "an_image": "p.image([np.arange(600.0).reshape(20, 30)], x=0, y=0, dw=30, dh=20, palette='Viridis256')",
    "rgba": "p.image_rgba([np.full((4, 4), 0xff3366cc, dtype='u4')], x=0, y=0, dw=4, dh=4)",
    "hover": "from bokeh.models import HoverTool; p.add_tools(HoverTool()); p.scatter([1, 2], [1, 2])",
    "hatched": "p.hbar(y=[1, 2], right=[3, 4], height=0.6, hatch_pattern='/', fill_color=['red', 'gold'])",
}
AXES = {
    "datetimes": (
        "days = np.arange('2026-01-01', '2026-03-01', dtype='M8[D]')\n"
        "p = figure(height=250, width=500, x_axis_type='datetime')\np.line(days, np.arange(days.size) % 7)"
    ),
    "factors": (
        "p = figure(height=250, width=500, x_range=['pears', 'plums', 'figs'])\n"
        "p.vbar(['pears', 'plums', 'figs'], top=[3, 1, 2], width=0.7, color=['green', '#808', 'brown'])"
    ),
    "nested_factors": (
        "from bokeh.models import FactorRange\n"
        "at = [('a', 'x'), ('a', 'y'), ('b', 'x')]\n"
        "p = figure(height=250, width=500, x_range=FactorRange(*at))\np.vbar(at, top=[1, 3, 2], width=0.9)"
    ),
    "logarithmic": (
        "p = figure(height=250, width=500, y_axis_type='log')\np.line([1, 2, 3], [1, 100, 10_000])"
    ),
}
CODE = {
    **{name: f"p = figure(height=250, width=500, title='{name}')\n{code}" for name, code in FIGURES.items()},
    **AXES,
}


def test_each_figure_looks_as_bokeh_draws_it(
    kernel: Kernel, link: str, visit: Open, browser: Browser, tmp_path: Path
) -> None:
    kernel.run("figures = []")
    for name, code in CODE.items():
        kernel.show(name, f"{code}\nshow(p)\nfigures.append(p)")
    viewer = visit(link).in_step_with(kernel)
    own = browser.new_page(viewport={"width": 1280, "height": 900})
    try:
        open_bokehs_own_page(kernel, own, tmp_path / "own.html")
        drawn, expected = viewer.page.locator(".bk-Figure"), own.locator(".bk-Figure")
        assert (drawn.count(), expected.count()) == (len(CODE), len(CODE))
        differences = {}
        for number, name in enumerate(CODE):
            captured = drawing_of(drawn.nth(number))
            assert is_drawn_on(captured), name
            differences[name] = difference(captured, drawing_of(expected.nth(number)))
    finally:
        own.close()
    assert {name: found for name, found in differences.items() if found} == {}


def open_bokehs_own_page(kernel: Kernel, page: Page, path: Path) -> None:
    """What `file_html` makes of the kernel's `figures`."""
    kernel.run(
        "from pathlib import Path\nfrom bokeh.embed import file_html\nfrom bokeh.resources import INLINE\n"
        f"_ = Path({str(path)!r}).write_text(file_html(figures, INLINE))",
        cell="file_html",
    )
    page.goto(path.as_uri())
    page.wait_for_function("Bokeh.documents.length && Bokeh.documents.every((shown) => shown.is_idle)")
