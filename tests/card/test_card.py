from __future__ import annotations

import re
import time
from dataclasses import replace
from html import unescape

from support.looks import look

from bokeh_share.card.card import MAX_SECTION_NOTES, Card, format_starting_card, format_status
from bokeh_share.card.note import Note, Section, Severity
from bokeh_share.card.relay_line import RelayLine
from bokeh_share.network.links import Link
from bokeh_share.plots.page import Page, PlotKey

LIVE = Card(
    links=(
        Link("http://10.0.0.7:5006/x8/", "this network"),
        Link("http://localhost:5006/x8/", "this machine only"),
    ),
    plot_count=3,
    app_names=(),
    viewer_count=1,
    has_token=True,
    is_local=False,
    is_offline=False,
    is_paused=False,
    is_link_saved=False,
    timestamp=0.0,
)
EPOCH = time.strftime("%Y-%m-%d %H:%M", time.localtime(0))
"""The date and time of its state, in the zone of this machine."""
MISSING = Severity.MISSING


def words(html: str) -> str:
    """What a person reads, without the style and the script."""
    text = re.sub(r"<(style|script)>.*?</\1>", "", html, flags=re.S)
    return " ".join(unescape(re.sub(r"<[^>]*>", "", text)).split())


def test_it_says_where_how_much_who_and_how_to_stop() -> None:
    for text in (LIVE.to_text(), words(LIVE.to_html())):
        assert "http://10.0.0.7:5006/x8/" in text
        assert f"live at {EPOCH} · 3 plots · 1 viewer" in text
        assert "%bokeh_share --stop" in text


def test_as_text_it_has_a_line_for_the_link_one_for_the_state_and_then_the_details() -> None:
    notes = (Note("cannot share 'p'", severity=MISSING), Note("'q' also sends margin", Section.DATA))
    assert replace(LIVE, notes=notes, app_names=("trend",)).to_text().splitlines() == [
        "bokeh_share  http://10.0.0.7:5006/x8/  (this network)",
        f"             ● live at {EPOCH} · 3 plots · 1 app · 1 viewer · stop with %bokeh_share --stop",
        "             ⚠ cannot share 'p'",
        "     Access  http://localhost:5006/x8/  (this machine only)",
        "        app  http://10.0.0.7:5006/x8/trend",
        "             no password: the link is enough",
        "       Data  'q' also sends margin",
    ]


def test_its_state_carries_its_time_and_its_date() -> None:
    card = replace(LIVE, timestamp=1_790_000_000.0)
    moment = time.strftime("%Y-%m-%d %H:%M", time.localtime(1_790_000_000))
    for text in (card.to_text(), words(card.to_html())):
        assert f"live at {moment} · 3 plots" in text, "where no script runs, too"
    assert f"as of {moment}" in words(card.to_html())


def test_it_says_which_apps_there_are_and_where() -> None:
    card = replace(LIVE, app_names=("trend", "a b"))
    assert "· 3 plots · 2 apps · 1 viewer ·" in card.to_text()
    for text in (card.to_text(), card.to_html()):
        assert "http://10.0.0.7:5006/x8/trend" in text
        assert "http://10.0.0.7:5006/x8/a%20b" in text
    assert "app" not in replace(card, links=()).to_text().replace("2 apps", "")


def test_the_best_link_comes_first() -> None:
    assert LIVE.to_html().index("10.0.0.7") < LIVE.to_html().index("localhost")


def test_a_name_does_not_turn_the_rest_of_its_line() -> None:
    notes = (Note("app '\u202egnp.x' has no title"), Note("'\u2066x' failed", severity=MISSING))
    card = replace(LIVE, notes=notes)
    for text in (card.to_text(), unescape(card.to_html())):
        assert "app '\\u202egnp.x' has no title" in text
        assert "'\\u2066x' failed" in text
    page = Page(title="").put(PlotKey("name", "\u202ep"), look("a"), now=1)
    assert "\u202e" not in format_status(page, LIVE)


