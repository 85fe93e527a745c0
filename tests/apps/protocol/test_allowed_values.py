from __future__ import annotations

import importlib
import importlib.util
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import bokeh.models as models
import bokeh.plotting
import pytest
from bokeh.core.property.instance import Instance
from bokeh.model import Model
from bokeh.models import Callback, Div, HoverTool, Slider, TapTool
from bokeh.util.paths import bokehjs_path

from bokeh_share.apps.protocol import allowed_values
from bokeh_share.apps.protocol.errors import MessageError

assert bokeh.plotting  # which makes `Figure`

CODE_CALL = re.compile(
    r"\b(?:Async)?(?:Generator)?Function(?:\.apply|\.call)?\((?!\))|\beval\)?\(|new Worker\("
    r"|(?:text|application)/javascript['\"]|createElement\(['\"]script['\"]\)"
    r"|\bimportScripts\(|\bimport\([`'\"\w$]|set(?:Timeout|Interval)\([`'\"]"
    r"|_\.template\("
)
"""Calls by which JavaScript compiles a text to code, or loads code."""
MODULE = re.compile(r"/\* (?P<name>[\w./@ -]+\.js) \*/ function _\(")
CLASS = re.compile(r"^\s*class (\w+)", re.MULTILINE)
OTHERS = {
    "@bokeh/slickgrid/slick.dataview.js": "compiles filters of a view of the data that BokehJS does not use",
    "@bokeh/slickgrid/slick.grid.js": "a method for debugging that nobody calls",
    "core/util/modules.js": "a comment",
    "fflate/esm/browser.js": "starts workers with its own text",
    "jquery/dist/jquery.js": "adds scripts of markup to the page, where the policy refuses them",
    "models/plots/gmap_plot_canvas.js": "loads Google's script, which the policy refuses",
    "models/text/providers.js": "loads MathJax from elsewhere, which the policy refuses",
    "regl/dist/regl.js": "compiles how shaders are called, of names that BokehJS gives",
    "slickgrid/dist/esm/index.js": "compiles filters of a view of the data that BokehJS does not use",
    "underscore.template/lib/underscore.template.js": "compiles what HTMLTemplateFormatter gives it",
}
"""Modules that get no property of a model, or whose callers are in the list as well."""
PANELS = {
    "models/cell_formatters.js": ["DataTabulator.columns", "TabulatorColumn.formatter"],
    "models/deckgl.js": ["DeckGLPlot.configuration"],
    "models/html.js": ["HTML.run_scripts"],
    "models/reactive_esm.js": ["ReactiveESM.esm", "ReactiveESM.bundle", "ReactiveESM.importmap"],
    "models/reactive_html.js": ["ReactiveHTML.html", "ReactiveHTML.scripts", "ReactiveHTML.callbacks"],
    "models/resources.js": ["HTMLBox.external_resources", "ECharts.external_resources"],
    "models/util.js": ["ECharts.data", "DataTabulator.configuration"],
}
"""By Panel's modules, what comes there from models."""
PANELS_OTHERS = {
    "models/file_dropper.js": "defines the names of files of a type",
    "sucrase/dist/esm/transformers/RootTransformer.js": "compiles what ReactiveESM gives it",
    "underscore.template/lib/underscore.template.js": "compiles what the formatters of cells give it",
}


