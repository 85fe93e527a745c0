"""Former states that are still being sent to somebody: so many bytes, and no more."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol, TypeVar

from .. import limits


class Sending(Protocol):
    """Somebody who is being sent a frame, or is not."""

    @property
    def frame(self) -> bytes | None: ...

    @property
    def began(self) -> float:
        """Since when."""
        ...


Sender = TypeVar("Sender", bound=Sending)


def slowest_senders(senders: Iterable[Sender], is_outdated: Callable[[bytes], bool]) -> list[Sender]:
    """Who has to go so that no more than `limits.OVERTAKEN` bytes are kept: those who began first.

    Many may be sent the same frame, which counts once; and one frame may have any size.
    """
    groups: dict[int, list[Sender]] = {}
    sizes: dict[int, int] = {}
    for sender in sorted(senders, key=lambda each: each.began):
        if sender.frame is not None and is_outdated(sender.frame):
            groups.setdefault(id(sender.frame), []).append(sender)
            sizes[id(sender.frame)] = len(sender.frame)
    kept, going = sum(sizes.values()), []
    for key in [*groups][:-1]:
        if kept <= limits.OVERTAKEN:
            break
        kept -= sizes[key]
        going += groups[key]
    return going
