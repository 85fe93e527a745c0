"""Writes files that only their user may read, and finds their folder."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile


def find_private_folder() -> Path | None:
    """Return the package's folder in Jupyter's data directory; None without Jupyter. It may not exist yet."""
    try:
        from jupyter_core.paths import jupyter_data_dir
    except ImportError:
        return None
    return Path(jupyter_data_dir()) / "bokeh_share"


def create_private_folder(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)


def write_private_file(file: Path, content: bytes) -> None:
    """Write a file that only its user may read, completely or not at all: readers find the old or the new
    one."""
    with NamedTemporaryFile(dir=file.parent, prefix=f"{file.stem}.", delete=False) as new:
        try:
            new.write(content)
            new.flush()
            os.fsync(new.fileno())
            new.close()
            os.replace(new.name, file)
        except BaseException:
            with suppress(OSError):
                os.unlink(new.name)
            raise
