"""Fails when a private name that we use has moved."""

from __future__ import annotations

import gc
import inspect
import re
from contextlib import suppress
from operator import is_
from types import SimpleNamespace
from typing import Any

import pytest
from bokeh.core.properties import Int, Required
from bokeh.core.property.descriptors import UnsetValueError
from bokeh.core.types import ID
from bokeh.document import Document
from bokeh.embed.bundle import bundle_for_objs_and_resources
from bokeh.embed.util import submodel_has_python_callbacks
from bokeh.io import curdoc, reset_output
from bokeh.io.doc import patch_curdoc
from bokeh.io.notebook import install_notebook_hook, run_notebook_hook
from bokeh.io.state import curstate
from bokeh.model import Model
from bokeh.models import Button, Column, Div, Slider
from bokeh.plotting import figure
from bokeh.resources import Resources
from bokeh.server.session import ServerSession
from bokeh.themes import Theme
from bokeh.util import compiler
from support.apart import apart

from bokeh_share import compat


def test_notebook_hooks_are_read_and_forgotten() -> None:
    def load(*args: object) -> str:
        return "loaded"

    install_notebook_hook("for_this_test", load, load, load)  # type: ignore[arg-type]
    hooks = compat.get_notebook_hooks("for_this_test")
    assert hooks is not None
    assert hooks["load"] is load
    assert run_notebook_hook("for_this_test", "load") == "loaded"  # type: ignore[arg-type]
    compat.remove_notebook_hooks("for_this_test")
    assert compat.get_notebook_hooks("for_this_test") is None


def test_bokeh_brings_hooks_for_jupyter_with_the_parts_that_are_wrapped() -> None:
    hooks = compat.get_notebook_hooks("jupyter")
    assert hooks is not None
    assert set(hooks) == {"load", "doc", "app"}


def test_showing_in_a_notebook_is_undone_and_the_rest_of_the_state_stays() -> None:
    state = curstate()
    document = state.document
    state.output_notebook("for_this_test")  # type: ignore[arg-type]
    assert state.notebook
    compat.disable_notebook_output()
    assert not state.notebook
    assert state.notebook_type is None
    assert state.document is document


def test_a_reset_of_outputs_calls_back_until_it_is_ended() -> None:
    calls: list[bool] = []
    end = compat.follow_reset_output(lambda: calls.append(curstate().notebook))
    try:
        curstate().output_notebook("another")  # type: ignore[arg-type]
        reset_output()
        assert calls == [False]
    finally:
        end()
    assert "reset" not in vars(curstate())
    reset_output()
    assert calls == [False]


def test_the_values_of_a_model_are_the_very_objects_that_were_set_and_show_each_change() -> None:
    model = Div(text="a")
    values = compat.get_property_values(model)
    assert values[0]["text"] == "a"
    model.text = "b"
    model.tags.append(1)
    assert any(each.get("tags") is model.tags for each in values)
    model.tags = [2]
    assert values[0]["text"] is model.text
    assert values[0]["tags"] is model.tags
    assert all(map(is_, compat.get_property_values(model), values))


def collected_by_bokeh(model: Model) -> dict[str, Any]:
    return model.properties_with_values(include_defaults=False)


def same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    pairs = zip(one.values(), other.values(), strict=True)
    return list(one) == list(other) and all(mine is bokehs or mine == bokehs for mine, bokehs in pairs)


@pytest.mark.filterwarnings("ignore::bokeh.util.warnings.BokehDeprecationWarning")
def test_what_is_set_of_any_model_is_what_bokeh_says_is() -> None:
    for name, cls in Model.model_class_reverse_map.items():
        if name.startswith("bokeh.") or "." not in name:
            model = cls()
            with suppress(UnsetValueError):  # as Bokeh refuses it; a test below looks at that
                assert same(compat.collect_set_properties(model), collected_by_bokeh(model)), name


def test_what_is_set_of_a_figure_is_what_bokeh_says_is_before_and_after_it_is_looked_at() -> None:
    p = figure(title="t", x_axis_type="log", tags=[1])
    p.line([1, 2], [3, 4], color="red")
    for model in p.references():
        assert same(compat.collect_set_properties(model), collected_by_bokeh(model))
    p.xaxis.axis_label, p.tags, p.title.text = "x", [2], "u"
    p.x_range.tags.append("no longer as it was made")
    for model in p.references():
        assert same(compat.collect_set_properties(model), collected_by_bokeh(model))


def test_what_a_theme_says_counts_as_set() -> None:
    document = Document(theme=Theme(json={"attrs": {"Div": {"text": "themed", "tags": ["t"]}}}))
    div = Div()
    document.add_root(div)
    assert compat.collect_set_properties(div)["text"] == "themed"
    assert same(compat.collect_set_properties(div), collected_by_bokeh(div))


class Needy(Model):
    count = Required(Int)


class Own(Model):
    def to_serializable(self, serializer: Any) -> Any:
        return super().to_serializable(serializer)


