"""Drop, bring back, order and captions, without a notebook; `kernel/test_author` has one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from bokeh.plotting import figure
from support.plot_ids import id_of
from support.small_pictures import build_png

from bokeh_share.apps import AppRegistry, as_app
from bokeh_share.errors import UnknownName
from bokeh_share.plots.media import Display
from bokeh_share.plots.page import PlotKey
from bokeh_share.plots.tracker import PlotTracker
from bokeh_share.sharing.plot_control import MAX_DROPPED, PlotControl

P = id_of("p", "variable")


class Desk:
    def __init__(self) -> None:
        self.tracker, self.apps = PlotTracker(), AppRegistry()
        self.control = PlotControl(self.tracker, self.apps, lambda: None)

    def show(self, *names: str) -> None:
        for name in names:
            self.tracker.put(
                PlotKey("variable", name), figure(title=f"title of {name}"), caption=f"about {name}"
            )

    @property
    def names(self) -> list[str]:
        return [plot.key.identifier for plot in self.tracker.page.plots]

    @property
    def ids(self) -> list[str]:
        return [plot.id for plot in self.tracker.page.plots]

    @property
    def dropped(self) -> list[tuple[str, str]]:
        return [(each["item"], each["label"]) for each in self.control.describe_dropped()]


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk()
    yield desk
    desk.tracker.close()


def trend() -> None:
    """An app."""


def test_a_picture_is_dropped_brought_back_and_captioned_as_a_plot(desk: Desk) -> None:
    key = PlotKey("variable", "shot")

    def put(color: int) -> None:
        desk.tracker.put(key, Display("image/png", build_png(color=color)), caption="about it")

    put(1)
    shot = id_of("shot", "variable")
    desk.control.set_caption(shot, "edited")
    put(2)
    assert desk.tracker.page.plots[0].caption == "edited", "until the code gives another one"
    desk.control.drop("k1")
    assert (desk.names, desk.dropped) == ([], [(shot, "k1")])
    desk.control.restore_item(shot)
    (plot,) = desk.tracker.page.plots
    assert (plot.media and plot.media.data, plot.caption) == (build_png(color=2), "about it")


def test_a_dropped_plot_can_be_brought_back(desk: Desk) -> None:
    desk.show("p", "q")
    desk.control.drop("title of p")
    assert (desk.names, desk.dropped) == (["q"], [(P, "title of p")])
    desk.control.restore_item(P)
    assert (sorted(desk.names), desk.dropped) == (["p", "q"], [])
    assert desk.tracker.page.plots[-1].caption == "about p"
    with pytest.raises(UnknownName):
        desk.control.restore_item(P)


def test_a_dropped_app_can_be_brought_back(desk: Desk) -> None:
    desk.apps.add(as_app(trend))
    desk.control.drop_item("app/trend")
    assert (desk.apps.names, desk.dropped) == ((), [("app/trend", "trend")])
    desk.control.restore_item("app/trend")
    assert (desk.apps.names, desk.dropped) == (("trend",), [])


def test_dropping_what_is_gone_is_no_error(desk: Desk) -> None:
    desk.control.drop_item("k9")
    desk.control.drop_item("app/trend")
    desk.control.set_caption("k9", "text")
    assert desk.dropped == []


def test_a_plot_that_its_code_shared_again_need_not_be_brought_back(desk: Desk) -> None:
    desk.show("p")
    desk.control.drop_item(P)
    desk.show("p")
    assert desk.dropped == []


def test_the_number_of_dropped_plots_is_limited(desk: Desk) -> None:
    for number in range(MAX_DROPPED + 2):
        desk.show(f"p{number}")
        desk.control.drop_item(desk.ids[0])
    assert len(desk.dropped) == MAX_DROPPED
    assert desk.dropped[0] == (id_of("p2", "variable"), "title of p2")


def test_plots_are_put_in_an_order(desk: Desk) -> None:
    desk.show("p", "q", "r")
    desk.control.arrange([id_of("r", "variable"), "k9", P])
    assert desk.names == ["r", "p", "q"]
    desk.show("s")
    assert desk.names == ["r", "p", "q", "s"]


def test_a_caption_is_edited(desk: Desk) -> None:
    desk.show("p")
    desk.control.set_caption(P, " new ")
    assert desk.tracker.page.plots[0].caption == "new"
    desk.show("p")
    assert desk.tracker.page.plots[0].caption == "new", "until the code gives another one"
    desk.control.set_caption(P, " ")
    assert desk.tracker.page.plots[0].caption is None
