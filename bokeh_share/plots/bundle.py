"""The script that BokehJS loads for a model with its own implementation, compiled by Bokeh."""

from __future__ import annotations

import gzip
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from typing import Literal, TypeAlias

from .snapshot import CUSTOM_PART_PREFIX

MissingReason: TypeAlias = Literal["compiling", "failed"]
"""Reasons why pages cannot draw a plot: a script that it needs is being compiled, or does not compile."""


@dataclass(frozen=True)
class Bundle:
    """The script of one type of model: compiled, being compiled, or failed. Immutable."""

    model_type: str
    """The model's type, as Bokeh names it."""
    script: bytes = field(default=b"", repr=False)
    """The script; empty while it is being compiled, and if that failed."""
    problem: str = ""
    """The reason why compiling failed, in one line. Shown only to the author."""

    @property
    def missing_reason(self) -> MissingReason | None:
        if self.script:
            return None
        return "failed" if self.problem else "compiling"

    @cached_property
    def digest(self) -> str:
        """The name of the content, so that pages can cache the script and notice a new one."""
        return sha256(self.script).hexdigest()

    @property
    def integrity(self) -> str:
        """The hash by which a browser rejects any other content (Subresource Integrity)."""
        return f"sha256-{b64encode(bytes.fromhex(self.digest)).decode()}"

    @cached_property
    def compressed_script(self) -> bytes:
        """The script, compressed as it is sent."""
        return gzip.compress(self.script, 6, mtime=0)


def find_missing_reason(parts: Iterable[str], bundles: Iterable[Bundle]) -> MissingReason | None:
    """Return why a plot that needs these parts cannot be drawn; None if it can."""
    needed = {part.removeprefix(CUSTOM_PART_PREFIX) for part in parts if part.startswith(CUSTOM_PART_PREFIX)}
    if not needed:
        return None
    reasons = {bundle.model_type: bundle.missing_reason for bundle in bundles}
    needed_reasons = {reasons.get(model, "compiling") for model in needed}
    return "failed" if "failed" in needed_reasons else "compiling" if "compiling" in needed_reasons else None
