"""Tracks the page that the broker has, and plans the entries that bring it to the newest page."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from ..plots import Page, Plot, encode_page_message, encode_plot_change, list_plot_entries
from .entries import Entry, EntryId, EntryKind
from .share_info import ShareInfo

NO_DETAILS: Mapping[EntryKind, bytes] = MappingProxyType({})


@dataclass(frozen=True)
class PlotRecord:
    """The entries of one plot in the stream: the whole plot, and the steps after it."""

    generation: int
    whole_size: int
    step_size: int = 0
    """The size of all steps together."""
    ids: tuple[EntryId, ...] = ()


@dataclass(frozen=True)
class PublicationState:
    """The page and the entries that the broker has."""

    page: Page | None = None
    """The page that it has completely; None if it has nothing of this term."""
    records: dict[str, PlotRecord] = field(default_factory=dict)
    """By plot id."""
    page_id: EntryId | None = None
    """The newest `page` entry."""
    details: Mapping[EntryKind, tuple[EntryId, bytes]] = field(default_factory=lambda: MappingProxyType({}))
    """The newest entries of kinds of which one counts, such as `pins`, each with its data."""
    last_id: EntryId | None = None
    """The newest entry of all."""
    too_large: tuple[Plot, ...] = ()
    """The plots that the broker does not take, which pages at relays list without showing them."""
    early_share: tuple[EntryId, bytes] | None = None
    """The `share` entry that was written before the first page."""


@dataclass(frozen=True)
class Update:
    """The entries of one transaction, and the ones that it replaces."""

    entries: Sequence[tuple[EntryId, Entry]]
    deleted: Sequence[EntryId]
    is_first: bool
    """True if the broker has no entry of this term yet, and may have those of earlier ones."""
    next_state: PublicationState
    """The page and the entries that the broker has after it."""

    @property
    def last_id(self) -> EntryId:
        return self.entries[-1][0]


class Publication:
    """Plans the updates of the page in the broker. Exists as long as the share, in the publisher's thread.

    It keeps the page that the broker has acknowledged. So an update leads from there to the newest page,
    however long the broker was away: nothing is queued, and nothing is lost. If the broker has the page of an
    earlier kernel, a page that shows nothing is not published before something was shown: a kernel that has
    just started wipes nothing. Only a password is published at once, since it holds for the former page too.
    """

    def __init__(self, began_at: int = 0) -> None:
        """`began_at` is the time at which the kernel began to share, in milliseconds since 1970."""
        self.term = 0
        self._began_at = began_at
        self._sequence = 0
        self._state = PublicationState()
        self._max_entry_size: int | None = None
        """Maximum size of an entry that the broker takes, in bytes; None if no limit is known."""
        self._has_former_page = True
        """True if the broker had a page when this term began."""
        self._has_stream = False
        """True if the broker had the stream when it was asked last."""
        self._pending: Update | None = None
        """The update whose acknowledgement has not come."""

    @property
    def epoch(self) -> str:
        """Identifies the generations of this term, for pages."""
        return f"{self.term:x}"

    @property
    def acknowledged_page(self) -> Page | None:
        return self._state.page

    @property
    def too_large(self) -> tuple[Plot, ...]:
        """The plots that the broker does not take."""
        return self._state.too_large

    def limit_size(self, refused_size: int) -> None:
        """Write no entries of this size any more, since the broker does not take them."""
        self._max_entry_size, self._pending = refused_size - 1, None

    def resume(
        self, last_id: EntryId | None, *, now: int, has_page: bool = True, is_ending: bool = False
    ) -> bool:
        """Continue after a connection was made. `last_id` is the last id of the stream, None if there is no
        stream; `now` is in milliseconds since 1970; `has_page` is true if the broker has a page. Return False
        if another kernel has taken the share over.

        The first time, this begins a term after all others, unless the share `is_ending` already, and a later
        one has begun.
        """
        self._has_stream = last_id is not None
        if self.term == 0 and is_ending and last_id is not None and last_id.term > self._began_at:
            return False
        if self.term == 0:
            self.term = max(now, 1 if last_id is None else last_id.term + 1)
            self._has_former_page = has_page
            return True
        if last_id is not None and last_id.term > self.term:
            return False
        newest = EntryId(self.term, 0) if last_id is None or last_id.term < self.term else last_id
        if self._pending is not None and newest == self._pending.last_id:
            self.acknowledge(self._pending)  # the answer was lost
        elif self._state.last_id is not None and newest < self._state.last_id:
            self.forget()  # the broker was flushed, or went back to an earlier state
        self._pending = None
        self._sequence = max(self._sequence, newest.sequence)
        return True

    def forget(self) -> None:
        """Write everything anew, since the broker has lost it."""
        self._state, self._pending = PublicationState(), None

    def acknowledge(self, update: Update) -> None:
        """Record that the broker has `update`."""
        self._state, self._pending = update.next_state, None

    def plan_update(self, page: Page, details: Mapping[EntryKind, bytes] = NO_DETAILS) -> Update | None:
        """Plan the update that brings the broker to `page` and `details`; None if it has them, or must not
        get them. `details` are the data of entries of which one counts; empty ones are not written at
        first."""
        state = self._state
        is_empty = not (page.plots or page.apps)
        if state.page is None and is_empty and self._has_former_page:
            return self._plan_early_share(details.get("share", b""))
        changes = [*self._list_changes(page)]
        changed_details = {
            kind: data
            for kind, data in details.items()
            if data != (state.details[kind][1] if kind in state.details else b"")
        }
        has_page = state.page is not None and state.page.version == page.version
        if has_page and not changed_details:
            return None
        return self._build_update(page, changes, changed_details)

    def plan_keyframes(self, requested: Collection[str] = (), *, max_ratio: float = 1.0) -> Update | None:
        """Plan to write those plots whole whose steps have more bytes than the plot, times `max_ratio`, and
        those that relays have requested; None if there are none.

        So the stream stays at about twice the size of the plots. Called when nothing else is to be written,
        and with a greater ratio while changes go on.
        """
        page, records = self._state.page, self._state.records
        if page is None:
            return None
        outweighed = [
            plot
            for plot in page.plots
            if (record := records.get(plot.id)) is not None
            and (record.step_size > max_ratio * record.whole_size or plot.id in requested)
        ]
        if not outweighed:
            return None
        return self._build_update(
            page, [(plot, _encode_plot(self.epoch, page, plot, None)) for plot in outweighed]
        )

    def _plan_early_share(self, data: bytes) -> Update | None:
        """Plan to write the facts about the share before its page if there is a password."""
        former = self._state.early_share
        if not (data and self._has_stream) or (former is not None and former[1] == data):
            return None
        if former is None and ShareInfo.decode(data).password is None:
            return None
        id = self._take_id()
        state = replace(self._state, early_share=(id, data), last_id=id)
        deleted = [] if former is None else [former[0]]
        self._pending = Update([(id, Entry("share", data))], deleted, is_first=False, next_state=state)
        return self._pending

    def _list_changes(self, page: Page) -> Iterator[tuple[Plot, Entry]]:
        """List the plots that the broker lacks in their newest state, each with its entry."""
        former = {} if self._state.page is None else {plot.id: plot for plot in self._state.page.plots}
        for plot in page.plots:
            record = self._state.records.get(plot.id)
            if page.find_missing_reason(plot) is not None:
                continue
            if record is None or record.generation != plot.generation:
                known = former.get(plot.id) if record is not None else None
                entry = _encode_plot(self.epoch, page, plot, known)
                if self._max_entry_size is None or entry.size <= self._max_entry_size:
                    yield plot, entry

    def _build_update(
        self,
        page: Page,
        changes: Sequence[tuple[Plot, Entry]],
        changed_details: Mapping[EntryKind, bytes] = NO_DETAILS,
    ) -> Update:
        state, entries = self._state, list[tuple[EntryId, Entry]]()
        kept_ids = {plot.id for plot in page.plots}
        records = {id: record for id, record in state.records.items() if id in kept_ids}
        deleted = [each for id, record in state.records.items() if id not in kept_ids for each in record.ids]
        for plot, entry in changes:
            entry_id = self._take_id()
            entries.append((entry_id, entry))
            record = records.get(plot.id)
            if entry.kind == "step" and record is not None:
                records[plot.id] = replace(
                    record,
                    generation=plot.generation,
                    step_size=record.step_size + entry.size,
                    ids=(*record.ids, entry_id),
                )
            else:
                deleted += () if record is None else record.ids
                records[plot.id] = PlotRecord(plot.generation, entry.size, ids=(entry_id,))
        too_large = tuple(plot for plot in page.plots if _is_lacking(page, plot, records))
        for plot in too_large:
            if (outdated := records.pop(plot.id, None)) is not None:
                deleted += outdated.ids
        details = dict(state.details)
        for kind, data in changed_details.items():
            deleted += [details[kind][0]] if kind in details else []
            details[kind] = self._take_id(), data
            entries.append((details[kind][0], Entry(kind, data)))
        page_id = state.page_id
        if page_id is None or changes or state.page is None or state.page.version != page.version:
            deleted += () if page_id is None else (page_id,)
            page_id = self._take_id()
            listed = list_plot_entries(page).mark_missing([plot.id for plot in too_large], "large")
            message = encode_page_message(self.epoch, page, listed)
            entries.append((page_id, Entry("page", message, generation=page.version)))
        next_state = PublicationState(page, records, page_id, details, entries[-1][0], too_large)
        self._pending = Update(entries, deleted, state.page_id is None, next_state)
        return self._pending

    def plan_end(self) -> tuple[EntryId, Entry]:
        """Plan the entry that ends the share for everybody."""
        return self._take_id(), Entry("end")

    def _take_id(self) -> EntryId:
        self._sequence += 1
        return EntryId(self.term, self._sequence)


def _is_lacking(page: Page, plot: Plot, records: Mapping[str, PlotRecord]) -> bool:
    """Return True if the broker will not have the newest state of a plot that pages can draw."""
    record = records.get(plot.id)
    is_written = record is not None and record.generation == plot.generation
    return not is_written and page.find_missing_reason(plot) is None


def _encode_plot(epoch: str, page: Page, plot: Plot, former: Plot | None) -> Entry:
    """Encode the step from `former`, or the whole plot if there is none or a step is no smaller."""
    message, base = encode_plot_change(epoch, page.version, plot, former)
    if base is not None and len(message) > plot.size:
        message, base = encode_plot_change(epoch, page.version, plot, None)
    if base is None:
        return Entry("whole", message, plot.id, generation=plot.generation)
    return Entry("step", message, plot.id, base, plot.generation)
