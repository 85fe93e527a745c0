"""Matches each plot of a cell with a former one: by object, then by content, finally by position."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ..errors import BokehShareError
from .content import PlotContent
from .features import DECISIVE_SCORES, IDENTICAL_SCORE, ZERO_SCORE, PlotFeatures, Score
from .media import Display
from .page import Plot, PlotKey
from .showable import Showable
from .snapshot import CapturedPlot
from .tracker import PlotTracker


@dataclass(eq=False)
class _FormerPlot:
    """A plot that the cell showed in its former run."""

    key: PlotKey
    """The plot's current key."""
    plot: Plot | None
    """The features; None if the plot was dropped."""
    features: PlotFeatures

    def move(self, moves: Mapping[PlotKey, PlotKey]) -> None:
        self.key = moves.get(self.key, self.key)


@dataclass(eq=False)
class _PlotMatch:
    """A former plot that was matched with one that this run has shown."""

    former: _FormerPlot
    features: PlotFeatures
    """The features of the plot that was shown."""
    caption: str | None
    fallback: _FormerPlot | None
    """The former plot that it would be matched with by its position."""

    @cached_property
    def score(self) -> Score:
        return self.former.features.compute_score(self.features) or ZERO_SCORE


@dataclass(eq=False)
class _RecognitionRun:
    """One run of a cell."""

    unmatched: list[_FormerPlot]
    """Former plots without a match, in the order in which they are expected."""
    matches: list[_PlotMatch] = field(default_factory=list)

    def keep_unmatched(self, keys: Collection[PlotKey]) -> None:
        """Discard the former plots at other keys, which are gone."""
        self.unmatched = [each for each in self.unmatched if each.key in keys]

    def add_match(self, match: _PlotMatch) -> None:
        """Expect the plots after this one next; skipped ones may come later."""
        index = self.unmatched.index(match.former)
        self.unmatched = self.unmatched[index + 1 :] + self.unmatched[:index]
        self.matches.append(match)


