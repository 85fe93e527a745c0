from __future__ import annotations

import pytest
from bokeh.plotting import figure

from bokeh_share.errors import NotAModel
from bokeh_share.plots.foreign_values import describe_value
from bokeh_share.plots.showable import as_showable


@pytest.mark.parametrize("value", [3, None, "p", [], [3], object(), {"a": 1}, figure])
def test_what_bokeh_cannot_show_is_refused_with_what_it_is(value: object) -> None:
    with pytest.raises(NotAModel) as caught:
        as_showable(value, name="x")
    assert (caught.value.kind, caught.value.hint) == describe_value(value, "x")


def test_a_renderer_is_no_plot() -> None:
    with pytest.raises(NotAModel):
        as_showable(figure().line([1], [1]))
