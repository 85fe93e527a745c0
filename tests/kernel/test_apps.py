"""Apps in a real kernel: sessions, callbacks, threads, options, and what happens when they go wrong."""

from __future__ import annotations

import json
import re
from html import unescape

import pytest
from bokeh.util.token import generate_jwt_token
from support.app_viewer import ask, watching_app
from support.kernel_driver import Kernel, until
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

TREND = '''
from typing import Literal
from bokeh_share import share

def trend(color: Literal["red", "blue"] = "red", days: int = 30):
    """Daily sales.

    More about them."""
    p = figure(title=f"{days} days", width=200, height=200)
    p.line([1, 2, 3], [4.0, 5.0, 6.0], line_color=color)
    return p
'''
HOOKS = """
import threading
from bokeh.models import Button, Div
from bokeh_share import share

seen, ended = [], []

def app(doc):
    text, button = Div(text="0", name="text"), Button(name="button")
    def note(what, seen=seen):
        seen.append([what, threading.current_thread() is threading.main_thread(), curdoc() is doc])
    gone = []
    def tick():
        note("late" if gone else "periodic")
        text.text = str(int(text.text) + 1)
    def later():
        note("next tick")
    def clicked():
        note("event")
        doc.add_next_tick_callback(later)
    def changed(attr, old, new):
        note("change")
        doc.add_timeout_callback(lambda: note("timeout"), 1)
    note("function")
    button.on_click(clicked)
    text.on_change("tags", changed)
    doc.add_periodic_callback(tick, 20)
    def destroyed(context, ended=ended):
        gone.append(True)
        ended.append(threading.current_thread() is threading.main_thread())
    doc.on_session_destroyed(destroyed)
    doc.add_root(text)
    doc.add_root(button)
"""


@pytest.fixture
def url(kernel: Kernel) -> str:
    """The link of a share."""
    return kernel.share()


def documents(kernel: Kernel) -> int:
    """How many sessions there are."""
    server = "__import__('bokeh_share').share()._runner.app_server"
    sessions = f"sum(len(one.open_documents._app_sessions) for one in {server}._app_documents.values())"
    return int(kernel.ask(sessions))


def test_an_app_is_called_for_each_viewer_with_the_options_of_the_address(kernel: Kernel, url: str) -> None:
    kernel.run(f"{TREND}\nshare(trend)", "trend")
    with watching_app(url, "trend") as one, watching_app(url, "trend", "color=blue&days=7") as other:
        assert one.titles == ["30 days"]
        assert other.titles == ["7 days"]
        assert [
            line.line_color for line in other.document.select({"name": None}) if hasattr(line, "line_dash")
        ]


def test_what_the_author_binds_is_no_option(kernel: Kernel, url: str) -> None:
    kernel.run(f'{TREND}\nshare(trend, color="blue")', "trend")
    status, body = ask(f"{url}trend/token?color=red")
    assert (status, json.loads(body)) == (400, {"problem": "there is no option 'color': choose from days"})
    with watching_app(url, "trend", "days=7") as viewer:
        assert viewer.titles == ["7 days"]


def test_an_options_name_may_be_of_any_language(kernel: Kernel, url: str) -> None:
    app = "def früh(naïve: int = 1, 日=2):\n    return fig(f'{naïve}, {日}')\nshare(früh)"
    kernel.run(f"{TREND}\n{app}", "früh")
    with watching_app(url, "fr%C3%BCh", "na%C3%AFve=7&%E6%97%A5=8") as viewer:
        assert viewer.titles == ["7, 8"]


def test_a_wrong_value_is_answered_with_the_parameter_and_what_is_allowed(kernel: Kernel, url: str) -> None:
    kernel.run(f"{TREND}\nshare(trend)", "trend")
    status, body = ask(f"{url}trend?color=green")
    assert status == 400
    assert "'green' is no color: choose red or blue" in unescape(body)
    assert documents(kernel) == 0


def test_a_wrong_value_of_an_app_with_controls_is_its_default_beside_the_problem(
    kernel: Kernel, url: str
) -> None:
    kernel.run(f"{TREND}\nshare(trend, controls=True)", "trend")
    assert ask(f"{url}trend?color=green")[0] == 400
    status, body = ask(f"{url}trend/token?color=green&days=7")
    assert (status, json.loads(body)["problem"]) == (200, "'green' is no color: choose red or blue")
    with watching_app(url, "trend", "color=green&days=7&q=1") as viewer:
        assert viewer.titles == ["7 days"]
        assert viewer.find("color").value == "red"
    assert json.loads(ask(f"{url}trend/token?days=7")[1])["problem"] == ""
    assert "failed" not in kernel.card


