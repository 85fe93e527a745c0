"""The cards of a real notebook: one is live, and none says what it does not know."""

from __future__ import annotations

import re

import pytest
from support.kernel_driver import DRAW_HINT, Kernel, Output
from support.ordinary import ORDINARY

REGIONS = """
for number in range(18):
    p = fig(f"Region {number}")
    p.renderers[0].data_source.data["margin"] = [1, 2, 3]
    show(p)
"""
TABLE = """
from bokeh.models import DataTable, TableColumn
show(DataTable(source=ColumnDataSource({"a": [1], "salary": [2]}), columns=[TableColumn(field="a")]))
"""


def cards(kernel: Kernel) -> list[str]:
    """The first line of each card, in the order in which they were shown, without the links."""
    texts = [bundle["text/plain"] for bundle in kernel.displays.values() if "text/html" in bundle]
    return [re.sub(r"  http.*", "", text.splitlines()[0]) for text in texts]


def number_of(kernel: Kernel) -> int:
    """The number that a front end shows beside the cell that was run last."""
    return kernel.outputs[-1].number


def test_an_older_card_leads_to_the_cell_of_the_newest(kernel: Kernel) -> None:
    kernel.share(cell="one")
    assert cards(kernel) == ["bokeh_share"]
    kernel.share(cell="two")
    second = number_of(kernel)
    assert cards(kernel) == [f"bokeh_share: see cell [{second}]", "bokeh_share"]
    kernel.run("share = __import__('bokeh_share').share()\nshare", "three")
    third = number_of(kernel)
    assert cards(kernel) == [f"bokeh_share: see cell [{third}]"] * 2 + ["bokeh_share"]
    assert re.search(r"^ +● live at \d{4}-\d\d-\d\d \d\d:\d\d · 0 plots · 0 viewers", kernel.card, re.M)


def test_a_card_in_the_cell_that_loads_the_extension_names_its_cell_too(kernel: Kernel) -> None:
    kernel.run(ORDINARY, silent=True)
    kernel.run("%load_ext bokeh_share\n%bokeh_share", "one")
    kernel.run("%reload_ext bokeh_share\n%bokeh_share", "two")
    assert cards(kernel) == [f"bokeh_share: see cell [{number_of(kernel)}]", "bokeh_share"]


def test_a_card_of_a_cell_that_is_not_counted_names_no_cell(kernel: Kernel) -> None:
    kernel.share(cell="one")
    kernel.run("%bokeh_share", silent=True)
    assert cards(kernel)[0] == "bokeh_share: see the newest card"
    kernel.run("%bokeh_share", history=False)
    assert cards(kernel)[0] == "bokeh_share: see the newest card"


def test_no_card_says_ended_while_a_share_runs_nor_live_when_it_has_ended(kernel: Kernel) -> None:
    kernel.share(cell="one")
    kernel.run("%bokeh_share --stop", "stop")
    kernel.wait(lambda: "○ ended at" in kernel.card, what="the end on the card")
    # without another card: the one that there is follows the new share
    kernel.run("from bokeh_share import share\n_ = share()", "again")
    kernel.wait(lambda: "● live at" in kernel.card, what="the new share on the card")
    kernel.share(cell="two")
    kernel.run("%unload_ext bokeh_share", "unload")
    kernel.wait(lambda: "○ ended at" in kernel.card, what="the end on the newest card")
    assert cards(kernel)[0].startswith("bokeh_share: see cell [")
    kernel.share(cell="three")
    assert [line.split(" at ")[0] for line in cards(kernel)] == [
        f"bokeh_share: see cell [{number_of(kernel)}]",
        f"bokeh_share: see cell [{number_of(kernel)}]",
        "bokeh_share",
    ]


def test_the_end_keeps_its_time_however_late_the_card_is_looked_at(kernel: Kernel) -> None:
    kernel.share(cell="one")
    kernel.run(
        "share = __import__('bokeh_share').share()\nshare.stop()\nimport time\nended = time.time()", "c"
    )
    said = "share._runner.report.build_card().timestamp"
    assert kernel.ask(f"{said} <= ended")
    assert kernel.ask(f"{said} == {said}")


def test_the_card_ends_before_the_cell_that_stops_sharing(kernel: Kernel) -> None:
    """The notebook may be saved as soon as the cell has ended."""
    url = kernel.share(cell="one")
    output = kernel.run("%bokeh_share --stop\nimport time; time.sleep(0.01)", "stop")
    assert output.ended
    assert "○ ended at" in kernel.card
    assert url not in str(kernel.displays)


