"""`%bokeh_share --password`: nobody comes in with the link alone."""

from __future__ import annotations

import http.client
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from support.app_viewer import watching_app
from support.kernel_driver import Kernel
from support.viewer import watching
from websockets.exceptions import InvalidStatus

# Links and passwords do not depend on the versions.
pytestmark = pytest.mark.one_pairing

PASSWORD = "open sesame ü"
SET = f"import os; os.environ['BOKEH_SHARE_PASSWORD'] = {PASSWORD!r}"
UNSET = "import os; os.environ.pop('BOKEH_SHARE_PASSWORD', None)"
TREND = "from bokeh_share import share\ndef trend(days: int = 7): return fig(f'{days} days')\nshare(trend)"


class Browser:
    """Keeps a cookie, and names its origin."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.cookie = ""

    def ask(
        self, path: str = "", method: str = "GET", body: str | None = None, **headers: str
    ) -> tuple[int, http.client.HTTPMessage, str]:
        parts = urlsplit(self.url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.cookie:
            headers.setdefault("Cookie", self.cookie)
        if method == "POST":
            headers.setdefault("Origin", f"{parts.scheme}://{parts.netloc}")
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            connection.request(method, parts.path + path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read().decode()
        finally:
            connection.close()

    def log_in(self, password: str = PASSWORD, goal: str = "") -> tuple[int, http.client.HTTPMessage, str]:
        status, headers, text = self.ask("login", "POST", urlencode({"password": password, "next": goal}))
        if status == 303:
            self.cookie = headers["Set-Cookie"].partition(";")[0]
        return status, headers, text

    @contextmanager
    def watch(self, **options: Any) -> Iterator[Any]:
        with watching(self.url, additional_headers={"Cookie": self.cookie}, **options) as viewer:
            yield viewer


@pytest.fixture
def browser(kernel: Kernel) -> Iterator[Browser]:
    kernel.run(SET)
    kernel.run("%load_ext bokeh_share\nshow(fig('a'))", "c1")
    yield Browser(kernel.share("--password"))
    kernel.run(UNSET)


def test_with_the_link_alone_there_is_only_the_login_page(browser: Browser, kernel: Kernel) -> None:
    kernel.run(TREND, "c2")
    paths = ["", "page.js", "page.css", "trend", "trend/", "trend/token", "trend/socket", "login", "nothing",
             "static/extensions/panel/panel.min.js", "bokeh/1/bokeh.min.js", "ws", "../" + "x"]  # fmt: skip
    for path in paths[:-1]:
        for method in ("GET", "HEAD", "POST"):
            status, headers, text = browser.ask(path, method)
            assert (path, method, status) == (path, method, 401)
            assert text == "" if method == "HEAD" else "Enter the password" in text
            assert "Server" not in headers
            assert headers["Cache-Control"] == "no-store"
    assert browser.ask("ws", Upgrade="websocket", Connection="Upgrade")[::2] == (401, "")
    for path in ("ws", "trend/socket"):
        with pytest.raises(InvalidStatus) as refusal:
            with watching(browser.url.removesuffix("/") + "/" + path.removesuffix("ws")):
                pass
        assert refusal.value.response.status_code == 401


def test_who_gives_it_comes_in_everywhere(browser: Browser, kernel: Kernel) -> None:
    kernel.run(TREND, "c2")
    status, headers, _ = browser.log_in(goal="trend?days=30")
    assert (status, headers["Location"]) == (303, "./trend?days=30")
    for path in ("", "page.js", "trend", "trend/token"):
        assert browser.ask(path)[0] == 200
    with browser.watch() as viewer:
        viewer.shows(["a"])
        kernel.run("show(fig('b'))", "c1")
        viewer.shows(["b"])
    with watching_app(browser.url, "trend", cookie=browser.cookie) as app:
        assert app.document.roots


def test_the_cookie_is_sent_only_to_pages_of_the_share(browser: Browser, kernel: Kernel) -> None:
    _, headers, _ = browser.log_in()
    name, *rest = (part.strip() for part in headers["Set-Cookie"].split(";"))
    assert name.startswith(f"bokeh_share_{urlsplit(browser.url).port}=")
    # without a path it is for what is below the prefix, as the browser sees that
    assert sorted(rest) == ["HttpOnly", "SameSite=Strict"]
    _, headers, _ = browser.ask(
        "login", "POST", urlencode({"password": PASSWORD}), Origin=browser.url.rpartition("/x")[0] or "null"
    )
    assert "Set-Cookie" not in headers


def test_a_form_of_somebody_elses_page_is_refused(browser: Browser) -> None:
    for origin in ("http://evil.example", "null"):
        status, headers, text = browser.ask("login", "POST", urlencode({"password": PASSWORD}), Origin=origin)
        assert (status, text, headers["Set-Cookie"]) == (403, "", None)


@pytest.mark.parametrize(
    "goal",
    [
        "//evil.example",
        "/",
        "http://evil.example",
        "../x",
        "\\\\evil.example",
        "./..//",
        "a\r\nSet-Cookie: x=1",
        "ü",
    ],
)
def test_the_login_redirects_only_to_the_share(browser: Browser, goal: str) -> None:
    status, headers, _ = browser.log_in(goal=goal)
    location = headers["Location"]
    assert status == 303
    assert location in ("./", f"./{goal}")
    assert ":" not in location.partition("/")[0]
    assert ".." not in location


def test_cookies_of_the_same_name_from_other_servers_do_not_matter(browser: Browser, kernel: Kernel) -> None:
    kernel.run(TREND, "c2")
    browser.log_in()
    name, _, session_token = browser.cookie.partition("=")
    alien = f"{name}={session_token[:-1]}{'1' if session_token[-1] == '0' else '0'}"
    assert browser.ask(Cookie=alien)[0] == 401
    browser.cookie = f"{name}=; {alien}; {browser.cookie}; other=1"
    assert browser.ask()[0] == 200
    with browser.watch() as viewer, watching_app(browser.url, "trend", cookie=browser.cookie) as app:
        assert browser.ask("logout", "POST")[0] == 204
        assert viewer.until_closed() == (4006, "You have logged out")
        assert app.wait_until_closed() == (4006, "You have logged out")
    assert browser.ask()[0] == 401


def test_fifteen_viewers_behind_one_address_log_in_at_once(browser: Browser) -> None:
    with ThreadPoolExecutor(15) as people:
        answers = list(people.map(lambda _: Browser(browser.url).log_in()[0], range(15)))
    assert answers == [303] * 15


def test_after_five_wrong_passwords_logins_wait_a_minute_and_the_card_reports_it(
    browser: Browser, kernel: Kernel
) -> None:
    for _ in range(5):
        status, _, text = browser.log_in("guessed")
        assert (status, "This password is wrong." in text, "guessed" in text) == (401, True, False)
    for password in ("guessed", PASSWORD):
        status, headers, text = browser.log_in(password)
        assert status == 429
        assert 0 < int(headers["Retry-After"]) <= 60
        assert re.search(f"Try again in {headers['Retry-After']} seconds?\\.", text)
    kernel.wait(lambda: "5 wrong passwords were entered, the last from 127.0.0.1" in kernel.card)
    assert kernel.run("print('quiet')").stdout == "quiet\n"


def test_logging_out_ends_the_session(browser: Browser, kernel: Kernel) -> None:
    browser.log_in()
    mine = browser.cookie
    browser.log_in()
    with browser.watch() as viewer:
        assert browser.ask("logout", "POST")[::2] == (204, "")
        assert viewer.until_closed() == (4006, "You have logged out")
    assert browser.ask()[0] == 401, "the session token is not valid any more, wherever it was copied to"
    browser.cookie = mine
    with browser.watch() as viewer:
        viewer.shows(["a"])


def test_a_logged_out_session_stays_ended_when_the_password_is_set_again(
    browser: Browser, kernel: Kernel
) -> None:
    browser.log_in()
    assert browser.ask("logout", "POST")[0] == 204
    kernel.run("%bokeh_share --password", "c3")
    assert browser.ask()[0] == 401
    kernel.run("%bokeh_share --stop")
    browser.url = kernel.share("--password")
    assert browser.ask()[0] == 401


def test_whoever_is_there_when_it_is_set_has_to_give_it_too(kernel: Kernel) -> None:
    kernel.run("%load_ext bokeh_share\nshow(fig('a'))\n" + TREND, "c1")
    url = kernel.share()
    with kernel.watch(url) as viewer, watching_app(url, "trend") as app:
        kernel.run_typing("%bokeh_share --password", PASSWORD, "c2")
        assert viewer.until_closed() == (4006, "The author set a password")
        assert app.wait_until_closed() == (4006, "The author set a password")
    browser = Browser(url)
    assert browser.ask()[0] == 401
    assert browser.log_in()[0] == 303
    with browser.watch() as viewer:
        viewer.shows(["a"])
    assert "viewers need a password" in kernel.card
    kernel.run("%bokeh_share --title other", "c3")
    assert Browser(url).ask()[0] == 401


def test_the_password_stays_until_the_link_is_replaced(browser: Browser, kernel: Kernel) -> None:
    kernel.run(UNSET)
    assert browser.log_in()[0] == 303
    for code in ("%bokeh_share --stop", "%unload_ext bokeh_share"):
        kernel.run(code, "c3")
        assert kernel.share() == browser.url
        assert (Browser(browser.url).ask()[0], browser.ask()[0]) == (401, 200)
        assert "viewers need the password that was set earlier: --password sets" in kernel.card
    with browser.watch() as viewer:
        fresh = kernel.share("--fresh")
        assert viewer.until_closed() == (4000, "the author made a new link")
    assert (Browser(fresh).ask()[0], browser.ask()[0]) == (200, 404)
    assert "viewers need" not in kernel.card
    assert "no password: the link is enough" in kernel.card


def test_another_password_or_link_ends_earlier_sessions(browser: Browser, kernel: Kernel) -> None:
    browser.log_in()
    kernel.run("%bokeh_share --fresh --password", "c3")
    other = Browser(kernel.url)
    other.cookie = browser.cookie
    assert (browser.ask()[0], other.ask()[0]) == (404, 401)
    other.log_in()
    assert other.ask()[0] == 200
    kernel.run("os.environ['BOKEH_SHARE_PASSWORD'] = 'other'\n%bokeh_share --password", "c3")
    assert other.ask()[0] == 401


def test_an_empty_one_is_none(kernel: Kernel) -> None:
    kernel.run("%load_ext bokeh_share")
    output = kernel.run_typing("%bokeh_share --password", "", fails=True)
    hint = "set it in the environment as BOKEH_SHARE_PASSWORD, or type it when you are asked"
    assert output.stderr == f"UsageError: --password cannot be '': {hint}\n"
    assert kernel.run("%bokeh_share --stop").lines == ["bokeh_share: nothing is shared"]


def test_an_empty_one_from_python_does_not_let_everybody_in(kernel: Kernel) -> None:
    """As of a variable that is not set."""
    kernel.run("%load_ext bokeh_share")
    output = kernel.run("from bokeh_share import share\nshare(password='')", fails=True)
    said = "BadOption: password cannot be '': give one that is not empty, or leave it out"
    assert said in output.traceback
    assert kernel.run("%bokeh_share --stop").lines == ["bokeh_share: nothing is shared"]


def test_it_is_no_guard_of_a_link_that_can_be_guessed(kernel: Kernel) -> None:
    url = kernel.share("--no-token")
    kernel.run(SET)
    both = "--password and the short link exclude each other: --fresh makes a link that cannot be guessed"
    assert kernel.refused("%bokeh_share --password") == f"UsageError: {both}"
    assert (kernel.url, Browser(url).ask()[0]) == (url, 200)
    assert Browser(kernel.share("--password --fresh")).ask()[0] == 401
    kernel.run(UNSET)


def test_where_nobody_can_type_it_that_is_said(kernel: Kernel) -> None:
    kernel.run("%load_ext bokeh_share")
    said = kernel.refused("%bokeh_share --password")
    hint = "set BOKEH_SHARE_PASSWORD in the environment first"
    assert said == f"UsageError: no password can be typed here: {hint}"


def test_the_password_is_in_no_repr_and_on_no_card(browser: Browser, kernel: Kernel) -> None:
    share = "__import__('bokeh_share').share()"
    seen = [kernel.card, kernel.ask(f"repr({share})"), kernel.ask(f"repr(vars({share}))")]
    seen += [kernel.ask(f"repr(vars({share}._runner{part}))") for part in ("", ".access", "._endpoint")]
    assert PASSWORD not in repr(seen)


def test_after_a_restart_with_the_same_one_nobody_has_to_give_it_again(
    fresh: Kernel, environment: dict[str, str]
) -> None:
    fresh.run(SET)
    url = fresh.share("--password --port 0")
    browser = Browser(url)
    browser.log_in()
    prefix = fresh.ask("__import__('bokeh_share').sharing.current._process_state.link_store.prefix")
    fresh.run("%unload_ext bokeh_share")
    again = Browser(fresh.share(f"--password --port {urlsplit(url).port}"))
    again.cookie = browser.cookie
    assert fresh.ask("__import__('bokeh_share').sharing.current._process_state.link_store.prefix") == prefix
    assert again.ask()[0] == 200


def test_from_python_it_is_given_as_text(kernel: Kernel) -> None:
    kernel.run("from bokeh_share import share\nlive = share(password='typed elsewhere')", "c1")
    browser = Browser(kernel.url)
    assert browser.ask()[0] == 401
    assert browser.log_in("typed elsewhere")[0] == 303
