"""Links and access rules of a share, by where it listens and what its network is like."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import trustme
from support.http_requests import request_with

from bokeh_share.card.note import Severity
from bokeh_share.network.addresses import Address
from bokeh_share.network.environment import Environment
from bokeh_share.network.public_url import PublicUrl
from bokeh_share.server.auth.access_control import AccessControl
from bokeh_share.server.certificate import TlsOptions
from bokeh_share.sharing.access import NetworkState, ShareAccess
from bokeh_share.sharing.binding import EndpointOptions, ResolvedEndpoint
from bokeh_share.sharing.link_store import LinkStore

LOCAL, HOME, OFFICE = Address("127.0.0.1", "lo"), Address("10.0.0.1", "eth0"), Address("10.0.0.2", "eth0")


class Desk:
    """A share's access, whose link is known; `changes` counts what the card was told."""

    def __init__(self) -> None:
        self.link_store = LinkStore(prefix="/x8secretx8secret")
        self.control = AccessControl()
        self.changes = 0
        self.access = ShareAccess(self.link_store, self.control, self.count_change)

    def count_change(self) -> None:
        self.changes += 1

    def listen(self, *addresses: Address, **options: Any) -> None:
        self.access.update(ResolvedEndpoint(EndpointOptions(port=5006, **options), addresses))

    @property
    def urls(self) -> list[str]:
        return [link.url for link in self.access.links]


@pytest.fixture
def desk() -> Desk:
    return Desk()


def texts(desk: Desk) -> list[str]:
    return [note.text for note in desk.access.notes]


def test_there_are_links_while_it_runs(desk: Desk) -> None:
    assert desk.urls == []
    desk.listen(LOCAL, HOME)
    assert desk.urls == [
        "http://10.0.0.1:5006/x8secretx8secret/",
        "http://localhost:5006/x8secretx8secret/",
    ]
    desk.access.stop()
    assert desk.urls == []
    assert desk.access.endpoint.options.port == 5006, "the card says what it was"


def test_its_rules_are_for_these_links(desk: Desk) -> None:
    desk.listen(LOCAL, HOME)
    rules = desk.control.rules
    assert (rules.prefix, rules.cookie_name) == ("/x8secretx8secret", "bokeh_share_5006")
    assert {"http://10.0.0.1:5006", "http://localhost:5006"} < rules.origins
    assert (rules.tls, rules.password, rules.public_url) == (False, None, "")
    desk.link_store.replace_link()
    desk.access.update_rules()
    assert desk.control.rules.prefix == desk.link_store.prefix != "/x8secretx8secret"


def test_without_a_token_there_is_no_secret_part(desk: Desk) -> None:
    desk.listen(LOCAL, token=False)
    assert desk.control.rules.prefix == ""
    assert desk.urls == ["http://localhost:5006/"]


def test_in_another_network_the_best_address_comes_first_and_those_it_leaves_still_work(desk: Desk) -> None:
    desk.listen(LOCAL, HOME)
    network = NetworkState((LOCAL, OFFICE), ("desk.example.org",), "a note")
    desk.access.update_network(network, (LOCAL, HOME, OFFICE))
    hosts = [url.split(":")[1].strip("/") for url in desk.urls]
    assert hosts == ["10.0.0.2", "10.0.0.1", "desk.example.org", "localhost"]
    assert "http://desk.example.org:5006" in desk.control.rules.origins
    assert "a note" in texts(desk)
    desk.listen(LOCAL)
    assert desk.access.network == NetworkState((LOCAL,), ("desk.example.org",)), "it has just been looked at"


def test_a_reason_for_a_new_link_is_told_until_the_share_moves(desk: Desk) -> None:
    desk.access.update(ResolvedEndpoint(EndpointOptions(port=5006), (LOCAL,)), new_link_reason="taken")
    assert texts(desk)[0] == "taken"
    desk.listen(LOCAL)
    assert "taken" not in texts(desk)


