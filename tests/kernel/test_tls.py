"""`%bokeh_share --tls`: https, with the author's certificate or one that is made."""

from __future__ import annotations

import http.client
import re
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
import trustme
from support.kernel_driver import Kernel
from support.viewer import watching

TREND = "from bokeh_share import share\ndef trend(days: int = 7): return fig(f'{days} days')\nshare(trend)"


def anybody() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def get(url: str, method: str = "GET", **headers: str) -> tuple[int, http.client.HTTPMessage, bytes]:
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port
    if parts.scheme == "https":
        connection = http.client.HTTPSConnection(host, port, timeout=30, context=anybody())
    else:
        connection = http.client.HTTPConnection(host, port, timeout=30)  # type: ignore[assignment]
    try:
        connection.request(method, parts.path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


@pytest.fixture
def url(kernel: Kernel, tmp_path: Path) -> Iterator[str]:
    kernel.run(f"import os; os.environ['JUPYTER_DATA_DIR'] = {str(tmp_path)!r}")
    kernel.run("%load_ext bokeh_share\nshow(fig('a'))", "c1")
    yield kernel.share("--tls")
    kernel.run("import os; del os.environ['JUPYTER_DATA_DIR']")


def test_page_files_and_websocket_come_by_tls_also_while_a_cell_runs(url: str, kernel: Kernel) -> None:
    assert url.startswith("https://localhost:")
    with watching(url, ssl=anybody()) as viewer:
        viewer.shows(["a"])
        kernel.run("show(fig('b'))", "c1")
        viewer.shows(["b"])
        running = kernel.begin("import time, os\nwhile not os.path.exists('end'): time.sleep(0.01)", "c2")
        viewer.until(lambda: any(frame["kind"] == "busy" for frame in viewer.frames))
        for path in ("", "page.js"):
            assert get(url + path)[0] == 200
        with watching(url, ssl=anybody()) as other:
            other.shows(["b"])
        (kernel.folder / "end").touch()
        kernel.finish(running)
        (kernel.folder / "end").unlink()


def test_a_large_plot_comes_whole_to_who_reads_slowly(url: str, kernel: Kernel) -> None:
    source = "ColumnDataSource({'x': np.arange(200_000.0), 'y': np.arange(200_000.0)})"
    kernel.run(f"p = figure()\np.line('x', 'y', source={source})\nshow(p)", "c1")
    with watching(url, ssl=anybody()) as viewer:
        viewer.until(lambda: viewer.in_step and len(viewer.column("x")) == 200_000)
        assert viewer.column("x") == [float(number) for number in range(200_000)]


def test_the_card_has_the_fingerprint_that_browsers_show(url: str, kernel: Kernel) -> None:
    with socket.create_connection(("127.0.0.1", urlsplit(url).port)) as sock:
        with anybody().wrap_socket(sock) as connected:
            der = connected.getpeercert(binary_form=True)
    assert der is not None
    import hashlib

    digest = hashlib.sha256(der).hexdigest().upper()
    pairs = ":".join(digest[at : at + 2] for at in range(0, 64, 2))
    made = f"certificate made here, so browsers warn: send colleagues its fingerprint, SHA-256 {pairs}"
    assert made in kernel.card
    kernel.run("%bokeh_share --stop")
    assert kernel.share("--tls") == url
    assert pairs in kernel.card, "the same again"


def test_plain_http_redirects_to_https_only_with_the_link(url: str) -> None:
    plain = url.replace("https", "http", 1)
    for path in ("", "page.js", "trend"):
        status, headers, body = get(plain + path)
        assert (status, headers["Location"], body) == (302, url + path, b"")
        assert headers["Cache-Control"] == "no-store"
    outside = f"http://localhost:{urlsplit(url).port}/"
    assert get(outside)[::2] == (404, b"")
    assert get(plain, Host="evil.example")[0] == 421


@pytest.mark.one_pairing  # it waits for a limit of ours
def test_who_says_nothing_or_nonsense_is_not_waited_for(url: str, kernel: Kernel) -> None:
    kernel.run("import bokeh_share.limits; bokeh_share.limits.IDLE_TIMEOUT = 0.2")
    try:
        for said in (b"", b"\x16", b"\x16\x03\x01\x02\x00nonsense", b"\x80\x2e\x01", b"SSH-2.0-x\r\n", b"\0"):
            with socket.create_connection(("127.0.0.1", urlsplit(url).port), timeout=30) as sock:
                sock.sendall(said)
                while sock.recv(4096):
                    pass
    finally:
        kernel.run("bokeh_share.limits.IDLE_TIMEOUT = 10.0")
    assert get(url)[0] == 200


def test_its_origin_is_https(url: str) -> None:
    from websockets.exceptions import InvalidStatus

    with pytest.raises(InvalidStatus) as refusal:
        with watching(url, ssl=anybody(), origin=url.replace("https", "http", 1).rstrip("/")):
            pass
    assert refusal.value.response.status_code == 403


def test_apps_and_a_password_go_with_it(url: str, kernel: Kernel) -> None:
    kernel.run(f"import os; os.environ['BOKEH_SHARE_PASSWORD'] = 'x'\n{TREND}", "c2")
    kernel.run("%bokeh_share --password", "c3")
    kernel.run("del os.environ['BOKEH_SHARE_PASSWORD']")
    assert get(f"{url}trend")[0] == 401
    parts = urlsplit(url)
    connection = http.client.HTTPSConnection("localhost", parts.port, timeout=30, context=anybody())
    body = urlencode({"password": "x"})
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"https://{parts.netloc}"}
    connection.request("POST", f"{parts.path}login", body, headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    cookie = answer.headers["Set-Cookie"]
    assert cookie.endswith("; HttpOnly; SameSite=Strict; Secure") or "Secure" in cookie.split("; ")
    assert get(f"{url}trend", Cookie=cookie.partition(";")[0])[0] == 200


def test_a_running_share_goes_over_to_it_and_tells_its_viewers(kernel: Kernel) -> None:
    kernel.run("%load_ext bokeh_share\nshow(fig('a'))", "c1")
    url = kernel.share()
    with kernel.watch(url) as viewer:
        assert kernel.share("--tls") == url.replace("http", "https", 1)
        viewer.until(
            lambda: any(frame["kind"] == "moved" for frame in viewer.frames) or viewer.closed is not None
        )
        moved = [frame for frame in viewer.frames if frame["kind"] == "moved"]
        assert moved[0]["urls"][0] == url.replace("http", "https", 1)
    assert get(kernel.url)[0] == 200


def test_the_authors_own_certificate_is_shown_and_once_it_is_renewed_the_new_one(kernel: Kernel) -> None:
    first, second = trustme.CA(), trustme.CA()
    write(kernel.folder, first)
    url = kernel.share("--tls --certfile cert.pem --keyfile key.pem")
    with watching(url, ssl=trusting(first)) as viewer:
        viewer.until(lambda: viewer.in_step)
        shown = re.search(r"certificate fingerprint, SHA-256 ([0-9A-F:]{95})$", kernel.card, re.M)
        assert shown is not None

        (kernel.folder / "key.pem").write_text("half written")
        (kernel.folder / "cert.pem").write_text("half written")
        kernel.run("__import__('bokeh_share').share()._runner._network_watch.check()")
        with watching(url, ssl=trusting(first)) as other:
            other.until(lambda: other.in_step)
        write(kernel.folder, second)
        kernel.wait(lambda: shown[1] not in kernel.card, what="the renewed certificate")
        with watching(url, ssl=trusting(second)) as other:
            other.until(lambda: other.in_step)
        kernel.run("show(fig('b'))", "c1")
        viewer.shows(["b"])  # who was there before has noticed nothing
    assert "".join(output.stderr for output in kernel.outputs) == ""


def write(folder: Path, authority: trustme.CA) -> None:
    made = authority.issue_cert("localhost")
    (folder / "cert.pem").write_bytes(b"".join(pem.bytes() for pem in made.cert_chain_pems))
    (folder / "key.pem").write_bytes(made.private_key_pem.bytes())


def trusting(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


ALONE = "--keyfile needs --certfile: give both"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("--keyfile k.pem", ALONE),
        ("--tls --keyfile k.pem", ALONE),
        ("--certfile c.pem", "--certfile needs --tls: give both"),
        ("--tls --certfile none.pem", "cannot use 'none.pem' as a certificate (no such file or directory): "
         "give others with --certfile and --keyfile, or leave them out to get a certificate"),
        ("--no-token --password", "--no-token and --password exclude each other: "
         "a password protects a link that cannot be guessed; leave out --no-token"),
        ("--public-url plots.example.org", "--public-url cannot be 'plots.example.org': "
         "give the whole address, such as http://my-machine:5006"),
        ("--fresh --no-token", "--fresh and --no-token exclude each other: give one of them"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_one_line_before_anything_starts(kernel: Kernel, line: str, said: str) -> None:
    kernel.run("%load_ext bokeh_share")
    assert kernel.refused(f"%bokeh_share {line}") == f"UsageError: {said}"
    assert kernel.run("%bokeh_share --stop").lines == ["bokeh_share: nothing is shared"]
    url = kernel.share()
    assert kernel.refused(f"%bokeh_share {line}") == f"UsageError: {said}"
    assert kernel.url == url


def test_an_expired_certificate_is_refused_before_anything_starts(kernel: Kernel) -> None:
    from datetime import UTC, datetime, timedelta

    made = trustme.CA().issue_cert("localhost", not_after=datetime.now(UTC) - timedelta(days=1))
    (kernel.folder / "old.pem").write_bytes(made.private_key_and_cert_chain_pem.bytes())
    kernel.run("%load_ext bokeh_share")
    said = kernel.refused("%bokeh_share --tls --certfile old.pem")
    assert said.startswith("UsageError: cannot use 'old.pem' as a certificate (it has expired): ")
    assert kernel.run("%bokeh_share --stop").lines == ["bokeh_share: nothing is shared"]


def test_a_password_is_not_taken_back_by_a_guessable_link(kernel: Kernel) -> None:
    kernel.run("import os; os.environ['BOKEH_SHARE_PASSWORD'] = 'x'")
    url = kernel.share("--password")
    said = kernel.refused("%bokeh_share --no-token")
    both = "--no-token and the password that is set exclude each other"
    assert said == f"UsageError: {both}: --fresh makes a new link without a password; then give --no-token"
    assert kernel.url == url
    kernel.run("%bokeh_share --stop")
    assert kernel.refused("%bokeh_share --no-token") == said
    assert kernel.share() == url
    kernel.run("del os.environ['BOKEH_SHARE_PASSWORD']")
