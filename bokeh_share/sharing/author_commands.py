"""Carries out what the author's own pages ask for: in the viewers' thread, or on the kernel's loop."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from threading import Lock as Mutex
from typing import Any, Protocol

from .. import limits
from ..broadcast import AnswerCommand
from ..errors import BokehShareError
from ..text import sanitize_for_log
from ..wire import AuthorCommand
from .options import Options
from .plot_control import PlotControl

log = logging.getLogger(__name__)


class ControlledShare(Protocol):
    """The share, as the author's pages control it. `pause` and `resume` run in any thread, the rest on the
    kernel's loop."""

    @property
    def is_running(self) -> bool: ...

    @property
    def is_busy(self) -> bool:
        """True while a cell keeps the loop busy."""

    def pause(self) -> None: ...

    def resume(self) -> None: ...

    def change(self, options: Options) -> None:
        """Apply options as the magic does."""

    def stop(self) -> None: ...


class AuthorCommands:
    """Carries out the commands of the author's pages. Exists as long as the share.

    Commands for the kernel wait in a queue of limited length until the running cell ends, and the page
    says so. Each command calls what the magic and `Share` call.
    """

    def __init__(
        self,
        share: ControlledShare,
        plot_control: PlotControl,
        schedule: Callable[[float, Callable[[], None]], None],
        describe: Callable[[], Mapping[str, Any]],
    ) -> None:
        """`schedule` calls a function on the kernel's loop. `describe` returns what the pages show of the
        share; any thread may call both."""
        self._share, self._plot_control = share, plot_control
        self._schedule, self._describe = schedule, describe
        self._waiting_count = 0
        self._mutex = Mutex()
        self._new_link_answer: AnswerCommand | None = None
        """Answers the command that makes a new link, while it runs."""

    def describe(self) -> Mapping[str, Any]:
        return {
            **self._describe(),
            "dropped": self._plot_control.describe_dropped(),
            "waiting": self._waiting_count,
        }

    def execute(self, command: AuthorCommand, answer: AnswerCommand) -> None:
        """Carry out a command. Called in the viewers' thread."""
        if command.name in ("pause", "resume"):
            self._share.pause() if command.name == "pause" else self._share.resume()
            answer("done", "", "")
            return
        with self._mutex:
            is_full = self._waiting_count >= limits.MAX_QUEUED_COMMANDS
            self._waiting_count += not is_full
        if is_full:
            answer(
                "failed", "too many changes wait for the running cell: interrupt it, or try again later", ""
            )
            return
        if self._share.is_busy:
            answer("waiting", "waits until the running cell ends", "")
        self._schedule(0, lambda: self._run(command, answer))

    def send_new_link(self, relative_url: str) -> None:
        """Let the page that asked for a new link continue there; other pages of the author end."""
        if self._new_link_answer is not None:
            self._new_link_answer("done", "", relative_url)

    @property
    def is_replacing_link(self) -> bool:
        """True while a page's command makes a new link."""
        return self._new_link_answer is not None

    def _run(self, command: AuthorCommand, answer: AnswerCommand) -> None:
        with self._mutex:
            self._waiting_count -= 1
        if not self._share.is_running:
            return
        try:
            self._apply(command, answer)
        except BokehShareError as error:
            answer("failed", str(error), "")
        except Exception as error:
            log.error("a command of the author's page failed", exc_info=sanitize_for_log(error))
            answer("failed", f"it failed with {type(error).__name__}; the kernel's log says more", "")
        else:
            answer("done", "", "")

    def _apply(self, command: AuthorCommand, answer: AnswerCommand) -> None:
        name, arguments, plots = command.name, command.arguments, self._plot_control
        if name == "replace_link":
            self._new_link_answer = answer
            try:
                self._share.change(Options(fresh=True, token=True))
            finally:
                self._new_link_answer = None
        elif name == "set_password":
            self._share.change(Options(password=arguments["password"]))
        elif name == "set_title":
            self._share.change(Options(title=arguments["title"]))
        elif name == "arrange":
            plots.arrange(arguments["plots"])
        elif name == "drop":
            plots.drop_item(arguments["name"])
        elif name == "restore":
            plots.restore_item(arguments["name"])
        elif name == "set_caption":
            plots.set_caption(arguments["plot"], arguments["caption"])
        elif name == "stop":
            self._share.stop()
