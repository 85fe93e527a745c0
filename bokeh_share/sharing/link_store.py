"""Stores the port, the token and the password of the link for the next share of a notebook."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..server import private_files
from ..server.auth import Credentials, Password
from .link_record import LinkRecord, build_owner, lock_records, write_forwarding_record
from .record_search import DEFAULT_NAME_PATTERN, RecordSearch
from .renamed_notebooks import NotebookIdentity, build_record_path, read_cell_ids

DAMAGED_RECORD_NOTE = "the stored link of this notebook is damaged, so this is a new link"
LINK_IN_USE_NOTE = "another kernel of this notebook uses its link, so this kernel has another link"


def generate_prefix() -> str:
    """Generate the token of a link, of 128 random bits, as a path."""
    return "/" + secrets.token_urlsafe(16)


@dataclass
class LinkStore:
    """The link of a process's shares and its password. Those of a notebook outlive its kernel.

    They are stored in a file, which one living kernel at a time owns and only its user may read. Nothing in
    here raises errors: if they cannot be stored, `note` reports it.
    """

    port: int | None = None
    prefix: str = field(default_factory=generate_prefix, repr=False)
    credentials: Credentials = field(default_factory=Credentials)
    """The credentials of the link. Only `replace_link` removes a password."""
    has_new_password: bool = False
    """True if the password was set for the running share, not for an earlier one."""
    is_unreleased: bool = False
    """True if the previous kernel did not release the link: it may still be ending, and have the port."""
    note: str = ""
    """A note for the author about the link; empty if there is none."""
    record_file: Path | None = None
    notebook_path: Path | None = None
    """The current path of the notebook's file, which need not exist."""
    list_cell_ids: Callable[[], Collection[str]] = field(default=tuple, repr=False)
    """Returns the ids of the notebook's cells, as last read while its kernel ran."""
    cell_ids: frozenset[str] = field(default=frozenset(), repr=False)
    _has_existed: bool = False
    """True if the file existed."""
    _has_link: bool = False
    """True if this process had the link before."""
    revoked_tokens: dict[str, int] = field(default_factory=dict, repr=False)
    """The revoked session tokens of all shares of this process; `Password` reads them."""

    @classmethod
    def load(
        cls, notebook: Path | None, folder: Path | None, list_cell_ids: Callable[[], Collection[str]] = tuple
    ) -> LinkStore:
        """Load the stored link of a notebook from `folder`; create a new one if none is stored or another
        kernel owns it."""
        if notebook is None or folder is None:
            return cls()
        notebook = notebook.absolute()
        file = build_record_path(notebook, folder)
        if DEFAULT_NAME_PATTERN.match(notebook.name) and not (notebook.exists() or file.exists()):
            return cls()
        link_store = cls(record_file=file, notebook_path=notebook, list_cell_ids=list_cell_ids)
        link_store.acquire()
        return link_store

    def acquire(self) -> None:
        """Acquire the link for a new share again, unless another kernel has taken it meanwhile."""
        self.has_new_password = self.is_unreleased = False
        if self.record_file is None or self.notebook_path is None:
            return
        self.note = ""
        try:
            private_files.create_private_folder(self.record_file.parent)
            with lock_records(self.record_file):
                search = RecordSearch(self.notebook_path, has_link=self._has_link)
                old_file = search.find(self.record_file)
                self.notebook_path, self.record_file = search.notebook_path, search.record_file
                self.note = search.note
                if old_file is not None:
                    self._read_record(old_file)
                self._update_cell_ids()
                if self.record_file is not None:
                    self._has_link = True
                    self._write_record(self.record_file, build_owner())
                    if old_file is not None and old_file != self.record_file:
                        write_forwarding_record(old_file, self.notebook_path)
        except Exception as error:  # file systems and lock libraries raise many kinds of errors
            self._disable_storage(error)

    def set_port(self, port: int) -> None:
        """Store the port of the share."""
        self.port = port
        self._write_with_lock(build_owner())

    def set_password(self, password: str) -> None:
        """Require this password of viewers. Takes as long as one check of it."""
        self.credentials, self.has_new_password = self.credentials.replace_password(password), True
        self._write_with_lock(build_owner(), revoke_former=True)

    @property
    def has_password(self) -> bool:
        return self.credentials.password is not None

    def build_password(self, port: int) -> Password | None:
        """Build the password check for the access guard at this port; None without a password."""
        return self.credentials.build_password(port, self.revoked_tokens)

    def replace_link(self, *, keep_password: bool = False) -> None:
        """Create a new link, and invalidate the old one and all session tokens."""
        self.prefix, self.has_new_password = generate_prefix(), False
        self.credentials = self.credentials.replace_secret() if keep_password else Credentials()
        self._write_with_lock(build_owner(), revoke_former=True)

    def release(self) -> None:
        """Release the link after the share has ended, for other kernels of the notebook."""
        self._update_cell_ids()
        self._write_with_lock(None)

    def _update_cell_ids(self) -> None:
        """Read the current ids of the notebook's cells."""
        if self.notebook_path is not None:
            self._has_existed = self._has_existed or self.notebook_path.exists()
            self.cell_ids = (
                read_cell_ids(self.notebook_path) or frozenset(self.list_cell_ids()) or self.cell_ids
            )

    @property
    def _is_deleted(self) -> bool:
        return self._has_existed and self.notebook_path is not None and not self.notebook_path.exists()

    def _read_record(self, file: Path) -> None:
        try:
            record = LinkRecord.read(file)
        except FileNotFoundError:
            return
        except (ValueError, TypeError, KeyError, RecursionError):
            self.note = DAMAGED_RECORD_NOTE
            return
        if record.is_in_use:
            self.port, self.prefix = None, generate_prefix()
            self.note, self.record_file = LINK_IN_USE_NOTE, None
            # The notebook's author relies on its password, also with the new link.
            credentials = record.credentials if record.credentials.password else self.credentials
            self.credentials = credentials.replace_secret()
        else:
            self.port, self.prefix, self.credentials = record.port, record.prefix, record.credentials
            self.is_unreleased = record.is_unreleased

    def _write_with_lock(self, owner: Any, *, revoke_former: bool = False) -> None:
        """Write the record under a file lock. After `revoke_former` no kernel may use the old one."""
        if self.record_file is None:
            return
        try:
            with lock_records(self.record_file):
                if owner is None and self._is_deleted and not self.cell_ids:
                    self.record_file.unlink(missing_ok=True)  # the next notebook of this name is another one
                else:
                    self._write_record(self.record_file, owner)
        except Exception as error:
            file = self.record_file
            self._disable_storage(error)
            if revoke_former:
                self._delete_record(file)

    def _write_record(self, file: Path, owner: Any) -> None:
        record = LinkRecord(self.port, self.prefix, self.credentials, owner)
        record.write(file, NotebookIdentity(self.notebook_path, self.cell_ids, self._is_deleted))

    def _disable_storage(self, error: Exception) -> None:
        reason = getattr(error, "strerror", None) or str(error)
        self.note = f"the link cannot be stored for the next kernel ({reason.lower()})"
        self.record_file = None

    def _delete_record(self, file: Path) -> None:
        """Delete the record, so that the next kernel gets a new link and not the revoked one."""
        try:
            file.unlink(missing_ok=True)
        except OSError:
            self.note += "; the next kernel has the former link"


def load_link_store(notebook: Path | None, list_cell_ids: Callable[[], Collection[str]] = tuple) -> LinkStore:
    """Load the stored link of this notebook from Jupyter's data directory; without either, a new one."""
    return LinkStore.load(notebook, private_files.find_private_folder(), list_cell_ids)
