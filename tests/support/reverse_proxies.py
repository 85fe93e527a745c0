"""Real reverse proxies, configured by the blocks in docs/networks.md."""

from __future__ import annotations

import dataclasses
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import trustme
from proxies import PACKAGES

DOCUMENT = Path(__file__).parents[2] / "docs" / "networks.md"
FENCE = re.compile(
    r"^(?P<mark><!-- not run: .+ -->\n)?```(?P<language>[\w-]*)\n(?P<text>(?s:.*?))^```$", re.M
)
DEADLINE = 20.0
"""Seconds that a program has for listening, and for its end."""

# The lines around the blocks are, as far as they matter, those of Debian's packages: these log all requests.
NGINX_MAIN = """
daemon off;
master_process off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/main.log;
events {{}}
http {{
    access_log {folder}/access.log;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
{block}
}}
"""
APACHE_MAIN = """
ServerRoot {folder}
PidFile {folder}/httpd.pid
DefaultRuntimeDir {folder}
ErrorLog {folder}/error.log
LogLevel info
CustomLog {folder}/access.log "%r"
{modules}
Timeout 300
User "#65534"
Group "#65534"
Listen 127.0.0.1:{port}
ServerName localhost
{block}
"""
HAPROXY_MAIN = """
global
    log stdout format raw local0
defaults
    log global
    mode http
    option httplog
    timeout connect 5000
    timeout client 50000
    timeout server 50000
{block}
"""
APACHE_MODULES = Path("/usr/lib/apache2/modules")
APACHE_DEPENDENCIES = {
    "mpm_event": ["mpm_event"],
    "authz_core": ["authz_core"],
    "ssl": ["socache_shmcb", "ssl"],
    "proxy_http": ["proxy", "proxy_http"],
}
"""What `a2enmod` enables for each, in this order; Debian has the first two enabled."""
# No administration's port, no port 80, nothing in the home directory, and no other address.
CADDY_GLOBAL = """{{
	admin off
	auto_https disable_redirects
	skip_install_trust
	https_port {port}
	default_bind 127.0.0.1
	storage file_system {folder}/storage
"""


@dataclass(frozen=True)
class Block:
    """A fenced block of the document."""

    language: str
    text: str
    is_run: bool
    """False for one that is marked as one that cannot be run."""


def read_blocks() -> list[Block]:
    """The fenced blocks of the document, in its order."""
    return [
        Block(match["language"], match["text"], match["mark"] is None)
        for match in FENCE.finditer(DOCUMENT.read_text(encoding="utf-8"))
    ]


def read_block(language: str) -> str:
    """The only block in this language that is run."""
    (text,) = (block.text for block in read_blocks() if block.is_run and block.language == language)
    return text


def read_cells() -> list[str]:
    """The blocks for the notebook; each line in them is a `%bokeh_share`."""
    cells = [block.text for block in read_blocks() if block.is_run and block.language == "ipython"]
    assert all(line.startswith("%bokeh_share") for cell in cells for line in cell.splitlines())
    return cells


def read_share_options() -> str:
    """The options by which a notebook is shared behind a proxy of the same machine."""
    beginning = "%bokeh_share --port 5006 --public-url https://plots."
    (cell,) = (each for each in read_cells() if each.startswith(beginning))
    return cell.strip().removeprefix("%bokeh_share ")


def replace(text: str, changes: Mapping[str, str]) -> str:
    """The text with each key replaced; each must be there."""
    for former, now in changes.items():
        assert former in text, former
        text = text.replace(former, now)
    return text


@dataclass(frozen=True)
class Setup:
    """A place for one run of a proxy: its folder, its port, and the port of the share behind it."""

    folder: Path
    port: int
    share_port: int
    certificate: Path
    """Certificate and key in one file."""

    @property
    def logs(self) -> str:
        """All that the proxy has logged."""
        return "\n".join(path.read_text() for path in self.folder.glob("*.log"))


