"""Models with an implementation of their own, as their author writes them in cells, in viewers' browsers."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from support.custom_models import PRELUDE, STAMP, loud, needs_node
from support.notebook_pages import Kernel, Kernels, Open, Viewer
from support.socket_frames import Frames

from bokeh_share.plots.compiler import NO_NODE_PROBLEM

pytestmark = needs_node
PLAIN = "p = figure(title={!r}); p.line([1, 2], [1, 2]); show(p)"
FAILED = "This plot cannot be shown: a custom model of the author does not compile."


@pytest.fixture(scope="module")
def kernels(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernels]:
    """A kernel never forgets the models that its author made."""
    with Kernels(tmp_path_factory.mktemp("ipython")) as kernels:
        yield kernels


@pytest.fixture
def kernel(kernel: Kernel) -> Kernel:
    kernel.run(PRELUDE, cell="the importing cell")
    return kernel


def bundles_in(viewer: Viewer) -> list[str]:
    found: list[str] = viewer.page.evaluate(
        "() => [...document.querySelectorAll('script[src^=bundle]')].map(({ src }) => src)"
    )
    return found


def card_with(kernel: Kernel, text: str) -> str:
    """What the card says, once it has `text`."""
    deadline = time.monotonic() + 20
    while text not in (card := kernel.run("print(repr(__import__('bokeh_share').share()))", cell="ask")):
        assert time.monotonic() < deadline, card
    return card


def see(viewer: Viewer, text: str) -> None:
    viewer.page.get_by_text(text, exact=True).wait_for(timeout=20_000)


def test_pages_that_are_open_and_new_ones_draw_it_without_a_reload(
    kernel: Kernel, link: str, visit: Open
) -> None:
    viewer = visit(link)
    viewer.mark()
    kernel.show("before", "p = figure(title='before'); p.line([1, 2], [1, 2]); show(p)")
    assert "on the page as soon as Loud is compiled" in kernel.run(
        f"{loud('!')}\nshow(Loud(text='hello'))", cell="loud"
    )
    kernel.show("after", "p = figure(title='after'); p.line([1, 2], [1, 2]); show(p)")
    see(viewer, "hello!")
    viewer.in_step_with(kernel)
    code = f"{STAMP}\np = figure(tools=[Stamp(word='stamped')]); p.scatter([1, 2], [1, 2]); show(p)"
    kernel.show("stamp", code)
    viewer.in_step_with(kernel)
    assert not viewer.was_reloaded
    fresh = visit(link).in_step_with(kernel)
    for each in (viewer, fresh):
        see(each, "hello!")
        each.card("stamp").locator(".bk-Figure").click(position={"x": 200, "y": 200})
        expect(each.page.locator("body")).to_have_attribute("data-stamped", "stamped")
        assert len(bundles_in(each)) == 2
    assert kernel.run("show(Loud(text='again'))", cell="loud").strip() == "bokeh_share: 1 plot on the page"
    see(viewer, "again!")
    assert not viewer.was_reloaded


def test_a_page_reloads_for_another_implementation_and_says_what_does_not_compile(
    kernel: Kernel, link: str, visit: Open
) -> None:
    viewer, late = visit(link), None
    kernel.run(f"{loud('!')}\nshow(Loud(text='hello'))", cell="loud")
    see(viewer, "hello!")
    navigations = viewer.navigations
    kernel.run(f"{loud('?')}\nshow(Loud(text='hello'))", cell="loud")
    see(viewer, "hello?")
    assert viewer.navigations == navigations + 1
    kernel.run(f"{loud('`;')}\nshow(Loud(text='bye'))", cell="loud")
    see(viewer, f"{FAILED} The author was told.")
    late = visit(link)
    see(late, f"{FAILED} The author was told.")
    see(viewer, "hello?")  # what was there stays on screen
    card = card_with(kernel, "Loud does not compile, so viewers cannot see plots that have it: Loud.ts:")
    assert "error TS" in card
    said = kernel.run("show(Loud(text='bye'))", cell="loud")
    assert said.startswith("bokeh_share: viewers cannot see this: Loud does not compile: Loud.ts:")
    assert "error TS" not in "".join(each.page.content() for each in (viewer, late))
    kernel.run(f"{loud('?')}\nshow(Loud(text='mended'))", cell="loud")
    for each in (viewer, late):
        see(each, "mended?")
        expect(each.page.locator(".error")).to_be_hidden()
    assert viewer.navigations == navigations + 1  # the one that it had loaded
    assert "compile" not in card_with(kernel, "live")


def test_without_node_the_cell_the_card_and_pages_say_so(kernel: Kernel, link: str, visit: Open) -> None:
    kernel.show("plain", PLAIN.format("plain"))
    viewer = visit(link)
    kernel.run("import os; path = os.environ['PATH']; os.environ['PATH'] = '/nowhere'", cell="the path")
    try:
        kernel.run(f"{loud('!', 'Nodeless')}\nshow(Nodeless(text='hello'))", cell="loud")
        see(viewer, f"{FAILED} The author was told.")
        assert NO_NODE_PROBLEM in card_with(kernel, "Nodeless does not compile")
        assert NO_NODE_PROBLEM in kernel.run("show(Nodeless(text='hello'))", cell="loud")
        frames = Frames(viewer)
        viewer.page.evaluate("dispatchEvent(new Event('online'))")  # the page connects again
        viewer.wait_for_state("live")
        kernel.show("later", PLAIN.format("later"))
        expect(viewer.page.locator("#later[data-generation]")).to_have_count(1)
        assert "version=" in frames.urls[0]
        assert len(frames.received[0]) == 1, "nothing but the later plot"
    finally:
        kernel.run("os.environ['PATH'] = path", cell="the path")


def test_no_other_file_is_accepted_as_the_script(kernel: Kernel, link: str, visit: Open) -> None:
    """Where the policy consents to the scripts that the page's own script adds, each with its digest."""
    viewer = visit(link)
    kernel.run(f"{loud('!')}\nshow(Loud(text='hello'))", cell="loud")
    see(viewer, "hello!")
    (bundle,) = bundles_in(viewer)
    digest, nonce = viewer.page.evaluate(
        "(({ integrity, nonce }) => [integrity, nonce])(document.querySelector('script[src^=bundle]'))"
    )
    assert re.fullmatch(r"sha256-[\w+/]{43}=", digest)
    assert re.search(r"/bundle/[0-9a-f]{64}\.js$", bundle)

    def runs(**attributes: str) -> bool:
        answer: bool = viewer.page.evaluate(
            """(attributes) => new Promise((resolve) => {
                const script = Object.assign(document.createElement("script"), attributes);
                script.onload = () => resolve(true);
                script.onerror = () => resolve(false);
                document.head.append(script);
            })""",
            attributes,
        )
        return answer

    assert runs(src=bundle, integrity=digest, nonce=nonce)
    assert not runs(src=bundle, integrity=digest)
    assert not runs(src="page.js")
    assert not runs(src="opener.js", integrity=digest, nonce=nonce)
    assert not runs(src="https://other.test/a.js", nonce=nonce)
    refused = [each for each in viewer.troubles if "Content Security Policy" in each or "integrity" in each]
    assert len(refused) >= 4
    viewer.troubles.clear()


