"""The entries of a share's stream in the broker: how they are written and read.

- `whole`: a plot in one generation, as the `plot` message that a page gets first (`wire/messages`).
- `step`: a change of a plot from generation `base` to `generation`, as its `plot` message.
- `share`: what relays need to know of the share besides its plots (`broker/share_info`).
- `presented`: the message with the whole view that the author presents, empty if nobody presents.
- `pins`: the message with all pins of the author, empty without pins.
- `page`: the `page` message with the list of all plots. It completes what was written before it: the page is
  as the newest one says.
- `end`: the author stopped sharing.

One update of the page is one transaction. The id of an entry is `term-sequence`: each kernel that shares the
notebook has a greater term than those before, and the broker refuses an id that is not greater than the last
one. So a kernel whose share another one has taken over cannot write any more, and an update that is written
twice has no effect.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias, get_args

from .errors import InvalidEntry, UnknownStreamVersion
from .stream_keys import StreamKeys

STREAM_VERSION = b"1"
"""The version of the entries. Readers refuse another one."""

EntryKind: TypeAlias = Literal["whole", "step", "share", "presented", "pins", "page", "end"]
KINDS: tuple[EntryKind, ...] = get_args(EntryKind)


class EntryId(NamedTuple):
    """The id of an entry."""

    term: int
    """Identifies the kernel that wrote it; later kernels have greater ones."""
    sequence: int
    """Counts the entries of the term, from 1."""

    def __str__(self) -> str:
        return f"{self.term}-{self.sequence}"

    @classmethod
    def parse(cls, text: bytes) -> EntryId:
        """Read an id as the broker writes it. Raises `InvalidEntry`."""
        term, _, sequence = text.partition(b"-")
        if not (term.isdigit() and sequence.isdigit()):
            raise InvalidEntry(f"it has the id {text!r}")
        return cls(int(term), int(sequence))


@dataclass(frozen=True)
class Entry:
    """One entry. Its data are the bytes of a message for pages."""

    kind: EntryKind
    data: bytes = b""
    plot: str = ""
    """The id of the plot; empty for other kinds."""
    base: int = 0
    """The generation that a step starts from; 0 for other kinds."""
    generation: int = 0
    """The generation of the plot, or the version of the page."""

    @property
    def size(self) -> int:
        return len(self.data)


def encode_entry(entry: Entry, id: EntryId, keys: StreamKeys) -> dict[bytes, bytes]:
    """Encode an entry as fields of the stream, with its signature."""
    fields = {
        b"v": STREAM_VERSION,
        b"kind": entry.kind.encode(),
        b"plot": entry.plot.encode(),
        b"base": str(entry.base).encode(),
        b"generation": str(entry.generation).encode(),
        b"data": entry.data,
    }
    return {**fields, b"mac": keys.sign([str(id).encode(), *fields.values()])}


def decode_entry(fields: Mapping[bytes, bytes], id: EntryId, keys: StreamKeys) -> Entry:
    """Read an entry. Raises `UnknownStreamVersion` or `InvalidEntry`."""
    version = fields.get(b"v", b"")
    if version != STREAM_VERSION:
        raise UnknownStreamVersion(version.decode(errors="replace"))
    names = (b"v", b"kind", b"plot", b"base", b"generation", b"data")
    if fields.keys() != {*names, b"mac"}:
        raise InvalidEntry("it has other fields")
    if not keys.is_signed([str(id).encode(), *(fields[name] for name in names)], fields[b"mac"]):
        raise InvalidEntry("its signature does not belong to this link")
    kind = next((kind for kind in KINDS if kind.encode() == fields[b"kind"]), None)
    if kind is None:
        raise InvalidEntry(f"it is of the kind {fields[b'kind']!r}")
    if not (fields[b"base"].isdigit() and fields[b"generation"].isdigit()):
        raise InvalidEntry("it has no generation")
    base, generation = (int(fields[name]) for name in (b"base", b"generation"))
    return Entry(kind, fields[b"data"], fields[b"plot"].decode(), base, generation)
