"""The access rules of a relayed share, by the password that its author has set."""

from __future__ import annotations

from typing import Any

import pytest

from bokeh_share.broker.share_info import ShareInfo
from bokeh_share.relay.process_viewers import ProcessViewers
from bokeh_share.relay.relay_services import RelayServices
from bokeh_share.relay.relay_url import RelayUrl
from bokeh_share.relay.relayed_access import RelayedAccess
from bokeh_share.server.auth.password import PasswordHash
from bokeh_share.server.auth.rules import Decision, RequestFacts
from bokeh_share.server.join_throttle import JoinThrottle
from bokeh_share.server.visitor_limits import ServerLimits

pytestmark = pytest.mark.one_pairing

LIMITS = ServerLimits(max_viewers=10, join_rate=10)
TOKEN = "a-token-of-a-link"
WORD = PasswordHash(b"salt", b"digest")


def build(secret: bytes = b"secret", public_url: str | None = None, token: str = TOKEN) -> RelayedAccess:
    url = RelayUrl.parse(public_url)
    client: Any = None
    address = url.find_share(f"/{token}/", "ann.plots.example.org")
    assert address is not None
    services = RelayServices(
        client=client,
        relay_name="r",
        url=url,
        own_origins=frozenset({"http://127.0.0.1:5106"}),
        uses_tls=False,
        secret=secret,
        viewers=ProcessViewers(LIMITS),
        join_throttle=JoinThrottle(LIMITS),
    )
    return RelayedAccess(address, services)


def decide(access: RelayedAccess, host: str = "127.0.0.1:5106", *tokens: str) -> Decision:
    return access.control.rules.decide(RequestFacts(f"/{TOKEN}/", host, session_tokens=tokens))


def test_nobody_is_let_in_before_the_password_is_known() -> None:
    access = build()
    assert decide(access) is not Decision.ALLOWED
    assert access.update(ShareInfo("3.9.2"))
    assert decide(access) is Decision.ALLOWED


def test_only_another_password_changes_the_rules() -> None:
    access = build()
    access.update(ShareInfo("3.9.2"))
    assert not access.update(ShareInfo("3.10.2"))
    assert access.update(ShareInfo("3.10.2", password=WORD))
    assert decide(access) is Decision.LOGIN_REQUIRED
    assert not access.update(ShareInfo("3.10.2", password=PasswordHash(b"salt", b"digest")))
    assert access.update(ShareInfo("3.10.2"))


def test_session_tokens_need_the_secret_of_the_relays_the_share_and_the_password() -> None:
    access, info = build(), ShareInfo("3.9.2", password=WORD)
    access.update(info)
    password = access.control.rules.password
    assert password is not None
    token = password.issue_session_token()
    assert decide(access, "127.0.0.1:5106", token) is Decision.ALLOWED
    for other, facts in (
        (build(), info),
        (build(b"another"), info),
        (build(token="a-token-of-another"), info),
        (build(), ShareInfo("3.9.2", password=PasswordHash(b"salt", b"other"))),
    ):
        other.update(facts)
        accepted = other.control.rules.password
        assert accepted is not None
        is_same = other.control.rules.prefix == f"/{TOKEN}" and other is not access
        expected = is_same and facts is info and other._services.secret == b"secret"
        assert accepted.is_valid_session_token(token) is expected


def test_with_subdomains_each_author_has_one_origin_and_the_relays_address_none() -> None:
    access = build(public_url="https://{author}.plots.example.org")
    access.update(ShareInfo("3.9.2"))
    assert decide(access, "ann.plots.example.org") is Decision.ALLOWED
    assert decide(access, "ben.plots.example.org") is Decision.UNKNOWN_HOST
    assert decide(access, "127.0.0.1:5106") is Decision.UNKNOWN_HOST
