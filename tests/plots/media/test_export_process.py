"""The process that exports figures: its answers, its time limit and its end, with programs of the tests."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from bokeh_share.plots.media import export_process, export_worker
from bokeh_share.plots.media.export_process import ExportProcess
from bokeh_share.plots.media.export_worker import answer_requests, read_packet, write_packet

PROGRAM = """
import os, sys, time
from bokeh_share.plots.media import export_worker

def export_figure(exporter, figure):
    if figure["name"] == "hangs":
        time.sleep(600)
    if figure["name"] == "dies":
        os._exit(3)
    if figure["name"] == "prints":
        print("a library prints")
    if figure["name"] == "fails":
        raise SystemExit("on purpose")
    return f"{exporter} {figure['name']} {os.getpid()}".encode()

export_worker.export_figure = export_figure
export_worker.main()
"""


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "stand_in_worker.py").write_text(PROGRAM)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    return "stand_in_worker"


def test_one_process_answers_all_requests_until_it_is_closed(module: str) -> None:
    process = ExportProcess(module=module)
    answers = [process.export("plotly", {"name": name}).split() for name in ("a", "prints")]
    assert [answer[:2] for answer in answers] == [[b"plotly", b"a"], [b"plotly", b"prints"]]
    with pytest.raises(ValueError, match=r"its export failed \(SystemExit: on purpose\)"):
        process.export("plotly", {"name": "fails"})
    again = process.export("altair", {"name": "b"}).split()
    assert {answers[0][2], answers[1][2]} == {again[2]}
    process.close()
    process.close()
    assert not psutil.pid_exists(int(again[2]))


def test_a_process_that_dies_or_hangs_is_replaced(module: str) -> None:
    process = ExportProcess(module=module)
    with pytest.raises(ValueError, match="its export ended without a picture"):
        process.export("plotly", {"name": "dies"})
    process.close()
    process = ExportProcess(module=module, timeout=0.0)
    with pytest.raises(ValueError, match="its export took longer than 0 seconds"):
        process.export("plotly", {"name": "hangs"})
    process.close()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
def test_a_process_that_needs_too_much_memory_fails() -> None:
    code = (
        "from bokeh_share.plots.media.export_worker import limit_memory\n"
        "with limit_memory(300_000_000):\n    bytearray(100_000_000)\n"
        "bytearray(900_000_000)\nprint('enough', flush=True)\n"
        "with limit_memory(300_000_000):\n    bytearray(900_000_000)"
    )
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert process.stdout == "enough\n"
    assert process.stderr.rstrip().endswith("MemoryError")


def test_a_figure_that_is_too_large_and_a_program_that_is_missing_have_reasons(
    module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export_process, "MAX_FIGURE_BYTES", 100)
    process = ExportProcess(module=module)
    with pytest.raises(ValueError, match="its data has"):
        process.export("plotly", {"name": "a" * 100})
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(ValueError, match="its export could not be started"):
        process.export("plotly", {"name": "a"})


def test_requests_and_answers_are_packets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export_worker, "export_figure", lambda exporter, figure: figure["data"].encode())
    requests, answers = io.BytesIO(), io.BytesIO()
    write_packet(requests, b'{"exporter": "plotly", "figure": {"data": "x"}}')
    write_packet(requests, b'{"exporter": "plotly", "figure": {}}')
    requests.write(b"\0\0\0\xffpart")
    requests.seek(0)
    answer_requests(requests, answers)
    answers.seek(0)
    assert [read_packet(answers) for _ in range(3)] == [b"+x", b"-KeyError: 'data'", None]
