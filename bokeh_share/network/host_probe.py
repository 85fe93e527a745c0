"""The questions to the system about what a process runs in."""

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

# Of Linux's sockios.h and ethtool.h. The answer has the driver's name in the 32 bytes after the question.
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
    """What moves an interface's packets, such as `veth` or `macvlan`; empty where Linux does not tell it."""
    with suppress(ImportError, OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        from fcntl import ioctl

        answer = array.array("B", struct.pack(ETHTOOL_STRUCT, ETHTOOL_GDRVINFO))
        request = struct.pack("16sP16x", interface.encode(), answer.buffer_info()[0])
        ioctl(sock, SIOCETHTOOL, request)
        return answer.tobytes()[4:36].split(b"\0")[0].decode()
    return ""


@dataclass(frozen=True)
class HostProbe:
    """What is asked, so that tests can answer."""

    environ: Mapping[str, str]
    read_text: Callable[[str], str | None] = read_text
    """What a file says; None if there is none that can be read."""
    list_files: Callable[[str], Sequence[str]] = list_files
    """The names in a folder; none if it can't be read."""
    list_interface_addresses: Callable[[], Iterable[InterfaceAddress]] = list_interface_addresses
    read_driver: Callable[[str], str] = read_driver
    get_hostname: Callable[[], str] = socket.gethostname
    """What this machine calls itself."""

    @property
    def user(self) -> str:
        return self.environ.get("USER") or self.environ.get("LOGNAME") or "<you>"

    def has_variables(self, *names: str) -> bool:
        """Whether all these variables say something."""
        return all(self.environ.get(name) for name in names)


HOST_PROBE = HostProbe(os.environ)
"""Read when it is needed, so that another one counts at once."""