def test_a_saved_page_has_it_with_it(kernel: Kernel, link: str, browser: Browser, tmp_path: Path) -> None:
    kernel.run(f"{loud('!')}\nshow(Loud(text='hello'))", cell="loud")
    kernel.run(f"%bokeh_share --save {tmp_path / 'page.html'}", cell="the saving cell")
    context = browser.new_context()
    try:
        viewer = Viewer(context.new_page(), (tmp_path / "page.html").as_uri()).open("saved")
        see(viewer, "hello!")
        assert viewer.troubles == []
    finally:
        context.close()


def test_an_app_has_it_and_another_implementation_of_it(kernel: Kernel, link: str, visit: Open) -> None:
    def share(mark: str, text: str = "f'app {n}'") -> None:
        app = f"def greet(n: int = 1):\n    return Loud(text={text})\nbokeh_share.share(greet)"
        kernel.run(f"import bokeh_share\n{loud(mark)}\n{app};", cell="the app")

    share("!")
    viewer = visit(f"{link}greet?n=3")
    see(viewer, "app 3!")
    share("?")
    see(viewer, "app 3?")
    share("`;")
    late = visit(f"{link}greet")
    expect(late.page.locator(".error")).to_contain_text(FAILED, timeout=20_000)
    assert "Loud does not compile" in card_with(kernel, "Loud does not compile")
    share("?", "'mended'")
    for each in (viewer, late):
        see(each, "mended?")
        # while the cell runs, the kernel cannot open another document, and the browser says so: 503
        usual = ("could not be opened", "503")
        each.troubles[:] = [text for text in each.troubles if not any(word in text for word in usual)]
