"""A note for the author: its text, where the card shows it, and how grave it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, IntEnum


class Section(Enum):
    """A section of the card's details."""

    ACCESS = "Access"
    """The people who can open the page, and their links."""
    DATA = "Data"
    """Data that pages get and that no plot draws."""
    PROBLEMS = "Problems"
    """Things that do not work, or work less well."""


class Severity(IntEnum):
    """How grave a note is. A larger number is graver.

    The card shows one note outside of its details: the gravest that the author can do something about. The
    order follows the harm to the share's purpose. First comes a page that no colleague can open, then a plot
    that is missing or old on it, then viewers whom the page loses, then strangers who try to open it, then
    data that need not leave the machine, and last a plot that does less than in the notebook.
    """

    INFO = 0
    """Nothing to do."""
    REDUCED = 1
    """A plot does less for viewers than in the notebook."""
    EXPOSED = 2
    """Viewers get data that no plot shows them."""
    ATTACKED = 3
    """Somebody is guessing passwords."""
    RELINKED = 4
    """Colleagues may have a link that no longer works."""
    UNVISITED = 5
    """No colleague has opened the page. Perhaps a firewall blocks them."""
    REJECTED = 6
    """Viewers were rejected."""
    MISSING = 7
    """A plot or an app, or its current state, is not on the page."""
    UNREACHABLE = 8
    """No colleague can open the page."""


@dataclass(frozen=True)
class Note:
    """One line for the author."""

    text: str
    section: Section = Section.PROBLEMS
    severity: Severity = Severity.INFO


def find_gravest(notes: Iterable[Note]) -> Note | None:
    """Return the first of the gravest notes; None if the author has nothing to do."""
    return max(
        (note for note in notes if note.severity > Severity.INFO),
        key=lambda note: note.severity,
        default=None,
    )