@dataclass(frozen=True)
class ReverseProxy:
    """A proxy that the document has a block for."""

    program: str
    language: str
    build: Callable[[Setup, str], tuple[str, Sequence[str]]]
    """Returns the whole configuration, for a block in it, and the arguments of the program."""
    timeouts: Mapping[str, str] = field(default_factory=dict)
    """The timeouts of a silent websocket in the configuration, each with the same of three seconds."""
    status_elsewhere: int = 404
    """The status of its answer at a path that leads to no share."""
    extra: Mapping[str, str] = field(default_factory=dict)
    """What else is changed in the block."""

    def find_program(self) -> str:
        """The path of the program. Without it the test is skipped, or fails where nox installed it."""
        found = shutil.which(self.program, path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
        if found is None:
            reason = f"no {self.program} (Debian: {PACKAGES[self.program]})"
            pytest.fail(reason) if os.environ.get("BOKEH_SHARE_REQUIRE_PROXIES") else pytest.skip(reason)
        return str(found)

    @contextmanager
    def run(self, setup: Setup, *, has_short_timeouts: bool = False) -> Iterator[None]:
        """Run the program with the document's block: for localhost, at these ports, with these files."""
        text, arguments = self.build(setup, replace(read_block(self.language), self.extra))
        if has_short_timeouts:
            text = replace(text, self.timeouts)
        (setup.folder / "configuration").write_text(text)
        with (setup.folder / "output.log").open("w") as output:
            process = subprocess.Popen(
                [self.find_program(), *arguments],
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=setup.folder,
                env={**os.environ, "HOME": str(setup.folder)},
            )
            try:
                deadline = time.monotonic() + DEADLINE
                while not is_listening(setup.port):
                    assert process.poll() is None, setup.logs
                    assert time.monotonic() < deadline, f"{self.program} does not listen: {setup.logs}"
                    time.sleep(0.02)
                yield
            finally:
                process.terminate()
                try:
                    process.wait(DEADLINE)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
                    raise


def is_listening(port: int) -> bool:
    with socket.socket() as sock:
        return sock.connect_ex(("127.0.0.1", port)) == 0


def find_free_port() -> int:
    """A port for a program that has to be told one."""
    with socket.create_server(("127.0.0.1", 0)) as sock:
        return int(sock.getsockname()[1])


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate with its key, for localhost, and the authority that browsers would trust."""
    authority = trustme.CA()
    certificate, trusted = folder / "both.pem", folder / "authority.pem"
    authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(str(certificate))
    authority.cert_pem.write_to_path(str(trusted))
    return certificate, trusted


def _build_nginx(setup: Setup, block: str) -> tuple[str, Sequence[str]]:
    block = replace(
        block,
        {
            "listen 443 ssl": f"listen 127.0.0.1:{setup.port} ssl",
            "plots.example.org;": "localhost;",
            "/etc/ssl/plots.example.org.pem": str(setup.certificate),
            "/etc/ssl/plots.example.org.key": str(setup.certificate),
            "/var/log/nginx/error.log": f"{setup.folder}/error.log",
            "127.0.0.1:5006": f"127.0.0.1:{setup.share_port}",
        },
    )
    text = NGINX_MAIN.format(folder=setup.folder, block=block)
    return text, ["-p", str(setup.folder), "-c", str(setup.folder / "configuration")]


def _build_caddy(setup: Setup, block: str) -> tuple[str, Sequence[str]]:
    assert block.startswith("{\n"), "the global options come first"
    block = replace(
        block,
        {
            "plots.example.org {": "localhost {",
            "/etc/ssl/plots.example.org.pem": str(setup.certificate),
            "/etc/ssl/plots.example.org.key": str(setup.certificate),
            "127.0.0.1:5006": f"127.0.0.1:{setup.share_port}",
        },
    )
    text = CADDY_GLOBAL.format(folder=setup.folder, port=setup.port) + block.removeprefix("{\n")
    return text, ["run", "--adapter", "caddyfile", "--config", str(setup.folder / "configuration")]


def _build_apache(setup: Setup, block: str) -> tuple[str, Sequence[str]]:
    block = replace(
        block,
        {
            "*:443": f"127.0.0.1:{setup.port}",
            "plots.example.org\n": "localhost\n",
            "/etc/ssl/plots.example.org.pem": str(setup.certificate),
            "/etc/ssl/plots.example.org.key": str(setup.certificate),
            "127.0.0.1:5006": f"127.0.0.1:{setup.share_port}",
        },
    )
    (enabled,) = re.findall(r"^sudo a2enmod (.*)$", DOCUMENT.read_text(encoding="utf-8"), re.M)
    modules = [
        each for name in ("mpm_event", "authz_core", *enabled.split()) for each in APACHE_DEPENDENCIES[name]
    ]
    lines = [f"LoadModule {name}_module {APACHE_MODULES / f'mod_{name}.so'}" for name in modules]
    text = APACHE_MAIN.format(folder=setup.folder, port=setup.port, modules="\n".join(lines), block=block)
    return text, ["-D", "FOREGROUND", "-d", str(setup.folder), "-f", str(setup.folder / "configuration")]


def _build_haproxy(setup: Setup, block: str) -> tuple[str, Sequence[str]]:
    block = replace(
        block,
        {
            "bind :443": f"bind 127.0.0.1:{setup.port}",
            "/etc/ssl/plots.example.org.both.pem": str(setup.certificate),
            "127.0.0.1:5006": f"127.0.0.1:{setup.share_port}",
        },
    )
    return HAPROXY_MAIN.format(block=block), ["-db", "-f", str(setup.folder / "configuration")]


NGINX = ReverseProxy("nginx", "nginx", _build_nginx, {"proxy_read_timeout 1h": "proxy_read_timeout 3s"})
CADDY = ReverseProxy("caddy", "caddyfile", _build_caddy, status_elsewhere=200)  # and empty
APACHE = ReverseProxy(
    "apache2", "apache", _build_apache, {"timeout=3600": "timeout=3", "Timeout 300": "Timeout 3"}
)
HAPROXY = ReverseProxy(
    "haproxy",
    "haproxy",
    _build_haproxy,
    {"timeout tunnel 1h": "timeout tunnel 3s"},
    status_elsewhere=503,
)

PROXIES = {"nginx": NGINX, "Caddy": CADDY, "Apache httpd": APACHE, "HAProxy": HAPROXY}
"""By their names in the document."""

VARIANTS = PROXIES | {
    "nginx that leaves the path on": dataclasses.replace(
        NGINX, extra={"http://127.0.0.1:5006/;": "http://127.0.0.1:5006;"}
    ),
    "HAProxy with HTTP/2": dataclasses.replace(HAPROXY, extra={"both.pem\n": "both.pem alpn h2,http/1.1\n"}),
}
"""With other forms that the document names."""
