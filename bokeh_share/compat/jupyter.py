"""Uses private names of IPython, ipykernel and ipywidgets, where they have no public ones."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from functools import partial, wraps
from typing import Any

OnPublish = Callable[[Mapping[str, Any], Mapping[str, Any], str | None, bool], None]
"""Called with the representations of a displayed object by MIME type, their metadata, the display id if it
has one, and True for an update of it."""


def follow_publisher(
    publisher: Any, on_clear: Callable[[bool], None], on_display: OnPublish
) -> Callable[[], None]:
    """Call `on_clear(wait)` after each `clear_output(wait)`, and `on_display` after each `display` and
    `update_display`. Return a function that stops this.

    ipykernel's own hooks are per thread, while front ends send widget events to the thread of a subshell.
    IPython in a terminal has no such hooks.
    """
    former_clear, former_publish = publisher.clear_output, publisher.publish
    before = vars(publisher).copy()

    @wraps(former_clear)
    def clear_output(wait: bool = False) -> None:
        former_clear(wait)
        on_clear(bool(wait))

    @wraps(former_publish)
    def publish(*args: Any, **kwargs: Any) -> Any:
        result = former_publish(*args, **kwargs)
        data, metadata = (*args, None, None)[:2]
        data, metadata = kwargs.get("data", data), kwargs.get("metadata", metadata)
        display_id = (kwargs.get("transient") or {}).get("display_id")
        on_display(data or {}, metadata or {}, display_id, bool(kwargs.get("update")))
        return result

    def end() -> None:
        for name, method in (("clear_output", clear_output), ("publish", publish)):
            if vars(publisher).get(name) is method:
                delattr(publisher, name)  # restores the method of the class, unless the instance had another
                if name in before:
                    setattr(publisher, name, before[name])

    publisher.clear_output, publisher.publish = clear_output, publish  # on the shell's instance
    return end


def follow_display_hook(
    hook: Any, on_result: Callable[[Mapping[str, Any], Mapping[str, Any]], None]
) -> Callable[[], None]:
    """Call `on_result` with the representations of the value of a cell's last expression, and their metadata,
    after they were displayed. Return a function that stops this.

    A hook prints or sends them in two steps; no event has them.
    """
    former_write, former_finish = hook.write_format_data, hook.finish_displayhook
    before = vars(hook).copy()
    written: list[tuple[Mapping[str, Any], Mapping[str, Any]]] = []

    @wraps(former_write)
    def write_format_data(format_dict: Any, md_dict: Any = None) -> Any:
        written[:] = [(format_dict or {}, md_dict or {})]
        return former_write(format_dict, md_dict)

    @wraps(former_finish)
    def finish_displayhook() -> Any:
        result = former_finish()
        results, written[:] = [*written], []
        for each in results:
            on_result(*each)
        return result

    def end() -> None:
        for name, method in (
            ("write_format_data", write_format_data),
            ("finish_displayhook", finish_displayhook),
        ):
            if vars(hook).get(name) is method:
                delattr(hook, name)
                if name in before:
                    setattr(hook, name, before[name])

    hook.write_format_data, hook.finish_displayhook = write_format_data, finish_displayhook
    return end


def follow_stream(stream: Any, on_text: Callable[[str], None]) -> Callable[[], None] | None:
    """Call `on_text` with the request id of printed text when the text is sent. Return a function that stops
    this; None if the stream is not ipykernel's.

    ipykernel's hooks belong to the thread that registers them, and only those of the sending thread are
    called.
    """
    thread = getattr(stream, "pub_thread", None)
    if thread is None or not hasattr(stream, "register_hook"):
        return None

    def hook(message: Any) -> Any:
        on_text((message.get("parent_header") or {}).get("msg_id") or "")
        return message

    thread.schedule(partial(stream.register_hook, hook))
    return lambda: thread.schedule(partial(stream.unregister_hook, hook))


def list_output_widgets() -> dict[str, Any]:
    """Return the existing `Output` widgets by id, in order of creation. ipywidgets has a single callback for
    new widgets, which another package may use; its list of widgets is no longer public."""
    module, outputs = (sys.modules.get(f"ipywidgets.widgets.{name}") for name in ("widget", "widget_output"))
    if module is None or outputs is None or not hasattr(outputs, "Output"):
        return {}
    known = module._instances if hasattr(module, "_instances") else module.Widget.widgets
    return {id: widget for id, widget in known.copy().items() if isinstance(widget, outputs.Output)}
