from __future__ import annotations

import pytest

from bokeh_share.apps.protocol.memory_quota import MemoryQuota


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bokeh_share.limits.MAX_APP_DOCUMENT_BYTES", 100)
    monkeypatch.setattr("bokeh_share.limits.MAX_APP_TOTAL_BYTES", 250)


def test_what_replaces_what_was_there_counts_instead_of_it() -> None:
    holdings = MemoryQuota()
    for _ in range(1000):
        assert holdings.add_usage("a", [(("1", "value"), 90, False)]) == []


def test_what_is_added_counts_beside_it_and_ends_the_document() -> None:
    holdings = MemoryQuota()
    assert holdings.add_usage("a", [(("1", "data"), 60, True)]) == []
    assert holdings.add_usage("a", [(("1", "data"), 60, True)]) == ["a"]
    holdings.remove_document("a")
    assert holdings.add_usage("a", [(("1", "data"), 60, True)]) == []


def test_of_all_documents_together_the_greediest_end() -> None:
    holdings = MemoryQuota()
    for name, weight in (("a", 60), ("b", 90), ("c", 80)):
        assert holdings.add_usage(name, [(("1", "value"), weight, False)]) == []
    assert holdings.add_usage("d", [(("1", "value"), 30, False)]) == ["b"]
    holdings.remove_document("b")
    assert holdings.add_usage("d", [(("1", "value"), 30, False)]) == []
