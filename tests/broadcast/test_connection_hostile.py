"""What no page sends over its websocket, and pages that take nothing of what they are sent."""

from __future__ import annotations

import json
import re
import socket
import struct
import time
import tracemalloc
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.endpoint_on_loop import PREFIX, EndpointOnLoop, header, receive_plot, rest
from support.hostile import is_closed, megabytes, nothing_left_over, until, watches, with_plot
from support.looks import look
from support.plot_ids import id_of
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection

from bokeh_share import limits
from bokeh_share.plots.page import Page, PlotKey
from bokeh_share.wire.close_codes import CloseCode
from bokeh_share.wire.messages import DRAW_FAILURE_REASONS, DrawFailure

pytestmark = pytest.mark.usefixtures("said")

CONTINUED, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
PACKED = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"


@pytest.fixture
def endpoint() -> Iterator[EndpointOnLoop]:
    endpoint = EndpointOnLoop()
    yield endpoint
    endpoint.end()


PLOT = id_of("p")
UMSATZ = "Umsatz (€)"
RESEND = json.dumps({"resend": PLOT})


def joined(
    endpoint: EndpointOnLoop, *headers: str, query: str = "", window: int | None = None, first: bytes = b""
) -> Any:
    """A websocket that is open, and all that follows is ours to do."""
    lines = [
        f"GET {PREFIX}/ws{query} HTTP/1.1",
        f"Host: {endpoint.host}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
        *headers,
        "\r\n",
    ]
    connection = endpoint.send("\r\n".join(lines).encode() + first, window=window)
    answer = b""
    while not answer.endswith(b"\r\n\r\n"):
        answer += connection.recv(1)
    assert answer.startswith(b"HTTP/1.1 101 ")
    return connection


def frame(
    opcode: int,
    data: bytes = b"",
    *,
    fin: bool = True,
    reserved: int = 0,
    masked: bool = True,
    length: int | None = None,
) -> bytes:
    """One frame, that may say another length than it has."""
    size = len(data) if length is None else length
    head = bytes([fin << 7 | reserved << 4 | opcode])
    if size < 126:
        head += bytes([masked << 7 | size])
    elif size < 65536:
        head += struct.pack("!BH", masked << 7 | 126, size)
    else:
        head += struct.pack("!BQ", masked << 7 | 127, size)
    return head + (bytes(4) if masked else b"") + data


def packed(data: bytes) -> bytes:
    packing = zlib.compressobj(wbits=-15)
    return (packing.compress(data) + packing.flush(zlib.Z_SYNC_FLUSH))[:-4]


def closing(connection: socket.socket) -> int:
    """The code of the close frame that comes, whatever comes before; 1006 for none."""
    received = rest(connection)
    at = received.rfind(bytes([0x80 | CLOSE]))
    return int.from_bytes(received[at + 2 : at + 4]) if at >= 0 and len(received) >= at + 4 else 1006


wants = st.sampled_from([PLOT, "k2", "nothing", "", "__proto__", "k1" * 100]).map(
    lambda plot: frame(TEXT, json.dumps({"resend": plot}).encode())
)
reports = st.builds(
    lambda plot, generation, reason: frame(
        TEXT, json.dumps({"failed_plot": plot, "generation": generation, "reason": reason}).encode()
    ),
    st.sampled_from([PLOT, "k2", "", None, "k1" * 100]),
    st.sampled_from([1, 0, -1, 1.0, True, 10**300, "1", None]),
    st.sampled_from([*DRAW_FAILURE_REASONS, "", "<b>", None, ["drawing"], {}]),
)
usual = (
    wants | reports | st.sampled_from([frame(PONG), frame(PING), frame(PING, b"x" * 125), frame(PONG, b"x")])
)
payloads = (
    st.binary(max_size=40)
    | st.binary(max_size=200).map(packed)
    | st.sampled_from(
        [
            RESEND.encode(),
            b'{"resend":[]}',
            b'{"resend":1e999}',
            b"{}",
            b"null",
            b'"resend"',
            b"\xff\xfe{",
            b"[" * 500,
            b"1" * 1024,
            b"1" * 1025,
            b"\x03",
            b"\x00\x00",
            b"\x03\xe8bye",
            b"\x03\xe8\xff\xff",
            packed(RESEND.encode()),
            packed(bytes(50_000)),
        ]
    )
)
frames = st.builds(
    lambda opcode, data, fin, reserved, masked, length: frame(
        opcode, data, fin=fin, reserved=reserved, masked=masked, length=length
    ),
    st.integers(0, 15) | st.sampled_from([CONTINUED, TEXT, BINARY, PING, CLOSE]),
    payloads,
    st.booleans(),
    st.sampled_from([0, 0, 0, 4, 1, 7]),
    st.sampled_from([True, True, True, False]),
    st.sampled_from([None, None, None, None, 0, 126, 1024, 1025, 65536, 2**31, 2**63 - 1, 2**64 - 1]),
)
talks = st.tuples(st.lists(usual, min_size=25, max_size=60), st.lists(frames, min_size=15, max_size=60))


