"""Uses private names of Bokeh, where it has no public ones."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache, wraps
from inspect import isawaitable
from typing import Any, cast

from bokeh import io
from bokeh.core.has_props import HasProps
from bokeh.core.property.descriptors import PropertyDescriptor
from bokeh.core.property.singletons import Undefined
from bokeh.core.property.wrappers import PropertyValueContainer
from bokeh.core.types import ID
from bokeh.document import Document
from bokeh.io import notebook, state
from bokeh.model import Model
from bokeh.server.callbacks import SessionCallback
from bokeh.server.connection import ServerConnection
from bokeh.server.session import ServerSession
from bokeh.util import compiler


def get_notebook_hooks(notebook_type: str) -> dict[str, Any] | None:
    """Return the hooks installed for a notebook type. Bokeh cannot list hooks, and this package has to
    restore the ones that it wraps."""
    hooks = notebook._HOOKS.get(notebook_type)
    return dict(hooks) if hooks is not None else None


def remove_notebook_hooks(notebook_type: str) -> None:
    """Undo `install_notebook_hook`. Bokeh has no function for this."""
    notebook._HOOKS.pop(notebook_type, None)


def disable_notebook_output() -> None:
    """Undo `State.output_notebook`. The public method, `State.reset`, would also discard the author's
    document and `output_file`."""
    current = state.curstate()
    current._notebook = False
    current._notebook_type = None


def follow_reset_output(on_reset: Callable[[], None]) -> Callable[[], None]:
    """Call `on_reset` after each `reset_output()`. Return a function that stops this.

    Bokeh raises no event for it, and `show()` then calls no hook any more.
    """
    current = state.curstate()
    former_reset = current.reset

    def reset() -> None:
        former_reset()
        on_reset()

    def end() -> None:
        if vars(current).get("reset") is reset:
            del current.reset  # restores the method of the class

    current.reset = reset  # type: ignore[method-assign]  # of this instance, which lives as long as the process
    return end


def get_property_values(model: Model) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the dictionaries in which a model stores the properties that were set or read.

    A model without a document raises no events for changes, and the public method takes a thousand times as
    long.
    """
    return model._property_values, model._unstable_default_values


def has_python_callbacks(model: Model) -> bool:
    """Return True if this model itself has callbacks. `submodel_has_python_callbacks` also searches all
    models below it, which takes as long as capturing them."""
    return bool(model._callbacks or model._event_callbacks)


def collect_set_properties(model: Model) -> dict[str, Any]:
    """Return the same as `Model.properties_with_values(include_defaults=False)`. That method also computes
    all other defaults and discards them, which is most of the time for serialising a figure."""
    descriptors, required = _list_serialized_properties(type(model))
    unstable, themed = model._unstable_default_values, model.themed_values() or {}
    chosen = model._property_values.keys() | unstable.keys() | themed.keys()
    values = {}
    for name, descriptor in descriptors.items():
        is_unchanged_default = name not in themed and isinstance(unstable.get(name), PropertyValueContainer)
        if (name in chosen and not is_unchanged_default) or name in required:
            value = descriptor.get_value(model)  # raises an error if a required property was not set
            if name in chosen:
                values[name] = value
    return values


def is_serialized_as_usual(cls: type[Model]) -> bool:
    """Return True if Bokeh's own methods serialise the models of a class and select their properties."""
    return all(
        getattr(cls, name) is getattr(Model, name)
        for name in ("to_serializable", "properties_with_values", "query_properties_with_values")
    )


def build_bundle(models: Sequence[Any]) -> str:
    """Return Bokeh's bundle for the first of these models, with the others, which it imports. Each model has
    the attributes of a `CustomModel`.

    The public `bundle_models` caches bundles by the models' names only, so it returns an old bundle for a
    changed implementation. If a compilation fails, it prints and ends the process.

    The bundle's main module gets a unique name, since a page can load several bundles and Bokeh would run
    only the first main module. It exports only the first model, and contains no file names of the author's.
    """
    script = compiler._bundle_models({model.full_name: model for model in models})
    script = re.sub(r"^//# sourceMappingURL=.*$", "", script, flags=re.MULTILINE)
    name = f"custom/main/{hashlib.sha256(script.encode()).hexdigest()[:16]}"
    head, first, body = script.partition('"custom/main": function')
    body, last, tail = body.rpartition('"custom/main")')
    export = f'"{models[0].name}": require("{models[0].module}").{models[0].name}'
    body, replaced = re.subn(r"(?<=const models = )\{[^}]*\}", lambda _: f"{{ {export} }}", body, count=1)
    assert first and last and replaced == 1, "the format of Bokeh's bundles has changed"  # noqa: PT018
    return f'{head}"{name}": function{body}"{name}"){tail}'


