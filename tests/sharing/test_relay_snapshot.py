from __future__ import annotations

from dataclasses import replace

import pytest

from bokeh_share.broker.publisher_status import PublisherState, PublisherStatus
from bokeh_share.network.links import Link
from bokeh_share.sharing.broker_choice import BrokerChoice
from bokeh_share.sharing.relay_snapshot import RelaySnapshot

DIRECT = (Link("http://10.0.0.7:5006/x8/", "this network"),)
LIVE = RelaySnapshot(
    is_active=True,
    status=PublisherStatus("live", viewer_count=3, relay_urls=("https://plots.example.org",)),
    broker="redis://ann@h",
    author="ann",
    secret="x8",
    choice=BrokerChoice("redis://ann:hidden@h"),
)
RELAYED = "https://plots.example.org/~ann/x8/"


def urls(snapshot: RelaySnapshot) -> list[str]:
    return [link.url for link in snapshot.add_links(DIRECT)]


@pytest.mark.parametrize("state", ["live", "offline", "fenced"])
def test_the_relays_link_is_the_best_while_relays_are_live(state: PublisherState) -> None:
    snapshot = replace(LIVE, status=replace(LIVE.status, state=state))
    expected = [RELAYED, DIRECT[0].url] if state == "live" else [DIRECT[0].url, RELAYED]
    assert urls(snapshot) == expected
    assert snapshot.links[0].is_relayed


def test_a_share_that_has_stopped_has_no_links() -> None:
    assert LIVE.add_links(()) == ()


def test_without_a_broker_nothing_is_said() -> None:
    nothing = RelaySnapshot()
    assert (nothing.describe(), [*nothing.list_notes()], urls(nothing)) == (None, [], [DIRECT[0].url])
    assert nothing.viewer_count == 0


def test_a_broker_without_a_relay_and_one_with_viewers() -> None:
    line = replace(LIVE, status=PublisherStatus("live")).describe()
    assert line is not None
    assert "no relay runs yet" in line.text
    hidden = replace(LIVE, status=PublisherStatus("live", viewer_count=2)).describe()
    assert hidden is not None
    assert hidden.text == "relay: live · 2 viewers", "a relay without a public URL"


def test_a_name_that_no_relay_has_a_link_for_is_told() -> None:
    status = replace(LIVE.status, relay_urls=("https://{author}.plots.example.org",))
    assert urls(replace(LIVE, status=status))[0] == "https://ann.plots.example.org/x8/"
    unnamed = replace(LIVE, status=status, author="Ann").describe()
    assert unnamed is not None
    assert "'Ann' cannot be part of a host" in unnamed.text


def test_its_repr_has_neither_the_link_nor_the_password() -> None:
    assert "hidden" not in repr(LIVE)
    assert "x8" not in repr(LIVE)
