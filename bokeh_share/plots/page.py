"""The page: its ordered plots with their snapshots, as one immutable value with a version."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from operator import is_
from typing import Literal, NamedTuple, TypeAlias

from ..text import format_clock_time, format_size
from .bundle import Bundle, MissingReason, find_missing_reason
from .diff import assign_ids
from .media import MediaSnapshot
from .placeholder import Placeholder, build_placeholder
from .snapshot import Edit, LazySnapshot, Snapshot

ANCHOR_LENGTH = 8
"""Length of a plot's anchor: it is sent for each plot with each page message."""


class PlotKey(NamedTuple):
    """Identifies a plot, so that a re-run of its code finds it again."""

    kind: Literal["name", "cell", "variable", "code"]
    """The type of `identifier`: a name that the author gave, a cell's id, a variable's name, or the name of
    code outside of cells."""
    identifier: str
    position: int = 0
    """The plot's position among those with this identifier, from 0."""

    @property
    def name(self) -> str | None:
        """The name that viewers see above the plot, if the author gave one."""
        if self.kind != "name":
            return None
        return self.identifier if self.position == 0 else f"{self.identifier} {self.position + 1}"

    @property
    def anchor(self) -> str | None:
        """Names the plot in links if it has no name. Stays the same after a restart of the kernel, and does
        not reveal the identifier."""
        return None if self.kind == "name" else _hash_key(self)


@lru_cache(maxsize=1024)
def _hash_key(key: PlotKey) -> str:
    return hashlib.sha256(repr(tuple(key)).encode(errors="surrogatepass")).hexdigest()[:ANCHOR_LENGTH]


PlotContent: TypeAlias = Snapshot | MediaSnapshot
"""The state of a plot: of Bokeh's models, or a picture, a table or a text."""
PlotRank: TypeAlias = Callable[[PlotKey], tuple[int, ...]]
"""Returns the sort key of a plot on the page; plots of equal rank keep their order."""


@dataclass(frozen=True, repr=False)
class Plot:
    """One plot on the page."""

    key: PlotKey
    id: str
    """The plot's id on the page: unique while the page exists, and independent of the author's ids."""
    generation: int
    """Counts the changes, from 1."""
    changed_at: int
    """The time of its last change, in milliseconds since 1970, UTC."""
    caption: str | None
    """The author's description."""
    stored_snapshot: PlotContent | LazySnapshot
    section: tuple[tuple[int, str], ...] = ()
    """The headings above the plot, each with its level, the outermost first."""

    def __repr__(self) -> str:
        label = self.id if self.name is None else f"{self.id} {self.name!r}"
        return f"<Plot {label}, {format_size(self.size)}, changed {format_clock_time(self.changed_at)}>"

    @property
    def snapshot(self) -> PlotContent:
        stored = self.stored_snapshot
        return stored.snapshot if isinstance(stored, LazySnapshot) else stored

    @property
    def media(self) -> MediaSnapshot | None:
        """The picture, table or text; None for a plot of Bokeh's models. Applies no pending edits."""
        return self.stored_snapshot if isinstance(self.stored_snapshot, MediaSnapshot) else None

    @property
    def name(self) -> str | None:
        return self.key.name

    @property
    def size(self) -> int:
        """Approximate number of bytes that a viewer receives for the whole plot."""
        return self.snapshot.size

    @cached_property
    def placeholder(self) -> Placeholder:
        """Takes the place of the plot on a page that has not drawn it yet. Applies the pending edits."""
        return build_placeholder(self.snapshot)


@dataclass(frozen=True)
class AppEntry:
    """An app's entry on the page. Its documents, one for each viewer, are kept elsewhere."""

    name: str
    """Its name on the page and in its link."""
    about: str
    """The author's description."""
    changed_at: int
    """The time at which it was last shared, in milliseconds since 1970, UTC."""


