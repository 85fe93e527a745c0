"""What the next share of a notebook has again: the port, and the secret part of the link."""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from filelock import FileLock

from . import keeping

PATIENCE = 2.0
"""Seconds that another kernel has for reading or writing the same file."""
CLOCK = 2.0
"""Seconds by which the same process may seem to have started at another time."""
UNNAMED = re.compile(r"Untitled\W?\d*\.ipynb$")
"""What Jupyter and VS Code call a notebook before its author does: many are called so, by turns."""
PREFIX = re.compile(r"/[A-Za-z0-9_-]{16,64}")

DAMAGED = "what was remembered of this notebook's link could not be read, so the link is a new one"
TAKEN = "another kernel of this notebook has its link, so this one has its own"


def new_prefix() -> str:
    """128 bits that nobody guesses."""
    return "/" + secrets.token_urlsafe(16)


@dataclass
class Memory:
    """The port and prefix of a process's shares; of a notebook's, they outlive its kernel.

    For those there is a file, that one living kernel at a time has and others leave alone; only its user
    may read it. Nothing in here raises: what cannot be kept is said in `remark`.
    """

    port: int | None = None
    prefix: str = field(default_factory=new_prefix, repr=False)
    remark: str = ""
    """What the author should know about it."""
    file: Path | None = None
    notebook: Path | None = None
    """Its file, if it was there."""
    revoked: dict[str, int] = field(default_factory=dict, repr=False)
    """Who has logged out of a share of this process, whichever: `Lock` knows of whom."""

    @classmethod
    def of(cls, notebook: Path | None, folder: Path | None) -> Memory:
        """What `folder` has of a notebook; a new one for what is not remembered or is another kernel's."""
        if notebook is None or folder is None or UNNAMED.match(notebook.name):
            return cls()
        digest = hashlib.sha256(os.fsencode(notebook.absolute())).hexdigest()[:32]
        memory = cls(file=folder / f"{digest}.json", notebook=notebook if notebook.exists() else None)
        memory.take()
        return memory

    def take(self) -> None:
        """A share begins: have the link again, if no other kernel has taken it meanwhile."""
        if self.file is None:
            return
        self.remark = ""
        try:
            keeping.make(self.file.parent)
            with _locked(self.file):
                self._read(self.file)
                if self.file is not None:
                    self._write(self.file, _me())
        except Exception as error:  # file systems and lock libraries have many
            self._give_up(error)

    def keep(self, port: int) -> None:
        """The share is at `port` now."""
        self.port = port
        self._write_locked(_me())

    def renew(self) -> None:
        """Another secret part: what was below the old one is found there no more."""
        self.prefix = new_prefix()
        self._write_locked(_me())

    def let_go(self) -> None:
        """The share has ended; another kernel of the notebook may have its link now."""
        self._write_locked(None)

    def _read(self, file: Path) -> None:
        try:
            known = json.loads(file.read_bytes())
            port, prefix, owner = known["port"], known["prefix"], known["owner"]
            if not (port is None or (type(port) is int and 0 < port < 65536)) or not PREFIX.fullmatch(prefix):
                raise ValueError("no port, or no prefix")
        except FileNotFoundError:
            return
        except (ValueError, TypeError, KeyError, RecursionError):
            self.remark = DAMAGED
            return
        if owner != _me() and _is_alive(owner):
            self.port, self.prefix, self.remark, self.file = None, new_prefix(), TAKEN, None
        else:
            self.port, self.prefix = port, prefix

    def _write_locked(self, owner: Any) -> None:
        if self.file is None:
            return
        try:
            with _locked(self.file):
                if owner is None and self.notebook is not None and not self.notebook.exists():
                    self.file.unlink(missing_ok=True)  # the next notebook of that name is another one
                else:
                    self._write(self.file, owner)
        except Exception as error:
            self._give_up(error)

    def _write(self, file: Path, owner: Any) -> None:
        known = {"port": self.port, "prefix": self.prefix, "owner": owner}
        keeping.write(file, json.dumps(known).encode())

    def _give_up(self, error: Exception) -> None:
        reason = getattr(error, "strerror", None) or str(error)
        self.remark = f"the link cannot be remembered for the next kernel ({reason.lower()})"
        self.file = None


def recalled(notebook: Path | None) -> Memory:
    """What is remembered of this notebook in Jupyter's data directory; without either, nothing yet."""
    return Memory.of(notebook, keeping.folder())


@contextmanager
def _locked(file: Path) -> Iterator[None]:
    with warnings.catch_warnings():  # where a file system has no locks, that is no news for the author
        warnings.simplefilter("ignore")
        with FileLock(file.with_suffix(".lock"), timeout=PATIENCE, mode=0o600):
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
