"""A notebook's link outlives its kernel, and is one kernel's at a time."""

from __future__ import annotations

import json
import os
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from kernel.test_author import author_link, open_link
from kernel.test_password import Browser
from support.kernel_driver import Kernel, until

# Links and passwords do not depend on the versions.
pytestmark = pytest.mark.one_pairing

ANYWHERE = "-p 0"
"""At a port that nobody else takes while a kernel starts again."""

Make = Callable[..., Kernel]


@pytest.fixture
def make(tmp_path: Path, environment: dict[str, str]) -> Iterator[Make]:
    """Makes kernels of one notebook, as Jupyter's server would start them."""
    kernels: list[Kernel] = []

    def one(notebook: str = "sales.ipynb", **env: str) -> Kernel:
        folder = tmp_path / f"kernel {len(kernels)}"
        folder.mkdir()
        session = {"JPY_SESSION_NAME": str(tmp_path / notebook), "JUPYTER_DATA_DIR": str(tmp_path / "data")}
        kernels.append(Kernel(folder, env={**environment, **session, **env}))
        return kernels[-1]

    try:
        yield one
    finally:
        for kernel in kernels:
            kernel.end()


def test_after_a_restart_the_link_is_the_same(make: Make) -> None:
    kernel = make()
    url = kernel.share(ANYWHERE)
    kernel.restart()
    assert kernel.share() == url
    assert "the link is a new one" not in kernel.card
    assert "stays valid: clear the outputs, or make a new link with --fresh" in kernel.card


def test_after_a_restart_the_authors_cookie_is_worth_nothing(make: Make) -> None:
    kernel = make()
    url = kernel.share(ANYWHERE)
    browser = open_link(author_link(kernel))
    assert browser.ask("author.js")[0] == 200
    kernel.restart()
    assert kernel.share() == url
    assert browser.ask("author.js")[0] == 404
    assert "data-author" not in browser.ask("?author")[2]


def test_after_a_restart_the_same_password_is_required_and_earlier_logins_are_valid(make: Make) -> None:
    kernel = make()
    kernel.run("import os; os.environ['BOKEH_SHARE_PASSWORD'] = 'open sesame'")
    browser = Browser(kernel.share(f"{ANYWHERE} --password"))
    assert browser.log_in("open sesame")[0] == 303
    kernel.restart()
    assert kernel.share() == browser.url
    assert "viewers need the password that was set earlier" in kernel.card
    stranger = Browser(browser.url)
    assert (stranger.ask()[0], browser.ask()[0]) == (401, 200)
    assert (stranger.log_in("another")[0], stranger.log_in("open sesame")[0]) == (401, 303)
    kernel.manager.shutdown_kernel(now=True)
    kernel = make()
    kernel.run("%load_ext bokeh_share")
    assert "the password that is set exclude each other" in kernel.refused("%bokeh_share --no-token")
    assert Browser(kernel.share("--fresh")).ask()[0] == 200
    assert "no password: the link is enough" in kernel.card


def test_after_it_was_killed_the_next_kernel_has_the_link(make: Make) -> None:
    first = make()
    url = first.share(ANYWHERE)
    first.manager.signal_kernel(signal.SIGKILL)
    until(lambda: not first.manager.is_alive())
    assert make().share() == url


def test_pages_that_were_open_are_closed_with_a_reason_and_find_it_again(make: Make) -> None:
    kernel = make()
    url = kernel.share(ANYWHERE)
    kernel.run("show(fig('before'))", "c1")
    with kernel.watch(url) as viewer:
        viewer.shows(["before"])
        kernel.restart()
        viewer.until_closed()
    kernel.share()
    kernel.run("show(fig('after'))", "c1")
    with kernel.watch(url) as viewer:
        viewer.shows(["after"])


def save(notebook: Path, cells: str) -> None:
    notebook.write_text(json.dumps({"cells": [{"id": cell, "source": ""} for cell in cells]}))


def test_a_renamed_notebook_has_its_link_and_its_new_name_on_the_page(make: Make, tmp_path: Path) -> None:
    save(tmp_path / "sales.ipynb", "a")
    kernel = make()
    url = kernel.share(ANYWHERE)
    save(tmp_path / "sales.ipynb", "abcde")
    kernel.run("show(fig('first'))", "b")
    (tmp_path / "sales.ipynb").rename(tmp_path / "costs.ipynb")
    kernel.restart()  # which goes by the old name, as Jupyter has it
    assert kernel.share() == url
    assert "the link is a new one" not in kernel.card
    kernel.run("show(fig('second'))", "c")
    kernel.run("show(fig('first'))", "b")
    with kernel.watch(url) as viewer:
        viewer.shows(["first", "second"])
        assert viewer.title == "costs"
    save(tmp_path / "copy.ipynb", "abcde")
    kernel.restart()
    assert urlsplit(kernel.share()).path == urlsplit(url).path
    (tmp_path / "costs.ipynb").rename(tmp_path / "gains.ipynb")
    kernel.restart()
    assert urlsplit(kernel.share()).path != urlsplit(url).path
    assert "others have the same cells, so the link is a new one" in kernel.card


