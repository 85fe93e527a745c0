from __future__ import annotations

from collections.abc import Sequence

import pytest

from bokeh_share.network.addresses import Address, InterfaceAddress
from bokeh_share.network.environment import UNLIMITED_ENVIRONMENT, Environment, detect_environment, is_on_hub
from bokeh_share.network.host_probe import HostProbe

LO = Address("127.0.0.1", "lo")
ETH = Address("172.17.0.2", "eth0")
TAILNET = Address("100.101.102.103", "tailscale0")
WSL2 = "Linux version 5.15.167.4-microsoft-standard-WSL2 (root@build) (gcc 11)"

PLACES = {
    "eth0": "172.17.0.2",
    "eth1": "10.0.0.7",
    "docker0": "172.17.0.1",
    "tap0": "10.0.2.100",
    "tailscale0": "100.101.102.103",
    "loopback0": "fe80::1",
}


def probe(
    files: dict[str, str] | None = None, *, drivers: dict[str, str] | None = None, **environ: str
) -> HostProbe:
    """One with these files, these interfaces by their drivers, and these variables."""
    drivers, texts = drivers or {}, dict(files or {})
    for number, name in enumerate(drivers):
        if drivers[name] == "tun":
            texts[f"/sys/class/net/{name}/tun_flags"] = "0x1802" if name == "tap0" else "0x1801"
        texts[f"/sys/class/net/{name}/ifindex"] = str(number)

    def names(folder: str) -> Sequence[str]:
        below = [path.removeprefix(f"{folder}/") for path in texts if path.startswith(f"{folder}/")]
        return sorted({path.split("/")[0] for path in below})

    found = [
        InterfaceAddress("127.0.0.1", "lo"),
        *(InterfaceAddress(PLACES[name], name) for name in drivers if name in PLACES),
    ]
    return HostProbe(
        {"USER": "ada", **environ},
        read_text=texts.get,
        list_files=names,
        list_interface_addresses=lambda: found,
        read_driver=lambda name: drivers.get(name, ""),
        get_hostname=lambda: "node17",
    )


def docker(drivers: dict[str, str], **environ: str) -> HostProbe:
    return probe({"/.dockerenv": ""}, drivers=drivers, **environ)


def environment(found: Environment, *addresses: Address) -> list[str]:
    return [found.describe_limitation(address) for address in addresses]


def test_on_the_authors_own_machine_no_address_is_limited() -> None:
    found = detect_environment(probe(drivers={"eth0": "e1000e", "docker0": "bridge"}))
    assert found is UNLIMITED_ENVIRONMENT
    assert environment(found, LO, ETH) == ["", ""]
    assert found.advise(5006, "10.0.0.7") == ""


def test_a_container_is_limited_but_for_a_tunnel_in_it() -> None:
    found = detect_environment(docker({"eth0": "veth", "tailscale0": "tun"}))
    assert environment(found, LO, ETH, TAILNET) == [
        "inside this container only",
        "this container's host only",
        "",
    ]
    assert found.advise(5007, "172.17.0.2") == (
        "inside a container: docker run -p 5007:5007 … publishes the port,"
        " then %bokeh_share -e -p 5007 --public-url http://<your machine>:5007"
    )


@pytest.mark.parametrize(
    "drivers",
    [
        {"eth1": "e1000e", "docker0": "bridge", "veth1a2b3c": "veth", "tailscale0": "tun"},
        {"eth0": "macvlan"},
        {"eth0": "veth", "eth1": "macvlan"},
    ],
)
def test_a_container_with_its_hosts_network_or_a_card_on_it_is_as_good(drivers: dict[str, str]) -> None:
    assert detect_environment(docker(drivers)) is UNLIMITED_ENVIRONMENT


def test_a_container_without_a_network_is_limited() -> None:
    assert detect_environment(docker({})).describe_limitation(LO) == "inside this container only"


def test_an_interface_without_a_known_driver_is_limited() -> None:
    assert detect_environment(docker({"eth0": ""})).describe_limitation(ETH) == "this container's host only"


def test_podman_is_known_with_a_bridge_and_without_root() -> None:
    for name, driver in (("eth0", "veth"), ("tap0", "tun")):
        found = detect_environment(probe({"/run/.containerenv": ""}, drivers={name: driver}))
        assert found.describe_limitation(Address("10.0.2.100", name)) == "this container's host only"
        assert "podman run -p 5006:5006" in found.advise(5006, None)


def test_a_dev_container_gets_advice_about_its_own_file() -> None:
    found = detect_environment(
        docker({"eth0": "veth"}, REMOTE_CONTAINERS="true", VSCODE_IPC_HOOK_CLI="/tmp/x")
    )
    assert '"appPort": "5006:5006" in devcontainer.json' in found.advise(5006, None)


def test_a_pod_is_for_its_cluster() -> None:
    found = detect_environment(probe(drivers={"eth0": "veth"}, KUBERNETES_SERVICE_HOST="10.96.0.1"))
    assert environment(found, LO, ETH) == ["inside this pod only", "the cluster's network"]
    assert "kubectl port-forward pod/node17 5006:5006" in found.advise(5006, None)


def test_a_codespace_knows_the_address_that_it_gives_to_a_port() -> None:
    found = detect_environment(
        docker(
            {"eth0": "veth"},
            CODESPACES="true",
            CODESPACE_NAME="fuzzy-potato-7x",
            GITHUB_CODESPACES_PORT_FORWARDING_DOMAIN="app.github.dev",
        )
    )
    assert environment(found, LO, ETH) == ["inside this codespace only"] * 2
    assert found.advise(5006, None) == (
        "inside a codespace: gh codespace ports visibility 5006:public -c fuzzy-potato-7x lets colleagues in,"
        " then %bokeh_share --public-url https://fuzzy-potato-7x-5006.app.github.dev"
    )


