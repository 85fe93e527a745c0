"""What is written to the broker: one update from what it has to the newest page."""

from __future__ import annotations

from support.looks import look_with_bytes
from support.memory_stream import MemoryStream as Stream

from bokeh_share.broker.publication import Publication, Update
from bokeh_share.broker.share_info import ShareInfo
from bokeh_share.plots.page import Page, PlotKey
from bokeh_share.server.auth.password import PasswordHash

P, Q = PlotKey("name", "p"), PlotKey("name", "q")
LARGE = 1000


def begun(stream: Stream, now: int = 1000) -> Publication:
    publication = Publication()
    assert publication.resume(stream.last_id, now=now)
    return publication


def write(publication: Publication, stream: Stream, page: Page) -> Update | None:
    update = publication.plan_update(page)
    if update is not None:
        stream.apply(update)
        publication.acknowledge(update)
    return update


def put(page: Page, text: str, key: PlotKey = P, size: int = LARGE) -> Page:
    return page.put(key, look_with_bytes(text, size), now=1)


def test_the_first_update_has_all_plots_whole_and_later_ones_have_steps() -> None:
    stream = Stream()
    publication = begun(stream)
    first = put(put(Page(), "a"), "b", Q)
    write(publication, stream, first)
    assert stream.kinds == ["whole plot 1", "whole plot 1", "page 2"]
    assert stream.read() == ["a", "b"]
    write(publication, stream, put(first, "c"))
    assert stream.kinds == ["whole plot 1", "whole plot 1", "step plot 2", "page 3"]
    assert stream.read() == ["c", "b"]
    assert write(publication, stream, publication.acknowledged_page or Page()) is None


def test_what_changes_while_the_broker_is_away_is_one_step() -> None:
    stream = Stream()
    publication = begun(stream)
    page = put(Page(), "a")
    write(publication, stream, page)
    for text in "bcdef":
        page = put(page, text)
        publication.plan_update(page)  # and it is never written
    write(publication, stream, page)
    assert stream.kinds == ["whole plot 1", "step plot 6", "page 6"]
    assert stream.read() == ["f"]


def test_plots_that_leave_are_deleted_and_so_are_states_that_a_whole_plot_replaces() -> None:
    stream = Stream()
    publication = begun(stream)
    page = put(put(Page(), "a"), "b", Q)
    write(publication, stream, page)
    write(publication, stream, page := put(page, "c"))
    write(publication, stream, page := page.remove(lambda key: key == P))
    assert stream.kinds == ["whole plot 1", "page 4"]
    write(publication, stream, put(page, "another plot", Q, 10))
    assert stream.kinds[0] == "whole plot 2", "a step would have more bytes than the plot"
    assert len(stream.entries) == 2
    assert stream.read() == ["another plot"]


def test_a_stream_stays_at_twice_the_size_of_its_plots() -> None:
    stream = Stream()
    publication = begun(stream)
    page = put(Page(), "a")
    for number in range(60):
        write(publication, stream, page := put(page, f"state {number}"))
        assert publication.plan_keyframes() is None or stream.size > 2 * page.plots[0].size
        if (keyframes := publication.plan_keyframes()) is not None:
            stream.apply(keyframes)
            publication.acknowledge(keyframes)
            assert stream.kinds == [f"whole plot {number + 2}", f"page {page.version}"]
        assert stream.read() == [f"state {number}"]
    assert stream.size < 3 * page.plots[0].size


def test_a_kernel_that_has_just_started_wipes_nothing() -> None:
    stream = Stream()
    write(begun(stream), stream, put(Page(), "a"))
    later = begun(stream)
    assert write(later, stream, Page(title="t")) is None
    assert stream.read() == ["a"]
    page = put(Page(title="t"), "b")
    write(later, stream, page)
    assert stream.read() == ["b"]
    assert len(stream.entries) == 2, "what the kernel before has written is gone"
    write(later, stream, page.remove(lambda key: True))
    assert stream.read() == [], "but what was shown can be taken away"


def test_a_kernel_that_has_just_started_publishes_a_password_for_what_the_one_before_has_shown() -> None:
    stream = Stream()
    write(begun(stream), stream, put(Page(), "a"))
    later = begun(stream)

    def publish(page: Page, share: ShareInfo) -> Update | None:
        update = later.plan_update(page, {"share": share.encode()})
        if update is not None:
            stream.apply(update)
            later.acknowledge(update)
        return update

    empty, is_open = Page(title="t"), ShareInfo("3.9.2")
    assert publish(empty, is_open) is None
    publish(empty, is_locked := ShareInfo("3.9.2", password=PasswordHash(b"salt", b"digest")))
    assert stream.kinds == ["whole plot 1", "page 1", "share 0"]
    assert publish(empty, is_locked) is None
    assert later.resume(stream.last_id, now=3000)
    publish(empty, is_open)
    assert stream.kinds == ["whole plot 1", "page 1", "share 0"], "the former facts are gone"
    publish(put(empty, "b"), is_open)
    assert stream.kinds == ["whole plot 1", "share 0", "page 1"]
    assert stream.read() == ["b"]


