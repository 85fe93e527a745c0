from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from check import find_chromium
from support.hostile import impatient as impatient  # fixtures for all tests of hostile visitors
from support.hostile import said as said

LONG = ("kernel/test_soak.py", "browser/test_frozen.py")
"""Files of few tests that take long each. They come first, so that no process waits for them at the end."""


def pytest_configure(config: pytest.Config) -> None:
    # Else pytest-xdist begins with the files of most tests.
    config.option.loadscopereorder = False


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: not item.path.as_posix().endswith(LONG))


@pytest.fixture(scope="session", autouse=True)
def _nothing_of_the_machines_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What kernels remember of their notebooks goes to a folder of the tests' own."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path_factory.mktemp("jupyter")))
        yield


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of the browser that tests drive."""
    return find_chromium() or pytest.skip("no Chromium or Chrome; BOKEH_SHARE_CHROMIUM may name one")


@pytest.fixture(scope="session")
def chromium_args() -> list[str]:
    """No window, and no traffic of the browser's own."""
    return [
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
        "--disable-quic",
    ]


@pytest.fixture(scope="session")
def axe() -> str:
    """The script of axe-core, which `make test` fetches."""
    path = os.environ.get("BOKEH_SHARE_AXE")
    return Path(path).read_text() if path else pytest.skip("no axe-core: `make test` fetches it where npm is")