@pytest.mark.parametrize(
    ("mark", "name"), [("COLAB_RELEASE_TAG", "Google Colab"), ("KAGGLE_KERNEL_RUN_TYPE", "Kaggle")]
)
def test_where_nobody_gets_in_the_advice_is_a_file(mark: str, name: str) -> None:
    found = detect_environment(docker({"eth0": "veth"}, **{mark: "yes"}))
    assert environment(found, LO, ETH) == [f"inside {name} only"] * 2
    assert "%bokeh_share --save page.html" in found.advise(5006, None)


def test_wsl_2_is_behind_windows_whose_localhost_leads_in() -> None:
    found = detect_environment(probe({"/proc/version": WSL2}, drivers={"eth0": "hv_netvsc"}))
    assert environment(found, LO, ETH) == ["", "this Windows machine only"]
    advice = found.advise(5006, "172.20.1.2")
    assert "networkingMode=mirrored" in advice
    assert "listenport=5006 listenaddress=0.0.0.0 connectport=5006 connectaddress=172.20.1.2" in advice


@pytest.mark.parametrize(
    "version", ["Linux version 4.4.0-19041-Microsoft (gcc 5.4)", "Linux version 6.8.0-45-generic"]
)
def test_wsl_1_has_windows_own_network(version: str) -> None:
    assert (
        detect_environment(probe({"/proc/version": version}, drivers={"eth0": "hv_netvsc"}))
        is UNLIMITED_ENVIRONMENT
    )


def test_so_has_wsl_2_with_mirrored_networking_in_vs_code_too() -> None:
    drivers = {"eth0": "hv_netvsc", "loopback0": "hv_netvsc"}
    found = detect_environment(probe({"/proc/version": WSL2}, drivers=drivers, VSCODE_IPC_HOOK_CLI="/tmp/x"))
    assert found is UNLIMITED_ENVIRONMENT


@pytest.mark.parametrize(
    "environ",
    [
        {"SLURM_JOB_ID": "17", "SLURM_SUBMIT_HOST": "login1"},
        {"PBS_JOBID": "17.server", "PBS_O_HOST": "login1"},
        {"LSB_JOBID": "17", "LSB_SUB_HOST": "login1"},
        {"JOB_ID": "17", "QUEUE": "all.q", "SGE_O_HOST": "login1"},
    ],
)
def test_a_clusters_node_is_for_the_cluster(environ: dict[str, str]) -> None:
    found = detect_environment(probe(SSH_CONNECTION="10.0.0.9 50022 10.0.0.7 22", **environ))
    assert environment(found, LO, ETH) == ["this node only", "the cluster's network"]
    assert "ssh -L 5006:172.17.0.2:5006 ada@login1 brings" in found.advise(5006, "172.17.0.2")
    assert "ssh -L 5006:localhost:5006 -J ada@login1 ada@node17 brings" in found.advise(5006, None)


def test_a_job_id_alone_is_no_cluster() -> None:
    assert detect_environment(probe(JOB_ID="17")) is UNLIMITED_ENVIRONMENT


def test_where_vs_code_is_elsewhere_only_loopback_is_limited() -> None:
    environ = {"VSCODE_IPC_HOOK_CLI": "/run/user/1000/x.sock", "SSH_CONNECTION": "10.0.0.9 1 10.0.0.7 22"}
    found = detect_environment(probe(**environ))
    assert environment(found, LO, ETH) == ["the remote machine only", ""]
    assert "forward port 5006 in VS Code's Ports view" in found.advise(5006, None)


def test_in_a_session_by_ssh_only_loopback_is_limited() -> None:
    found = detect_environment(probe(SSH_CONNECTION="10.0.0.9 50022 10.0.0.7 22"))
    assert environment(found, LO, ETH) == ["the remote machine only", ""]
    assert "ssh -L 5006:localhost:5006 ada@10.0.0.7 on yours" in found.advise(5006, None)
    found = detect_environment(probe(SSH_CONNECTION="10.0.0.9 50022 10.0.0.7 2222"))
    assert "ssh -L 5006:localhost:5006 -p 2222 ada@10.0.0.7 on yours" in found.advise(5006, None)


def test_behind_address_translation_ssh_does_not_tell_how_the_machine_is_called() -> None:
    found = detect_environment(probe(SSH_CONNECTION="203.0.114.9 50022 10.0.0.7 22", USER=""))
    assert "ssh -L 5006:localhost:5006 <you>@<this machine> on yours" in found.advise(5006, None)


@pytest.mark.parametrize("session", ["127.0.0.1 50022 127.0.0.1 22", "::1 1 ::1 22", ""])
def test_a_session_from_this_machine_is_none(session: str) -> None:
    assert detect_environment(probe(SSH_CONNECTION=session)) is UNLIMITED_ENVIRONMENT


def test_on_a_hub_loopback_is_the_hubs() -> None:
    hub = probe(JUPYTERHUB_SERVICE_PREFIX="/user/ada/")
    assert is_on_hub(hub)
    assert environment(detect_environment(hub), LO, ETH) == ["the Hub's machine only", ""]
    assert not is_on_hub(probe())


def test_this_machine_can_be_asked() -> None:
    found = detect_environment()
    assert isinstance(found.advise(5006, None), str)
