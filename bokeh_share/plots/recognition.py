"""Finds the former plot of a cell that one goes on as: by what it is and looks like, by its place last."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeAlias

from ..errors import BokehShareError
from .diff.similarity import Outline, are_another
from .page import Plot, PlotKey
from .snapshot.capture import CapturedPlot
from .snapshot.snapshot import Snapshot
from .tracker import PlotTracker, Showable

Score: TypeAlias = tuple[float, ...]
"""What speaks for two plots being one, the surest first: that the object or all of it is the same, the name
that the author gave it, its titles and labels, its data, the variable, and words."""
SURE = 4
"""So many of these tell plots apart for sure."""
NOTHING: Score = (0, 0, 0, 0, 0, 0)
SAME: Score = (1, 0, 0, 0, 0, 0)


@dataclass(eq=False)
class _Look:
    """What is compared of a plot."""

    snapshot: Snapshot | None
    """None when it has left the page."""
    shown: Showable | None
    """The author's object, as long as it is known."""
    variables: frozenset[str]
    """What the author called it when it was shown."""

    @cached_property
    def outline(self) -> Outline:
        return Outline(self.snapshot.models if self.snapshot is not None else ())

    def is_of(self, shown: Showable | None) -> bool:
        """Whether it is of this very object, or of a list of the same ones."""
        if isinstance(shown, list) and isinstance(self.shown, list):
            return [*map(id, shown)] == [*map(id, self.shown)]
        return shown is not None and self.shown is shown

    def is_as(self, other: _Look) -> bool:
        return self.snapshot is not None and self.snapshot == other.snapshot

    def let_go(self) -> None:
        """Hold nothing of the author's and no arrays from now on."""
        self.outline.let_go()
        self.snapshot = self.shown = None

    def score(self, other: _Look) -> Score | None:
        """What speaks for the other being the same plot; None when it is quite another."""
        if self.is_of(other.shown) or self.is_as(other):
            return SAME
        then, now = self.outline, other.outline
        is_named = then.name is not None and then.name == now.name
        if not is_named and are_another(then, now):
            return None
        data = sum(
            any(each.is_same(another) for another in then.samples[role])
            for role, samples in now.samples.items()
            for each in samples
        )
        is_bound = bool(self.variables & other.variables)
        return (0, is_named, _shared(then.texts, now.texts), data, is_bound, _shared(then.words, now.words))


@dataclass(eq=False)
class _Former:
    """A plot that the cell showed when it ran before."""

    key: PlotKey
    """Where it is now."""
    plot: Plot | None
    """None when it was dropped."""
    look: _Look


@dataclass(eq=False)
class _Claim:
    """A former plot that goes on as one that this run has shown."""

    former: _Former
    look: _Look
    """Of what was shown."""
    caption: str | None
    otherwise: _Former | None
    """What it would go on as by its place."""

    @cached_property
    def score(self) -> Score:
        return self.former.look.score(self.look) or NOTHING


@dataclass(eq=False)
class _Run:
    """One run of a cell."""

    formers: list[_Former]
    """Those that it has not come to, in the order in which they are expected."""
    claims: list[_Claim] = field(default_factory=list)


