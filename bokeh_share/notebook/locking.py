"""Lets one thread at a time run the methods of several objects, since subshells run cells in parallel."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import wraps
from typing import Concatenate, ParamSpec, Protocol, TypeAlias, TypeVar

ReentrantLock: TypeAlias = AbstractContextManager[bool]
"""A lock that its holding thread may acquire again, from `make_lock`."""


class _Locked(Protocol):
    """An object that shares a lock with others."""

    @property
    def _lock(self) -> ReentrantLock: ...


P = ParamSpec("P")
R = TypeVar("R")
L = TypeVar("L", bound=_Locked)


def make_lock() -> ReentrantLock:
    return threading.RLock()


def synchronize(method: Callable[Concatenate[L, P], R]) -> Callable[Concatenate[L, P], R]:
    """Let the method run while its thread holds the object's `_lock`."""

    @wraps(method)
    def run_locked(self: L, /, *args: P.args, **kwargs: P.kwargs) -> R:
        with self._lock:
            return method(self, *args, **kwargs)

    return run_locked
