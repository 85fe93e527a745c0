"""Files that only their user may read, and where they are."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile


def find_private_folder() -> Path | None:
    """Ours, in Jupyter's data directory; None without Jupyter. It need not be there yet."""
    try:
        from jupyter_core.paths import jupyter_data_dir
    except ImportError:
        return None
    return Path(jupyter_data_dir()) / "bokeh_share"


def create_private_folder(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)


def write_private_file(file: Path, content: bytes) -> None:
    """All of it or nothing: a reader finds the old file or the new one, which only its user may read."""
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
