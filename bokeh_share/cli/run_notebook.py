"""A notebook from the command line: run in a kernel of its own, shared until Ctrl-C."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from ..errors import BokehShareError, CannotRun
from ..network.links import Link
from ..sharing.options import Options
from .in_kernel import Report
from .kernel_process import CellFailure, Ended, KernelProcess, Reply
from .notebook_source import CodeCell, NotebookSource, read
from .progress import Progress
from .run import SIGNALS, announce
from .schedule import Schedule

INSIDE = "__import__('bokeh_share.cli.in_kernel', fromlist=['inside'])"
NO_INPUT = "StdinNotImplementedError"


def share_notebook(path: Path, options: Options, *, watch: bool, every: float | None, browser: bool) -> None:
    """Run a notebook and keep its plots live until one of `SIGNALS` comes; then its kernel ends in order.

    It is run again as `watch` and `every` say, by the same kernel, so that pages change in place.
    Raises `CannotRun`, `MissingExtra` or `KernelDied`.
    """
    book = read(path)
    progress = Progress(sys.stdout, sys.stderr)
    if options.place is None and (number := book.outward) is not None:
        progress.say(f"cell {number} shares this notebook on the network, whatever the command line says")
    reruns = Schedule(
        path, read, watch=watch, every=every, complain=lambda text: progress.say(text, wrong=True)
    )
    with _ended_by_signals() as ended:
        worker = KernelProcess(path, book.kernel, ended=ended)
        try:
            worker.connect()
            live = _Live(worker, path, options, progress, browser=browser)
            while True:
                reruns.began(book)
                live.run(book)
                if reruns.expected:
                    progress.say(reruns.expected)
                while (newest := reruns.due()) is None:
                    worker.wait()
                book = newest
        except Ended:
            pass  # by a signal, which is how this comes to its end
        finally:
            worker.end()
    progress.say("sharing ended")


class _Live:
    """The runs of a notebook in one kernel, and what was said of them."""

    def __init__(
        self, worker: KernelProcess, path: Path, options: Options, progress: Progress, *, browser: bool
    ) -> None:
        self._worker, self._path, self._options, self._progress = worker, path, options, progress
        self._browser = browser
        self._cells: list[str] = []
        """The ids of all that were in the notebook when it was run last."""
        self._links: list[Link] = []
        self._notes: list[str] = []
        worker.on_output = progress.output

    def run(self, book: NotebookSource) -> None:
        """All cells from the top, as far as they go."""
        self._begin(book)
        began = time.monotonic()
        gone = [id for id in self._cells if all(id != cell.id for cell in book.cells)]
        self._cells = [cell.id for cell in book.cells]
        for index, cell in enumerate(book.cells):
            failure = self._run_cell(cell, index, book, deleted=gone if index == 0 else [])
            if failure is not None and not cell.may_fail:
                self._tell_failure(failure, index + 1, len(book.cells))
                return
        took = time.monotonic() - began
        self._progress.say(f"ran {_count(len(book.cells), 'cell')} in {took:.1f} s · {self._on_page()}")

    def _begin(self, book: NotebookSource) -> None:
        if book.kernel not in ("", self._worker.name) and not self._links:
            self._progress.say(f"there is no kernel {book.kernel!r} here, so {self._worker.name!r} runs it")
        options = asdict(self._options)
        # The kernel has it from its environment: no text that is run there has it in it.
        options["locked"] = options.pop("password") is not None
        answer = self._worker.ask(f"{INSIDE}.begin({options!r})")
        if isinstance(answer, CellFailure):
            self._refuse(answer)
        self._options = replace(self._options, fresh=False)  # once, whoever ends the share meanwhile
        self._heed(answer)

    def _refuse(self, failure: CellFailure) -> None:
        """Nothing can be shared at all."""
        if failure.name == "ModuleNotFoundError":
            reason = f"has a kernel ({self._worker.name!r}) without bokeh_share, or with another version"
            raise CannotRun(self._path.name, reason, "install it there too")
        raise BokehShareError(failure.value)  # one of the family, said there

    def _run_cell(
        self, cell: CodeCell, index: int, book: NotebookSource, *, deleted: list[str]
    ) -> CellFailure | None:
        self._progress.begin(index + 1, len(book.cells), cell.title)
        began = time.monotonic()
        reply = self._worker.run(cell.code, cell=cell.id, deleted=deleted, asking=f"{INSIDE}.report()")
        took = f"{time.monotonic() - began:.1f} s"
        failure = reply.failure
        if failure is None:
            self._progress.end(took)
        elif cell.may_fail:
            self._progress.end(f"failed as expected, with {failure.name} after {took}")
        else:
            self._progress.end(f"failed after {took}")
        self._heed(self._report_of(reply))
        return failure

    def _report_of(self, reply: Reply) -> Any:
        """A cell that failed has none with its reply."""
        return reply.answers["it"] if reply.failure is None else self._worker.ask(f"{INSIDE}.report()")

    def _heed(self, report: Report | CellFailure) -> None:
        """Say what is new: another link, and what the author should know."""
        if isinstance(report, CellFailure):  # as when a cell takes modules away
            return
        self._report = report
        links = [Link(**each) for each in report["links"]]
        if links and links != self._links:
            announce(links, token=report["token"], browser=self._browser and not self._links)
        if self._links and not links:
            self._progress.say("the notebook has ended sharing; its next run begins it again")
        for note in report["notes"]:
            if note not in self._notes:
                self._progress.say(note)
        self._links, self._notes = links, report["notes"]

    def _tell_failure(self, failure: CellFailure, number: int, of: int) -> None:
        self._progress.failed(failure.traceback)
        asks = ": a notebook that runs here cannot ask for input" if failure.name == NO_INPUT else ""
        left = f"; {_count(of - number, 'cell')} after it not run" if number < of else ""
        self._progress.say(f"cell {number} of {of} failed with {failure.name}{asks}{left}", wrong=True)
        self._progress.say(f"the last good state stays: {self._on_page()}", wrong=True)

    def _on_page(self) -> str:
        report = self._report
        apps = [_count(report["apps"], "app")] if report["apps"] else []
        return " and ".join([_count(report["plots"], "plot"), *apps]) + " on the page"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


@contextmanager
def _ended_by_signals() -> Iterator[Callable[[], bool]]:
    """Whether one of `SIGNALS` came. No exception: that would leave requests of the kernel half done.

    What is ignored, as for a program that a shell starts in the background, stays so.
    """
    came: list[int] = []
    numbers = [each for each in SIGNALS if signal.getsignal(each) != signal.SIG_IGN]
    former = {number: signal.signal(number, lambda number, frame: came.append(number)) for number in numbers}
    try:
        yield lambda: bool(came)
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
