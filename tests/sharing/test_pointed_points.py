"""What viewers point at, as the author's own plots and sources."""

from __future__ import annotations

from bokeh.layouts import row
from bokeh.models import ColumnDataSource
from bokeh.plotting import figure

from bokeh_share.broadcast.pointing_board import PointingBoard
from bokeh_share.broadcast.viewer import Viewer
from bokeh_share.plots.page import PlotKey
from bokeh_share.plots.tracker import PlotTracker
from bokeh_share.sharing.pointed_points import PointedPoints


def test_the_author_gets_the_plot_and_the_source() -> None:
    tracker, board = PlotTracker(), PointingBoard()
    sources = [ColumnDataSource({"x": [1, 2], "y": [number, 4]}) for number in range(2)]
    plots = [figure(title=str(number)) for number in range(2)]
    for plot, source in zip(plots, sources, strict=True):
        plot.scatter("x", "y", source=source)
    tracker.put(PlotKey("name", "p"), row(plots))
    points, viewer = PointedPoints(tracker, board), Viewer()
    assert points.list_pointed() == ()
    snapshot = tracker.page.plots[0].snapshot
    ids = [
        f"{tracker.page.plots[0].id}.{id}"
        for id, node in zip(snapshot.ids, snapshot.nodes, strict=True)
        if node.model_type in ("Figure", "ColumnDataSource")
    ]
    board.update(True)
    found = []
    for figure_id in ids:
        for source_id in ids:
            message = f'{{"point":{{"figure":"{figure_id}","source":"{source_id}","indices":[1],'
            message += '"x":[0,1],"y":[2,3],"name":"Ann"}}'
            board.withdraw(viewer)
            board.remove(viewer)
            assert board.handle(viewer, message.encode(), tracker.page)
            found += points.list_pointed()
    assert {each.source for each in found} >= {*sources}
    pointed = next(each for each in found if each.source is sources[1])
    assert (pointed.plot.name, pointed.indices, pointed.x_range, pointed.y_range, pointed.name) == (
        "p",
        (1,),
        (0.0, 1.0),
        (2.0, 3.0),
        "Ann",
    )
    tracker.remove(lambda key: True)
    assert points.list_pointed() == (), "the plot is gone"
    tracker.close()
