from __future__ import annotations

import pytest

from bokeh_share.broker.broker_url import BrokerUrl
from bokeh_share.broker.errors import InvalidBrokerUrl


@pytest.mark.parametrize(
    ("url", "text", "author"),
    [
        ("redis://localhost", "redis://localhost", "default"),
        ("rediss://ann:pa%20ss@redis.example.org:6380/1", "rediss://ann@redis.example.org:6380/1", "ann"),
        ("redis://:hidden@[::1]:6379/0", "redis://[::1]:6379/0", "default"),
        ("redis://ann:hidden@h/0?password=hidden&client_name=x#hidden", "redis://ann@h/0", "ann"),
        ("unix:///run/redis.sock?password=hidden", "unix:///run/redis.sock", "default"),
        (" rediss://ann@h ", "rediss://ann@h", "ann"),
    ],
)
def test_the_password_is_kept_and_never_shown(url: str, text: str, author: str) -> None:
    broker = BrokerUrl.parse(url)
    assert (str(broker), broker.author, broker.secret_url) == (text, author, url.strip())
    assert "hidden" not in repr(broker)
    assert "pa%20ss" not in repr(broker)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("ann:hidden@redis.example.org", "does not begin with redis:// or rediss://"),
        ("localhost:6379", "does not begin with"),
        ("", "does not begin with"),
        ("http://h/hidden", "does not begin with"),
        ("redis://", "has no host"),
        ("redis://ann:hidden@:6379", "has no host"),
        ("redis://h:hidden", "is not valid"),
        ("redis://h:0", "is not valid"),
        ("redis://h:99999", "is not valid"),
        ("redis://[::1/0", "is not valid"),
        ("redis://h/hidden", "is not valid"),
        ("redis://a*:hidden@h", "has a user name with other characters"),
        ("redis://a%3Ab:hidden@h", "has a user name with other characters"),
    ],
)
def test_another_url_is_refused_without_showing_it(url: str, reason: str) -> None:
    with pytest.raises(InvalidBrokerUrl, match=reason) as error:
        BrokerUrl.parse(url)
    assert "hidden" not in str(error.value)
    assert error.value.__cause__ is None
    assert "give one such as rediss://" in str(error.value)