def test_whatever_it_says_can_be_encoded() -> None:
    odd = "\udce9"
    card = replace(LIVE, notes=(Note(odd), Note(odd, severity=MISSING)))
    for text in (
        card.to_text(),
        card.to_html(),
        format_status(Page(odd).put(PlotKey("name", odd), look(odd), now=1), card),
    ):
        assert text.encode().decode("unicode_escape").count(odd) >= 2


def test_without_a_token_it_says_that_anyone_can_look() -> None:
    open_card = replace(LIVE, has_token=False)
    everybody = "no token, no password: anyone who reaches the address can open the page"
    assert everybody in open_card.to_text()
    assert "anyone" not in LIVE.to_text()
    led = (Link("https://plots.example.org/", "for colleagues", is_public=True), *LIVE.links)
    assert "anyone who finds the address can open the page" in replace(open_card, links=led).to_text()
    local = replace(open_card, is_local=True)
    assert "anyone on this machine can open the page" in local.to_text()
    through_jupyter = Link("https://hub.example.org/user/ann/proxy/5006/", "on this Hub", is_proxied=True)
    assert everybody in replace(local, links=(*LIVE.links, through_jupyter)).to_text()


def test_without_a_password_it_says_that_the_link_is_enough() -> None:
    assert "no password: the link is enough" in LIVE.to_text()
    for other in (replace(LIVE, has_password=True), replace(LIVE, has_token=False), replace(LIVE, links=())):
        assert "the link is enough" not in other.to_text()


def test_a_local_share_says_how_to_reach_others() -> None:
    assert "--external" in replace(LIVE, is_local=True).to_text()


def test_a_stopped_one_has_no_link_and_says_how_to_start() -> None:
    text = replace(LIVE, links=()).to_text()
    assert "http" not in text
    assert "%bokeh_share starts again" in text


def test_after_the_magic_was_unloaded_it_does_not_say_how_to_start() -> None:
    card = replace(LIVE, links=(), plot_count=0, can_restart=False)
    for text in (card.to_text(), words(card.to_html())):
        assert "starts again" not in text
        assert text.endswith("· 0 plots kept")


def test_problems_and_notes_stand_on_it() -> None:
    card = replace(LIVE, status_note="already sharing", notes=(Note("cannot share 'p'", severity=MISSING),))
    for text in (card.to_text(), words(card.to_html())):
        assert "already sharing" in text
        assert "⚠ cannot share 'p'" in text


def test_one_note_stands_outside_of_the_details_the_gravest() -> None:
    notes = [Note(f"note {each.name}", severity=each) for each in Severity]
    card = replace(LIVE, notes=tuple(notes))
    (warning,) = re.findall(r"⚠ (.*)", card.to_text())
    assert warning == "note UNREACHABLE"
    assert card.to_html().count('class="bsc-warning"') == 1
    assert words(card.to_html()).count("note UNREACHABLE") == 1, "it is not among the details as well"
    assert "Problems 8" in words(card.to_html())
    calm = replace(LIVE, notes=(Note("nothing to do"),))
    assert "⚠" not in calm.to_text()
    assert "⚠" not in calm.to_html()


def test_the_summary_says_what_the_details_have() -> None:
    data = tuple(Note(f"'{name}' also sends x", Section.DATA, Severity.EXPOSED) for name in "abc")
    assert "Access · Data 2 " in words(replace(LIVE, notes=data).to_html())
    assert "Problems" not in words(replace(LIVE, notes=data).to_html())


def test_it_does_not_grow_with_its_notes() -> None:
    notes = tuple(Note(f"problem {number}") for number in range(100))
    text = replace(LIVE, notes=notes).to_text()
    assert text.count("problem ") == MAX_SECTION_NOTES
    assert text.endswith(f"and {100 - MAX_SECTION_NOTES} more")
    assert replace(LIVE, notes=(Note("the same"),) * 5).to_text().count("the same") == 1


