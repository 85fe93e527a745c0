"""A share that is published to a broker, from a real kernel to a real server."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from kernel.test_author import author_link, open_link, opened_page
from kernel.test_command_line import IMPORTS, PLOT, Desk
from support.kernel_driver import Kernel, until
from support.looks import describe_models
from support.redis_server import RedisServer
from support.stored_stream import StoredStream
from support.stream_reader import StreamReader
from support.viewer import watching

from bokeh_share.broker.access_rules import build_author_rules
from bokeh_share.broker.relay_presence import encode_announcement, encode_presence
from bokeh_share.broker.share_info import ShareInfo
from bokeh_share.broker.stream_keys import RELAYS_KEY, StreamKeys
from bokeh_share.wire.messages import read_header

pytestmark = pytest.mark.one_pairing

PASSWORD = "hidden-broker-password"


@pytest.fixture  # tests request it before the kernel, which tells the broker at its end
def server(tmp_path: Path) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path)
    rules = build_author_rules("ann")
    server.client().execute_command("ACL", "SETUSER", "ann", "on", f">{PASSWORD}", *rules)
    yield server
    server.stop()


@pytest.fixture
def desk(tmp_path: Path, environment: dict[str, str]) -> Iterator[Desk]:
    desk = Desk(tmp_path, environment | {"JUPYTER_DATA_DIR": str(tmp_path / "data")})
    yield desk
    desk.end()


class Relay:
    """What a relay knows of one share."""

    def __init__(self, server: RedisServer, link: str) -> None:
        self.secret = urlsplit(link).path.strip("/")
        self.keys = StreamKeys.from_secret(self.secret, "ann")
        self._server = server
        self._stream = StoredStream.connect(server.url, self.keys)

    def read(self) -> StreamReader:
        reader = StreamReader()
        reader.take(self._stream.read_all())
        return reader

    def report(self, viewers: int) -> None:
        """Announce this relay with so many viewers."""
        now = time.time_ns() // 1_000_000
        url = encode_announcement("https://plots.example.org", now=now)
        self._server.client().hset(RELAYS_KEY, "one", url)
        self._server.client().hset(self.keys.presence, "one", encode_presence(viewers, now=now))

    def read_info(self) -> ShareInfo:
        return ShareInfo.decode(self.read().details["share"])

    def read_beat(self) -> Any:
        """The last sign of life."""
        return json.loads(self._stream.read_state() or b'{"term": 0, "busy": null}')

    def looks(self) -> list[Any]:
        """The models of each plot, in the page's order."""
        reader = self.read()
        ids = [plot["id"] for plot in reader.page.get("plots", ())]
        return [[describe_models(root) for root in reader.roots(id)] for id in ids]


def url_of(server: RedisServer) -> str:
    return server.url.replace("//", f"//ann:{PASSWORD}@")


def set_variable(kernel: Kernel, url: str) -> None:
    kernel.run(f"import os; os.environ['BOKEH_SHARE_BROKER'] = {url!r}", silent=True)


