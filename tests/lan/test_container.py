"""A share in what looks like a container, whose `eth0` is one end of a real veth pair."""

from __future__ import annotations

import pytest
from support.network import ask
from support.ordinary import ORDINARY
from support.recorded_calls import UNTIL_CALLED, record_calls
from support.two_hosts import Author, Colleague

# Addresses and networks do not depend on the versions.
pytestmark = pytest.mark.one_pairing

CONTAINER = """
import bokeh_share.network.host_probe as _host_probe
_host_probe.HOST_PROBE = _host_probe.HostProbe(
    {}, lambda file: "" if file == "/.dockerenv" else _host_probe.read_text(file)
)
"""
HOST = ("10.77.0.1", "this container's host only")
HERE = ("localhost", "inside this container only")
ADVICE = "docker run -p {port}:{port} … publishes the port"


@pytest.fixture
def author(author: Author) -> Author:
    author.run(CONTAINER)
    return author


def test_the_card_says_whom_the_addresses_are_for_and_how_to_publish_the_port(author: Author) -> None:
    author.share("--external --port 5100")
    assert author.places == [HOST, HERE]
    assert ADVICE.format(port=5100) in author.card
    author.share("--local")
    assert author.places == [HERE]
    assert ADVICE.format(port=5100) in author.card
    assert "%bokeh_share --external shares on the network" not in author.card


def test_with_a_public_address_nothing_is_limited(author: Author, colleague: Colleague) -> None:
    author.share("--external --port 5100 --public-url http://10.77.0.1:5100")
    assert author.places == [
        ("10.77.0.1", "for colleagues"),
        ("10.77.0.1", "this network"),
        ("localhost", "this machine only"),
    ]
    assert "docker" not in author.card
    assert ask(colleague.host, author.url).status == 200


def test_that_nobody_came_is_no_question_of_a_firewall_there(author: Author, colleague: Colleague) -> None:
    author.run("from bokeh_share.sharing import no_viewer_reminder; no_viewer_reminder.REMINDER_DELAY = 0.05")
    author.run(record_calls("bokeh_share.sharing.no_viewer_reminder", "NoViewerReminder._on_timeout"))
    author.show("first")
    author.share("--external")
    author.run(UNTIL_CALLED)
    author.share("")
    assert "no viewer from another machine yet" not in author.card
    author.run("%bokeh_share --stop" + ORDINARY)
    author.forget_cards()
    author.share("--external")
    author.wait(lambda: "no viewer from another machine yet" in author.card)