@dataclass(frozen=True)
class Page:
    """The page. Each method returns the changed page, or the same object if nothing changed."""

    title: str = ""
    plots: tuple[Plot, ...] = ()
    apps: tuple[AppEntry, ...] = ()
    version: int = 0
    created_count: int = 0
    """The number of plots ever created, so that no id is used twice."""
    bundles: tuple[Bundle, ...] = field(default=(), repr=False)
    """The scripts of the author's own models that plots and apps have shown."""
    paused_since: int | None = None
    """The time at which the author paused the page, in milliseconds since 1970, UTC."""
    can_download: bool = True
    """False if pages do not offer the data of plots for download."""
    can_point: bool = False
    """True if viewers can show the author which points they mean."""

    def find(self, key: PlotKey) -> Plot | None:
        return next((plot for plot in self.plots if plot.key == key), None)

    def find_missing_reason(self, plot: Plot) -> MissingReason | None:
        """Return why `plot` cannot be drawn at the moment; None if it can."""
        # without such models the pending edits need not be applied
        return find_missing_reason(plot.snapshot.parts, self.bundles) if self.bundles else None

    def put(self, key: PlotKey, snapshot: PlotContent, *, now: int, caption: str | None = None) -> Page:
        """Put `snapshot` at `key`. A new plot goes before the later ones of its cell, or last."""
        former = self.find(key)
        if former is None:
            plot = Plot(key, f"k{self.created_count + 1}", 1, now, caption, _identify(snapshot, None, 1))
            index = _find_insert_index(self.plots, key)
            plots = (*self.plots[:index], plot, *self.plots[index:])
            return replace(self, plots=plots, version=self.version + 1, created_count=self.created_count + 1)
        if former.snapshot == snapshot:
            # later edits refer to the new capture, whose models may have other node indices
            plot = replace(former, caption=caption, stored_snapshot=former.snapshot)
            if former.caption == caption:
                return (
                    self
                    if former.stored_snapshot is plot.stored_snapshot
                    else replace(self, plots=_merge_plots(self.plots, plot))
                )
        else:
            generation = former.generation + 1
            snapshot = _identify(snapshot, former.snapshot, generation)
            plot = replace(
                former, generation=generation, changed_at=now, caption=caption, stored_snapshot=snapshot
            )
        return _update_plots(self, plot)

    def apply_edits(self, edits: Mapping[PlotKey, Sequence[Edit]], *, now: int) -> Page:
        """Add edits to some plots. They are applied when a plot is next read."""
        changed = (
            replace(
                each,
                generation=each.generation + 1,
                changed_at=now,
                stored_snapshot=LazySnapshot(each.stored_snapshot, edits[each.key]),
            )
            for each in self.plots
            if each.key in edits and not isinstance(each.stored_snapshot, MediaSnapshot)
        )
        return _update_plots(self, *changed)

    def move(self, keys: Mapping[PlotKey, PlotKey]) -> Page:
        """Move plots to other keys. The plots of a cell are ordered by their positions."""
        if not any(each.key in keys for each in self.plots):
            return self
        cells = {key[:2] for key in keys.values()}
        plots = [replace(each, key=keys[each.key]) if each.key in keys else each for each in self.plots]
        indices = [index for index, plot in enumerate(plots) if plot.key[:2] in cells]
        ordered = sorted((plots[index] for index in indices), key=lambda plot: plot.key.position)
        for index, plot in zip(indices, ordered, strict=True):
            plots[index] = plot
        return replace(self, plots=tuple(plots), version=self.version + 1)

    def restore(self, key: PlotKey, plot: Plot) -> Page:
        """Restore a plot's former state, if it is the plot at `key`."""
        current = self.find(key)
        if current is None or current.id != plot.id or current.stored_snapshot is plot.stored_snapshot:
            return self
        return _update_plots(self, replace(plot, key=key, generation=current.generation + 1))

    def remove(self, is_unwanted: Callable[[PlotKey], bool]) -> Page:
        plots = tuple(plot for plot in self.plots if not is_unwanted(plot.key))
        if len(plots) == len(self.plots):
            return self
        return replace(self, plots=plots, version=self.version + 1)

    def sort(self, rank: PlotRank) -> Page:
        """Sort the plots by `rank`; plots of equal rank keep their order."""
        plots = tuple(sorted(self.plots, key=lambda plot: rank(plot.key)))
        return self if plots == self.plots else replace(self, plots=plots, version=self.version + 1)

    def update_sections(self, find: Callable[[PlotKey], tuple[tuple[int, str], ...]]) -> Page:
        """Set the headings above each plot."""
        plots = tuple(
            plot if plot.section == (section := find(plot.key)) else replace(plot, section=section)
            for plot in self.plots
        )
        is_same = all(map(is_, plots, self.plots))
        return self if is_same else replace(self, plots=plots, version=self.version + 1)

    def update_apps(self, apps: tuple[AppEntry, ...]) -> Page:
        return self if apps == self.apps else replace(self, apps=apps, version=self.version + 1)

    def update_bundles(self, bundles: tuple[Bundle, ...]) -> Page:
        return self if bundles == self.bundles else replace(self, bundles=bundles, version=self.version + 1)

    def update_title(self, title: str) -> Page:
        return self if title == self.title else replace(self, title=title, version=self.version + 1)

    def update_paused(self, since: int | None) -> Page:
        """Mark the page as paused since this time; None: as no longer paused."""
        return (
            self
            if since == self.paused_since
            else replace(self, paused_since=since, version=self.version + 1)
        )

    def update_download(self, can_download: bool) -> Page:
        """Set if pages offer the data of plots for download."""
        return (
            self
            if can_download == self.can_download
            else replace(self, can_download=can_download, version=self.version + 1)
        )

    def update_pointing(self, can_point: bool) -> Page:
        """Set if viewers can show the author which points they mean."""
        return (
            self
            if can_point == self.can_point
            else replace(self, can_point=can_point, version=self.version + 1)
        )


def _update_plots(page: Page, *changed: Plot) -> Page:
    return replace(page, plots=_merge_plots(page.plots, *changed), version=page.version + 1)


def _merge_plots(plots: Sequence[Plot], *changed: Plot) -> tuple[Plot, ...]:
    """Return the plots with the changed ones in their places."""
    by_key = {plot.key: plot for plot in changed}
    return tuple(by_key.get(plot.key, plot) for plot in plots)


def _find_insert_index(plots: Sequence[Plot], key: PlotKey) -> int:
    """Return the index at which to insert a new plot."""
    following = (
        index
        for index, each in enumerate(plots)
        if each.key[:2] == key[:2] and each.key.position > key.position
    )
    return next(following, len(plots))


def _identify(after: PlotContent, before: PlotContent | None, generation: int) -> PlotContent:
    """Return the new state of a plot, with ids for its models, if it has any."""
    if isinstance(after, MediaSnapshot):
        return after
    return assign_ids(after, None if isinstance(before, MediaSnapshot) else before, generation)


def read_time_ms() -> int:
    """Return the time in milliseconds since 1970, UTC."""
    return int(time.time() * 1000)
