"""Makes a package of the checkout importable that is in no wheel."""

from __future__ import annotations

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def add_benchmarks() -> None:
    """Let `benchmarks` be imported; not by `sys.path`, where the checkout's own package is too."""
    spec = spec_from_file_location("benchmarks", ROOT / "benchmarks" / "__init__.py")
    assert spec is not None
    sys.modules.setdefault("benchmarks", module_from_spec(spec))
