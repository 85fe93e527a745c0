"""One line that says what is wrong and what to do, never a traceback, and the cell goes on."""

from __future__ import annotations

import re

import pytest
from support.kernel_driver import Kernel
from support.viewer import Viewer

MORE = "def weekly(days: int = 7): return fig(days)\nglyph = sales.renderers[0]"
NO_PASSWORD = "--password takes no value, as it asks for the password: delete the text after it"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("sals", "no variable 'sals': did you mean 'sales'?"),
        ("qqqqqq", "no variable 'qqqqqq': check its spelling, or run the cell that assigns it"),
        ("number", "'number' is of type 'int': share a Bokeh figure, layout, widget or table"),
        ("sales number", "'number' is of type 'int'"),
        ("--port 70000", "port cannot be 70000: give a number from 1 to 65535, or 0 for any free port"),
        ("--port many", "--port cannot be 'many': give a number, such as --port 5010"),
        ("--bad", "there is no option --bad: --help lists the options"),
        ("--exernal", "there is no option --exernal: did you mean --external?"),
        ("--password hunter2", NO_PASSWORD),
        ("--password=hunter2", NO_PASSWORD),
        ("--exter", "there is no option --exter: did you mean --external?"),
        ("-exernal", "there is no option -exernal: did you mean --external?"),
        ("-port 5010", "there is no option -port: did you mean --port 5010?"),
        ("--prot=5010", "there is no option --prot: did you mean --port=5010?"),
        ("--port", "--port needs a value: --port N"),
        ("--external=yes", "--external takes no value: give --external alone"),
        ("--s", "--s is too short: write --skip or --status or --save or --stop"),
        ("external", "no variable 'external': did you mean --external?"),
        ("max_viewers 3", "no variable 'max_viewers': did you mean --max-viewers?"),
        ("stop", "no variable 'stop': did you mean --stop?"),
        ("status", "no variable 'status': did you mean --status?"),
        ("help", "no variable 'help': did you mean --help?"),
        ("start", "no variable 'start': %bokeh_share alone starts sharing, and shows the link"),
        ("off", "no variable 'off': %bokeh_share --stop stops sharing"),
        ("list", "no variable 'list': %bokeh_share --status lists links, viewers and plots"),
        (
            "--title Sales overview",
            "no variable 'overview': quote a text that has spaces: --title \"Sales overview\"",
        ),
        (
            '--title="Sales overview"',
            'no variable \'overview"\': write a space before a text in quotes: --title "Sales overview"',
        ),
        ('--title "Sales overview" sals', "no variable 'sals': did you mean 'sales'?"),
        ("--address eth0 sals", "no variable 'sals': did you mean 'sales'?"),
        ("Stop", "no variable 'Stop': did you mean --stop?"),
        ("--pasword=hunter2", "there is no option --pasword: did you mean --password?"),
        ("-pasword=hunter2", "there is no option -pasword: did you mean --password?"),
        (
            '--title "Sales',
            "a quotation mark in '--title \"Sales' is not closed: put the text that has it in quotes of the"
            " other kind",
        ),
        ("weekly", "'weekly' is a function: share(weekly) makes it an app"),
        ("figure", "'figure' is a class: share a plot that you make with it"),
        ("glyph", "'glyph' is a GlyphRenderer: it is a part of a plot; share the figure that has it"),
        ("--external --local", "exclude each other"),
        ("--max-viewers 0", "max_viewers cannot be 0: give 1 or more"),
        ("--watch", "--watch is for the command line: python -m bokeh_share FILE --watch"),
        ("--num-procs 2", "--num-procs is for scripts with run(): python plot.py --num-procs N"),
        ("--name sales sales", "--name is an option of share(): share(…, name=…)"),
    ],
)
def test_a_wrong_line_is_refused_and_changes_nothing(kernel: Kernel, line: str, expected: str) -> None:
    kernel.run("%load_ext bokeh_share\nsales, number = fig('sales'), 3\n" + MORE, "c0")
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
    message = kernel.refused(f"%%bokeh_share {line}\nx = 1", "c1")
    assert message.startswith("UsageError: ")
    assert message.endswith("; the cell did not run")
    assert kernel.ask("'x' in globals()") is False


