"""Runs in a kernel that tests share: restores its state, and lists what a test has left running.

`kernel_driver` loads this file there by its path, before the kernel's first test.
"""

from __future__ import annotations

import asyncio
import gc
import importlib
import logging
import os
import signal
import sys
import threading
import traceback
import warnings
from pathlib import Path
from types import ModuleType
from typing import Any

from bokeh.core.has_props import _default_resolver
from bokeh.io import doc
from bokeh.io.state import curstate
from bokeh.server.session import ServerSession
from IPython.core.interactiveshell import InteractiveShell
from tornado.ioloop import PeriodicCallback

EXTENSION = "bokeh_share"
ENTRY_POINTS = ("bokeh_share.cli", "bokeh_share.__main__", "bokeh_share.server.pyinstaller")
"""Packages that are never imported into a kernel."""
LASTING_PACKAGES = ("panel", "holoviews", "hvplot", "ipywidgets", "matplotlib", "matplotlib_inline")
"""Packages that change a kernel permanently."""
TIMERS = {
    "SESSION_CHECK_INTERVAL": 0.02,
    "CLEANUP_INTERVAL": 0.02,
    "CLOSE_CHECK_INTERVAL": 0.02,
    "PROBE_INTERVAL": 0.1,
    "CARD_UPDATE_INTERVAL": 0.02,
    # For a moment after a cell, visitors may still connect to the standby thread, which opens no apps. A page
    # repeats its request, but tests do not.
    "STANDBY_DELAY": 1.0,
}
"""Shorter waits of the package for most tests, by constants of its modules."""

state: KernelState
"""The state of the kernel that runs this module."""


class KernelState:
    """The state of a kernel before its first test."""

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell
        self._clear()  # imports modules that IPython and Bokeh load late
        modules = _import_package()
        for module in modules:
            vars(module).update({name: value for name, value in TIMERS.items() if name in vars(module)})
        self._globals = [(module, {**vars(module)}) for module in modules]
        self._callbacks = {event: [*callbacks] for event, callbacks in shell.events.callbacks.items()}
        self._modules = {*sys.modules}
        self._loggers = _copy_loggers()
        self._sigint = signal.getsignal(signal.SIGINT)
        self._environ, self._folder = {**os.environ}, os.getcwd()
        self._path, self._warnings = [*sys.path], [*warnings.filters]
        self._before = {*_list_running()}
        self._frozen_packages: list[str] | None = None
        self._freeze()

    def restore(self) -> None:
        """Stop sharing, delete the author's variables, and restore everything that tests replace."""
        self._clear()
        for module, values in self._globals:
            for name, value in values.items():
                if vars(module).get(name) is not value:
                    setattr(module, name, value)
        _restore_loggers(self._loggers)
        signal.signal(signal.SIGINT, self._sigint)
        os.environ.clear()
        os.environ.update(self._environ)
        os.chdir(self._folder)
        sys.path[:], warnings.filters[:] = self._path, self._warnings
        for model in _default_resolver.known_models.values():
            if model.__module__ == "__main__":
                _default_resolver.remove(model)
        for name in {*sys.modules} - self._modules:
            if (getattr(sys.modules[name], "__file__", None) or "").startswith(self._folder):
                del sys.modules[name]

    def _clear(self) -> None:
        if isinstance(doc._PATCHED_CURDOCS, list):  # Bokeh 3.9 leaves a document there after an interrupt
            doc._PATCHED_CURDOCS.clear()
        self._shell.extension_manager.load_extension(EXTENSION)  # unloading it ends all shares
        self._shell.extension_manager.unload_extension(EXTENSION)
        curstate().reset()
        self._shell.reset(new_session=False)
        for name in ("last_exc", "last_traceback", "last_type", "last_value"):
            vars(sys).pop(name, None)  # the last error shown, whose frames keep their variables

    def _freeze(self) -> None:
        """Exclude imported objects from garbage collections, which would otherwise take a tenth of a
        second."""
        if (packages := self.list_lasting_packages()) != self._frozen_packages:
            gc.collect()
            gc.freeze()
            # Frozen objects keep everything they get later, so these are made again.
            importlib.import_module(EXTENSION).unload_ipython_extension(self._shell)
            curstate().reset()
            self._frozen_packages = packages

    def list_leftovers(self) -> list[str]:
        """List everything that a test has left and that would still act by itself, or in the next test's
        cells."""
        gc.collect()
        found = [_describe(each) for each in {*_list_running()} - self._before]
        for event, callbacks in self._shell.events.callbacks.items():
            new = [each for each in callbacks if each not in self._callbacks[event]]
            found += [f"{event}: {each!r}" for each in new if _find_package(each) not in LASTING_PACKAGES]
        if found:
            return [*found, *_describe_pool()]
        self._freeze()
        return []

    def list_lasting_packages(self) -> list[str]:
        """List the imports of a test that change the kernel for others."""
        return [name for name in LASTING_PACKAGES if name in sys.modules and name not in self._modules]


