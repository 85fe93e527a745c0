"""How code of the author's is run for a viewer's document, on the kernel's loop."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from bokeh.io.doc import patch_curdoc
from bokeh.server.session import ServerSession

from ..compat import curdoc_restored
from .panel import at_home

T = TypeVar("T")


def here(session: ServerSession, function: Callable[[], T]) -> Callable[[], T]:
    """`function` with a document as the current one, as the author's code expects it."""

    def call() -> T:
        with curdoc_restored(), at_home(), patch_curdoc(session.document):
            return function()

    return call


def on_the_loop(function: Callable[[], None]) -> Callable[[], Awaitable[None]]:
    """`function` as a coroutine, which Bokeh calls on the loop in each of its versions."""

    async def call() -> None:
        with curdoc_restored(), at_home():
            function()

    return call
