"""The notebook's lines in docs/networks.md, each typed on a host that has a network."""

from __future__ import annotations

import re

import pytest
from support.reverse_proxies import read_lines
from support.two_hosts import Author


@pytest.fixture
def author(author: Author) -> Author:
    author.run("import os; os.environ['BOKEH_SHARE_PASSWORD'] = 'x'; os.chdir(os.environ['IPYTHONDIR'])")
    return author


@pytest.mark.parametrize("options", dict.fromkeys(read_lines()))
def test_a_line_shares_as_it_says(author: Author, options: str) -> None:
    author.show("first")
    assert author.run(f"%bokeh_share {options}") == ""
    if "--save" in options:
        return
    host, audience = author.places[0]
    if address := re.search(r"--public-url (\S+)", options):
        assert author.url.startswith(f"{address[1]}/x")
        assert audience == "for colleagues"
    elif "--external" in options:
        assert (host, audience) == (author.host.ip, "this network")
    else:
        assert (host, audience) == ("localhost", "this machine only")
