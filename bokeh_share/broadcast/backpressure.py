"""Limits the memory for former states that are still being sent to slow viewers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol, TypeVar

from .. import limits


class Recipient(Protocol):
    """A viewer's connection, which may be sending a frame."""

    @property
    def pending_frame(self) -> bytes | None: ...

    @property
    def pending_since(self) -> float:
        """The time at which sending that frame began."""
        ...


RecipientT = TypeVar("RecipientT", bound=Recipient)


def list_slowest_recipients(
    recipients: Iterable[RecipientT], is_outdated: Callable[[bytes], bool]
) -> list[RecipientT]:
    """List the recipients to disconnect, oldest first, so that at most `MAX_OUTDATED_BYTES` bytes are kept.

    A frame that is sent to several recipients counts once. A single frame may have any size.
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
