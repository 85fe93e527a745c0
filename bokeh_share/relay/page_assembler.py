"""Assembles the page of a share from the entries of its stream."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ..broker import Entry, EntryId, ShareInfo, StreamGap
from ..wire import FramedMessage, PlotEntries, read_header
from .relayed_page import PlotMessage, RelayedPage, RelayedPlot

COMPRESSED_KINDS = {"image"}
"""The kinds of plots whose data are compressed already."""


class PageAssembler:
    """The newest complete page of a stream. Pure: it is given the entries in their order.

    A `page` entry completes the entries before it. Until it comes, the page is the former one. A kernel that
    takes the share over writes a page of its own, with plots of a later term.
    """

    def __init__(self) -> None:
        self.page = RelayedPage()
        self.last_id: EntryId | None = None
        """The id of the last entry."""
        self._is_complete = False
        """True if a page was completed since the stream was last read from its beginning."""
        self.has_ended = False
        """True if the author has stopped sharing."""
        self._plots: dict[str, RelayedPlot] = {}
        """Those of the last term, of which the next page may list other ones."""
        self._details = RelayedPage()
        """The facts, the presented view and the pins of the last term, of which the newest ones count."""

    def restart(self) -> None:
        """Take the stream from its beginning again, after `StreamGap`; the page stays meanwhile."""
        self.last_id = None
        self._begin_term()

    @property
    def is_at_start(self) -> bool:
        """True if no page was completed since the term began, or the stream was read from its beginning."""
        return not self._is_complete

    def take(self, entries: Iterable[tuple[EntryId, Entry]]) -> bool:
        """Take the next entries, of whole transactions. Return True if they have completed a page, or changed
        what belongs to it. Raises `StreamGap`, and `InvalidEntry`."""
        former_page = self.page
        for id, entry in entries:
            if self.last_id is not None and id.term != self.last_id.term:
                self._apply_details()
                self._begin_term()
            self.last_id = id
            if entry.kind == "page":
                self._complete_page(entry)
            elif entry.kind == "end":
                self.has_ended = True
            elif entry.kind in ("whole", "step"):
                self._take_plot(entry)
            elif entry.kind == "share":
                self._details = replace(self._details, share=ShareInfo.decode(entry.data))
            elif entry.kind == "presented":
                self._details = replace(self._details, presented=entry.data)
            else:
                self._details = replace(self._details, pins=entry.data)
        self._apply_details()
        return self.page is not former_page

    def _apply_details(self) -> None:
        """Copy the details to the page that they belong to. Of a kernel that has shown nothing yet, only the
        password holds for the page of the former one."""
        if self._is_complete:
            self.page = self.page.copy_details(self._details)
        elif self._details.share is not None:
            self.page = self.page.replace_password(self._details.share.password)

    def _begin_term(self) -> None:
        """Forget what another kernel has written; its page stays until the next one is complete."""
        self._plots, self._details = {}, RelayedPage()
        self._is_complete = self.has_ended = False

    def _take_plot(self, entry: Entry) -> None:
        plot, size = self._plots.get(entry.plot), entry.size
        is_step = entry.kind == "step"
        if is_step and (plot is None or plot.generation != entry.base):
            raise StreamGap
        media = None if is_step else read_header(entry.data).get("media")
        can_compress = media is None or media["kind"] not in COMPRESSED_KINDS
        framed = FramedMessage(entry.data, can_compress=can_compress)
        message = PlotMessage(framed, size, entry.base if is_step else None, entry.generation)
        if plot is None:
            self._plots[entry.plot] = RelayedPlot(message)
        else:
            self._plots[entry.plot] = plot.add_step(message) if is_step else plot.replace_whole(message)

    def _complete_page(self, entry: Entry) -> None:
        header = read_header(entry.data)
        is_empty = not (header["plots"] or header["apps"])
        if is_empty and self.page.plots and header["epoch"] != self.page.epoch:
            return  # a kernel that has just started wipes nothing
        known = self.page.entries.by_id
        entries = {plot["id"]: plot for plot in header.pop("plots")}
        # equal entries are one object, since each viewer has a list of them
        by_id = {id: known[id] if known.get(id) == each else each for id, each in entries.items()}
        self._plots = {id: plot for id, plot in self._plots.items() if id in entries}
        if any(
            each["missing"] is None
            and (id not in self._plots or self._plots[id].generation != each["generation"])
            for id, each in entries.items()
        ):
            raise StreamGap
        plots = {id: plot for id, plot in self._plots.items() if entries[id]["missing"] is None}
        self._is_complete = True
        self.page = replace(
            self.page,
            epoch=header["epoch"],
            header=header,
            entries=PlotEntries(header["version"], by_id),
            plots=plots,
        )
