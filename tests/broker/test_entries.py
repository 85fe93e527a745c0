from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bokeh_share.broker.entries import KINDS, Entry, EntryId, decode_entry, encode_entry
from bokeh_share.broker.errors import InvalidEntry, UnknownStreamVersion
from bokeh_share.broker.stream_keys import StreamKeys

KEYS = StreamKeys.from_secret("secret")
ID = EntryId(1_700_000_000_000, 3)
STEP = Entry("step", b"data", "k1", 4, 5)

ids = st.builds(EntryId, st.integers(1, 2**63), st.integers(1, 2**63))
entries = st.builds(
    Entry,
    st.sampled_from(KINDS),
    st.binary(max_size=100),
    st.text(st.characters(codec="utf-8"), max_size=20),
    st.integers(0, 2**63),
    st.integers(0, 2**63),
)


@given(entries, ids)
def test_an_entry_is_read_as_it_was_written(entry: Entry, id: EntryId) -> None:
    assert decode_entry(encode_entry(entry, id, KEYS), id, KEYS) == entry


@given(ids)
def test_an_id_is_read_as_it_was_written(id: EntryId) -> None:
    assert EntryId.parse(str(id).encode()) == id


@pytest.mark.parametrize("text", [b"", b"1", b"-", b"1-", b"-1", b"a-1", b"1-2-3", b"+1-2", b" 1-2"])
def test_another_text_is_no_id(text: bytes) -> None:
    with pytest.raises(InvalidEntry, match="it has the id"):
        EntryId.parse(text)


def test_ids_are_in_the_order_of_terms_and_then_of_numbers() -> None:
    assert sorted([EntryId(2, 1), EntryId(1, 10), EntryId(1, 9)]) == [(1, 9), (1, 10), (2, 1)]


@pytest.mark.parametrize(
    "change",
    [
        {b"kind": b"whole"},
        {b"plot": b"k2"},
        {b"base": b"3"},
        {b"generation": b"6"},
        {b"data": b"evil"},
        {b"mac": b""},
    ],
)
def test_an_entry_that_was_changed_is_refused(change: dict[bytes, bytes]) -> None:
    with pytest.raises(InvalidEntry, match="its signature does not belong to this link"):
        decode_entry({**encode_entry(STEP, ID, KEYS), **change}, ID, KEYS)


def test_an_entry_of_another_link_or_at_another_place_of_the_stream_is_refused() -> None:
    fields = encode_entry(STEP, ID, KEYS)
    for id, keys in ((ID, StreamKeys.from_secret("other")), (EntryId(ID.term, 4), KEYS)):
        with pytest.raises(InvalidEntry, match="its signature"):
            decode_entry(fields, id, keys)


def test_entries_of_another_version_say_so() -> None:
    with pytest.raises(UnknownStreamVersion, match="the stream has version '2': use the same bokeh_share"):
        decode_entry({**encode_entry(STEP, ID, KEYS), b"v": b"2"}, ID, KEYS)


def test_an_entry_with_other_fields_is_refused() -> None:
    fields = encode_entry(STEP, ID, KEYS)
    for wrong in ({**fields, b"more": b""}, {name: fields[name] for name in fields if name != b"data"}):
        with pytest.raises(InvalidEntry, match="other fields"):
            decode_entry(wrong, ID, KEYS)
