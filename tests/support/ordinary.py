"""What kernels take their environment for, in whatever container or session the tests run."""

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
"""An ordinary machine, unless a Hub has started it; to be run before a share starts."""

FORGET = "__import__('bokeh_share').sharing.current._process_state.link_store = None"
"""The next share of this process has nothing of the last one's, neither link nor password."""


def make_ordinary(ipython: Path) -> None:
    """Let each kernel that has this IPYTHONDIR begin with that."""
    startup = ipython / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "ordinary.py").write_text(ORDINARY)