@pytest.mark.parametrize(
    ("line", "other"),
    [("--fresh", "--fresh"), ("--keyfile k.pem", "--keyfile"), ("--save page.html", "--save"),
     ("--port 0", "--port"), ("p", "'p'")],
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
    expected = f"UsageError: {flag} applies to the whole share: write %bokeh_share {flag} in its own line"
    expected += "; the cell did not run"
    assert kernel.refused(f"%%bokeh_share sales {option}\nprint('it runs')", "c1") == expected
    assert kernel.run("%bokeh_share --stop", "c1").lines == ["bokeh_share: nothing is shared"]


@pytest.mark.parametrize("more", ["sales", "--caption high"])
def test_what_is_not_shared_has_no_name(kernel: Kernel, more: str) -> None:
    kernel.run("%load_ext bokeh_share", "c0")
    expected = "UsageError: --skip needs no name and no caption: give it alone, as nothing is shared"
    expected += "; the cell did not run"
    assert kernel.refused(f"%%bokeh_share --skip {more}\n1", "c1") == expected


USE_PLAIN = "use numbers, texts, dates, or lists of these"
BAD = {
    "p.tags = [object()]": f"property 'figure.tags' (type 'object'): {USE_PLAIN}",
    "p.name = 'a'; p.renderers[0].tags = [{1: object()}]": "property 'GlyphRenderer.tags'",
    "p.renderers[0].data_source.data['z'] = [object(), object(), object()]": (
        f"column 'z' (type 'object'): {USE_PLAIN}"
    ),
    "p.renderers[0].data_source.data['z'] = range(3)": "column 'z' (type 'range'): use list(range(3))",
}


@pytest.mark.parametrize("change", BAD)
def test_what_bokeh_cannot_serialize_keeps_its_last_good_state(
    kernel: Kernel, viewer: Viewer, change: str
) -> None:
    kernel.run("p = fig('a')\nshow(p)", "c1")
    viewer.shows(["a"])
    output = kernel.run(f"{change}\np.title.text = 'b'\nshow(p)\nprint('went on')", "c1")
    went_on, message = output.lines
    number = kernel.ask("get_ipython().execution_count") - 1
    begin = f"bokeh_share: cannot share 'b' in cell [{number}]: Bokeh cannot serialize "
    assert (message.startswith(begin), went_on) == (True, "went on")
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
    went_on, message = output.lines
    assert "'a' in cell [" in message
    assert "it has 1.6 MB and the limit is 0.1 MB; show fewer rows or columns" in message
    assert went_on == "went on"
    kernel.wait(lambda: "⚠ cannot share" in kernel.card)
    kernel.run("show(fig('marker'))", "c4")
    viewer.shows(["a", "marker"])


def test_what_has_no_such_name_cannot_be_dropped(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run("import bokeh_share\nlive = bokeh_share.share(fig('a'), name='sales')", "c1")
    output = kernel.run("live.drop('sals')", "c2", fails=True)
    assert "no plot 'sals': did you mean 'sales'?" in output.traceback
    viewer.shows(["a"])


@pytest.mark.parametrize("line", ["%bokeh_share --help", "%bokeh_share -h", "%%bokeh_share --help\n1"])
def test_help_is_printed_and_changes_nothing(kernel: Kernel, line: str) -> None:
    kernel.run("%load_ext bokeh_share", "c0")
    text = kernel.run(line, "c1").stdout
    for heading in ("where to share:", "who can watch:", "plots on the page:", "daily use:", "examples:"):
        assert f"\n{heading}\n" in text
    assert '%bokeh_share --external --title "Sales overview"' in text
    assert kernel.run("%bokeh_share --stop", "c1").lines == ["bokeh_share: nothing is shared"]


def test_a_question_mark_shows_the_help_as_well(kernel: Kernel) -> None:
    kernel.run("%load_ext bokeh_share", "c0")
    found = kernel.ask("get_ipython().object_inspect('%bokeh_share')['docstring']")
    assert found.strip() == kernel.run("%bokeh_share --help", "c1").stdout.strip()


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Sales overview", '%%bokeh_share takes one name, not 2: quote a name that has spaces:'
         ' %%bokeh_share "Sales overview"'),
        ("sales --caption net in euros", "%%bokeh_share takes one name, not 3: quote a text that has spaces:"
         ' --caption "net in euros"'),
        ('"Net sales" overview', "%%bokeh_share takes one name, not 2: give one of them"),
        ("", "%%bokeh_share needs a name for the plots of this cell: %%bokeh_share sales"),
        ('""', "%%bokeh_share needs a name for the plots of this cell: %%bokeh_share sales"),
    ],
)  # fmt: skip
def test_a_name_with_spaces_is_to_be_quoted(kernel: Kernel, line: str, expected: str) -> None:
    kernel.run("%load_ext bokeh_share", "c0")
    message = kernel.refused(f"%%bokeh_share {line}\n1", "c1")
    assert message == f"UsageError: {expected}; the cell did not run"


def test_a_named_cell_that_shows_no_plot_says_so(kernel: Kernel, viewer: Viewer) -> None:
    output = kernel.run("%%bokeh_share sales\np = fig('a')", "c1")
    advice = "show one by show(), or as the last expression"
    assert output.lines == [f"bokeh_share: this cell showed no plot for 'sales': {advice}"]
    assert "showed no plot" not in kernel.run("%%bokeh_share sales\nshow(p)", "c1").stdout
    refused = "%%bokeh_share sales\np = fig('a', tags=[object()])\nshow(p)\nshow(p)"
    (line,) = kernel.run(refused, "c2").lines
    assert line.startswith("bokeh_share: cannot share 'sales' in cell ["), "once, and it says nothing else"
    viewer.shows(["a"], names=["sales"])


