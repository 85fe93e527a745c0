"""The access options on command lines: those of `run()`, and of `python -m bokeh_share`."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from kernel.test_command_line import IMPORTS, PLOT, Desk, desk
from kernel.test_run import running
from kernel.test_tls import anybody, get
from support.app_viewer import ask
from support.kernel_driver import until
from support.viewer import watching

__all__ = ["desk"]


def test_a_notebook_is_shared_by_https_with_a_password(desk: Desk) -> None:
    desk.write(IMPORTS, PLOT.format("a"))
    program = desk.start("sales.ipynb", "--tls", "--password", BOKEH_SHARE_PASSWORD="open sesame")
    url = program.says(r"bokeh_share: (https://\S+)")[1]
    program.says("certificate made here, .* SHA-256 [0-9A-F:]{95}")
    program.says("viewers need a password")
    assert get(url)[0] == 401
    assert "open sesame" not in program.out + program.err
    assert program.end() == 0


def test_a_notebook_is_shared_by_the_authors_certificate_from_where_they_are(
    desk: Desk, tmp_path: Path
) -> None:
    import trustme

    (tmp_path / "both.pem").write_bytes(
        trustme.CA().issue_cert("localhost").private_key_and_cert_chain_pem.bytes()
    )
    (tmp_path / "deep").mkdir()
    desk.write(IMPORTS, PLOT.format("a"), name="deep/sales.ipynb")
    program = desk.start("deep/sales.ipynb", "--tls", "--certfile", "both.pem")
    url = program.says(r"bokeh_share: (https://\S+)")[1]
    program.says("1 plot on the page")
    with watching(url, ssl=anybody()) as viewer:
        viewer.shows(["a"])
    assert program.end() == 0


def test_a_script_names_where_colleagues_find_it(desk: Desk) -> None:
    desk.save("plot.py", f"{IMPORTS}\n{PLOT.format('a')}")
    program = desk.start("plot.py", "--public-url", "https://plots.example.org/sales")
    program.says(r"bokeh_share: https://plots\.example\.org/sales/[\w-]{22}/  \(for colleagues\)")
    assert program.end() == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--certfile", "x.pem"], "--certfile needs --tls: give both"),
        (["--tls", "--certfile", "x.pem"], "as a certificate (no such file or directory)"),
        (["--public-url", "example.org"], "give the whole address, such as http://my-machine:5006"),
        (["--no-token", "--password"], "--no-token and --password exclude each other"),
    ],
)
@pytest.mark.parametrize("file", ["sales.ipynb", "plot.py"])
def test_what_makes_no_sense_is_one_line(desk: Desk, file: str, arguments: list[str], said: str) -> None:
    desk.write(IMPORTS, PLOT.format("a"))
    desk.save("plot.py", f"{IMPORTS}\n{PLOT.format('a')}")
    assert said in desk.refused(file, *arguments)


def test_a_program_of_functions_has_them_too(tmp_path: Path) -> None:
    environment = {"BOKEH_SHARE_PASSWORD": "open sesame"}
    with running(tmp_path, "--no-browser", "--password", "--port", "0", **environment) as script:
        status, text = ask(script.url)
        assert (status, "Enter the password" in text) == (401, True)
        code, out, err = script.end(signal.SIGINT)
        assert (code, err) == (0, "")
        assert "viewers need a password" in out
        assert "open sesame" not in out


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_whichever_process_answers_a_session_token_is_valid(tmp_path: Path) -> None:
    from kernel.test_password import Browser

    environment = {"BOKEH_SHARE_PASSWORD": "x", "PYTHONWARNINGS": "ignore"}
    options = ["--no-browser", "--password", "--port", "0", "--num-procs", "2"]
    with running(tmp_path, *options, **environment) as script:
        browser = Browser(script.url.removesuffix("plot"))
        until(lambda: browser.log_in("x")[0] == 303, what="the login")
        assert {browser.ask("plot")[0] for _ in range(20)} == {200}
        assert urlsplit(browser.url).port
        script.end()
