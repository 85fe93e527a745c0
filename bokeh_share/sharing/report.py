"""Reports the state of a share to the author: its card and its notes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import replace

from IPython import get_ipython

from ..apps import AppRegistry
from ..broadcast import Broadcaster
from ..card import (
    Card,
    FindCellNumber,
    Note,
    PlotNotes,
    Severity,
    describe_blocked_websockets,
    describe_missing_viewers,
    describe_rejected_viewers,
    describe_simple_prompt,
    describe_untested_bokeh,
    describe_withheld,
    format_status,
    list_draw_failures,
    list_uncompiled_models,
)
from ..plots import PlotTracker
from .access import ShareAccess
from .event_loop import EventLoop
from .link_store import LinkStore
from .no_viewer_reminder import NoViewerReminder
from .relay_publication import RelayPublication


class StatusReport:
    """The card and the notes of a share. Exists as long as the share; afterwards the card shows its end."""

    def __init__(
        self,
        loop: EventLoop,
        tracker: PlotTracker,
        apps: AppRegistry,
        link_store: LinkStore,
        broadcaster: Broadcaster,
        access: ShareAccess,
        relay: RelayPublication,
        on_reminder_due: Callable[[], None],
        find_cell_number: FindCellNumber,
    ) -> None:
        """`find_cell_number` returns the number of a plot's cell."""
        self.reminder = NoViewerReminder(loop, self._is_viewer_missing, on_reminder_due)
        self._tracker = tracker
        self._apps = apps
        self._link_store = link_store
        self._broadcaster = broadcaster
        self._access = access
        self._relay = relay
        self._find_cell_number = find_cell_number
        self._ended_at: float | None = None
        self._status_note, self._is_call_note = "", False
        """The last change of the share, for the card."""
        self._plot_notes = PlotNotes()

    @property
    def notes(self) -> tuple[Note, ...]:
        """Notes for the author on the share and its plots."""
        page = self._tracker.page
        plot_notes = self._plot_notes.list_notes(
            page.plots, self._tracker.plots.list_callback_keys(), self._find_cell_number
        )
        notes = [
            describe_simple_prompt(get_ipython()),
            describe_untested_bokeh(),
            describe_withheld(self._tracker.withheld.describe()),
            *list_uncompiled_models(page),
            *plot_notes,
        ]
        if self._access.is_running:
            notes = [*self._list_share_notes(), *notes, *self._list_draw_failures()]
        return tuple(note for note in notes if note is not None)

    def _list_share_notes(self) -> list[Note | None]:
        """List the notes on viewers, the network and the access."""
        limit = self._broadcaster.viewer_limit
        rejected = describe_rejected_viewers(
            limit.rejected_count, limit.max_viewers, is_low_on_descriptors=limit.has_scarce_descriptors
        )
        blocked = describe_blocked_websockets(self._broadcaster.blocked_websockets.last_address)
        is_unvisited = self.reminder.is_due and not self._has_had_colleagues
        reminder = describe_missing_viewers(self._access.endpoint.port) if is_unvisited else None
        return [rejected, blocked, *self._access.notes, *self._relay.snapshot.list_notes(), reminder]

    @property
    def _has_had_colleagues(self) -> bool:
        """True if a viewer ever came from another machine, or to a relay."""
        return self._broadcaster.has_had_remote_viewers or self._relay.has_had_viewers

    def _list_draw_failures(self) -> list[Note]:
        plots, failures = self._tracker.page.plots, self._broadcaster.failures
        return list_draw_failures(plots, failures, self._find_cell_number)

    def _list_problems(self) -> list[Note]:
        """List the plots and apps that are not on the page, or not in their current state."""
        problems = (*self._tracker.plots.problems.values(), *self._apps.problems.values())
        return [Note(problem, severity=Severity.MISSING) for problem in problems]

    def build_card(self) -> Card:
        access, page, relay = self._access, self._tracker.page, self._relay.snapshot
        return Card(
            links=relay.add_links(access.links),
            plot_count=len(page.plots),
            app_names=self._apps.names,
            viewer_count=self._broadcaster.count + relay.viewer_count if access.is_running else 0,
            has_token=access.endpoint.options.token,
            has_password=access.is_running and self._link_store.has_password,
            is_local=not access.is_running or access.endpoint.is_local,
            is_offline=bool(access.network.note),
            relay=relay.describe() if access.is_running else None,
            is_paused=page.paused_since is not None,
            is_link_saved=self._link_store.record_file is not None,
            notes=(*self._list_problems(), *self.notes),
            status_note=self._status_note,
            timestamp=self._ended_at or time.time(),
            can_widen_access=access.is_running and access.can_widen_access,
        )

    def list_lines(self) -> tuple[str, ...]:
        """List the notes as lines for a terminal; the first names the people who can open the page, if its
        link has no token."""
        lines = (self.build_card().open_access_note, *(note.text for note in self.notes))
        return tuple(filter(None, lines))

    def record_end(self) -> None:
        """Record that the share ends now, so that its card shows the end."""
        self._status_note, self._ended_at = "", time.time()

    def update_status(self, note: str) -> None:
        """Set the card's note on a change of the network, until the next change."""
        self._status_note, self._is_call_note = note, False

    def update_call_note(self, changes: Iterable[str]) -> None:
        """Set the card's note on the changes of a call. Without changes, a note on the network stays."""
        note = " · ".join(changes)
        if note or self._is_call_note or not self._status_note:
            self._status_note, self._is_call_note = note or "already sharing", True

    def format_status(self) -> str:
        """Format the card as text, and a line for each plot."""
        card = self.build_card()
        if self._is_call_note:  # the note of another call
            card = replace(card, status_note="")
        return format_status(self._tracker.page, card, self._find_cell_number)

    def format_without_link(self) -> str:
        """Format the card as text, without the token of the link."""
        return self.build_card().to_text().replace(self._link_store.prefix, "/***")

    def _is_viewer_missing(self) -> bool:
        """Return True if viewers on other machines can reach the share, and none has come."""
        access = self._access
        is_reachable = access.is_running and not (
            access.endpoint.is_local or access.links[0].has_known_audience
        )
        return is_reachable and not self._has_had_colleagues
