"""What this process runs in, as far as that decides who can reach it: a container, a remote session, …"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from . import host_probe as asked
from .addresses import CONTAINER, LOOPBACK, VPN, Address, linkable
from .host_probe import HostProbe

TAP = 0x2
"""The flag of an interface that a program drives below IP: `IFF_TAP` in Linux's if_tun.h."""

CLUSTERS = {
    "SLURM_JOB_ID": "SLURM_SUBMIT_HOST",
    "PBS_JOBID": "PBS_O_HOST",
    "LSB_JOBID": "LSB_SUB_HOST",
    "JOB_ID": "SGE_O_HOST",
}
"""What batch systems tell a job: that it is one, and the host that it was submitted from."""

Advise = Callable[[int, str | None], str]
"""What to do, with the port, and the best address that is not loopback, as it stands in a URL."""


@dataclass(frozen=True)
class Environment:
    """What is to be said of addresses here; of those that nothing is said of, nothing is doubted."""

    here: str = ""
    """What loopback is, for the card; empty where the author's browser is on this machine."""
    network: str = ""
    """What other addresses are, as far as they are doubted; empty if none is."""
    inside: frozenset[str] | None = None
    """The interfaces whose addresses are doubted; None for all."""
    advise: Advise = lambda port, ip: ""

    def limitation(self, address: Address) -> str:
        """What an address is instead of what it seems to be; empty if it is what it seems."""
        if address.is_loopback:
            return self.here
        return self.network if self.inside is None or address.interface in self.inside else ""


ORDINARY = Environment()
"""The author's own machine, or one that is as good."""


def detect_environment(system: HostProbe | None = None) -> Environment:
    """What this process runs in; reads a few small files, and runs nothing."""
    system = system or asked.HOST_PROBE
    kinds = (_hosted, _codespace, _container, _wsl, _cluster, _remote, _ssh, _hub)
    found = (kind(system) for kind in kinds)
    return next((each for each in found if each is not None), ORDINARY)


def _hosted(system: HostProbe) -> Environment | None:
    """Machines that let nobody in."""
    marks = {"COLAB_RELEASE_TAG": "Google Colab", "KAGGLE_KERNEL_RUN_TYPE": "Kaggle"}
    name = next((name for mark, name in marks.items() if system.has(mark)), None)
    if name is None:
        return None
    advice = (
        f"{name} lets nobody in from outside: %bokeh_share --save page.html writes a file that you can send;"
        " to share live, run the notebook on a machine that colleagues reach"
    )
    inside = f"inside {name} only"
    return Environment(inside, inside, advise=lambda port, ip: advice)


def _codespace(system: HostProbe) -> Environment | None:
    if not system.has("CODESPACES", "CODESPACE_NAME"):
        return None
    domain = system.environ.get("GITHUB_CODESPACES_PORT_FORWARDING_DOMAIN") or "app.github.dev"
    name = system.environ["CODESPACE_NAME"]
    inside = "inside this codespace only"
    return Environment(
        inside,
        inside,
        advise=lambda port, ip: (
            f"inside a codespace: gh codespace ports visibility {port}:public -c {name} lets colleagues in,"
            f" then %bokeh_share --public-url https://{name}-{port}.{domain}"
        ),
    )


def _container(system: HostProbe) -> Environment | None:
    """None for one with its host's own network (`docker run --network host`), or a card on that (macvlan)."""
    pod = system.has("KUBERNETES_SERVICE_HOST")
    podman = system.text("/run/.containerenv") is not None
    if not (pod or podman or system.text("/.dockerenv") is not None):
        return None
    up = [each for each in system.interfaces() if each.up and linkable(each.ip)]
    names = {each.interface for each in up if not LOOPBACK.match(each.interface)}
    inside = frozenset(name for name in names if _leads_to_host(system, name))
    if any(not (VPN.match(name) or CONTAINER.match(name)) for name in names - inside):
        return None
    if pod:
        advise = _forward_from_pod(system.name())
        return Environment("inside this pod only", "the cluster's network", inside, advise)
    advise = _publish("podman" if podman else "docker", system.has("REMOTE_CONTAINERS"))
    return Environment("inside this container only", "this container's host only", inside, advise)


def _leads_to_host(system: HostProbe, interface: str) -> bool:
    """Whether its other end is the container's host: half a veth pair, or the tap of slirp4netns or pasta."""
    driver = system.driver(interface)
    if driver == "tun":
        flags = system.text(f"/sys/class/net/{interface}/tun_flags")
        return flags is not None and bool(int(flags, 16) & TAP)
    return driver in ("veth", "")


