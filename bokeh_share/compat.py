"""What of other packages is not public and has to be used all the same, each with its reason.

`tests/test_private.py` tells when one of these moves.
"""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache, partial, wraps
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
from tornado.websocket import WebSocketHandler


def get_notebook_hooks(notebook_type: str) -> dict[str, Any] | None:
    """The hooks installed for a notebook type. Bokeh can install and run hooks, but not tell them, and we
    wrap what was there and put it back."""
    hooks = notebook._HOOKS.get(notebook_type)
    return dict(hooks) if hooks is not None else None


def remove_notebook_hooks(notebook_type: str) -> None:
    """Undo `install_notebook_hook`, which has no counterpart."""
    notebook._HOOKS.pop(notebook_type, None)


def disable_notebook_output() -> None:
    """Undo `State.output_notebook`. The public way, `State.reset`, would also throw away the author's
    document and `output_file`."""
    current = state.curstate()
    current._notebook = False
    current._notebook_type = None


def follow_reset_output(on_reset: Callable[[], None]) -> Callable[[], None]:
    """Call `on_reset` after each `reset_output()` of the author's; returns what ends that. Bokeh tells
    nobody, and `show()` would reach no hook any more."""
    current = state.curstate()
    former_reset = current.reset

    def reset() -> None:
        former_reset()
        on_reset()

    def end() -> None:
        if vars(current).get("reset") is reset:
            del current.reset  # the class's own is there again

    current.reset = reset  # type: ignore[method-assign]  # of this instance, which lives as long as the process
    return end


def follow_publisher(
    publisher: Any, on_clear: Callable[[bool], None], on_output: Callable[[], None]
) -> Callable[[], None]:
    """Call `on_clear` after each `clear_output` of the author's, with whether it waits for the next output,
    and `on_output` after each `display`; returns what ends that. ipykernel's own hooks are of one thread
    each, and front ends send what a widget does to a subshell's. IPython in a terminal has none."""
    former_clear, former_publish = publisher.clear_output, publisher.publish
    before = vars(publisher).copy()

    @wraps(former_clear)
    def clear_output(wait: bool = False) -> None:
        former_clear(wait)
        on_clear(bool(wait))

    @wraps(former_publish)
    def publish(*args: Any, **kwargs: Any) -> Any:
        result = former_publish(*args, **kwargs)
        if not kwargs.get("update"):
            on_output()
        return result

    def end() -> None:
        for name, method in (("clear_output", clear_output), ("publish", publish)):
            if vars(publisher).get(name) is method:
                delattr(publisher, name)  # the class's own is there again, unless somebody had another
                if name in before:
                    setattr(publisher, name, before[name])

    publisher.clear_output, publisher.publish = clear_output, publish  # of this instance, the shell's
    return end


def follow_stream(stream: Any, on_text: Callable[[str], None]) -> Callable[[], None] | None:
    """Call `on_text` with the id of the request for which text was printed, when it is sent; returns what
    ends that, or None for a stream that is none of ipykernel's. Its hooks are of the thread that registers
    them, and only those of the thread that sends are called."""
    thread = getattr(stream, "pub_thread", None)
    if thread is None or not hasattr(stream, "register_hook"):
        return None

    def hook(message: Any) -> Any:
        on_text((message.get("parent_header") or {}).get("msg_id") or "")
        return message

    thread.schedule(partial(stream.register_hook, hook))
    return lambda: thread.schedule(partial(stream.unregister_hook, hook))


def list_output_widgets() -> dict[str, Any]:
    """The `Output` widgets that there are, by id, in the order in which they were made. ipywidgets tells one
    function of new widgets, which may be somebody else's; its own list is not public any more."""
    module, outputs = (sys.modules.get(f"ipywidgets.widgets.{name}") for name in ("widget", "widget_output"))
    if module is None or outputs is None or not hasattr(outputs, "Output"):
        return {}
    known = module._instances if hasattr(module, "_instances") else module.Widget.widgets
    return {id: widget for id, widget in known.copy().items() if isinstance(widget, outputs.Output)}


def get_property_values(model: Model) -> tuple[dict[str, Any], dict[str, Any]]:
    """The very dictionaries in which a model holds its properties, as far as somebody set or read them. A
    model that no document owns tells nobody of changes, and the public way takes a thousand times as long."""
    return model._property_values, model._unstable_default_values


def has_python_callbacks(model: Model) -> bool:
    """Whether this model alone has some; `submodel_has_python_callbacks` looks for all models that there are
    below it, which takes as long as a picture of them."""
    return bool(model._callbacks or model._event_callbacks)


def collect_set_properties(model: Model) -> dict[str, Any]:
    """What `Model.properties_with_values(include_defaults=False)` gives, which also works out the default of
    every other property, only to drop it: that is most of what serialising a figure takes."""
    descriptors, required = _list_serialized_properties(type(model))
    unstable, themed = model._unstable_default_values, model.themed_values() or {}
    chosen = model._property_values.keys() | unstable.keys() | themed.keys()
    values = {}
    for name, descriptor in descriptors.items():
        is_unchanged_default = name not in themed and isinstance(unstable.get(name), PropertyValueContainer)
        if (name in chosen and not is_unchanged_default) or name in required:
            value = descriptor.get_value(model)  # raises for what is required and was not set
            if name in chosen:
                values[name] = value
    return values


