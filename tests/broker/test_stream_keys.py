from __future__ import annotations

import pytest

from bokeh_share.broker.stream_keys import StreamKeys


def test_key_names_come_from_the_link_and_do_not_contain_it() -> None:
    keys = StreamKeys.from_secret("the secret part", "ann")
    assert keys == StreamKeys.from_secret("the secret part", "ann")
    assert keys.stream.startswith("bokeh_share:ann:")
    names = {keys.stream, keys.state, keys.presence, keys.requests, keys.file_base, keys.publisher_name}
    assert len(names) == 6
    assert all("secret" not in name for name in (*names, keys.short_name, repr(keys)))
    assert keys.stream.startswith(f"bokeh_share:ann:{keys.short_name}")
    others = [StreamKeys.from_secret("the secret part", "bob"), StreamKeys.from_secret("another", "ann")]
    assert len({keys.stream, *(each.stream for each in others)}) == 3


def test_a_signature_depends_on_the_link_the_author_and_each_part() -> None:
    keys = StreamKeys.from_secret("secret", "ann")
    signature = keys.sign([b"ab", b"c"])
    assert keys.is_signed([b"ab", b"c"], signature)
    assert not keys.is_signed([b"a", b"bc"], signature), "the same bytes, cut elsewhere"
    assert not keys.is_signed([b"ab"], signature)
    assert not StreamKeys.from_secret("secret", "bob").is_signed([b"ab", b"c"], signature)
    assert not StreamKeys.from_secret("other", "ann").is_signed([b"ab", b"c"], signature)


@pytest.mark.parametrize("author", ["", "*", "a*", "a?", "[a]", "a:b", "a b", "a\n", "ä", "x" * 65])
def test_a_name_that_would_match_other_keys_is_refused(author: str) -> None:
    with pytest.raises(ValueError, match="cannot be part of a key"):
        StreamKeys.from_secret("secret", author)


def test_a_link_without_a_secret_part_has_no_keys() -> None:
    with pytest.raises(ValueError, match="without a secret part"):
        StreamKeys.from_secret("")
