from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from chromium import HEADLESS_SHELL, find_chromium
from support.hostile import impatient as impatient  # fixtures for all tests of hostile visitors
from support.hostile import said as said

from bokeh_share.compat import restore_curdoc

TESTS = Path(__file__).parent
SLOW = {"browser", "kernel", "lan"}
LONG = (
    "kernel/test_soak.py",
    "browser/test_frozen.py",
    "browser/test_jupyterlab.py",
    "browser/test_jupyter_proxy.py",
    "browser/test_live_properties.py",
)
"""Files of few tests that take long each."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Workers get the large files of slow tests before the small ones, or one would go on alone in the end.

    The quick tests come before: a browser's driver keeps a loop running in the main thread, to the end.
    """
    if hasattr(config, "workerinput"):
        sizes = Counter(item.path for item in items)
        names = {path: path.relative_to(TESTS) for path in sizes}
        ranks = {
            path: (name.parts[0] in SLOW, name.as_posix() not in LONG, -sizes[path], str(path))
            for path, name in names.items()
        }
        items.sort(key=lambda item: ranks[item.path])


@pytest.fixture(scope="session", autouse=True)
def _nothing_of_the_machines_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What kernels remember of their notebooks goes to a folder of the tests' own."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path_factory.mktemp("jupyter")))
        yield


@pytest.fixture(autouse=True)
def _current_document() -> Iterator[None]:
    """Bokeh 3.9 leaves another document as the current one after an interrupt."""
    with restore_curdoc():
        yield


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of the browser that tests drive: where Debian's is, its build without windows."""
    found = find_chromium() or pytest.skip("no Chromium or Chrome; BOKEH_SHARE_CHROMIUM may name one")
    return shutil.which(HEADLESS_SHELL, path=str(Path(found).parent)) or found


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
