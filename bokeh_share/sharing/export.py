"""The page as it is now, as one file that needs no server and no internet."""

from __future__ import annotations

import os
import tempfile
from base64 import b64encode
from pathlib import Path

from ..errors import CannotWrite
from ..plots.bundle import CUSTOM
from ..plots.diff.diff import diff
from ..plots.page import Page
from ..server import csp
from ..server.assets import BOKEHJS_PARTS, SavedPage, bokehjs_file, own_file, page_html
from ..wire.messages import page_message, plot_message

SUFFIXES = (".html", ".htm", ".xhtml")
"""By these browsers know that a file is a page."""


def save(page: Page, path: str | os.PathLike[str], *, now: int) -> Path:
    """Write `page` to `path`, whole or not at all; `now` is in milliseconds since 1970, UTC.

    A name that browsers would not open as a page gets `.html` at its end. Returns the file's path.
    The file has BokehJS in it and weighs about 1.2 MB, more with widgets or tables, and a third more
    than the plots' data. Raises `CannotWrite`.
    """
    try:
        target = Path(path).expanduser()
        os.fsencode(target)
    except RuntimeError as error:
        raise CannotWrite(str(path), "there is no such home folder") from error
    except UnicodeEncodeError as error:
        raise CannotWrite(str(path), "no file can be called so") from error
    content = html(page, now=now)
    try:
        if target.is_dir():
            raise IsADirectoryError(21, "is a folder")
        if target.suffix.lower() not in SUFFIXES:
            target = target.with_name(f"{target.name}.html")
        with tempfile.NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", delete=False) as file:
            try:
                file.write(content)
                file.close()
                os.chmod(file.name, 0o666 & ~_umask())
                os.replace(file.name, target)
            except BaseException:
                os.unlink(file.name)
                raise
    except OSError as error:
        raise CannotWrite(str(path), (error.strerror or str(error)).lower()) from error
    return target.absolute()


def html(page: Page, *, now: int) -> bytes:
    page = page.listing(())  # they need a server
    messages = [page_message("saved", page)]
    drawable = [plot for plot in page.plots if page.lack(plot) is None]
    for plot in drawable:
        patch = diff(None, plot.snapshot)
        messages.append(plot_message("saved", page.version, plot, patch, None))
    used = {part for plot in drawable for part in plot.snapshot.parts}
    parts = [part for part in BOKEHJS_PARTS if part == "bokeh" or part.removeprefix("bokeh-") in used]
    bundles = [each for each in page.bundles if f"{CUSTOM}{each.model}" in used]
    library = [*map(bokehjs_file, parts), *(each.script for each in bundles)]
    files = [own_file("opener.js"), *library, own_file("plot.js"), own_file("page.js")]
    scripts = [_inside_script(file.decode()) for file in files]
    return page_html(
        page.title,
        saved=SavedPage(
            policy=csp.saved_policy(scripts),
            style=own_file("page.css").decode(),
            scripts=tuple(scripts[:-1]),
            page=scripts[-1],
            parts=" ".join([*parts, *(each.digest for each in bundles)]),
            messages="\n".join(b64encode(message).decode() for message in messages),
            at=now,
        ),
    )


def _inside_script(code: str) -> str:
    """`code` such that no HTML parser sees the end of its script element in one of its strings."""
    return code.replace("</script", "<\\/script").replace("<!--", "<\\!--")


def _umask() -> int:
    """The process' file mode mask, which can only be read by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
