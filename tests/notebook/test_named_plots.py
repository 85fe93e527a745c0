"""What the author shares and drops by name, beside what cells show."""

from __future__ import annotations

import pytest
from bokeh.models import Div
from support.author import Author

from bokeh_share.notebook.cell import Outcome
from bokeh_share.plots.page import PlotKey


@pytest.fixture
def author() -> Author:
    return Author()


def test_what_is_shared_by_name_leaves_the_place_where_a_cell_had_put_it(author: Author) -> None:
    p = Div(text="p")
    author.run("c", p)
    author.named.share(p, "sales")
    author.run("d", p)
    assert author.keys == [PlotKey("name", "sales")]


def test_a_plot_that_was_named_apart_outlives_its_cell(author: Author) -> None:
    p = Div(text="p")
    author.named.share(p, "sales")
    author.run("c", p)
    author.run("c")
    assert author.keys == [PlotKey("name", "sales")]


def test_a_shared_variable_follows_what_it_is_bound_to_and_keeps_the_last_plot(author: Author) -> None:
    author.names["p"] = Div(text="a")
    author.named.share_variable("p")
    author.names["p"] = Div(text="b")
    author.run("c")
    assert author.texts == ["b"]
    for other in (3, None):
        author.names["p"] = other
        author.run("c")
        assert author.texts == ["b"]


def test_what_is_dropped_stays_away_until_it_is_shared_by_name(author: Author) -> None:
    p = Div(text="p")
    author.run("c", p, name="sales")
    author.named.drop(author.keys)
    assert author.run("c", p, name="sales") == [Outcome.DROPPED]
    assert not author.keys
    author.named.share(p, "sales")
    assert author.run("c", p, name="sales") == [Outcome.ON_PAGE]


def test_a_dropped_variable_is_no_longer_followed(author: Author) -> None:
    author.names["p"] = Div(text="a")
    author.named.share_variable("p")
    author.named.drop([PlotKey("name", "p")])
    author.names["p"] = Div(text="b")
    author.run("c")
    assert not author.keys


def test_a_variable_that_was_dropped_stays_away_when_its_cell_shows_it(author: Author) -> None:
    for text in "ab":
        author.names["p"] = Div(text=text)
        if text == "a":
            author.run("c", author.names["p"])
            author.named.share_variable("p")
            author.named.drop(author.keys)
        assert author.run("c", author.names["p"]) == [Outcome.DROPPED]
    assert not author.keys


def test_a_plot_that_was_dropped_under_its_name_stays_away_when_a_cell_shows_it(author: Author) -> None:
    p = Div(text="p")
    author.named.share(p, "sales")
    author.named.drop(author.keys)
    assert author.run("c", p) == [Outcome.DROPPED]
    author.named.share(p, "sales")
    assert author.run("c", p) == [Outcome.ON_PAGE]


def test_the_caption_of_a_named_plot_stays_when_a_cell_shows_it(author: Author) -> None:
    p = Div(text="a")
    author.named.share(p, "sales", "in euros")
    author.run("c", p)
    assert author.captions == ["in euros"]
