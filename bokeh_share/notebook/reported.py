"""What goes wrong in code of ours that runs within the author's."""

from __future__ import annotations

import logging
from typing import Any

from ..text import for_log

log = logging.getLogger(__name__)


class reported:
    """Logs what goes wrong inside, and lets the author's cell go on. An interrupt passes."""

    def __init__(self, doing: str) -> None:
        self._doing = doing

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> bool:
        if isinstance(error, Exception):
            log.error("%s failed", self._doing, exc_info=for_log(error))
        return isinstance(error, Exception)