@contextmanager
def skip_compilation(classes: Sequence[type[HasProps]]) -> Iterator[None]:
    """Inside the block, Bokeh and Panel treat the bundles of these classes, and of all classes, as compiled.

    Otherwise a request for the assets of a page would compile all classes in its thread, and end the process
    if that fails. Bokeh cannot list the other assets alone.
    """
    groups = (compiler._get_custom_models(each) for each in (classes, None))
    keys = [compiler.calc_cache_key(group) for group in groups if group]
    before = {key: compiler._bundle_cache.get(key) for key in keys}
    compiler._bundle_cache.update(dict.fromkeys(keys, ""))
    try:
        yield
    finally:
        for key, bundle in before.items():
            if bundle is None:
                compiler._bundle_cache.pop(key, None)
            else:
                compiler._bundle_cache[key] = bundle


def take_over_id(model: Model, id: str) -> None:
    """Give a model the id of the model that it replaces. Bokeh offers no way to choose an id."""
    model._id = ID(id)  # type: ignore[attr-defined]  # Bokeh's stub leaves it out


def run_on_loop(
    callback: SessionCallback,
    run: Callable[[Coroutine[Any, Any, None]], Awaitable[None]] = lambda steps: steps,
) -> None:
    """Run a document's callback on the server's loop, by `run`. Bokeh 3.9 runs all callbacks there. Bokeh
    3.10 runs plain functions in worker threads, and only coroutine functions on the loop."""
    function = callback._callback

    async def once() -> None:
        with restore_curdoc():
            result: Any = function()
        if isawaitable(result):
            await result

    @wraps(function)
    async def on_the_loop() -> None:
        await run(once())

    callback._callback = cast(Any, on_the_loop)  # Bokeh 3.9 does not declare coroutine functions


@contextmanager
def restore_curdoc() -> Iterator[None]:
    """Restore `curdoc()` after the block, which awaits nothing. If a callback raises, Bokeh 3.9 leaves
    `curdoc()` at the viewer's document, and the author's next `show` fails."""
    patched = io.doc._PATCHED_CURDOCS
    depth = len(patched) if isinstance(patched, list) else 0
    try:
        yield
    finally:
        if isinstance(patched, list):
            del patched[depth:]


def find_current_document() -> Document:
    """Return `curdoc()`, or the author's document if Bokeh raises an error. It does so after a document has
    ended while a coroutine of its callbacks still waits: that document stays the current one."""
    try:
        return io.curdoc()
    except RuntimeError:
        return state.curstate().document


@contextmanager
def set_patch_connection(session: ServerSession, connection: ServerConnection) -> Iterator[None]:
    """Inside the block, attribute changes of the document to this viewer, so that Bokeh does not send them
    back."""
    session._current_patch_connection = connection
    try:
        yield
    finally:
        session._current_patch_connection = None


@cache
def _list_serialized_properties(
    cls: type[HasProps],
) -> tuple[Mapping[str, PropertyDescriptor[Any]], frozenset[str]]:
    """Return the serialised properties of a class in Bokeh's order, and the names of those without a
    default."""
    descriptors = {name: cls.lookup(name) for name in cls.properties(_with_props=True)}
    serialized = {name: descriptor for name, descriptor in descriptors.items() if descriptor.serialized}
    return serialized, frozenset(name for name, each in serialized.items() if not _has_default(cls, each))


def _has_default(cls: type[HasProps], descriptor: PropertyDescriptor[Any]) -> bool:
    try:
        return descriptor.class_default(cls) is not Undefined
    except Exception:  # the author's default may raise any error; then it is computed each time
        return False
