"""The address that colleagues use where something leads to the share."""

from __future__ import annotations

import pytest

from bokeh_share.errors import BadOption
from bokeh_share.network.public_url import PublicUrl
from bokeh_share.text import hide_passwords


@pytest.mark.parametrize(
    ("text", "url", "origin", "path"),
    [
        ("http://plots.example.org", "http://plots.example.org", "http://plots.example.org", ""),
        ("https://plots.example.org/", "https://plots.example.org", "https://plots.example.org", ""),
        ("https://Example.org:443/a/b/", "https://example.org/a/b", "https://example.org", "/a/b"),
        ("http://10.0.0.7:8080/x", "http://10.0.0.7:8080/x", "http://10.0.0.7:8080", "/x"),
        ("http://[2001:db8::7]:8080", "http://[2001:db8::7]:8080", "http://[2001:db8::7]:8080", ""),
    ],
)
def test_it_is_read_as_browsers_write_it(text: str, url: str, origin: str, path: str) -> None:
    assert PublicUrl.parse(text) == PublicUrl(url, origin, path)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("plots.example.org", "give the whole address, such as http://my-machine:5006"),
        ("plots.example.org:8080/x", "give the whole address, such as http://my-machine:5006"),
        ("//plots.example.org", "give the whole address, such as http://my-machine:5006"),
        ("ftp://plots.example.org", "give the whole address, such as http://my-machine:5006"),
        ("javascript:alert(1)", "give the whole address, such as http://my-machine:5006"),
        ("http://", "give the whole address, such as http://my-machine:5006"),
        ("", "give the whole address, such as http://my-machine:5006"),
        ("http://ada:secret@a.example", "leave out the user name and password, which would be in every link"),
        ("http://a.example/?x=1", "leave out ? and # and what follows, as the link continues there"),
        ("http://a.example/#x", "leave out ? and # and what follows, as the link continues there"),
        ("http://bücher.example",
         "give a host as browsers show it, such as plots.example.org"),
        ("http://a b/",
         "give a host as browsers show it, such as plots.example.org"),
        ("http://a.example/\u202egnp",
         "give a host as browsers show it, such as plots.example.org"),
        ("http://:80/",
         "give a host as browsers show it, such as plots.example.org"),
    ],
)  # fmt: skip
def test_what_makes_no_address_is_refused_in_one_line(text: str, hint: str) -> None:
    with pytest.raises(BadOption) as error:
        PublicUrl.parse(text)
    assert str(error.value) == f"--public-url cannot be {hide_passwords(text)!r}: {hint}"


def test_one_that_no_qr_code_could_hold_is_refused() -> None:
    with pytest.raises(BadOption, match="it is too long, with 1019 characters"):
        PublicUrl.parse(f"http://a.example/{'x' * 1002}")


def test_a_port_that_browsers_refuse_is_refused() -> None:
    with pytest.raises(BadOption, match="browsers open no pages at port 6000"):
        PublicUrl.parse("http://a.example:6000/")


@pytest.mark.parametrize("text", ["http://a:b/", "http://a:99999/", "http://[::1/"])
def test_a_port_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(BadOption, match="it is not a URL"):
        PublicUrl.parse(text)
