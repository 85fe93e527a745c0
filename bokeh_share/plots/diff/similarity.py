"""Decides if a person would take two snapshots for the same plot or for unrelated ones."""

from __future__ import annotations

from collections.abc import Mapping

from ..snapshot import Snapshot
from .outline import Outline
from .samples import Sample, has_little_overlap, has_similar_samples


def is_unrelated(before: Snapshot, after: Snapshot) -> bool:
    """Return True if the plots share neither words nor drawn content, so that their zoom need not be kept.

    A new title alone makes no new plot, nor do new data under the same title. Plots without words are
    compared by their kinds of glyphs. An image and its contours, which cover the same area, are the same
    plot.
    """
    return is_unrelated_outline(Outline(before.nodes), Outline(after.nodes))


def is_unrelated_outline(then: Outline, now: Outline) -> bool:
    """Compare two plots by their outlines, as `is_unrelated` does."""
    if not then.has_rows or not now.has_rows or then.words & now.words:
        return False
    if not (then.words and now.words) and then.glyphs & now.glyphs:
        return False
    return not (_has_common_data(then.samples, now.samples) or then.covered_areas & now.covered_areas)


def is_unrelated_axis(then: Outline, now: Outline, dimension: str) -> bool:
    """Return True if an axis of a figure measures something else now, so that its zoom is not kept.

    A line chart that became a pie chart has other axes, even with the same title. If one of them draws
    nothing, or unknown content, the axis counts as the same.
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
    """Return True if both draw the same distinctive values along an axis, or the same values along all."""
    roles = [role for role in then if then[role] or now[role]]
    distinctive = [
        [[each for each in samples[role] if each.is_distinctive] for samples in (then, now)] for role in roles
    ]
    if any(has_similar_samples(one, other) for one, other in distinctive):
        return True
    return all(has_similar_samples(then[role], now[role]) for role in roles)
