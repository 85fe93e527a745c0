from __future__ import annotations

import gzip
import json
from base64 import b64decode
from dataclasses import replace
from hashlib import sha256
from typing import Any

from support.looks import look
from support.plot_ids import id_of

from bokeh_share.broadcast.hub import Hub
from bokeh_share.card.plot_notes import list_uncompiled_models
from bokeh_share.plots.bundle import Bundle, find_missing_reason
from bokeh_share.plots.page import Page, PlotKey
from bokeh_share.plots.page_messages import encode_page_message, list_plot_entries

READY = Bundle("Loud", b"script")
WAITING = Bundle("Loud")
BROKEN = Bundle("Loud", problem="line 1: what is this?")


def page(*bundles: Bundle, parts: frozenset[str] = frozenset({"widgets", "custom/Loud"})) -> Page:
    shown = Page().put(PlotKey("name", "p"), replace(look("a"), parts=parts), now=1)
    return shown.update_bundles(bundles)


def page_header(shown: Page) -> Any:
    return json.loads(encode_page_message("e", shown, list_plot_entries(shown))[4:])


def test_a_plot_can_be_drawn_when_all_scripts_that_it_needs_are_compiled() -> None:
    assert find_missing_reason(["widgets"], []) is None
    assert find_missing_reason(["custom/Loud"], [READY]) is None
    assert (
        find_missing_reason(["custom/Loud"], [])
        == find_missing_reason(["custom/Loud"], [WAITING])
        == "compiling"
    )
    assert find_missing_reason(["custom/Loud"], [BROKEN]) == "failed"
    others = [Bundle("Other"), BROKEN]
    assert find_missing_reason(["custom/Loud", "custom/Other"], others) == "failed"


def test_a_script_is_named_by_its_content_and_no_other_content_is_accepted() -> None:
    kind, _, digest = READY.integrity.partition("-")
    assert kind == "sha256"
    assert b64decode(digest).hex() == READY.digest == sha256(b"script").hexdigest()
    assert gzip.decompress(READY.compressed_script) == b"script"


def test_a_page_message_has_the_scripts_but_not_the_reasons_for_missing_ones() -> None:
    assert page_header(page(READY))["bundles"] == {
        "Loud": {"digest": READY.digest, "integrity": READY.integrity}
    }
    assert page_header(page(WAITING))["bundles"] == {}
    assert page_header(page(BROKEN))["bundles"] == {"Loud": None}
    assert "what is this" not in json.dumps(page_header(page(BROKEN)))


def test_a_page_message_says_why_a_plot_is_not_there() -> None:
    reasons = [page_header(page(each))["plots"][0]["missing"] for each in (READY, WAITING, BROKEN)]
    assert reasons == [None, "compiling", "failed"]
    assert page_header(page(WAITING, parts=frozenset()))["plots"][0]["missing"] is None


def test_a_plot_waits_until_its_script_is_there_and_other_plots_do_not() -> None:
    waiting = page(WAITING).put(PlotKey("name", "q"), look("b"), now=1)
    hub = Hub(waiting)
    with hub.add_viewer() as viewer:

        def taken() -> list[str]:
            frames = []
            while (frame := hub.take_next_frame(viewer)) is not None:
                header = json.loads(frame[frame.index(b'{"') :])
                frames.append(header.get("plot", "page"))
            return frames

        assert taken() == ["page", id_of("q")]
        assert not hub.is_whole_plot_next(viewer)
        hub.publish(waiting.update_bundles((READY,)))
        assert taken() == ["page", id_of("p")]
        hub.publish(waiting.update_bundles((READY,)))
        assert taken() == []


def test_one_who_comes_back_and_has_all_but_a_plot_that_is_not_there_gets_that_plot_later() -> None:
    waiting = page(WAITING).put(PlotKey("name", "q"), look("b"), now=1)
    hub = Hub(waiting)
    with hub.add_viewer(hub.epoch, waiting.version) as viewer:
        assert hub.take_next_frame(viewer) is not None
        assert hub.take_next_frame(viewer) is None
        hub.publish(waiting.update_bundles((READY,)))
        frames = [hub.take_next_frame(viewer) for _ in range(3)]
    assert [frame is None or f'"plot":"{id_of("p")}"'.encode() in frame for frame in frames] == [
        False,
        True,
        True,
    ]
    assert frames[1] is not None
    assert frames[2] is None


def test_the_card_says_what_does_not_compile_as_long_as_something_needs_it() -> None:
    (note,) = list_uncompiled_models(page(BROKEN))
    assert note.text == (
        "Loud does not compile, so viewers cannot see plots that have it: line 1: what is this?"
    )
    assert list_uncompiled_models(page(READY)) == list_uncompiled_models(page(WAITING)) == []
    assert list_uncompiled_models(page(BROKEN, parts=frozenset())) == []
