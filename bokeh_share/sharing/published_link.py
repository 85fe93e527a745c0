"""The link of a share as relays need it: its secret part, and the facts that belong to it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import lru_cache

from ..broker import ShareInfo
from ..network import Link
from ..server import BOKEHJS_PARTS, BokehJs
from .access import ShareAccess
from .link_store import LinkStore


class PublishedLink:
    """The link of a running share, and what relays must know of it. Any thread may read it."""

    def __init__(self, access: ShareAccess, link_store: LinkStore, bokehjs: BokehJs) -> None:
        self._access, self._link_store, self._bokehjs = access, link_store, bokehjs

    @property
    def secret(self) -> str:
        """The secret part of the link."""
        return self._link_store.prefix.strip("/")

    def build_info(self) -> ShareInfo:
        """Build the facts about the share. They do not contain the link's secret part."""
        return ShareInfo(
            self._bokehjs.version,
            _list_digests(self._bokehjs),
            list_direct_urls(self._access.links, self._link_store.prefix),
            self._link_store.credentials.password,
        )

    def read_script(self, component: str) -> bytes:
        """Read one of BokehJS's scripts, compressed with gzip."""
        return self._bokehjs.gzip_script(component)


def list_direct_urls(links: Sequence[Link], prefix: str) -> tuple[str, ...]:
    """List the URLs of the links that colleagues can use, without `prefix`; if there are none, the URL that
    works on this machine."""
    usable = [each for each in links if each.is_absolute and not (each.is_proxied or each.is_limited)]
    chosen = [each for each in usable if not each.is_loopback] or usable
    return tuple(each.url.removesuffix(f"{prefix}/") for each in chosen)


@lru_cache
def _list_digests(bokehjs: BokehJs) -> Mapping[str, str]:
    """Return the SHA-256 digest of each script of BokehJS."""
    return {name: hashlib.sha256(bokehjs.read_script(name)).hexdigest() for name in BOKEHJS_PARTS}
