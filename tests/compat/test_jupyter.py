"""Fails when a private name that we use has moved."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from types import SimpleNamespace
from unittest.mock import patch

import ipywidgets
import pytest
from ipykernel.iostream import IOPubThread, OutStream
from IPython.core.displaypub import DisplayPublisher
from jupyter_client.session import Session

from bokeh_share import compat


def test_clearing_and_displaying_call_back_until_it_is_ended() -> None:
    publisher = DisplayPublisher()
    before = vars(publisher).copy()
    calls: list[object] = []
    with patch.object(DisplayPublisher, "publish", autospec=True):
        end = compat.follow_publisher(publisher, calls.append, lambda *display: calls.append(display))
        publisher.clear_output()
        publisher.clear_output(wait=True)
        publisher.publish({"text/plain": "x"}, update=True, transient={"display_id": "d"})
        publisher.publish(data={"text/plain": "y"}, metadata={"a": 1})
        end()
        publisher.clear_output()
        publisher.publish({"text/plain": "x"})
    assert calls == [
        False,
        True,
        ({"text/plain": "x"}, {}, "d", True),
        ({"text/plain": "y"}, {"a": 1}, None, False),
    ]
    assert vars(publisher) == before


def test_the_value_of_a_cell_calls_back_after_it_was_displayed() -> None:
    steps: list[object] = []

    class Hook:
        def write_format_data(self, format_dict: object, md_dict: object = None) -> None:
            steps.append("written")

        def finish_displayhook(self) -> None:
            steps.append("displayed")

    hook = Hook()
    end = compat.follow_display_hook(hook, lambda *result: steps.append(result))
    hook.write_format_data({"text/plain": "x"}, {"a": 1})
    hook.finish_displayhook()
    hook.finish_displayhook()
    end()
    hook.write_format_data({"text/plain": "y"})
    hook.finish_displayhook()
    assert steps == [
        "written",
        "displayed",
        ({"text/plain": "x"}, {"a": 1}),
        "displayed",
        "written",
        "displayed",
    ]
    assert vars(hook) == {}


def test_what_somebody_else_has_put_in_place_of_clearing_is_there_again_when_it_is_ended() -> None:
    publisher, cleared, calls = DisplayPublisher(), list[bool](), list[bool]()
    publisher.clear_output = cleared.append  # type: ignore[method-assign,assignment]
    before = vars(publisher).copy()
    end = compat.follow_publisher(publisher, calls.append, lambda: None)
    publisher.clear_output(True)
    end()
    publisher.clear_output(False)
    assert (cleared, calls) == ([True, False], [True])
    assert vars(publisher) == before


class Direct(IOPubThread):
    """ipykernel's thread that sends, but without a thread."""

    def __init__(self) -> None:
        self.thread = None
        self.io_loop = SimpleNamespace(call_later=lambda *args: None)
        self.sent = 0

    def schedule(self, f: Callable[[], object]) -> None:
        f()

    def send_multipart(self, *args: object, **options: object) -> None:
        self.sent += 1


def test_the_request_that_printed_text_is_passed_on_until_it_is_ended() -> None:
    thread = Direct()
    stream = OutStream(Session(), thread, "stdout")
    calls: list[str] = []
    end = compat.follow_stream(stream, calls.append)
    assert end is not None
    for request in ("r1", "r2"):
        stream.set_parent({"header": {"msg_id": request}})
        stream.write("x")
        stream.flush()
        end()
    assert calls == ["r1"]
    assert thread.sent == 2
    stream.close()
    assert compat.follow_stream(io.StringIO(), calls.append) is None


def test_the_outputs_of_ipywidgets_are_found_in_the_order_in_which_they_were_made() -> None:
    outputs = [ipywidgets.Output() for _ in range(3)]
    slider = ipywidgets.IntSlider()
    found = compat.list_output_widgets()
    assert [widget for widget in found.values() if widget in outputs] == outputs
    assert slider.model_id not in found
    for widget in (slider, *outputs):
        widget.close()
    assert not compat.list_output_widgets().keys() & found.keys()


def test_without_ipywidgets_there_are_no_outputs(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("ipywidgets")]:
        monkeypatch.delitem(sys.modules, name)
    assert compat.list_output_widgets() == {}
