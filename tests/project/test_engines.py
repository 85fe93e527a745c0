"""Firefox and WebKit are found, or installed where that is possible."""

from __future__ import annotations

import engines
import pytest

pytestmark = pytest.mark.one_pairing


@pytest.fixture
def there(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The programs on the path of a machine."""
    programs: set[str] = set()
    monkeypatch.delenv("BOKEH_SHARE_FIREFOX", raising=False)
    monkeypatch.setattr(engines.shutil, "which", lambda name: name if name in programs else None)
    return programs


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The packages that were installed."""
    packages: list[str] = []
    monkeypatch.setattr(engines, "apt", lambda *names: packages.extend(names))
    return packages


def test_those_that_are_missing_are_installed_by_root_on_debian(
    there: set[str], installed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    there.add("firefox-esr")
    monkeypatch.setattr(engines, "can_apt", lambda: True)
    engines.install_engines()
    assert installed == ["webkit2gtk-driver", "xvfb"]


@pytest.mark.parametrize(
    ("can_install", "programs"), [(False, ()), (True, ("firefox", "WebKitWebDriver", "Xvfb"))]
)
def test_nothing_is_installed_where_that_is_not_possible_or_all_are_there(
    there: set[str],
    installed: list[str],
    monkeypatch: pytest.MonkeyPatch,
    can_install: bool,
    programs: tuple[str, ...],
) -> None:
    there.update(programs)
    monkeypatch.setattr(engines, "can_apt", lambda: can_install)
    engines.install_engines()
    assert installed == []


def test_a_variable_names_another_firefox(there: set[str], monkeypatch: pytest.MonkeyPatch) -> None:
    there.update(("firefox", "/opt/nightly/firefox"))
    assert engines.find_firefox() == "firefox"
    monkeypatch.setenv("BOKEH_SHARE_FIREFOX", "/opt/nightly/firefox")
    assert engines.find_firefox() == "/opt/nightly/firefox"
