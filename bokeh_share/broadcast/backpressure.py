"""Former states that are still being sent to somebody: so many bytes, and no more."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol, TypeVar

from .. import limits


class Recipient(Protocol):
    """Somebody who is being sent a frame, or is not."""

    @property
    def pending_frame(self) -> bytes | None: ...

    @property
    def pending_since(self) -> float:
        """Since when."""
        ...


RecipientT = TypeVar("RecipientT", bound=Recipient)


def list_slowest_recipients(
    recipients: Iterable[RecipientT], is_outdated: Callable[[bytes], bool]
) -> list[RecipientT]:
    """Who has to go so that no more than `limits.MAX_OUTDATED_BYTES` bytes are kept: those who began first.

    Many may be sent the same frame, which counts once; and one frame may have any size.
    """
    groups: dict[int, list[RecipientT]] = {}
    sizes: dict[int, int] = {}
    for recipient in sorted(recipients, key=lambda each: each.pending_since):
        if recipient.pending_frame is not None and is_outdated(recipient.pending_frame):
            groups.setdefault(id(recipient.pending_frame), []).append(recipient)
            sizes[id(recipient.pending_frame)] = len(recipient.pending_frame)
    outdated_bytes, slowest = sum(sizes.values()), []
    for key in [*groups][:-1]:
        if outdated_bytes <= limits.MAX_OUTDATED_BYTES:
            break
        outdated_bytes -= sizes[key]
        slowest += groups[key]
    return slowest
