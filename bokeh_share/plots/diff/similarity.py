"""Whether two snapshots are of the same plot to a person, or one of quite another."""

from __future__ import annotations

from collections.abc import Mapping

from ..snapshot import Snapshot
from .outline import Outline
from .samples import Sample, has_little_overlap, has_similar_samples


def is_unrelated(before: Snapshot, after: Snapshot) -> bool:
    """Whether nothing of what is said or drawn is the same, so that no zoom is worth keeping.

    A new title is no new plot, nor is new data under the same title; plots that say nothing are known by
    what they are drawn with. An image and its contours, which cover the same ground, are one plot too.
    """
    return is_unrelated_outline(Outline(before.nodes), Outline(after.nodes))


def is_unrelated_outline(then: Outline, now: Outline) -> bool:
    """The same of two plots that were looked at already."""
    if not then.has_rows or not now.has_rows or then.words & now.words:
        return False
    if not (then.words and now.words) and then.glyphs & now.glyphs:
        return False
    return not (_has_common_data(then.samples, now.samples) or then.covered_areas & now.covered_areas)


def is_unrelated_axis(then: Outline, now: Outline, dimension: str) -> bool:
    """Whether an axis of a figure measures something else now, so that a zoom along it leads nowhere.

    A line that became a pie has other axes, whatever its title. Where one of them draws nothing, or it is
    not known what, the axis is the one that was there.
    """
    one, other = then.axes[dimension], now.axes[dimension]
    if not one.glyphs or not other.glyphs or (one.limits is not None and one.limits == other.limits):
        return False
    if one.is_measured != other.is_measured:
        return True
    agree = then.headings & now.headings or not (then.headings and now.headings)
    if one.words & other.words or (agree and one.glyphs & other.glyphs):
        return False
    return not has_similar_samples(one.samples, other.samples) and has_little_overlap(
        one.extent, other.extent
    )


def _has_common_data(then: Mapping[str, list[Sample]], now: Mapping[str, list[Sample]]) -> bool:
    """Whether values that tell something are drawn along the same axis, or all values are."""
    roles = [role for role in then if then[role] or now[role]]
    distinctive = [
        [[each for each in samples[role] if each.is_distinctive] for samples in (then, now)] for role in roles
    ]
    if any(has_similar_samples(one, other) for one, other in distinctive):
        return True
    return all(has_similar_samples(then[role], now[role]) for role in roles)
