"""The page of a relayed share as request handlers need it, with its scripts from the broker."""

from __future__ import annotations

import logging
from urllib.parse import quote

from tornado.web import HTTPError

from ..broker import BrokerUnreachable
from .relay_hub import RelayHub
from .relay_services import RelayServices
from .relay_url import ShareAddress

log = logging.getLogger(__name__)


class SharePage:
    """The newest page of a share. See `RelayedContent`."""

    def __init__(self, hub: RelayHub, address: ShareAddress, services: RelayServices) -> None:
        self._hub, self._address, self._services = hub, address, services

    @property
    def title(self) -> str:
        return str(self._hub.page.header.get("title", ""))

    @property
    def bokeh_version(self) -> str:
        share = self._hub.page.share
        return "" if share is None else share.bokeh_version

    def list_app_links(self, name: str) -> list[str] | None:
        """List the links of an app on the author's machine; None if the page has no such app."""
        share = self._hub.page.share
        apps = self._hub.page.header.get("apps", [])
        if share is None or not any(each["name"] == name for each in apps):
            return None
        path = f"{self._address.token}/{quote(name, safe='')}"
        return [f"{url.rstrip('/')}/{path}" for url in share.direct_urls]

    async def read_bokehjs(self, component: str) -> bytes | None:
        share = self._hub.page.share
        digest = None if share is None else share.scripts.get(component)
        return None if digest is None else await self._read(digest)

    async def read_bundle(self, digest: str) -> bytes | None:
        bundles = self._hub.page.header.get("bundles", {})
        is_listed = any(each is not None and each.get("digest") == digest for each in bundles.values())
        return await self._read(digest) if is_listed else None

    def request_keyframe(self, plot_id: str) -> None:
        """Ask the author's kernel to write a plot whole."""
        self._services.tasks.start(self._request_keyframe(plot_id))

    async def _request_keyframe(self, plot_id: str) -> None:
        client = self._services.client
        reader = client.open_reader(self._address.keys)
        try:
            await client.run(lambda: reader.request_keyframe(plot_id))
        except BrokerUnreachable as error:
            log.debug("cannot request a plot: %s", error)

    async def _read(self, digest: str) -> bytes | None:
        """Read a script from the cache or the broker. Raises HTTPError if the broker cannot be reached."""
        keys, client = self._address.keys, self._services.client
        reader = client.open_reader(keys)
        try:
            return await client.run(
                lambda: self._services.scripts.read(keys.file_base, digest, reader.read_file)
            )
        except BrokerUnreachable:
            raise HTTPError(503) from None