def test_text_of_the_authors_is_inert() -> None:
    notes = (Note("<img onerror=alert(1)>"), Note("<img onerror=alert(2)>", severity=MISSING))
    assert "<img" not in replace(LIVE, notes=notes, status_note="<img>").to_html()


def test_each_link_is_labelled_with_its_audience() -> None:
    for text in (LIVE.to_text(), LIVE.to_html()):
        assert "this network" in text
        assert "this machine only" in text


def test_a_phone_can_read_the_link_of_a_network_and_only_that() -> None:
    assert LIVE.to_html().count("<svg") == 1
    assert "<svg" not in replace(LIVE, is_local=True).to_html()
    assert "<svg" not in replace(LIVE, links=()).to_html()


def test_the_first_link_can_be_copied() -> None:
    html = LIVE.to_html()
    first, *_ = re.findall(r"<button[^>]*>", html)
    (number,) = re.findall(r'data-copies="(\d+)"', first)
    (link,) = re.findall(rf'<a class="bsc-url" data-link="{number}" href="([^"]*)"', html)
    assert link == "http://10.0.0.7:5006/x8/"


def test_without_its_script_it_has_no_button_that_does_nothing() -> None:
    """As in a notebook that is not trusted, where front ends take scripts out."""
    html = LIVE.to_html()
    assert all("hidden" in button for button in re.findall(r"<button[^>]*>", html))
    (qr,) = re.findall(r'<details class="bsc-qr"[^>]*>', html)
    assert "hidden" in qr, "its picture is taken out as well"


CONTAINER = (
    Link("http://172.17.0.2:5006/x8/", "this container's host only", is_limited=True),
    Link("http://localhost:5006/x8/", "inside this container only", is_limited=True),
)


def test_inside_a_container_no_link_is_offered_that_colleagues_cannot_use() -> None:
    advice = Note("inside a container: publish the port", Section.ACCESS, Severity.UNREACHABLE)
    card = replace(LIVE, links=CONTAINER, notes=(advice,))
    head, details = card.to_html().split('<details class="bsc-more"')
    assert "Copy" not in re.sub(r"(?s)<style>.*</style>", "", head)
    assert "172.17.0.2" not in head
    assert "⚠ inside a container: publish the port" in words(head)
    assert "172.17.0.2" in details
    assert "<button" not in details
    lines = card.to_text().splitlines()
    assert lines[0].startswith("bokeh_share  ● live at")
    assert lines[1:3] == [
        "             ⚠ inside a container: publish the port",
        "     Access  http://172.17.0.2:5006/x8/  (this container's host only)",
    ]
    published = Link("http://plots.example.org/x8/", "for colleagues", is_public=True)
    assert replace(card, links=(published, *CONTAINER)).to_text().startswith(f"bokeh_share  {published.url}")


def test_a_link_that_can_be_forwarded_is_offered() -> None:
    link = Link("http://localhost:5006/x8/", "the remote machine only", True, is_forwardable=True)
    assert replace(LIVE, links=(link,), is_local=True).to_text().startswith(f"bokeh_share  {link.url}")


HUB = Link("/user/ada/proxy/5006/x8/", "through the Hub, which asks for a login", is_proxied=True)


def test_a_link_whose_host_is_not_known_says_where_that_is_to_be_found() -> None:
    card = replace(LIVE, links=(HUB, *LIVE.links), app_names=("trend",))
    for text in (card.to_text(), card.to_html()):
        assert "/user/ada/proxy/5006/x8/ at the Hub's address" in unescape(text)
        assert "/user/ada/proxy/5006/x8/trend at the Hub's address" in unescape(text)
    assert 'href="/user/ada/proxy/5006/x8/"' in card.to_html()
    assert "<svg" not in card.to_html(), "a phone could not read it"


