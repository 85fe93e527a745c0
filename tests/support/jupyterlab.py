"""A real JupyterLab with nothing of the user's, and its pages and Notebook 7's, as a person uses them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import nbformat
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect
from support.ordinary import make_ordinary

NOTEBOOKS = Path(__file__).resolve().parent.parent.parent / "notebooks"
OPTIONS = [
    "--no-browser",
    "--allow-root",
    "--LabApp.news_url=None",
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    "--LabApp.extension_manager=readonly",
    # The build check has no option; the page checks unless its configuration forbids it.
    "--ServerApp.tornado_settings={'page_config_data': {'buildCheck': False, 'buildAvailable': False}}",
]
FAILURE = Path(__file__).resolve().parent.parent.parent / "build" / "screenshots" / "failure.png"
# As if the user had answered before, and wanted neither.
NOTICES = "lab/user-settings/@jupyterlab/apputils-extension/notification.jupyterlab-settings"
WHERE = """(line, text) => {
    const nodes = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
    for (let node; (node = nodes.nextNode());) {
        const at = node.data.indexOf(text);
        if (at < 0) continue;
        const range = new Range();
        range.setStart(node, at);
        range.setEnd(node, at + text.length);
        const [word, whole] = [range.getBoundingClientRect(), line.getBoundingClientRect()];
        return { x: word.x - whole.x + word.width / 2, y: word.y - whole.y + word.height / 2 };
    }
    throw new Error(`no ${text} in the line`);
}"""
END_OTHER_SESSIONS = """async ([base, token, path]) => {
    const headers = { Authorization: `token ${token}` };
    const sessions = await (await fetch(`${base}api/sessions`, { headers })).json();
    for (const session of sessions.filter((each) => each.path !== path)) {
        void fetch(`${base}api/sessions/${session.id}`, { method: "DELETE", headers });
    }
}"""
"""Asks the server to end the kernels of all other notebooks, and does not wait for their ends."""
Start = Callable[..., "subprocess.Popen[Any]"]


@contextmanager
def jupyterlab(
    folder: Path, start: Start = subprocess.Popen, *, options: Sequence[str] = (), **variables: str
) -> Iterator[str]:
    """Start a JupyterLab whose home, settings and files are below `folder`; yield its address."""
    files = folder / "files"
    shutil.copytree(NOTEBOOKS, files, ignore=shutil.ignore_patterns(".*"))
    environ = dict(os.environ)
    for name in ("HOME", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"):
        environ[name] = str(folder / name.lower())
        (folder / name.lower()).mkdir()
    environ |= variables
    make_ordinary(folder / "ipythondir")
    notices = folder / "jupyter_config_dir" / NOTICES
    notices.parent.mkdir(parents=True)
    notices.write_text('{"fetchNews": "false", "checkForUpdates": false}')
    log = folder / "jupyterlab.log"
    argv = [sys.executable, "-m", "jupyterlab", *OPTIONS, f"--ServerApp.root_dir={files}", *options]
    with log.open("w") as output:
        server = start(argv, env=environ, cwd=files, stdout=output, stderr=subprocess.STDOUT)
        try:
            yield _address(server, folder / "jupyter_runtime_dir", log)
        finally:
            server.terminate()
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def _address(server: subprocess.Popen[Any], runtime: Path, log: Path) -> str:
    """Read the address. JupyterLab chooses its port and token, and writes them to a file."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.poll() is None:
        for path in runtime.glob("jpserver-*.json"):
            try:
                about = json.loads(path.read_text())
            except ValueError:
                continue  # half written
            return f"{about['url']}lab/tree/quickstart.ipynb?token={about['token']}"
        time.sleep(0.05)
    raise AssertionError(f"JupyterLab did not start:\n{log.read_text()}")


