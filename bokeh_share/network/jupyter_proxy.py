"""The way to a share through the notebook's own server, where that has jupyter-server-proxy."""

from __future__ import annotations

import ipaddress
import json
import re
import ssl
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

import psutil

from .addresses import present
from .host_probe import HostProbe

REQUEST_TIMEOUT = 3.0
"""Seconds that the notebook's server has for an answer."""

HOST = re.compile(r"[a-z0-9._-]+(:\d{1,5})?|\[[0-9a-f:.]+\](:\d{1,5})?", re.I)
EVERYWHERE = ("", "0.0.0.0", "::", "localhost")
"""Hosts of a server that listens on loopback too."""

THROUGH = {
    "hub": "through the Hub, which asks for a login",
    "binder": "through Binder, which asks for its token",
    "jupyter": "through Jupyter, which asks for its login",
}


@dataclass(frozen=True)
class ProxyRoute:
    """How a browser gets to the share through the notebook's server."""

    url: str
    """Whole; or only from the root, where nobody here knows what the server is called outside."""
    kind: str
    """Whom it lets in, for the card."""
    origins: frozenset[str]
    """Where its pages come from, as far as that is known."""
    context: str
    """The path up to the port, as jupyter-server-proxy tells it in its requests."""


@dataclass(frozen=True)
class NotebookServer:
    """The server that started this kernel."""

    base: str
    """Its path, such as `/` or `/user/ada/`."""
    inside: str = ""
    """Where it listens, with `http` or `https`; empty if that is not known."""
    outside: str = ""
    """Its whole address for browsers; empty if that is not known."""
    kind: str = "jupyter"
    """`jupyter`, `hub` or `binder`."""
    token: str = field(default="", repr=False)

    def route(self, port: int, prefix: str) -> ProxyRoute:
        """To what is below `prefix` at `port`."""
        context = f"{self.base}proxy/{port}"
        known = urlsplit(self.outside)
        whole = f"{known.scheme}://{known.netloc}" if self.outside else ""
        return ProxyRoute(f"{whole}{context}{prefix}/", THROUGH[self.kind], _origins(known), context)


def notebook_server(
    system: HostProbe,
    runtime: Path | None,
    parents: Iterable[int],
    *,
    read: Callable[[Path], str] = Path.read_text,
) -> NotebookServer | None:
    """The server that started this kernel, by the variables of a Hub, and by the file that it has written
    to `runtime` about itself; None where there is none."""
    about = _about(runtime, parents, read)
    inside, token = _listens(about), _text(about, "token")
    if not system.has("JUPYTERHUB_SERVICE_PREFIX"):
        outside = _text(about, "url")
        return NotebookServer(_text(about, "base_url"), inside, outside, token=token) if outside else None
    base = system.environ["JUPYTERHUB_SERVICE_PREFIX"]
    outside = system.environ.get("JUPYTERHUB_PUBLIC_URL", "")
    if not (outside.startswith(("http://", "https://")) and urlsplit(outside).path == base):
        outside = ""
    inside = inside or system.environ.get("JUPYTERHUB_SERVICE_URL", "")
    kind = "binder" if system.has("BINDER_LAUNCH_HOST") else "hub"
    return NotebookServer(base, inside, outside, kind, token)


def has_proxy(server: NotebookServer) -> bool | None:
    """Whether it has jupyter-server-proxy, if it tells; takes seconds at worst.

    Only what is on this machine is asked, so that the token stays here.
    """
    at = urlsplit(server.inside)
    host = "127.0.0.1" if at.hostname in EVERYWHERE else at.hostname or ""
    if at.port is None or host not in present():
        return None
    connection = _connection(at.scheme, host, at.port)
    headers = {"Authorization": f"token {server.token}"} if server.token else {}
    with closing(connection), suppress(OSError, HTTPException):
        connection.request("GET", f"{server.base}server-proxy/servers-info", headers=headers)
        # Without a token it sends a browser to its login, but only from what there is.
        return {200: True, 302: True, 404: False}.get(connection.getresponse().status)
    return None


def found_here(system: HostProbe) -> tuple[NotebookServer | None, bool | None]:
    """The server that started this kernel, and what `has_proxy` says of it; takes seconds at worst."""
    parents = [int(pid) for pid in [system.environ.get("JPY_PARENT_PID", "")] if pid.isdecimal()]
    with suppress(psutil.Error):
        parents += [parent.pid for parent in psutil.Process().parents()]
    server = notebook_server(system, _runtime(), parents)
    return (None, None) if server is None else (server, has_proxy(server))


def host_told(headers: Mapping[str, str], *, peer: str, context: str) -> str | None:
    """What a browser calls the notebook's server, by a request that came through it; None for others.

    jupyter-server-proxy comes from loopback, leaves Host and Origin as the browser sent them, and adds the
    path that it has cut off, but not for websockets. All that a page of another's could send as well, once
    its name leads to 127.0.0.1 (DNS rebinding). So only a request that knows the secret part of the link may
    be asked, and none where there is no such part. What it tells, websockets may then come from.
    """
    host, origin = headers.get("Host", "").lower(), headers.get("Origin")
    if not _is_loopback(peer) or headers.get("X-ProxyContextPath") != context or not HOST.fullmatch(host):
        return None
    return host if origin is None or urlsplit(origin).netloc.lower() == host else None


def origins_at(host: str) -> frozenset[str]:
    """Where pages of a host come from: what is between a browser and a Hub, and speaks TLS, is not known."""
    return frozenset({f"http://{host}", f"https://{host}"})


def _about(runtime: Path | None, parents: Iterable[int], read: Callable[[Path], str]) -> Mapping[str, Any]:
    """What the nearest of these processes that is a notebook server says of itself."""
    names = (f"{kind}-{pid}.json" for pid in parents for kind in ("jpserver", "nbserver"))
    for name in names if runtime is not None else ():
        with suppress(OSError, ValueError):
            about = json.loads(read(runtime / name))  # type: ignore[operator]  # it is a folder here
            if isinstance(about, dict):
                return about
    return {}


def _listens(about: Mapping[str, Any]) -> str:
    host, port = _text(about, "hostname") or "localhost", about.get("port")
    scheme = "https" if about.get("secure") else "http"
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}" if isinstance(port, int) else ""


def _runtime() -> Path | None:
    try:
        from jupyter_core.paths import jupyter_runtime_dir
    except ImportError:
        return None
    return Path(jupyter_runtime_dir())


def _text(about: Mapping[str, Any], name: str) -> str:
    value = about.get(name)
    return value if isinstance(value, str) else ""


def _origins(at: SplitResult) -> frozenset[str]:
    """A browser may call loopback by each of its names."""
    if not at.netloc:
        return frozenset()
    origins = {f"{at.scheme}://{at.netloc.lower()}"}
    if at.hostname == "localhost" or _is_loopback(at.hostname or ""):
        port = "" if at.port is None else f":{at.port}"
        origins |= {f"{at.scheme}://{host}{port}" for host in ("localhost", "127.0.0.1", "[::1]")}
    return frozenset(origins)


def _connection(scheme: str, host: str, port: int) -> HTTPConnection:
    if scheme != "https":
        return HTTPConnection(host, port, timeout=REQUEST_TIMEOUT)
    # Its certificate is for the name that browsers use, which loopback is not.
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return HTTPSConnection(host, port, timeout=REQUEST_TIMEOUT, context=context)


def _is_loopback(host: str) -> bool:
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return False