def is_serialized_as_usual(cls: type[Model]) -> bool:
    """Whether a class leaves it to Bokeh how its models are serialised, and which of their properties."""
    return all(
        getattr(cls, name) is getattr(Model, name)
        for name in ("to_serializable", "properties_with_values", "query_properties_with_values")
    )


def build_bundle(models: Sequence[Any]) -> str:
    """The script in which Bokeh bundles the implementation of the first of these models with those of the
    others, which it imports; each is like a `CustomModel`. The public `bundle_models` knows a bundle by the
    models' names alone, and gives an old one for a changed implementation; where one fails it prints, and
    ends the process.

    A page can load several: Bokeh calls the main module of each alike, and would run the first one's only;
    and it would register the others once more. The names of the author's files are left out.
    """
    script = compiler._bundle_models({model.full_name: model for model in models})
    script = re.sub(r"^//# sourceMappingURL=.*$", "", script, flags=re.MULTILINE)
    name = f"custom/main/{hashlib.sha256(script.encode()).hexdigest()[:16]}"
    head, first, body = script.partition('"custom/main": function')
    body, last, tail = body.rpartition('"custom/main")')
    export = f'"{models[0].name}": require("{models[0].module}").{models[0].name}'
    body, replaced = re.subn(r"(?<=const models = )\{[^}]*\}", lambda _: f"{{ {export} }}", body, count=1)
    assert first and last and replaced == 1, "Bokeh's bundles are made in another way"  # noqa: PT018
    return f'{head}"{name}": function{body}"{name}"){tail}'


@contextmanager
def skip_compilation(classes: Sequence[type[HasProps]]) -> Iterator[None]:
    """Inside, Bokeh and Panel take the bundles of these classes, and of all that there are, as made. Else
    whoever asks them what a page loads has all of these compiled, in their thread, and where one fails the
    process ends; there is no way to ask for the rest alone."""
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
    """Let a model be known by the id of another, whose place it takes; Bokeh chooses ids itself."""
    model._id = ID(id)  # type: ignore[attr-defined]  # Bokeh's stub leaves it out


def run_on_loop(
    callback: SessionCallback,
    run: Callable[[Coroutine[Any, Any, None]], Awaitable[None]] = lambda steps: steps,
) -> None:
    """Let a document's callback run on the server's loop, in this way. Bokeh 3.9 runs all of them there; 3.10
    runs plain functions in worker threads, and offers no way to say otherwise but that they are coroutine
    functions."""
    function = callback._callback

    async def once() -> None:
        with restore_curdoc():
            result: Any = function()
        if isawaitable(result):
            await result

    @wraps(function)
    async def on_the_loop() -> None:
        await run(once())

    callback._callback = cast(Any, on_the_loop)  # 3.9 declares no coroutine functions


@contextmanager
def restore_curdoc() -> Iterator[None]:
    """Bokeh 3.9 leaves `curdoc()` at a viewer's document when a callback raises, and for good, so that the
    author's next `show` fails. For code that awaits nothing."""
    patched = io.doc._PATCHED_CURDOCS
    depth = len(patched) if isinstance(patched, list) else 0
    try:
        yield
    finally:
        if isinstance(patched, list):
            del patched[depth:]


def count_sent_bytes(socket: WebSocketHandler) -> int:
    """How much a websocket's viewer, or the system for them, has taken. Tornado tells when all is taken, and
    not whether there is anything going on before."""
    stream = getattr(socket.ws_connection, "stream", None)
    return stream._total_write_done_index if stream is not None else 0


@contextmanager
def set_patch_connection(session: ServerSession, connection: ServerConnection) -> Iterator[None]:
    """Changes of the document come from this viewer, who need not be told of them."""
    session._current_patch_connection = connection
    try:
        yield
    finally:
        session._current_patch_connection = None


def notify_panel_on_load(document: Document) -> None:
    """Let Panel know when a viewer's page has drawn the document: until then it holds changes back, and the
    callbacks of `pn.state.onload`. Panel's own handlers do this; they also show the author's traceback to
    viewers, and leave the author's `curdoc()` at a viewer's document."""
    from panel.io.state import state as panel_state

    document.on_event("document_ready", partial(panel_state._schedule_on_load, document))


def list_panel_views(document: Document) -> list[Any]:
    """The objects of Panel's that are in a document, whoever put them there: Panel has no list of them."""
    from panel.io.state import state as panel_state

    return [view for view, _, shown_in, _ in panel_state._views.values() if shown_in is document]


@cache
def _list_serialized_properties(
    cls: type[HasProps],
) -> tuple[Mapping[str, PropertyDescriptor[Any]], frozenset[str]]:
    """The properties of a class that are serialised, in Bokeh's order, and those that have no default."""
    descriptors = {name: cls.lookup(name) for name in cls.properties(_with_props=True)}
    serialized = {name: descriptor for name, descriptor in descriptors.items() if descriptor.serialized}
    return serialized, frozenset(name for name, each in serialized.items() if not _has_default(cls, each))


def _has_default(cls: type[HasProps], descriptor: PropertyDescriptor[Any]) -> bool:
    try:
        return descriptor.class_default(cls) is not Undefined
    except Exception:  # an author's own default may raise anything: then it is asked for each time
        return False
