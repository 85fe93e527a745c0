"""The access rules for other hosts: by host name, through a forwarded port, by TLS and password."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from support.hosts import third_host
from support.network import UPGRADE, ask, forwarded
from support.two_hosts import Author, Colleague

# Addresses and networks do not depend on the versions.
pytestmark = pytest.mark.one_pairing

PASSWORD = "import os; os.environ['BOKEH_SHARE_PASSWORD'] = 'open sesame'"


@pytest.mark.parametrize(
    "host", ["evil.example:{port}", "evil.example", "10.77.0.1", "localhost", "10.77.0.2:{port}"]
)
def test_a_name_that_another_site_points_here_opens_nothing(
    author: Author, colleague: Colleague, host: str
) -> None:
    url = author.share("--external")
    parts = urlsplit(url)
    name = host.format(port=parts.port)
    for path in (parts.path, f"{parts.path}page.js"):
        answer = ask(colleague.host, f"http://{parts.netloc}{path}", headers={"Host": name})
        assert (answer.status, "--public-url" in answer.body) == (421, True)
    upgrade = {**UPGRADE, "Host": name, "Origin": f"http://{name}"}
    assert ask(colleague.host, f"{url}ws", headers=upgrade).status == 421
    for path in ("/", "/ws", "/page.js"):
        answer = ask(colleague.host, f"http://{parts.netloc}{path}", headers={**upgrade})
        assert (answer.status, answer.body) == (404, ""), "who does not know the link learns nothing"


def test_through_a_forwarded_port_the_page_lives_once_the_author_has_named_it(
    author: Author, colleague: Colleague
) -> None:
    author.show("first")
    here = urlsplit(author.share("--local"))
    with forwarded(author.host, 8080, "127.0.0.1", here.port or 0) as public:
        answer = ask(colleague.host, f"{public}{here.path}")
        assert answer.status == 421
        assert "the author can allow it with --public-url" in answer.body
        url = author.share(f"--public-url {public}")
        assert url == f"{public}{here.path}"
        assert author.links[0] == (url, "for colleagues")
        colleague.open(url)
        colleague.sees("first")
        author.show("second")
        colleague.sees("second")
        assert colleague.stayed
        origins = {
            public: 101,
            f"http://{here.netloc}": 101,
            "http://10.77.0.1": 403,
            "http://10.77.0.1:80801": 403,
        }
        for origin, status in origins.items():
            headers = {**UPGRADE, "Origin": origin}
            assert ask(colleague.host, f"{url}ws", headers=headers).status == status, origin


def test_with_tls_and_a_password_the_colleague_sees_it_and_a_third_host_nothing(
    author: Author, colleague: Colleague
) -> None:
    author.run(PASSWORD)
    author.show("first")
    url = author.share("--external --tls --password")
    assert url.startswith("https://10.77.0.1:")
    assert "certificate made here" in author.card
    assert "viewers need a password" in author.card
    colleague.open(url, password="open sesame")
    colleague.sees("first")
    author.show("second")
    colleague.sees("second")
    parts = urlsplit(url)
    with third_host(author.host) as third:
        third.run(["ip", "route", "add", "10.77.0.0/24", "via", "10.78.0.1"])
        for path in ("/", "/ws", "/login", "/login/state", "/logout", "/favicon.ico", f"{parts.path[:-2]}/"):
            for headers in ({}, UPGRADE):
                answer = ask(third, f"http://{parts.netloc}{path}", headers=headers)
                assert (answer.status, answer.body, "server" in answer.headers) == (404, "", False), path
    author.run("del os.environ['BOKEH_SHARE_PASSWORD']")


def test_a_websocket_without_an_origin_needs_the_token(author: Author, colleague: Colleague) -> None:
    url = author.share("--external")
    assert ask(colleague.host, f"{url}ws", headers=UPGRADE).status == 101
    short = author.share("--no-token")
    assert ask(colleague.host, f"{short}ws", headers=UPGRADE).status == 403
    own = {"Origin": f"http://{urlsplit(short).netloc}"}
    assert ask(colleague.host, f"{short}ws", headers={**UPGRADE, **own}).status == 101


AUTHOR_LINK = """
import sys, bokeh_share
print(bokeh_share.share().author_link().url, end="", file=sys.stderr)
"""


def test_the_authors_page_does_not_open_on_another_machine(author: Author, colleague: Colleague) -> None:
    url = author.share("--external")
    here, _, query = author.run(AUTHOR_LINK).partition("?")
    at_home, outside = (f"{parts.scheme}://{parts.netloc}" for parts in map(urlsplit, (here, url)))
    assert (urlsplit(here).hostname, urlsplit(url).hostname) == ("localhost", "10.77.0.1")

    def of_viewers(path: str, cookie: str = "") -> None:
        """A request of another machine, whatever it says, is answered as one without the secret."""
        for origin in (outside, at_home):
            headers = {"Origin": origin, **({"Cookie": cookie} if cookie else {})}
            for method in ("GET", "POST"):
                found = ask(colleague.host, f"{url}{path}", method=method, headers=headers)
                plain = ask(colleague.host, f"{url}{path.split('=')[0]}", method=method)
                assert (found.status, "set-cookie" in found.headers) == (plain.status, False)
                assert "data-author" not in found.body
                named = {**headers, "Host": urlsplit(here).netloc}
                found = ask(colleague.host, f"{url}{path}", method=method, headers=named)
                assert ("set-cookie" in found.headers, "data-author" in found.body) == (False, False)

    of_viewers(f"?{query}")
    exchanged = ask(author.host, f"{here}?{query}", method="POST", headers={"Origin": at_home})
    assert exchanged.status == 204, "the code is still good at home"
    cookie = exchanged.headers["set-cookie"].partition(";")[0]
    for path in ("?author", "author.js", "author.css"):
        of_viewers(path, cookie)
    assert "data-author" in ask(author.host, f"{here}?author", headers={"Cookie": cookie}).body


def test_a_public_url_leads_the_author_to_their_page_too(author: Author, colleague: Colleague) -> None:
    here = urlsplit(author.share("--local"))
    with forwarded(author.host, 8080, "127.0.0.1", here.port or 0) as public:
        author.share(f"--public-url {public}")
        link = author.run(AUTHOR_LINK)
        assert link.startswith(f"{public}{here.path}?author=")
        assert (
            ask(colleague.host, link, method="POST", headers={"Origin": "http://evil.example"}).status != 204
        )
        exchanged = ask(colleague.host, link, method="POST", headers={"Origin": public})
        assert exchanged.status == 204
        cookie = exchanged.headers["set-cookie"].partition(";")[0]
        page = ask(colleague.host, f"{public}{here.path}?author", headers={"Cookie": cookie})
        assert "data-author" in page.body
