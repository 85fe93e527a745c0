"""Reports the state of a share to the author: its card and its notes."""

from __future__ import annotations

import time
from collections.abc import Callable

from IPython import get_ipython

from ..apps import AppRegistry
from ..broadcast import Broadcaster
from ..card import (
    Card,
    PlotNotes,
    describe_missing_viewers,
    describe_rejected_viewers,
    describe_simple_prompt,
    describe_untested_bokeh,
    list_draw_failures,
    list_uncompiled_models,
)
from ..plots import PlotTracker
from .endpoint import Endpoint
from .event_loop import EventLoop
from .link_store import LinkStore
from .no_viewer_reminder import NoViewerReminder


class StatusReport:
    """The card and the notes of a share. Lives as long as the share; after its end the card says so."""

    def __init__(
        self,
        loop: EventLoop,
        tracker: PlotTracker,
        apps: AppRegistry,
        link_store: LinkStore,
        broadcaster: Broadcaster,
        endpoint: Endpoint,
        on_reminder_due: Callable[[], None],
    ) -> None:
        self.status_note = ""
        """The last change of the share, for the card."""
        self.reminder = NoViewerReminder(loop, self._is_viewer_missing, on_reminder_due)
        self._tracker = tracker
        self._apps = apps
        self._link_store = link_store
        self._broadcaster = broadcaster
        self._endpoint = endpoint
        self._plot_notes = PlotNotes()

    @property
    def notes(self) -> tuple[str, ...]:
        """What the author should know, a line each."""
        broadcaster, plots = self._broadcaster, self._tracker.page.plots
        plot_notes = self._plot_notes.list_notes(plots, self._tracker.plots.list_callback_keys())
        notes = [
            describe_simple_prompt(get_ipython()),
            describe_untested_bokeh(),
            *list_uncompiled_models(self._tracker.page),
            *plot_notes,
        ]
        if self._endpoint.is_running:
            rejected = describe_rejected_viewers(
                broadcaster.viewer_limit.rejected_count,
                broadcaster.viewer_limit.max_viewers,
                is_low_on_descriptors=broadcaster.viewer_limit.has_scarce_descriptors,
            )
            reminder = (
                self.reminder.is_due
                and not broadcaster.has_had_remote_viewers
                and describe_missing_viewers(self._endpoint.port)
            )
            notes = [
                rejected,
                *self._endpoint.notes,
                reminder or "",
                *notes,
                *list_draw_failures(plots, broadcaster.failures),
            ]
        return tuple(note for note in notes if note)

    def build_card(self) -> Card:
        endpoint, page = self._endpoint, self._tracker.page
        return Card(
            links=endpoint.links,
            plot_count=len(page.plots),
            app_names=self._apps.names,
            viewer_count=self._broadcaster.count if endpoint.is_running else 0,
            has_token=endpoint.options.token,
            has_password=endpoint.is_running and endpoint.has_password,
            is_local=not endpoint.is_running or endpoint.is_local,
            is_offline=bool(endpoint.network_note),
            is_paused=page.paused_since is not None,
            is_link_saved=self._link_store.record_file is not None,
            notes=(self.status_note, *self.notes) if self.status_note else self.notes,
            problems=(*self._tracker.plots.problems.values(), *self._apps.problems.values()),
            timestamp=time.time(),
            can_widen_access=endpoint.is_running and endpoint.can_widen_access,
        )

    def _is_viewer_missing(self) -> bool:
        """Whether somebody from another machine could have come, and has not."""
        endpoint = self._endpoint
        is_reachable = endpoint.is_running and not (endpoint.is_local or endpoint.links[0].has_known_audience)
        return is_reachable and not self._broadcaster.has_had_remote_viewers
