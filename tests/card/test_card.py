from __future__ import annotations

from dataclasses import replace
from html import unescape
from typing import Any

from support.looks import look

from bokeh_share.card.card import Card, format_status
from bokeh_share.card.notes import describe_untested_bokeh, list_access_notes
from bokeh_share.network.links import Link
from bokeh_share.plots.page import Page, PlotKey

LIVE = Card(
    links=(
        Link("http://10.0.0.7:5006/x8/", "this network"),
        Link("http://localhost:5006/x8/", "this machine only"),
    ),
    plot_count=3,
    app_names=(),
    viewer_count=1,
    has_token=True,
    is_local=False,
    is_offline=False,
    is_paused=False,
    is_link_saved=False,
    notes=(),
    problems=(),
    timestamp=0.0,
)


def test_it_says_where_how_much_who_and_how_to_stop() -> None:
    for text in (LIVE.to_text(), LIVE.to_html()):
        assert "http://10.0.0.7:5006/x8/" in text
        assert "live · 3 plots · 1 viewer ·" in text
        assert "%bokeh_share --stop" in text


def test_it_says_which_apps_there_are_and_where() -> None:
    card = replace(LIVE, app_names=("trend", "a b"))
    assert "live · 3 plots · 2 apps · 1 viewer ·" in card.to_text()
    for text in (card.to_text(), card.to_html()):
        assert "http://10.0.0.7:5006/x8/trend" in text
        assert "http://10.0.0.7:5006/x8/a%20b" in text
    assert "app" not in replace(card, links=()).to_text().replace("2 apps", "")


def test_the_best_link_comes_first() -> None:
    assert LIVE.to_html().index("10.0.0.7") < LIVE.to_html().index("localhost")


def test_a_name_does_not_turn_the_rest_of_its_line() -> None:
    card = replace(LIVE, notes=("app '\u202egnp.x' has no title",), problems=("'\u2066x' failed",))
    for text in (card.to_text(), unescape(card.to_html())):
        assert "app '\\u202egnp.x' has no title" in text
        assert "⚠ '\\u2066x' failed" in text
    page = Page(title="").put(PlotKey("name", "\u202ep"), look("a"), now=1)
    assert "\u202e" not in format_status(page, LIVE)


def test_whatever_it_says_can_be_encoded() -> None:
    odd = "\udce9"
    card = replace(LIVE, notes=(odd,), problems=(odd,))
    for text in (
        card.to_text(),
        card.to_html(),
        format_status(Page(odd).put(PlotKey("name", odd), look(odd), now=1), card),
    ):
        assert text.encode().decode("unicode_escape").count(odd) >= 2


def test_without_a_token_it_says_that_anyone_can_look() -> None:
    assert "anyone on the network can look" in replace(LIVE, has_token=False).to_text()
    assert "anyone" not in LIVE.to_text()
    led = (Link("https://plots.example.org/", "for colleagues", is_public=True), *LIVE.links)
    assert "anyone who finds it can look" in replace(LIVE, has_token=False, links=led).to_text()


def test_without_a_password_it_says_that_the_link_is_enough() -> None:
    assert "no password: the link is enough" in LIVE.to_text()
    for other in (replace(LIVE, has_password=True), replace(LIVE, has_token=False), replace(LIVE, links=())):
        assert "the link is enough" not in other.to_text()


def test_of_a_password_it_says_whether_it_was_set_earlier() -> None:
    guards: dict[str, Any] = {
        "has_password": True,
        "certificate": None,
        "wrong_password_count": 0,
        "wrong_password_address": "",
    }
    assert [*list_access_notes(**guards, is_new_password=True)] == ["viewers are asked for a password"]
    (earlier,) = list_access_notes(**guards, is_new_password=False)
    assert earlier.startswith("viewers are asked for the password that was set earlier: --password sets")
    assert [*list_access_notes(**{**guards, "has_password": False})] == []


def test_a_local_share_says_how_to_reach_others() -> None:
    assert "--external" in replace(LIVE, is_local=True).to_text()


