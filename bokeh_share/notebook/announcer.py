"""Prints below a cell that its plots are on the page, or the reason why not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..card import NOT_SHARING_NOTE
from ..plots import PlotTracker, list_custom_types
from ..text import print_line
from .cell import CellRun, Outcome
from .cell_notices import CellNotices
from .compile_notice import print_compile_notice
from .error_logging import log_errors

DRAW_HINT = "output_notebook() draws plots here too"
SHOW_ADVICE = "show one by show(), or as the last expression"


class Announcer:
    """Prints below a cell that its plots are on the page, or the reason why not.

    Exists as long as the extension is loaded.
    """

    def __init__(self, tracker: PlotTracker, notices: CellNotices) -> None:
        self._tracker = tracker
        self._notices = notices
        self._format_announcement: Callable[[], str] = lambda: NOT_SHARING_NOTE
        self._is_quiet = False
        """True if it prints a text only for plots that are not on the page."""
        self._has_suggested_drawing = False

    def connect_share(self, format_announcement: Callable[[], str]) -> None:
        """Print this text of a share from now on."""
        self._format_announcement = format_announcement

    def mute(self) -> None:
        """Stop printing for plots that are on the page."""
        self._is_quiet = True

    def announce_plot(self, obj: Any, outcome: Outcome | None) -> None:
        """Print the outcome of showing `obj`, which the notebook itself does not draw. Nothing is
        printed for None.

        One line below the cell counts all plots with the same outcome.
        """
        is_shared = outcome is Outcome.ON_PAGE
        if is_shared and self._announce_custom_models(obj):
            return
        if outcome is not None and not (is_shared and self._is_quiet):
            text = self._format_announcement() if is_shared else outcome.value
            self._notices.say(text, counted_plot=obj if is_shared else None)
            if is_shared:
                self._suggest_drawing()

    def announce_drawn_plot(self, obj: Any, outcome: Outcome | None) -> None:
        """Print anything unusual about `obj`, which the notebook has drawn."""
        if outcome is Outcome.DROPPED:
            self._notices.say(outcome.value)
        elif outcome is Outcome.ON_PAGE:
            self._announce_custom_models(obj, is_drawn=True)

    def announce_missing_plot(self, cell: CellRun) -> None:
        """Print that a cell with a name or a caption for its plots has ended without one, unless the reason
        stands below it."""
        if cell.has_shown_plots or cell.is_skipped or self._notices.has_notice(cell.area):
            return
        if label := repr(cell.name) if cell.name is not None else cell.caption and "its caption":
            withheld = next(iter(cell.area.withheld), None)
            advice = SHOW_ADVICE if withheld is None else f"--all shares its {withheld.noun}"
            print_line(f"this cell showed no plot for {label}: {advice}")

    def announce_app(self, name: str) -> None:
        print_line(f"app {name!r} is {self._format_announcement()}")

    def print_once(self, text: str) -> None:
        """Print a text once below the cell."""
        self._notices.say(text)

    def _suggest_drawing(self) -> None:
        """Print once how the notebook draws plots too; a terminal cannot."""
        if self._notices.is_in_notebook and not (self._has_suggested_drawing or self._is_quiet):
            self._has_suggested_drawing = True
            self._notices.say(DRAW_HINT)

    def _announce_custom_models(self, obj: Any, *, is_drawn: bool = False) -> bool:
        """Print if browsers can load the plot's custom models, now or when this is known.

        Returns True if it printed something, or will.
        """
        if not self._tracker.custom_models.bundles:  # then there are none
            return False
        with log_errors("reading the author's own models"):
            models = obj if isinstance(obj, list) else [obj]
            types = list_custom_types(each for model in models for each in model.references())
            if not types or self._tracker.custom_models.find_problem(types) == "":
                return False
            announcement = "" if is_drawn or self._is_quiet else self._format_announcement()
            if self._notices.is_new((frozenset(types), announcement)):
                print_compile_notice(self._tracker.custom_models, types, announcement)
            return True
        return False
