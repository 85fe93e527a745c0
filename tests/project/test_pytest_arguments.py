"""What `make test ARGS=…` gives to pytest."""

from __future__ import annotations

import os
import shlex

import pytest
from environments import ROOT
from pytest_arguments import count_workers, distribute, locate

pytestmark = pytest.mark.one_pairing


def test_paths_are_those_of_the_checkout() -> None:
    assert locate(["tests/network", "-k", "port", "-x"]) == [str(ROOT / "tests/network"), "-k", "port", "-x"]
    test = "tests/test_text.py::test_a_name[a::b]"
    assert locate([test]) == [str(ROOT / test)]


@pytest.mark.parametrize("arguments", [[], ["-x"], ["-k", "tests and port"], ["tests/nowhere"]])
def test_without_a_path_all_tests_are_meant(arguments: list[str]) -> None:
    assert locate(arguments) == [*arguments, str(ROOT / "tests")]


def test_each_worker_has_a_network_of_its_own() -> None:
    *options, workers = distribute("/a path/python", 3)
    assert options == ["--dist", "loadfile", "--no-loadscope-reorder", "--tx"]
    count, _, python = workers.partition("*popen//python=")
    assert count == "3"
    command = shlex.split(python)
    assert command[:2] == ["unshare", "-n"]
    assert command[-1] == "/a path/python"


def test_there_are_some_more_workers_than_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BOKEH_SHARE_WORKERS", raising=False)
    assert count_workers() == (os.cpu_count() or 1) + 1
    monkeypatch.setenv("BOKEH_SHARE_WORKERS", "7")
    assert count_workers() == 7
