"""The parts of a relay's process that all of its shares use."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..broadcast import ViewerTasks
from ..broker import RelayClient
from ..server import JoinThrottle, PendingConnections
from ..server.auth import LoginThrottle
from .process_viewers import ProcessViewers
from .relay_url import RelayUrl
from .script_cache import ScriptCache


@dataclass(frozen=True)
class RelayServices:
    """The parts of a relay's process that all of its shares use. Exists as long as the process."""

    client: RelayClient
    relay_name: str
    """The name of this process in the broker."""
    url: RelayUrl
    own_origins: frozenset[str]
    """The origins of the addresses at which the process listens."""
    uses_tls: bool
    secret: bytes = field(repr=False)
    """The relays' secret, with which session tokens are signed."""
    viewers: ProcessViewers
    join_throttle: JoinThrottle
    pending: PendingConnections = field(default_factory=PendingConnections)
    login_throttle: LoginThrottle = field(default_factory=LoginThrottle)
    scripts: ScriptCache = field(default_factory=ScriptCache)
    tasks: ViewerTasks = field(default_factory=ViewerTasks)

    def list_origins(self, author: str) -> frozenset[str]:
        """List the origins at which an author's shares may be opened."""
        if self.url.example is None:
            return self.own_origins
        public_origins = frozenset({self.url.format_origin_for(author)})
        return public_origins if self.url.has_subdomains else public_origins | self.own_origins