def test_a_page_that_shows_nothing_is_published_where_there_is_none() -> None:
    stream = Stream()
    publication = Publication()
    publication.resume(None, now=1000, has_page=False)
    write(publication, stream, Page(title="t"))
    assert stream.kinds == ["page 0"], "so that colleagues can open the link"


def test_each_kernel_has_a_later_term_whatever_its_clock_says() -> None:
    stream = Stream()
    one = begun(stream, now=1000)
    write(one, stream, put(Page(), "a"))
    two = begun(stream, now=5)
    assert (one.term, two.term) == (1000, 1001)
    assert one.epoch != two.epoch


def test_a_kernel_whose_share_was_taken_over_is_fenced() -> None:
    stream = Stream()
    one = begun(stream)
    write(one, stream, put(Page(), "a"))
    assert one.resume(stream.last_id, now=2000)
    write(begun(stream), stream, put(Page(), "b"))
    assert not one.resume(stream.last_id, now=2000)


def test_an_answer_that_was_lost_is_not_written_twice() -> None:
    stream = Stream()
    publication = begun(stream)
    page = put(Page(), "a")
    for text in ("a", "b"):
        page = put(page, text)
        update = publication.plan_update(page)
        assert update is not None
        stream.apply(update)
        assert publication.resume(stream.last_id, now=2000)
        assert publication.acknowledged_page is page
        assert publication.plan_update(page) is None


def test_an_update_that_did_not_arrive_is_written_with_other_ids() -> None:
    stream = Stream()
    publication = begun(stream)
    write(publication, stream, page := put(Page(), "a"))
    lost = publication.plan_update(put(page, "b"))
    assert publication.resume(stream.last_id, now=2000)
    update = write(publication, stream, put(page, "c"))
    assert lost is not None
    assert update is not None
    assert update.entries[0][0] > lost.last_id
    assert stream.read() == ["c"]


def test_a_broker_that_was_flushed_or_restored_gets_everything_anew() -> None:
    stream = Stream()
    publication = begun(stream)
    write(publication, stream, page := put(put(Page(), "a"), "b", Q))
    backup = dict(stream.entries)
    write(publication, stream, page := put(page, "c"))
    for former in ({}, backup):
        stream.entries, stream.last_id = dict(former), max(former, default=None)
        assert publication.resume(stream.last_id, now=2000)
        write(publication, stream, page)
        assert stream.kinds[-1] == f"page {page.version}"
        assert [kind.split()[0] for kind in stream.kinds] == ["whole", "whole", "page"]
        assert stream.read() == ["c", "b"]


def test_of_details_the_newest_one_is_kept_and_written_without_the_page() -> None:
    stream = Stream()
    publication = begun(stream)

    def publish(page: Page, **details: bytes) -> Update | None:
        update = publication.plan_update(page, details)  # type: ignore[arg-type]
        if update is not None:
            stream.apply(update)
            publication.acknowledge(update)
        return update

    page = put(Page(), "a")
    publish(page, share=b"one", pins=b"")
    assert stream.kinds == ["whole plot 1", "share 0", "page 1"], "no pins: nothing to write"
    publish(page, share=b"one", pins=b"p")
    assert stream.kinds == ["whole plot 1", "share 0", "page 1", "pins 0"]
    assert publish(page, share=b"one", pins=b"p") is None
    publish(page, share=b"two", pins=b"")
    assert stream.kinds == ["whole plot 1", "page 1", "share 0", "pins 0"]
    assert [entry.data for entry in stream.entries.values()][2:] == [b"two", b""]
    publish(put(page, "b"), share=b"two", pins=b"")
    assert stream.kinds == ["whole plot 1", "share 0", "pins 0", "step plot 2", "page 2"]


def test_a_broker_that_went_back_and_lost_only_details_gets_everything_anew() -> None:
    stream = Stream()
    publication = begun(stream)
    page = put(Page(), "a")
    stream.apply(update := publication.plan_update(page, {"pins": b"p"}))
    publication.acknowledge(update)
    before = stream.last_id
    stream.apply(update := publication.plan_update(page, {"pins": b"q"}))
    publication.acknowledge(update)
    assert publication.resume(before, now=2000)
    again = publication.plan_update(page, {"pins": b"q"})
    assert again is not None
    assert again.is_first


def test_a_plot_that_relays_request_is_written_whole() -> None:
    stream = Stream()
    publication = begun(stream)
    page = put(put(Page(), "a"), "b", Q)
    write(publication, stream, page)
    write(publication, stream, page := put(page, "c"))
    assert publication.plan_keyframes() is None
    assert publication.plan_keyframes(["nothing"]) is None
    keyframes = publication.plan_keyframes([page.plots[0].id])
    assert keyframes is not None
    stream.apply(keyframes)
    assert stream.kinds == ["whole plot 1", "whole plot 2", f"page {page.version}"]
    assert stream.read() == ["c", "b"]