def test_a_relay_has_what_the_page_shows_until_the_author_stops(server: RedisServer, kernel: Kernel) -> None:
    set_variable(kernel, url_of(server))
    kernel.run("%load_ext bokeh_share\np = fig('a')\nshow(p)", "c1")
    link = kernel.share()
    relay = Relay(server, link)
    with watching(link) as viewer:

        def is_the_same() -> bool:
            return relay.looks() == [[describe_models(root)] for root in viewer.roots] != []

        viewer.shows(["a"])
        kernel.wait(is_the_same, what="the plot in the broker")
        kernel.run("p.title.text = 'b'; p.line([1, 2], [3, 4.5])\nshow(fig('second'))", "c2")
        viewer.shows(["b", "second"])
        kernel.wait(is_the_same, what="the change in the broker")

        relay.report(214)
        kernel.wait(lambda: "relay: live · 214 viewers" in kernel.card, what="the number on the card")
        relayed = f"https://plots.example.org/~ann/{relay.secret}/"
        assert f"bokeh_share  {relayed}  (through the relay)" in kernel.card
        assert link in kernel.card, "the direct link is below"
        assert "2 plots · 215 viewers" in kernel.card
        assert f"'redis://ann@127.0.0.1:{server.port}/0' (BOKEH_SHARE_BROKER)" in kernel.card
        status = kernel.run("%bokeh_share --status", "c3").stdout
        assert "215 viewers" in status
        assert "relay: live · 214 viewers" in status
        share = "__import__('bokeh_share').sharing.current.get_share()"
        assert kernel.ask(f"[{share}.url, {share}.viewers, {share}.urls[1]]") == [relayed, 215, link]

        kernel.run("%bokeh_share --pause", "c4")
        kernel.wait(lambda: relay.read().page["paused"] is not None, what="the pause")
        kernel.run("p.title.text = 'held'", "c5")
        kernel.run("%bokeh_share --title later", "c5")
        held = relay.looks()
        assert "held" not in str(held)
        kernel.run("%bokeh_share --resume", "c6")
        kernel.wait(lambda: "held" in str(relay.looks()), what="what was held")

    kernel.run("%bokeh_share --stop", "c7")
    kernel.run("import os; del os.environ['BOKEH_SHARE_BROKER']", silent=True)
    kernel.wait(lambda: relay.read().has_ended, what="the end")
    assert "relay:" not in kernel.card
    assert PASSWORD not in str(kernel.displays) + str([vars(each) for each in kernel.outputs])


def test_a_restart_keeps_the_last_state_and_the_next_kernel_continues_it(
    tmp_path: Path, server: RedisServer, environment: dict[str, str]
) -> None:
    session = {
        "JPY_SESSION_NAME": str(tmp_path / "sales.ipynb"),
        "JUPYTER_DATA_DIR": str(tmp_path / "data"),
        "BOKEH_SHARE_BROKER": url_of(server),
    }
    kernel = Kernel(tmp_path, env=environment | session)
    try:
        code = "from bokeh_share import share\nlive = share(fig('a'), name='p', retention=2)"
        kernel.run(code, "c1")
        relay = Relay(server, kernel.ask("live.url"))
        kernel.wait(lambda: "'a'" in str(relay.looks()), what="the plot")
        assert 86_400 < server.client().ttl(relay.keys.stream) <= 2 * 86_400
        last_id = relay.read().last_id
        assert last_id is not None
        kernel.restart()
        assert not relay.read().has_ended
        assert "'a'" in str(relay.looks())
        kernel.run("from bokeh_share import share\nlive = share()", "c1")
        assert urlsplit(kernel.ask("live.url")).path.strip("/") == relay.secret
        kernel.wait(lambda: relay.read_beat()["term"] > last_id.term, what="a sign of life")
        assert "'a'" in str(relay.looks()), "an empty page wipes nothing"
        kernel.run("share(fig('b'), name='p')", "c1")
        kernel.wait(lambda: "'b'" in str(relay.looks()), what="the plot of the next kernel")
    finally:
        kernel.end()


def test_relays_know_what_is_presented_and_that_a_cell_runs(server: RedisServer, kernel: Kernel) -> None:
    kernel.run("%load_ext bokeh_share\nshow(fig('a'))", "c1")
    relay = Relay(server, kernel.share(f"--broker {url_of(server)}"))
    with opened_page(open_link(author_link(kernel))) as page:
        page.done("start_presenting")
        kernel.wait(lambda: relay.read().details.get("presented"), what="the view")
        assert read_header(relay.read().details["presented"])["whole"]
        page.done("stop_presenting")
        kernel.wait(lambda: relay.read().details["presented"] == b"", what="the end of the view")
        relay.report(3)
        page.until(lambda: page.state["relayed"] == 3)
        assert page.state["relay"] == "relay: live · 3 viewers"
        assert page.state["link"] == f"https://plots.example.org/~ann/{relay.secret}/"
    running = kernel.begin("import os, time\nwhile not os.path.exists('go'): time.sleep(0.01)", "c2")
    kernel.wait(lambda: relay.read_beat()["busy"] is not None, what="the running cell")
    (kernel.folder / "go").touch()
    kernel.finish(running)
    kernel.wait(lambda: relay.read_beat()["busy"] is None, what="the end of the cell")