def begin(shell: InteractiveShell) -> None:
    global state
    state = KernelState(shell)


def _import_package() -> list[ModuleType]:
    (folder,) = map(Path, importlib.import_module(EXTENSION).__path__)
    names = [
        ".".join([EXTENSION, *path.relative_to(folder).with_suffix("").parts])
        for path in folder.rglob("*.py")
    ]
    names = [name.removesuffix(".__init__") for name in names]
    return [importlib.import_module(name) for name in names if not name.startswith(ENTRY_POINTS)]


def _list_running() -> list[Any]:
    """List threads, tasks, timers, and documents of apps."""
    # Those of ipykernel wait for this same request, and those of Panel do its own housekeeping.
    others = [f"{os.sep}{name}{os.sep}" for name in ("ipykernel", *LASTING_PACKAGES)]
    tasks = [task for task in asyncio.all_tasks() if not any(map(_find_file(task).__contains__, others))]
    objects = gc.get_objects()
    timers = [each for each in objects if isinstance(each, PeriodicCallback) and each.is_running()]
    sessions = [each for each in objects if isinstance(each, ServerSession) and not each.destroyed]
    # The loop's own pool keeps idle threads, and ZeroMQ has one for sending.
    threads = [
        each
        for each in threading.enumerate()
        if not each.name.startswith("asyncio_") and type(each).__name__ != "GarbageCollectorThread"
    ]
    return [*threads, *tasks, *timers, *sessions]


def _describe(running: Any) -> str:
    return f"timer of {running.callback!r}" if isinstance(running, PeriodicCallback) else repr(running)


def _describe_pool() -> list[str]:
    """Say where the threads of the loop's own pool are, for which tasks may wait."""
    frames = sys._current_frames()
    stacks = {
        each.name: traceback.format_stack(frames[each.ident])
        for each in threading.enumerate()
        if each.ident in frames
    }
    return [f"{name} at {stack[-1]}" for name, stack in stacks.items() if name.startswith("asyncio_")]


def _find_package(callback: Any) -> str:
    return str(getattr(callback, "__module__", "")).partition(".")[0]


def _find_file(task: asyncio.Task[Any]) -> str:
    return str(getattr(getattr(task.get_coro(), "cr_code", None), "co_filename", ""))


def _copy_loggers() -> dict[str, tuple[int, list[logging.Handler], list[Any]]]:
    return {
        name: (log.level, [*log.handlers], [*log.filters])
        for name, log in [("", logging.getLogger()), *logging.Logger.manager.loggerDict.items()]
        if isinstance(log, logging.Logger)
    }


def _restore_loggers(loggers: dict[str, tuple[int, list[logging.Handler], list[Any]]]) -> None:
    untouched: tuple[int, list[logging.Handler], list[Any]] = (logging.NOTSET, [], [])
    for name in _copy_loggers():
        log = logging.getLogger(name)
        level, handlers, filters = loggers.get(name, untouched)
        log.setLevel(level)
        log.handlers[:], log.filters[:] = handlers, filters
