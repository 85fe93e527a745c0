"""What the page of an app loads besides BokehJS: the files of packages that extend it, such as Panel."""

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

from ..compat import nothing_compiled
from ..plots.custom_models import custom_in, is_custom, types_of_custom
from .panel import at_home

CORE = "static/js/"
"""Where bundles say that BokehJS is, which the page has already."""
KINDS = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".json": "application/json",
    ".map": "application/json",
    ".mjs": "text/javascript",
    ".svg": "image/svg+xml",
    ".wasm": "application/wasm",
}
"""What a browser insists on; a machine's own table may say otherwise."""

served: set[str] = set()
"""Packages that a document of an app has needed: what else the author has imported is nobody's business."""


def needed_by(document: Document) -> list[str]:
    """What a page loads before it can draw this document, in order: JSON texts, for `extensions.js`.

    Nothing where all models are BokehJS's own. `document` must be the current one.
    """
    packages = {_package(model) for model in document.models if _is_extension(model)}
    custom = custom_in(document.models)
    own = [{"kind": "custom", "type": name} for name in sorted(types_of_custom(document.models))]
    with nothing_compiled([*custom]):
        parts = [json.dumps(part, sort_keys=True) for part in [*(_parts(document) if packages else ()), *own]]
    served.update(packages, *(re.findall(r"static/extensions/([^/]+)/", part) for part in parts))
    return parts


def _is_extension(model: Model) -> bool:
    return _package(model) != "bokeh" and not is_custom(type(model))


def _package(model: Model) -> str:
    return model.__view_module__.split(".")[0]


def _parts(document: Document) -> list[Mapping[str, Any]]:
    bundle, declared = _bundle(document)
    modules = [{"kind": "module", "src": str(url)} for url in getattr(bundle, "js_modules", ())]
    exports = getattr(bundle, "js_module_exports", {}).items()
    # Seen from the page of an app, which is beside `static`.
    scripts = [str(url).removeprefix("/") for url in bundle.js_files]
    return [
        *({"kind": "declared", "value": value} for value in [declared] if value),
        *({"kind": "style", "src": str(url)} for url in bundle.css_files),
        *({"kind": "css", "text": text} for text in bundle.css_raw),
        *({"kind": "script", "src": url} for url in scripts if not url.startswith(CORE)),
        *(part for part in modules if part["src"] not in dict(exports).values()),
        *({"kind": "module", "src": str(url), "export": name} for name, url in exports),
    ]


def _bundle(document: Document) -> tuple[Any, Any]:
    """Panel's where it is, which knows what else its components load; and what its script is told of that."""
    resources: Any = Resources(mode="server", root_url="/")
    if "panel" not in sys.modules:
        return bundle_for_objs_and_resources([document], resources), None
    from panel.io.resources import bundle_resources

    with at_home():  # which also puts back the mode that this sets
        bundle = bundle_resources(document.roots, resources)
    return bundle, getattr(bundle, "resource_declarations", None)


def find(package: str, path: str) -> Path | None:
    """A file of an extension that apps need; None where there is none, or it is none of theirs."""
    folder = extension_dirs.get(package) if package in served else None
    if folder is None:
        return None
    folder = Path(folder).resolve()
    try:
        file = (folder / path).resolve()
        return file if file.is_relative_to(folder) and file.is_file() else None
    except (OSError, ValueError):  # a name too long, or with a null in it
        return None


@lru_cache(maxsize=4096)  # more than there are: who asked for one after the other would have all packed anew
def packed(file: Path, changed: float) -> tuple[str, bytes, bool]:
    """Its type, and its content as it is sent; whether that is packed, as texts are.

    `changed` is when the file was, so that another version is read anew.
    """
    content = file.read_bytes()
    kind = KINDS.get(file.suffix.lower()) or mimetypes.guess_type(file.name)[0] or _kind_of(content)
    if kind.startswith("text/") or kind in KINDS.values():
        return kind, gzip.compress(content, 6, mtime=0), True
    return kind, content, False


def _kind_of(content: bytes) -> str:
    """Panel has scripts whose names end with their version."""
    try:
        content.decode()
    except UnicodeDecodeError:
        return "application/octet-stream"
    return KINDS[".js"]
