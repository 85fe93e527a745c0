"""Saves the current page as one file that needs no server and no internet."""

from __future__ import annotations

import os
import tempfile
from base64 import b64encode
from pathlib import Path

from ..errors import CannotWrite
from ..plots import Page, encode_page_message, encode_plot_change, list_plot_entries
from ..plots.snapshot import CUSTOM_PART_PREFIX
from ..server import BOKEHJS_PARTS, SavedPage, csp, read_static_file, render_page
from .routes import INSTALLED_BOKEHJS

PAGE_SUFFIXES = (".html", ".htm", ".xhtml")
"""Suffixes by which browsers recognise a page."""


def save_page(page: Page, path: str | os.PathLike[str], *, now: int) -> Path:
    """Write `page` to `path`, completely or not at all; `now` is in milliseconds since 1970, UTC.

    A name without a suffix of pages gets `.html` at its end. Returns the file's path. The size of the file is
    about 1.2 MB for BokehJS, more with widgets or tables, and the plots' data enlarged by a third. Raises
    `CannotWrite`.
    """
    try:
        target = Path(path).expanduser()
        os.fsencode(target)
    except RuntimeError as error:
        raise CannotWrite(str(path), "there is no such home folder") from error
    except UnicodeEncodeError as error:
        raise CannotWrite(str(path), "a file cannot have this name") from error
    content = render_saved_page(page, now=now)
    try:
        if target.is_dir():
            raise IsADirectoryError(21, "is a folder")
        if target.suffix.lower() not in PAGE_SUFFIXES:
            target = target.with_name(f"{target.name}.html")
        with tempfile.NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", delete=False) as file:
            try:
                file.write(content)
                file.close()
                os.chmod(file.name, 0o666 & ~_read_umask())
                os.replace(file.name, target)
            except BaseException:
                os.unlink(file.name)
                raise
    except OSError as error:
        raise CannotWrite(str(path), (error.strerror or str(error)).lower()) from error
    return target.absolute()


def render_saved_page(page: Page, *, now: int) -> bytes:
    page = page.update_apps(()).update_pointing(False)  # both need a server
    messages = [encode_page_message("saved", page, list_plot_entries(page))]
    drawable = [plot for plot in page.plots if page.find_missing_reason(plot) is None]
    for plot in drawable:
        messages.append(encode_plot_change("saved", page.version, plot, None).message)
    used_components = {part for plot in drawable for part in plot.snapshot.parts}
    components = [
        part for part in BOKEHJS_PARTS if part == "bokeh" or part.removeprefix("bokeh-") in used_components
    ]
    bundles = [each for each in page.bundles if f"{CUSTOM_PART_PREFIX}{each.model_type}" in used_components]
    library = [*map(INSTALLED_BOKEHJS.read_script, components), *(each.script for each in bundles)]
    files = [read_static_file("opener.js"), *library, read_static_file("saved_page.js")]
    scripts = [_escape_script(file.decode()) for file in files]
    return render_page(
        page.title,
        bokeh_version=INSTALLED_BOKEHJS.version,
        saved=SavedPage(
            policy=csp.build_saved_policy(scripts),
            style=read_static_file("page.css").decode(),
            scripts=tuple(scripts[:-1]),
            page=scripts[-1],
            parts=" ".join([*components, *(each.digest for each in bundles)]),
            messages="\n".join(b64encode(message).decode() for message in messages),
            at=now,
        ),
    )


def _escape_script(code: str) -> str:
    """Return `code` with the ends of script elements in its strings escaped for HTML parsers."""
    return code.replace("</script", "<\\/script").replace("<!--", "<\\!--")


def _read_umask() -> int:
    """Return the process's file mode mask, which can only be read by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