def test_the_share_stays_up_and_its_page_is_unchanged_after_any_frames(
    endpoint: EndpointOnLoop, monkeypatch: pytest.MonkeyPatch, said: list[str]
) -> None:
    for name in ("JOIN_RATE", "JOIN_BURST", "CLIENT_JOIN_RATE", "CLIENT_JOIN_BURST"):
        monkeypatch.setattr(limits, name, 1e9)
    other = EndpointOnLoop()
    sent: list[int] = []
    page = with_plot(Page("t"), 3000)
    other.show(page)

    @settings(
        max_examples=250,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(talks, st.booleans())
    def run(talk: tuple[list[bytes], list[bytes]], packs: bool) -> None:
        good, bad = talk
        with joined(other, *[PACKED] * packs) as connection:
            with suppress(OSError):  # it may be closed before the end
                for each in [*good, *bad]:
                    connection.sendall(each)
                connection.shutdown(socket.SHUT_WR)
            rest(connection)
        sent.append(len(good) + len(bad))

    try:
        with nothing_left_over(other):
            run()
            assert watches(other)
        assert sum(sent) >= 10_000
        assert other.broadcaster._hub.page is page
        assert other.broadcaster.failures.keys() <= {PLOT}
        assert set(said) <= {
            "unknown message from a page",
            "page sends too much",
            "page requests too many plots",
        }
    finally:
        other.end()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (frame(TEXT, b"{}", masked=False), 1002),
        (frame(3, b"x"), 1002),
        (frame(11), 1002),
        (frame(TEXT, b"{}", reserved=2), 1002),
        (frame(TEXT, b"{}", reserved=4), 1002),
        (frame(PING, b"x" * 126), 1002),
        (frame(PING, b"x", fin=False), 1002),
        (frame(CLOSE, b"\x03"), 1002),
        (frame(CLOSE, b"\x00\x00"), 1002),
        (frame(CLOSE, b"\x03\xe8\xff"), 1007),
        (frame(CONTINUED, b"x"), 1002),
        (frame(TEXT, b"x", fin=False) + frame(TEXT, b"x"), 1002),
        (frame(TEXT, b"x", fin=False) + frame(CLOSE, b"\x03\xe8"), 1002),
        (frame(TEXT, b"x" * 1025), 1009),
        (frame(TEXT, length=2**63 - 1), 1009),
        (frame(TEXT, b"x" * 600, fin=False) + frame(CONTINUED, b"x" * 600), 1009),
    ],
)
def test_an_invalid_frame_ends_the_connection_and_is_logged_once(
    endpoint: EndpointOnLoop, data: bytes, code: int, said: list[str]
) -> None:
    with nothing_left_over(endpoint):
        for _ in range(3):
            with joined(endpoint) as connection:
                connection.sendall(data)
                assert closing(connection) == code
        assert watches(endpoint)
    assert said == ["unknown message from a page"]


