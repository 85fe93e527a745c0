"""A stream in memory, to which updates are applied as a broker does."""

from __future__ import annotations

from support.stream_reader import StreamReader

from bokeh_share.broker.entries import Entry, EntryId
from bokeh_share.broker.errors import PublisherFenced, StreamLost
from bokeh_share.broker.publication import Update


class MemoryStream:
    """The entries of a stream, and its last id, which it keeps when the entry is deleted."""

    def __init__(self) -> None:
        self.entries: dict[EntryId, Entry] = {}
        self.last_id: EntryId | None = None

    def apply(self, update: Update) -> None:
        """Apply an update. Raises `PublisherFenced` or `StreamLost`."""
        ids = [id for id, _ in update.entries]
        assert ids == sorted(ids)
        if self.last_id is not None and ids[0] <= self.last_id:
            raise PublisherFenced
        if self.last_id is None and not update.is_first:
            raise StreamLost
        self.entries.update(update.entries)
        self.last_id = ids[-1]
        for id in [id for id in self.entries if id < ids[0]] if update.is_first else update.deleted:
            self.entries.pop(id, None)

    def flush(self) -> None:
        self.entries, self.last_id = {}, None

    @property
    def kinds(self) -> list[str]:
        """The kinds of the entries, with their generations."""
        return [f"{entry.kind} {entry.plot and 'plot '}{entry.generation}" for entry in self.entries.values()]

    @property
    def size(self) -> int:
        """The bytes of all plots."""
        return sum(entry.size for entry in self.entries.values() if entry.kind in ("whole", "step"))

    def read_after(self, id: EntryId | None) -> list[tuple[EntryId, Entry]]:
        """Return the entries after `id`; all, if it is None."""
        return [(each, entry) for each, entry in self.entries.items() if id is None or each > id]

    def read(self) -> list[str]:
        """Return the texts that somebody sees who comes late."""
        reader = StreamReader()
        reader.take(self.entries.items())
        return reader.texts
