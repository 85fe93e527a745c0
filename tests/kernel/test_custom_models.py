"""What a notebook's cell says of models with an implementation of their own."""

from __future__ import annotations

import pytest
from support.custom_models import PRELUDE, loud, needs_node
from support.kernel_driver import DRAW_HINT, Kernel

pytestmark = needs_node
WAITING = "bokeh_share: on the page as soon as Loud is compiled"
ON_PAGE = "bokeh_share: on the page"
PROBLEM = "bokeh_share: viewers cannot see this: Loud does not compile: Loud.ts:"


def shown(kernel: Kernel) -> list[str]:
    """What stands in the places that cells have kept, but for cards, which are brought up to date as well."""
    return [bundle["text/plain"] for bundle in kernel.displays.values() if "text/html" not in bundle]


@pytest.fixture
def loaded(kernel: Kernel) -> Kernel:
    kernel.run("%load_ext bokeh_share", cell="load")
    kernel.run("%bokeh_share", cell="share")
    kernel.run(f"{PRELUDE}\n__import__('bokeh').model.Model.clear_extensions()", cell="import")
    kernel.displays.clear()
    return kernel


def test_the_cell_says_that_it_is_compiled_and_then_in_the_same_place_what_became_of_it(
    loaded: Kernel,
) -> None:
    output = loaded.run(f"{loud('!')}\nshow(Loud(text='a'))", cell="a")
    (notice,) = output.notices.values()
    assert notice[0] == WAITING
    assert (output.stdout, output.stderr) == ("", "")
    loaded.wait(lambda: shown(loaded) == [ON_PAGE], what="that it is compiled")
    assert loaded.run("show(Loud(text='b'))", cell="a").lines == [
        "bokeh_share: 1 plot on the page",
        DRAW_HINT,
    ]
    loaded.run(f"{loud('`;')}\nshow(Loud(text='c'))", cell="a")
    loaded.wait(lambda: shown(loaded)[-1].startswith(PROBLEM), what="the problem")
    (line,) = loaded.run("show(Loud(text='d'))", cell="a").lines
    assert line.startswith(PROBLEM)


def test_where_the_notebook_draws_it_the_cell_says_only_what_is_wrong(loaded: Kernel) -> None:
    loaded.run("output_notebook(hide_banner=True)", cell="draw")
    loaded.displays.clear()
    loaded.run(f"{loud('`;')}\nshow(Loud(text='a'))", cell="a")
    loaded.wait(lambda: any(text.startswith(PROBLEM) for text in shown(loaded)), what="the problem")
    assert not any("as soon as" in text for text in shown(loaded))


def test_an_interrupt_of_the_authors_does_not_reach_the_compiler(loaded: Kernel) -> None:
    # Later than the line about it, since `show` has to come to its end.
    code = f"{loud('.')}\nshow(Loud(text='a'))\nopen('begun', 'w').close()\nwhile True: pass"
    output = loaded.begin(code, cell="a")
    loaded.wait((loaded.folder / "begun").exists, what="that it is being compiled")
    assert loaded.interrupt(output).error == "KeyboardInterrupt"
    assert WAITING in [text for notice in output.notices.values() for text in notice]
    loaded.wait(lambda: shown(loaded) == [ON_PAGE], what="that it is compiled")
