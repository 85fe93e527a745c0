"""The benchmark's own parts; what it measures, no test asserts."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import pytest
from support.checkout import ROOT, add_benchmarks
from websockets.frames import Frame as Sent
from websockets.frames import Opcode

PAGE = (ROOT / "docs" / "performance.md").read_text(encoding="utf-8")

add_benchmarks()

from benchmarks import compare, relays, wire  # noqa: E402
from benchmarks.frames import HEAD, Frames, Messages  # noqa: E402
from benchmarks.plots import POINTS, marker, plot  # noqa: E402
from benchmarks.result import Goal, Row, Table, number, ratio  # noqa: E402
from benchmarks.rounds import CONTENDERS, Measurement  # noqa: E402
from benchmarks.table import BEGIN, END, RELAY_MARKERS, between_markers, markdown, write  # noqa: E402

LEAST, MOST = Goal(25, least=True, unit="×"), Goal(1.5)

pytestmark = pytest.mark.one_pairing  # it measures with the newest only


def test_the_table_is_written_between_the_markers_and_nothing_else_is(tmp_path: Path) -> None:
    page = tmp_path / "performance.md"
    page.write_text(f"Ümlaut\n{BEGIN}\nold\n{END}\nafter\n", encoding="utf-8")
    write(page, "new ×")
    write(page, "newer ×")
    assert page.read_text(encoding="utf-8") == f"Ümlaut\n{BEGIN}\nnewer ×\n{END}\nafter\n"


@pytest.mark.parametrize("text", ["", "no markers", f"{BEGIN} only", f"{END} and then {BEGIN}"])
def test_a_text_without_both_markers_in_order_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="nowhere to write to"):
        between_markers(text, "new")


def test_a_table_has_a_line_for_each_row() -> None:
    rows = (Row("first", (30.0, None), (LEAST,), unit="×"), Row("second", (1.0, 2.0)))
    assert markdown([Table(("times ours", "a", "b", "goal"), rows)], "A note.") == (
        "A note.\n\n"
        "| times ours | a | b | goal |\n"
        "| --- | --- | --- | --- |\n"
        "| first | 30× | – | at least 25×: met |\n"
        "| second | 1 | 2 |  |"
    )


@pytest.mark.parametrize(
    ("goal", "value", "met"),
    [(LEAST, 25.0, True), (LEAST, 24.9, False), (MOST, 1.5, True), (MOST, 1.6, False)],
)
def test_a_goal_is_met_at_its_bound(goal: Goal, value: float, met: bool) -> None:
    assert goal.is_met(value) is met


def test_a_row_meets_its_goal_only_with_all_of_its_values() -> None:
    assert Row("", (26.0, 20.0), (LEAST, LEAST)).verdict() == "at least 25×: **not met**"
    assert Row("", (26.0, 20.0), (LEAST,)).verdict() == "at least 25×: met"
    assert Row("", (None, 30.0), (LEAST, LEAST)).verdict() == "at least 25×: met"
    assert Row("", (26.0,)).verdict() == ""


def test_a_ratio_is_the_median_of_the_rounds() -> None:
    assert ratio([2.0, 30.0, 100.0], [1.0, 10.0, 1.0]) == 3.0


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (1.0, "1"), (0.234, "0.23"), (2.34, "2.3"), (47.6, "48"), (3766.1, "3,800"), (1013, "1013")],
)
def test_a_number_is_as_precise_as_it_can_be(value: float, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65535, 65536, 200_000])
@pytest.mark.parametrize("step", [1, 2, 3, 7, 1000, 1_000_000])
def test_frames_are_cut_wherever_the_network_cut_them(size: int, step: int) -> None:
    payload = bytes(index % 251 for index in range(size))
    both = Sent(Opcode.BINARY, payload), Sent(Opcode.PING, b"you?")
    sent = b"".join(frame.serialize(mask=False) for frame in both)
    frames, found = Frames(), []
    for start in range(0, len(sent), step):
        found += list(frames.feed(sent[start : start + step]))
    assert found == [(2, payload[:HEAD], size), (9, b"you?", 4)]


def test_a_frame_is_a_message() -> None:
    (frame,) = Frames().feed(Sent(Opcode.BINARY, b"all of it").serialize(mask=False))
    assert Messages(bokeh=False).take(frame) == (b"all of it", 9)


def test_a_message_of_bokeh_s_ends_with_the_last_of_its_arrays() -> None:
    parts = [b'{"msgtype":"PATCH-DOC","num_buffers":1}', b"{}", b"content", b'{"id":"1"}', b"12345678"]
    whole, messages = len(b"".join(parts)), Messages(bokeh=True)
    for _ in range(2):
        frames = Frames().feed(b"".join(Sent(Opcode.TEXT, part).serialize(mask=False) for part in parts))
        assert [messages.take(frame) for frame in frames] == [None, None, None, None, (b"content", whole)]
    short = [b'{"msgtype":"ACK"}', b"{}", b"{}"]
    frames = Frames().feed(b"".join(Sent(Opcode.TEXT, part).serialize(mask=False) for part in short))
    assert [messages.take(frame) for frame in frames] == [None, None, (b"{}", 21)]


def test_each_update_is_recognised_by_its_marker() -> None:
    assert plot("column", 3).title.text == marker("column", 3) != marker("column", 4) != marker("title", 4)
    titles, others = [plot("title", number).renderers[0].data_source.data for number in (1, 2)]
    assert titles["y"] is not others["y"]
    assert list(titles["y"]) == list(others["y"])
    data, more = [plot("column", number).renderers[0].data_source.data["y"] for number in (1, 2)]
    assert not (data == more).any()
    assert data.nbytes == 160_000 == POINTS["column"] * struct.calcsize("d")


def measurements(**seconds: float) -> compare.Measurements:
    return {name: [Measurement(each, each, each)] for name, each in seconds.items()}


def test_the_comparison_says_how_many_times_as_long_each_took_as_we() -> None:
    all_four = measurements(ours=0.5, bokeh_server=15.0, panel_pane=10.0, broadcast=0.25)
    found = compare.Found(
        {1: all_four, 30: all_four, 200: all_four},
        measurements(ours=0.5, broadcast=0.25, serialised=0.6),
        {"ours": 5.0, "bokeh_server": 250.0, "panel_pane": 300.0, "broadcast": 1.0},
    )
    lines = markdown(compare.tables(found)).splitlines()
    few = next(line for line in lines if "last of 30" in line)
    assert few.endswith("has it | 30× | 20× | 0.50× | at least 25×: **not met** |")
    floor = next(line for line in lines if line.startswith("| 160 kB of new values: time"))
    assert floor.endswith("| – | – | 0.50× | at least 1×: **not met** |")
    assert (
        "| the same, if Bokeh has to serialise the plot before the broadcast | – | – | 1.20× | "
        in "\n".join(lines)
    )
    memory = [line for line in lines if line.startswith("| memory")]
    assert memory[0].endswith("| 50× | 60× | – |  |")
    assert memory[1].endswith("| 5 MB | at most 25 MB: met |")


def test_the_goals_are_for_those_they_name() -> None:
    assert list(compare.OTHERS) == ["bokeh_server", "panel_pane", "broadcast"]
    assert CONTENDERS[0] == "ours"


def test_what_did_not_change_is_not_sent() -> None:
    change, goal = next(iter(wire.CHANGES.values()))
    assert wire.weigh("nothing", change) == (0, 0)
    assert goal.is_met(0)


def test_the_bytes_of_a_patch_are_counted_without_the_page_s_message() -> None:
    weight, about_the_page = wire.weigh("title", wire.CHANGES["the title's text"][0])
    assert 0 < weight < 500
    assert 0 < about_the_page < 500


@pytest.mark.parametrize("what", [*wire.CHANGES, "new title: bytes per viewer", "numpy arrays"])
def test_the_page_has_what_the_benchmark_writes(what: str) -> None:
    written = PAGE.partition(BEGIN)[2].partition(END)[0]
    assert f"| {what} | " in written


def test_the_page_can_be_written_again() -> None:
    assert PAGE.count(BEGIN) == PAGE.count(END) == 1
    assert json.dumps(between_markers(PAGE, "new")).count("new") > 0


def test_relays_are_compared_with_a_bare_broadcast_in_a_table_of_their_own() -> None:
    rounds = measurements(one_relay=0.3, two_relays=0.6, broadcast=0.2, few_viewers=0.25)
    found = relays.Found({1: rounds, 2000: rounds}, {2000: rounds}, 13.0, 42.0, 1.05)
    times, costs = relays.tables(found)
    assert [row.cells() for row in times.rows] == [
        ["another title, 1 viewer", "1.50×", "3.0×", ""],
        ["another title, 2,000 viewers", "1.50×", "3.0×", "at most 1.50×: **not met**"],
        ["160 kB of values, 2,000 viewers", "1.50×", "3.0×", "at most 1.50×: **not met**"],
    ]
    assert [row.verdict().rpartition(": ")[2] for row in costs.rows] == ["met"] * 4
    assert between_markers(PAGE, "new", RELAY_MARKERS).count("new") >= 1
