"""The certificate of a share: the author's own, or one that is made for its addresses."""

from __future__ import annotations

import hashlib
import os
import re
import ssl
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from ..errors import BadCertificate, MissingExtra
from . import private_files

CERTIFICATE_LIFETIME = timedelta(days=397)
"""Lifetime of a certificate that is made here: the maximum that browsers accept from authorities."""
MIN_STORED_VALIDITY = timedelta(days=14)
"""A stored certificate that expires within this time is replaced."""
X509_EXPIRED, X509_NOT_YET_VALID = 10, 9
"""OpenSSL's X509_V_ERR_CERT_HAS_EXPIRED and X509_V_ERR_CERT_NOT_YET_VALID."""
MISSING_FILE_MTIME = 0.0
"""The modification time of a file that does not exist at the moment."""
GENERATED_SUBJECT = "self-made"
"""Used instead of a name, since strangers can read the certificate too."""


@dataclass(frozen=True)
class TlsOptions:
    """The author's options: `--tls`, and the files if given."""

    certfile: str | None = None
    keyfile: str | None = None


@dataclass(frozen=True)
class Certificate:
    """A certificate with its key, ready for use."""

    context: ssl.SSLContext = field(repr=False)
    fingerprint: str
    """SHA-256 of the certificate, as browsers show it."""
    is_generated: bool = False
    file_mtimes: tuple[tuple[str, float], ...] = ()
    """The author's files and their modification times."""

    @property
    def is_outdated(self) -> bool:
        """True if a file has changed since."""
        return any(_read_mtime(file) not in (at, MISSING_FILE_MTIME) for file, at in self.file_mtimes)


def load_certificate(tls: TlsOptions, hosts: Collection[str]) -> Certificate:
    """Load the author's certificate, or one for these hosts: a stored one, or a new one.

    `hosts` are names and addresses, without brackets. Raises `BadCertificate` or `MissingExtra`.
    """
    if tls.certfile is not None:
        # Read first, so that files that are written meanwhile count as newer.
        file_mtimes = tuple(
            (file, _read_mtime(file)) for file in (tls.certfile, tls.keyfile) if file is not None
        )
        return replace(_read_certificate(tls.certfile, tls.keyfile), file_mtimes=file_mtimes)
    names = sorted(filter(_can_be_certified, {host.lower() for host in hosts}))
    folder = private_files.find_private_folder()
    if folder is None:
        return _generate_certificate(names)
    file = folder / f"tls-{hashlib.sha256(' '.join(names).encode()).hexdigest()[:32]}.pem"
    with suppress(BadCertificate):
        return _read_certificate(str(file), None, min_validity=MIN_STORED_VALIDITY)
    return _generate_certificate(names, save_to=file)


def _read_mtime(file: str) -> float:
    """Return the modification time, in seconds since 1970."""
    try:
        return os.stat(file).st_mtime
    except OSError:
        return MISSING_FILE_MTIME


def _read_certificate(
    certfile: str, keyfile: str | None, *, min_validity: timedelta | None = None
) -> Certificate:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        # For a protected key OpenSSL would ask for the password on a terminal.
        context.load_cert_chain(certfile, keyfile, password=lambda: b"")
    except ssl.SSLError as error:
        reason = "the key belongs to another certificate" if "MISMATCH" in str(error) else _UNREADABLE_REASON
        raise BadCertificate(certfile, keyfile, reason) from error
    except (OSError, ValueError) as error:
        raise BadCertificate(
            certfile, keyfile, (getattr(error, "strerror", None) or str(error)).lower()
        ) from error
    der = _run_handshake(context, _build_unverified_context()).getpeercert(binary_form=True)
    assert der is not None, "a server shows its certificate"
    _check_validity(context, der, certfile, keyfile, min_validity)
    digest = hashlib.sha256(der).hexdigest().upper()
    fingerprint = ":".join(digest[at : at + 2] for at in range(0, len(digest), 2))
    return Certificate(context, fingerprint, min_validity is not None)


_UNREADABLE_REASON = "it is no certificate with a key, as PEM and without a password"


def _check_validity(
    context: ssl.SSLContext, der: bytes, certfile: str, keyfile: str | None, min_validity: timedelta | None
) -> None:
    """Check the validity by a client that trusts only this certificate."""
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname = False
    client.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    client.load_verify_locations(cadata=ssl.DER_cert_to_PEM_cert(der))
    try:
        decoded: Any = _run_handshake(context, client).getpeercert()
    except ssl.SSLCertVerificationError as error:
        if error.verify_code in (X509_EXPIRED, X509_NOT_YET_VALID):
            when = "it has expired" if error.verify_code == X509_EXPIRED else "it is not valid yet"
            raise BadCertificate(certfile, keyfile, when) from None
        return  # other objections of a client do not matter
    expires_at = datetime.fromtimestamp(ssl.cert_time_to_seconds(decoded["notAfter"]), UTC)
    if min_validity is not None and expires_at < datetime.now(UTC) + min_validity:
        raise BadCertificate(certfile, keyfile, "it expires soon")


def _build_unverified_context() -> ssl.SSLContext:
    """Build a client that accepts every certificate, to read it."""
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname = False
    client.verify_mode = ssl.CERT_NONE
    return client


def _run_handshake(server: ssl.SSLContext, client: ssl.SSLContext) -> ssl.SSLObject:
    """Return the client after a handshake with the server, in memory."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = client.wrap_bio(outgoing, incoming), server.wrap_bio(incoming, outgoing, server_side=True)
    for _ in range(10):
        waiting = 0
        for end in ends:
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                waiting += 1
        if not waiting:
            break
    return ends[0]


def _generate_certificate(names: Collection[str], *, save_to: Path | None = None) -> Certificate:
    try:
        import trustme
    except ImportError:
        raise MissingExtra("trustme", "tls") from None
    subject: dict[str, Any] = {
        "organization_name": GENERATED_SUBJECT,
        "organization_unit_name": GENERATED_SUBJECT,
    }
    now = datetime.now(UTC)
    # The authority's key is discarded here, so the authority signs only this certificate.
    issued = trustme.CA(**subject).issue_cert(
        *names, not_before=now - timedelta(days=1), not_after=now + CERTIFICATE_LIFETIME, **subject
    )
    pem = issued.private_key_and_cert_chain_pem
    if save_to is not None:
        with suppress(OSError):  # without write access the certificate is made again next time
            private_files.create_private_folder(save_to.parent)
            _remove_expired(save_to.parent)
            private_files.write_private_file(save_to, pem.bytes())
    with pem.tempfile() as file:
        return _read_certificate(file, None, min_validity=timedelta())


def _remove_expired(folder: Path) -> None:
    for file in folder.glob("tls-*.pem"):
        try:
            _read_certificate(str(file), None, min_validity=timedelta())
        except BadCertificate:
            file.unlink(missing_ok=True)


def _can_be_certified(host: str) -> bool:
    """Return True for an IP address, or a valid DNS name."""
    with suppress(ValueError):
        ip_address(host)
        return True
    return all(re.fullmatch(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", label) for label in host.split("."))