def test_a_preview_robot_costs_no_document(kernel: Kernel, url: str) -> None:
    kernel.run(f"{TREND}\nshare(trend)", "trend")
    assert ask(f"{url}trend")[0] == ask(f"{url}trend/token")[0] == 200
    assert documents(kernel) == 0


def test_functions_and_callbacks_of_all_kinds_run_in_the_main_thread_one_at_a_time(
    kernel: Kernel, url: str
) -> None:
    kernel.run(f"{HOOKS}\nshare(app)", "app")
    with watching_app(url, "app") as viewer:
        viewer.wait(lambda: int(viewer.find("text").text) >= 2)
        viewer.click(viewer.find("button"))
        viewer.change(viewer.find("text"), tags=["x"])
        kinds = {"function", "periodic", "event", "next tick", "change", "timeout"}
        viewer.wait(
            lambda: {what for what, _, _ in kernel.ask("seen")} == kinds, what="a callback of each kind"
        )
    assert {tuple(rest) for _, *rest in kernel.ask("seen")} == {(True, True)}


def test_a_document_ends_when_its_viewer_leaves(kernel: Kernel, url: str) -> None:
    kernel.run(f"{HOOKS}\nshare(app)", "app")
    with watching_app(url, "app"):
        assert documents(kernel) == 1
    until(lambda: documents(kernel) == 0, what="the end of the session")
    assert kernel.ask("ended") == [True]
    with watching_app(url, "app") as viewer:  # whose callback runs, so that of the former would run too
        viewer.wait(lambda: int(viewer.find("text").text) >= 5)
    assert "late" not in {what for what, _, _ in kernel.ask("seen")}


def test_stopping_ends_the_documents_and_prints_it(kernel: Kernel, url: str) -> None:
    kernel.run(f"{HOOKS}\nlive = share(app)", "app")
    with watching_app(url, "app") as viewer:
        kernel.run("%bokeh_share --stop")
        assert viewer.wait_until_closed() == (4000, "sharing ended")
        until(lambda: kernel.ask("ended") == [True], what="the hook of the session")


def test_a_title_that_another_version_has_costs_a_title(kernel: Kernel, url: str) -> None:
    kernel.run(f"{TREND}\nshare(trend)", "trend")
    with watching_app(url, "trend", "days=7") as viewer:
        kernel.run(f"{TREND.replace('} days', '} nights')}\nshare(trend)", "trend")
        viewer.wait(lambda: viewer.titles == ["7 nights"])
        assert viewer.events == ["ModelChanged"]
        assert viewer.bytes_received < 500


def test_a_redraw_keeps_the_data_and_lists_the_ranges_that_it_replaces(kernel: Kernel, url: str) -> None:
    kernel.run(f"{TREND}\nshare(trend)", "trend")
    with watching_app(url, "trend") as viewer:
        (former,) = viewer.document.roots[0].children
        ranges, source = (former.x_range.id, former.y_range.id), former.renderers[0].data_source.id
        another = TREND.replace("width=200", "width=200, y_axis_type='log'")
        kernel.run(f"{another}\nshare(trend)", "trend")
        viewer.wait(lambda: viewer.document.roots[0].tags[2])
        (now,) = viewer.document.roots[0].children
        assert viewer.document.roots[0].tags[2] == [[now.x_range.id, ranges[0]]]
        assert now.renderers[0].data_source.id == source


def test_an_option_that_another_version_does_not_have_any_more_is_let_go(kernel: Kernel, url: str) -> None:
    kernel.run(f"{TREND}\nshare(trend)", "trend")
    with watching_app(url, "trend", "color=blue&days=7") as viewer:
        kernel.run("def trend(days: int = 30):\n    return fig(f'{days} weeks')\nshare(trend)", "trend")
        viewer.wait(lambda: viewer.titles == ["7 weeks"])


def test_a_viewer_who_was_cut_off_has_the_same_document_for_a_while(kernel: Kernel, url: str) -> None:
    kernel.run(f"{HOOKS}\nshare(app)", "app")
    with watching_app(url, "app") as viewer:
        with watching_app(url, "app", session=viewer.session) as again:
            assert again.session == viewer.session
            assert viewer.wait_until_closed() == (4005, "the viewer came back by another connection")
            assert documents(kernel) == 1


