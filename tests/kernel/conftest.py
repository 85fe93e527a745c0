from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.kernel_driver import STATE, Kernel
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
    """A kernel that nobody has used, and that has imported nothing."""
    kernel = Kernel(tmp_path, env=environment, is_warm=False)
    try:
        yield kernel
    finally:
        kernel.end()


@pytest.fixture(scope="session")
def _kernels() -> Iterator[list[Kernel]]:
    """None or one: the kernel that tests use one after the other."""
    kernels: list[Kernel] = []
    yield kernels
    _end(kernels)


def _end(kernels: list[Kernel]) -> None:
    while kernels:
        kernels.pop().end()


@pytest.fixture(scope="module")
def _kernels_of_module(_kernels: list[Kernel]) -> Iterator[list[Kernel]]:
    """The same; other modules get none that has imported what would change their tests."""
    yield _kernels
    if any(kernel.ask(f"{STATE}.list_lasting_packages()") for kernel in _kernels):
        _end(_kernels)


@pytest.fixture
def kernel(
    _kernels_of_module: list[Kernel], tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]
) -> Iterator[Kernel]:
    """A kernel where the extension is not loaded; cleaned after each test, or replaced if that fails."""
    kernels = _kernels_of_module
    if not kernels:
        kernels.append(Kernel(tmp_path_factory.mktemp("folder"), env=environment, is_shared=True))
    (kernel,) = kernels
    yield kernel
    try:
        assert all(output.ended for output in kernel.outputs), "a cell runs on"
        kernel.clean()
    except BaseException:
        _end(kernels)
        raise


@pytest.fixture
def viewer(kernel: Kernel) -> Iterator[Viewer]:
    """Watches the share that it starts in `kernel`."""
    with kernel.watch(kernel.share()) as viewer:
        yield viewer
