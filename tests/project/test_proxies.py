"""The reverse proxies that tests run are installed where that is possible, and start no services."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import debian
import proxies
import pytest

pytestmark = pytest.mark.one_pairing


@pytest.fixture
def policy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the machine's policy would be."""
    monkeypatch.setattr(debian, "POLICY", tmp_path / "policy-rc.d")
    return tmp_path / "policy-rc.d"


@pytest.fixture
def installed(policy: Path, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The commands that were run, while nothing could start a service."""
    commands: list[list[str]] = []

    def run(command: list[str], **options: Any) -> None:
        assert subprocess.call([policy, "some-service", "start"]) == 101
        commands.append(command)

    monkeypatch.setattr(debian.subprocess, "run", run)
    return commands


def test_those_that_are_missing_are_installed_and_no_service_starts(
    installed: list[list[str]], policy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = {"nginx", "haproxy"}
    monkeypatch.setattr(proxies.shutil, "which", lambda name, path: name if name in there else None)
    monkeypatch.setattr(proxies, "can_apt", lambda: True)
    assert not proxies.install_proxies()  # apt-get does nothing here
    assert installed[-1][-2:] == ["caddy", "apache2-bin"]
    assert not policy.exists()


def test_nothing_is_installed_where_that_is_not_possible_or_all_are_there(
    installed: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proxies, "can_apt", lambda: False)
    monkeypatch.setattr(proxies.shutil, "which", lambda name, path: None)
    assert not proxies.install_proxies()
    monkeypatch.setattr(proxies, "can_apt", lambda: True)
    monkeypatch.setattr(proxies.shutil, "which", lambda name, path: name)
    assert proxies.install_proxies()
    assert installed == []


def test_a_policy_of_the_machines_own_stays(policy: Path) -> None:
    policy.write_text("its own")
    with debian.forbid_services():
        assert policy.read_text() == "its own"
    assert policy.read_text() == "its own"


def test_after_a_failure_there_is_no_policy_either(policy: Path) -> None:
    with pytest.raises(ZeroDivisionError), debian.forbid_services():
        assert policy.exists()
        raise ZeroDivisionError
    assert not policy.exists()