def test_show_shares_an_app_and_prints_its_link(kernel: Kernel, url: str) -> None:
    output = kernel.run(f"{TREND}\nshow(trend)", "trend")
    assert output.stdout == "bokeh_share: app 'trend' is on the page\n"
    with watching_app(url, "trend") as viewer:
        assert viewer.titles == ["30 days"]


def test_an_app_that_is_dropped_is_no_longer_there(kernel: Kernel, url: str) -> None:
    kernel.run(f"{TREND}\nshare(trend)", "trend")
    with watching_app(url, "trend") as viewer:
        kernel.run("%bokeh_share --drop trend")
        assert viewer.wait_until_closed() == (4000, "this app is not shared any more")
    assert ask(f"{url}trend")[0] == ask(f"{url}trend/token")[0] == 404


def test_the_card_lists_the_apps(kernel: Kernel, url: str) -> None:
    kernel.run(f"{TREND}\nshare(trend)", "trend")
    kernel.wait(lambda: "1 app" in kernel.card)
    assert re.search(rf"^ +app +{re.escape(url)}trend$", kernel.card, re.M)
    assert "0 plots · 1 app · 0 viewers" in kernel.card


def test_a_function_that_raises_is_shown_to_the_author_and_not_to_the_viewer(
    kernel: Kernel, url: str
) -> None:
    kernel.run(
        "from bokeh_share import share\ndef broken():\n    return 1 / 0\nlive = share(broken)", "broken"
    )
    with watching_app(url, "broken") as viewer:
        assert viewer.document.roots[0].tags == ["", "nothing", []]
        assert "ZeroDivision" not in str(viewer.document.to_json())
    kernel.run("show(fig('the author goes on'))", "another")
    kernel.wait(lambda: "⚠" in kernel.card)
    assert "app 'broken' failed for a viewer: ZeroDivisionError: division by zero" in kernel.card


def test_a_callback_that_raises_is_shown_to_the_author_and_not_to_the_viewer(
    kernel: Kernel, url: str
) -> None:
    kernel.run(
        "from bokeh.models import Button\nfrom bokeh_share import share\n"
        "def app(doc):\n    button = Button(name='button')\n    button.on_click(lambda: secret / 0)\n"
        "    doc.add_root(button)\nsecret = 7\nshare(app)",
        "app",
    )
    with watching_app(url, "app") as viewer:
        viewer.click(viewer.find("button"))
        viewer.wait(lambda: viewer.errors)
        assert json.loads(viewer.errors[0]) == {"text": "this did not work", "traceback": None}
    kernel.wait(lambda: "⚠" in kernel.card)
    assert "app 'app' failed for a viewer: ZeroDivisionError: division by zero" in kernel.card


def test_a_function_that_returns_something_else_is_named(kernel: Kernel, url: str) -> None:
    kernel.run("from bokeh_share import share\ndef number():\n    return 7\nshare(number)", "number")
    with watching_app(url, "number"):
        kernel.wait(lambda: "⚠" in kernel.card)
    problem = "the app 'number' returns a value of type 'int': return a Bokeh figure, layout, widget or table"
    assert f"app 'number' failed for a viewer: {problem}" in kernel.card


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (
            "def app(x): ...\nshare(app)",
            "BadParameter: 'x' of app() has no type and no default",
        ),
        (
            "share(lambda: fig('one'))",
            "BadOption: the name of an app cannot be '<lambda>': the name is part of the link; use letters,"
            " digits and dashes: name='trend'",
        ),
        (
            "def ws(): ...\nshare(ws)",
            "BadOption: the name of an app cannot be 'ws': the page uses this name itself; give"
            " another: name='trend'",
        ),
        (
            "share(fig('one'), controls=True)",
            "BadOption: controls cannot be True: only apps have controls: share(function, controls=True)",
        ),
        (
            "share(fig('one'), colour='red')",
            "UnknownArgument: there is no option 'colour': help(share) lists the options; only a function has"
            " parameters of its own",
        ),
        (
            "share(fig('one'), extrenal=True)",
            "UnknownArgument: there is no option 'extrenal': did you mean 'external'?",
        ),
        (
            "share(fig('one'), pasword='pw')",
            "UnknownArgument: there is no option 'pasword': did you mean 'password'?",
        ),
        ("share(name='sales')", "BadOption: name cannot be 'sales': give the plot too: share(p, name=…)"),
        (
            "share(caption='high')",
            "BadOption: caption cannot be 'high': give the plot too: share(p, caption=…)",
        ),
        (
            "def app(doc): ...\nshare(app, controls=True)",
            "BadOption: controls cannot be True: 'app' fills its document itself; let it return its plot"
            " instead",
        ),
    ],
)  # fmt: skip
def test_errors_that_are_known_at_once_are_raised_at_once(
    kernel: Kernel, url: str, code: str, message: str
) -> None:
    output = kernel.run(f"from bokeh_share import share\n{code}", fails=True)
    assert message in " ".join(output.traceback.split())
    assert kernel.ask("list(share().apps)") == []


