"""The notebook's blocks in docs/networks.md, each typed on a host that has a network."""

from __future__ import annotations

import re

import pytest
from support.reverse_proxies import read_cells
from support.two_hosts import Author

# Addresses and networks do not depend on the versions.
pytestmark = pytest.mark.one_pairing


@pytest.fixture
def author(author: Author) -> Author:
    author.run("import os; os.environ['BOKEH_SHARE_PASSWORD'] = 'x'; os.chdir(os.environ['IPYTHONDIR'])")
    return author


@pytest.mark.parametrize("cell", dict.fromkeys(read_cells()))
def test_a_block_of_the_notebook_shares_as_it_says(author: Author, cell: str) -> None:
    author.show("first")
    assert author.run(cell) == ""
    host, audience = author.places[0]
    if address := re.search(r"--public-url (\S+)", cell):
        assert author.url.startswith(f"{address[1]}/")
        assert audience == "for colleagues"
    elif "--external" in cell:
        assert (host, audience) == (author.host.ip, "this network")
    else:
        assert (host, audience) == ("localhost", "this machine only")
