from __future__ import annotations

from dataclasses import replace

from bokeh_share.card import Card

LIVE = Card(
    urls=("http://10.0.0.7:5006/x8/", "http://localhost:5006/x8/"),
    plots=3,
    viewers=1,
    open_to_all=False,
    external=True,
    note="",
    problems=(),
)


def test_it_says_where_how_much_who_and_how_to_stop() -> None:
    for text in (LIVE.text(), LIVE.html()):
        assert "http://10.0.0.7:5006/x8/" in text
        assert "live · 3 plots · 1 viewer ·" in text
        assert "%bokeh_share --stop" in text


def test_the_best_link_comes_first() -> None:
    assert LIVE.html().index("10.0.0.7") < LIVE.html().index("localhost")


def test_without_a_token_it_says_that_anyone_can_look() -> None:
    assert "anyone on the network can look" in replace(LIVE, open_to_all=True).text()
    assert "anyone" not in LIVE.text()


def test_a_local_share_says_how_to_reach_others() -> None:
    assert "--external" in replace(LIVE, external=False).text()


def test_a_stopped_one_has_no_link_and_says_how_to_start() -> None:
    text = replace(LIVE, urls=()).text()
    assert "http" not in text
    assert "%bokeh_share starts again" in text


def test_problems_and_notes_stand_on_it() -> None:
    text = replace(LIVE, note="already sharing", problems=("cannot share 'p'",)).text()
    assert "already sharing" in text
    assert "⚠ cannot share 'p'" in text


def test_text_of_the_authors_is_inert() -> None:
    assert "<img" not in replace(LIVE, problems=("<img onerror=alert(1)>",)).html()
