"""The author's models with their own implementation, and the state of each script."""

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
from ..text import shorten
from .bundle import Bundle
from .compiler import Compiler, Implementation
from .snapshot import is_custom_model

COMPILE_RETRY_DELAY = 10.0
"""Seconds until a script that failed for another reason than its code is compiled again."""
BUNDLES_TIMEOUT = 120.0
"""Seconds to wait for scripts that are being compiled before the page is saved."""
IMPORT_SUFFIXES = (".ts", ".js", ".css", ".less")
RELATIVE_IMPORT = re.compile(r"""["'](\.{1,2}/[^"'\n]+)["']""")
"""Matches a file that an implementation may import."""


def list_custom_classes(models: Iterable[Model]) -> set[type[Model]]:
    """List the classes of these models whose implementations browsers need."""
    return {type(model) for model in models if is_custom_model(type(model))}


def list_custom_types(models: Iterable[Model]) -> set[str]:
    """List the model types of those classes, as browsers know them."""
    return {cls.__qualified_model__ for cls in list_custom_classes(models)}


@dataclass(frozen=True)
class BundleSource:
    """Everything from which the script of one model is compiled."""

    implementations: tuple[Implementation, ...]
    """The model's own implementation, then those of the author's other models that it imports."""
    files: tuple[tuple[str, str], ...]
    """The contents of imported files, by path."""

    @classmethod
    def from_model(cls, model: type[Model]) -> BundleSource:
        """Read the implementation, also from files. Raises any error of reading them."""
        implementations = {"": _build_implementation(model)}
        if "custom/" in implementations[""].code:
            custom_classes = {
                CustomModel(each).module: each
                for each in _list_model_classes().values()
                if is_custom_model(each)
            }
            queue = [implementations[""]]
            while queue:
                code = queue.pop().code
                for module in [
                    each for each in custom_classes if each not in implementations and _has_import(code, each)
                ]:
                    implementations[module] = _build_implementation(custom_classes[module])
                    queue.append(implementations[module])
            implementations.pop(implementations[""].module, None)
        files: dict[str, str] = {}
        for each in implementations.values():
            _collect_imports(each.code, Path(each.path), files)
        return cls(tuple(implementations.values()), tuple(sorted(files.items())))


@dataclass(frozen=True)
class _CompileState:
    source: BundleSource | None
    """The source; None if it could not be read."""
    bundle: Bundle
    failed_at: float = 0.0
    """The time of a failure for another reason than its code, by `time.monotonic`."""


