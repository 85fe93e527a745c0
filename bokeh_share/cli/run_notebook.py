"""Runs a notebook from the command line in its own kernel, and shares it until Ctrl-C."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from ..broker import BROKER_VARIABLE
from ..errors import BokehShareError, CannotRun
from ..network import Link
from ..sharing import PASSWORD_VARIABLE, Options
from ..text import format_quantity
from .in_kernel import ShareReport
from .kernel_process import CellFailure, ExecuteReply, KernelProcess, StopRequested
from .notebook_source import CodeCell, NotebookSource, read_notebook
from .progress import Progress
from .run import STOP_SIGNALS, announce_author_link, announce_links
from .schedule import RerunSchedule
from .terminal_notes import adapt_note

IN_KERNEL_MODULE = "__import__('bokeh_share.cli.in_kernel', fromlist=['in_kernel'])"
SHOW_HINT = "let a cell show one by show(), or as its last expression"
NO_INPUT_ERROR = "StdinNotImplementedError"


def share_notebook(
    path: Path,
    options: Options,
    *,
    command: str,
    watch: bool,
    every: float | None,
    browser: bool,
    author: bool,
) -> None:
    """Run a notebook and keep its plots live until one of `STOP_SIGNALS` comes; then shut down the kernel.

    `watch` and `every` select when the same kernel runs it again, so that pages change in place. `command` is
    the text that the author typed before the options; notes repeat it. With `author`, the link to the
    author's own page is printed too.
    Raises `CannotRun`, `MissingExtra` or `KernelDied`.
    """
    notebook = read_notebook(path)
    progress = Progress(sys.stdout, sys.stderr)
    if options.bind_address is None and (number := notebook.external_cell_number) is not None:
        progress.say(f"cell {number} shares this notebook on the network, even without --external here")
    schedule = RerunSchedule(
        path,
        read_notebook,
        watch=watch,
        every=every,
        on_failure=lambda text: progress.say(text, is_error=True),
    )
    with _catch_stop_signals() as is_stop_requested:
        kernel = KernelProcess(
            path,
            notebook.kernel,
            _build_kernel_environment(options),
            is_stop_requested=is_stop_requested,
            on_output=progress.write_output,
        )
        try:
            kernel.connect()
            runner = _NotebookRunner(
                kernel, path, options, progress, command=command, browser=browser, author=author
            )
            while True:
                schedule.record_start(notebook)
                runner.run(notebook)
                if schedule.wait_description:
                    progress.say(schedule.wait_description)
                while (newest := schedule.find_due_content()) is None:
                    kernel.forward_output()
                notebook = newest
        except StopRequested:
            pass  # a signal ends the command line
        finally:
            kernel.stop()
    progress.say("sharing ended")


class _NotebookRunner:
    """Runs a notebook in one kernel, and prints the progress."""

    def __init__(
        self,
        kernel: KernelProcess,
        path: Path,
        options: Options,
        progress: Progress,
        *,
        command: str,
        browser: bool,
        author: bool,
    ) -> None:
        self._author = author
        self._kernel, self._path, self._options, self._progress = kernel, path, options, progress
        self._command, self._browser = command, browser
        self._cell_ids: list[str] = []
        """The ids of all cells in the last run."""
        self._links: list[Link] = []
        self._notes: list[str] = []

    def run(self, notebook: NotebookSource) -> None:
        """Run all cells in order, until one fails."""
        self._start_share(notebook)
        started_at = time.monotonic()
        deleted_cells = [id for id in self._cell_ids if all(id != cell.id for cell in notebook.cells)]
        self._cell_ids = [cell.id for cell in notebook.cells]
        for index, cell in enumerate(notebook.cells):
            failure = self._run_cell(cell, index, notebook, deleted_cells=deleted_cells if index == 0 else [])
            if failure is not None and not cell.can_fail:
                self._print_failure(failure, index + 1, len(notebook.cells))
                return
        duration = time.monotonic() - started_at
        cells = format_quantity(len(notebook.cells), "cell")
        is_empty = not (self._report["plots"] or self._report["apps"])
        hint = f": {SHOW_HINT}" if is_empty else ""
        self._progress.say(f"ran {cells} in {duration:.1f} s · {self._describe_page()}{hint}")

    def _start_share(self, notebook: NotebookSource) -> None:
        if notebook.kernel not in ("", self._kernel.name) and not self._links:
            self._progress.say(
                f"there is no kernel {notebook.kernel!r} here, so the kernel {self._kernel.name!r} runs it"
            )
        options = asdict(self._options)
        options["has_password"] = options.pop("password") is not None
        options["broker"] = False if options["broker"] is False else None
        answer = self._kernel.evaluate(f"{IN_KERNEL_MODULE}.start_share({options!r})")
        if isinstance(answer, CellFailure):
            self._raise_failure(answer)
        self._options = replace(self._options, fresh=False)  # only once, even if the notebook ends the share
        self._handle_report(answer)

    def _raise_failure(self, failure: CellFailure) -> None:
        """Raise the failure, since nothing can be shared."""
        if failure.name == "ModuleNotFoundError":
            reason = f"has a kernel ({self._kernel.name!r}) without bokeh_share, or with another version"
            raise CannotRun(self._path.name, reason, "install this version in the kernel's environment")
        raise BokehShareError(failure.value)  # raised as such in the kernel

    def _run_cell(
        self, cell: CodeCell, index: int, notebook: NotebookSource, *, deleted_cells: list[str]
    ) -> CellFailure | None:
        self._progress.start_cell(index + 1, len(notebook.cells), cell.title)
        started_at = time.monotonic()
        reply = self._kernel.run(
            cell.code,
            cell_id=cell.id,
            deleted_cells=deleted_cells,
            expression=f"{IN_KERNEL_MODULE}.encode_report()",
        )
        duration = f"{time.monotonic() - started_at:.1f} s"
        failure = reply.failure
        if failure is None:
            self._progress.finish_cell(duration)
        elif cell.can_fail:
            self._progress.finish_cell(f"failed as expected, with {failure.name} after {duration}")
        else:
            self._progress.finish_cell(f"failed after {duration}")
        self._handle_report(self._read_report(reply))
        return failure

    def _read_report(self, reply: ExecuteReply) -> Any:
        """Return the report in a cell's reply; the reply of a failed cell has none."""
        return (
            reply.expression_values["it"]
            if reply.failure is None
            else self._kernel.evaluate(f"{IN_KERNEL_MODULE}.encode_report()")
        )

    def _handle_report(self, report: ShareReport | CellFailure) -> None:
        """Print a new link, and new notes for the author."""
        if isinstance(report, CellFailure):  # for example if a cell removes modules
            return
        self._report = report
        links = [Link(**each) for each in report["links"]]
        if links and links != self._links:
            is_first = not self._links
            announce_links(links, browser=self._browser and is_first and not self._author)
            if self._author and is_first:
                self._announce_author_link()
        if self._links and not links:
            self._progress.say("the notebook has stopped sharing; its next run starts it again")
        for note in report["notes"]:
            if note not in self._notes:
                self._progress.say(adapt_note(note, self._command))
        self._links, self._notes = links, report["notes"]

    def _announce_author_link(self) -> None:
        link = self._kernel.evaluate(f"{IN_KERNEL_MODULE}.create_author_link()")
        if link and not isinstance(link, CellFailure):
            announce_author_link(link["text"], link["url"], browser=self._browser)

    def _print_failure(self, failure: CellFailure, number: int, total: int) -> None:
        self._progress.write_traceback(failure.traceback)
        input_hint = (
            ": a notebook that is run from the command line cannot ask for input"
            if failure.name == NO_INPUT_ERROR
            else ""
        )
        remaining = (
            f"; {format_quantity(total - number, 'cell')} after it did not run" if number < total else ""
        )
        self._progress.say(
            f"cell {number} of {total} failed with {failure.name}{input_hint}{remaining}", is_error=True
        )
        self._progress.say(f"the page keeps its last good state: {self._describe_page()}", is_error=True)

    def _describe_page(self) -> str:
        report = self._report
        apps = [format_quantity(report["apps"], "app")] if report["apps"] else []
        return " and ".join([format_quantity(report["plots"], "plot"), *apps]) + " on the page"


def _build_kernel_environment(options: Options) -> dict[str, str]:
    """Build the environment of the kernel, with what must not be part of any code that the kernel runs."""
    variables = {PASSWORD_VARIABLE: options.password, BROKER_VARIABLE: options.broker}
    return {name: value for name, value in variables.items() if value}


@contextmanager
def _catch_stop_signals() -> Iterator[Callable[[], bool]]:
    """Yield a function that returns True if one of `STOP_SIGNALS` came.

    The signals raise no exception, which would leave requests to the kernel unfinished.

    Ignored signals, such as those of a program that a shell starts in the background, stay ignored.
    """
    received: list[int] = []
    numbers = [each for each in STOP_SIGNALS if signal.getsignal(each) != signal.SIG_IGN]
    previous_handlers = {
        number: signal.signal(number, lambda number, frame: received.append(number)) for number in numbers
    }
    try:
        yield lambda: bool(received)
    finally:
        for number, handler in previous_handlers.items():
            signal.signal(number, handler)
