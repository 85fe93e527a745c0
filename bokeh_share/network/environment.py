"""Detects environments that limit the links of this process: containers, remote sessions and others."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from . import host_probe as asked
from .addresses import CONTAINER_PATTERN, LOOPBACK_PATTERN, VPN_PATTERN, Address, is_linkable, is_loopback_ip
from .host_probe import HostProbe

IFF_TAP = 0x2
"""The flag of an interface that a program drives at the link layer: `IFF_TAP` in Linux's if_tun.h."""

SUBMIT_HOST_VARIABLES = {
    "SLURM_JOB_ID": "SLURM_SUBMIT_HOST",
    "PBS_JOBID": "PBS_O_HOST",
    "LSB_JOBID": "LSB_SUB_HOST",
    "JOB_ID": "SGE_O_HOST",
}
"""Variables that batch systems set for a job: its number, and the host that submitted it."""

Advisor = Callable[[int, str | None], str]
"""Returns advice for the author, for a port and the best address that is not loopback, as in a URL."""


@dataclass(frozen=True)
class Environment:
    """The limitations of this machine's addresses. An address without one works as usual."""

    loopback_limitation: str = ""
    """The limitation of loopback, for the card; empty if the author's browser is on this machine."""
    network_limitation: str = ""
    """The limitation of the other addresses; empty if there is none."""
    limited_interfaces: frozenset[str] | None = None
    """The interfaces whose addresses have the limitation; None if all have it."""
    advise: Advisor = lambda port, ip: ""
    is_forwardable: bool = False
    """True if the author's browser reaches loopback after the author has forwarded the port."""

    def describe_limitation(self, address: Address) -> str:
        """Return the limitation of an address; empty if there is none."""
        if address.is_loopback:
            return self.loopback_limitation
        return (
            self.network_limitation
            if self.limited_interfaces is None or address.interface in self.limited_interfaces
            else ""
        )


UNLIMITED_ENVIRONMENT = Environment()
"""The environment without limitations, such as the author's own machine."""


def detect_environment(probe: HostProbe | None = None) -> Environment:
    """Detect the environment of this process. Reads a few small files and runs no programs."""
    probe = probe or asked.HOST_PROBE
    detectors = (
        _detect_hosted_notebook,
        _detect_codespace,
        _detect_container,
        _detect_wsl,
        _detect_cluster,
        _detect_vscode_remote,
        _detect_ssh,
        _detect_hub,
    )
    environments = (detect(probe) for detect in detectors)
    return next((each for each in environments if each is not None), UNLIMITED_ENVIRONMENT)


def _detect_hosted_notebook(probe: HostProbe) -> Environment | None:
    """Detect services that accept no connections from outside."""
    services = {"COLAB_RELEASE_TAG": "Google Colab", "KAGGLE_KERNEL_RUN_TYPE": "Kaggle"}
    name = next((name for variable, name in services.items() if probe.has_variables(variable)), None)
    if name is None:
        return None
    advice = (
        f"{name} lets nobody in from outside: %bokeh_share --save page.html writes a file that you can send;"
        " to share live, run the notebook on a machine that colleagues reach"
    )
    limitation = f"inside {name} only"
    return Environment(limitation, limitation, advise=lambda port, ip: advice)


def _detect_codespace(probe: HostProbe) -> Environment | None:
    if not probe.has_variables("CODESPACES", "CODESPACE_NAME"):
        return None
    domain = probe.environ.get("GITHUB_CODESPACES_PORT_FORWARDING_DOMAIN") or "app.github.dev"
    name = probe.environ["CODESPACE_NAME"]
    limitation = "inside this codespace only"
    return Environment(
        limitation,
        limitation,
        advise=lambda port, ip: (
            f"inside a codespace: gh codespace ports visibility {port}:public -c {name} lets colleagues in,"
            f" then %bokeh_share --public-url https://{name}-{port}.{domain}"
        ),
    )


def _detect_container(probe: HostProbe) -> Environment | None:
    """Detect a container; None if it has its host's network (`docker run --network host`), or a device on it
    (macvlan)."""
    is_pod = probe.has_variables("KUBERNETES_SERVICE_HOST")
    is_podman = probe.read_text("/run/.containerenv") is not None
    if not (is_pod or is_podman or probe.read_text("/.dockerenv") is not None):
        return None
    addresses = [each for each in probe.list_interface_addresses() if each.is_up and is_linkable(each.ip)]
    names = {each.interface for each in addresses if not LOOPBACK_PATTERN.match(each.interface)}
    limited_interfaces = frozenset(name for name in names if _is_link_to_host(probe, name))
    if any(
        not (VPN_PATTERN.match(name) or CONTAINER_PATTERN.match(name)) for name in names - limited_interfaces
    ):
        return None
    if is_pod:
        advise = _build_pod_advice(probe.get_hostname())
        return Environment("inside this pod only", "the cluster's network", limited_interfaces, advise)
    advise = _build_container_advice(
        "podman" if is_podman else "docker", probe.has_variables("REMOTE_CONTAINERS")
    )
    return Environment("inside this container only", "this container's host only", limited_interfaces, advise)


