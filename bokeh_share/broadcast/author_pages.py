"""The author's own pages: they present, put pins, send viewers away, and pass commands on to the share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from .. import limits
from ..plots import Page
from ..server import log_misuse
from ..wire import (
    AnswerState,
    AuthorCommand,
    PresentedView,
    Spot,
    encode_answer,
    encode_author_state,
    frame_message,
    read_author_message,
)
from .frame_source import FrameReceiver
from .pointing_board import PointingBoard
from .presentation import Presentation
from .thread import ViewersThread

STATE_INTERVAL = 0.1
"""Minimum number of seconds between two messages with the state."""

AnswerCommand = Callable[[AnswerState, str, str], None]
"""Answers a command with a state, a text and the URL where the page continues."""


class AuthorControl(Protocol):
    """The share, as far as the author's pages control it. Called in the viewers' thread, so its methods must
    neither wait nor read objects of the author's."""

    def execute(self, command: AuthorCommand, answer: AnswerCommand) -> None:
        """Carry out a command now, or on the kernel's loop. `answer` may be called from any thread."""

    def describe(self) -> Mapping[str, Any]:
        """Return what the author's pages show of the share, as data for JSON."""


class Connections(Protocol):
    """The open connections. See `ConnectionRegistry`."""

    def describe_viewers(self, now: float) -> list[dict[str, Any]]: ...

    def send_away(self, number: int) -> None: ...

    def send_updates(self) -> None: ...


class Pins(Protocol):
    """See `PinBoard`."""

    def add(self, spot: Spot, text: str, page: Page) -> str: ...

    def remove(self, number: int) -> None: ...


class Board(Protocol):
    """The hub, as far as the author's pages use it. See `Hub`."""

    @property
    def page(self) -> Page: ...

    @property
    def presentation(self) -> Presentation: ...

    @property
    def pin_board(self) -> Pins: ...

    @property
    def pointing_board(self) -> PointingBoard: ...


class AuthorPages:
    """The open pages of the author. Exists as long as the share, in the viewers' thread.

    They act here without waiting for a cell: they present, put pins and send viewers away. All other
    commands are passed on to `control`. Two pages at once both work; the one that presented last presents.
    """

    def __init__(
        self, thread: ViewersThread, hub: Board, connections: Connections, control: AuthorControl | None
    ) -> None:
        """Without `control` there are no pages of the author."""
        self._thread, self._hub, self._connections, self._control = thread, hub, connections, control
        self._pages: dict[FrameReceiver, bytes] = {}
        """The pages, each with the state that it was sent last."""
        self._is_state_requested = False
        self._is_step_scheduled = False
        self._last_step = 0.0

    def __len__(self) -> int:
        return len(self._pages)

    def add(self, page: FrameReceiver) -> None:
        self._pages[page] = b""
        self._send_state()

    def discard(self, page: FrameReceiver) -> None:
        """Remove a page that was closed; what it presented ends."""
        self._pages.pop(page, None)
        if self._hub.presentation.presenter is page:
            self._end_presentation()

    def request_state(self) -> None:
        """Send the pages the newest state soon. May be called from any thread."""
        if self._pages and not self._is_state_requested:
            self._is_state_requested = True
            self._thread.call_soon(self._thread.loop.call_later, STATE_INTERVAL, self._send_state)

    def apply_timeouts(self, now: float) -> None:
        """End a presentation in which nothing happens; send the state if a viewer became slow."""
        presentation = self._hub.presentation
        is_idle = now - presentation.changed_at > limits.PRESENTATION_TIMEOUT
        if presentation.presenter is not None and is_idle:
            self._end_presentation()
        if self._pages:
            self._send_state()

    def handle(self, page: FrameReceiver, text: bytes) -> None:
        """Handle one message of a page."""
        message = read_author_message(text)
        if isinstance(message, PresentedView):
            if self._hub.presentation.update(page, message, self._thread.loop.time()):
                self._schedule_step()
        elif isinstance(message, AuthorCommand) and self._control is not None:
            self._run_command(page, message, self._control)
        else:
            log_misuse("unknown message from the author's page")

    def _run_command(self, page: FrameReceiver, command: AuthorCommand, control: AuthorControl) -> None:
        arguments = command.arguments
        problem = ""
        if command.name == "start_presenting":
            self._hub.presentation.start(page, self._thread.loop.time())
            self._schedule_step()
        elif command.name == "stop_presenting":
            self._end_presentation()
        elif command.name == "pin":
            problem = self._hub.pin_board.add(arguments["spot"], arguments["text"], self._hub.page)
            self._connections.send_updates()
        elif command.name == "unpin":
            self._hub.pin_board.remove(arguments["pin"])
            self._connections.send_updates()
        elif command.name == "send_away":
            self._connections.send_away(arguments["viewer"])
        else:
            control.execute(command, self._build_answer(page, command.number))
            return
        self._answer(page, command.number, "failed" if problem else "done", problem)
        self.request_state()

    def _build_answer(self, page: FrameReceiver, number: int) -> AnswerCommand:
        def answer(state: AnswerState, text: str = "", url: str = "") -> None:
            self._thread.call_soon(self._answer, page, number, state, text, url)
            self.request_state()

        return answer

    def _answer(
        self, page: FrameReceiver, number: int, state: AnswerState, text: str = "", url: str = ""
    ) -> None:
        if page in self._pages:
            page.send_frame(frame_message(encode_answer(number, state, text, url)))

    def _send_state(self) -> None:
        self._is_state_requested = False
        if self._control is None or not self._pages:
            return
        presenter = self._hub.presentation.presenter
        state = {
            **self._control.describe(),
            "viewers": self._connections.describe_viewers(self._thread.loop.time()),
            "pointed": [
                {**each.pointing.to_dict(), "at": each.pointed_at}
                for each in self._hub.pointing_board.pointed
            ],
        }
        for page, former in [*self._pages.items()]:
            presenting = None if presenter is None else "here" if presenter is page else "elsewhere"
            frame = frame_message(encode_author_state({**state, "presenting": presenting}))
            if frame != former:
                self._pages[page] = frame
                page.send_frame(frame)

    def _end_presentation(self) -> None:
        self._hub.presentation.end()
        self._schedule_step()
        self.request_state()

    def _schedule_step(self) -> None:
        """Send viewers the newest view, at most once per `PRESENTATION_INTERVAL`."""
        if not self._is_step_scheduled:
            self._is_step_scheduled = True
            due = self._last_step + limits.PRESENTATION_INTERVAL
            self._thread.loop.call_at(max(due, self._thread.loop.time()), self._send_step)

    def _send_step(self) -> None:
        self._is_step_scheduled = False
        if self._hub.presentation.is_due:
            self._last_step = self._thread.loop.time()
            self._hub.presentation.publish()
            self._connections.send_updates()
