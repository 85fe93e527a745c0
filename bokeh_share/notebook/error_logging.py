"""Logs errors of this package's code that runs within the author's code."""

from __future__ import annotations

import logging
from typing import Any

from ..text import sanitize_for_log

log = logging.getLogger(__name__)


class log_errors:
    """Logs errors inside the block, and lets the author's cell continue. Interrupts pass."""

    def __init__(self, activity: str) -> None:
        self._activity = activity

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> bool:
        if isinstance(error, Exception):
            log.error("%s failed", self._activity, exc_info=sanitize_for_log(error))
        return isinstance(error, Exception)