def test_wrong_passwords_are_counted_for_the_card(desk: Desk) -> None:
    desk.listen(LOCAL)
    desk.link_store.set_password("opensesame")
    desk.access.update_rules()
    assert desk.control.has_password
    desk.access.record_wrong_password("10.0.0.9")
    assert desk.changes == 1
    assert any("10.0.0.9" in text for text in texts(desk))


def test_a_link_that_changes_is_shown_while_the_share_runs(desk: Desk) -> None:
    desk.access.update_links()
    assert desk.changes == 0
    desk.listen(LOCAL)
    desk.access.update_links()
    assert desk.changes == 1


def test_the_author_comes_from_this_machine_or_by_the_public_url(desk: Desk) -> None:
    desk.listen(LOCAL, HOME)
    author = desk.control.rules.author
    assert author.local_origins == {"http://127.0.0.1:5006", "http://localhost:5006"}
    assert author.public_origins == frozenset()
    desk.listen(LOCAL, HOME, public_url=PublicUrl.parse("https://plots.example.org/sales"))
    assert desk.control.rules.author.public_origins == {"https://plots.example.org"}


def test_a_host_that_leads_nowhere_is_not_learned(desk: Desk) -> None:
    desk.listen(LOCAL)
    before = desk.control.rules
    assert not desk.access.add_host(request_with(Host="evil.example"))
    assert desk.control.rules is before


def write_certificate(file: Path) -> None:
    trustme.CA().issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(str(file))


def test_a_renewed_certificate_is_used_and_one_that_is_half_written_is_not(
    desk: Desk, tmp_path: Path
) -> None:
    file = tmp_path / "own.pem"
    write_certificate(file)
    options = EndpointOptions(port=5006, tls_options=TlsOptions(str(file)))
    desk.access.update(ResolvedEndpoint(options, (LOCAL,), options.load_certificate_for((LOCAL,))))
    first = desk.control.certificate
    assert first is not None
    assert desk.control.rules.tls
    desk.access.renew_certificate()
    desk.access.update_rules()
    assert (desk.control.certificate, desk.changes) == (first, 0)
    file.write_text("-----BEGIN")
    desk.access.renew_certificate()
    assert desk.control.certificate is first
    write_certificate(file)
    desk.access.renew_certificate()
    assert desk.control.certificate is not None
    assert desk.control.certificate.fingerprint != first.fingerprint
    assert desk.changes == 2


@pytest.mark.parametrize(
    ("options", "addresses", "severity"),
    [
        ({"bind_address": "local"}, [LOCAL], Severity.UNREACHABLE),
        ({"bind_address": "external"}, [LOCAL, HOME], Severity.UNREACHABLE),
        (
            {"bind_address": "external", "public_url": PublicUrl.parse("http://desk.example.org")},
            [HOME],
            None,
        ),
    ],
)
def test_in_a_container_the_advice_is_as_grave_as_that_no_colleague_has_a_link(
    desk: Desk,
    monkeypatch: pytest.MonkeyPatch,
    options: dict[str, Any],
    addresses: list[Address],
    severity: Severity | None,
) -> None:
    environment = Environment("here only", "this host only", advise=lambda port, ip: f"publish {port}")
    monkeypatch.setattr(desk.access.link_finder, "environment", environment)
    desk.listen(*addresses, **options)
    assert [note.severity for note in desk.access.notes if note.text == "publish 5006"] == (
        [severity] if severity else []
    )


def test_on_a_remote_machine_the_advice_is_grave_until_there_is_a_link_for_others(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = Environment(
        "remote", limited_interfaces=frozenset(), advise=lambda port, ip: "forward it", is_forwardable=True
    )
    monkeypatch.setattr(desk.access.link_finder, "environment", environment)
    desk.listen(LOCAL)
    (note,) = desk.access.notes
    assert (note.text, note.severity) == ("forward it", Severity.UNREACHABLE)
    desk.listen(LOCAL, HOME, bind_address="external")
    (note,) = desk.access.notes
    assert note.severity is Severity.INFO