class Recognition:
    """Matches each plot of a cell with the former one that it continues, wherever in the cell it is shown.

    A key contains the position in the cell, but a viewer's zoom belongs to the plot, which may be shown at
    another position. `show()` cannot know the cell's later plots: a former plot that was matched by position
    is matched again when the cell shows a plot that fits better.
    """

    def __init__(
        self,
        tracker: PlotTracker,
        namespace: Mapping[str, Any],
        on_move: Callable[[Mapping[PlotKey, PlotKey]], None],
    ) -> None:
        self._tracker = tracker
        self._namespace = namespace
        self._on_move = on_move
        """Called before plots move, with their former keys and the new ones."""
        self._runs: weakref.WeakKeyDictionary[object, _RecognitionRun] = weakref.WeakKeyDictionary()
        self._variables: dict[PlotKey, frozenset[str]] = {}
        """The variables that held the plot last shown at each key."""
        self._dropped: dict[PlotKey, PlotFeatures] = {}
        """The features of plots that the author dropped, to recognise them when they are shown again."""

    def record_dropped(self, keys: Iterable[PlotKey]) -> None:
        """Record the features of the plots at these keys, before they leave the page."""
        for former in self._list_former_plots(keys):
            former.features.release()
            self._dropped[former.key] = former.features

    def keep_dropped(self, keys: Collection[PlotKey]) -> None:
        """Discard the dropped plots of all other keys, so that they may be shown again."""
        self._dropped = {key: features for key, features in self._dropped.items() if key in keys}

    def end_run(self, run: object) -> None:
        """End a run, and drop its matches."""
        self._runs.pop(run, None)
        current_keys = {plot.key for plot in self._tracker.page.plots} | self._dropped.keys()
        self._variables = {key: names for key, names in self._variables.items() if key in current_keys}

    def match_plot(
        self,
        run: object,
        key: PlotKey,
        shown: Showable,
        former_keys: Collection[PlotKey],
        *,
        caption: str | None = None,
        value: Any = None,
    ) -> CapturedPlot | None:
        """Move the former plot that matches `shown` to `key`, before `shown` is put there.

        `former_keys` are the cell's keys at which this run has shown nothing. `value` is the author's object
        from which `shown` was drawn, if it is another one. Returns the captured plot, if there is one that
        fits the plot at `key`. `PlotTracker.put` handles a plot that cannot be captured.
        """
        value = shown if value is None else value
        variables = frozenset(name for name, each in list(self._namespace.items()) if each is value)
        if run not in self._runs:
            self._runs[run] = _RecognitionRun(self._list_former_plots(former_keys))
        recognition_run = self._runs[run]
        recognition_run.keep_unmatched(former_keys)
        is_taken = self._tracker.page.find(key) is not None and key not in former_keys
        try:
            if is_taken or not (recognition_run.unmatched or recognition_run.matches):
                return None
            return self._find_match(recognition_run, key, shown, variables, caption)
        except BokehShareError:
            return None
        finally:
            self._variables[key] = variables

    def _list_former_plots(self, keys: Iterable[PlotKey]) -> list[_FormerPlot]:
        formers = []
        for key in sorted(keys, key=lambda each: each.position):
            plot = self._tracker.page.find(key)
            if plot is not None:
                variables = self._variables.get(key, frozenset())
                features = PlotFeatures(plot.snapshot, self._tracker.plots.find_shown(key), variables)
                formers.append(_FormerPlot(key, plot, features))
            elif key in self._dropped:
                formers.append(_FormerPlot(key, None, self._dropped[key]))
        return formers

    def _find_match(
        self,
        run: _RecognitionRun,
        key: PlotKey,
        shown: Showable,
        variables: frozenset[str],
        caption: str | None,
    ) -> CapturedPlot | None:
        expected = run.unmatched[0] if run.unmatched else None
        if expected is not None and expected.features.is_same_object(shown):
            self._add_match(run, key, _PlotMatch(expected, expected.features, caption, expected))
            return None
        before = expected.features.snapshot if expected is not None else None
        captured, content = self._capture(key, shown, before)
        if content is None:  # its picture is not there yet
            return None
        features = PlotFeatures(content, shown, variables)
        if len(run.unmatched) == 1 and not run.matches:
            best = expected  # the only former plot of a cell matches any plot that the cell shows first
        else:
            best, score = self._find_best(features, run.unmatched)
            if (match := _find_better_match(run.matches, features, score)) is not None:
                self._reassign_match(run, match, key)
                run.matches.append(_PlotMatch(match.former, features, caption, None))
                return None
        if best is None:
            self._apply_moves(self._plan_shift(run, key), run)
            return captured
        self._add_match(run, key, _PlotMatch(best, features, caption, expected))
        return captured if best is expected else None

    def _capture(
        self, key: PlotKey, shown: Showable, before: PlotContent | None
    ) -> tuple[CapturedPlot | None, PlotContent | None]:
        """Return the captured plot, if it is one of Bokeh's, and its snapshot, if it is there."""
        capturer = self._tracker.capturer
        if isinstance(shown, Display):
            return None, capturer.capture_display(key, shown) if shown.is_ready else None
        captured = capturer.capture(key, shown, before=before)
        return captured, captured.snapshot

    def _find_best(
        self, features: PlotFeatures, formers: Sequence[_FormerPlot]
    ) -> tuple[_FormerPlot | None, Score]:
        """Find the most similar former plot, trying the expected ones first; None if none is similar."""
        if formers and formers[0].features.has_same_snapshot(features):
            return formers[0], IDENTICAL_SCORE
        best_former, best_score = None, ZERO_SCORE
        for former in formers:
            score = former.features.compute_score(features)
            if score is not None and (best_former is None or score > best_score):
                best_former, best_score = former, score
        return best_former, best_score

    def _add_match(self, run: _RecognitionRun, key: PlotKey, match: _PlotMatch) -> None:
        """Move a former plot to the key where it is shown now, and the plot at that key to the former key."""
        former = match.former
        moves = {former.key: key, **self._plan_swap(run, key, former.key)}
        run.add_match(match)
        self._apply_moves(moves, run)

    def _reassign_match(self, run: _RecognitionRun, match: _PlotMatch, key: PlotKey) -> None:
        """Move a former plot, unchanged, to `key`. The plot that it was matched with gets another match, or
        is new."""
        run.matches.remove(match)
        former_key, fallback = match.former.key, match.fallback
        replacement = (
            fallback
            if fallback in run.unmatched and fallback.features.compute_score(match.features) is not None
            else None
        )
        if replacement is None:
            self._apply_moves({**self._plan_shift(run, key), former_key: key}, run, match.former)
        else:
            run.unmatched.remove(replacement)
            run.matches.append(_PlotMatch(replacement, match.features, match.caption, None))
            moves = {
                former_key: key,
                replacement.key: former_key,
                **self._plan_swap(run, key, replacement.key),
            }
            self._apply_moves(moves, run, match.former)
        if match.former.plot is not None:
            former_plot = match.former.plot
            self._tracker.update_page(lambda page: page.restore(key, former_plot))
        if match.features.shown is not None and former_key not in self._dropped:
            with suppress(BokehShareError):  # recorded in `problems`
                self._tracker.put(former_key, match.features.shown, caption=match.caption)

    def _plan_swap(self, run: _RecognitionRun, key: PlotKey, free_key: PlotKey) -> dict[PlotKey, PlotKey]:
        """Return the move of the plot at `key` to the free key, if this run may still show that plot."""
        return {key: free_key} if key != free_key and any(each.key == key for each in run.unmatched) else {}

    def _plan_shift(self, run: _RecognitionRun, key: PlotKey) -> dict[PlotKey, PlotKey]:
        """Return the moves that free `key` for a new plot: later plots move by one, as far as needed."""
        movable_keys = {each.key for each in run.unmatched}
        fixed_keys = {plot.key for plot in self._tracker.page.plots} - movable_keys
        moves: dict[PlotKey, PlotKey] = {}
        while key in movable_keys:
            next_key = key._replace(position=key.position + 1)
            while next_key in fixed_keys:
                next_key = next_key._replace(position=next_key.position + 1)
            moves[key] = key = next_key
        return moves

    def _apply_moves(
        self, moves: Mapping[PlotKey, PlotKey], run: _RecognitionRun, *others: _FormerPlot
    ) -> None:
        moves = {key: new_key for key, new_key in moves.items() if key != new_key}
        if not moves:
            return
        self._on_move(moves)
        self._dropped = {moves.get(key, key): features for key, features in self._dropped.items()}
        self._variables = {moves.get(key, key): names for key, names in self._variables.items()}
        matched = [claim.former for claim in run.matches]
        for former in (*run.unmatched, *matched, *others):
            former.move(moves)
        self._tracker.move(moves)


def _find_better_match(
    matches: Sequence[_PlotMatch], features: PlotFeatures, score: Score
) -> _PlotMatch | None:
    """Find the match whose former plot fits these features best: by sure evidence, or if the match was only
    by position."""
    better: _PlotMatch | None = None
    for match in matches:
        match_score = match.former.features.compute_score(features) or ZERO_SCORE
        is_decisive = match_score[:DECISIVE_SCORES] > max(
            match.score[:DECISIVE_SCORES], score[:DECISIVE_SCORES]
        )
        if is_decisive or (match.score == ZERO_SCORE and match_score > score):
            better, score = match, match_score
    return better
