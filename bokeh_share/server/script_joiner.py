"""Joins ES modules to one script, which needs only one request and works in a saved file too."""

from __future__ import annotations

import re
from collections.abc import Callable
from graphlib import TopologicalSorter

_IMPORT = re.compile(r'^import \{[^}]*\} from "\./(\w+\.mjs)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export ((?:async function|function|class|const) (\w+))", re.MULTILINE)
_COMMENT = re.compile(r"^[ \t]*(?://[^\n]*|/\*\*(?:(?!\*/).)*\*/[ \t]*)\n", re.MULTILINE | re.DOTALL)
_INDENTATION = re.compile(r"^[ \t]+", re.MULTILINE)
_OTHER = re.compile(r"^(?:import|export)\b.*", re.MULTILINE)


def join_modules(entry: str, read: Callable[[str], str]) -> str:
    """Return one module that does the same as `entry` and its imports, each run once, in order.

    Comment lines, many of which are types, and indentation are left out to save bytes. `read` returns the
    source of a module by its name. Modules import names from modules in the same folder, by
    `import { name } from "./other.mjs"`, and export functions, classes and constants where they define them.
    The joined module exports what `entry` exports. Raises `ValueError` for other imports and exports, for a
    name that two modules export, and for circular imports.
    """
    sources = _read_imported(entry, read)
    imports = {name: _IMPORT.findall(source) for name, source in sources.items()}
    parts, exporters = [], dict[str, str]()
    for name in TopologicalSorter(imports).static_order():
        code = _COMMENT.sub("", _IMPORT.sub("", sources[name]))
        exports = [match[2] for match in _EXPORT.finditer(code)]
        code = _EXPORT.sub(r"\1", code)
        if unknown := _OTHER.search(code):
            raise ValueError(f"{name} cannot be joined: {unknown[0]}")
        for each in exports:
            if each in exporters:
                raise ValueError(f"{name} and {exporters[each]} both export {each}")
            exporters[each] = name
        parts.append(_enclose(name, _INDENTATION.sub("", code), exports))
    if exported := [each for each, name in exporters.items() if name == entry]:
        parts.append(f"export {{ {', '.join(exported)} }};\n")
    return "".join(parts)


def _read_imported(entry: str, read: Callable[[str], str]) -> dict[str, str]:
    """Read the sources of `entry` and of all modules that it needs, by name."""
    sources: dict[str, str] = {}
    missing = [entry]
    while missing:
        name = missing.pop()
        if name not in sources:
            sources[name] = read(name)
            missing += _IMPORT.findall(sources[name])
    return sources


def _enclose(name: str, code: str, exports: list[str]) -> str:
    """Enclose a module in a scope, so that other modules see only its exports."""
    if not exports:
        return f"// {name}\n{{\n{code}}}\n"
    names = ", ".join(exports)
    return f"// {name}\nconst {{ {names} }} = (() => {{\n{code}return {{ {names} }};\n}})();\n"
