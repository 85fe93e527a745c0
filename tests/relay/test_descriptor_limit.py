"""The number of sockets that a relay may open."""

from __future__ import annotations

import resource

import pytest

from bokeh_share.relay.descriptor_limit import RESERVED_FOR_REQUESTS, raise_descriptor_limit

pytestmark = pytest.mark.one_pairing


class Limits:
    def __init__(self, soft: int, hard: int, *, is_fixed: bool = False) -> None:
        self.values, self.is_fixed = (soft, hard), is_fixed

    def getrlimit(self, kind: int) -> tuple[int, int]:
        return self.values

    def setrlimit(self, kind: int, values: tuple[int, int]) -> None:
        if self.is_fixed:
            raise OSError("not permitted")
        self.values = values


@pytest.mark.parametrize(
    ("soft", "hard", "raised", "note"),
    [
        (1024, 4096, 3000, ""),
        (8192, 8192, 8192, ""),
        (1024, resource.RLIM_INFINITY, 3000, ""),
        (resource.RLIM_INFINITY, resource.RLIM_INFINITY, resource.RLIM_INFINITY, ""),
        (1024, 1500, 1500, "enough for about 500 viewers: raise the limit to 3000 (ulimit -n)"),
        (256, 256, 256, "enough for about 0 viewers"),
    ],
)
def test_the_limit_is_raised_as_far_as_the_system_allows(
    monkeypatch: pytest.MonkeyPatch, soft: int, hard: int, raised: int, note: str
) -> None:
    limits = Limits(soft, hard)
    monkeypatch.setattr(resource, "getrlimit", limits.getrlimit)
    monkeypatch.setattr(resource, "setrlimit", limits.setrlimit)
    found = raise_descriptor_limit(3000 - RESERVED_FOR_REQUESTS)
    assert limits.values == (raised, hard)
    assert note in found
    assert bool(note) == bool(found)


def test_a_system_that_allows_nothing_is_told_about(monkeypatch: pytest.MonkeyPatch) -> None:
    limits = Limits(1024, 4096, is_fixed=True)
    monkeypatch.setattr(resource, "getrlimit", limits.getrlimit)
    monkeypatch.setattr(resource, "setrlimit", limits.setrlimit)
    assert "may open 1024 files" in raise_descriptor_limit(2000)
