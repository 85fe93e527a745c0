"""`%unload_ext` takes everything back."""

from __future__ import annotations

import pytest
from support.kernel_driver import Kernel, is_free, until

STATE = """
def state():
    import psutil, threading
    from bokeh.io import notebook
    from bokeh.io.state import curstate
    ip = get_ipython()
    formatters = ip.display_formatter.ipython_display_formatter, ip.display_formatter.mimebundle_formatter
    return {
        "events": {event: [repr(hook) for hook in hooks] for event, hooks in ip.events.callbacks.items()},
        "transformers": [repr(each) for each in ip.input_transformers_cleanup + ip.input_transformers_post],
        "printers": [
            sorted(map(repr, [*each.type_printers, *each.deferred_printers])) for each in formatters
        ],
        "publisher": sorted(vars(ip.display_pub)),
        "hooks": {kind: list(map(repr, hooks.items())) for kind, hooks in notebook._HOOKS.items()},
        "notebook": [curstate().notebook, curstate().notebook_type],
        "threads": sorted(thread.name for thread in threading.enumerate()),
        "magics": sorted([*ip.magics_manager.magics["line"], *ip.magics_manager.magics["cell"]]),
        "registry": "BokehShareMagics" in ip.magics_manager.registry,
        "callbacks": len(curdoc().callbacks.change_callbacks()),
        "listening": sum(each.status == "LISTEN" for each in psutil.Process().net_connections()),
    }

def alive():
    import gc, sys
    gc.unfreeze()
    gc.collect()
    ours = [module for name, module in sys.modules.items() if name.startswith("bokeh_share.")]
    names = [
        "NotebookExtension", "SharedNotebook", "NotebookHooks", "BokehHooks", "NotebookPlots", "Cells",
        "OutputAreas", "OutputWidgets", "Announcer", "Share", "Broadcaster", "Server", "Hub",
    ]
    kinds = {kind for module in ours for name in names if (kind := vars(module).get(name)) is not None}
    found = [each for each in gc.get_objects() if type(each) in kinds]
    return sorted(f"{type(each).__name__} {id(each)}" for each in found if id(each) not in former)

former = ()  # what another test's thread or traceback still holds
former = {int(each.split()[1]) for each in alive()}
"""


def is_gone(kernel: Kernel) -> None:
    """Soon: the last card's refresh may still be on the loop."""
    until(lambda: kernel.ask("alive()") == [], what=lambda: f"the end of {kernel.ask('alive()')}")


def test_unloading_leaves_nothing_behind(fresh: Kernel) -> None:
    kernel = fresh
    kernel.run(STATE, "c0")
    before = kernel.ask("state()")
    kernel.run("%load_ext bokeh_share", "c1")
    loaded = kernel.ask("state()")
    assert all(
        loaded[part] != before[part]
        for part in ("events", "transformers", "printers", "publisher", "hooks", "magics")
    )
    url = kernel.share("--port 0")
    port = kernel.port
    kernel.run("p = fig('a')\ncurdoc().add_root(p)\nshow(p)", "c2")
    with kernel.watch(url) as viewer:
        viewer.shows(["a"])
        kernel.run("%unload_ext bokeh_share", "c3")
        assert viewer.until_closed() == (4000, "sharing ended")
    kernel.run("p.title.text = 'b'", "c4")
    assert kernel.ask("state()") == before
    assert is_free(port)
    is_gone(kernel)


def test_unloading_leaves_output_notebook_as_the_author_called_it(fresh: Kernel) -> None:
    kernel = fresh
    kernel.run(STATE, "c0")
    kernel.run("from bokeh.resources import INLINE; output_notebook(INLINE, hide_banner=True)", "c1")
    before = kernel.ask("state()")
    kernel.share()
    kernel.run("%unload_ext bokeh_share", "c3")
    after = kernel.ask("state()")
    assert after == before
    assert after["notebook"] == [True, "jupyter"]


def test_loading_and_unloading_may_be_repeated(kernel: Kernel) -> None:
    kernel.run(STATE, "c0")
    before = kernel.ask("state()")
    urls = set()
    for title in ("a", "b", "c"):
        urls.add(kernel.share("" if urls else "--port 0"))
        kernel.run(f"show(fig('{title}'))", "c1")
        with kernel.watch() as viewer:
            viewer.shows([title])
        kernel.run("%unload_ext bokeh_share", "c2")
        assert kernel.ask("state()") == before
    assert len(urls) == 1
    is_gone(kernel)


def test_after_unloading_no_plot_is_kept_and_the_last_card_offers_no_magic(fresh: Kernel) -> None:
    kernel = fresh
    kernel.share("--port 0", cell="card")
    kernel.run("import gc\nlive = __import__('bokeh_share').share()\nshow(fig('a'))", "c1")
    kernel.wait(lambda: "1 plot · 0 viewers" in kernel.card, what="the plot on the card")
    kernel.run("%unload_ext bokeh_share", "c2")
    assert kernel.card.splitlines()[0].endswith("· 0 plots kept")
    assert "starts again" not in kernel.card
    count = "sum(type(each).__name__ == 'Snapshot' for each in gc.get_objects())"
    until(lambda: kernel.ask(f"(gc.unfreeze(), gc.collect(), {count})[-1]") == 0, what="the plots' end")


@pytest.mark.parametrize("command", ["%reload_ext bokeh_share", "%load_ext bokeh_share"])
def test_loading_what_is_loaded_does_no_harm(kernel: Kernel, command: str) -> None:
    kernel.run("%load_ext bokeh_share", "c0")
    kernel.run(command, "c0")
    kernel.share()
    kernel.run("show(fig('a'))", "c1")
    with kernel.watch() as viewer:
        viewer.shows(["a"])


def test_unloading_leaves_widgets_as_they_were(fresh: Kernel) -> None:
    kernel = fresh
    kernel.run(STATE, "c0")
    kernel.run(
        "import ipywidgets\nout = ipywidgets.Output()\ndef observers():\n"
        "    return sum(len(each) for kinds in out._trait_notifiers.values() for each in kinds.values())"
    )
    before = kernel.ask("state()")
    observed = kernel.ask("observers()")
    kernel.share()
    kernel.run(
        "from IPython.display import clear_output\ndisplay(out)\nwith out: show(fig('a'))\nshow(fig('b'))",
        "c1",
    )
    kernel.run("clear_output()\nout.clear_output()", "c2")
    assert kernel.ask("observers()") != observed
    kernel.run("%unload_ext bokeh_share", "c3")
    assert kernel.ask("state()") == before
    assert kernel.ask("observers()") == observed
    is_gone(kernel)


def test_importing_changes_nothing(fresh: Kernel) -> None:
    fresh.run(STATE, "c0")
    before = fresh.ask("state()")
    fresh.run("import bokeh_share", "c1")
    assert fresh.ask("state()") == before
