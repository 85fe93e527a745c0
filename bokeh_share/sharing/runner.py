"""Builds the parts of a share, and starts and stops them."""

from __future__ import annotations

import atexit
from collections.abc import Callable, Mapping
from typing import Any

from tornado.ioloop import IOLoop

from .. import limits
from ..apps import AppRegistry, AppServer
from ..broadcast import Broadcaster, Hub, PinBoard, PointingBoard, Presentation
from ..card import NOT_SHARING_NOTE, CardDisplay, FindCellNumber
from ..network import find_best_link
from ..plots import LazyPage, PlotTracker
from ..server import PendingConnections, build_page_version
from ..server.auth import AccessControl, AccessGuard
from ..wire import CloseCode
from .access import ShareAccess
from .author_commands import AuthorCommands
from .author_links import AuthorLinks
from .binding import BoundSockets, ResolvedOptions
from .cell_code import find_cell_code
from .confirmation import Confirmation
from .endpoint import Endpoint
from .event_loop import EventLoop
from .link_store import LinkStore
from .network_watch import NetworkWatch
from .option_changes import OptionChanges
from .options import Options
from .plot_control import PlotControl
from .pointed_points import PointedPoints
from .published_link import PublishedLink
from .published_page import PublishedPage
from .relay_publication import RelayPublication
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
        plot_control: PlotControl,
        *,
        build_default_title: Callable[[], str],
        find_cell_number: FindCellNumber,
    ) -> None:
        self._tracker, self._apps, self._link_store = tracker, apps, link_store
        self._busy_since: float | None = None
        self.plot_control = plot_control
        self.loop = EventLoop()
        self.confirmation = Confirmation()
        self.card_display = card_display
        self._author_commands = AuthorCommands(
            self, plot_control, self.loop.schedule, self._describe_to_author
        )
        page = tracker.page
        hub = Hub(
            page,
            ping_interval=limits.PING_INTERVAL,
            page_build=build_page_version(INSTALLED_BOKEHJS.version),
            pointing_board=PointingBoard(lambda: self.broadcaster.author_pages.request_state()),
            presentation=Presentation(lambda message: self.relay.publish_presented(message)),
            pin_board=PinBoard(lambda message: self.relay.publish_pins(message)),
        )
        self.broadcaster = Broadcaster(
            LazyPage(page),
            hub,
            on_viewer_change=self._refresh,
            author_control=self._author_commands,
        )
        self.pointed_points = PointedPoints(tracker, self.broadcaster.pointing_board)
        self.published_page = PublishedPage(tracker, self.broadcaster, self.loop.schedule, self._refresh)
        self.app_server = AppServer(
            apps,
            bokehjs=INSTALLED_BOKEHJS,
            get_max_documents=lambda: self.broadcaster.viewer_limit.max_viewers,
            on_rejected=self.broadcaster.viewer_limit.reject,
            on_custom_models=tracker.custom_models.start_compile,
        )
        access_control = AccessControl()
        self.access = ShareAccess(link_store, access_control, self._refresh, lambda: self.relay.update())
        self.relay = RelayPublication(
            PublishedLink(self.access, link_store, INSTALLED_BOKEHJS),
            self.published_page,
            self._refresh,
            find_cell_code=find_cell_code,
        )
        self.author_links = AuthorLinks(self.loop, self.access, access_control.author)
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
            self.relay,
            self.card_display.refresh,
            find_cell_number,
        )
        self.option_changes = OptionChanges(
            self.loop,
            tracker,
            link_store,
            self.access,
            self._endpoint,
            self.broadcaster,
            self._network_watch,
            self._viewer_connections,
            self.author_links,
            self.confirmation,
            card_display,
            self.report,
            self.relay,
            build_default_title=build_default_title,
            on_change=self._refresh,
            on_link_revoked=self._continue_at_new_link,
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

    def start(self, resolved: ResolvedOptions, bound_sockets: BoundSockets) -> None:
        """Accept viewers on these sockets. They are the caller's to close if this raises."""
        options = resolved.options
        self.confirmation.require_card()
        self.option_changes.update_title(options.title)
        self._tracker.withheld.update_sharing(bool(options.all))
        self._tracker.sections.update_sharing(bool(options.headings))
        self._tracker.update_page(lambda page: page.update_download(options.download is not False))
        self.option_changes.update_pointing(options.pointing is True)
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
        self._apps.subscribe(self._refresh)
        self.card_display.connect_share(self.report.build_card, self.loop.schedule)
        self.published_page.start()
        self.relay.start(resolved.broker)
        self.report.reminder.start()
        atexit.register(self.stop, keep_relayed=True)

    def show_busy(self, since: float | None) -> None:
        """Notify pages that the kernel is busy since then, by `time.monotonic`, or idle (None)."""
        self._busy_since = since
        self.relay.update_busy(since)
        if self.is_running:
            self.broadcaster.update_busy(since)

    @property
    def is_busy(self) -> bool:
        """True while a cell keeps the kernel's loop busy."""
        return self._busy_since is not None

    def pause(self) -> None:
        """Hold changes back. Any thread may call this."""
        if self.is_running:
            self.published_page.pause()

    def resume(self) -> None:
        """Send pages the changes that were held back. Any thread may call this."""
        self.published_page.resume()

    def change(self, options: Options) -> None:
        """Apply options, as the magic does. Raises the errors of `OptionChanges`."""
        self.option_changes.apply(self.option_changes.resolve(options))

    def format_announcement(self) -> str:
        """Format the text that a cell prints where it cannot draw: without the link, as outputs are saved."""
        return "on the page" if self.is_running else NOT_SHARING_NOTE

    def stop(self, *, keep_relayed: bool = False) -> None:
        """Close each viewer with a reason and free the port. May be called again.

        Pages at relays end too, since the author stops the share. With `keep_relayed` they keep the last
        state for the retention: the process ends, as at a restart of the kernel, or the share has not
        started.
        """
        if not self.is_running:
            return
        self.relay.stop(keep_page=keep_relayed)
        self._apps.unsubscribe(self._refresh)
        self.author_links.revoke()
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

    def _on_network_change(self) -> None:
        note = "" if self.access.network.note else "the network changed: this is the new link"
        self.report.update_status(note)
        self.card_display.refresh()

    def _refresh(self) -> None:
        """Show a change of the state on the card and on the author's own pages. Any thread may call this."""
        self.card_display.refresh()
        self.broadcaster.author_pages.request_state()

    def _describe_to_author(self) -> Mapping[str, Any]:
        """Return what the author's own pages show of the share. Any thread may call this."""
        relay = self.relay.snapshot
        links, relay_line = relay.add_links(self.access.links), relay.describe()
        best = find_best_link(links) or (links[0] if links else None)
        return {
            "link": best.url if best is not None else "",
            "links": [{"url": link.url, "audience": link.audience} for link in links],
            "password": self._link_store.has_password,
            "token": self.access.endpoint.options.token,
            "relay": relay_line.text if relay_line is not None else "",
            "relayed": relay.viewer_count,
        }

    def _continue_at_new_link(self) -> None:
        """Let the author's page that asked for a new link continue there."""
        if self._author_commands.is_replacing_link:
            self._author_commands.send_new_link(
                self.author_links.create_relative_url(self._link_store.prefix)
            )
