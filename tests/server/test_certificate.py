"""The certificate that a share shows: the author's, or one that is made."""

from __future__ import annotations

import hashlib
import socket
import ssl
import stat
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme
from cryptography.hazmat.primitives import serialization

from bokeh_share.errors import BadCertificate, MissingExtra
from bokeh_share.server import certificate, private_files
from bokeh_share.server.certificate import Certificate, TlsOptions, load_certificate

HOSTS = ["10.0.0.7", "::1", "localhost", "laptop"]
NOW = datetime.now(UTC)
ADVICE = "give others with --certfile and --keyfile, or leave them out to get a certificate"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where what is kept is."""
    monkeypatch.setattr(private_files, "find_private_folder", lambda: tmp_path / "kept")
    return tmp_path / "kept"


def shown(certificate: Certificate, host: str, trusting: ssl.SSLContext | None = None) -> bytes:
    """The certificate that a client gets there."""
    ours, theirs = socket.socketpair()
    client = trusting or ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if trusting is None:
        client.check_hostname, client.verify_mode = False, ssl.CERT_NONE

    def serve() -> None:
        try:
            with certificate.context.wrap_socket(ours, server_side=True) as served:
                served.recv(1)
        except OSError:  # the client thinks nothing of it
            ours.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        with client.wrap_socket(theirs, server_hostname=host) as connected:
            der = connected.getpeercert(binary_form=True)
            connected.send(b"x")
    finally:
        theirs.close()
        thread.join()
    assert der is not None
    return der


def trusting(der: bytes) -> ssl.SSLContext:
    """A browser whose user has compared the fingerprint."""
    client = ssl.create_default_context(cadata=ssl.DER_cert_to_PEM_cert(der))
    client.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return client


def test_a_certificate_is_made_for_the_addresses_and_names_and_matches_its_fingerprint() -> None:
    certificate = load_certificate(TlsOptions(), HOSTS)
    assert certificate.is_generated
    der = shown(certificate, "localhost")
    digest = hashlib.sha256(der).hexdigest().upper()
    assert certificate.fingerprint == ":".join(digest[at : at + 2] for at in range(0, 64, 2))
    for host in HOSTS:
        assert shown(certificate, host, trusting(der)) == der
    with pytest.raises(ssl.SSLCertVerificationError, match=r"mismatch|not valid for"):
        shown(certificate, "10.0.0.8", trusting(der))


def test_it_is_the_same_again_for_the_same_hosts_in_any_order() -> None:
    first = load_certificate(TlsOptions(), HOSTS)
    assert load_certificate(TlsOptions(), [*reversed(HOSTS), "LOCALHOST"]).fingerprint == first.fingerprint
    assert load_certificate(TlsOptions(), [*HOSTS, "10.8.0.2"]).fingerprint != first.fingerprint
    assert load_certificate(TlsOptions(), HOSTS).fingerprint == first.fingerprint, "back in the first network"


def test_it_tells_a_stranger_nothing_but_its_hosts() -> None:
    der = shown(load_certificate(TlsOptions(), HOSTS), "localhost")
    assert not any(word in der.lower() for word in (b"bokeh", b"trustme", b"python", b"testing"))


@pytest.mark.skipif(sys.platform == "win32", reason="files have other permissions there")
def test_only_the_user_can_read_the_key(folder: Path) -> None:
    load_certificate(TlsOptions(), HOSTS)
    (file,) = folder.glob("tls-*.pem")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.parametrize("lasts", [timedelta(days=10), timedelta(days=-1)])
def test_one_that_ends_soon_is_made_anew_and_one_that_has_ended_is_taken_away(
    lasts: timedelta, monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(certificate, "CERTIFICATE_LIFETIME", timedelta(days=400))
        load_certificate(TlsOptions(), ["elsewhere"])
    (other,) = folder.glob("tls-*.pem")
    (folder / f"{other.stem}x.pem").write_bytes(_pem(not_after=NOW + lasts))
    old = load_certificate(TlsOptions(), HOSTS)
    (mine,) = {*folder.glob("tls-*.pem")} - {other, folder / f"{other.stem}x.pem"}
    mine.write_bytes(_pem(not_after=NOW + lasts))
    assert load_certificate(TlsOptions(), HOSTS).fingerprint != old.fingerprint
    assert (folder / f"{other.stem}x.pem").exists() is (lasts > timedelta())
    assert other.exists()


def test_what_was_damaged_is_made_anew(folder: Path) -> None:
    load_certificate(TlsOptions(), HOSTS)
    (file,) = folder.glob("tls-*.pem")
    file.write_text("nonsense")
    assert load_certificate(TlsOptions(), HOSTS).is_generated


def test_where_nothing_can_be_kept_there_is_one_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setattr(private_files, "find_private_folder", lambda: tmp_path / "file" / "kept")
    assert load_certificate(TlsOptions(), HOSTS).is_generated


def test_without_a_folder_there_is_one_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(private_files, "find_private_folder", lambda: None)
    assert load_certificate(TlsOptions(), HOSTS).is_generated


def test_a_name_that_no_certificate_can_have_is_left_out() -> None:
    der = shown(load_certificate(TlsOptions(), [*HOSTS, "my_laptop", "büro", "a..b", ""]), "localhost")
    assert b"laptop" in der
    assert b"my_laptop" not in der


def test_without_the_package_the_author_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "trustme", None)
    with pytest.raises(MissingExtra) as error:
        load_certificate(TlsOptions(), HOSTS)
    assert str(error.value) == (
        '--tls needs a certificate: pip install "bokeh_share[tls]", or give one with --certfile'
    )


def test_the_authors_own_is_shown(tmp_path: Path) -> None:
    made = trustme.CA().issue_cert("plots.example.org")
    both, cert, key = tmp_path / "both.pem", tmp_path / "cert.pem", tmp_path / "key.pem"
    made.private_key_and_cert_chain_pem.write_to_path(str(both))
    made.cert_chain_pems[0].write_to_path(str(cert))
    made.private_key_pem.write_to_path(str(key))
    one, two = (
        load_certificate(TlsOptions(str(both)), HOSTS),
        load_certificate(TlsOptions(str(cert), str(key)), HOSTS),
    )
    assert one.fingerprint == two.fingerprint
    assert not one.is_generated
    assert shown(one, "x") == ssl.PEM_cert_to_DER_cert(made.cert_chain_pems[0].bytes().decode())


def _pem(**options: object) -> bytes:
    made = trustme.CA().issue_cert("plots.example.org", **options)  # type: ignore[arg-type]
    return made.private_key_and_cert_chain_pem.bytes()


def _locked_key() -> bytes:
    made = trustme.CA().issue_cert("plots.example.org")
    key = serialization.load_pem_private_key(made.private_key_pem.bytes(), None)
    locked = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"secret"),
    )
    return locked + made.cert_chain_pems[0].bytes()


UNREADABLE = "it is no certificate with a key, as PEM and without a password"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (lambda: _pem(not_after=NOW - timedelta(days=1)), "it has expired"),
        (lambda: _pem(not_before=NOW + timedelta(days=1)), "it is not valid yet"),
        (lambda: b"nonsense", UNREADABLE),
        (lambda: b"", UNREADABLE),
        (lambda: _pem().partition(b"-----BEGIN CERT")[0], UNREADABLE),
        (lambda: trustme.CA().issue_cert("a.example").cert_chain_pems[0].bytes(), UNREADABLE),
        (_locked_key, UNREADABLE),
    ],
)
def test_what_browsers_cannot_be_shown_is_refused_in_one_line(
    content: Callable[[], bytes], reason: str, tmp_path: Path
) -> None:
    file = tmp_path / "it.pem"
    file.write_bytes(content())
    with pytest.raises(BadCertificate) as error:
        load_certificate(TlsOptions(str(file)), HOSTS)
    assert str(error.value) == f"cannot use {str(file)!r} as a certificate ({reason}): {ADVICE}"


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadCertificate) as error:
        load_certificate(TlsOptions(str(tmp_path / "none.pem"), "key.pem"), HOSTS)
    what = f"{str(tmp_path / 'none.pem')!r} with 'key.pem'"
    assert str(error.value) == f"cannot use {what} as a certificate (no such file or directory): {ADVICE}"


def test_a_key_of_another_certificate_is_refused(tmp_path: Path) -> None:
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    trustme.CA().issue_cert("a.example").cert_chain_pems[0].write_to_path(str(cert))
    trustme.CA().issue_cert("a.example").private_key_pem.write_to_path(str(key))
    with pytest.raises(BadCertificate, match="the key belongs to another certificate"):
        load_certificate(TlsOptions(str(cert), str(key)), HOSTS)