def _is_link_to_host(probe: HostProbe, interface: str) -> bool:
    """Return True if the other end of the interface is the container's host: half a veth pair, or the tap
    device of slirp4netns or pasta."""
    driver = probe.read_driver(interface)
    if driver == "tun":
        flags = probe.read_text(f"/sys/class/net/{interface}/tun_flags")
        return flags is not None and bool(int(flags, 16) & IFF_TAP)
    return driver in ("veth", "")


def _build_pod_advice(name: str) -> Advisor:
    return lambda port, ip: (
        f"inside a Kubernetes pod: kubectl port-forward pod/{name} {port}:{port} brings localhost to your"
        f" machine; for colleagues, an ingress to port {port} and %bokeh_share -e --public-url <its URL>"
    )


def _build_container_advice(tool: str, is_dev_container: bool) -> Advisor:
    def advise(port: int, ip: str | None) -> str:
        route = (
            f'inside a dev container: "appPort": "{port}:{port}" in devcontainer.json publishes the port'
            if is_dev_container
            else f"inside a container: {tool} run -p {port}:{port} … publishes the port"
        )
        return f"{route}, then %bokeh_share -e -p {port} --public-url http://<your machine>:{port}"

    return advise


def _detect_wsl(probe: HostProbe) -> Environment | None:
    """Detect WSL 2 behind Windows' address translation; WSL 1 and mirrored networking use Windows'
    network."""
    version = (probe.read_text("/proc/version") or "").lower()
    if "wsl2" not in version and "microsoft-standard" not in version:
        return None
    if "loopback0" in probe.list_files("/sys/class/net"):  # mirrored networking adds this
        return UNLIMITED_ENVIRONMENT

    def advise(port: int, ip: str | None) -> str:
        proxy = (
            f"netsh interface portproxy add v4tov4 listenport={port} listenaddress=0.0.0.0"
            f" connectport={port} connectaddress={ip or '<the address of WSL>'}"
        )
        share = f"%bokeh_share -e -p {port} --public-url http://<your machine>:{port}"
        mirrored = "networkingMode=mirrored below [wsl2] in .wslconfig gives it Windows' own addresses"
        return f"inside WSL 2: {mirrored}; or as administrator of Windows {proxy}, then here {share}"

    # Windows forwards its own localhost to WSL.
    return Environment("", "this Windows machine only", advise=advise)


def _detect_cluster(probe: HostProbe) -> Environment | None:
    job = next((job for job in SUBMIT_HOST_VARIABLES if probe.has_variables(job)), None)
    if job is None or (job == "JOB_ID" and not probe.has_variables("QUEUE")):
        return None
    login = f"{probe.user}@{probe.environ.get(SUBMIT_HOST_VARIABLES[job]) or '<login node>'}"
    node = f"{probe.user}@{probe.get_hostname()}"

    def advise(port: int, ip: str | None) -> str:
        route = f"{port}:{ip}:{port} {login}" if ip else f"{port}:localhost:{port} -J {login} {node}"
        return f"on a cluster's node: ssh -L {route} brings the localhost link to the machine that runs it"

    return Environment("this node only", "the cluster's network", advise=advise, is_forwardable=True)


def _detect_vscode_remote(probe: HostProbe) -> Environment | None:
    """Detect VS Code with its server on another machine, by SSH, a tunnel or code-server."""
    if not probe.has_variables("VSCODE_IPC_HOOK_CLI"):
        return None
    return _build_remote_environment(
        lambda port, ip: (
            f"the notebook runs on a remote machine: forward port {port} in VS Code's Ports view, and the"
            " localhost link works in your browser too"
        )
    )


def _detect_ssh(probe: HostProbe) -> Environment | None:
    """Detect an SSH session, or a program that was started in one."""
    words = probe.environ.get("SSH_CONNECTION", "").split()
    if len(words) != 4 or is_loopback_ip(words[0]):
        return None
    client, _, server, listening = words
    # Behind address translation the server does not know its public name.
    host = server if _is_private(client) == _is_private(server) else "<this machine>"
    destination = f"{probe.user}@{host}" if listening == "22" else f"-p {listening} {probe.user}@{host}"
    return _build_remote_environment(
        lambda port, ip: (
            f"the notebook runs on a remote machine: ssh -L {port}:localhost:{port} {destination} on yours,"
            " and the localhost link works there too"
        )
    )


def _detect_hub(probe: HostProbe) -> Environment | None:
    return Environment("the Hub's machine only", limited_interfaces=frozenset()) if is_on_hub(probe) else None


def is_on_hub(probe: HostProbe | None = None) -> bool:
    """Return True if a JupyterHub started the notebook's server."""
    return (probe or asked.HOST_PROBE).has_variables("JUPYTERHUB_SERVICE_PREFIX")


def _build_remote_environment(advise: Advisor) -> Environment:
    return Environment(
        "the remote machine only", limited_interfaces=frozenset(), advise=advise, is_forwardable=True
    )


def _is_private(text: str) -> bool:
    with suppress(ValueError):
        return ipaddress.ip_address(text).is_private
    return False
