"""A real nginx, with what the documentation says."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trustme

DOCS = Path(__file__).parents[2] / "docs" / "nginx.md"
MAIN = """
daemon off;
master_process off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
{example}
}}
"""


def find_nginx() -> str:
    """Debian has it where not everybody looks."""
    found = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
    return found or pytest.skip("no nginx (Debian: nginx-light)")


def example() -> str:
    """The configuration in the documentation."""
    found = re.search(r"```nginx\n(.*?)```", DOCS.read_text(), re.S)
    assert found is not None
    return found[1]


def changed(text: str, **changes: str) -> str:
    """With each `former` replaced, which has to be there."""
    for former, now in changes.items():
        assert former in text
        text = text.replace(former, now)
    return text


@contextmanager
def nginx(folder: Path, port: int, share: int, *, leaves_path: bool = False) -> Iterator[None]:
    """What the documentation says, for localhost: at `port`, in front of the share's port."""
    made = trustme.CA().issue_cert("localhost")
    made.private_key_and_cert_chain_pem.write_to_path(str(folder / "both.pem"))
    text = changed(
        example(),
        **{
            "listen 443 ssl": f"listen 127.0.0.1:{port} ssl",
            "plots.example.org;": "localhost;",
            "/etc/ssl/plots.example.org.pem": f"{folder}/both.pem",
            "/etc/ssl/plots.example.org.key": f"{folder}/both.pem",
            "http://127.0.0.1:5006/;": f"http://127.0.0.1:{share}{'' if leaves_path else '/'};",
        },
    )
    (folder / "nginx.conf").write_text(MAIN.format(folder=folder, example=text))
    process = subprocess.Popen([find_nginx(), "-p", str(folder), "-c", str(folder / "nginx.conf")])
    try:
        deadline = time.monotonic() + 20
        while not _is_there(port):
            assert process.poll() is None, (folder / "error.log").read_text()
            assert time.monotonic() < deadline, "nginx does not listen"
            time.sleep(0.02)
        yield
    finally:
        process.terminate()
        process.wait(20)


def _is_there(port: int) -> bool:
    with socket.socket() as sock:
        return sock.connect_ex(("127.0.0.1", port)) == 0
