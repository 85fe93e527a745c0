"""The author's models that have an implementation of their own: which there are, and what became of each."""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bokeh.model import Model
from bokeh.util.compiler import CustomModel

from ..errors import CannotCompile
from ..text import shortened
from .bundle import Bundle
from .compiler import Compiler, Implementation

AGAIN = 10.0
"""Seconds after which one that failed for want of something else than right code is tried again."""
PATIENCE = 120.0
"""Seconds that who saves the page waits for what is being compiled."""
SUFFIXES = (".ts", ".js", ".css", ".less")
RELATIVE = re.compile(r"""["'](\.{1,2}/[^"'\n]+)["']""")
"""What may be a file that an implementation imports."""


def is_custom(cls: type[Model]) -> bool:
    """Whether browsers have to be given its implementation."""
    return getattr(cls, "__implementation__", None) is not None


def custom_in(models: Iterable[Model]) -> set[type[Model]]:
    """The classes of these whose implementations browsers have to be given."""
    return {type(model) for model in models if is_custom(type(model))}


def types_of_custom(models: Iterable[Model]) -> set[str]:
    """What browsers call those classes."""
    return {cls.__qualified_model__ for cls in custom_in(models)}


@dataclass(frozen=True)
class Source:
    """All that the script of one model is made of."""

    implementations: tuple[Implementation, ...]
    """Its own first, then those of the author's other models that it imports."""
    files: tuple[tuple[str, str], ...]
    """The files that they import, with what is in them."""

    @classmethod
    def of(cls, model: type[Model]) -> Source:
        """Reads files, where the author has it in files; raises whatever reading them raises."""
        found = {"": _implementation(model)}
        if "custom/" in found[""].code:
            known = {CustomModel(each).module: each for each in _known().values() if is_custom(each)}
            todo = [found[""]]
            while todo:
                code = todo.pop().code
                for module in [each for each in known if each not in found and _imports(code, each)]:
                    found[module] = _implementation(known[module])
                    todo.append(found[module])
            found.pop(found[""].module, None)
        files: dict[str, str] = {}
        for each in found.values():
            _collect_imports(each.code, Path(each.path), files)
        return cls(tuple(found.values()), tuple(sorted(files.items())))


@dataclass(frozen=True)
class _State:
    source: Source | None
    """None where it could not be read."""
    bundle: Bundle
    tried: float = 0.0
    """When it failed for a reason that may be gone, by `time.monotonic`."""


