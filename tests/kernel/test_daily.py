"""What an author does every day: look, drop, pause, skip, caption, order, save; and the notes of the card."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.kernel_driver import Kernel
from support.viewer import Viewer


def captions(viewer: Viewer) -> list[str | None]:
    return [plot["caption"] for plot in viewer.plots]


def test_the_card_says_that_it_is_starting_before_it_is_there(kernel: Kernel) -> None:
    kernel.run("%load_ext bokeh_share")
    first, *_, last = kernel.run("%bokeh_share", "c").displays
    assert first["text/plain"] == "Starting…"
    assert "live" in last["text/plain"]
    assert "live" in kernel.card


def test_status_lists_addresses_viewers_and_plots(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run("%%bokeh_share sales\nshow(fig('a'))", "c1")
    kernel.run("show(fig('b'))", "c2")
    viewer.shows(["a", "b"])
    text = kernel.run("%bokeh_share --status", "c3").stdout
    assert kernel.url in text
    assert "2 plots · 1 viewer" in text
    rows = text.splitlines()[-2:]
    assert [row.split()[0] for row in rows] == ["k1", "k2"]
    assert "sales" in rows[0]
    assert all("kB  changed" in row for row in rows)
    assert "'b'" in rows[1]


def test_a_title_forges_no_line_and_controls_no_terminal(kernel: Kernel, viewer: Viewer) -> None:
    """Neither in `--status`, nor where a share is printed, nor on its card."""
    title = "sales\nbokeh_share  http://evil.example/\x1b[2J\u2028\u202e"
    unused = "ColumnDataSource(dict(x=[1], y=[1], unused=[1]))"
    kernel.run(f"p = fig({title!r})\np.scatter('x', 'y', source={unused})\nshow(p)", "c1")
    status = kernel.run("%bokeh_share --status", "c2").stdout
    kernel.wait(lambda: "sales" in kernel.card, what="the remark on the card")
    printed = kernel.run("print(__import__('bokeh_share').share())", "c3").stdout
    seen = r"sales bokeh_share http://evil.example/\x1b[2J \u202e"
    for text, times in ((status, 2), (printed, 1), (kernel.card, 1)):
        assert sum(seen in line for line in text.splitlines()) == times
        assert not set("\x1b\u2028\u202e") & set(text)


def test_a_dropped_plot_stays_away_when_its_cell_is_run_again(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run("%%bokeh_share sales\np = fig('a')\nshow(p)", "c1")
    kernel.run("show(fig('b'))", "c2")
    viewer.shows(["a", "b"])
    kernel.run("%bokeh_share --drop sales", "c3")
    viewer.shows(["b"])
    kernel.run("%%bokeh_share sales\np = fig('A')\nshow(p)", "c1")
    kernel.run("show(fig('B'))", "c2")
    viewer.shows(["B"])
    kernel.run("__import__('bokeh_share').share(p, name='sales');", "c4")
    viewer.shows(["B", "A"], names=[None, "sales"])


def test_a_plot_that_was_dropped_is_not_confirmed_to_be_on_the_page(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run("from bokeh_share import share\np = fig('a')\nshow(p)", "c1")
    viewer.shows(["a"])
    kernel.run("%bokeh_share --drop k1", "c2")
    output = kernel.run("share(fig('a'))", "c1")
    viewer.shows([])
    assert output.lines == [
        "bokeh_share: the plot is not on the page",
        "bokeh_share: not shared, since you took it off the page: share it by name to put it there again",
    ]


def test_a_plot_without_a_name_is_dropped_by_the_id_that_status_lists(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run("show(fig('a'))\nshow(fig('b'))", "c1")
    viewer.shows(["a", "b"])
    kernel.run("%bokeh_share --drop k1", "c2")
    viewer.shows(["b"])
    output = kernel.run("show(fig('A'))\nshow(fig('B'))", "c1")
    viewer.shows(["B"])
    assert output.lines[0] == (
        "bokeh_share: not shared, since you took it off the page: share it by name to put it there again"
    )
    assert "took it off" not in output.lines[1]


def test_dropping_a_name_that_nobody_shared_names_the_nearest(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run("%%bokeh_share sales\nshow(fig('a'))", "c1")
    line = kernel.refused("%bokeh_share --drop sale")
    assert "'sale'" in line
    assert "'sales'" in line
    viewer.shows(["a"])


def test_while_paused_pages_stay_as_they_are_and_say_so(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run("p = fig('a')\nshow(p)", "c1")
    viewer.shows(["a"])
    kernel.run("%bokeh_share --pause", "c2")
    viewer.until(lambda: viewer.page["paused"] is not None)
    kernel.run("p = fig('b')\nshow(p)\nshow(fig('new'))", "c1")
    with kernel.watch() as late:
        assert late.titles == ["a"]
        assert late.page["paused"] is not None
    assert viewer.titles == ["a"]
    assert kernel.run("%bokeh_share --resume", "c2").lines == ["bokeh_share: open pages are live again"]
    viewer.shows(["b", "new"])
    assert viewer.page["paused"] is None
    assert viewer.frames[-1]["kind"] == "plot"
    assert kernel.run("%bokeh_share --resume", "c2").lines == ["bokeh_share: sharing is not paused"]


def test_a_share_that_was_paused_and_stopped_starts_live(kernel: Kernel) -> None:
    kernel.share()
    kernel.run("show(fig('a'))", "c1")
    kernel.run("%bokeh_share --pause", "c2")
    kernel.run("show(fig('b'))", "c1")
    kernel.run("%bokeh_share --stop", "c2")
    with kernel.watch(kernel.share()) as viewer:
        viewer.shows(["b"])
        assert viewer.page["paused"] is None


def test_a_skipped_cell_is_not_shared(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run("show(fig('a'))", "c1")
    kernel.run("show(fig('b'))", "c2")
    viewer.shows(["a", "b"])
    output = kernel.run("%%bokeh_share --skip\nshow(fig('secret'))\nfig('secret')", "c1")
    viewer.shows(["b"])
    assert all("not shared" in line for line in output.lines)


def test_captions_come_from_the_cell_or_from_share(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run("%%bokeh_share sales --caption \"in euros, <b>net</b>\"\nshow(fig('a'))", "c1")
    kernel.run("__import__('bokeh_share').share(fig('b'), name='b', caption='by region');", "c2")
    viewer.shows(["a", "b"], names=["sales", "b"])
    assert captions(viewer) == ["in euros, <b>net</b>", "by region"]
    kernel.run("%%bokeh_share --caption 'only this'\nshow(fig('a'))", "c1")
    viewer.until(lambda: captions(viewer) == ["only this", "by region"])
    assert viewer.names == [None, "b"]


def test_plots_stand_in_the_order_of_the_notebooks_cells(fresh: Kernel, tmp_path: Path) -> None:
    path = tmp_path / "report.ipynb"
    path.write_text(json.dumps({"cells": [{"id": id} for id in ("c1", "c2", "c3")]}))
    fresh.run(f"import os; os.environ['JPY_SESSION_NAME'] = {str(path)!r}")
    with fresh.watch(fresh.share()) as viewer:
        assert viewer.title == "report"
        for id in ("c3", "c1", "c2"):
            fresh.run(f"show(fig('{id}'))", id)
        viewer.shows(["c1", "c2", "c3"])


def test_cells_that_were_moved_and_saved_move_their_plots_whatever_runs_next(
    fresh: Kernel, tmp_path: Path
) -> None:
    path = tmp_path / "report.ipynb"

    def save(*ids: str) -> None:
        path.write_text(json.dumps({"cells": [{"id": id} for id in ids], "metadata": ids}))

    save("c1", "c2")
    fresh.run(f"import os; os.environ['JPY_SESSION_NAME'] = {str(path)!r}")
    with fresh.watch(fresh.share()) as viewer:
        for id in ("c1", "c2"):
            fresh.run(f"show(fig('{id}'))", id)
        viewer.shows(["c1", "c2"])
        save("c2", "c1")
        fresh.run("1 + 1", "c3")
        viewer.shows(["c2", "c1"])
        save("c1", "c2", "c3")
        plots = fresh.run("%bokeh_share --status", "c3").stdout.splitlines()[-2:]
        assert ["c1" in plots[0], "c2" in plots[1]] == [True, True]
        viewer.shows(["c1", "c2"])


@pytest.mark.parametrize("reset", ["reset_output()", "reset_output(); output_file('page.html')"])
def test_what_is_shown_after_outputs_were_reset_is_on_the_page(
    kernel: Kernel, viewer: Viewer, reset: str
) -> None:
    quiet = "import os; from bokeh.settings import settings; settings.browser.set_value('none')\n"
    code = f"from bokeh.io import output_file, reset_output\n{reset}\nshow(fig('a'))\n"
    output = kernel.run(f"{quiet}{code}print(os.path.exists('page.html'))", "c1")
    assert output.stdout == f"{'output_file' in reset}\n"
    assert output.lines[-1].startswith("bokeh_share: ")
    viewer.shows(["a"])
    kernel.run("reset_output(); settings.browser.unset_value()", "c2")


@pytest.mark.parametrize("loaded", [False, True])
def test_bokehs_own_warnings_are_logged_as_by_its_show(kernel: Kernel, viewer: Viewer, loaded: bool) -> None:
    hook = "from bokeh.io import output_notebook; output_notebook(hide_banner=True)\n" if loaded else ""
    misspelt = "p = fig('a'); p.scatter('month', 'y', source=p.renderers[0].data_source)\nshow(p)"
    logged = kernel.run(f"{hook}{misspelt}", "c1", fails=True).stderr
    assert logged.count("E-1001 (BAD_COLUMN_NAME)") == 1
    assert "month" in logged
    viewer.shows(["a"])
    kernel.run("show(fig('b'))", "c1")
    viewer.shows(["b"])


def test_the_author_can_put_plots_on_top(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run("a, b, c = fig('a'), fig('b'), fig('c')\n%bokeh_share a b c", "c1")
    viewer.shows(["a", "b", "c"])
    kernel.run("%bokeh_share --order c a", "c2")
    viewer.shows(["c", "a", "b"])
    assert "'x'" in kernel.refused("%bokeh_share --order x")


def test_the_page_is_saved_as_viewers_see_it(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run("p = fig('first title')\nshow(p)", "c1")
    viewer.shows(["first title"])
    kernel.run("%bokeh_share --save page.html", "c2")
    text = (kernel.folder / "page.html").read_text("utf-8")
    assert text.startswith("<!doctype html>")
    kernel.run("live = __import__('bokeh_share').share(); live.save('again.html')", "c2")
    assert (kernel.folder / "again.html").stat().st_size > 800_000
    assert "missing" in kernel.refused("%bokeh_share --save missing/page.html")


@pytest.mark.parametrize("option", ["--status", "--drop p", "--pause", "--resume", "--save page.html"])
def test_what_needs_a_share_says_so_without_one(kernel: Kernel, option: str) -> None:
    kernel.run("%load_ext bokeh_share")
    assert "nothing is shared" in kernel.refused(f"%bokeh_share {option}")


def test_texts_that_cannot_be_encoded_keep_nothing_from_anybody(
    kernel: Kernel, viewer: Viewer, tmp_path: Path
) -> None:
    kernel.run(
        "odd = '\\ud800'\n"
        "from bokeh_share import share\n"
        "class Odd:\n"
        "    def __repr__(self): return odd\n"
        "p, q = fig('a'), fig('b')\n"
        "q.tags = [Odd()]\n"
        "share(p, name=odd, caption=odd, title=odd)\n"
        "def app():\n"
        "    raise ValueError(odd)\n"
        "share(app, caption=odd)\n"
        "show(fig(odd))",
        "c1",
    )
    viewer.shows(["a", "\ud800"])
    assert "live" in kernel.card
    assert "\\ud800" in kernel.run("%bokeh_share --status", "c2").stdout
    kernel.run(f"share().save({str(tmp_path / 'page.html')!r})", "c3")
    assert "cannot share" in kernel.run("show(q)", "c4").lines[0]
    kernel.wait(lambda: "⚠" in kernel.card, what="the problem on the card")
    assert "off the page" in kernel.run("%bokeh_share --drop {odd}", "c5").stdout
    assert "off the page" in kernel.run("%bokeh_share --drop {odd}", "c6").stdout, "by its title"
    assert "no plot or app" in kernel.refused("%bokeh_share --drop {odd}", "c7")


def test_the_card_notes_columns_that_are_sent_and_not_drawn(kernel: Kernel, viewer: Viewer) -> None:
    code = "p = fig('a')\np.renderers[0].data_source.data['salary'] = [1, 2, 3]\n%bokeh_share p"
    kernel.run(code, "c1")
    kernel.wait(lambda: "⚠ 'p' also sends salary" in kernel.card)


def test_the_card_notes_that_python_callbacks_do_nothing_for_viewers(kernel: Kernel, viewer: Viewer) -> None:
    code = "from bokeh.models import Slider\ns = Slider(start=0, end=1, value=0)\n"
    kernel.run(code + "%bokeh_share s", "c1")
    assert "callbacks" not in kernel.card
    code += "s.on_change('value', lambda attr, old, new: None)\n"
    kernel.run(code + "%bokeh_share s", "c1")
    kernel.wait(lambda: "'s': its Python callbacks do nothing for viewers" in kernel.card)


def test_the_card_notes_that_a_plot_failed_and_why(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run("p = fig('a')\n%bokeh_share p", "c1")
    kernel.run("p.tags = [object()]", "c2")
    kernel.wait(lambda: "figure.tags" in kernel.card)
    kernel.run("p.tags = []", "c2")
    kernel.wait(lambda: "figure.tags" not in kernel.card)


def test_the_card_notes_that_a_viewer_was_turned_away_and_how_to_let_more_in(kernel: Kernel) -> None:
    url = kernel.share("--max-viewers 1")
    with kernel.watch(url) as first:
        first.until(lambda: bool(first.page))
        with pytest.raises(AssertionError, match="closed with \\(4003, "), kernel.watch(url):
            pass
        note = "rejected 1 visitor: at most 1 viewer at the same time (%bokeh_share --max-viewers N)"
        kernel.wait(lambda: note in kernel.card)
        kernel.run("%bokeh_share --max-viewers 2", "c1")
        kernel.wait(lambda: "rejected" not in kernel.card, what="the card without the note")
        with kernel.watch(url) as second:
            second.until(lambda: bool(second.page))


def test_the_card_notes_that_this_bokeh_was_not_tried(fresh: Kernel) -> None:
    fresh.run("import bokeh\nbokeh.__version__ = '3.99.0'\n%load_ext bokeh_share", "c1")
    fresh.share()
    assert "Bokeh 3.99.0 was not tested yet" in fresh.card


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("%bokeh_share -a 192.0.2.77", "192.0.2.77"),
        ("%bokeh_share -a nosuchif0", "nosuchif0"),
        ("%bokeh_share -a 127.0.0.1 -l", "--local"),
        ("%bokeh_share -e -l", "exclude each other"),
        ("%bokeh_share --skip", "%%bokeh_share --skip"),
    ],
)
def test_a_wrong_address_or_option_changes_nothing(kernel: Kernel, line: str, words: str) -> None:
    url = kernel.share()
    assert words in kernel.refused(line)
    assert kernel.url == url


BAD = "p = fig('a', tags=[object()])"


@pytest.mark.parametrize("line", ["%bokeh_share p", "import bokeh_share; bokeh_share.share(p)"])
def test_what_cannot_be_shared_starts_nothing(kernel: Kernel, line: str) -> None:
    kernel.run(f"%load_ext bokeh_share\n{BAD}", "c1")
    output = kernel.run(line, "c2", fails=True)
    assert "tags" in output.stderr + output.traceback
    assert kernel.run("%bokeh_share --stop", "c3").stdout == "bokeh_share: nothing is shared\n"


def test_a_thread_cannot_start_a_share_while_a_cell_waits_for_it(kernel: Kernel) -> None:
    kernel.run("%load_ext bokeh_share", "c1")
    code = """
import threading, bokeh_share, bokeh_share.sharing.event_loop
bokeh_share.sharing.event_loop.LOOP_TIMEOUT = 0.1
messages = []
def work():
    try:
        bokeh_share.share()
    except bokeh_share.BokehShareError as error:
        messages.append(str(error))
thread = threading.Thread(target=work)
thread.start()
thread.join()
print(messages)
"""
    assert "busy with a cell" in kernel.run(code, "c2").stdout
    assert kernel.run("%bokeh_share --stop", "c3").stdout == "bokeh_share: nothing is shared\n"
    assert kernel.share().startswith("http://localhost:")


def test_nothing_of_what_was_shown_is_kept_once_it_is_off_the_page(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run(
        "for number in range(5): p = fig(str(number)); __import__('bokeh_share').share(p, name='p')", "c1"
    )
    viewer.shows(["4"])
    kernel.run("%bokeh_share --drop p", "c2")
    viewer.shows([])
    counted = "sum(type(each).__name__ == 'Snapshot' for each in gc.get_objects())"
    kernel.run(f"import gc\ndef kept():\n    gc.collect()\n    return {counted}", "c3")
    kernel.wait(lambda: kernel.ask("kept()") == 0, what="the end of the snapshots")
