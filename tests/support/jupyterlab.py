"""A real JupyterLab with nothing of the user's, and its page as a person uses it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

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


@contextmanager
def lab_page(browser: Browser | BrowserContext, **options: Any) -> Iterator[Lab]:
    """One page of JupyterLab. A dialog or notice that nobody expects ends it, and its text is the failure."""
    lab = Lab(browser.new_page(**options))
    try:
        yield lab
    except Exception as error:
        if not lab.page.is_closed():
            lab.page.screenshot(path=FAILURE)
            error.add_note(f"the notebook then: {lab.state()}")
        if lab.unread:
            raise AssertionError(f"JupyterLab asks: {lab.unread}") from error
        raise
    finally:
        lab.page.close()
    assert lab.unread == []


class Lab:
    """The page of JupyterLab with one notebook."""

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