def test_a_stopped_one_has_no_link_and_says_how_to_start() -> None:
    text = replace(LIVE, links=()).to_text()
    assert "http" not in text
    assert "%bokeh_share starts again" in text


def test_problems_and_notes_stand_on_it() -> None:
    text = replace(LIVE, notes=("already sharing",), problems=("cannot share 'p'",)).to_text()
    assert "already sharing" in text
    assert "⚠ cannot share 'p'" in text


def test_that_this_bokeh_was_not_tried_stands_on_it_in_one_line() -> None:
    card = replace(LIVE, notes=(describe_untested_bokeh("3.11.0"),))
    (line,) = (line for line in card.to_text().splitlines() if "Bokeh" in line)
    assert describe_untested_bokeh("3.11.0") in line
    assert describe_untested_bokeh("3.11.0") in card.to_html()


def test_text_of_the_authors_is_inert() -> None:
    assert "<img" not in replace(LIVE, problems=("<img onerror=alert(1)>",)).to_html()


def test_each_link_is_labelled_with_its_audience() -> None:
    for text in (LIVE.to_text(), LIVE.to_html()):
        assert "this network" in text
        assert "this machine only" in text


def test_a_phone_can_read_the_link_of_a_network_and_only_that() -> None:
    assert LIVE.to_html().count("<svg") == 1
    assert "<svg" not in replace(LIVE, is_local=True).to_html()
    assert "<svg" not in replace(LIVE, links=()).to_html()


def test_the_first_link_can_be_copied() -> None:
    assert LIVE.to_html().count("<button") == 1
    assert 'data-link="http://10.0.0.7:5006/x8/"' in LIVE.to_html()


HUB = Link("/user/ada/proxy/5006/x8/", "through the Hub, which asks for a login", is_proxied=True)


def test_a_link_whose_host_is_not_known_says_where_that_is_to_be_found() -> None:
    card = replace(LIVE, links=(HUB, *LIVE.links), app_names=("trend",))
    for text in (card.to_text(), card.to_html()):
        assert "/user/ada/proxy/5006/x8/ at the Hub's address" in unescape(text)
        assert "/user/ada/proxy/5006/x8/trend at the Hub's address" in unescape(text)
    assert 'href="/user/ada/proxy/5006/x8/"' in card.to_html()
    assert "<svg" not in card.to_html(), "a phone could not read it"


def test_a_link_through_jupyter_follows_the_page_that_it_stands_on() -> None:
    card = replace(LIVE, links=(*LIVE.links, HUB._replace(url="http://localhost:8888/proxy/5006/x8/")))
    assert card.to_html().count("jupyter-config-data") == 2, "for a pointer and for a keyboard"
    assert "jupyter-config-data" not in LIVE.to_html()


def test_a_local_share_says_whose_machine_that_is() -> None:
    local = replace(LIVE, links=LIVE.links[1:], is_local=True)
    assert "for this machine only · %bokeh_share --external" in local.to_text()
    remote = replace(local, links=(Link("http://localhost:5006/x8/", "the remote machine only"),))
    assert "  the remote machine only · %bokeh_share --external" in remote.to_text()
    assert "--external" not in replace(remote, can_widen_access=False).to_text()


def test_a_paused_one_says_how_to_go_on() -> None:
    text = replace(LIVE, is_paused=True).to_text()
    assert "paused" in text
    assert "--resume" in text
    assert "live" not in text


def test_status_lists_the_plots_with_sizes_and_times() -> None:
    page = Page().put(PlotKey("name", "sales"), look("x" * 2_000_000), now=0)
    text = format_status(page, LIVE)
    assert "sales" in text
    assert "2.00 MB" in text
    assert "k1" in text


def test_status_does_not_say_that_its_own_link_is_taken_out_again() -> None:
    """It is printed, and what was printed stays in the notebook."""
    page = Page()
    saved = replace(LIVE, is_link_saved=True)
    assert "--stop and --fresh take it out of here" in saved.to_text()
    text = format_status(page, saved)
    assert "take it out" not in text
    assert "saved with what is printed here, and stays valid: clear that before you pass it on" in text
