"""Whoever watched a cell being run again sees what somebody sees who opens the page afterwards."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from support.colleague import Author, Two, all_caught_up, compare
from support.edits import EDITS, Edit
from support.notebook_pages import difference

SHUFFLED = Random(4).sample(EDITS, len(EDITS))
PAIRS = list(zip(SHUFFLED[:45], SHUFFLED[45:90], strict=True))


def named(edit: Edit) -> str:
    return edit.name


def test_there_are_enough_edits_and_each_has_a_name_of_its_own() -> None:
    assert len(EDITS) >= 80
    assert len({edit.name for edit in EDITS}) == len(EDITS)


@pytest.mark.parametrize("edit", EDITS, ids=named)
def test_a_page_that_was_patched_looks_like_one_opened_afterwards(
    edit: Edit, colleagues: Two, tmp_path: Path
) -> None:
    here, late = colleagues
    author = Author()
    author.show(edit.before(), edit.themes[0])
    with here.watching(author):
        here.until_drawn()
        before, logged = here.settled(), len(here.console)
        author.show(edit.after(), edit.themes[1])
        with late.watching(author):
            all_caught_up(here, late)
            assert compare(here.captured, late.captured, tmp_path) is None, edit.name
            if edit.visible:
                assert difference(before, late.captured()) is not None, f"{edit.name}: the picture stayed"
            assert here.console[logged:] == late.console, f"{edit.name}: the logs differ"
            assert here.troubles == late.troubles == []
        if not edit.visible:
            unchanged = Author()
            unchanged.show(edit.before(), edit.themes[0])
            with late.watching(unchanged):
                late.until_drawn()
                found = compare(here.captured, late.captured, tmp_path)
                assert found is None, f"{edit.name}: the picture changed"


@pytest.mark.parametrize("edit", [edit for edit in EDITS if edit.pan != "none"], ids=named)
def test_what_a_colleague_panned_to_stays_and_reset_goes_where_it_goes_for_all(
    edit: Edit, colleagues: Two, tmp_path: Path
) -> None:
    here, late = colleagues
    author = Author()
    author.show(edit.before(), edit.themes[0])
    with here.watching(author):
        here.until_drawn()
        panned, logged = here.pan(), len(here.console)
        author.show(edit.after(), edit.themes[1])
        with late.watching(author):
            all_caught_up(here, late)
            seen, fresh = here.ranges(), late.ranges()
            assert seen, edit.name
            assert fresh, edit.name
            for axis, dimension in enumerate(("x", "y")):
                keeps = edit.pan in ("keeps", dimension)
                wanted = panned[axis] if keeps else fresh[axis]
                kind = "keep the pan" if keeps else "start afresh"
                assert seen[axis] == pytest.approx(wanted, rel=1e-9), (
                    f"{edit.name}: {dimension} should {kind}"
                )
            assert here.console[logged:] == late.console, f"{edit.name}: the logs differ"
            late.pan()  # a wheel zoom wakes up where somebody pans
            resets = here.reset()
            assert late.reset() == resets, f"{edit.name}: the toolbars differ"
            if resets:
                assert compare(here.captured, late.captured, tmp_path) is None, f"{edit.name}, after Reset"
            assert here.troubles == late.troubles == []


@pytest.mark.parametrize(
    ("former", "latter"), PAIRS, ids=[f"{one.name} > {other.name}" for one, other in PAIRS]
)
def test_one_plot_takes_the_place_of_quite_another(
    former: Edit, latter: Edit, colleagues: Two, tmp_path: Path
) -> None:
    here, late = colleagues
    author = Author()
    author.show(former.before(), former.themes[0])
    with here.watching(author):
        here.until_drawn()
        logged = len(here.console)
        author.show(latter.after(), latter.themes[1])
        with late.watching(author):
            all_caught_up(here, late)
            found = compare(here.captured, late.captured, tmp_path)
            assert found is None, f"{former.name}, then {latter.name}"
            assert here.console[logged:] == late.console, f"{former.name}, then {latter.name}: logs"
            assert here.troubles == late.troubles == []
