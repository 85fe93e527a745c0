"""The displays in an output area that the author does not share."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from ..plots import MAX_UNNAMED_PLOTS
from ..plots.media import Display


class WithheldOutputs:
    """The displays of an area that are not on the page, in order; of many, the last ones.

    Exists as long as the area.
    """

    def __init__(self) -> None:
        self._displays: deque[Display] = deque(maxlen=MAX_UNNAMED_PLOTS)

    def __iter__(self) -> Iterator[Display]:
        return iter([*self._displays])

    def __bool__(self) -> bool:
        return bool(self._displays)

    def add(self, display: Display) -> None:
        self._displays.append(display)

    def replace(self, former: Display, display: Display | None) -> bool:
        """Replace a display, or remove it. Return False if it is not here."""
        if former not in self._displays:
            return False
        index = self._displays.index(former)
        del self._displays[index]
        if display is not None:
            self._displays.insert(index, display)
        return True

    def take_all(self) -> list[Display]:
        """Return all displays, and keep none."""
        displays = [*self._displays]
        self._displays.clear()
        return displays
