"""The link is saved with the newest card: `--stop` and `--fresh` take it out. Older cards do not have it."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from support.kernel_driver import DRAW_HINT, Kernel


@pytest.mark.parametrize("option", ["--stop", "--fresh"])
def test_no_earlier_card_contains_the_link_any_more(kernel: Kernel, option: str) -> None:
    kernel.run("%load_ext bokeh_share\nshow(fig('a'))", "c0")
    urls = {kernel.share(cell=f"card {number}") for number in range(8)}
    secret = urlsplit(urls.pop()).path.strip("/")
    assert not urls
    before = set(kernel.displays)

    def with_it() -> list[str]:
        shown = [kernel.displays[name] for name in before]
        return [bundle["text/plain"] for bundle in shown if secret in "".join(bundle.values())]

    assert len(with_it()) == 1, "only the newest card has it"
    kernel.run(f"%bokeh_share {option}", "the last")
    kernel.wait(lambda: not with_it(), what="cards without the link")


def test_texts_printed_by_cells_contain_no_link(kernel: Kernel) -> None:
    url = kernel.share()
    code = "from bokeh_share import share\ndef trend(): return fig('t')\nshow(trend)"
    outputs = [kernel.run("show(fig('a'))", "c1"), kernel.run(code, "c2")]
    assert [output.lines for output in outputs] == [
        ["bokeh_share: 1 plot on the page", DRAW_HINT],
        ["bokeh_share: app 'trend' is on the page"],
    ]
    assert urlsplit(url).path.strip("/") not in repr(outputs)
