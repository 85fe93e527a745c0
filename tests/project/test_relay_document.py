"""The files in docs/relay.md fit together, and the programs that read them accept them."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
import trustme
import yaml
from code_blocks import list_code_blocks
from support.reverse_proxies import NGINX_MAIN

pytestmark = pytest.mark.one_pairing  # it is the same text on each
TEXT = (Path(__file__).parents[2] / "docs" / "relay.md").read_text(encoding="utf-8")
PATH = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin"
RELAYS = ("relay1:8000", "relay2:8000")


def read_block(language: str) -> str:
    """Return the block of this language that the document says this file tests."""
    (block,) = [each for each in list_code_blocks(TEXT) if each.language == language and each.tested_by]
    return block.code


@pytest.fixture(scope="module")
def compose() -> Any:
    return yaml.safe_load(read_block("yaml"))


def find_program(name: str) -> str:
    program = shutil.which(name, path=PATH)
    if program is None:
        pytest.skip(f"{name} is not installed")
    return program


def read_options(command: str) -> dict[str, str]:
    words = shlex.split(command)
    return {
        name: "" if value.startswith("--") else value
        for name, value in zip(words, [*words[1:], "--"], strict=True)
        if name.startswith("--")
    }


def test_there_are_two_equal_relays_which_trust_the_proxys_network_and_no_more(compose: Any) -> None:
    services = compose["services"]
    assert services["relay1"] == services["relay2"]
    options = read_options(services["relay1"]["command"])
    (subnet,) = (each["subnet"] for each in compose["networks"]["plots"]["ipam"]["config"])
    assert options["--trust-proxy"] == subnet
    assert ip_network(subnet).is_private
    assert {name for name, service in services.items() if "plots" in service["networks"]} == set(services)
    assert {f"{name}:{options['--port']}" for name in ("relay1", "relay2")} == set(RELAYS)
    assert "ports" not in services["relay1"], "only the proxy is reachable from outside"


def test_the_broker_keeps_all_and_lets_nobody_in_without_tls_and_acl(compose: Any) -> None:
    broker = compose["services"]["broker"]
    options = read_options(broker["command"])
    assert options["--maxmemory-policy"] == "noeviction"
    assert options["--appendonly"] == "yes"
    assert broker["ports"] == [f"{options['--tls-port']}:{options['--tls-port']}"]
    mounted = {volume.split(":")[1]: volume.split(":")[0] for volume in broker["volumes"]}
    assert mounted[options["--aclfile"]] == "./users.acl"
    assert Path(options["--tls-cert-file"]).parent.as_posix() in mounted
    environment = compose["services"]["relay1"]["environment"]
    assert f"broker:{options['--port']}" in environment["BOKEH_SHARE_BROKER"]


def test_each_variable_of_the_compose_file_is_in_the_file_beside_it() -> None:
    (variables,) = [each.code for each in list_code_blocks(TEXT) if each.language == "ini"]
    assert set(re.findall(r"\$\{(\w+)\}", read_block("yaml"))) == set(re.findall(r"^(\w+)=", variables, re.M))


def test_both_proxies_lead_to_all_relays() -> None:
    for language in ("caddyfile", "nginx"):
        assert [relay for relay in RELAYS if relay not in read_block(language)] == []
        assert "hash" not in read_block(language), "sticky sessions"


def test_caddy_accepts_its_file(tmp_path: Path) -> None:
    (tmp_path / "Caddyfile").write_text(read_block("caddyfile"), encoding="utf-8")
    command = [find_program("caddy"), "adapt", "--adapter", "caddyfile", "--config", "Caddyfile"]
    environment = {"HOME": str(tmp_path), "PATH": PATH}
    answer = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stderr
    assert '"reverse_proxy"' in answer.stdout


def test_nginx_accepts_its_file(tmp_path: Path) -> None:
    program = find_program("nginx")
    trustme.CA().issue_cert("plots.example.org").private_key_and_cert_chain_pem.write_to_path(
        str(tmp_path / "both.pem")
    )
    # names and folders that are not on this machine
    block = re.sub(r"/etc/ssl/\S+(?=;)", f"{tmp_path}/both.pem", read_block("nginx"))
    block = re.sub(r"relay\d(?=:)", "127.0.0.1", block)
    block = block.replace("/var/log/nginx", str(tmp_path)).replace("listen 443", "listen 127.0.0.1:44300")
    (tmp_path / "nginx.conf").write_text(NGINX_MAIN.format(folder=tmp_path, block=block), encoding="utf-8")
    answer = subprocess.run(
        [program, "-t", "-e", "stderr", "-c", tmp_path / "nginx.conf"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert answer.returncode == 0, answer.stderr
