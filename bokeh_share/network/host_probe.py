"""Reads the facts of the system that identify the environment of a process."""

from __future__ import annotations

import array
import os
import socket
import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from .addresses import InterfaceAddress, list_interface_addresses

# From Linux's sockios.h and ethtool.h. The result has the driver's name in the 32 bytes after the request.
SIOCETHTOOL, ETHTOOL_GDRVINFO, ETHTOOL_STRUCT = 0x8946, 3, "I192x"


def read_text(file: str) -> str | None:
    with suppress(OSError, UnicodeError):
        return Path(file).read_text()
    return None


def list_files(folder: str) -> Sequence[str]:
    with suppress(OSError):
        return sorted(os.listdir(folder))
    return ()


def read_driver(interface: str) -> str:
    """Return the driver of an interface, such as `veth` or `macvlan`; empty if Linux does not report it."""
    with suppress(ImportError, OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        from fcntl import ioctl

        answer = array.array("B", struct.pack(ETHTOOL_STRUCT, ETHTOOL_GDRVINFO))
        request = struct.pack("16sP16x", interface.encode(), answer.buffer_info()[0])
        ioctl(sock, SIOCETHTOOL, request)
        return answer.tobytes()[4:36].split(b"\0")[0].decode()
    return ""


@dataclass(frozen=True)
class HostProbe:
    """Queries to the system. Tests replace them."""

    environ: Mapping[str, str]
    read_text: Callable[[str], str | None] = read_text
    """Returns the text of a file; None if it cannot be read."""
    list_files: Callable[[str], Sequence[str]] = list_files
    """Returns the names in a folder; none if it cannot be read."""
    list_interface_addresses: Callable[[], Iterable[InterfaceAddress]] = list_interface_addresses
    read_driver: Callable[[str], str] = read_driver
    get_hostname: Callable[[], str] = socket.gethostname
    """Returns the host name of this machine."""

    @property
    def user(self) -> str:
        return self.environ.get("USER") or self.environ.get("LOGNAME") or "<you>"

    def has_variables(self, *names: str) -> bool:
        """Return True if all these variables are set and not empty."""
        return all(self.environ.get(name) for name in names)


HOST_PROBE = HostProbe(os.environ)
"""The probe of this machine. Always read as an attribute of this module, so that tests can replace it."""
