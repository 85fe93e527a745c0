"""What the next share of a notebook has again: the port, the secret part of the link, and its password."""

from __future__ import annotations

import json
import os
import re
import secrets
import warnings
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from filelock import FileLock

from ..server import private_files
from ..server.auth.password import Credentials, Password
from .renamed_notebooks import Trace, alike, cell_ids, is_beside, is_same, left_behind, record_of

LOCK_TIMEOUT = 2.0
"""Seconds that another kernel has for reading or writing the same file."""
CLOCK = 2.0
"""Seconds by which the same process may seem to have started at another time."""
UNNAMED = re.compile(r"Untitled\W?\d*\.ipynb$")
"""What Jupyter and VS Code call a notebook before its author does. Many are called so, by turns: only their
cells tell them apart."""
RENAMES = 20
"""How often a notebook may have been renamed while its kernel goes by the first name."""
PREFIX = re.compile(r"/[A-Za-z0-9_-]{16,64}")

DAMAGED = "what was remembered of this notebook's link could not be read, so the link is a new one"
TAKEN = "another kernel of this notebook has its link, so this one has its own"
LOST = "this notebook was renamed or moved and is not known by its cells, so the link is a new one"
COPIED = "this notebook was renamed, and others have the same cells, so the link is a new one"
MOVED = "this notebook was in another folder before, so the link is a new one"


def new_prefix() -> str:
    """128 bits that nobody guesses."""
    return "/" + secrets.token_urlsafe(16)