@pytest.mark.parametrize(
    "data", [b"{}", b"[" * 1000, b"\xff\xfe", b'{"resend": null}', b'{"resend": {"k1": 1}}', b"1" * 1024, b""]
)
@pytest.mark.parametrize("opcode", [TEXT, BINARY])
def test_a_meaningless_message_has_no_effect(
    endpoint: EndpointOnLoop, opcode: int, data: bytes, said: list[str]
) -> None:
    with joined(endpoint) as connection:
        connection.sendall(frame(opcode, data) * 3 + frame(PING, b"there"))
        while b"there" not in connection.recv(65536):
            pass
    assert said == ["unknown message from a page"]


@pytest.mark.parametrize(
    "bomb",
    [
        frame(TEXT, packed(bytes(1_000_000)), reserved=4),
        frame(TEXT, packed(bytes(1025)), reserved=4),
        frame(TEXT, packed(bytes(1024)), reserved=4, fin=False) + frame(CONTINUED, packed(bytes(1024))),
        frame(TEXT, packed(bytes(1024))[:2], reserved=4, fin=False) + frame(CONTINUED, packed(bytes(10**6))),
        frame(TEXT, packed(bytes(1024)), reserved=4, fin=False) + frame(CONTINUED, fin=False) * 50,
    ],
)  # fmt: skip
def test_a_decompression_bomb_is_not_unpacked(endpoint: EndpointOnLoop, bomb: bytes) -> None:
    with nothing_left_over(endpoint):
        before = megabytes()
        for _ in range(20):
            with joined(endpoint, PACKED) as connection:
                connection.sendall(bomb + frame(CLOSE))
                assert closing(connection) in (1009, 1002)
        assert megabytes() - before < 5


@pytest.mark.parametrize(
    "endless", [frame(CONTINUED, fin=False), frame(PING), frame(PONG), frame(BINARY, b"x")]
)
def test_who_sends_without_end_is_closed_after_a_while(
    endpoint: EndpointOnLoop, endless: bytes, said: list[str]
) -> None:
    with nothing_left_over(endpoint), joined(endpoint) as connection:
        connection.sendall(frame(TEXT, fin=False) if endless == frame(CONTINUED, fin=False) else b"")
        sent = 0
        try:
            while sent < 4 * limits.MESSAGE_BYTE_BURST:
                connection.sendall(endless * 10)
                sent += len(endless) * 10
                connection.settimeout(0.0001)
                try:
                    if not connection.recv(65536):
                        break
                except TimeoutError:
                    pass
                connection.settimeout(10)
        except ConnectionError:
            pass
        assert is_closed(connection, within=10)
        assert sent <= 3 * limits.MESSAGE_BYTE_BURST
        assert watches(endpoint)
    assert "page sends too much" in said