class Lab:
    """The page of JupyterLab with one notebook."""

    PREFIX = "lab/tree/"
    OPTIONS = "&reset"
    """Opens this notebook alone, not those too that were open before."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.requests: list[str] = []
        self.unread: list[str] = []
        page.on("request", lambda request: self.requests.append(request.url))
        page.add_locator_handler(page.locator(".jp-Dialog, .Toastify__toast").first, self._refuse)

    def _refuse(self, dialog: Locator) -> None:
        self.unread.append(dialog.inner_text())
        self.page.close()

    def open(self, url: str) -> None:
        self.page.goto(url)
        self.cells.first.wait_for(timeout=60_000)
        # Cells that run earlier ask for a kernel, or wait for one that has not started.
        self.wait_for_kernel()

    def wait_for_kernel(self) -> None:
        self.page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=60_000)

    @property
    def cells(self) -> Locator:
        return self.page.locator(".jp-Notebook .jp-Cell")

    def cell_with(self, text: str) -> Locator:
        return self.page.locator(".jp-Notebook .jp-CodeCell", has_text=text)

    def menu(self, name: str, entry: str) -> None:
        self.page.get_by_role("menuitem", name=name, exact=True).click()
        self.page.get_by_role("menuitem", name=entry, exact=True).click()

    def run_all(self) -> None:
        self.menu("Run", "Run All Cells")

    def restart_and_run_all(self) -> None:
        """Restart and run all cells. JupyterLab asks first: this is the only expected dialog, and its text is
        checked."""
        asking = self.page.locator(".jp-Dialog, .Toastify__toast").first
        self.page.remove_locator_handler(asking)
        self.menu("Kernel", "Restart Kernel and Run All Cells…")
        expect(self.page.locator(".jp-Dialog")).to_contain_text("Do you want to restart the kernel of")
        self.page.get_by_role("button", name="Confirm Kernel Restart").click()
        expect(self.page.locator(".jp-Dialog")).to_have_count(0)
        self.page.add_locator_handler(asking, self._refuse)

    def replace(self, cell: Locator, old: str, new: str) -> None:
        """Double-click on the word `old` in the cell's editor, and type `new` over it.

        `cell` must be found by another text than `old`.
        """
        line = cell.locator(".cm-line", has_text=old).first
        number = cell.locator(".cm-line").all_text_contents().index(line.text_content() or "")
        # Relative to the line, once its position is stable: outputs above may still grow.
        line.dblclick(position=line.evaluate(WHERE, old))
        self.page.keyboard.type(new)
        expect(cell.locator(".cm-line").nth(number)).to_contain_text(new)

    def state(self) -> list[tuple[str, str]]:
        """Return prompt and output of each code cell."""
        read = """(cells) => cells.map((cell) => [
            cell.querySelector(".jp-InputArea-prompt")?.textContent ?? "",
            (cell.querySelector(".jp-Cell-outputArea")?.textContent ?? "").slice(0, 300)])"""
        found: list[tuple[str, str]] = self.page.locator(".jp-CodeCell").evaluate_all(read)
        return found

    def errors(self) -> list[str]:
        return self.page.locator("[data-mime-type='application/vnd.jupyter.stderr']").all_inner_texts()


class Notebook7(Lab):
    """The page of Notebook 7 with one notebook: most of JupyterLab's parts, without tabs and status bar."""

    PREFIX = "notebooks/"
    OPTIONS = ""

    def wait_for_kernel(self) -> None:
        # Faded out: with `info` beside it while the kernel starts, alone once it is idle or busy.
        started = ".jp-NotebookKernelStatus-fade:not(.jp-NotebookKernelStatus-info)"
        self.page.locator(started).wait_for(state="attached", timeout=60_000)


@contextmanager
def lab_page(browser: Browser | BrowserContext, page_type: type[Lab] = Lab, **options: Any) -> Iterator[Lab]:
    """One page of Jupyter's. A dialog or notice that nobody expects ends it, and its text is the failure."""
    lab = page_type(browser.new_page(**options))
    try:
        yield lab
    except Exception as error:
        if not lab.page.is_closed():
            lab.page.screenshot(path=FAILURE)
            error.add_note(f"the notebook then: {lab.state()}")
        if lab.unread:
            raise AssertionError(f"Jupyter asks: {lab.unread}") from error
        raise
    finally:
        lab.page.close()
    assert lab.unread == []


@dataclass
class Server:
    """A JupyterLab for some tests, one after the other, in a browser that keeps its many scripts.

    It serves the pages of Notebook 7 too, as each server does where both are installed.
    """

    context: BrowserContext
    url: str
    """Of the quickstart in JupyterLab, with the token."""
    files: Path

    @contextmanager
    def opened(
        self, notebook: str, cells: Sequence[str] | None = None, *, page_type: type[Lab] = Lab
    ) -> Iterator[Lab]:
        """A copy of this notebook of ours, or one with these cells, that nobody has changed or run.

        Pages that are opened from it are closed with it. Its kernel ends when the next notebook is open.
        """
        folder = self.files / f"copy-{len(list(self.files.iterdir()))}"
        folder.mkdir()
        path = folder / f"{notebook}.ipynb"
        if cells is None:
            shutil.copy(NOTEBOOKS / path.name, path)
        else:
            made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
            made.metadata.kernelspec = {"name": "python3", "display_name": "Python 3 (ipykernel)"}
            nbformat.write(made, path)
        base = self.url.partition("lab/tree/")[0]
        (token,) = parse_qs(urlsplit(self.url).query)["token"]
        with lab_page(self.context, page_type) as lab:
            lab.open(f"{base}{page_type.PREFIX}{folder.name}/{path.name}?token={token}{page_type.OPTIONS}")
            lab.page.evaluate(END_OTHER_SESSIONS, [base, token, f"{folder.name}/{path.name}"])
            try:
                yield lab
            finally:
                for other in self.context.pages:
                    if other is not lab.page:
                        other.close()