def test_what_is_required_and_was_not_set_is_refused_as_bokeh_does() -> None:
    for collect in (collected_by_bokeh, compat.collect_set_properties):
        with pytest.raises(UnsetValueError, match="count doesn't have a value set"):
            collect(Needy())
    assert compat.collect_set_properties(Needy(count=1)) == {"count": 1}


def test_a_class_that_serialises_itself_is_known() -> None:
    assert compat.is_serialized_as_usual(figure)
    assert compat.is_serialized_as_usual(Needy)
    assert not compat.is_serialized_as_usual(Own)


def test_callbacks_of_a_model_are_those_that_bokeh_finds() -> None:
    changed, pressed, alone = Slider(start=0, end=1, value=0), Button(), Slider(start=0, end=1, value=0)
    changed.on_change("value", lambda attr, old, new: None)
    pressed.on_click(lambda: None)
    for model in (changed, pressed, alone):
        assert compat.has_python_callbacks(model) == submodel_has_python_callbacks([model])
    assert not compat.has_python_callbacks(alone)


def test_a_model_takes_over_an_id_and_is_found_by_it() -> None:
    document, model = Document(), Div()
    compat.take_over_id(model, "p7")
    document.add_root(model)
    assert model.id == "p7"
    assert document.models["p7"] is model  # type: ignore[index]


def test_a_callback_of_a_document_becomes_one_that_runs_on_the_loop() -> None:
    document, called = Document(), []
    callback = document.add_periodic_callback(lambda: called.append(curdoc()), 1000)
    compat.run_on_loop(callback)
    running: Any = callback.callback()
    assert called == []
    apart(lambda: running)
    assert called == [document]


def test_a_callback_that_raises_leaves_the_current_document_unchanged() -> None:
    document, before = Document(), curdoc()
    callback = document.add_timeout_callback(lambda: 1 / 0, 1000)  # type: ignore[arg-type, return-value]
    compat.run_on_loop(callback)
    with pytest.raises(ZeroDivisionError):
        apart(callback.callback)  # type: ignore[arg-type]
    del document
    assert curdoc() is before


def test_a_session_knows_whose_patch_it_applies() -> None:
    assert "_current_patch_connection" in inspect.getsource(ServerSession)
    session, connection = ServerSession(ID("x"), Document(), io_loop=None), object()
    with compat.set_patch_connection(session, connection):  # type: ignore[arg-type]
        assert session._current_patch_connection is connection
    assert session._current_patch_connection is None


def test_bokehs_bundles_are_put_together_so_that_a_page_loads_several(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def compiled(code: str, lang: str, file: str | None) -> Any:
        return compiler.AttrDict(code=f"{code}\n//# sourceMappingURL=/home/ada/x.js.map", deps=[])

    def model_class(name: str) -> Any:
        how = SimpleNamespace(code=f"exports.{name} = 1", lang="javascript", file=None)
        about = {"name": name, "full_name": name, "module": f"custom/{name}", "path": ".", "dependencies": {}}
        return SimpleNamespace(implementation=how, **about)

    def of(*names: str) -> str:
        return compat.build_bundle([*map(model_class, names)])

    monkeypatch.setattr(compiler, "nodejs_compile", compiled)
    one, other = of("A"), of("B")
    assert of("A") == one
    names = [re.findall(r'"(custom/main[^"]*)"', script) for script in (one, other)]
    assert [len(each) for each in names] == [2, 2]
    assert len({*names[0], *names[1]}) == 2
    for script in (one, other):
        assert "register_models(models)" in script
        assert "ada" not in script
    imported = of("B", "A", "C")
    assert "exports.A = 1" in imported
    assert re.findall(r"const models = (\{.*\});", imported) == ['{ "B": require("custom/B").B }']


def test_nothing_is_compiled_when_bokeh_is_asked_what_a_page_loads(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object) -> None:
        raise AssertionError("it is compiled")

    monkeypatch.setattr(compiler, "_bundle_models", refuse)
    made = [type(name, (Div,), {"__implementation__": "x"}) for name in ("OneOfTwo", "TwoOfTwo")]
    one: Any = made[0](text="a")
    before = dict(compiler._bundle_cache)
    with compat.skip_compilation([made[0], Div]):
        bundle = bundle_for_objs_and_resources([Column(one, Div())], Resources(mode="server"))
        assert bundle.js_files
        assert compiler.bundle_models(None) == ""
    assert before == compiler._bundle_cache
    with pytest.raises(AssertionError, match="it is compiled"):
        compiler.bundle_models([made[0]])
    with compat.skip_compilation([]):
        pass
    assert before == compiler._bundle_cache


def test_after_a_document_has_ended_in_a_callback_the_authors_is_the_current_one() -> None:
    ended = Document()
    with patch_curdoc(ended):
        assert compat.find_current_document() is curdoc()
        del ended
        gc.collect()
        with pytest.raises(RuntimeError):
            curdoc()
        assert compat.find_current_document() is curstate().document
