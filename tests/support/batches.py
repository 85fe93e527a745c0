"""Runs many trials, each with its own test, several at a time."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Generic, TypeVar

Trial = TypeVar("Trial", bound=Hashable)
Outcome = TypeVar("Outcome")


class Batches(Generic[Trial, Outcome]):
    """The outcome of each trial. A batch runs when the outcome of one of its trials is first requested."""

    def __init__(
        self,
        batches: Iterable[Sequence[Trial]],
        make: Callable[[Sequence[Trial]], Mapping[Trial, Outcome]],
    ) -> None:
        self._batches = {trial: batch for batch in batches for trial in batch}
        self._make = make
        self._outcomes: dict[Trial, Outcome] = {}
        self._errors: dict[Trial, Exception] = {}

    def __getitem__(self, trial: Trial) -> Outcome:
        if trial not in self._outcomes:
            self._make_batch(trial)
        return self._outcomes[trial]

    def _make_batch(self, trial: Trial) -> None:
        if trial in self._errors:
            raise AssertionError("the batch of this one could not be made") from self._errors[trial]
        batch = self._batches[trial]
        try:
            self._outcomes |= self._make(batch)
        except Exception as error:
            # not again for each trial, which would take as long each time
            self._errors |= dict.fromkeys(batch, error)
            raise
