"""Scripts that a relay has read from its broker."""

from __future__ import annotations

import asyncio

import pytest

from bokeh_share.relay.script_cache import ScriptCache

pytestmark = pytest.mark.one_pairing


class Source:
    def __init__(self, scripts: dict[str, bytes]) -> None:
        self.scripts, self.reads = scripts, list[str]()

    async def read(self, digest: str) -> bytes | None:
        self.reads.append(digest)
        await asyncio.sleep(0)
        if digest == "broken":
            raise OSError("gone")
        return self.scripts.get(digest)


def test_many_who_ask_at_once_cause_one_read() -> None:
    async def run() -> None:
        cache, source = ScriptCache(), Source({"a": b"x"})
        found = await asyncio.gather(*(cache.read("s", "a", source.read) for _ in range(5)))
        assert found == [b"x"] * 5
        assert await cache.read("other", "a", source.read) == b"x"
        assert source.reads == ["a"]

    asyncio.run(run())


def test_what_a_source_lacks_is_asked_for_again() -> None:
    async def run() -> None:
        cache, source = ScriptCache(), Source({})
        assert await cache.read("s", "a", source.read) is None
        source.scripts["a"] = b"x"
        assert await cache.read("s", "a", source.read) == b"x"
        for _ in range(2):
            with pytest.raises(OSError, match="gone"):
                await cache.read("s", "broken", source.read)

    asyncio.run(run())


def test_the_scripts_that_were_used_last_are_kept() -> None:
    async def run() -> None:
        cache, source = ScriptCache(max_bytes=10), Source({each: each.encode() * 4 for each in "abc"})
        for digest in ("a", "b", "a", "c", "a"):
            await cache.read("s", digest, source.read)
        assert source.reads == ["a", "b", "c"]
        source.scripts["large"] = bytes(11)
        assert await cache.read("s", "large", source.read) == bytes(11)
        await cache.read("s", "a", source.read)
        await cache.read("s", "b", source.read)
        assert source.reads == ["a", "b", "c", "large", "b"]

    asyncio.run(run())
