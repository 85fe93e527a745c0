"""What an author reads who gives an option where it does not work."""

from __future__ import annotations

import pytest

from bokeh_share.sharing import Front, list_front_hints
from bokeh_share.sharing.option_table import OPTIONS


@pytest.mark.parametrize(
    ("front", "flag", "expected"),
    [
        (Front.MAGIC, "--watch", "--watch is for the command line: python -m bokeh_share FILE --watch"),
        (Front.MAGIC, "--every", "--every is for the command line: python -m bokeh_share FILE --every TIME"),
        (Front.MAGIC, "--num-procs", "--num-procs is for scripts with run(): python plot.py --num-procs N"),
        (Front.MAGIC, "--controls", "--controls is an option of share(): share(…, controls=…)"),
        (Front.MAGIC, "--token", "--token is not needed: a link has a token unless you give --no-token"),
        (
            Front.RUN,
            "--download",
            "--download is not needed: viewers can download the data of plots unless you give --no-download",
        ),
        (Front.RUN, "--watch", "--watch does not apply to a script with run(): leave it out"),
        (Front.RUN, "--controls", "--controls is an option of run(): run(…, controls=…)"),
        (Front.RUN, "--fresh", "--fresh does not apply to a script with run(): leave it out"),
        (Front.RUN, "--pause", "--pause is for notebooks: write %bokeh_share --pause in a cell"),
        (
            Front.COMMAND,
            "--local",
            "--local is not needed: a share is on this machine only unless you give --external",
        ),
        (
            Front.COMMAND,
            "--caption",
            "--caption is for notebooks: write %%bokeh_share --caption TEXT on top of a cell",
        ),
        (
            Front.COMMAND,
            "--num-procs",
            "--num-procs is for scripts with run(): python plot.py --num-procs N",
        ),
    ],
)
def test_it_says_where_the_option_works(front: Front, flag: str, expected: str) -> None:
    assert list_front_hints(front)[flag] == expected


@pytest.mark.parametrize("front", [Front.MAGIC, Front.RUN, Front.COMMAND])
def test_each_option_is_known_or_has_a_hint(front: Front) -> None:
    hints = list_front_hints(front)
    assert {option.flag for option in OPTIONS if front not in option.fronts} >= set(hints)
    assert all((option.flag in hints) != (front in option.fronts) for option in OPTIONS)