def test_an_app_may_have_a_name_of_several_words(kernel: Kernel, url: str) -> None:
    kernel.run(f"{TREND}\nshare(trend, name='sales per day')", "trend")
    assert ask(f"{url}sales%20per%20day")[0] == 200
    with watching_app(url, "sales%20per%20day", "days=7") as viewer:
        assert viewer.titles == ["7 days"]


def test_two_apps_of_one_name_are_refused_and_a_new_version_is_not(kernel: Kernel, url: str) -> None:
    kernel.run(f"{TREND}\nshare(trend)", "trend")
    other = (
        "import types\nother = types.FunctionType(trend.__code__, globals(), 'trend', trend.__defaults__)\n"
    )
    other += "other.__annotations__, other.__module__ = trend.__annotations__, 'sales.view'\nshare(other)"
    output = kernel.run(other, "other", fails=True)
    assert (
        "two apps have the name 'trend' ('__main__.trend' and 'sales.view.trend'):"
        " give one of them another name: name='…'"
    ) in output.traceback
    kernel.run("share(other, name='other')", "other")
    assert kernel.ask("list(share().apps)") == ["trend", "other"]


def test_while_a_cell_runs_an_app_is_not_opened_and_its_page_is(kernel: Kernel, url: str) -> None:
    kernel.run(f"{TREND}\nshare(trend)", "trend")
    code = "import time, os\nopen('begun', 'w').close()\nwhile not os.path.exists('end'): time.sleep(0.01)"
    cell = kernel.begin(code, "long")
    until((kernel.folder / "begun").exists, what="the cell")  # whom the kernel's loop let in before, waits
    until(lambda: ask(f"{url}trend/token")[0] == 503, what="the helper's answer")
    assert ask(f"{url}trend")[0] == 200
    (kernel.folder / "end").touch()
    kernel.finish(cell)
    for name in ("begun", "end"):
        (kernel.folder / name).unlink()
    with watching_app(url, "trend") as viewer:
        assert viewer.titles == ["30 days"]


def test_another_link_sends_those_away_who_have_an_app_open(kernel: Kernel, url: str) -> None:
    kernel.run(f"{TREND}\nshare(trend)", "trend")
    with watching_app(url, "trend") as viewer:
        kernel.run("%bokeh_share --fresh")
        assert viewer.wait_until_closed() == (4000, "the author made a new link")


def test_a_page_of_another_site_cannot_open_a_document(kernel: Kernel, url: str) -> None:
    kernel.run(f"{TREND}\nshare(trend)", "trend")
    token = json.loads(ask(f"{url}trend/token")[1])["token"]
    address = f"{url.replace('http', 'ws', 1)}trend/socket"
    with pytest.raises(InvalidStatus) as refused:
        with connect(address, subprotocols=["bokeh", token], origin="http://evil.test"):  # type: ignore[list-item]
            pass
    assert refused.value.response.status_code == 403


def test_a_forged_token_opens_nothing(kernel: Kernel, url: str) -> None:
    kernel.run(f"{TREND}\nshare(trend)", "trend")
    token = generate_jwt_token("x", extra_payload={"arguments": {"days": [b"7"]}}, signed=False)  # type: ignore[arg-type, typeddict-unknown-key]
    address = f"{url.replace('http', 'ws', 1)}trend/socket"
    with connect(address, subprotocols=["bokeh", token]) as connection:  # type: ignore[list-item]
        with pytest.raises(ConnectionClosed):
            connection.recv(timeout=10)
    assert documents(kernel) == 0