@dataclass
class LinkStore:
    """The link of a process's shares, and what guards it; of a notebook's, they outlive its kernel.

    For those there is a file, that one living kernel at a time has and others leave alone; only its user
    may read it. Nothing in here raises: what cannot be kept is said in `remark`.
    """

    port: int | None = None
    prefix: str = field(default_factory=new_prefix, repr=False)
    credentials: Credentials = field(default_factory=Credentials)
    """What viewers have to give besides the link. Only `renew` takes a password away."""
    has_new_password: bool = False
    """Whether it was set for the share that runs, not for one before."""
    was_left: bool = False
    """Whether the kernel before did not let go of it: that may still be ending, and have the port."""
    note: str = ""
    """What the author should know about it."""
    file: Path | None = None
    notebook: Path | None = None
    """Its file, wherever that is by now; there need not be one."""
    seen: Callable[[], Collection[str]] = field(default=tuple, repr=False)
    """Gives the ids of its cells as they were read last while its kernel ran."""
    cells: frozenset[str] = field(default=frozenset(), repr=False)
    _was_there: bool = False
    """Whether there was such a file."""
    _is_taken: bool = False
    """Whether this process had the link before."""
    revoked: dict[str, int] = field(default_factory=dict, repr=False)
    """Who has logged out of a share of this process, whichever: `Password` knows of whom."""

    @classmethod
    def of(
        cls, notebook: Path | None, folder: Path | None, seen: Callable[[], Collection[str]] = tuple
    ) -> LinkStore:
        """What `folder` has of a notebook; a new one for what is not remembered or is another kernel's."""
        if notebook is None or folder is None:
            return cls()
        notebook = notebook.absolute()
        file = record_of(notebook, folder)
        if UNNAMED.match(notebook.name) and not (notebook.exists() or file.exists()):
            return cls()
        link_store = cls(file=file, notebook=notebook, seen=seen)
        link_store.take()
        return link_store

    def take(self) -> None:
        """A share begins: have the link again, if no other kernel has taken it meanwhile."""
        self.has_new_password = self.was_left = False
        if self.file is None or self.notebook is None:
            return
        self.note = ""
        try:
            private_files.make(self.file.parent)
            with _locked(self.file):
                former = self._find(self.notebook, self.file)
                if former is not None:
                    self._read(former)
                self._look()
                if self.file is not None:
                    self._is_taken = True
                    self._write(self.file, _me())
                    if former is not None and former != self.file:
                        private_files.write(former, json.dumps({"now": self.notebook.name}).encode())
        except Exception as error:  # file systems and lock libraries have many
            self._give_up(error)

    def keep(self, port: int) -> None:
        """The share is at `port` now."""
        self.port = port
        self._write_locked(_me())

    def protect(self, password: str) -> None:
        """Ask viewers for this password. Takes as long as one try of it."""
        self.credentials, self.has_new_password = self.credentials.protected(password), True
        self._write_locked(_me(), revokes=True)

    @property
    def has_password(self) -> bool:
        return self.credentials.password is not None

    def lock(self, port: int) -> Password | None:
        """What the door at this port asks for the password; None where there is none."""
        return self.credentials.lock(port, self.revoked)

    def renew(self, *, keeps_password: bool = False) -> None:
        """Another link: what was below the old one is found there no more, and no ticket holds."""
        self.prefix, self.has_new_password = new_prefix(), False
        self.credentials = self.credentials.renewed() if keeps_password else Credentials()
        self._write_locked(_me(), revokes=True)

    def let_go(self) -> None:
        """The share has ended; another kernel of the notebook may have its link now."""
        self._look()
        self._write_locked(None)

    def _find(self, notebook: Path, file: Path) -> Path | None:
        """The record that is this notebook's, under whichever name; None if it has none yet.

        A kernel goes by the name that its notebook had when it was started first, also after restarts.
        """
        trace = Trace.of(file)
        for _ in range(RENAMES):
            if not trace.now or notebook.exists():
                break
            notebook = notebook.with_name(trace.now)
            file = record_of(notebook, file.parent)
            trace = Trace.of(file)
        self.notebook, self.file = notebook, file
        if not notebook.exists():
            return self._find_by_trace(trace, file)
        cells = cell_ids(notebook)
        if file.exists() and not trace.now and not self._gives_way(trace, cells):
            return file
        return self._find_by_cells(cells, notebook, file)

    def _gives_way(self, trace: Trace, cells: frozenset[str]) -> bool:
        """Whether the record under this notebook's name is that of one which had the name before.

        That one gets it, if it can be found.
        """
        assert self.notebook is not None
        assert self.file is not None
        if is_same(trace.cells, cells):
            return False
        others = alike(self.notebook.parent, trace.cells) if trace.cells and cells else []
        if others and len(others) == 1 and not record_of(others[0], self.file.parent).exists():
            os.replace(self.file, record_of(others[0], self.file.parent))
        return bool(others) or trace.gone or UNNAMED.match(self.notebook.name) is not None

    def _find_by_cells(self, cells: frozenset[str], notebook: Path, file: Path) -> Path | None:
        """The record of a notebook that is there no more and had these cells, if only this one can be it."""
        left = left_behind(file.parent, cells)
        near = {record: trace for record, trace in left.items() if is_beside(notebook, trace)}
        rivals: list[Path] | None = []
        if len(near) == 1:
            ((record, trace),) = near.items()
            rivals = alike(notebook.parent, trace.cells)
            if rivals == [notebook]:
                return record
        self.note = LOST if rivals is None else COPIED if near else MOVED if left else ""
        return None

    def _find_by_trace(self, trace: Trace, file: Path) -> Path | None:
        """The record of the notebook that this kernel began with, whose file is gone: found by its cells."""
        if trace.notebook is None or not trace.cells or self._is_taken:
            return file  # by its name alone, as where front ends keep notebooks elsewhere
        found = alike(trace.notebook.parent, trace.cells) or []
        if len(found) == 1:
            self.notebook = found[0]
            self.file = record_of(found[0], file.parent)
            if self.file.exists():
                return self.file
            left = left_behind(file.parent, cell_ids(found[0]))
            if [record for record, each in left.items() if is_beside(found[0], each)] == [file]:
                return file
        self.note, self.file = COPIED if found else LOST, None
        return None

    def _look(self) -> None:
        """See which cells the notebook has by now."""
        if self.notebook is not None:
            self._was_there = self._was_there or self.notebook.exists()
            self.cells = cell_ids(self.notebook) or frozenset(self.seen()) or self.cells

    @property
    def _is_gone(self) -> bool:
        return self._was_there and self.notebook is not None and not self.notebook.exists()

    def _read(self, file: Path) -> None:
        try:
            known = json.loads(file.read_bytes())
            port, prefix, owner = known["port"], known["prefix"], known["owner"]
            credentials = Credentials.read(known)
            if not (port is None or (type(port) is int and 0 < port < 65536)) or not PREFIX.fullmatch(prefix):
                raise ValueError("no port, or no prefix")
        except FileNotFoundError:
            return
        except (ValueError, TypeError, KeyError, RecursionError):
            self.note = DAMAGED
            return
        if owner != _me() and _is_alive(owner):
            self.port, self.prefix, self.note, self.file = None, new_prefix(), TAKEN, None
            # The notebook's author counts on its password, whichever link they pass on.
            self.credentials = (credentials if credentials.password else self.credentials).renewed()
        else:
            self.port, self.prefix, self.credentials = port, prefix, credentials
            self.was_left = owner is not None and owner != _me()

    def _write_locked(self, owner: Any, *, revokes: bool = False) -> None:
        """`revokes` says that the next kernel must not have what the file has had until now."""
        if self.file is None:
            return
        try:
            with _locked(self.file):
                if owner is None and self._is_gone and not self.cells:
                    self.file.unlink(missing_ok=True)  # the next notebook of that name is another one
                else:
                    self._write(self.file, owner)
        except Exception as error:
            file = self.file
            self._give_up(error)
            if revokes:
                self._discard(file)

    def _write(self, file: Path, owner: Any) -> None:
        trace = Trace(self.notebook, self.cells, self._is_gone)
        known = {"port": self.port, "prefix": self.prefix, "owner": owner}
        private_files.write(file, json.dumps(known | self.credentials.written() | trace.written()).encode())

    def _give_up(self, error: Exception) -> None:
        reason = getattr(error, "strerror", None) or str(error)
        self.note = f"the link cannot be remembered for the next kernel ({reason.lower()})"
        self.file = None

    def _discard(self, file: Path) -> None:
        """Rather a new link for the next kernel than one that was replaced, or that had no password."""
        try:
            file.unlink(missing_ok=True)
        except OSError:
            self.note += ", which has it as it was before"


def recalled(notebook: Path | None, seen: Callable[[], Collection[str]] = tuple) -> LinkStore:
    """What is remembered of this notebook in Jupyter's data directory; without either, nothing yet."""
    return LinkStore.of(notebook, private_files.folder(), seen)


@contextmanager
def _locked(file: Path) -> Iterator[None]:
    """Of all records: a notebook's may become that of another name."""
    with warnings.catch_warnings():  # where a file system has no locks, that is no news for the author
        warnings.simplefilter("ignore")
        with FileLock(file.with_name("records.lock"), timeout=LOCK_TIMEOUT, mode=0o600):
            yield


def _me() -> list[Any]:
    """This process, told from a later one that has its number."""
    return [os.getpid(), psutil.Process().create_time()]


def _is_alive(owner: Any) -> bool:
    with suppress(psutil.Error, TypeError, ValueError, OverflowError):
        pid, started = owner
        process = psutil.Process(pid)
        # Both are counted from when the system booted, by a clock that may be set meanwhile.
        same = abs(process.create_time() - started) < CLOCK
        return same and process.status() != psutil.STATUS_ZOMBIE
    return False