def test_names_may_stand_on_both_sides_of_an_option(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run("p, q = fig('a'), fig('b')\n%bokeh_share p --title both q", "c1")
    viewer.shows(["a", "b"], names=["p", "q"])


def test_a_plot_is_dropped_and_ordered_by_its_title(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run("for title in ('Sales', 'Margin', 'Costs', 'Costs'): show(fig(title))", "c1")
    viewer.shows(["Sales", "Margin", "Costs", "Costs"])
    ordered = kernel.run("%bokeh_share --order Margin k4", "c2").lines
    assert ordered == ["bokeh_share: the page begins with 'Margin' and 'k4'"]
    viewer.shows(["Margin", "Costs", "Sales", "Costs"])
    assert kernel.run("%bokeh_share --drop Margin", "c2").lines == [
        "bokeh_share: 'Margin' is off the page until you share it by name"
    ]
    viewer.shows(["Costs", "Sales", "Costs"])
    several = "no single plot 'Costs': 2 plots have this title; give an id instead: k4 or k3"
    assert kernel.refused("%bokeh_share --drop Costs", "c2") == f"UsageError: {several}"
    none = "no plot 'Profit': on the page are 'Costs', 'Sales' and 'Costs'"
    for option in ("--drop", "--order"):
        assert kernel.refused(f"%bokeh_share {option} Profit", "c2") == f"UsageError: {none}"
    two = f"UsageError: {none}; quote a name that has spaces"
    assert kernel.refused("%bokeh_share --order Profit overview", "c2") == two
    near = "UsageError: no plot 'sales': did you mean 'Sales'?"
    assert kernel.refused("%bokeh_share --drop sales", "c2") == near


def test_a_column_that_cannot_be_serialized_is_named_with_its_plot_and_cell(
    kernel: Kernel, viewer: Viewer
) -> None:
    code = (
        "p = figure(title='Region 0')\np.line(x='x', y='y', source={'x': range(50), 'y': range(50)})\nshow(p)"
    )
    message = kernel.run(code, "c1").lines[0]
    number = kernel.ask("get_ipython().execution_count") - 1
    expected = f"cannot share 'Region 0' in cell [{number}]: Bokeh cannot serialize column 'x' (type 'range')"
    assert message == f"bokeh_share: {expected}: use list(range(50))"
    kernel.wait(lambda: expected in kernel.card, what="the problem on the card")


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("share(lambda x: x)", "BadOption: the name of an app cannot be '<lambda>'"),
        ("share(trend)", "BadParameter: 'days' of trend() has no type and no default"),
        ("share(p)", "CannotSerialize: cannot share 'a' in cell ["),
        ("share(3)", "NotAModel: this is of type 'int'"),
        ("share(p, external='no')", "BadOption: external cannot be 'no': give True or False"),
        ("share(p, tls='yes')", "BadOption: tls cannot be 'yes': give True or False"),
        ("share(p, name=3)", "BadOption: name cannot be 3: give a text, such as name='sales'"),
        ("share(p, password=5)", "PasswordIsNoText: password cannot be of type 'int'"),
        (
            "share('sales')",
            "NotAModel: 'sales' is a text: share a Bokeh figure or a function; to name a plot:"
            " share(p, name='sales')",
        ),
        ("share(port=70000)", "BadOption: port cannot be 70000"),
        ("share().drop('x')", "UnknownName: no plot 'x': nothing is on the page yet"),
        (
            "__import__('bokeh_share').run(lambda x: x)",
            "LoopRunning: run() does not work where an event loop"
            " runs, as in a notebook: call share(…) instead",
        ),
    ],
)
def test_a_traceback_ends_at_the_authors_line(fresh: Kernel, call: str, expected: str) -> None:
    kernel = fresh  # IPython may not find the source of a cell where hundreds have run
    kernel.run("from bokeh_share import share\ndef trend(days): ...\np = fig('a', tags=[object()])", "c0")
    output = kernel.run(f"def work():\n    {call}\n\nwork()", "c1", fails=True)
    assert expected in output.traceback
    assert "----> 2 " in output.traceback
    assert "----> 4 work()" in output.traceback
    assert not re.search(r"bokeh_share/\w+|site-packages|skipping hidden", output.traceback)


def test_an_error_of_the_authors_own_code_keeps_its_traceback(kernel: Kernel) -> None:
    pytest.importorskip("holoviews")
    kernel.run(
        "import holoviews as hv; hv.extension('bokeh')\nfrom bokeh_share import share\n"
        "def curve(): return hv.Curve([1 / 0])\nfailing = hv.DynamicMap(curve)",
        "c0",
    )
    output = kernel.run("share(failing)", "c1", fails=True)
    assert "def curve(): return hv.Curve([1 / 0])" in output.traceback
    assert "ZeroDivisionError" in output.traceback
    assert "CannotRender: cannot draw 'failing'" in output.traceback
    assert "bokeh_share/" not in output.traceback