class CustomModels:
    """Has each implementation compiled, one after the other in a thread, when a model of its type is shown.

    Of several classes with one name the newest counts, as browsers have but one. Lives as long as the
    extension. Any thread may call.
    """

    def __init__(self, compiler: Callable[[tuple[Implementation, ...]], bytes] | None = None) -> None:
        self.on_change: Callable[[], None] = lambda: None
        """Called when `bundles` has changed, in any thread."""
        self._own = Compiler()
        self._compile = compiler or self._own
        self._states: dict[str, _State] = {}
        self._waiting: list[tuple[frozenset[str], Callable[[str], None]]] = []
        self._scripts: dict[Source, bytes] = {}
        """What was compiled of what is there now."""
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    @property
    def bundles(self) -> tuple[Bundle, ...]:
        with self._changed:
            return tuple(state.bundle for state in self._states.values())

    def note(self, classes: Iterable[type[Model]]) -> None:
        """Models of these classes are shown: begin to compile what is not compiled as it is now."""
        classes = [*classes]
        if not classes:
            return
        before = self.bundles
        for name in sorted({cls.__qualified_model__ for cls in classes}):
            newest = _known().get(name)
            candidates = [cls for cls in classes if cls.__qualified_model__ == name]
            self._look_at(name, newest if newest is not None and is_custom(newest) else candidates[0])
        self._go_on()
        if self.bundles != before:
            self.on_change()

    def problem(self, models: Iterable[str]) -> str | None:
        """Why pages cannot draw what has models of these types; empty where they can, None as long as one of
        them is being compiled."""
        found = [bundle for bundle in self.bundles if bundle.model in {*models}]
        for bundle in found:
            if bundle.problem:
                return f"{bundle.model} does not compile: {bundle.problem}"
        return None if any(bundle.lack for bundle in found) else ""

    def when_known(self, models: Iterable[str], tell: Callable[[str], None]) -> None:
        """Call `tell` with the `problem`, once, in the thread that compiles."""
        with self._changed:
            self._waiting.append((frozenset(models), tell))
        self._tell_who_waits()

    def wait(self, seconds: float = PATIENCE) -> None:
        """Until nothing is being compiled any more and all have been told, or so long."""
        with self._changed:
            self._changed.wait_for(lambda: not self._is_working, seconds)

    def close(self) -> None:
        """End what goes on; what is compiled is forgotten."""
        with self._changed:
            self._states.clear()
            self._waiting.clear()
        self._own.close()

    def _look_at(self, name: str, cls: type[Model]) -> None:
        try:
            source = Source.of(cls)
        except Exception as error:  # a file that is not there, or anything that the author's class does
            problem = shortened(str(error) or type(error).__name__)
            with self._changed:
                self._states[name] = _State(None, Bundle(name, problem=problem))
            return
        with self._changed:
            state = self._states.get(name)
            is_known = state is not None and state.source == source
            if state is None or not is_known or (state.tried and time.monotonic() - state.tried > AGAIN):
                script = self._scripts.get(source, b"")
                self._states[name] = _State(source, Bundle(name, script))

    def _next(self) -> _State | None:
        return next((each for each in self._states.values() if each.bundle.lack == "compiling"), None)

    @property
    def _is_working(self) -> bool:
        # a process that was forked has no such thread
        return self._thread is not None and self._thread.is_alive()

    def _go_on(self) -> None:
        with self._changed:
            if self._next() is not None and not self._is_working:
                self._thread = threading.Thread(target=self._work, name="bokeh_share compiler", daemon=True)
                self._thread.start()

    def _work(self) -> None:
        while True:
            with self._changed:
                state = self._next()
                if state is None:
                    self._thread = None
                    self._changed.notify_all()
                    return
            self._take(state, self._result(state))

    def _result(self, state: _State) -> _State:
        assert state.source is not None, "what could not be read is not compiled"
        name = state.bundle.model
        try:
            return _State(state.source, Bundle(name, self._compile(state.source.implementations)))
        except CannotCompile as error:
            tried = 0.0 if error.lasting else time.monotonic()
            return _State(state.source, Bundle(name, problem=str(error)), tried)
        except Exception as error:
            problem = shortened(f"{type(error).__name__}: {error}")
            return _State(state.source, Bundle(name, problem=problem), time.monotonic())

    def _take(self, state: _State, result: _State) -> None:
        """Unless there is another implementation by now."""
        name = state.bundle.model
        with self._changed:
            if self._states.get(name) is not state:
                return
            self._states[name] = result
            if result.source is not None and result.bundle.script:
                now = {each.source for each in self._states.values()}
                self._scripts = {
                    source: script for source, script in self._scripts.items() if source in now
                } | {result.source: result.bundle.script}
        self.on_change()
        self._tell_who_waits()

    def _tell_who_waits(self) -> None:
        with self._changed:
            done = [each for each in self._waiting if self.problem(each[0]) is not None]
            self._waiting = [each for each in self._waiting if each not in done]
        for models, tell in done:
            problem = self.problem(models)
            with suppress(Exception):  # where it is told may be gone
                tell(problem or "")


def _known() -> dict[str, type[Model]]:
    known: dict[str, type[Model]] = Model.model_class_reverse_map  # type: ignore[assignment]  # also others
    return known


def _implementation(cls: type[Model]) -> Implementation:
    model = CustomModel(cls)
    how = model.implementation
    dependencies = tuple(sorted(model.dependencies.items()))
    return Implementation(
        model.name, model.full_name, model.module, model.path, how.code, how.lang, how.file, dependencies
    )


def _imports(code: str, module: str) -> bool:
    return f'"{module}"' in code or f"'{module}'" in code


def _collect_imports(code: str, folder: Path, files: dict[str, str]) -> None:
    """Add to `files` those that `code` imports from `folder`, and those that they import."""
    for name in RELATIVE.findall(code):
        names = [name] if name.endswith(SUFFIXES) else [f"{name}{suffix}" for suffix in SUFFIXES]
        for path in (os.path.abspath(folder / each) for each in names):
            if path not in files and os.path.isfile(path):
                files[path] = Path(path).read_text(encoding="utf-8", errors="replace")
                _collect_imports(files[path], Path(path).parent, files)
