"""Uses an installed bokeh_share as a new user would: commands, a share of a script, a share of a notebook.

The environment that runs this has the package and its dependencies only. With `--notebook` it has the extra
`run` too.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import urljoin
from urllib.request import ProxyHandler, build_opener

COMMAND = Path(sysconfig.get_path("scripts")) / "bokeh-share"
DEADLINE = 60.0
"""Seconds that a share has to start, and to end."""
PLOT = "p = figure(title='installed', width=200, height=200)\np.line([1, 2, 3], [4.0, 5.0, 6.0])"
SCRIPT = f"""
import signal
from bokeh.plotting import figure
from bokeh_share import share
signal.signal(signal.SIGTERM, signal.default_int_handler)
{PLOT}
live = share(p, port=0)
assert len(live.plots) == 1
print(live.url, flush=True)
live.run_until_interrupted()
"""
CELLS = ["from bokeh.plotting import figure, show", f"{PLOT}\nshow(p)"]
LINK = re.compile(r"http://\S+/[\w-]{22}/")
FILES = re.compile(r'(?:src|href)="([\w.-]+)"')
"""Those that the page loads from its share."""
BOKEHJS_VERSION = re.compile(r'data-bokeh="([^"]+)"')
fetch = build_opener(ProxyHandler({})).open
"""Opens an address on this machine, whatever proxy the environment names."""


def check_package() -> None:
    """Check that the environment's package is imported, and no checkout's."""
    import bokeh_share

    found = Path(bokeh_share.__file__)
    assert found.is_relative_to(sys.prefix), f"{found} is not of this environment"
    assert (found.parent / "py.typed").exists(), f"{found.parent} has no types"
    versions = bokeh_share.__version__, version("bokeh_share")
    assert versions[0] == versions[1], f"the package and its metadata have the versions {versions}"


def check_help() -> None:
    """Check that the installed command and the module print the help."""
    for command in ([str(COMMAND)], [sys.executable, "-m", "bokeh_share"]):
        text = subprocess.check_output([*command, "--help"], text=True, timeout=DEADLINE)
        assert "--external" in text, f"{command} --help prints {text!r}"


def check_script(folder: Path) -> None:
    """Check that a script shares a plot with the package's dependencies alone."""
    (folder / "installed.py").write_text(SCRIPT)
    with running([sys.executable, "installed.py"], folder) as link:
        check_page(link, "installed")


def check_notebook(folder: Path) -> None:
    """Check that the command runs a notebook in a kernel and shares its plots."""
    (folder / "installed.ipynb").write_text(json.dumps(build_notebook()))
    with running([str(COMMAND), "installed.ipynb", "--no-browser", "--port", "0"], folder) as link:
        check_page(link, "installed")


def build_notebook() -> dict[str, Any]:
    cells: list[dict[str, Any]] = [
        {
            "cell_type": "code", "id": f"cell{number}", "source": source, "metadata": {}, "outputs": [],
            "execution_count": None,
        }
        for number, source in enumerate(CELLS)
    ]  # fmt: skip
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": kernel}, "cells": cells}


@contextmanager
def running(command: list[str], folder: Path) -> Iterator[str]:
    """Run a program that shares until the block ends, and give the link that it prints; it must end well."""
    log = folder / "log"
    with log.open("w") as output:
        process = subprocess.Popen(command, cwd=folder, stdout=output, stderr=output, start_new_session=True)
        try:
            yield wait_for_link(process, log)
            process.send_signal(signal.SIGTERM)
            code = process.wait(DEADLINE)
        finally:
            process.kill()
            process.wait()
    assert code == 0, f"{command} ended with {code}: {log.read_text()}"


def wait_for_link(process: subprocess.Popen[Any], log: Path) -> str:
    deadline = time.monotonic() + DEADLINE
    while not (found := LINK.search(log.read_text())):
        assert process.poll() is None, f"the program ended: {log.read_text()}"
        assert time.monotonic() < deadline, f"no link within {DEADLINE} s: {log.read_text()}"
        time.sleep(0.05)
    return found[0]


def check_page(link: str, title: str) -> None:
    """Check that the page has its title, and that all files that it loads are there."""
    page = read(link)
    assert f"<title>{title}</title>" in page, page
    bokehjs = BOKEHJS_VERSION.search(page)
    files = FILES.findall(page)
    assert bokehjs, page
    assert {"page.css", "page.js"} <= set(files), page
    for file in (*files, f"bokeh/{bokehjs[1]}/bokeh.min.js"):
        assert read(urljoin(link, file)).strip(), f"{file} is empty"


def read(url: str) -> str:
    with fetch(url, timeout=DEADLINE) as answer:
        body: bytes = answer.read()
        assert answer.status == 200, f"{url} answers {answer.status}"
        return body.decode()


def main() -> None:
    check_package()
    check_help()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # Nothing of this machine's user is read or written.
        os.environ.update(HOME=name, IPYTHONDIR=f"{name}/ipython", JUPYTER_DATA_DIR=f"{name}/jupyter")
        check_script(folder)
        if "--notebook" in sys.argv[1:]:
            check_notebook(folder)


if __name__ == "__main__":
    main()
