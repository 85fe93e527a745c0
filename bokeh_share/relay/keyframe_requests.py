"""Decides when the author's kernel has to write a plot whole, since viewers cannot patch it."""

from __future__ import annotations

import time
from collections.abc import Callable
from weakref import WeakKeyDictionary

from ..broadcast import Viewer

REPEAT_TIMEOUT = 30.0
"""Seconds within which a second request of a viewer shows that what the stream has does not help."""
REQUEST_INTERVAL = 10.0
"""Minimum number of seconds between two requests for one plot."""


class KeyframeRequests:
    """The requests of a share's viewers for whole plots. Exists as long as the share on this relay.

    A viewer who requests a plot gets what the stream has. A second request for the same generation means that
    it cannot be drawn, and the kernel is asked for a fresh one.
    """

    def __init__(
        self, on_request: Callable[[str], None], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`on_request` is called with the id of a plot that the kernel has to write whole."""
        self._on_request, self._clock = on_request, clock
        self._resends: WeakKeyDictionary[Viewer, dict[str, tuple[int, float]]] = WeakKeyDictionary()
        """The last request of each viewer for each plot: the generation, and the time."""
        self._requested_at: dict[str, float] = {}

    def record_resend(self, viewer: Viewer, plot_id: str, generation: int) -> None:
        """Take a request of a viewer who was sent this generation of the plot."""
        now, resends = self._clock(), self._resends.setdefault(viewer, {})
        former_generation, at = resends.get(plot_id, (-1, 0.0))
        resends[plot_id] = generation, now
        if former_generation == generation and now - at <= REPEAT_TIMEOUT:
            self._request(plot_id, now)

    def _request(self, plot_id: str, now: float) -> None:
        recent = {id: at for id, at in self._requested_at.items() if now - at < REQUEST_INTERVAL}
        if plot_id not in recent:
            recent[plot_id] = now
            self._on_request(plot_id)
        self._requested_at = recent
