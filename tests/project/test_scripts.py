"""The page's scripts: short modules, each with its sentence, whose messages and codes are the server's."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from bokeh.models import Div
from bokeh.themes import Theme
from support.frames import unframed

import bokeh_share
from bokeh_share.plots.diff import diff_snapshots
from bokeh_share.plots.page import Page, PlotKey
from bokeh_share.plots.page_messages import encode_page_message, encode_plot_message, list_plot_entries
from bokeh_share.plots.snapshot.capture import capture_plot
from bokeh_share.server.assets import PAGE_SCRIPTS, read_static_file
from bokeh_share.wire.close_codes import CloseCode
from bokeh_share.wire.messages import (
    DRAW_FAILURE_REASONS,
    encode_busy_message,
    encode_heartbeat_message,
    encode_moved_message,
)

STATIC = Path(bokeh_share.__file__).parent / "server" / "static"
TESTS = Path(__file__).resolve().parents[1] / "server" / "static"
SCRIPTS = {path.name: path.read_text("utf-8") for path in STATIC.iterdir() if path.suffix in (".js", ".mjs")}


@pytest.mark.parametrize("name", sorted(SCRIPTS))
def test_a_script_is_at_most_300_lines_long(name: str) -> None:
    assert len(SCRIPTS[name].splitlines()) <= 300


@pytest.mark.parametrize("name", sorted(SCRIPTS))
def test_a_script_says_in_a_sentence_what_it_does(name: str) -> None:
    sentence, blank, *_ = SCRIPTS[name].splitlines()
    assert re.fullmatch(r"// [A-Z].*\.", sentence)
    assert blank == ""


@pytest.mark.parametrize("name", sorted(SCRIPTS))
def test_a_functions_body_is_at_most_40_lines_long(name: str) -> None:
    lines = SCRIPTS[name].splitlines()
    long = []
    for start, line in enumerate(lines):
        # A class may be longer, but it is no function: its methods are looked at one by one.
        if line.endswith("{") and not re.match(r"\s*(export )?(class|if|for|while|switch|try)\b", line):
            indent = line[: len(line) - len(line.lstrip())]
            end = next(
                n for n, each in enumerate(lines[start:]) if each.startswith((f"{indent}}}", f"{indent}]"))
            )
            long += [line] if end > 41 else []
    assert long == []


def test_every_module_is_in_a_page() -> None:
    joined = "".join(read_static_file(name).decode() for name in PAGE_SCRIPTS)
    modules = {name for name in SCRIPTS if name.endswith(".mjs")}
    pages_of_their_own = {"login.mjs", "author_link.mjs"}
    assert modules - set(re.findall(r"^// (\w+\.mjs)$", joined, re.M)) == pages_of_their_own


def test_every_test_of_a_script_has_its_script() -> None:
    tests = {path.name for path in TESTS.glob("*.test.mjs")}
    assert tests
    assert {name.replace(".test.", ".") for name in tests} <= set(SCRIPTS)


def test_the_state_of_the_page_knows_the_close_codes() -> None:
    codes = re.findall(r"^const ([A-Z_]+) = (4\d\d\d);$", SCRIPTS["states.mjs"], re.M)
    assert codes
    assert [CloseCode[name] for name, _ in codes] == [int(code) for _, code in codes]


def test_the_page_reports_failures_by_the_servers_reasons() -> None:
    (reasons,) = re.findall(r"@typedef \{(.*)\} FailureReason", SCRIPTS["messages.mjs"])
    assert set(json.loads(f"[{reasons.replace(' | ', ',')}]")) == set(DRAW_FAILURE_REASONS)


def list_fields(kind: str) -> set[str]:
    """The fields that the type of a message has in the page's scripts."""
    text = re.sub(r"\n \*\s*", " ", SCRIPTS["messages.mjs"])
    (fields,) = re.findall(rf'@typedef \{{\{{ (kind: "{kind}".*?) \}}\}} ', text)
    return set(re.findall(r"(\w+): ", fields))


def test_the_page_knows_the_fields_of_each_message() -> None:
    snapshot = capture_plot(Div(text="hello"), theme=Theme(json={})).snapshot
    page = Page("Plots").put(PlotKey("name", "sales"), snapshot, now=1)
    plot = encode_plot_message("e", 1, page.plots[0], diff_snapshots(None, page.plots[0].snapshot), None)
    messages = [
        encode_page_message("e", page, list_plot_entries(page)),
        plot,
        encode_moved_message([]),
        encode_busy_message(1),
        encode_heartbeat_message(),
    ]
    for message in messages:
        header, _ = unframed(message)
        assert list_fields(header["kind"]) == set(header)
