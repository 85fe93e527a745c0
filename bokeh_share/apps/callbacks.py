"""The callbacks that an app's function adds to a viewer's document."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from bokeh.document import Document

from ..server import log_misuse
from .failures import is_author_error
from .panel import PanelCoroutine


class CallbackRunner:
    """Runs the callbacks of one viewer's document, each in the viewer's turn."""

    def __init__(
        self,
        on_failure: Callable[[Exception], None],
        wait_for_turn: Callable[[], Awaitable[None]] | None,
        on_time_spent: Callable[[float], None],
    ) -> None:
        """The callbacks await `wait_for_turn` before they run, and report to `on_time_spent` how many seconds
        they took. `on_failure` is called with the author's errors."""
        self._on_failure = on_failure
        self._wait_for_turn, self._on_time_spent = wait_for_turn, on_time_spent

    async def run(self, coroutine: Coroutine[Any, Any, None]) -> None:
        """Run a callback of the document. Bokeh would print each of its errors into the author's cell."""
        try:
            if self._wait_for_turn is not None:
                await self._wait_for_turn()
            await PanelCoroutine(coroutine, self._on_time_spent)
        except Exception as error:
            if is_author_error(error):
                self._on_failure(error)
            else:
                log_misuse("app message with a value that Panel rejects")


class FormerCallbacks:
    """The callbacks and scripts that a document had before a further call of its function."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._session_callbacks = document.session_callbacks
        scripts = document.callbacks.js_event_callbacks
        self._scripts = {event: [*of_event] for event, of_event in scripts.items()}

    def remove(self) -> None:
        """Keep only what the further call has added."""
        for callback in self._session_callbacks:
            if callback in self._document.session_callbacks:
                self._document.callbacks.remove_session_callback(callback)
        scripts = self._document.callbacks.js_event_callbacks
        for event, of_event in self._scripts.items():
            scripts[event] = [each for each in scripts[event] if each not in of_event]

    def restore_scripts(self) -> None:
        """Remove the scripts that the further call has added, since it failed."""
        scripts = self._document.callbacks.js_event_callbacks
        scripts.clear()
        scripts.update(self._scripts)
