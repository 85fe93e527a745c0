"""The proxy route: reaches a share through the notebook's server, if that has jupyter-server-proxy."""

from __future__ import annotations

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

from .addresses import is_loopback_ip, list_present_ips
from .host_probe import HostProbe

REQUEST_TIMEOUT = 3.0
"""Seconds within which the notebook's server must answer."""

HOST_HEADER_PATTERN = re.compile(r"[a-z0-9._-]+(:\d{1,5})?|\[[0-9a-f:.]+\](:\d{1,5})?", re.I)
LOOPBACK_BIND_HOSTS = ("", "0.0.0.0", "::", "localhost")
"""Addresses of a server that also listens on loopback."""

PROXY_AUDIENCES = {
    "hub": "through the Hub, which asks for a login",
    "binder": "through Binder, which asks for its token",
    "jupyter": "through Jupyter, which asks for its login",
}


@dataclass(frozen=True)
class ProxyRoute:
    """A route to the share through the notebook's server."""

    url: str
    """The whole URL; or the path alone, if the server's host for browsers is not known."""
    audience: str
    """The audience, for the card."""
    origins: frozenset[str]
    """The origins of its pages, as far as they are known."""
    context_path: str
    """The path before the port, as jupyter-server-proxy sends it in a header of its requests."""


@dataclass(frozen=True)
class NotebookServer:
    """The server that started this kernel."""

    base_url: str
    """Its base path, such as `/` or `/user/ada/`."""
    local_url: str = ""
    """The URL at which it listens, `http` or `https`; empty if unknown."""
    public_url: str = ""
    """Its URL for browsers; empty if unknown."""
    kind: str = "jupyter"
    """`jupyter`, `hub` or `binder`."""
    token: str = field(default="", repr=False)

    def build_route(self, port: int, prefix: str) -> ProxyRoute:
        """Return the route to the pages below `prefix` at `port`."""
        context_path = f"{self.base_url}proxy/{port}"
        public_parts = urlsplit(self.public_url)
        public_origin = f"{public_parts.scheme}://{public_parts.netloc}" if self.public_url else ""
        return ProxyRoute(
            f"{public_origin}{context_path}{prefix}/",
            PROXY_AUDIENCES[self.kind],
            _build_server_origins(public_parts),
            context_path,
        )


def find_notebook_server(
    probe: HostProbe,
    runtime_dir: Path | None,
    parent_pids: Iterable[int],
    *,
    read_text: Callable[[Path], str] = Path.read_text,
) -> NotebookServer | None:
    """Find the server that started this kernel, by the variables of a Hub and by the file that the server
    writes to `runtime_dir`; None if there is none."""
    server_info = _read_server_info(runtime_dir, parent_pids, read_text)
    local_url, token = _build_local_url(server_info), _get_info_text(server_info, "token")
    if not probe.has_variables("JUPYTERHUB_SERVICE_PREFIX"):
        public_url = _get_info_text(server_info, "url")
        return (
            NotebookServer(_get_info_text(server_info, "base_url"), local_url, public_url, token=token)
            if public_url
            else None
        )
    base_url = probe.environ["JUPYTERHUB_SERVICE_PREFIX"]
    public_url = probe.environ.get("JUPYTERHUB_PUBLIC_URL", "")
    if not (public_url.startswith(("http://", "https://")) and urlsplit(public_url).path == base_url):
        public_url = ""
    local_url = local_url or probe.environ.get("JUPYTERHUB_SERVICE_URL", "")
    kind = "binder" if probe.has_variables("BINDER_LAUNCH_HOST") else "hub"
    return NotebookServer(base_url, local_url, public_url, kind, token)


def has_proxy(server: NotebookServer) -> bool | None:
    """Return True if the server has jupyter-server-proxy; None if that is unknown. May take seconds.

    Queries only servers on this machine, so that the token stays on it.
    """
    local_parts = urlsplit(server.local_url)
    host = "127.0.0.1" if local_parts.hostname in LOOPBACK_BIND_HOSTS else local_parts.hostname or ""
    if local_parts.port is None or host not in list_present_ips():
        return None
    connection = _build_connection(local_parts.scheme, host, local_parts.port)
    headers = {"Authorization": f"token {server.token}"} if server.token else {}
    with closing(connection), suppress(OSError, HTTPException):
        connection.request("GET", f"{server.base_url}server-proxy/servers-info", headers=headers)
        # Without a token it redirects to its login, but only for paths that exist.
        return {200: True, 302: True, 404: False}.get(connection.getresponse().status)
    return None


