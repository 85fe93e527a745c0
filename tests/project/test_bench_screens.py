"""The parts of the benchmark's screens that need no browser; what it measures, no test asserts."""

from __future__ import annotations

from typing import Any

import pytest
from bokeh.models import LogAxis, LogScale
from support.checkout import add_benchmarks

add_benchmarks()

from benchmarks import long_page, main_thread, phone, pixels  # noqa: E402
from benchmarks.changes import CHANGES, make_title  # noqa: E402
from benchmarks.pixels import FLOOR, OTHERS, OURS, ChangeMethod, list_methods  # noqa: E402
from benchmarks.screen import find_last_picture  # noqa: E402
from benchmarks.table import markdown  # noqa: E402

pytestmark = pytest.mark.one_pairing  # it measures with the newest only


def look(plot: Any) -> tuple[Any, ...]:
    """Return all that a change of the benchmark may change in a plot."""
    data = {name: list(column) for name, column in plot.renderers[0].data_source.data.items()}
    return plot.title.text, data, type(plot.y_scale), [type(axis) for axis in plot.left]


def test_a_change_is_seen_in_the_first_frame_that_looks_like_the_last() -> None:
    assert find_last_picture([(0, 500), (16, 480), (33, 0)]) == 33
    assert find_last_picture([(0, 500), (16, 10), (33, 4), (300, 0)]) == 16


def test_a_picture_that_is_changed_back_is_not_the_last() -> None:
    blank = 1e9
    assert find_last_picture([(0, 500), (16, 0), (33, blank), (50, 300), (66, 2), (300, 0)]) == 66


@pytest.mark.parametrize("name", CHANGES)
def test_a_plot_looks_the_same_edited_in_place_and_made_anew(name: str) -> None:
    change = CHANGES[name]
    plots = change.make_all(0)
    for number in (1, 2):
        former = [look(plot) for plot in plots]
        change.edit_all(plots, number)
        assert [look(plot) for plot in plots] == [look(plot) for plot in change.make_all(number)]
        assert all(look(plot) != before for plot, before in zip(plots, former, strict=True))


def test_only_the_first_of_two_changes_of_the_axis_is_measured() -> None:
    change = CHANGES["axis"]
    (plot,) = change.make_all(0)
    change.edit_all([plot], 1)
    assert (type(plot.y_scale), type(plot.left[0])) == (LogScale, LogAxis)
    assert plot.ygrid[0].axis is plot.left[0]
    assert change.is_toggled


def test_titles_that_follow_each_other_share_few_letters() -> None:
    pairs = zip(make_title(7), make_title(8), strict=False)
    assert sum(one == other for one, other in pairs) <= 5


def test_the_script_of_a_page_sets_the_titles_that_python_sets() -> None:
    assert f'["{make_title(3, 0)}", "{make_title(3, 1)}"' in CHANGES["titles"].in_page(3)


def test_several_plots_are_not_replaced_by_others() -> None:
    assert list_methods(CHANGES["title"]) == [*OURS, *OTHERS, FLOOR]
    assert list_methods(CHANGES["titles"]) == [*OURS, ChangeMethod("bokeh_server", "edit"), FLOOR]


def test_the_pixels_table_says_how_many_times_as_long_as_a_script_each_way_takes() -> None:
    one = dict(zip([*OURS, *OTHERS, FLOOR], ([0.05], [0.1], [0.06], [0.12], [0.16], [0.04]), strict=True))
    twenty = {OURS[0]: [0.1], OURS[1]: [0.11], OTHERS[0]: [0.13], FLOOR: [0.1]}
    lines = markdown(pixels.tables(pixels.Found({"title": one, "titles": twenty}, [0.4]))).splitlines()
    assert lines[2] == (
        "| title, line of 1,000 points | 1.25× | 2.5× | 1.50× | 3× | 4× | at most 1.30×: **not met** |"
    )
    assert lines[3] == "| 20 titles in one cell | 1× | 1.10× | 1.30× | – | – | at most 1.30×: met |"
    assert "| title, line of 1,000 points | 40 ms |  |" in lines
    assert "| of it, to read the pixels after each frame | 0.40 ms |  |" in lines


def test_the_main_threads_goal_is_a_multiple_of_the_bokeh_servers_time() -> None:
    found = {("ours", "edit"): [0.03], ("bokeh_server", "edit"): [0.03]}
    found |= {("ours", "show"): [0.06], ("bokeh_server", "show"): [0.04]}
    lines = markdown([main_thread.table(found)]).splitlines()
    assert lines[2:] == [
        "| times as long as with a Bokeh server | 1× | 1.50× | at most 1.20×: **not met** |",
        "| ours | 30 ms | 60 ms |  |",
        "| Bokeh server | 30 ms | 40 ms |  |",
    ]


def test_a_long_page_is_compared_with_a_static_page_of_the_same_plots() -> None:
    found = long_page.Found([10.0], [1.0], [0.9], [9.0], [2.0], [0.2], [0.4])
    lines = markdown([long_page.table(found)]).splitlines()
    assert lines[0] == "| 100 plots of 2,000 glyphs each |  | goal |"
    assert lines[2:] == [
        "| the first plot: times a static page of all plots | 0.10× | at most 0.11×: met |",
        "| the first plot: times a page of one | 1.11× | at most 1.30×: met |",
        "| all plots, drawn as before printing: times a static page of all plots | 0.90× | at most 1×: met |",
        "| the plot of `#name`: times a static page of all plots | 0.20× | at most 0.15×: **not met** |",
        "| an update of a drawn plot, the others out of view | 0.20 s | at most 0.30 s: met |",
        "| an update of a drawn plot, while the others are drawn | 0.40 s | at most 0.30 s: **not met** |",
        "| a static page of all plots | 10 s |  |",
    ]


def test_the_goal_of_one_plot_grows_where_there_are_fewer() -> None:
    found = long_page.Found(*([1.0] for _ in range(7)))
    goals = [row.goals[0] for row in long_page.table(found, 20).rows[:4]]
    assert [goal and goal.bound for goal in goals] == pytest.approx([0.55, 1.3, 1, 0.75])


def test_a_phone_shows_the_others_as_multiples_of_ours() -> None:
    visits = {"ours": (6.0, 430_000), "bokeh_server": (27.0, 4_400_000), "panel_pane": (18.0, 2_900_000)}
    found = {name: [phone.PhoneVisit(*visit)] for name, visit in visits.items()}
    lines = markdown([phone.table(found)]).splitlines()
    assert lines[2:] == [
        "| the first plot: times ours | – | 4.5× | 3× | at least 4.2×: **not met** |",
        "| the first plot | 6 s | 27 s | 18 s | at most 6.5 s: met |",
        "| what comes over the network until then | 0.43 MB | 4.4 MB | 2.9 MB | at most 0.45 MB: met |",
    ]
