"""Bokeh's compiler, in a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from bokeh.settings import settings
from support.custom_models import needs_node

from bokeh_share.errors import CannotCompile
from bokeh_share.plots import compiler
from bokeh_share.plots.compiler import NO_NODE_PROBLEM, Compiler, Implementation


def implementation(code: str, *, name: str = "Loud", lang: str = "javascript", path: str = ".") -> Any:
    module = f"custom/{name.lower()}"
    return Implementation(name, name, module, path, code, lang, f"/home/ada/{name}.ts")


@needs_node
def test_the_script_registers_the_model_and_contains_nothing_of_the_machine() -> None:
    script = Compiler()([implementation("exports.Loud = 1"), implementation("exports.More = 2", name="More")])
    text = script.decode()
    assert '"custom/loud": function' in text
    assert '{ "Loud": require("custom/loud").Loud }' in text
    assert '"custom/more": function' in text
    assert "/home/ada" not in text
    assert str(Path.cwd()) not in text


@needs_node
def test_a_mistake_is_said_in_a_line_with_its_place(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CannotCompile) as caught:
        Compiler()([implementation("export class Loud extends { }", lang="typescript")])
    assert caught.value.is_permanent
    assert "Loud.ts:1:26" in str(caught.value)
    assert str(caught.value).endswith("'extends' list cannot be empty.")
    assert "\x1b" not in str(caught.value)
    assert capfd.readouterr() == ("", "")


def test_without_node_it_is_said_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("BOKEH_NODEJS_PATH", raising=False)
    with pytest.raises(CannotCompile) as caught:
        Compiler()([implementation("exports.Loud = 1")])
    assert (str(caught.value), caught.value.is_permanent) == (NO_NODE_PROBLEM, False)


def test_the_node_is_that_of_bokehs_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked = tmp_path / "asked"
    node = tmp_path / "node"
    node.write_text(f"#!/bin/sh\necho asked > {asked}\necho v1.0.0\n")
    node.chmod(0o755)
    monkeypatch.setattr(settings.nodejs_path, "_user_value", str(node))
    with pytest.raises(CannotCompile, match="Node"):
        Compiler()([implementation("exports.Loud = 1")])
    assert asked.exists()


def sleeper(folder: Path) -> Path:
    """In Node's place: begins, and never ends by itself."""
    node = folder / "node"
    node.write_text(f"#!/bin/sh\necho $$ > {folder / 'begun.new'}\nmv {folder}/begun.new {folder}/begun\n")
    with node.open("a") as file:
        file.write(f'exec {sys.executable} -c "import time; time.sleep(600)"\n')
    node.chmod(0o755)
    return node


def is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return state.stdout.strip()[:1] in ("", "Z")


def until_gone(pid: int) -> None:
    deadline = time.monotonic() + 10
    while not is_gone(pid):
        assert time.monotonic() < deadline, "it goes on"
        time.sleep(0.01)


def test_what_takes_too_long_is_ended_with_all_that_it_started(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("BOKEH_NODEJS_PATH", str(sleeper(tmp_path)))
    monkeypatch.setattr(compiler, "COMPILE_TIMEOUT", 3)
    with pytest.raises(CannotCompile, match="it took longer than 3 seconds"):
        Compiler()([implementation("exports.Loud = 1")])
    until_gone(int((tmp_path / "begun").read_text()))


def test_closing_it_ends_what_goes_on_and_an_interrupt_does_not(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("BOKEH_NODEJS_PATH", str(sleeper(tmp_path)))
    one = Compiler()
    caught: list[Exception] = []

    def run() -> None:
        try:
            one([implementation("exports.Loud = 1")])
        except CannotCompile as error:
            caught.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    while not (tmp_path / "begun").exists():
        time.sleep(0.01)
    pid = int((tmp_path / "begun").read_text())
    assert os.getpgid(pid) != os.getpgrp(), "what interrupts us would interrupt it"
    one.close()
    thread.join(10)
    assert not thread.is_alive()
    assert len(caught) == 1
    until_gone(pid)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