def _forward_from_pod(name: str) -> Advise:
    return lambda port, ip: (
        f"inside a Kubernetes pod: kubectl port-forward pod/{name} {port}:{port} brings localhost to your"
        f" machine; for colleagues, an ingress to port {port} and %bokeh_share -e --public-url <its URL>"
    )


def _publish(tool: str, is_dev_container: bool) -> Advise:
    def advise(port: int, ip: str | None) -> str:
        route = (
            f'inside a dev container: "appPort": "{port}:{port}" in devcontainer.json publishes the port'
            if is_dev_container
            else f"inside a container: {tool} run -p {port}:{port} … publishes the port"
        )
        return f"{route}, then %bokeh_share -e -p {port} --public-url http://<your machine>:{port}"

    return advise


def _wsl(system: HostProbe) -> Environment | None:
    """WSL 2 behind Windows' address translation; WSL 1 and mirrored networking have Windows' own network."""
    version = (system.text("/proc/version") or "").lower()
    if "wsl2" not in version and "microsoft-standard" not in version:
        return None
    if "loopback0" in system.files("/sys/class/net"):  # which mirrored networking adds
        return ORDINARY

    def advise(port: int, ip: str | None) -> str:
        proxy = (
            f"netsh interface portproxy add v4tov4 listenport={port} listenaddress=0.0.0.0"
            f" connectport={port} connectaddress={ip or '<the address of WSL>'}"
        )
        share = f"%bokeh_share -e -p {port} --public-url http://<your machine>:{port}"
        mirrored = "networkingMode=mirrored below [wsl2] in .wslconfig gives it Windows' own addresses"
        return f"inside WSL 2: {mirrored}; or as administrator of Windows {proxy}, then here {share}"

    # Windows itself leads its localhost here.
    return Environment("", "this Windows machine only", advise=advise)


def _cluster(system: HostProbe) -> Environment | None:
    job = next((job for job in CLUSTERS if system.has(job)), None)
    if job is None or (job == "JOB_ID" and not system.has("QUEUE")):
        return None
    login = f"{system.user}@{system.environ.get(CLUSTERS[job]) or '<login node>'}"
    node = f"{system.user}@{system.name()}"

    def advise(port: int, ip: str | None) -> str:
        route = f"{port}:{ip}:{port} {login}" if ip else f"{port}:localhost:{port} -J {login} {node}"
        return f"on a cluster's node: ssh -L {route} brings the localhost link to the machine that runs it"

    return Environment("this node only", "the cluster's network", advise=advise)


def _remote(system: HostProbe) -> Environment | None:
    """VS Code's server on another machine than its window, by SSH, a tunnel or as code-server."""
    if not system.has("VSCODE_IPC_HOOK_CLI"):
        return None
    return _elsewhere(
        lambda port, ip: (
            f"the notebook runs on a remote machine: forward port {port} in VS Code's Ports view, and the"
            " localhost link works in your browser too"
        )
    )


def _ssh(system: HostProbe) -> Environment | None:
    """A session from another machine, or what was started in one."""
    words = system.environ.get("SSH_CONNECTION", "").split()
    if len(words) != 4 or _is_loopback(words[0]):
        return None
    client, _, server, listening = words
    # Behind address translation the server does not know what it is called from outside.
    host = server if _is_private(client) == _is_private(server) else "<this machine>"
    at = f"{system.user}@{host}" if listening == "22" else f"-p {listening} {system.user}@{host}"
    return _elsewhere(
        lambda port, ip: (
            f"the notebook runs on a remote machine: ssh -L {port}:localhost:{port} {at} on yours,"
            " and the localhost link works there too"
        )
    )


def _hub(system: HostProbe) -> Environment | None:
    return Environment("the Hub's machine only", inside=frozenset()) if is_on_hub(system) else None


def is_on_hub(system: HostProbe | None = None) -> bool:
    """Whether a JupyterHub started the notebook's server."""
    return (system or asked.HOST_PROBE).has("JUPYTERHUB_SERVICE_PREFIX")


def _elsewhere(advise: Advise) -> Environment:
    return Environment("the remote machine only", inside=frozenset(), advise=advise)


def _is_loopback(text: str) -> bool:
    with suppress(ValueError):
        return ipaddress.ip_address(text).is_loopback
    return False


def _is_private(text: str) -> bool:
    with suppress(ValueError):
        return ipaddress.ip_address(text).is_private
    return False
