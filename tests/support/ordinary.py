"""Makes kernels detect an ordinary environment, in whatever container or session the tests run."""

from __future__ import annotations

from pathlib import Path

ORDINARY = """
import os as _os, bokeh_share.network.host_probe as _host_probe
_host_probe.HOST_PROBE = _host_probe.HostProbe(
    {name: value for name, value in _os.environ.items() if name.startswith("JUPYTERHUB_")},
    read_text=lambda file: None,
    list_files=lambda folder: (),
)
"""
"""Code that simulates an ordinary machine, unless a Hub has started it. Runs before a share starts."""

FORGET = "__import__('bokeh_share').sharing.current._process_state.link_store = None"
"""Code that forgets the last share of this process, its link and its password."""


def make_ordinary(ipython: Path) -> None:
    """Run this code at the start of each kernel with this IPYTHONDIR."""
    startup = ipython / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "ordinary.py").write_text(ORDINARY)
