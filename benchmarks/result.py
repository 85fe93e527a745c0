"""Formats the results for people: ratios, and whether they meet their goals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Goal:
    """The minimum or the maximum of a number."""

    bound: float
    least: bool = False
    unit: str = ""

    def is_met(self, value: float) -> bool:
        return value >= self.bound if self.least else value <= self.bound

    def __str__(self) -> str:
        return f"{'at least' if self.least else 'at most'} {number(self.bound)}{self.unit}"


@dataclass(frozen=True)
class Row:
    """One line of a table: the measured thing, and its value in each column."""

    what: str
    values: tuple[float | None, ...]
    """None where nothing can be compared."""
    goals: tuple[Goal | None, ...] = ()
    """The goal of each value; shorter where the last values have none."""
    unit: str = ""

    def cells(self) -> list[str]:
        found = [self.what]
        found += ["–" if value is None else f"{number(value)}{self.unit}" for value in self.values]
        return [*found, self.verdict()]

    def verdict(self) -> str:
        """Format the goal, and whether it is met; empty without a goal."""
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
    """Format a number as precisely as a noisy machine allows."""
    if value == int(value) and value < 10_000:
        return f"{int(value)}"
    if value >= 1000:
        return f"{round(value, 1 - len(str(int(value))) + 1):,.0f}"
    return f"{value:.0f}" if value >= 20 else f"{value:.1f}" if value >= 2 else f"{value:.2f}"


def ratio(those: Sequence[float], ours: Sequence[float]) -> float:
    """The ratio to ours: the median of the rounds, each with a turn of all contenders."""
    return median(that / own for that, own in zip(those, ours, strict=True))
