"""Runs the author's code for a viewer's document, on the kernel's loop."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from bokeh.io.doc import patch_curdoc
from bokeh.server.session import ServerSession

from ..compat import restore_curdoc
from .panel import use_server_resources

T = TypeVar("T")


def wrap_with_document(session: ServerSession, function: Callable[[], T]) -> Callable[[], T]:
    """Wrap `function` to run with a document as the current one, as the author's code expects."""

    def call() -> T:
        with restore_curdoc(), use_server_resources(), patch_curdoc(session.document):
            return function()

    return call


def wrap_as_coroutine(function: Callable[[], None]) -> Callable[[], Awaitable[None]]:
    """Wrap `function` as a coroutine, which every version of Bokeh calls on the loop."""

    async def call() -> None:
        with restore_curdoc(), use_server_resources():
            function()

    return call
