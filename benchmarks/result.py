"""What was found, as a person reads it: ratios, and whether they are what was aimed at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Goal:
    """What a number has to be at least, or at most."""

    bound: float
    least: bool = False
    unit: str = ""

    def is_met(self, value: float) -> bool:
        return value >= self.bound if self.least else value <= self.bound

    def __str__(self) -> str:
        return f"{'at least' if self.least else 'at most'} {number(self.bound)}{self.unit}"


@dataclass(frozen=True)
class Row:
    """One line of a table: what was measured, and what was found for each column."""

    what: str
    values: tuple[float | None, ...]
    """None where there is nothing to compare with."""
    goals: tuple[Goal | None, ...] = ()
    """For each value; shorter where the last have none."""
    unit: str = ""

    def cells(self) -> list[str]:
        found = [self.what]
        found += ["–" if value is None else f"{number(value)}{self.unit}" for value in self.values]
        return [*found, self.verdict()]

    def verdict(self) -> str:
        """The goal, and whether it is met; the empty text where none was set."""
        pairs = zip(self.goals, self.values, strict=False)
        aims = [(goal, value) for goal, value in pairs if goal is not None and value is not None]
        if not aims:
            return ""
        met = all(goal.is_met(value) for goal, value in aims)
        return f"{aims[0][0]}: {'met' if met else '**not met**'}"


@dataclass(frozen=True)
class Table:
    """Rows that have the same columns."""

    head: tuple[str, ...]
    rows: tuple[Row, ...]


def number(value: float) -> str:
    """As precise as a noisy machine allows, and no more."""
    if value == int(value) and value < 10_000:
        return f"{int(value)}"
    if value >= 1000:
        return f"{round(value, 1 - len(str(int(value))) + 1):,.0f}"
    return f"{value:.0f}" if value >= 20 else f"{value:.1f}" if value >= 2 else f"{value:.2f}"


def ratio(those: Sequence[float], ours: Sequence[float]) -> float:
    """How many times ours: the median of the rounds, in each of which all had their turn."""
    return median(that / own for that, own in zip(those, ours, strict=True))
