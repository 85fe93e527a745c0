"""The ordered plots with their snapshots: one immutable value with a version."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple

from .bundle import Bundle, Lack, lack_of
from .diff.matching import assign_ids
from .snapshot.edits import Edit, LazySnapshot
from .snapshot.snapshot import Snapshot


class PlotKey(NamedTuple):
    """How a re-run finds its plot again."""

    kind: Literal["name", "cell", "variable", "code"]
    """What `of` is: a name the author gave, a cell's id, a variable's name, or what code outside of cells is
    called."""
    of: str
    position: int = 0
    """Which of the plots there, from 0."""

    @property
    def name(self) -> str | None:
        """What viewers see above the plot, if the author gave a name."""
        if self.kind != "name":
            return None
        return self.of if self.position == 0 else f"{self.of} {self.position + 1}"


@dataclass(frozen=True)
class Plot:
    """One plot on the page."""

    key: PlotKey
    id: str
    """What the page calls it: unique in its life, and nothing of the author's."""
    generation: int
    """Counts the changes, from 1."""
    changed: int
    """When it last changed, in milliseconds since 1970, UTC."""
    caption: str | None
    """What the author says about it."""
    drawn: Snapshot | LazySnapshot = field(repr=False)

    @property
    def snapshot(self) -> Snapshot:
        return self.drawn if isinstance(self.drawn, Snapshot) else self.drawn.snapshot

    @property
    def name(self) -> str | None:
        return self.key.name

    @property
    def size(self) -> int:
        """Bytes that a viewer is sent for the whole of it."""
        return self.snapshot.size


@dataclass(frozen=True)
class AppEntry:
    """An app, as far as the page tells of it; its documents are elsewhere, one for each viewer."""

    name: str
    """What it is called on the page and in its link."""
    about: str
    """What its author says about it."""
    changed: int
    """When it was shared last, in milliseconds since 1970, UTC."""


@dataclass(frozen=True)
class Page:
    """What viewers see. Each method gives the page after a change, or the very same when nothing changed."""

    title: str = ""
    plots: tuple[Plot, ...] = ()
    apps: tuple[AppEntry, ...] = ()
    version: int = 0
    born: int = 0
    """How many plots there ever were, so that ids are not used twice."""
    bundles: tuple[Bundle, ...] = field(default=(), repr=False)
    """Of the author's own models, as far as plots and apps have shown some."""
    paused: int | None = None
    """Since when the author holds changes back, in milliseconds since 1970, UTC."""

    def find(self, key: PlotKey) -> Plot | None:
        return next((plot for plot in self.plots if plot.key == key), None)

    def lack(self, plot: Plot) -> Lack | None:
        """Why `plot` cannot be drawn at the moment; None where it can."""
        # without such models no edit has to be made for this
        return lack_of(plot.snapshot.parts, self.bundles) if self.bundles else None

    def put(self, key: PlotKey, snapshot: Snapshot, *, now: int, caption: str | None = None) -> Page:
        """With `snapshot` at `key`; a new plot comes before those of its cell that follow it, or last."""
        former = self.find(key)
        if former is None:
            plot = Plot(key, f"k{self.born + 1}", 1, now, caption, assign_ids(snapshot, None, 1))
            at = self._place_for(key)
            plots = (*self.plots[:at], plot, *self.plots[at:])
            return replace(self, plots=plots, version=self.version + 1, born=self.born + 1)
        if former.snapshot == snapshot:
            # what is edited from now on is what was pictured, whose models may be at other places
            plot = replace(former, caption=caption, drawn=former.snapshot)
            if former.caption == caption:
                return self if former.drawn is plot.drawn else replace(self, plots=self._plots_with(plot))
        else:
            generation = former.generation + 1
            snapshot = assign_ids(snapshot, former.snapshot, generation)
            plot = replace(former, generation=generation, changed=now, caption=caption, drawn=snapshot)
        return self._with(plot)

    def edited(self, edits: Mapping[PlotKey, Sequence[Edit]], *, now: int) -> Page:
        """With edits of some plots, which are only made when somebody looks at them."""
        changed = (
            replace(
                each,
                generation=each.generation + 1,
                changed=now,
                drawn=LazySnapshot(each.drawn, edits[each.key]),
            )
            for each in self.plots
            if each.key in edits
        )
        return self._with(*changed)

    def _with(self, *plots: Plot) -> Page:
        return replace(self, plots=self._plots_with(*plots), version=self.version + 1)

    def _plots_with(self, *plots: Plot) -> tuple[Plot, ...]:
        changed = {plot.key: plot for plot in plots}
        return tuple(changed.get(plot.key, plot) for plot in self.plots)

    def _place_for(self, key: PlotKey) -> int:
        """Where a new plot belongs."""
        following = (
            at
            for at, each in enumerate(self.plots)
            if each.key[:2] == key[:2] and each.key.position > key.position
        )
        return next(following, len(self.plots))

    def moved(self, keys: Mapping[PlotKey, PlotKey]) -> Page:
        """With plots at other keys; those of a cell stand in the order of their positions."""
        if not any(each.key in keys for each in self.plots):
            return self
        cells = {key[:2] for key in keys.values()}
        plots = [replace(each, key=keys[each.key]) if each.key in keys else each for each in self.plots]
        node_indices = [at for at, plot in enumerate(plots) if plot.key[:2] in cells]
        in_order = sorted((plots[at] for at in node_indices), key=lambda plot: plot.key.position)
        for at, plot in zip(node_indices, in_order, strict=True):
            plots[at] = plot
        return replace(self, plots=tuple(plots), version=self.version + 1)

    def restored(self, key: PlotKey, plot: Plot) -> Page:
        """With a plot as it was before, if it is the one that stands at `key`."""
        now = self.find(key)
        if now is None or now.id != plot.id or now.drawn is plot.drawn:
            return self
        return self._with(replace(plot, key=key, generation=now.generation + 1))

    def without(self, unwanted: Callable[[PlotKey], bool]) -> Page:
        plots = tuple(plot for plot in self.plots if not unwanted(plot.key))
        if len(plots) == len(self.plots):
            return self
        return replace(self, plots=plots, version=self.version + 1)

    def arranged(self, rank: Callable[[PlotKey], tuple[int, ...]]) -> Page:
        """With the plots sorted by `rank`; those that rank alike stay as they are."""
        plots = tuple(sorted(self.plots, key=lambda plot: rank(plot.key)))
        return self if plots == self.plots else replace(self, plots=plots, version=self.version + 1)

    def listing(self, apps: tuple[AppEntry, ...]) -> Page:
        return self if apps == self.apps else replace(self, apps=apps, version=self.version + 1)

    def bundled(self, bundles: tuple[Bundle, ...]) -> Page:
        return self if bundles == self.bundles else replace(self, bundles=bundles, version=self.version + 1)

    def titled(self, title: str) -> Page:
        return self if title == self.title else replace(self, title=title, version=self.version + 1)

    def held(self, since: int | None) -> Page:
        """Said to be paused since then, or no longer."""
        return self if since == self.paused else replace(self, paused=since, version=self.version + 1)
