"""Files that an app's page loads besides BokehJS: those of packages that extend it, such as Panel."""

from __future__ import annotations

import gzip
import json
import mimetypes
import re
import sys
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from bokeh.document import Document
from bokeh.embed.bundle import bundle_for_objs_and_resources, extension_dirs
from bokeh.model import Model
from bokeh.resources import Resources

from ..compat import skip_compilation
from ..plots import list_custom_classes, list_custom_types
from ..plots.snapshot import is_custom_model
from .panel import use_server_resources

BOKEHJS_PATH = "static/js/"
"""The path of BokehJS in bundles. The page has loaded it already."""
CONTENT_TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".json": "application/json",
    ".map": "application/json",
    ".mjs": "text/javascript",
    ".svg": "image/svg+xml",
    ".wasm": "application/wasm",
}
"""Content types that browsers require; the machine's own table may differ."""

served_packages: set[str] = set()
"""Packages that a document of an app has needed. Other imports of the author are not revealed."""


def list_required_assets(document: Document) -> list[str]:
    """List the files that a page loads before it can draw this document, as JSON texts for `extensions.mjs`.

    The list is empty if all models are part of BokehJS. `document` must be the current one.
    """
    packages = {_find_package(model) for model in document.models if _is_extension(model)}
    custom_classes = list_custom_classes(document.models)
    custom_assets = [{"kind": "custom", "type": name} for name in sorted(list_custom_types(document.models))]
    with skip_compilation([*custom_classes]):
        assets = [
            json.dumps(asset, sort_keys=True)
            for asset in [*(_list_document_assets(document) if packages else ()), *custom_assets]
        ]
    served_packages.update(packages, *(re.findall(r"static/extensions/([^/]+)/", asset) for asset in assets))
    return assets


def _is_extension(model: Model) -> bool:
    return _find_package(model) != "bokeh" and not is_custom_model(type(model))


def _find_package(model: Model) -> str:
    return model.__view_module__.split(".")[0]


def _list_document_assets(document: Document) -> list[Mapping[str, Any]]:
    bundle, declarations = _build_extension_bundle(document)
    modules = [{"kind": "module", "src": str(url)} for url in getattr(bundle, "js_modules", ())]
    exports = getattr(bundle, "js_module_exports", {}).items()
    # Relative to the page of an app, which is beside `static`.
    scripts = [str(url).removeprefix("/") for url in bundle.js_files]
    return [
        *({"kind": "declared", "value": value} for value in [declarations] if value),
        *({"kind": "style", "src": str(url)} for url in bundle.css_files),
        *({"kind": "css", "text": text} for text in bundle.css_raw),
        *({"kind": "script", "src": url} for url in scripts if not url.startswith(BOKEHJS_PATH)),
        *(part for part in modules if part["src"] not in dict(exports).values()),
        *({"kind": "module", "src": str(url), "export": name} for name, url in exports),
    ]


def _build_extension_bundle(document: Document) -> tuple[Any, Any]:
    """Build the bundle of a document, by Panel if that is imported, and the settings of Panel's script."""
    resources: Any = Resources(mode="server", root_url="/")
    if "panel" not in sys.modules:
        return bundle_for_objs_and_resources([document], resources), None
    from panel.io.resources import bundle_resources

    with use_server_resources():  # which also puts back the mode that this sets
        bundle = bundle_resources(document.roots, resources)
    return bundle, getattr(bundle, "resource_declarations", None)


def find_extension_file(package: str, path: str) -> Path | None:
    """Find a file of an extension that an app needs; None if it does not exist or no app needs it."""
    folder = extension_dirs.get(package) if package in served_packages else None
    if folder is None:
        return None
    folder = Path(folder).resolve()
    try:
        file = (folder / path).resolve()
        return file if file.is_relative_to(folder) and file.is_file() else None
    except (OSError, ValueError):  # a name too long, or with a null in it
        return None


# More entries than files, so that requests for one after the other do not compress all of them again.
@lru_cache(maxsize=4096)
def load_extension_file(file: Path, modified_at: float) -> tuple[str, bytes, bool]:
    """Read a file: its content type, its content, and True if the content is compressed, as texts are.

    `modified_at` is part of the cache key, so that a changed file is read again.
    """
    content = file.read_bytes()
    content_type = (
        CONTENT_TYPES.get(file.suffix.lower())
        or mimetypes.guess_type(file.name)[0]
        or _detect_content_type(content)
    )
    if content_type.startswith("text/") or content_type in CONTENT_TYPES.values():
        return content_type, gzip.compress(content, 6, mtime=0), True
    return content_type, content, False


def _detect_content_type(content: bytes) -> str:
    """Detect scripts by their content: some of Panel's have names that end with a version."""
    try:
        content.decode()
    except UnicodeDecodeError:
        return "application/octet-stream"
    return CONTENT_TYPES[".js"]