@pytest.mark.parametrize("name", ["sales.ipynb", "plot.py"])
def test_a_command_line_prints_the_relays_link_and_leaves_the_last_state(
    desk: Desk, server: RedisServer, name: str
) -> None:
    code = f"{IMPORTS}\n{PLOT.format('a')}"
    desk.write(code)
    desk.save("plot.py", code)
    program = desk.start(name, "--broker", url_of(server), "-p", "0")
    relay = Relay(server, program.url)
    relay.report(1)
    program.says(f"relay: live at https://plots.example.org/~ann/{relay.secret}/")
    assert "relays keep the last state for 7 days" in program.out
    until(lambda: "'a'" in str(relay.looks()))
    assert program.end() == 0
    assert not relay.read().has_ended
    assert "'a'" in str(relay.looks())
    assert PASSWORD not in program.out + program.err
    refusal = desk.refused("sales.ipynb", "--brokr", url_of(server))
    assert "did you mean --broker redis://ann:***@127.0.0.1" in refusal


def test_a_password_in_a_cell_is_warned_of_and_a_new_link_ends_the_former_page(
    server: RedisServer, kernel: Kernel
) -> None:
    kernel.run("%load_ext bokeh_share\nshow(fig('a'))", "c1")
    former = Relay(server, kernel.share(f"--broker {url_of(server)}"))
    kernel.wait(lambda: former.looks() != [], what="the plot")
    assert "the broker's password is saved with this notebook" in kernel.card
    assert "set BOKEH_SHARE_BROKER in the environment instead" in kernel.card
    kernel.run("import os; os.environ['BOKEH_SHARE_PASSWORD'] = 'opensesame'", silent=True)
    kernel.run("%bokeh_share --password\nos.environ.pop('BOKEH_SHARE_PASSWORD')", "c4")
    kernel.wait(lambda: former.read_info().password is not None, what="the hash of the password")
    password = former.read_info().password
    assert password is not None
    assert password.is_correct("opensesame")
    kernel.run("%bokeh_share --fresh", "c2")
    kernel.wait(lambda: former.read().has_ended, what="the end of the former link")
    relay = Relay(server, kernel.url)
    assert relay.secret != former.secret
    kernel.wait(lambda: relay.looks() != [], what="the plot at the new link")
    assert relay.read_info().password is None
    kernel.run("%bokeh_share --no-broker", "c3")
    kernel.wait(lambda: relay.read().has_ended, what="the end without a broker")
    assert "relay:" not in kernel.card
    assert PASSWORD not in str(kernel.displays) + str([vars(each) for each in kernel.outputs])


def test_one_line_says_what_is_wrong_and_the_direct_page_goes_on(server: RedisServer, kernel: Kernel) -> None:
    kernel.run("%load_ext bokeh_share\nshow(fig('a'))", "c1")
    with watching(kernel.share("--broker redis.example.org")) as viewer:
        viewer.shows(["a"])
        line = "⚠ relay: the broker's URL does not begin with redis:// or rediss://: give one such as"
        assert line in kernel.card
        wrong = server.url.replace("//", "//ann:wrong-hidden@")
        kernel.run(f"%bokeh_share --broker {wrong}", "c2")
        kernel.wait(lambda: "check the user name, the password and the ACL" in kernel.card, what="the line")
        assert "wrong-hidden" not in str(kernel.displays)
        server.stop()
        kernel.run(f"%bokeh_share --broker {url_of(server)}", "c3")
        kernel.wait(lambda: "relay: offline since " in kernel.card, what="the line on what is gone")
        kernel.run("show(fig('b'))", "c4")
        viewer.shows(["a", "b"])
    server.start()
    assert "relays need a link that cannot be guessed" in kernel.refused("%bokeh_share --no-token", "c5")