def find_server_and_proxy(probe: HostProbe) -> tuple[NotebookServer | None, bool | None]:
    """Return the server that started this kernel, and the result of `has_proxy`. May take seconds."""
    parent_pids = [int(pid) for pid in [probe.environ.get("JPY_PARENT_PID", "")] if pid.isdecimal()]
    with suppress(psutil.Error):
        parent_pids += [parent.pid for parent in psutil.Process().parents()]
    server = find_notebook_server(probe, _find_runtime_dir(), parent_pids)
    return (None, None) if server is None else (server, has_proxy(server))


def find_browser_host(headers: Mapping[str, str], *, peer: str, context_path: str) -> str | None:
    """Return the notebook server's host for browsers, from a request that came through it; None for others.

    jupyter-server-proxy connects from loopback, keeps the browser's Host and Origin, and adds a header with
    the path that it has removed, but not for websockets. A page of another origin could send all of this too,
    if its name resolves to 127.0.0.1 (DNS rebinding). So only a request with the token of the link is
    trusted, and none if the link has no token. Websockets may then come from this host.
    """
    host, origin = headers.get("Host", "").lower(), headers.get("Origin")
    if (
        not is_loopback_ip(peer)
        or headers.get("X-ProxyContextPath") != context_path
        or not HOST_HEADER_PATTERN.fullmatch(host)
    ):
        return None
    return host if origin is None or urlsplit(origin).netloc.lower() == host else None


def build_host_origins(host: str) -> frozenset[str]:
    """Return the origins of pages of a host, for http and https, since a TLS proxy may be in front."""
    return frozenset({f"http://{host}", f"https://{host}"})


def _read_server_info(
    runtime_dir: Path | None, parent_pids: Iterable[int], read_text: Callable[[Path], str]
) -> Mapping[str, Any]:
    """Read the file that the notebook server among these processes has written; the nearest comes first."""
    names = (f"{kind}-{pid}.json" for pid in parent_pids for kind in ("jpserver", "nbserver"))
    for name in names if runtime_dir is not None else ():
        with suppress(OSError, ValueError):
            server_info = json.loads(read_text(runtime_dir / name))  # type: ignore[operator]  # it is a folder here
            if isinstance(server_info, dict):
                return server_info
    return {}


def _build_local_url(server_info: Mapping[str, Any]) -> str:
    host, port = _get_info_text(server_info, "hostname") or "localhost", server_info.get("port")
    scheme = "https" if server_info.get("secure") else "http"
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}" if isinstance(port, int) else ""


def _find_runtime_dir() -> Path | None:
    try:
        from jupyter_core.paths import jupyter_runtime_dir
    except ImportError:
        return None
    return Path(jupyter_runtime_dir())


def _get_info_text(server_info: Mapping[str, Any], name: str) -> str:
    value = server_info.get(name)
    return value if isinstance(value, str) else ""


def _build_server_origins(public_parts: SplitResult) -> frozenset[str]:
    """Return the origins of the server's pages. Browsers may use any of the names of loopback."""
    if not public_parts.netloc:
        return frozenset()
    origins = {f"{public_parts.scheme}://{public_parts.netloc.lower()}"}
    if public_parts.hostname == "localhost" or is_loopback_ip(public_parts.hostname or ""):
        port = "" if public_parts.port is None else f":{public_parts.port}"
        origins |= {f"{public_parts.scheme}://{host}{port}" for host in ("localhost", "127.0.0.1", "[::1]")}
    return frozenset(origins)


def _build_connection(scheme: str, host: str, port: int) -> HTTPConnection:
    if scheme != "https":
        return HTTPConnection(host, port, timeout=REQUEST_TIMEOUT)
    # Its certificate is for the public name, not for loopback.
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return HTTPSConnection(host, port, timeout=REQUEST_TIMEOUT, context=context)