class CustomModels:
    """Compiles each implementation when a model of its type is shown, one by one in a thread.

    If several classes have the same name, the newest is used, since browsers have only one. Exists as long as
    the extension. Any thread may call it.
    """

    def __init__(
        self,
        compile_script: Callable[[tuple[Implementation, ...]], bytes] | None = None,
        *,
        on_change: Callable[[], None] = lambda: None,
    ) -> None:
        """`on_change` is called when `bundles` has changed, in any thread."""
        self._on_change = on_change
        self._compiler = Compiler()
        self._compile_script = compile_script or self._compiler
        self._states: dict[str, _CompileState] = {}
        self._done_callbacks: list[tuple[frozenset[str], Callable[[str], None]]] = []
        self._scripts: dict[BundleSource, bytes] = {}
        """The compiled scripts of the current sources."""
        self._condition = threading.Condition()
        self._thread: threading.Thread | None = None

    @property
    def bundles(self) -> tuple[Bundle, ...]:
        with self._condition:
            return tuple(state.bundle for state in self._states.values())

    def start_compile(self, classes: Iterable[type[Model]]) -> None:
        """Start to compile the current implementations of these classes, unless that was done already."""
        classes = [*classes]
        if not classes:
            return
        former_bundles = self.bundles
        for name in sorted({cls.__qualified_model__ for cls in classes}):
            newest = _list_model_classes().get(name)
            candidates = [cls for cls in classes if cls.__qualified_model__ == name]
            self._update_state(
                name, newest if newest is not None and is_custom_model(newest) else candidates[0]
            )
        self._start_thread()
        if self.bundles != former_bundles:
            self._on_change()

    def find_problem(self, model_types: Iterable[str]) -> str | None:
        """Return why pages cannot draw models of these types; empty if they can, None while one is
        compiled."""
        bundles = [bundle for bundle in self.bundles if bundle.model_type in {*model_types}]
        for bundle in bundles:
            if bundle.problem:
                return f"{bundle.model_type} does not compile: {bundle.problem}"
        return None if any(bundle.missing_reason for bundle in bundles) else ""

    def add_done_callback(self, model_types: Iterable[str], on_done: Callable[[str], None]) -> None:
        """Call `on_done` once with the result of `find_problem`, in the compiling thread."""
        with self._condition:
            self._done_callbacks.append((frozenset(model_types), on_done))
        self._run_done_callbacks()

    def wait(self, timeout: float = BUNDLES_TIMEOUT) -> None:
        """Wait until nothing is being compiled and all callbacks were called, or until the timeout."""
        with self._condition:
            self._condition.wait_for(lambda: not self._is_working, timeout)

    def close(self) -> None:
        """Stop compiling, and discard all scripts."""
        with self._condition:
            self._states.clear()
            self._done_callbacks.clear()
        self._compiler.close()

    def _update_state(self, name: str, cls: type[Model]) -> None:
        try:
            source = BundleSource.from_model(cls)
        except Exception as error:  # a missing file, or any error in the author's class
            problem = shorten(str(error) or type(error).__name__)
            with self._condition:
                self._states[name] = _CompileState(None, Bundle(name, problem=problem))
            return
        with self._condition:
            state = self._states.get(name)
            is_known = state is not None and state.source == source
            if (
                state is None
                or not is_known
                or (state.failed_at and time.monotonic() - state.failed_at > COMPILE_RETRY_DELAY)
            ):
                script = self._scripts.get(source, b"")
                self._states[name] = _CompileState(source, Bundle(name, script))

    def _find_next(self) -> _CompileState | None:
        return next(
            (each for each in self._states.values() if each.bundle.missing_reason == "compiling"), None
        )

    @property
    def _is_working(self) -> bool:
        # a forked process does not have the thread
        return self._thread is not None and self._thread.is_alive()

    def _start_thread(self) -> None:
        with self._condition:
            if self._find_next() is not None and not self._is_working:
                self._thread = threading.Thread(
                    target=self._compile_all, name="bokeh_share compiler", daemon=True
                )
                self._thread.start()

    def _compile_all(self) -> None:
        while True:
            with self._condition:
                state = self._find_next()
                if state is None:
                    self._thread = None
                    self._condition.notify_all()
                    return
            self._store_result(state, self._compile_bundle(state))

    def _compile_bundle(self, state: _CompileState) -> _CompileState:
        assert state.source is not None, "what could not be read is not compiled"
        name = state.bundle.model_type
        try:
            return _CompileState(
                state.source, Bundle(name, self._compile_script(state.source.implementations))
            )
        except CannotCompile as error:
            failed_at = 0.0 if error.is_permanent else time.monotonic()
            return _CompileState(state.source, Bundle(name, problem=str(error)), failed_at)
        except Exception as error:
            problem = shorten(f"{type(error).__name__}: {error}")
            return _CompileState(state.source, Bundle(name, problem=problem), time.monotonic())

    def _store_result(self, state: _CompileState, result: _CompileState) -> None:
        """Store the result, unless the implementation has changed meanwhile."""
        name = state.bundle.model_type
        with self._condition:
            if self._states.get(name) is not state:
                return
            self._states[name] = result
            if result.source is not None and result.bundle.script:
                current_sources = {each.source for each in self._states.values()}
                self._scripts = {
                    source: script for source, script in self._scripts.items() if source in current_sources
                } | {result.source: result.bundle.script}
        self._on_change()
        self._run_done_callbacks()

    def _run_done_callbacks(self) -> None:
        with self._condition:
            done = [each for each in self._done_callbacks if self.find_problem(each[0]) is not None]
            self._done_callbacks = [each for each in self._done_callbacks if each not in done]
        for model_types, on_done in done:
            problem = self.find_problem(model_types)
            with suppress(Exception):  # the callback's cell or app may be gone
                on_done(problem or "")


def _list_model_classes() -> dict[str, type[Model]]:
    classes: dict[str, type[Model]] = Model.model_class_reverse_map  # type: ignore[assignment]  # also others
    return classes


def _build_implementation(cls: type[Model]) -> Implementation:
    model = CustomModel(cls)
    implementation = model.implementation
    dependencies = tuple(sorted(model.dependencies.items()))
    return Implementation(
        model.name,
        model.full_name,
        model.module,
        model.path,
        implementation.code,
        implementation.lang,
        implementation.file,
        dependencies,
    )


def _has_import(code: str, module: str) -> bool:
    return f'"{module}"' in code or f"'{module}'" in code


def _collect_imports(code: str, folder: Path, files: dict[str, str]) -> None:
    """Add to `files` those that `code` imports from `folder`, directly or indirectly."""
    for name in RELATIVE_IMPORT.findall(code):
        names = (
            [name] if name.endswith(IMPORT_SUFFIXES) else [f"{name}{suffix}" for suffix in IMPORT_SUFFIXES]
        )
        for path in (os.path.abspath(folder / each) for each in names):
            if path not in files and os.path.isfile(path):
                files[path] = Path(path).read_text(encoding="utf-8", errors="replace")
                _collect_imports(files[path], Path(path).parent, files)
