"""One line that says what is wrong and what to do, never a traceback, and the cell goes on."""

from __future__ import annotations

import pytest
from support.kernel_driver import Kernel
from support.viewer import Viewer


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("sals", "nothing is named 'sals': did you mean 'sales'?"),
        ("qqqqqq", "nothing is named 'qqqqqq'"),
        ("number", "'number' is of type 'int', not a Bokeh model"),
        ("sales number", "'number' is of type 'int'"),
        ("--port 70000", "70000"),
        ("--port many", "many"),
        ("--bad", "--bad"),
        ("--external --local", "exclude each other"),
        ("--max-viewers 0", "max_viewers cannot be 0: at least one viewer may come; --stop ends sharing"),
    ],
)
def test_a_wrong_line_is_refused_and_changes_nothing(kernel: Kernel, line: str, expected: str) -> None:
    kernel.run("%load_ext bokeh_share\nsales, number = fig('sales'), 3", "c0")
    message = kernel.refused(f"%bokeh_share {line}", "c1")
    assert message.startswith("UsageError: ")
    assert expected in message
    assert kernel.run("%bokeh_share --stop", "c1").lines == ["bokeh_share: nothing is shared"]
    url = kernel.share()
    with kernel.watch(url) as viewer:
        assert expected in kernel.refused(f"%bokeh_share {line}", "c1")
        kernel.run("show(fig('a'))", "c2")
        viewer.shows(["a"])
    assert kernel.url == url


@pytest.mark.parametrize("line", ["", "a b", "--bad a"])
def test_a_cell_is_named_by_exactly_one_name(kernel: Kernel, line: str) -> None:
    kernel.run("%load_ext bokeh_share", "c0")
    assert kernel.refused(f"%%bokeh_share {line}\nx = 1", "c1").startswith("UsageError: ")


@pytest.mark.parametrize(
    ("line", "other"),
    [("--fresh", "--fresh"), ("--keyfile k.pem", "--keyfile"), ("--save page.html", "--save"),
     ("--port 0", "--port"), ("p", "p")],
)  # fmt: skip
def test_what_ends_sharing_stands_alone(kernel: Kernel, line: str, other: str) -> None:
    url = kernel.share()
    kernel.run("p = fig('a')")
    expected = f"UsageError: --stop and {other} exclude each other: give --stop alone, which ends sharing"
    assert kernel.refused(f"%bokeh_share --stop {line}") == expected
    assert kernel.url == url


def test_a_line_that_is_refused_has_done_nothing_before(kernel: Kernel) -> None:
    kernel.share()
    for line in ("--pause --resume", "--pause --certfile c.pem", "--pause --port 70000", "--pause qqq"):
        kernel.refused(f"%bokeh_share {line}")
        assert not kernel.ask("__import__('bokeh_share').share().paused"), line


@pytest.mark.parametrize("option", ["--password", "--no-token", "--fresh", "--port 0", "--drop p", "--stop"])
def test_what_is_for_the_share_is_not_let_pass_on_a_cell(kernel: Kernel, option: str) -> None:
    kernel.run("%load_ext bokeh_share", "c0")
    flag = option.partition(" ")[0]
    expected = f"UsageError: {flag} is for the whole share: %bokeh_share {flag} in a line of its own"
    assert kernel.refused(f"%%bokeh_share sales {option}\nprint('it runs')", "c1") == expected
    assert kernel.run("%bokeh_share --stop", "c1").lines == ["bokeh_share: nothing is shared"]


@pytest.mark.parametrize("more", ["sales", "--caption high"])
def test_what_is_not_shared_has_no_name(kernel: Kernel, more: str) -> None:
    kernel.run("%load_ext bokeh_share", "c0")
    expected = "UsageError: --skip goes alone: what is not shared has no name and no caption"
    assert kernel.refused(f"%%bokeh_share --skip {more}\n1", "c1") == expected


BAD = {
    "p.tags = [object()]": "tags",
    "p.name = 'a'; p.renderers[0].tags = [{1: object()}]": "tags",
    "p.renderers[0].data_source.data['z'] = [object(), object(), object()]": "data",
}


@pytest.mark.parametrize("change", BAD)
def test_what_bokeh_cannot_serialise_keeps_its_last_good_state(
    kernel: Kernel, viewer: Viewer, change: str
) -> None:
    kernel.run("p = fig('a')\nshow(p)", "c1")
    viewer.shows(["a"])
    output = kernel.run(f"{change}\np.title.text = 'b'\nshow(p)\nprint('went on')", "c1")
    message, went_on = output.lines
    assert (message.startswith("bokeh_share: cannot share "), went_on) == (True, "went on")
    assert BAD[change] in message
    kernel.wait(lambda: "⚠ cannot share" in kernel.card, what="the problem on the card")
    kernel.run("show(fig('marker'))", "c2")
    viewer.shows(["a", "marker"])


def test_a_plot_that_goes_bad_in_a_later_cell_is_on_the_card_until_it_is_mended(
    kernel: Kernel, viewer: Viewer
) -> None:
    kernel.run("p = fig('a')\nshow(p)", "c1")
    output = kernel.run("p.tags, p.title.text = [object()], 'b'", "c2")
    assert (output.stdout, output.displays) == ("", [])
    kernel.wait(lambda: "⚠ cannot share" in kernel.card)
    kernel.run("show(fig('marker'))", "c3")
    viewer.shows(["a", "marker"])
    kernel.run("p.tags = []", "c4")
    viewer.shows(["b", "marker"])
    kernel.wait(lambda: "⚠" not in kernel.card, what="the card without the problem")


def test_a_plot_that_is_bad_from_the_start_is_no_plot(kernel: Kernel, viewer: Viewer) -> None:
    output = kernel.run("p = fig('a')\np.tags = [object()]\nshow(p)\nshow(fig('b'))\np", "c1")
    assert len([line for line in output.lines if "cannot share" in line]) >= 1
    viewer.shows(["b"])
    kernel.run("show(fig('c'))", "c1")
    viewer.shows(["c"])
    kernel.wait(lambda: "⚠" not in kernel.card, what="the card without the plot that went")


def test_inline_a_plot_that_cannot_be_shared_is_the_authors_matter(kernel: Kernel, viewer: Viewer) -> None:
    """Bokeh itself raises, as without us."""
    kernel.run("from bokeh.resources import INLINE; output_notebook(INLINE, hide_banner=True)", "c0")
    output = kernel.run("p = fig('a')\np.tags = [object()]\nshow(p)", "c1", fails=True)
    assert output.error == "SerializationError"
    assert "bokeh_share:" not in output.stderr


def test_a_plot_over_the_limit_keeps_its_last_good_state(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run("p = fig('a')\nshow(p)", "c1")
    viewer.shows(["a"])
    kernel.run(
        "import bokeh_share.sharing.current as k\nk._process_state.tracker.capturer._limit = 100_000", "c2"
    )
    output = kernel.run("p.line(np.arange(1e5), np.arange(1e5))\nshow(p)\nprint('went on')", "c3")
    message, went_on = output.lines
    assert "1.6 MB and the limit is 0.1 MB" in message
    assert went_on == "went on"
    kernel.wait(lambda: "⚠ cannot share" in kernel.card)
    kernel.run("show(fig('marker'))", "c4")
    viewer.shows(["a", "marker"])


def test_what_has_no_such_name_cannot_be_dropped(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run("import bokeh_share\nlive = bokeh_share.share(fig('a'), name='sales')", "c1")
    output = kernel.run("live.drop('sals')", "c2", fails=True)
    assert "nothing is named 'sals': did you mean 'sales'?" in output.traceback
    viewer.shows(["a"])
