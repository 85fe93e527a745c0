"""Applies the author's options to a running share."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ..broadcast import Broadcaster
from ..card import CardDisplay
from ..errors import ConflictingOptions
from ..plots import PlotTracker
from ..text import format_quantity
from ..wire import CloseCode
from .access import ShareAccess
from .author_links import AuthorLinks
from .binding import BoundSockets, ResolvedOptions
from .confirmation import Confirmation
from .endpoint import Endpoint
from .event_loop import EventLoop
from .link_store import LinkStore
from .network_watch import NetworkWatch
from .options import Options
from .relay_publication import RelayPublication
from .report import StatusReport
from .viewer_connections import ViewerConnections


class OptionChanges:
    """Applies options to a running share: from the magic, `share()`, or the author's own page.

    Exists as long as the share.
    """

    def __init__(
        self,
        loop: EventLoop,
        tracker: PlotTracker,
        link_store: LinkStore,
        access: ShareAccess,
        endpoint: Endpoint,
        broadcaster: Broadcaster,
        network_watch: NetworkWatch,
        viewer_connections: ViewerConnections,
        author_links: AuthorLinks,
        confirmation: Confirmation,
        card_display: CardDisplay,
        report: StatusReport,
        relay: RelayPublication,
        *,
        build_default_title: Callable[[], str],
        on_change: Callable[[], None],
        on_link_revoked: Callable[[], None],
    ) -> None:
        """`on_change` is called after a change. `on_link_revoked` is called when a new link has replaced the
        former one, before its pages close."""
        self._loop, self._tracker, self._link_store = loop, tracker, link_store
        self._access, self._endpoint, self._broadcaster = access, endpoint, broadcaster
        self._network_watch, self._viewer_connections = network_watch, viewer_connections
        self._author_links, self._confirmation = author_links, confirmation
        self._card_display, self._report, self._relay = card_display, report, relay
        self._build_default_title = build_default_title
        self._on_change, self._on_link_revoked = on_change, on_link_revoked

    def resolve(self, options: Options) -> ResolvedOptions:
        """Resolve options for the running share. Raises as `ResolvedOptions.resolve` does, and
        `ConflictingOptions` for options that its link does not allow."""
        endpoint = self._access.endpoint
        options.check(has_password=self._link_store.has_password)
        if options.password is not None and options.token is None and not endpoint.options.token:
            raise ConflictingOptions(
                "--password", "the short link", "--fresh makes a link that cannot be guessed"
            )
        return ResolvedOptions.resolve(options, endpoint, self._access.network.host_names, self._relay.choice)

    def apply(self, resolved: ResolvedOptions) -> None:
        """Apply the options that differ, and notify pages at addresses that are no longer used.

        Raises the errors of `BoundSockets.open_for_move`; then nothing has changed.
        """
        former_url, options = self._access.links[0].url, resolved.options
        has_moved = resolved.endpoint.options != self._access.endpoint.options
        changes = {}
        if has_moved:
            self._loop.call(lambda: self._move(resolved))
            self._network_watch.update_host_names()
            changes["link"] = f"moved here from {former_url} · open pages follow"
        if options.fresh:
            self._replace_link()
            changes["link"] = "this is a new link; the old one no longer works"
        has_other_broker = self._relay.choose(resolved.broker, is_given=bool(options.broker))
        if has_other_broker:
            broker = self._relay.snapshot.broker
            changes["broker"] = (
                f"published to {f'the broker {broker!r}' if broker else 'no broker'} from now on"
            )
        if options.fresh or has_moved or has_other_broker or options.password is not None:
            self._confirmation.require_card()
        changes.update(self._apply_live_options(options))
        for subject, change in changes.items():
            self._confirmation.add(change, subject=subject)
        if changes or not self._confirmation.has_changed:  # a note of this cell stays
            self._report.update_call_note(changes.values())
        if changes:
            self._on_change()
        if has_moved and not self._access.endpoint.is_local:
            self._report.reminder.start()

    def _apply_live_options(self, options: Options) -> Iterator[tuple[str, str]]:
        """Apply the options that leave the link as it is, and confirm each, with the option as subject."""
        if options.password is not None:
            self._require_password(options.password)
            yield "password", "viewers need the new password, and open pages ask for it"
        if options.title is not None:
            former_title = self._tracker.page.title
            self.update_title(options.title)
            title = self._tracker.page.title
            yield "title", f"the title is {'already' if title == former_title else 'now'} {title!r}"
        if options.max_viewers is not None:
            viewer_limit, limit = (
                self._broadcaster.viewer_limit,
                format_quantity(options.max_viewers, "viewer"),
            )
            is_same = options.max_viewers == viewer_limit.max_viewers
            viewer_limit.update(options.max_viewers)
            yield (
                "max_viewers",
                f"at most {limit} at the same time{', as before' if is_same else ' from now on'}",
            )
        yield from self._apply_page_options(options)

    def _apply_page_options(self, options: Options) -> Iterator[tuple[str, str]]:
        """Apply the options that change what the page shows and offers."""
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
        if options.pointing is not None:
            is_same = options.pointing == self._tracker.page.can_point
            self.update_pointing(options.pointing)
            change = f"viewers can{'' if options.pointing else 'not'} show you which points they mean"
            yield "pointing", f"{change}{', as before' if is_same else ' from now on'}"

    def _move(self, resolved: ResolvedOptions) -> None:
        endpoint = self._endpoint
        endpoint.move(BoundSockets.open_for_move(resolved, endpoint.port, endpoint.addresses))

    def _replace_link(self) -> None:
        """Create a new link without a password, revoke the old one, and close its viewers."""
        self._link_store.replace_link()
        self._access.update_rules()
        self._author_links.revoke()
        self._on_link_revoked()
        self._viewer_connections.close_all(CloseCode.SHARE_ENDED, "the author made a new link")
        self._card_display.update()  # at once, since it has the old link

    def _require_password(self, password: str) -> None:
        """Require this password of new viewers, and close viewers who have not entered it."""
        self._link_store.set_password(password)
        self._access.update_rules()
        self._viewer_connections.close_all(CloseCode.PASSWORD_REQUIRED, "The author set a password")

    def update_pointing(self, is_allowed: bool) -> None:
        """Allow viewers to show the author which points they mean, or forbid it."""
        self._broadcaster.pointing_board.update(is_allowed)  # at once, even if the page is paused
        self._tracker.update_page(lambda page: page.update_pointing(is_allowed))

    def update_title(self, title: str | None) -> None:
        """Set the title of the page; None keeps it, or sets the default one."""
        if title is not None or not self._tracker.page.title:
            self._tracker.update_page(lambda page: page.update_title(title or self._build_default_title()))
