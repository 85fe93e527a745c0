"""Tells when something that is not public, and is used all the same, has moved."""

from __future__ import annotations

from operator import is_

from bokeh.io.notebook import install_notebook_hook, run_notebook_hook
from bokeh.io.state import curstate
from bokeh.models import Div

from bokeh_share import private


def test_notebook_hooks_are_read_and_forgotten() -> None:
    def load(*args: object) -> str:
        return "loaded"

    install_notebook_hook("for_this_test", load, load, load)  # type: ignore[arg-type]
    hooks = private.notebook_hooks("for_this_test")
    assert hooks is not None
    assert hooks["load"] is load
    assert run_notebook_hook("for_this_test", "load") == "loaded"  # type: ignore[arg-type]
    private.forget_notebook_hooks("for_this_test")
    assert private.notebook_hooks("for_this_test") is None


def test_bokeh_brings_hooks_for_jupyter_with_the_parts_that_are_wrapped() -> None:
    hooks = private.notebook_hooks("jupyter")
    assert hooks is not None
    assert set(hooks) == {"load", "doc", "app"}


def test_showing_in_a_notebook_is_undone_and_the_rest_of_the_state_stays() -> None:
    state = curstate()
    document = state.document
    state.output_notebook("for_this_test")  # type: ignore[arg-type]
    assert state.notebook
    private.show_no_longer_in_notebook()
    assert not state.notebook
    assert state.notebook_type is None
    assert state.document is document


def test_the_values_of_a_model_are_the_very_objects_that_were_set_and_tell_of_each_change() -> None:
    model = Div(text="a")
    held = private.values_of(model)
    assert held[0]["text"] == "a"
    model.text = "b"
    model.tags.append(1)
    assert any(each.get("tags") is model.tags for each in held)
    model.tags = [2]
    assert held[0]["text"] is model.text
    assert held[0]["tags"] is model.tags
    assert all(map(is_, private.values_of(model), held))