def test_who_sends_too_much_is_told_so(endpoint: EndpointOnLoop) -> None:
    with joined(endpoint) as connection:
        connection.sendall(frame(PONG) * (limits.MESSAGE_BYTE_BURST // 6 + 2000))
        assert closing(connection) in (
            CloseCode.POLICY_VIOLATION,
            1006,
        )  # this one where the rest was not read


def frames_of(viewer: ClientConnection, *, seconds: float) -> list[Any]:
    """What comes until nothing has come for so long."""
    found = []
    try:
        while True:
            found.append(header(viewer.recv(seconds)))
    except (TimeoutError, ConnectionClosed):
        return found


def test_who_asks_for_a_plot_again_and_again_is_given_it_now_and_then(
    endpoint: EndpointOnLoop, monkeypatch: pytest.MonkeyPatch, said: list[str]
) -> None:
    monkeypatch.setattr(limits, "RESEND_RATE", 0.5)
    monkeypatch.setattr(limits, "RESEND_BURST", 3)
    endpoint.show(with_plot(Page(), 100_000))
    with nothing_left_over(endpoint), endpoint.watch() as viewer:
        receive_plot(viewer)
        for _ in range(3):
            viewer.send(RESEND)
            assert header(viewer.recv(10))["plot"] == PLOT
        began = time.monotonic()
        for _ in range(3):
            viewer.send(RESEND)
        assert header(viewer.recv(10))["plot"] == PLOT, "in the end it has what it asked for"
        assert time.monotonic() - began > 0.5
        assert frames_of(viewer, seconds=1.5) == []
        assert watches(endpoint)
    assert said == ["page requests too many plots"]


@pytest.mark.parametrize("plot", ["nothing", "k1" * 100, "", "k2", "__class__"])
def test_who_asks_for_what_is_not_there_wakes_nobody(
    endpoint: EndpointOnLoop, plot: str, said: list[str]
) -> None:
    endpoint.show(with_plot(Page(), 100))
    with endpoint.watch() as viewer:
        receive_plot(viewer)
        woken: list[int] = []
        scheduler = endpoint.broadcaster._update_scheduler
        send, scheduler.send_update = scheduler.send_update, lambda: woken.append(1)  # type: ignore[method-assign]
        for _ in range(200):
            viewer.send(json.dumps({"resend": plot}))
        viewer.ping().wait(10)
        scheduler.send_update = send  # type: ignore[method-assign]
        assert not woken
        assert frames_of(viewer, seconds=0.1) == []
    assert said == []


def report(plot: object = PLOT, generation: object = 1, reason: object = "drawing") -> str:
    return json.dumps({"failed_plot": plot, "generation": generation, "reason": reason})


def test_a_draw_failure_counts_only_for_a_sent_plot_and_is_reported_once(
    endpoint: EndpointOnLoop, caplog: pytest.LogCaptureFixture, said: list[str]
) -> None:
    endpoint.show(with_plot(Page(), 100))
    with endpoint.watch() as viewer:
        receive_plot(viewer)
        told = endpoint.viewer_changes
        for nonsense in (report("k2"), report(PLOT, 2), report(PLOT, 0), report("__class__"), report("")):
            viewer.send(nonsense)
        viewer.ping().wait(10)
        assert not endpoint.broadcaster.failures
        for _ in range(50):
            viewer.send(report())
            viewer.send(report(reason="type"))
        viewer.ping().wait(10)
        assert endpoint.broadcaster.failures == {PLOT: DrawFailure(PLOT, 1, "drawing")}
        assert endpoint.viewer_changes == told + 1, "the card is told once"
        assert frames_of(viewer, seconds=0.1) == [], "and nobody is sent anything"
    assert [each.getMessage() for each in caplog.records if each.name == "bokeh_share.broadcast.hub"] == [
        f"a viewer's page could not draw plot k1: {DRAW_FAILURE_REASONS['drawing']}"
    ]
    assert said == []


@pytest.mark.parametrize(
    "query",
    [
        "?version=-1", "?version=1e9", "?version=%00", "?version=%D9%A1", "?epoch[]=1", "??",
        "?epoch=&version=0", "?epoch={}", "?epoch={}&version=0", "?epoch={}&version=99999999999999999999",
        "?epoch={}&version=00000000000000000000000000", "?%", "?app", "?version=0&version=1", "?;",
        "?" + "&".join(f"x{number}=1" for number in range(999)), "?first=", "?first=%00%ff", "?first[]=p",
        f"?first={'p' * 60_000}", "?first=nobody", "?first=%2e%2e%2f&first=p", "?first=-1&version=1",
    ],
)  # fmt: skip
def test_whatever_version_a_page_names_it_gets_the_page_whole(endpoint: EndpointOnLoop, query: str) -> None:
    endpoint.show(with_plot(Page(), 100))
    until(lambda: endpoint.broadcaster._hub.page.plots)
    query = query.format(endpoint.broadcaster._hub.epoch)
    with joined(endpoint, query=query) as connection:
        received = b""
        while b'"kind":"page"' not in received:
            received += connection.recv(65536)


def test_the_page_of_an_app_gets_no_plots(endpoint: EndpointOnLoop) -> None:
    endpoint.show(with_plot(Page(), 100))
    until(lambda: endpoint.broadcaster._hub.page.plots)
    with joined(endpoint, query="?app=") as connection:
        received = b""
        while b'"kind":"page"' not in received:
            received += connection.recv(65536)
        assert b'"plots":[]' in received


@pytest.mark.parametrize(
    ("query", "order"),
    [
        ("?first=c", ["c", UMSATZ, "a"]),
        (f"?first={id_of(UMSATZ)}", [UMSATZ, "a", "c"]),
        ("?first=Umsatz%20%28%E2%82%AC%29", [UMSATZ, "a", "c"]),
        ("?epoch=x&version=1&first=c", ["c", UMSATZ, "a"]),
        (f"?first={'c' * limits.MAX_FIRST_LENGTH}c", ["a", UMSATZ, "c"]),
        ("", ["a", UMSATZ, "c"]),
    ],
)
def test_the_plot_that_a_page_names_is_sent_first(
    endpoint: EndpointOnLoop, query: str, order: list[str]
) -> None:
    page = Page()
    for name in ("a", UMSATZ, "c"):
        page = page.put(PlotKey("name", name), look(name), now=1)
    endpoint.show(page)
    until(lambda: endpoint.broadcaster._hub.page.plots)
    with joined(endpoint, query=query) as connection:
        received = b""
        while received.count(b'"kind":"plot"') < len(order) or not received.endswith(b"}"):
            received += connection.recv(65536)
    assert re.findall(r'"plot":"(k\w+)"', received.decode("latin-1")) == [*map(id_of, order)]


def test_who_sends_frames_before_the_answer_is_answered(endpoint: EndpointOnLoop) -> None:
    with nothing_left_over(endpoint):
        for data in (frame(PING, b"early"), b"\0" * 5000, frame(TEXT, b"x" * 1000) * 30):
            with joined(endpoint, first=data):
                pass
        assert watches(endpoint)


def stall(endpoint: EndpointOnLoop, *, query: str = "") -> Any:
    """Somebody who joins and never reads anything."""
    return joined(endpoint, query=query, window=4096)


def is_blocked(endpoint: EndpointOnLoop) -> bool:
    """Return True if all viewers accept nothing of the data that is being sent."""
    watching = list(endpoint.broadcaster._connections)
    return bool(watching) and all(each.blocked_since is not None for each in watching)


def test_pings_of_who_takes_no_answers_are_not_gathered(
    endpoint: EndpointOnLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MESSAGE_BYTE_BURST", 10**9)
    monkeypatch.setattr(limits, "PING_TIMEOUT", 2.0)
    endpoint.show(with_plot(Page(), 30_000_000))
    with nothing_left_over(endpoint), stall(endpoint) as connection:
        until(lambda: is_blocked(endpoint))
        connection.settimeout(0.5)
        pings = frame(PING, b"x" * 125) * 500
        try:
            for _ in range(200):
                connection.sendall(pings)
        except (TimeoutError, ConnectionError):
            pass
        assert (
            sum(
                len(data)
                for each in endpoint.broadcaster._connections
                for data in each.writer._queued_messages
            )
            < 10_000
        )
        until(lambda: endpoint.broadcaster.count == 0)
        assert watches(endpoint)


def test_who_reads_nothing_is_closed_although_they_go_on_sending(
    endpoint: EndpointOnLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "PING_INTERVAL", 0.01)
    monkeypatch.setattr(limits, "PING_TIMEOUT", 0.5)
    monkeypatch.setattr("bokeh_share.broadcast.broadcaster.WATCHDOG_INTERVAL", 0.01)
    for sock in endpoint.server.list_sockets():
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    with nothing_left_over(endpoint), stall(endpoint) as connection:
        until(lambda: endpoint.broadcaster.count == 1)

        def go_on() -> bool:
            with suppress(ConnectionError):
                connection.sendall(frame(PONG))
            time.sleep(0.05)  # so slowly that it does not count as too much
            return endpoint.broadcaster.count == 0

        until(go_on)


def test_who_says_nothing_after_joining_is_closed(
    endpoint: EndpointOnLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "PING_INTERVAL", 0.05)
    monkeypatch.setattr(limits, "PING_TIMEOUT", 0.3)
    with nothing_left_over(endpoint), joined(endpoint) as connection:
        assert is_closed(connection, within=10)


def test_short_messages_behind_a_frame_are_so_many_and_no_more(
    endpoint: EndpointOnLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MAX_QUEUED_MESSAGES", 5)
    endpoint.show(with_plot(Page(), 30_000_000))
    with nothing_left_over(endpoint), stall(endpoint):
        until(lambda: is_blocked(endpoint))
        for _ in range(20):
            endpoint.broadcaster._thread.call_soon(endpoint.broadcaster._busy_state.send_notice)
        until(lambda: endpoint.broadcaster.count == 0)


def test_of_former_states_so_much_is_kept_for_who_takes_them_slowly(
    endpoint: EndpointOnLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MAX_OUTDATED_BYTES", 100_000_000)
    size, page = 30_000_000, Page()
    with nothing_left_over(endpoint), ExitStack() as stack:
        tracemalloc.start()
        stack.callback(tracemalloc.stop)
        for number in range(8):
            page = with_plot(page, size, str(number))
            endpoint.show(page)
            until(lambda page=page: endpoint.broadcaster._hub.page is page)
            stack.enter_context(stall(endpoint))
            until(lambda: is_blocked(endpoint))
        until(lambda: endpoint.broadcaster.count <= 4)
        assert endpoint.broadcaster.count == 4, "three of what was overtaken, and the newest"
        until(lambda: tracemalloc.get_traced_memory()[0] < (4 + 3) * size + 1_000_000)
        assert watches(endpoint)


def test_viewers_who_come_and_go_without_reading_leave_nothing(endpoint: EndpointOnLoop) -> None:
    endpoint.show(with_plot(Page(), 3_000_000))
    for _ in range(20):
        stall(endpoint).close()
    with nothing_left_over(endpoint):
        before = megabytes()
        for _ in range(150):
            stall(endpoint).close()
        assert watches(endpoint)
    assert not endpoint.broadcaster._hub.viewers
    assert not endpoint.broadcaster._send_slots._holders
    assert not endpoint.broadcaster._send_slots._waiters
    assert megabytes() - before < 30


def test_who_names_an_old_version_waits_for_a_turn_like_everybody(
    endpoint: EndpointOnLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MAX_SEND_SLOTS", 1)
    page = Page()
    for number in range(6):
        page = with_plot(page, 20_000_000 if number == 5 else 10, str(number))
        endpoint.show(page)
        until(lambda page=page: endpoint.broadcaster._hub.page is page)
    query = f"?epoch={endpoint.broadcaster._hub.epoch}&version=1"
    with ExitStack() as stack:
        for _ in range(3):
            stack.enter_context(stall(endpoint, query=query))
        until(lambda: endpoint.broadcaster.count == 3)
        until(lambda: len(endpoint.broadcaster._send_slots._waiters) == 2)
        assert [each.pending_frame is not None for each in endpoint.broadcaster._connections].count(True) == 1


def test_a_share_that_ends_says_nothing_of_those_who_read_nothing(endpoint: EndpointOnLoop) -> None:
    endpoint.show(with_plot(Page(), 30_000_000))
    with ExitStack() as stack:
        for _ in range(5):
            stack.enter_context(stall(endpoint))
        until(lambda: endpoint.broadcaster.count == 5 and is_blocked(endpoint))
        endpoint.broadcaster.stop()


def test_well_behaved_viewers_are_served_among_hostile_ones(endpoint: EndpointOnLoop) -> None:
    page = with_plot(Page(), 1_000_000)
    endpoint.show(page)
    noise = frame(PING, b"x" * 100) * 20
    with nothing_left_over(endpoint), endpoint.watch() as good, ExitStack() as stack:
        crowd = [stack.enter_context(stall(endpoint)) for _ in range(60)]
        for number in range(20):
            for each in crowd:
                with suppress(ConnectionError):
                    each.sendall(noise)
            page = page.update_title(str(number))
            began = time.monotonic()
            endpoint.show(page)
            while header(good.recv(10)).get("title") != str(number):
                pass
            assert time.monotonic() - began < 2
