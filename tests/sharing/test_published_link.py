"""What relays are told of a share."""

from __future__ import annotations

import gzip
import hashlib

from bokeh_share.network.addresses import Address
from bokeh_share.network.links import Link
from bokeh_share.server.auth.access_control import AccessControl
from bokeh_share.sharing.access import ShareAccess
from bokeh_share.sharing.binding import EndpointOptions, ResolvedEndpoint
from bokeh_share.sharing.link_store import LinkStore
from bokeh_share.sharing.published_link import PublishedLink, list_direct_urls
from bokeh_share.sharing.routes import INSTALLED_BOKEHJS

LOCAL, HOME = Address("127.0.0.1", "lo"), Address("10.0.0.1", "eth0")


def test_a_relay_gets_addresses_scripts_and_the_passwords_hash_without_the_link() -> None:
    store = LinkStore(prefix="/x8secretx8secret")
    changes: list[None] = []
    access = ShareAccess(store, AccessControl(), lambda: None, lambda: changes.append(None))
    access.update(ResolvedEndpoint(EndpointOptions(port=5006), (LOCAL, HOME)))
    assert len(changes) == 1, "told after each change of the rules"
    link = PublishedLink(access, store, INSTALLED_BOKEHJS)
    info = link.build_info()
    assert link.secret == "x8secretx8secret"
    assert info.direct_urls == ("http://10.0.0.1:5006",)
    assert (info.bokeh_version, info.password) == (INSTALLED_BOKEHJS.version, None)
    script = gzip.decompress(link.read_script("bokeh-gl"))
    assert info.scripts["bokeh-gl"] == hashlib.sha256(script).hexdigest()
    assert b"secret" not in info.encode()
    store.set_password("opensesame")
    password = link.build_info().password
    assert password is not None
    assert password.is_correct("opensesame")
    assert "opensesame" not in repr(link.build_info())


def test_colleagues_addresses_come_before_those_of_this_machine() -> None:
    here = Link("http://localhost:5006/x8/", "this machine only", is_loopback=True)
    limited = Link("http://172.17.0.2:5006/x8/", "inside of this container", is_limited=True)
    proxied = Link("/user/ann/proxy/5006/x8/", "on this Hub", is_proxied=True)
    public = Link("https://plots.example.org/deep/x8/", "for colleagues", is_public=True)
    assert list_direct_urls([public, limited, here, proxied], "/x8") == ("https://plots.example.org/deep",)
    assert list_direct_urls([limited, here, proxied], "/x8") == ("http://localhost:5006",)
    assert list_direct_urls([], "/x8") == ()