class Recognition:
    """Lets each plot of a cell go on as the former one that it is, wherever in the cell it is shown now.

    A key says a plot's place in the cell; what viewers zoomed into is the plot that stands there. No `show()`
    knows what the next ones bring: a plot that went on as a former one by its place gives that back when the
    cell comes to it.
    """

    def __init__(
        self,
        capture: PlotTracker,
        namespace: Mapping[str, Any],
        on_move: Callable[[Mapping[PlotKey, PlotKey]], None],
    ) -> None:
        self._capture = capture
        self._namespace = namespace
        self._on_move = on_move
        """Called before plots move, with their former keys and the new ones."""
        self._runs: weakref.WeakKeyDictionary[object, _Run] = weakref.WeakKeyDictionary()
        self._variables: dict[PlotKey, frozenset[str]] = {}
        """By key, of what is or was shown there last."""
        self._dropped: dict[PlotKey, _Look] = {}
        """What the author dropped, to know it when it is shown again."""

    def note_dropped(self, keys: Iterable[PlotKey]) -> None:
        """Remember what stands at these keys, before it leaves the page."""
        for former in self._formers(keys):
            former.look.let_go()
            self._dropped[former.key] = former.look

    def keep_dropped(self, keys: Collection[PlotKey]) -> None:
        """Forget what was dropped at others: it may be shown again."""
        self._dropped = {key: look for key, look in self._dropped.items() if key in keys}

    def end(self, run: object) -> None:
        """A run is over: what it found before is no longer needed."""
        self._runs.pop(run, None)
        standing = {plot.key for plot in self._capture.page.plots} | self._dropped.keys()
        self._variables = {key: names for key, names in self._variables.items() if key in standing}

    def settle(
        self,
        run: object,
        key: PlotKey,
        shown: Showable,
        former: Collection[PlotKey],
        *,
        caption: str | None = None,
        value: Any = None,
    ) -> CapturedPlot | None:
        """Bring the former plot that `shown` is to `key`, before it is put there.

        `former` are the keys of the cell's that this run has shown nothing at, `value` is what `shown` was
        drawn of, if the author has that. Returns its picture, if one was taken that fits what stands there.
        What can't be pictured is left to `Capture.put`.
        """
        value = shown if value is None else value
        variables = frozenset(name for name, each in list(self._namespace.items()) if each is value)
        if run not in self._runs:
            self._runs[run] = _Run(self._formers(former))
        known = self._runs[run]
        known.formers = [each for each in known.formers if each.key in former]
        is_taken = self._capture.page.find(key) is not None and key not in former
        try:
            if is_taken or not (known.formers or known.claims):
                return None
            return self._settle(known, key, shown, variables, caption)
        except BokehShareError:
            return None
        finally:
            self._variables[key] = variables

    def _formers(self, keys: Iterable[PlotKey]) -> list[_Former]:
        formers = []
        for key in sorted(keys, key=lambda each: each.position):
            plot = self._capture.page.find(key)
            if plot is not None:
                variables = self._variables.get(key, frozenset())
                look = _Look(plot.snapshot, self._capture.shown_at(key), variables)
                formers.append(_Former(key, plot, look))
            elif key in self._dropped:
                formers.append(_Former(key, None, self._dropped[key]))
        return formers

    def _settle(
        self, run: _Run, key: PlotKey, shown: Showable, variables: frozenset[str], caption: str | None
    ) -> CapturedPlot | None:
        expected = run.formers[0] if run.formers else None
        if expected is not None and expected.look.is_of(shown):
            self._claim(run, key, _Claim(expected, expected.look, caption, expected))
            return None
        before = expected.look.snapshot if expected is not None else None
        captured = self._capture.captured(key, shown, before=before)
        look = _Look(captured.snapshot, shown, variables)
        if len(run.formers) == 1 and not run.claims:
            found = expected  # the only plot of a cell is what the cell shows first, whatever that is
        else:
            found, score = self._best(look, run.formers)
            if (claim := _better_claim(run.claims, look, score)) is not None:
                self._give_back(run, claim, key)
                run.claims.append(_Claim(claim.former, look, caption, None))
                return None
        if found is None:
            self._move(self._room_at(run, key), run)
            return captured
        self._claim(run, key, _Claim(found, look, caption, expected))
        return captured if found is expected else None

    def _best(self, look: _Look, formers: Sequence[_Former]) -> tuple[_Former | None, Score]:
        """The former plot that it is most like, the expected ones first; None if it is like none."""
        if formers and formers[0].look.is_as(look):
            return formers[0], SAME
        found, best = None, NOTHING
        for former in formers:
            score = former.look.score(look)
            if score is not None and (found is None or score > best):
                found, best = former, score
        return found, best

    def _claim(self, run: _Run, key: PlotKey, claim: _Claim) -> None:
        """Bring a former plot to where it is shown; what was there takes its place."""
        former = claim.former
        index = run.formers.index(former)
        moves = {former.key: key, **self._swap(run, key, former.key)}
        # what was passed over may come later; what followed is expected now
        run.formers = run.formers[index + 1 :] + run.formers[:index]
        run.claims.append(claim)
        self._move(moves, run)

    def _give_back(self, run: _Run, claim: _Claim, key: PlotKey) -> None:
        """Bring a plot as it was to `key`; what went on as it goes on as another, or is new."""
        run.claims.remove(claim)
        there, other = claim.former.key, claim.otherwise
        instead = other if other in run.formers and other.look.score(claim.look) is not None else None
        if instead is None:
            self._move({**self._room_at(run, key), there: key}, run, claim.former)
        else:
            run.formers.remove(instead)
            run.claims.append(_Claim(instead, claim.look, claim.caption, None))
            moves = {there: key, instead.key: there, **self._swap(run, key, instead.key)}
            self._move(moves, run, claim.former)
        if claim.former.plot is not None:
            self._capture.restore(key, claim.former.plot)
        if claim.look.shown is not None and there not in self._dropped:
            with suppress(BokehShareError):  # is noted as its problem
                self._capture.put(there, claim.look.shown, caption=claim.caption)

    def _swap(self, run: _Run, key: PlotKey, free: PlotKey) -> dict[PlotKey, PlotKey]:
        """What stands at `key`, if this run may still come to it, moves to where there is room."""
        return {key: free} if key != free and any(each.key == key for each in run.formers) else {}

    def _room_at(self, run: _Run, key: PlotKey) -> dict[PlotKey, PlotKey]:
        """What makes room for a new plot: those from there on move on by one, as far as need be."""
        movable = {each.key for each in run.formers}
        standing = {plot.key for plot in self._capture.page.plots} - movable
        moves: dict[PlotKey, PlotKey] = {}
        while key in movable:
            following = key._replace(position=key.position + 1)
            while following in standing:
                following = following._replace(position=following.position + 1)
            moves[key] = key = following
        return moves

    def _move(self, moves: Mapping[PlotKey, PlotKey], run: _Run, *others: _Former) -> None:
        moves = {key: to for key, to in moves.items() if key != to}
        if not moves:
            return
        self._on_move(moves)
        self._dropped = {moves.get(key, key): look for key, look in self._dropped.items()}
        self._variables = {moves.get(key, key): names for key, names in self._variables.items()}
        claimed = [claim.former for claim in run.claims]
        for former in (*run.formers, *claimed, *others):
            former.key = moves.get(former.key, former.key)
        self._capture.move(moves)


def _better_claim(claims: Sequence[_Claim], look: _Look, score: Score) -> _Claim | None:
    """The claim of another on what this rather is, and more than anything else: for sure, or where nothing
    but the place spoke for that claim."""
    found: _Claim | None = None
    for claim in claims:
        mine = claim.former.look.score(look) or NOTHING
        is_sure = mine[:SURE] > max(claim.score[:SURE], score[:SURE])
        if is_sure or (claim.score == NOTHING and mine > score):
            found, score = claim, mine
    return found


def _shared(one: Collection[str], other: Collection[str]) -> float:
    """How much of all there is both have, from 0 to 1."""
    either = {*one, *other}
    return len({*one} & {*other}) / len(either) if either else 0
