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
    """The shared apps by name. Exists while the extension is loaded, with or without a running share."""

    def __init__(self) -> None:
        self.problems: dict[str, str] = {}
        """The last problem of each app when a viewer opened it, by name."""
        self.signing_key = secrets.token_bytes(32)
        """Signs the tokens that open documents; the same in processes that are forked from this one."""
        self._apps: Mapping[str, App] = MappingProxyType({})
        """Replaced at each change, since two threads answer viewers' requests."""
        self._subscribers: tuple[Callable[[], None], ...] = ()

    def __iter__(self) -> Any:
        return iter(self._apps.values())

    def __len__(self) -> int:
        return len(self._apps)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._apps)

    @property
    def entries(self) -> tuple[AppEntry, ...]:
        """The apps as listed on the page."""
        return tuple(AppEntry(app.name, app.about, app.changed_at) for app in self)

    def subscribe(self, on_change: Callable[[], None]) -> None:
        """Call `on_change` after an app was added, removed or replaced, and when one failed, until
        `unsubscribe`. The call is in the thread that made the change."""
        self._subscribers = (*self._subscribers, on_change)

    def unsubscribe(self, on_change: Callable[[], None]) -> None:
        """Undo `subscribe`; does nothing if that was not called."""
        self._subscribers = tuple(each for each in self._subscribers if each != on_change)

    def find(self, name: str) -> App | None:
        return self._apps.get(name)

    def add(self, app: App) -> App:
        """Share `app`, and replace its former version, which has the same name.

        Raises `AppNameConflict` if another app has that name.
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
        """Remove an app. Raises `UnknownName`."""
        if name not in self._apps:
            hint = "--status lists the apps" if self._apps else "no app is shared"
            raise UnknownName.from_known_names(name, self._apps, kind="app", hint=hint)
        self.problems.pop(name, None)
        self._replace_apps({key: app for key, app in self._apps.items() if key != name})

    def clear(self) -> None:
        self.problems.clear()
        self._replace_apps({})

    def add_problem(self, name: str, problem: str) -> None:
        """Record a problem of an app that is shown to the author."""
        if self.problems.get(name) != problem:
            self.problems[name] = problem
            self._notify()

    def _replace_apps(self, apps: dict[str, App]) -> None:
        self._apps = MappingProxyType(apps)
        self._notify()

    def _notify(self) -> None:
        for on_change in self._subscribers:
            on_change()