def find_code_calls(path: Path) -> Iterator[tuple[str, str]]:
    """Find the module and the class of each call in a bundle that compiles a text to code."""
    text = re.sub(r"/\*\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    text = re.sub(r"^\s*// .*$", "", text, flags=re.MULTILINE)
    modules = list(MODULE.finditer(text))
    for call in CODE_CALL.finditer(text):
        if re.search(r"^\s*(?:async )?function \w*$", text[: call.start()].rsplit("\n", 1)[-1]):
            continue
        within = [module for module in modules if module.start() < call.start()]
        classes = CLASS.findall(text[within[-1].start() : call.start()]) if within else []
        yield (within[-1]["name"] if within else "", classes[-1] if classes else "")


def bundles() -> list[Path]:
    found = sorted(Path(bokehjs_path(), "js").glob("bokeh*.js"))
    assert len(found) > 10
    return [path for path in found if ".min." not in path.name]


def is_refused(cls: type[Model], name: str) -> bool:
    try:
        allowed_values.check_property_value(cls, name, "x")
    except MessageError as error:
        return "code" in error.kind
    return False


def all_of(cls: type[Model]) -> list[str]:
    return [
        name for name in cls.properties() if not isinstance(cls.lookup(name).property, allowed_values.Alias)
    ]


def test_no_viewer_can_set_a_text_that_bokehjs_compiles_to_code() -> None:
    found = {call for path in bundles() for call in find_code_calls(path)}
    of_models = {(module, cls) for module, cls in found if module not in OTHERS}
    assert len(of_models) >= 11
    for module, cls in of_models:
        assert cls, f"{module} has an unknown call"
        carrier = Model.model_class_reverse_map[cls]
        assert all(is_refused(carrier, name) for name in all_of(carrier)), cls
        with pytest.raises(MessageError, match="code"):
            allowed_values.resolve_model_class(cls)
    reached = {cls for _, cls in of_models}
    carriers = {each.__name__ for each in allowed_values.CODE_MODEL_CLASSES} - {"Callback"}
    assert carriers == reached - {"CustomJS"}


def test_the_bundles_that_pages_load_compile_the_same_texts() -> None:
    for path in bundles():
        packed = path.with_suffix(".min.js").read_text(encoding="utf-8")
        comments = sum(module == "core/util/modules.js" for module, _ in find_code_calls(path))
        assert len(CODE_CALL.findall(packed)) == len(list(find_code_calls(path))) - comments, path.name


def test_no_property_of_bokeh_that_looks_like_code_is_allowed() -> None:
    code_name = re.compile(r"(^|_)(code|func|script|template|callback)$")
    harmless = {("Styles", "grid_template")}
    for cls in Model.model_class_reverse_map.values():
        for name in all_of(cls) if cls.__module__.startswith("bokeh.models.") else ():
            if code_name.search(name) and (cls.__name__, name) not in harmless:
                assert is_refused(cls, name), f"{cls.__name__}.{name}"


def test_no_viewer_can_add_a_model_with_code() -> None:
    names = [name for name, cls in Model.model_class_reverse_map.items() if issubclass(cls, Callback)]
    assert len(names) > 5
    for name in names:
        with pytest.raises(MessageError):
            allowed_values.resolve_model_class(name)


@pytest.mark.parametrize("name", ["js_property_callbacks", "js_event_callbacks", "subscribed_events"])
def test_no_viewer_can_set_the_callbacks_of_a_model(name: str) -> None:
    for cls in (Div, Slider, models.Plot):
        assert is_refused(cls, name)


def test_nor_what_a_tool_calls() -> None:
    assert is_refused(HoverTool, "callback")
    assert is_refused(TapTool, "callback")
    taking = [
        (cls, name)
        for cls in Model.model_class_reverse_map.values()
        for name in all_of(cls)
        for kind in allowed_values._walk_property_types(cls.lookup(name).property)
        if isinstance(kind, Instance) and issubclass(kind.instance_type, Callback)
    ]
    assert len(taking) > 100
    assert all(is_refused(cls, name) for cls, name in taking)


def panels() -> dict[str, type[Model]]:
    """Panel's models, by the names of their classes."""
    pytest.importorskip("panel")
    package = importlib.import_module("panel.models")
    for module in pkgutil.iter_modules(package.__path__, "panel.models."):
        importlib.import_module(module.name)
    known: dict[str, Any] = Model.model_class_reverse_map
    return {cls.__name__: cls for cls in known.values() if cls.__module__.startswith("panel.")}


def test_no_viewer_can_set_the_scripts_of_panel() -> None:
    classes = panels()
    spec = importlib.util.find_spec("panel")
    assert spec is not None
    assert spec.origin is not None
    found = {module for module, _ in find_code_calls(Path(spec.origin).parent / "dist" / "panel.js")}
    assert {"models/deckgl.js", "models/reactive_html.js"} <= found <= {*PANELS, *PANELS_OTHERS}
    for reached in PANELS.values():
        for each in reached:
            name, _, attr = each.partition(".")
            if name in classes and attr in classes[name].properties():  # the older Panel has fewer
                assert is_refused(classes[name], attr), each
    for name, attrs in allowed_values.PANEL_CODE_PROPERTIES.items():
        cls = classes.get(name)
        assert cls is None or attrs <= cls.properties(), name


def test_what_a_viewer_writes_into_an_editor_of_panels_is_theirs() -> None:
    classes = panels()
    assert not is_refused(classes["AcePlot"], "code")
    assert not is_refused(classes["ReactiveESM"], "data")
