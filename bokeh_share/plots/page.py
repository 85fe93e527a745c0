"""The page: its ordered plots with their snapshots, as one immutable value with a version."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from operator import is_
from typing import Any, Literal, NamedTuple, TypeAlias

from ..text import format_clock_time, format_size
from .bundle import Bundle, MissingReason, find_missing_reason
from .content import PlotContent, assign_model_ids
from .media import MediaSnapshot
from .placeholder import Placeholder, build_placeholder
from .snapshot import Edit, LazySnapshot

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


PlotRank: TypeAlias = Callable[[PlotKey], tuple[int, ...]]
"""Returns the sort key of a plot on the page; plots of equal rank keep their order."""


@dataclass(frozen=True, repr=False)
class Plot:
    """One plot on the page."""

    key: PlotKey
    id: str
    """The plot's id in messages: a digest of its first key, so that another kernel of the notebook gives the
    same id. It does not reveal the key."""
    number: int
    """Counts the plots of the page, from 1: no two plots ever have the same."""
    generation: int
    """Counts the changes, from 1, or from above the generations of plots that have left the page."""
    changed_at: int
    """The time of its last change, in milliseconds since 1970, UTC."""
    caption: str | None
    """The author's description."""
    stored_snapshot: PlotContent | LazySnapshot
    section: tuple[tuple[int, str], ...] = ()
    """The headings above the plot, each with its level, the outermost first."""
    used_ids: frozenset[str] = field(default=frozenset(), compare=False)
    """The ids that its models have ever had, so that another model does not get one of them."""

    def __repr__(self) -> str:
        label = self.short_id if self.name is None else f"{self.short_id} {self.name!r}"
        return f"<Plot {label}, {format_size(self.size)}, changed {format_clock_time(self.changed_at)}>"

    @property
    def short_id(self) -> str:
        """The id that the author sees and types."""
        return f"k{self.number}"

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
    """The number of plots ever created."""
    removed_generation: int = 0
    """The highest generation of the plots that have left the page. Later plots, which may have the same ids,
    begin above it, so that no viewer mistakes them for what they have."""
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
            plot = _create_plot(self, key, snapshot, now=now, caption=caption)
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
            snapshot, used_ids = assign_model_ids(snapshot, former.snapshot, generation, former.used_ids)
            plot = replace(
                former,
                generation=generation,
                changed_at=now,
                caption=caption,
                stored_snapshot=snapshot,
                used_ids=used_ids,
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
        used_ids, generation = plot.used_ids | current.used_ids, current.generation + 1
        return _update_plots(self, replace(plot, key=key, generation=generation, used_ids=used_ids))

    def remove(self, is_unwanted: Callable[[PlotKey], bool]) -> Page:
        removed = [plot for plot in self.plots if is_unwanted(plot.key)]
        if not removed:
            return self
        removed_ids = {plot.id for plot in removed}
        plots = tuple(plot for plot in self.plots if plot.id not in removed_ids)
        highest = max(self.removed_generation, *(plot.generation for plot in removed))
        return replace(self, plots=plots, version=self.version + 1, removed_generation=highest)

    def sort(self, rank: PlotRank) -> Page:
        """Sort the plots by `rank`; plots of equal rank keep their order."""
        return _replace_fields(self, plots=tuple(sorted(self.plots, key=lambda plot: rank(plot.key))))

    def update_sections(self, find: Callable[[PlotKey], tuple[tuple[int, str], ...]]) -> Page:
        """Set the headings above each plot."""
        plots = tuple(
            plot if plot.section == (section := find(plot.key)) else replace(plot, section=section)
            for plot in self.plots
        )
        return self if all(map(is_, plots, self.plots)) else _replace_fields(self, plots=plots)

    def update_apps(self, apps: tuple[AppEntry, ...]) -> Page:
        return _replace_fields(self, apps=apps)

    def update_bundles(self, bundles: tuple[Bundle, ...]) -> Page:
        return _replace_fields(self, bundles=bundles)

    def update_title(self, title: str) -> Page:
        return _replace_fields(self, title=title)

    def update_paused(self, since: int | None) -> Page:
        """Mark the page as paused since this time; None: as no longer paused."""
        return _replace_fields(self, paused_since=since)

    def update_download(self, can_download: bool) -> Page:
        """Set if pages offer the data of plots for download."""
        return _replace_fields(self, can_download=can_download)

    def update_pointing(self, can_point: bool) -> Page:
        """Set if viewers can show the author which points they mean."""
        return _replace_fields(self, can_point=can_point)


def _replace_fields(page: Page, **values: Any) -> Page:
    """Return the page with these fields, or `page` itself if it has the same."""
    is_same = all(getattr(page, name) == value for name, value in values.items())
    return page if is_same else replace(page, **values, version=page.version + 1)


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


def _create_plot(page: Page, key: PlotKey, snapshot: PlotContent, *, now: int, caption: str | None) -> Plot:
    number, generation = page.created_count + 1, page.removed_generation + 1
    id = f"k{_hash_key(key)}"
    if any(plot.id == id for plot in page.plots):  # a plot that got this key first, and then another one
        id = f"k{_hash_key(key._replace(identifier=f'{key.identifier} {number}'))}"
    content, used_ids = assign_model_ids(snapshot, None, generation, frozenset())
    return Plot(key, id, number, generation, now, caption, content, used_ids=used_ids)


def read_time_ms() -> int:
    """Return the time in milliseconds since 1970, UTC."""
    return int(time.time() * 1000)
