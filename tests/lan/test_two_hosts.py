"""The road of a plot from one host to another, and who is kept out."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from support.hosts import third_host
from support.network import UPGRADE, ask
from support.recorded_calls import UNTIL_CALLED, record_calls
from support.two_hosts import Author, Colleague

# Addresses and networks do not depend on the versions.
pytestmark = pytest.mark.one_pairing


def test_a_plot_appears_at_the_colleague_and_a_rerun_changes_it_in_place(
    author: Author, colleague: Colleague
) -> None:
    author.show("first")
    assert urlsplit(author.share("--external")).hostname == "10.77.0.1"
    colleague.open(author.url)
    colleague.sees("first")
    author.wait(lambda: "1 plot · 1 viewer" in author.card)
    author.show("second")
    colleague.sees("second")
    assert colleague.stayed


def test_an_app_is_opened_by_the_colleague_who_chooses(author: Author, colleague: Colleague) -> None:
    author.share("-e")
    code = "from typing import Literal\nfrom bokeh_share import share\n"
    code += "def trend(days: Literal[7, 30] = 30): return fig(f'{days} days')\nshare(trend, controls=True)"
    author.run(code)
    colleague.open(f"{author.url}trend")
    colleague.sees_app("30 days")
    colleague.chooses("days", "7")
    colleague.sees_app("7 days")
    assert colleague.stayed


def test_the_card_says_what_each_link_is_for_and_nothing_else(author: Author) -> None:
    author.share("-e")
    assert author.places == [("10.77.0.1", "this network"), ("localhost", "this machine only")]
    _, state, *details = author.card.splitlines()
    moment = r"\d{4}-\d\d-\d\d \d\d:\d\d"
    assert re.fullmatch(rf" +● live at {moment} · 0 plots · 0 viewers · stop with %bokeh_share --stop", state)
    assert details == [
        f"     Access  http://localhost:{urlsplit(author.url).port}/{urlsplit(author.url).path[1:]}"
        "  (this machine only)",
        "             no password: the link is enough",
    ]


def test_local_takes_it_away_from_the_colleague_and_external_brings_it_back(
    author: Author, colleague: Colleague
) -> None:
    author.show("first")
    url = author.share("-e")
    colleague.open(url)
    colleague.sees("first")
    author.share("-l")
    colleague.reads("moved")
    assert colleague.word == "Sharing has moved to another address. Ask the author for the new link."
    assert author.places == [("localhost", "this machine only")]
    assert ask(colleague.host, url).status == "Connection refused"
    author.show("second")
    assert author.share("-e") == url
    colleague.reads("live")
    colleague.sees("second")
    assert colleague.stayed


def test_a_third_host_that_knows_the_address_but_not_the_link_learns_nothing(author: Author) -> None:
    author.show("first")
    parts = urlsplit(author.share("-e"))
    author.run("from bokeh_share import share\ndef trend(): return fig('x')\nshare(trend)")
    link = parts.path.rstrip("/")
    guesses = [
        "/",
        "/ws",
        "/favicon.ico",
        "/page.js",
        "/static/js/bokeh.min.js",
        f"/{link}/",
        f"/x/..{link}/",
        "/trend",
        "/trend/token",
        "/trend/socket",
    ]
    guesses += [link[:-1], f"{link[:-1]}/ws", f"{link}x/", f"{link[:-1]}~/", f"{link.swapcase()}/"]
    plain = {"date", "connection", "content-length", "content-type"}
    plain |= {"referrer-policy", "x-content-type-options"}
    with third_host(author.host) as third:
        third.run(["ip", "route", "add", "10.77.0.0/24", "via", "10.78.0.1"])
        assert ask(third, author.url).status == 200, "it could come in, if it knew the link"
        for guess in guesses:
            for headers in ({}, {**UPGRADE, "Origin": f"http://{parts.netloc}"}):
                answer = ask(third, f"http://{parts.netloc}{guess}", headers=headers)
                assert (answer.status, answer.body) == (404, ""), guess
                assert set(answer.headers) <= plain


@pytest.mark.parametrize("method", ["HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "BREW"])
def test_whatever_the_method_it_is_not_found(author: Author, method: str) -> None:
    netloc = urlsplit(author.share("-e")).netloc
    answer = ask(author.host, f"http://{netloc}/", method=method)
    assert (answer.status, answer.body, "server" in answer.headers) == (404, "", False)


def test_a_page_of_another_origin_gets_no_websocket_even_with_the_right_link(
    author: Author, colleague: Colleague
) -> None:
    url = author.share("-e")
    parts = urlsplit(url)
    own = f"http://{parts.netloc}"
    foreign = [
        "http://evil.example", "null", f"https://{parts.netloc}", f"{own}1", "http://10.77.0.1",
        "http://10.77.0.2:5006", f"http://{parts.netloc}.evil.example",
    ]  # fmt: skip
    for origin in foreign:
        answer = ask(colleague.host, f"{url}ws", headers={**UPGRADE, "Origin": origin})
        assert (answer.status, "server" in answer.headers) == (403, False), origin
    assert ask(colleague.host, f"{url}ws", headers={**UPGRADE, "Origin": own}).status == 101


def test_when_nobody_came_the_card_asks_about_the_firewall_until_somebody_comes(
    author: Author, colleague: Colleague
) -> None:
    author.run("bokeh_share.sharing.no_viewer_reminder.REMINDER_DELAY = 0.5")
    url = author.share("-e")
    author.wait(lambda: "no viewer from another machine yet" in author.card)
    (line,) = [line for line in author.card.splitlines() if "no viewer from another machine yet" in line]
    port = urlsplit(url).port
    assert f"are colleagues on the same network, and does the firewall allow port {port}?" in line
    command = line.partition("?")[2]
    assert command.startswith(" sudo ")
    assert str(port) in command
    colleague.open(url)
    author.wait(lambda: "1 viewer" in author.card and "no viewer from another" not in author.card)


def test_that_the_author_looked_does_not_answer_the_question_about_the_firewall(author: Author) -> None:
    author.run("bokeh_share.sharing.no_viewer_reminder.REMINDER_DELAY = 1.0")
    url = author.share("-e")
    assert ask(author.host, f"{url}ws", headers=UPGRADE).status == 101
    author.wait(lambda: "no viewer from another machine yet" in author.card)


def test_on_this_machine_only_nobody_is_missed(author: Author) -> None:
    author.run("bokeh_share.sharing.no_viewer_reminder.REMINDER_DELAY = 0.2")
    author.run(record_calls("bokeh_share.sharing.no_viewer_reminder", "NoViewerReminder._on_timeout"))
    author.share("-l")
    author.run(UNTIL_CALLED)
    author.show("first")
    author.wait(lambda: "1 plot ·" in author.card)
    assert "no viewer from another" not in author.card
