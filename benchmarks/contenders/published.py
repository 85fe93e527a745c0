"""A cell of a notebook that runs again, whose share is published for relays."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.contenders import ours
from benchmarks.contenders.contender import Link


class Contender(ours.Contender):
    """Its viewers open the page of relays at these ports of loopback, in turn; without ports, its own."""

    def __init__(self, broker: str, ports: Sequence[int] = ()) -> None:
        super().__init__()
        self._broker, self._ports = broker, list(ports)

    def start(self) -> Link:
        from IPython import get_ipython

        import bokeh_share

        shell = get_ipython()
        shell.run_line_magic("load_ext", "bokeh_share")
        bokeh_share.share(address="127.0.0.1", port=0, broker=self._broker)
        link = ours.find_link()
        return {**link, "ports": self._ports} if self._ports else link