def test_a_card_that_cannot_be_built_leaves_the_former_card_with_its_link(kernel: Kernel) -> None:
    url = kernel.share(cell="one")
    fail = "from bokeh_share.card.card import Card\nkept, Card.to_html = Card.to_html, lambda *args: 1 / 0"
    kernel.run(fail, "fail")
    assert kernel.run("%bokeh_share", "two", fails=True).error == "ZeroDivisionError"
    assert url in kernel.card
    kernel.run("Card.to_html = kept\nshow(fig('a'))", "mend")
    kernel.wait(lambda: "1 plot · 0 viewers" in kernel.card, what="the former card, still the newest")
    assert url in kernel.card


def test_a_formula_as_title_breaks_neither_the_card_nor_status_nor_drop(kernel: Kernel) -> None:
    kernel.share()
    titled = "from bokeh.models import TeX, Title\np = fig('')\np.title = Title(text=TeX(text='x^2'))\n"
    kernel.run(f"{titled}p.renderers[0].data_source.data['margin'] = [1, 2, 3]\nshow(p)", "formula")
    kernel.wait(lambda: "⚠ 'x^2' also sends margin" in kernel.card, what="the remark")
    assert "'x^2'" in kernel.run("%bokeh_share --status", "status").stdout
    assert kernel.refused("%bokeh_share --drop y") == "UsageError: no plot 'y': on the page is 'x^2'"
    assert "off the page" in kernel.run("%bokeh_share --drop x^2", "drop").stdout
    kernel.wait(lambda: "0 plots · 0 viewers" in kernel.card, what="the card without the plot")


def test_eighteen_plots_of_a_cell_are_one_line_below_it_and_one_remark_on_the_card(kernel: Kernel) -> None:
    kernel.share()
    output: Output = kernel.run(REGIONS, "regions")
    number = number_of(kernel)
    assert output.lines == ["bokeh_share: 18 plots on the page", DRAW_HINT]
    kernel.wait(lambda: "margin" in kernel.card, what="the remark")
    assert kernel.card.count("margin") == 1
    remark = f"⚠ 18 plots, the first is 'Region 0' in cell [{number}], also send margin"
    assert remark in kernel.card
    kernel.run("1", "another")
    output = kernel.run(REGIONS, "regions")
    kernel.wait(lambda: f"cell [{number_of(kernel)}], also send margin" in kernel.card, what="the new number")


def test_a_plot_that_a_cell_shows_three_times_is_one_plot(kernel: Kernel) -> None:
    kernel.share()
    output = kernel.run("p = fig('a')\nshow(p)\nshow(p)\nshow(p)", "thrice")
    assert output.lines == ["bokeh_share: 1 plot on the page", DRAW_HINT]
    kernel.wait(lambda: "1 plot · 0 viewers" in kernel.card, what="the plot on the card")


def test_before_a_share_starts_eighteen_plots_are_one_line_as_well(kernel: Kernel) -> None:
    kernel.run("%load_ext bokeh_share", "load")
    assert kernel.run(REGIONS, "regions").lines == [
        "bokeh_share: 18 plots kept for the page; %bokeh_share starts sharing",
        DRAW_HINT,
    ]


@pytest.mark.parametrize("wait", ["", "wait=True"])
def test_a_line_that_was_cleared_comes_again(kernel: Kernel, wait: str) -> None:
    kernel.share()
    code = "from IPython.display import clear_output\nshow(fig('a'))\nshow(fig('b'))\n"
    output = kernel.run(f"{code}clear_output({wait})\nshow(fig('c'))", "c")
    assert [texts[-1] for texts in output.notices.values()] == [
        "bokeh_share: 2 plots on the page",
        DRAW_HINT,
        "bokeh_share: 1 plot on the page",
    ]


def test_a_plot_without_name_and_title_is_called_by_kind_and_cell(kernel: Kernel) -> None:
    kernel.share()
    kernel.run(TABLE, "table")
    number = number_of(kernel)
    kernel.wait(lambda: f"⚠ table, cell [{number}] also sends salary" in kernel.card, what="the remark")
    status = kernel.run("%bokeh_share --status", "status").stdout
    assert re.search(rf"^  k\d+ +table, cell \[{number}\] +\d\.\d kB  changed", status, re.M)
