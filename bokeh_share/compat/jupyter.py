"""Uses private names of IPython, ipykernel and ipywidgets, where they have no public ones."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial, wraps
from typing import Any


def follow_publisher(
    publisher: Any, on_clear: Callable[[bool], None], on_output: Callable[[], None]
) -> Callable[[], None]:
    """Call `on_clear(wait)` after each `clear_output(wait)`, and `on_output` after each `display`. Return a
    function that stops this.

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
        if not kwargs.get("update"):
            on_output()
        return result

    def end() -> None:
        for name, method in (("clear_output", clear_output), ("publish", publish)):
            if vars(publisher).get(name) is method:
                delattr(publisher, name)  # restores the method of the class, unless the instance had another
                if name in before:
                    setattr(publisher, name, before[name])

    publisher.clear_output, publisher.publish = clear_output, publish  # on the shell's instance
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
