"""The files that a page loads."""

from __future__ import annotations

import gzip
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import bokeh
import pytest
from bokeh.util.paths import bokehjs_path

from bokeh_share.server import assets
from bokeh_share.server.assets import (
    PAGE_FILES,
    PAGE_SCRIPTS,
    STYLE_SHEET,
    BokehJs,
    build_page_version,
    gzip_file,
    read_static_file,
    render_page,
)

VERSION = "3.9.2"
SOURCES = sorted(path.name for path in Path(str(assets.STATIC_FOLDER)).iterdir())


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of `static/`, read anew."""
    shutil.copytree(str(assets.STATIC_FOLDER), tmp_path / "static")
    monkeypatch.setattr(assets, "STATIC_FOLDER", tmp_path / "static")
    forget()
    yield tmp_path / "static"
    forget()


def forget() -> None:
    for cached in (read_static_file, build_page_version, gzip_file):
        cached.cache_clear()


@pytest.mark.parametrize(
    "name",
    [
        name
        for name in SOURCES
        if not name.startswith(("login", "author_link", "notice_page")) and name != "saved_page.mjs"
    ],
)
def test_another_version_of_any_file_is_another_version_of_the_page(folder: Path, name: str) -> None:
    before = build_page_version(VERSION)
    file = folder / name
    file.write_text(f"{file.read_text()}\nvoid 0;\n")
    forget()
    assert build_page_version(VERSION) != before


def test_another_bokehjs_is_another_version_of_the_page() -> None:
    assert build_page_version(VERSION) != build_page_version("3.10.2")


@pytest.mark.parametrize("app", [None, "trend"])
def test_a_page_asks_for_files_that_there_are_and_for_one_script_of_modules(app: str | None) -> None:
    html = render_page("Plots", bokeh_version=VERSION, app=app, nonce="once").decode()
    scripts = [name for name in PAGE_SCRIPTS if f'"{name}" type="module" nonce="once"' in html]
    assert scripts == ["app.js" if app else "page.js"]
    assert all(f'="{name}"' in html for name in ("page.css", "opener.js", *scripts))


@pytest.mark.parametrize("app", [None, "trend"])
def test_a_page_asks_for_bokehjs_before_its_own_script_runs(app: str | None) -> None:
    html = render_page("Plots", bokeh_version=VERSION, app=app, nonce="once").decode()
    assert '<link rel="preload" as="script" href="bokeh/3.9.2/bokeh.min.js" nonce="once">' in html


def test_a_page_that_draws_nothing_asks_for_no_script_but_the_opener() -> None:
    html = render_page("Plots", bokeh_version=VERSION, app="trend", problem="years must be a number").decode()
    assert "preload" not in html
    assert html.count("<script") == 1


@pytest.mark.parametrize(
    ("links", "texts"),
    [
        ([], ["No link leads there now. Ask the author for one."]),
        (
            ["https://lab.example:5006/secret/trend?days=7&x=%22"],
            [
                "Open it there, on a network that reaches that machine:",
                '<a href="https://lab.example:5006/secret/trend?days=7&amp;x=%22">https://lab.example:5006</a></li>',
            ],
        ),
        (
            ["http://10.1.2.3:5006/secret/trend", "http://localhost:5006/secret/trend"],
            [
                ">http://10.1.2.3:5006</a></li>",
                ">http://localhost:5006</a> (in a browser on that machine)</li>",
            ],
        ),
    ],
)
def test_a_relay_says_where_an_app_runs_and_draws_nothing(links: list[str], texts: list[str]) -> None:
    html = render_page("Sales <&>", bokeh_version=VERSION, app="trend <b>", links=links).decode()
    assert "<bdi>trend &lt;b&gt;</bdi> runs on the author’s machine." in html
    assert [text for text in texts if text not in html] == []
    assert html.count("<li>") == len(links)
    assert '<a class="back-link" href="./">All plots</a>' in html
    assert "preload" not in html
    assert html.count("<script") == 1


@pytest.mark.parametrize("name", PAGE_FILES)
def test_a_file_is_sent_as_it_is_packed(name: str) -> None:
    assert gzip.decompress(gzip_file(name)) == read_static_file(name)


def test_a_first_visit_loads_little_and_no_tools_of_menus() -> None:
    installed = BokehJs(bokeh.__version__, Path(bokehjs_path()) / "js")
    assert b"\n/*" not in read_static_file(STYLE_SHEET), "comments of styles are left out"
    files = map(gzip_file, (STYLE_SHEET, "opener.js", "page.js"))
    size = len(installed.gzip_script("bokeh")) + sum(map(len, files))
    assert size <= 436_000, "0.45 MB with page and plot"
    assert b"class DownloadDialog" in read_static_file("card_tools.js")
    assert b"class DownloadDialog" not in read_static_file("page.js")


@pytest.mark.parametrize("name", PAGE_SCRIPTS)
@pytest.mark.skipif(shutil.which("node") is None, reason="Node.js reads the script")
def test_a_joined_script_is_one_that_browsers_can_read(tmp_path: Path, name: str) -> None:
    script = tmp_path / "script.mjs"
    script.write_bytes(read_static_file(name))
    answer = subprocess.run(["node", "--check", script], capture_output=True, text=True, check=False)
    assert answer.stderr == ""
