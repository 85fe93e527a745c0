"""Each block of code in the Markdown files runs from top to bottom, or says why it does not."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import nbformat
import pytest
from code_blocks import CodeBlock, list_code_blocks, list_markdown_files
from support.kernel_driver import DEADLINE, Kernel, until
from support.ordinary import make_ordinary

ROOT = Path(__file__).resolve().parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LANGUAGES = {"python", "ipython", "shell", "text"}
TESTED_ELSEWHERE = {"docs/networks.md": "tests/project/test_networks_document.py"}
"""Pages whose blocks have tests of their own."""
PLOT = """
from bokeh.plotting import figure, show
p = figure(title="Sales")
p.line([1, 2, 3], [120, 150, 90])
show(p)
"""
"""The cell of the notebooks that commands name."""
PAGES = {
    path.relative_to(ROOT).as_posix(): list_code_blocks(path.read_text(encoding="utf-8"))
    for path in list_markdown_files(ROOT)
    if path.relative_to(ROOT).as_posix() not in TESTED_ELSEWHERE
}


def list_runnable(page: str) -> list[CodeBlock]:
    return [block for block in PAGES[page] if not block.reason and not block.tested_by]


def keep_local(code: str) -> str:
    """Tests share on this machine only, and at any port."""
    code = re.sub(r" --external\b", "", code).replace("external=True", "external=False")
    return re.sub(r"--port \d+", "--port 0", code)


class Reader:
    """Does what a page says, from top to bottom, in a folder and a kernel of its own."""

    def __init__(self, folder: Path, env: dict[str, str]) -> None:
        self._folder = folder
        self._env = env
        self._kernel: Kernel | None = None

    def follow(self, block: CodeBlock) -> None:
        if block.file:
            (self._folder / block.file).write_text(keep_local(block.code), encoding="utf-8")
        elif block.language in ("python", "ipython"):
            if self._kernel is None:
                self._kernel = Kernel(self._folder, env=self._env)
            self._kernel.run(keep_local(block.code), cell=f"line-{block.line}")
        elif block.language == "shell":
            for command in block.code.splitlines():
                self._enter(shlex.split(keep_local(command)))

    def end(self) -> None:
        if self._kernel is not None:
            self._kernel.end()

    def _enter(self, words: list[str]) -> None:
        """Check or run one command line."""
        program, *arguments = words
        if program == "pip":
            check_installation(arguments)
        elif program == "make":
            check_target(arguments)
        elif program in ("python", "bokeh-share"):
            self._write_notebooks(arguments)
            own = ["-m", "bokeh_share"] if program == "bokeh-share" else []
            self._run([sys.executable, *own, *arguments])
        else:
            pytest.fail(f"no test knows the command {program!r}: mark its block with the reason")

    def _write_notebooks(self, arguments: list[str]) -> None:
        for name in (each for each in arguments if each.endswith(".ipynb")):
            notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(PLOT)])
            notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
            nbformat.write(notebook, self._folder / name)

    def _run(self, command: list[str]) -> None:
        """Run a program: it prints its help, or a link which works, and Ctrl-C ends it well."""
        path = self._folder / "output"
        with path.open("wb") as output:
            process = subprocess.Popen(
                command, cwd=self._folder, env={**os.environ, **self._env, "PYTHONUNBUFFERED": "1"},
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                preexec_fn=heed_interrupts,
            )  # fmt: skip
        try:
            if "--help" not in command:
                until(
                    lambda: re.search(r"http://\S+\s", path.read_text()) or has_ended(process),
                    what=lambda: f"a link of {command} in {path.read_text()!r}",
                )
                match = re.search(r"http://\S+", path.read_text())
                assert match is not None, path.read_text()
                with urlopen(match[0]) as answer:
                    assert answer.status == 200
                process.send_signal(signal.SIGINT)
            assert process.wait(DEADLINE) == 0, path.read_text()
        finally:
            if process.poll() is None:
                process.kill()
                process.wait(DEADLINE)


def has_ended(process: subprocess.Popen[bytes]) -> bool:
    return process.poll() is not None


def heed_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def check_installation(arguments: list[str]) -> None:
    """The package and its extras have these names."""
    command, requirement = arguments
    assert command == "install"
    if requirement != ".":
        match = re.fullmatch(r"([\w-]+)(?:\[([\w,]+)\])?", requirement)
        assert match is not None, requirement
        assert match[1] == PYPROJECT["project"]["name"] or is_known_package(match[1])
        assert set((match[2] or "").split(",")) - {""} <= set(PYPROJECT["project"]["optional-dependencies"])


def is_known_package(name: str) -> bool:
    return name in {
        re.split(r"\W", each)[0] for each in PYPROJECT["dependency-groups"]["test"] if isinstance(each, str)
    }


def check_target(arguments: list[str]) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.findall(r"^([\w ]+):", makefile, re.M)
    names = [each for each in arguments if "=" not in each]
    assert set(names) <= {target for line in targets for target in line.split()}


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    make_ordinary(tmp_path / "ipython")
    (tmp_path / "folder").mkdir()
    env = {
        "IPYTHONDIR": str(tmp_path / "ipython"),
        "JUPYTER_DATA_DIR": str(tmp_path / "data"),
        "BOKEH_SHARE_PASSWORD": "correct horse",
        "BROWSER": "true",
    }
    reader = Reader(tmp_path / "folder", env)
    try:
        yield reader
    finally:
        reader.end()


# What the documents call is tested with each version in other files.
@pytest.mark.one_pairing
@pytest.mark.parametrize("page", [page for page in PAGES if list_runnable(page)])
def test_the_code_of_a_page_runs_from_top_to_bottom(page: str, reader: Reader) -> None:
    for block in list_runnable(page):
        try:
            reader.follow(block)
        except BaseException as error:
            error.add_note(f"{page}, line {block.line}")
            raise


@pytest.mark.one_pairing
@pytest.mark.parametrize("page", PAGES)
def test_each_block_has_a_language_that_runs_or_a_reason(page: str) -> None:
    for block in PAGES[page]:
        where = f"{page}, line {block.line}"
        assert block.reason or block.tested_by or block.language in LANGUAGES, where
        assert not block.tested_by or (ROOT / block.tested_by).is_file(), where


@pytest.mark.one_pairing
def test_the_pages_have_code() -> None:
    """The tests above would pass if none were found."""
    assert {"README.md", "docs/sharing.md", "docs/apps.md", "docs/command-line.md"} <= {
        page for page in PAGES if list_runnable(page)
    }


@pytest.mark.one_pairing
@pytest.mark.parametrize(
    ("text", "blocks"),
    [
        ("```python\nf(1)\n```\n", [CodeBlock("python", "f(1)\n", 2)]),
        ("Text\n\n    indented\n", [CodeBlock("", "indented\n", 3)]),
        (
            "<!-- file: plot.py -->\n```python\nf(1)\n```\n```shell\nls\n```\n",
            [CodeBlock("python", "f(1)\n", 3, file="plot.py"), CodeBlock("shell", "ls\n", 6)],
        ),
        ("<!-- not run: slow -->\n```shell\nls\n```\n", [CodeBlock("shell", "ls\n", 3, reason="slow")]),
        (
            "<!-- tested by: tests/a.py -->\n```nginx\na;\n```\n",
            [CodeBlock("nginx", "a;\n", 3, tested_by="tests/a.py")],
        ),
        ("<!-- not run: slow -->\n\nText\n\n```shell\nls\n```\n", [CodeBlock("shell", "ls\n", 6)]),
        ("```{toctree}\nsharing\n```\n", []),
    ],
)
def test_a_comment_above_a_block_says_how_it_is_tested(text: str, blocks: list[CodeBlock]) -> None:
    assert list_code_blocks(text) == blocks


@pytest.mark.one_pairing
@pytest.mark.parametrize(
    "command",
    ["pip install bokeh_shared", "pip install 'bokeh_share[none]'", "make nothing", "ls", "python no.py"],
)
def test_a_command_that_is_wrong_fails(command: str, reader: Reader) -> None:
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        reader.follow(CodeBlock("shell", command, 1))


@pytest.mark.one_pairing
def test_a_block_that_raises_fails(reader: Reader) -> None:
    with pytest.raises(AssertionError, match="ZeroDivisionError"):
        reader.follow(CodeBlock("python", "1 / 0", 1))
