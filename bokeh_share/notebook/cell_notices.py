"""Prints the outcome of a cell's plots below the cell: one line for all plots with the same outcome."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary, WeakSet

from bokeh.model import Model
from IPython.display import DisplayHandle

from ..plots import Showable
from ..text import format_quantity, print_line
from .cell import Area
from .compile_notice import build_text_bundle
from .error_logging import log_errors

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


@dataclass
class _Notice:
    """A line below a cell."""

    clear_count: int
    """The number of times that the output had been cleared when the line was printed."""
    publisher: Any
    """The shell's publisher at that time; `%%capture` uses another."""
    handle: DisplayHandle | None
    """The handle that replaces the line; None if it cannot be replaced, as in a terminal."""
    plot_count: int = 0
    _models: WeakSet[Model] = field(default_factory=WeakSet)
    """The plots that were counted, as far as they still exist."""

    def is_visible(self, area: Area, publisher: Any) -> bool:
        return self.clear_count == area.clear_count and self.publisher is publisher

    def count_plot(self, shown: Showable) -> bool:
        """Count a plot; return False if it has been counted. Each list is another plot."""
        if isinstance(shown, Model):
            if shown in self._models:
                return False
            self._models.add(shown)
        self.plot_count += 1
        return True


class CellNotices:
    """Prints each text once below a cell, with the number of different plots.

    Exists as long as the extension is loaded.

    In a notebook the line is printed with the first plot, and updated with the number of plots. A terminal
    cannot replace a line, so it has the line of the first plot only. A widget's output cannot replace lines
    either; there each text is printed each time, since each event of the widget is another one.
    """

    def __init__(self, shell: InteractiveShell | None, find_area: Callable[[], Area | None]) -> None:
        """`find_area` returns the area that the output of this code goes to; None outside of cells."""
        self._shell = shell
        self._find_area = find_area
        self._notices: WeakKeyDictionary[Area, dict[Hashable, _Notice]] = WeakKeyDictionary()

    def say(self, text: str, *, counted_plot: Showable | None = None) -> None:
        """Print `text` in the running cell, unless it stands below it. With a `counted_plot`, print the
        number of such plots as well."""
        area = self._find_cell_area()
        if area is None:
            print_line(text)
            return
        notice = self._find_notice(area, text)
        is_new = notice is None
        if notice is None:
            notice = self._add_notice(area, text, DisplayHandle() if self.is_in_notebook else None)
        is_other_plot = counted_plot is not None and notice.count_plot(counted_plot)
        line = text if counted_plot is None else f"{format_quantity(notice.plot_count, 'plot')} {text}"
        if is_new and notice.handle is None:
            print_line(text)  # without a number, as more plots may follow
        elif is_new and notice.handle is not None:
            notice.handle.display(build_text_bundle(line), raw=True)
        elif is_other_plot and notice.handle is not None:
            notice.handle.update(build_text_bundle(line), raw=True)

    @property
    def is_in_notebook(self) -> bool:
        """True if a notebook shows the lines, and not a terminal."""
        return hasattr(self._shell, "kernel")

    def has_notice(self, area: Area) -> bool:
        """Return True if this area of a cell has lines."""
        return bool(self._notices.get(area))

    def is_new(self, key: Hashable) -> bool:
        """Return True if the running cell has not printed this yet, and record that it has now."""
        area = self._find_cell_area()
        if area is None:
            return True
        if self._find_notice(area, key) is not None:
            return False
        self._add_notice(area, key, None)
        return True

    def _find_cell_area(self) -> Area | None:
        """Return the running cell's own area; None outside of cells and in widgets."""
        area = None
        with log_errors("finding the output of a cell"):
            area = self._find_area()
        return area if area is not None and area.parent is None else None

    def _find_notice(self, area: Area, key: Hashable) -> _Notice | None:
        notice = self._notices.get(area, {}).get(key)
        is_visible = notice is not None and notice.is_visible(area, self._publisher)
        return notice if is_visible else None

    def _add_notice(self, area: Area, key: Hashable, handle: DisplayHandle | None) -> _Notice:
        notice = _Notice(area.clear_count, self._publisher, handle)
        self._notices.setdefault(area, {})[key] = notice
        return notice

    @property
    def _publisher(self) -> Any:
        return getattr(self._shell, "display_pub", None)
