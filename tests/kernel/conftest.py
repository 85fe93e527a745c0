from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.kernel_driver import Kernel
from support.viewer import Viewer


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """No settings of whoever runs the tests, and a browser that leaves a trace."""
    folder = tmp_path_factory.mktemp("home")
    browser = folder / "browser"
    browser.write_text(f'#!/bin/sh\necho "$@" >> {folder / "opened"}\n')
    browser.chmod(0o755)
    return {"IPYTHONDIR": str(folder), "BROWSER": str(browser), "OPENED": str(folder / "opened")}


@pytest.fixture
def fresh(tmp_path: Path, environment: dict[str, str]) -> Iterator[Kernel]:
    """A kernel that nobody has used."""
    kernel = Kernel(tmp_path, env=environment)
    try:
        yield kernel
    finally:
        kernel.end()


@pytest.fixture(scope="module")
def _kernels(tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]) -> Iterator[list[Kernel]]:
    """None or one: the kernel that a module's tests use one after the other."""
    kernels: list[Kernel] = []
    try:
        yield kernels
    finally:
        for kernel in kernels:
            kernel.end()


@pytest.fixture
def kernel(
    _kernels: list[Kernel], tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]
) -> Iterator[Kernel]:
    """A kernel where the extension is not loaded; cleaned after each test, or replaced if that fails."""
    if not _kernels:
        _kernels.append(Kernel(tmp_path_factory.mktemp("folder"), env=environment))
    (kernel,) = _kernels
    yield kernel
    try:
        assert all(output.ended for output in kernel.outputs), "a cell runs on"
        kernel.clean()
    except BaseException:
        _kernels.clear()
        kernel.end()
        raise


@pytest.fixture
def viewer(kernel: Kernel) -> Iterator[Viewer]:
    """Watches the share that it starts in `kernel`."""
    with kernel.watch(kernel.share()) as viewer:
        yield viewer
