"""docs/networks.md has no block that no test runs, and the commands that the card has."""

from __future__ import annotations

import re

import pytest
from network.test_environment import WSL2, docker, probe
from support.reverse_proxies import DOCUMENT, FENCE, PROXIES, read_block, read_blocks, read_share_options

from bokeh_share.card.notes import describe_missing_viewers
from bokeh_share.network.environment import detect_environment
from bokeh_share.network.host_probe import HostProbe

pytestmark = pytest.mark.one_pairing
TEXT = DOCUMENT.read_text(encoding="utf-8")
SLURM = {"SLURM_JOB_ID": "1", "SLURM_SUBMIT_HOST": "login.example.org"}


def test_each_configuration_block_is_run_by_a_test_or_marked_as_one_that_cannot_be() -> None:
    run = {block.language for block in read_blocks() if block.is_run} - {"ipython"}  # by `lan`
    assert run == {proxy.language for proxy in PROXIES.values()}
    for language in run:
        assert read_block(language)  # the only one


def test_all_blocks_are_seen() -> None:
    assert len(read_blocks()) * 2 == len(re.findall(r"^\s*```", TEXT, re.M))
    assert re.findall(r"\n\n {4,}\S", FENCE.sub("", TEXT)) == []  # indented blocks


def test_each_proxy_has_a_section_of_its_name_with_its_block() -> None:
    sections = re.split(r"^### ", TEXT, flags=re.M)
    by_name = {section.partition("\n")[0]: section for section in sections}
    for name, proxy in PROXIES.items():
        assert f"```{proxy.language}\n{read_block(proxy.language)}" in by_name[name]


def test_there_is_one_line_to_share_behind_a_proxy() -> None:
    assert read_share_options() == "--port 5006 --public-url https://plots.example.org/sales"


@pytest.mark.parametrize(
    ("probed", "ip", "command"),
    [
        (docker({"eth0": "veth"}), None, "docker run -p 5006:5006"),
        (docker({"eth0": "veth"}, REMOTE_CONTAINERS="true"), None, '"appPort": "5006:5006"'),
        (probe({"/run/.containerenv": ""}, drivers={"eth0": "veth"}), None, "podman run -p 5006:5006"),
        (
            probe(drivers={"eth0": "veth"}, KUBERNETES_SERVICE_HOST="10.96.0.1"),
            None,
            "kubectl port-forward pod/node17 5006:5006",
        ),
        (probe({"/proc/version": WSL2}), None, "networkingMode=mirrored"),
        (
            probe({"/proc/version": WSL2}),
            "172.20.0.5",
            "netsh interface portproxy add v4tov4 listenport=5006 listenaddress=0.0.0.0 connectport=5006"
            " connectaddress=172.20.0.5",
        ),
        (probe(**SLURM), "10.1.2.17", "ssh -L 5006:10.1.2.17:5006 ada@login.example.org"),
        (probe(**SLURM), None, "ssh -L 5006:localhost:5006 -J ada@login.example.org ada@node17"),
        (probe(SSH_CONNECTION="10.0.0.2 5000 10.0.0.1 22"), None, "ssh -L 5006:localhost:5006 ada@10.0.0.1"),
        (
            probe(CODESPACES="true", CODESPACE_NAME="my-codespace"),
            None,
            "gh codespace ports visibility 5006:public -c my-codespace",
        ),
        (
            probe(CODESPACES="true", CODESPACE_NAME="my-codespace"),
            None,
            "https://my-codespace-5006.app.github.dev",
        ),
        (probe(COLAB_RELEASE_TAG="1"), None, "%bokeh_share --save page.html"),
    ],
)
def test_it_has_the_commands_of_the_card(probed: HostProbe, ip: str | None, command: str) -> None:
    assert command in detect_environment(probed).advise(5006, ip)
    in_document = command.replace("pod/node17", "pod/NAME").replace("10.0.0.1", "server.example.org")
    assert in_document in TEXT


@pytest.mark.parametrize(
    ("system", "program", "command"),
    [
        ("linux", "ufw", "sudo ufw allow 5006/tcp"),
        ("linux", "firewall-cmd", "sudo firewall-cmd --add-port=5006/tcp"),
        ("linux", "", "sudo iptables -I INPUT -p tcp --dport 5006 -j ACCEPT"),
        (
            "win32",
            "",
            "netsh advfirewall firewall add rule name=bokeh_share dir=in action=allow protocol=TCP"
            " localport=5006",
        ),
        ("darwin", "", "System Settings › Network › Firewall: allow incoming connections for Python"),
    ],
)
def test_it_has_the_firewall_commands_of_the_card(system: str, program: str, command: str) -> None:
    note = describe_missing_viewers(
        5006, system=system, find_program=lambda name: "/found" if name == program else None
    )
    assert command in note.text
    assert command in TEXT