def test_a_link_through_jupyter_follows_the_page_that_it_stands_on() -> None:
    card = replace(LIVE, links=(*LIVE.links, HUB._replace(url="http://localhost:8888/proxy/5006/x8/")))
    assert card.to_html().count("data-proxied target=") == 1
    assert "data-proxied target=" not in LIVE.to_html()


def test_a_local_share_says_whose_machine_that_is() -> None:
    local = replace(LIVE, links=LIVE.links[1:], is_local=True)
    hint = "             %bokeh_share --external shares on the network"
    first, _, third, *_ = local.to_text().splitlines()
    assert (first, third) == ("bokeh_share  http://localhost:5006/x8/  (this machine only)", hint)
    remote = replace(local, links=(Link("http://localhost:5006/x8/", "the remote machine only"),))
    assert "(the remote machine only)" in remote.to_text()
    assert hint in remote.to_text()
    assert "--external" not in replace(remote, can_widen_access=False).to_text()


def test_a_paused_one_says_how_to_go_on() -> None:
    text = replace(LIVE, is_paused=True).to_text()
    assert "paused" in text
    assert "--resume" in text
    assert "live" not in text


def test_status_lists_the_plots_with_sizes_and_times() -> None:
    page = Page().put(PlotKey("name", "sales"), look("x" * 2_000_000), now=0)
    page = page.put(PlotKey("cell", "c"), look("x"), now=0)
    first, second = format_status(page, LIVE, lambda key: 24).splitlines()[-2:]
    assert re.fullmatch(r"  k1   'sales' +2\.00 MB  changed \d\d:\d\d:\d\d", first)
    assert re.fullmatch(r"  k2   text, cell \[24\] +0\.1 kB  changed \d\d:\d\d:\d\d", second)


def test_until_it_is_there_it_says_that_it_is_starting() -> None:
    assert words(format_starting_card()) == "bokeh_share: Starting…"


def test_a_link_that_is_saved_says_what_to_do_before_the_notebook_is_passed_on() -> None:
    """Outputs of former kernels and of `--status` keep the link, whatever this kernel does to its cards."""
    saved = replace(LIVE, is_link_saved=True)
    note = "the link is saved with this notebook and stays valid: clear the outputs, or make a new link with"
    for text in (saved.to_text(), words(saved.to_html()), format_status(Page(), saved)):
        assert f"{note} --fresh, before you pass it on" in text
    for other in (LIVE, replace(saved, has_token=False), replace(saved, links=())):
        assert "stays valid" not in other.to_text()


RELAYED = Link("https://plots.example.org/x8/", "through the relay", is_relayed=True)


def test_a_relays_link_is_the_one_to_pass_on_while_it_is_first() -> None:
    card = replace(
        LIVE,
        links=(RELAYED, *LIVE.links[1:]),
        is_local=True,
        relay=RelayLine("relay: live · 2 viewers"),
        app_names=("trend",),
    )
    lines = card.to_text().splitlines()
    assert lines[0] == "bokeh_share  https://plots.example.org/x8/  (through the relay)"
    assert "             relay: live · 2 viewers" in lines
    assert "        app  http://localhost:5006/x8/trend" in lines, "apps run on the author's machine"
    assert not any("--external" in line for line in lines)
    assert card.qr_code, "phones reach the relay"
    assert card.to_html().count(RELAYED.url) == 3
    assert not replace(card, links=LIVE.links[1:]).qr_code


def test_a_problem_of_the_relay_is_a_warning_and_the_direct_link_goes_on() -> None:
    card = replace(LIVE, relay=RelayLine("relay: offline since 10:32", is_problem=True))
    assert "             ⚠ relay: offline since 10:32" in card.to_text().splitlines()
    assert words(card.to_html()).count("⚠ relay: offline since 10:32") == 1
    assert card.to_text().startswith("bokeh_share  http://10.0.0.7:5006/x8/")
