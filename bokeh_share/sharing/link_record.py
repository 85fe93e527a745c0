"""Reads and writes the file that stores a notebook's link. One living kernel at a time owns the file."""

from __future__ import annotations

import json
import os
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from filelock import FileLock

from ..server import private_files
from ..server.auth import Credentials
from .renamed_notebooks import NotebookIdentity

LOCK_TIMEOUT = 2.0
"""Seconds that another kernel may take to read or write the same file."""
MAX_CLOCK_DRIFT = 2.0
"""Maximum difference in seconds between two measurements of a process's start time."""
PREFIX_PATTERN = re.compile(r"/[A-Za-z0-9_-]{16,64}")


@dataclass(frozen=True)
class LinkRecord:
    """A notebook's link, as stored in its file."""

    port: int | None
    prefix: str = field(repr=False)
    credentials: Credentials
    owner: Any
    """The process that owns the link; None after it was released."""

    @classmethod
    def read(cls, file: Path) -> LinkRecord:
        """Read a record. Raises `FileNotFoundError`; for damaged data ValueError, TypeError, KeyError or
        RecursionError."""
        record = json.loads(file.read_bytes())
        port, prefix, owner = record["port"], record["prefix"], record["owner"]
        credentials = Credentials.from_dict(record)
        is_port = port is None or (type(port) is int and 0 < port < 65536)
        if not is_port or not PREFIX_PATTERN.fullmatch(prefix):
            raise ValueError("no port, or no prefix")
        return cls(port, prefix, credentials, owner)

    def write(self, file: Path, identity: NotebookIdentity) -> None:
        record = {"port": self.port, "prefix": self.prefix, "owner": self.owner}
        content = json.dumps(record | self.credentials.to_dict() | identity.to_dict())
        private_files.write_private_file(file, content.encode())

    @property
    def is_unreleased(self) -> bool:
        """True if another process owns the link, or owned it and ended without releasing it."""
        return self.owner is not None and self.owner != build_owner()

    @property
    def is_in_use(self) -> bool:
        """True if another living process owns the link."""
        return self.owner != build_owner() and _is_owner_alive(self.owner)


def write_forwarding_record(file: Path, notebook_path: Path) -> None:
    """Write that the notebook of a record has another name now, with its own record."""
    private_files.write_private_file(file, json.dumps({"now": notebook_path.name}).encode())


@contextmanager
def lock_records(file: Path) -> Iterator[None]:
    """Hold one file lock for all records, since a notebook's record may move to another name."""
    with warnings.catch_warnings():  # the author need not know that a file system has no locks
        warnings.simplefilter("ignore")
        with FileLock(file.with_name("records.lock"), timeout=LOCK_TIMEOUT, mode=0o600):
            yield


def build_owner() -> list[Any]:
    """Identify this process, in a way that no later process with the same id shares."""
    return [os.getpid(), psutil.Process().create_time()]


def _is_owner_alive(owner: Any) -> bool:
    with suppress(psutil.Error, TypeError, ValueError, OverflowError):
        pid, start_time = owner
        process = psutil.Process(pid)
        # Both are relative to the time of booting, by a clock that may be set meanwhile.
        is_same_process = abs(process.create_time() - start_time) < MAX_CLOCK_DRIFT
        return is_same_process and process.status() != psutil.STATUS_ZOMBIE
    return False
