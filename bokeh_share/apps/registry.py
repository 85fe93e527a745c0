"""The apps that are shared, by name."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from ..errors import UnknownName
from ..plots import AppEntry
from .app import App
from .errors import AppNameConflict


class AppRegistry:
    """The apps that are shared, by name. Lives as long as the extension, whether a share runs or not."""

    def __init__(self) -> None:
        self.problems: dict[str, str] = {}
        """By name, what went wrong when a viewer wanted it."""
        self.change_callbacks: list[Callable[[], None]] = []
        """Called when an app came, went or became another, and when one failed."""
        self.signing_key = secrets.token_bytes(32)
        """Signs what opens a document; the same in processes that are forked from here."""
        self._apps: Mapping[str, App] = MappingProxyType({})
        """Another one after each change: viewers' requests are answered in two threads."""

    def __iter__(self) -> Any:
        return iter(self._apps.values())

    def __len__(self) -> int:
        return len(self._apps)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._apps)

    @property
    def entries(self) -> tuple[AppEntry, ...]:
        """As the page tells of them."""
        return tuple(AppEntry(app.name, app.about, app.changed_at) for app in self)

    def remove_callback(self, on_change: Callable[[], None]) -> None:
        """Call it no more; it need not be among the watchers."""
        self.change_callbacks = [each for each in self.change_callbacks if each != on_change]

    def find(self, name: str) -> App | None:
        return self._apps.get(name)

    def add(self, app: App) -> App:
        """Share `app`; one of its name is this one's former version.

        Raises `AppNameConflict` where it is not.
        """
        former = self.find(app.name)
        if former is not None:
            if app.qualified_name and former.qualified_name and app.qualified_name != former.qualified_name:
                raise AppNameConflict(app.name, former.qualified_name, app.qualified_name)
            same_kind = app.is_plot_function and former.is_plot_function
            app = replace(app, generation=former.generation + (0 if same_kind else 1))
        app = replace(app, changed_at=int(time.time() * 1000))
        self.problems.pop(app.name, None)
        self._replace_apps({**self._apps, app.name: app})
        return app

    def remove(self, name: str) -> None:
        """Raises `UnknownName`."""
        if name not in self._apps:
            raise UnknownName.from_known_names(name, self._apps)
        self.problems.pop(name, None)
        self._replace_apps({key: app for key, app in self._apps.items() if key != name})

    def clear(self) -> None:
        self.problems.clear()
        self._replace_apps({})

    def add_problem(self, name: str, problem: str) -> None:
        """Take note of what the author should know about an app."""
        if self.problems.get(name) != problem:
            self.problems[name] = problem
            self._notify()

    def _replace_apps(self, apps: dict[str, App]) -> None:
        self._apps = MappingProxyType(apps)
        self._notify()

    def _notify(self) -> None:
        for on_change in list(self.change_callbacks):
            on_change()
