"""Builds the parts of a share, starts and stops them, and applies the author's options."""

from __future__ import annotations

import atexit
from collections.abc import Callable, Iterator

from tornado.ioloop import IOLoop

from ..apps import AppRegistry, AppServer
from ..broadcast import Broadcaster
from ..card import NOT_SHARING_NOTE, CardDisplay, FindCellNumber
from ..errors import ConflictingOptions
from ..plots import LazyPage, PlotTracker
from ..server import PendingConnections, build_page_version
from ..server.auth import AccessControl, AccessGuard
from ..text import format_quantity
from ..wire import CloseCode
from .access import ShareAccess
from .binding import BoundSockets, ResolvedOptions
from .confirmation import Confirmation
from .endpoint import Endpoint
from .event_loop import EventLoop
from .link_store import LinkStore
from .network_watch import NetworkWatch
from .options import Options
from .published_page import PublishedPage
from .report import StatusReport
from .routes import INSTALLED_BOKEHJS, build_application
from .viewer_connections import ViewerConnections


class ShareRunner:
    """The parts of a share, from `start` to `stop`; afterwards its card shows that it has ended.

    Costs a listening port per address, a thread, and one copy of the plots' data.
    """

    def __init__(
        self,
        tracker: PlotTracker,
        apps: AppRegistry,
        link_store: LinkStore,
        card_display: CardDisplay,
        *,
        build_default_title: Callable[[], str],
        find_cell_number: FindCellNumber,
    ) -> None:
        self._tracker, self._apps, self._link_store = tracker, apps, link_store
        self._build_default_title = build_default_title
        self.loop = EventLoop()
        self.confirmation = Confirmation()
        self.card_display = card_display
        self.broadcaster = Broadcaster(
            LazyPage(tracker.page),
            page_build=build_page_version(INSTALLED_BOKEHJS),
            on_viewer_change=self.card_display.refresh,
        )
        self.published_page = PublishedPage(
            tracker, self.broadcaster, self.loop.schedule, self.card_display.refresh
        )
        self.app_server = AppServer(
            apps,
            bokehjs=INSTALLED_BOKEHJS,
            get_max_documents=lambda: self.broadcaster.viewer_limit.max_viewers,
            on_rejected=self.broadcaster.viewer_limit.reject,
            on_custom_models=tracker.custom_models.start_compile,
        )
        access_control = AccessControl()
        self.access = ShareAccess(link_store, access_control, self.card_display.refresh)
        self._viewer_connections = ViewerConnections(
            self.loop, self.broadcaster, self.app_server, access_control
        )
        guard = self._build_guard(access_control)
        self._endpoint = Endpoint(self.loop, guard, self.broadcaster, self.access, link_store)
        self._network_watch = NetworkWatch(self.loop, self._endpoint, self.access, self._on_network_change)
        self.report = StatusReport(
            self.loop,
            tracker,
            apps,
            link_store,
            self.broadcaster,
            self.access,
            self.card_display.refresh,
            find_cell_number,
        )

    def _build_guard(self, access_control: AccessControl) -> AccessGuard:
        pending = PendingConnections()
        application = build_application(
            lambda: self.published_page.page,
            self.broadcaster,
            self.app_server,
            access_control,
            pending,
        )
        return AccessGuard(
            application,
            access_control,
            pending,
            on_unknown_host=self.access.add_host,
            on_wrong_password=self.access.record_wrong_password,
            on_logout=self._viewer_connections.close_session,
        )

    @property
    def is_running(self) -> bool:
        return self._endpoint.is_running

    def start(self, options: Options, bound_sockets: BoundSockets) -> None:
        """Accept viewers on these sockets. They are the caller's to close if this raises."""
        self.confirmation.require_card()
        self._update_title(options.title)
        self._tracker.withheld.update_sharing(bool(options.all))
        self._tracker.sections.update_sharing(bool(options.headings))
        self._tracker.update_page(lambda page: page.update_download(options.download is not False))
        self.broadcaster.viewer_limit.update(options.max_viewers)
        self.broadcaster.blocked_websockets.clear()
        self.broadcaster.start()
        try:
            self._endpoint.start(bound_sockets)
            self._network_watch.start()
            self.access.link_finder.find_server(self.loop.run_in_thread, self.access.update_links)
            self.loop.call(lambda: self.app_server.start(IOLoop.current()))
        except BaseException:
            self._network_watch.stop()
            self._endpoint.stop()
            self.broadcaster.stop()
            self.loop.close()
            raise
        self._apps.subscribe(self.card_display.refresh)
        self.card_display.connect_share(self.report.build_card, self.loop.schedule)
        self.published_page.start()
        self.report.reminder.start()
        atexit.register(self.stop)

    def resolve(self, options: Options) -> ResolvedOptions:
        """Resolve options for the running share. Raises as `ResolvedOptions.resolve` does, and
        `ConflictingOptions` for options that its link does not allow."""
        endpoint = self.access.endpoint
        options.check(has_password=self._link_store.has_password)
        if options.password is not None and options.token is None and not endpoint.options.token:
            raise ConflictingOptions(
                "--password", "the short link", "--fresh makes a link that cannot be guessed"
            )
        return ResolvedOptions.resolve(options, endpoint, self.access.network.host_names)

    def apply(self, resolved: ResolvedOptions) -> None:
        """Apply the options that differ, and notify pages at addresses that are no longer used.

        Raises the errors of `BoundSockets.open_for_move`; then nothing has changed.
        """
        former_url, options = self.access.links[0].url, resolved.options
        has_moved = resolved.endpoint.options != self.access.endpoint.options
        changes = {}
        if has_moved:
            self.loop.call(lambda: self._move(resolved))
            self._network_watch.update_host_names()
            changes["link"] = f"moved here from {former_url} · open pages follow"
        if options.fresh:
            self._replace_link()
            changes["link"] = "this is a new link; the old one no longer works"
        if options.fresh or has_moved or options.password is not None:
            self.confirmation.require_card()
        changes.update(self._apply_live_options(options))
        for subject, change in changes.items():
            self.confirmation.add(change, subject=subject)
        if changes or not self.confirmation.has_changed:  # a note of this cell stays
            self.report.update_call_note(changes.values())
        if changes:
            self.card_display.refresh()
        if has_moved and not self.access.endpoint.is_local:
            self.report.reminder.start()

    def _apply_live_options(self, options: Options) -> Iterator[tuple[str, str]]:
        """Apply the options that leave the link as it is, and confirm each, with the option as subject."""
        if options.password is not None:
            self._require_password(options.password)
            yield "password", "viewers need the new password, and open pages ask for it"
        if options.title is not None:
            former_title = self._tracker.page.title
            self._update_title(options.title)
            title = self._tracker.page.title
            yield "title", f"the title is {'already' if title == former_title else 'now'} {title!r}"
        if options.max_viewers is not None:
            viewer_limit, limit = (
                self.broadcaster.viewer_limit,
                format_quantity(options.max_viewers, "viewer"),
            )
            is_same = options.max_viewers == viewer_limit.max_viewers
            viewer_limit.update(options.max_viewers)
            yield (
                "max_viewers",
                f"at most {limit} at the same time{', as before' if is_same else ' from now on'}",
            )

        if options.all is not None:
            withheld = self._tracker.withheld
            is_same = options.all == withheld.are_shared
            withheld.update_sharing(options.all)
            subject = "only Bokeh's plots are"
            if options.all:
                subject = "pictures, tables and texts of cells are"
            yield "all", f"{subject} shared{', as before' if is_same else ' from now on'}"

        if options.headings is not None:
            is_same = options.headings == self._tracker.sections.are_shared
            self._tracker.sections.update_sharing(options.headings)
            change = f"the page has {'the' if options.headings else 'no'} headings of the notebook"
            yield "headings", f"{change}{', as before' if is_same else ' from now on'}"

        if options.download is not None:
            can_download = options.download
            is_same = can_download == self._tracker.page.can_download
            self._tracker.update_page(lambda page: page.update_download(can_download))
            change = f"pages {'offer' if can_download else 'do not offer'} data for download"
            yield "download", f"{change}{', as before' if is_same else ' from now on'}"

    def show_busy(self, since: float | None) -> None:
        """Notify pages that the kernel is busy since then, by `time.monotonic`, or idle (None)."""
        if self.is_running:
            self.broadcaster.update_busy(since)

    def format_announcement(self) -> str:
        """Format the text that a cell prints where it cannot draw: without the link, as outputs are saved."""
        return "on the page" if self.is_running else NOT_SHARING_NOTE

    def stop(self) -> None:
        """Close each viewer with a reason and free the port. May be called again."""
        if not self.is_running:
            return
        self._apps.unsubscribe(self.card_display.refresh)
        self.loop.finish(lambda: self.app_server.stop(CloseCode.SHARE_ENDED, "sharing ended"))
        self._endpoint.stop()
        self._network_watch.stop()
        self.report.reminder.stop()
        self.broadcaster.stop()
        self.published_page.stop()
        atexit.unregister(self.stop)
        self.report.record_end()
        self.card_display.update()  # at once, since the notebook may be saved when this cell has ended
        self.loop.close()

    def _move(self, resolved: ResolvedOptions) -> None:
        endpoint = self._endpoint
        endpoint.move(BoundSockets.open_for_move(resolved, endpoint.port, endpoint.addresses))

    def _replace_link(self) -> None:
        """Create a new link without a password, revoke the old one, and close its viewers."""
        self._link_store.replace_link()
        self.access.update_rules()
        self._viewer_connections.close_all(CloseCode.SHARE_ENDED, "the author made a new link")
        self.card_display.update()  # at once, since it has the old link

    def _require_password(self, password: str) -> None:
        """Require this password of new viewers, and close viewers who have not entered it."""
        self._link_store.set_password(password)
        self.access.update_rules()
        self._viewer_connections.close_all(CloseCode.PASSWORD_REQUIRED, "The author set a password")

    def _update_title(self, title: str | None) -> None:
        if title is not None or not self._tracker.page.title:
            self._tracker.update_page(lambda page: page.update_title(title or self._build_default_title()))

    def _on_network_change(self) -> None:
        note = "" if self.access.network.note else "the network changed: this is the new link"
        self.report.update_status(note)
        self.card_display.refresh()
