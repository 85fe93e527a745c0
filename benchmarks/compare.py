"""Compares updates to one viewer and to many with the other ways to show them."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.result import Goal, Row, Table, ratio
from benchmarks.rounds import CONTENDERS, SENDERS, Measurement, Rounds, opened

FEW, MANY = 30, 200
OTHERS = CONTENDERS[1:]
SOONER = Goal(25, least=True, unit="×")
FLOOR = Goal(1, least=True, unit="×")
MEMORY = Goal(25, unit=" MB")

Measurements = dict[str, list[Measurement]]


@dataclass(frozen=True)
class Found:
    titles: dict[int, Measurements]
    """By the number of viewers: a new title on 100,000 points."""
    columns: Measurements
    """160 kB of other values, to `MANY` viewers: ours and the broadcasts only."""
    memory: dict[str, float]
    """MB of memory that `MANY` viewers need more than one viewer."""


def measure(times: int) -> Found:
    """Measure all contenders; takes about ten seconds per round."""
    titles: dict[int, Measurements] = {}
    used: dict[int, dict[str, int]] = {}
    with opened() as rounds:
        for viewers in (1, FEW, MANY):
            rounds.set_viewer_count(viewers)
            titles[viewers] = rounds.run("title", times if viewers < MANY else max(2, times // 2))
            used[viewers] = _memory(rounds)
        columns = rounds.run("column", 2 * times, SENDERS)
    memory = {name: max(0, used[MANY][name] - used[1][name]) / 1e6 for name in CONTENDERS}
    return Found(titles, columns, memory)


def _memory(rounds: Rounds) -> dict[str, int]:
    return {name: kernel.memory() for name, kernel in rounds.kernels.items()}


def tables(found: Found) -> list[Table]:
    head = ("times ours", "Bokeh server", "Panel", "bare broadcast", "goal")
    return [Table(head, tuple(rows(found))), Table(("", "ours", "goal"), (memory_row(found),))]


def rows(found: Found) -> list[Row]:
    made = []
    for viewers, measurements in found.titles.items():
        goals = (SOONER, SOONER) if viewers == FEW else ()
        whom = "1 viewer" if viewers == 1 else f"the last of {viewers} viewers"
        made.append(
            Row(f"new title: time until {whom} has it", _times(measurements, "seconds"), goals, unit="×")
        )
    few = found.titles[FEW]
    made += [
        Row(f"new title: the kernel's processor, for {FEW} viewers", _times(few, "processor"), unit="×"),
        Row("new title: bytes per viewer", _times(few, "bytes"), unit="×"),
        Row(
            f"160 kB of new values: time until the last of {MANY} viewers has them",
            _times(found.columns, "seconds"),
            (None, None, FLOOR),
            unit="×",
        ),
        Row(
            "the same, if Bokeh has to serialise the plot before the broadcast",
            (None, None, ratio(_seconds(found.columns["serialised"]), _seconds(found.columns["ours"]))),
            (None, None, FLOOR),
            unit="×",
        ),
        Row(
            f"160 kB of new values: the kernel's processor, for {MANY} viewers",
            _times(found.columns, "processor"),
            unit="×",
        ),
    ]
    own = max(found.memory["ours"], 1.0)  # MB; smaller differences are noise of the interpreter
    more = tuple(found.memory[name] / own for name in OTHERS[:2])
    made.append(Row(f"memory that {MANY} viewers cost more than one", (*more, None), unit="×"))
    return made


def memory_row(found: Found) -> Row:
    what = f"memory that {MANY} viewers cost more than one"
    return Row(what, (found.memory["ours"],), (MEMORY,), unit=" MB")


def _times(measurements: Measurements, what: str) -> tuple[float | None, ...]:
    """The ratio of each other contender to ours."""
    own = [getattr(measurement, what) for measurement in measurements["ours"]]
    return tuple(
        ratio([getattr(measurement, what) for measurement in measurements[name]], own)
        if name in measurements
        else None
        for name in OTHERS
    )


def _seconds(measurements: list[Measurement]) -> list[float]:
    return [measurement.seconds for measurement in measurements]
