"""The name of the command line, as its help and its errors print it."""

from __future__ import annotations

import sys
from pathlib import Path


def find_program_name() -> str:
    """Return how this process was started: `bokeh-share`, or `python -m bokeh_share`."""
    return "bokeh-share" if Path(sys.argv[0]).stem == "bokeh-share" else "python -m bokeh_share"
