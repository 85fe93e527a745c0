"""Collects the results of all checks for one last line."""

from __future__ import annotations

OK, FAILED = "ok", "FAILED"


class Summary:
    """Each check with its result, in order of their start."""

    def __init__(self) -> None:
        self._results: dict[str, str] = {}

    def begin(self, check: str) -> None:
        """Begin a check. It has failed unless a result is recorded, also when it was interrupted."""
        self._results[check] = FAILED

    def record(self, check: str, result: str) -> None:
        self._results[check] = result

    def rename(self, check: str, name: str) -> str:
        """Give a check the name that is known only after it began."""
        self._results = {name if each == check else each: found for each, found in self._results.items()}
        return name

    def has_failed(self, *checks: str) -> bool:
        """Return True if any of these has failed."""
        return FAILED in (self._results[check] for check in checks)

    def __str__(self) -> str:
        return "; ".join(f"{check}: {result}" for check, result in self._results.items())
