from __future__ import annotations

from dataclasses import replace

from bokeh_share.broker.publisher_status import PublisherStatus
from bokeh_share.cli.relay_announcer import RelayAnnouncer
from bokeh_share.sharing.relay_snapshot import RelaySnapshot

SNAPSHOT = RelaySnapshot(is_active=True, broker="redis://h", author="default", secret="x8")
LIVE = PublisherStatus("live", relay_urls=("https://a.example", "https://b.example"))


def test_a_terminal_gets_a_line_for_each_state_and_none_for_each_viewer() -> None:
    lines: list[str] = []
    announcer = RelayAnnouncer(lines.append)
    for status in (
        PublisherStatus(),
        PublisherStatus("live"),
        PublisherStatus("live", viewer_count=1),
        PublisherStatus("live"),
        LIVE,
        replace(LIVE, viewer_count=7),
        replace(LIVE, state="offline", offline_since=1),
        LIVE,
    ):
        announcer.update(replace(SNAPSHOT, status=status))
    announcer.update(RelaySnapshot())
    link = "relay: live at https://a.example/x8/ and https://b.example/x8/"
    assert lines[:2] == ["relay: no relay runs yet: start one with bokeh-share relay", link]
    assert lines[2].startswith("relay: offline since ")
    assert lines[3:] == [link]