def test_a_notebook_whose_name_is_no_text_has_a_page(make: Make) -> None:
    kernel = make(os.fsdecode(b"caf\xe9.ipynb"))
    with urlopen(kernel.share(ANYWHERE)) as answer:
        assert "<title>caf\ufffd</title>" in answer.read().decode()


def test_another_notebook_has_another_link(make: Make) -> None:
    first, second = make(), make("costs.ipynb")
    assert urlsplit(first.share()).path != urlsplit(second.share()).path


def test_two_kernels_of_a_notebook_do_not_fight(make: Make) -> None:
    first, second = make(), make()
    url, other = first.share(ANYWHERE), second.share()
    assert urlsplit(url).path != urlsplit(other).path
    assert urlsplit(url).port != urlsplit(other).port
    assert "another kernel of this notebook uses its link, so this kernel has another link" in second.card
    assert second.share() == other
    second.run("%bokeh_share --stop", "c")
    first.run("%bokeh_share --stop", "c")
    assert first.share() == url


def test_a_kernel_that_the_notebook_starts_is_not_the_notebook(make: Make) -> None:
    kernel = make()
    url = kernel.share(ANYWHERE)
    kernel.run(
        "from jupyter_client.manager import start_new_kernel\n"
        "manager, client = start_new_kernel()\n"
        "code = 'import bokeh_share; s = bokeh_share.share(); print(s.url, s._runner.report._status_note)'\n"
        "client.execute_interactive(code)\n"
        "client.stop_channels(); manager.shutdown_kernel(now=True)",
        "c1",
    )
    output = kernel.outputs[-1].stdout
    assert "http://" in output
    assert urlsplit(url).path not in output
    assert "another kernel" not in output


def test_if_another_program_has_the_port_the_link_is_new_and_has_the_same_password(make: Make) -> None:
    """Pages that wait for the share have sent that program the old link and their cookies."""
    kernel = make(BOKEH_SHARE_PASSWORD="open sesame")
    former = Browser(kernel.share(f"--password {ANYWHERE}"))
    assert former.log_in("open sesame")[0] == 303
    old, session_token = urlsplit(former.url), former.cookie.partition("=")[2]
    kernel.restart()
    with socket.create_server(("127.0.0.1", old.port or 0)):
        now = Browser(kernel.share())
    assert f"another program uses port {old.port} now, so this is a new link" in kernel.card
    assert "viewers need the password that was set earlier" in kernel.card
    new = urlsplit(now.url)
    assert new.path != old.path
    assert Browser(now.url.replace(new.path, old.path)).ask()[0] == 404
    now.cookie = f"bokeh_share_{new.port}={session_token}"
    assert now.ask()[0] == 401
    assert now.log_in("open sesame")[0] == 303
    kernel.restart()
    assert kernel.share() == now.url
    assert now.ask()[0] == 200


def test_a_fresh_link_disconnects_pages_with_the_old_link(make: Make) -> None:
    kernel = make()
    url = kernel.share(ANYWHERE)
    with kernel.watch(url) as viewer:
        viewer.until(lambda: bool(viewer.page))
        other = kernel.share("--fresh")
        assert urlsplit(other).port == urlsplit(url).port
        assert urlsplit(other).path != urlsplit(url).path
        assert viewer.until_closed() == (4000, "the author made a new link")
    assert all(frame["kind"] != "moved" for frame in viewer.frames)
    with pytest.raises(Exception, match="404"), kernel.watch(url):
        pass
    assert "this is a new link; the old one no longer works" in kernel.card
    kernel.restart()
    assert kernel.share() == other


def test_fresh_without_a_token_makes_no_sense(make: Make) -> None:
    kernel = make()
    kernel.run("%load_ext bokeh_share")
    assert kernel.refused("%bokeh_share --fresh --no-token") == (
        "UsageError: --fresh and --no-token exclude each other: give one of them"
    )
    assert (
        "a link without a token has nothing that could be replaced"
        in kernel.run(
            "import bokeh_share; bokeh_share.share(fresh=True, token=False)", "c", fails=True
        ).traceback
    )


def test_a_damaged_file_costs_the_link_and_nothing_else(make: Make, tmp_path: Path) -> None:
    kernel = make()
    url = kernel.share(ANYWHERE)
    (file,) = (tmp_path / "data" / "bokeh_share").glob("*.json")
    kernel.manager.shutdown_kernel(now=True)
    file.write_text("{")
    kernel = make()
    assert urlsplit(kernel.share()).path != urlsplit(url).path
    assert "the stored link of this notebook is damaged, so this is a new link" in kernel.card


@pytest.mark.parametrize("wrong", ["--tls --certfile none.pem", "--port {taken}"])
def test_a_share_that_is_refused_leaves_the_link_as_it_was(make: Make, wrong: str) -> None:
    kernel = make()
    url = kernel.share(ANYWHERE)
    kernel.run("%bokeh_share --stop")
    with socket.create_server(("127.0.0.1", 0)) as other:
        kernel.refused("%bokeh_share --fresh " + wrong.format(taken=other.getsockname()[1]))
    assert kernel.share() == url
