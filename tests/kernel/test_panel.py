"""Panel's and HoloViews' objects in a real kernel: what is shared and refused, and which files are served."""

from __future__ import annotations

import json
import subprocess
import sys
from urllib.request import urlopen

import pytest
from support.app_viewer import ask, watching_app
from support.kernel_driver import Kernel

PANEL = """
import panel as pn
from bokeh_share import share

def text():
    return pn.pane.Markdown("one")
"""
BROKEN = """
class Broken(pn.viewable.Viewer):
    def __panel__(self):
        return 1 / 0
"""
CURVE = """
import holoviews as hv
from bokeh_share import share
hv.extension("bokeh")

curve = hv.Curve([(0, 1), (1, 3), (2, 2)]).opts(title="one")
"""
PLOTS = "[[plot.name, plot.generation] for plot in __import__('bokeh_share').share().plots]"
DEFAULT_DOCUMENT = "[curdoc() is author, curdoc().theme is not None]"


@pytest.fixture
def url(kernel: Kernel) -> str:
    """The link of a share."""
    return kernel.share()


def parts(url: str, name: str) -> list[str]:
    """What an app's page loads before its document is opened."""
    status, body = ask(f"{url}{name}/token")
    assert status == 200
    return [part["src"] for part in json.loads(body)["parts"] if "src" in part]


def test_nothing_of_them_is_imported() -> None:
    code = "import sys, bokeh_share; print({'panel', 'holoviews'} & sys.modules.keys())"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "set()"


def test_a_document_of_panels_waits_until_its_page_has_panels_script(kernel: Kernel, url: str) -> None:
    kernel.run(f"{PANEL}\nshare(text)", "text")
    assert parts(url, "text") == []
    with watching_app(url, "text") as viewer:
        (root,) = viewer.document.roots
        assert root.tags == ["", "waiting", []]
    script = next(src for src in parts(url, "text") if "panel.min.js" in src)
    with urlopen(f"{url}{script}") as answer:
        assert answer.headers["Content-Type"] == "text/javascript"
        assert answer.headers["Cache-Control"] == "private, max-age=31536000, immutable"


def test_every_part_of_a_page_is_there(kernel: Kernel, url: str) -> None:
    kernel.run(f"{PANEL}\npn.extension('tabulator', 'codeeditor')\nshare(text)", "text")
    with watching_app(url, "text"):
        found = parts(url, "text")
    assert any("tabulator" in src for src in found)
    assert {ask(f"{url}{src}")[0] for src in found} == {200}


@pytest.mark.parametrize(
    "path",
    [
        "",
        "panel",
        "panel/",
        "panel/css",
        "panel/nothing.js",
        "panel/../package.json",
        "panel/%2e%2e/package.json",
        "panel/css/..%2f..%2fpackage.json",
        "panel/%2e%2e%2f%2e%2e%2fbokeh_share/errors.py",
        "panel/%2fetc%2fpasswd",
        "panel//etc/passwd",
        "panel/..%5cpackage.json",
        "panel/panel.min.js%00.css",
        f"panel/{'x' * 5000}",
        "../panel/panel.min.js",
        "nothing/panel.min.js",
        "%2e%2e/extensions/panel/panel.min.js",
    ],
)
def test_other_paths_are_not_there(kernel: Kernel, url: str, path: str) -> None:
    kernel.run(
        "import panel\n"
        "from bokeh_share.apps.extension_assets import served_packages\n"
        "served_packages.add('panel')"
    )
    assert ask(f"{url}static/extensions/panel/panel.min.js")[0] == 200
    assert ask(f"{url}static/extensions/{path}") == (404, "")


def test_what_no_app_needs_is_not_there(kernel: Kernel, url: str) -> None:
    """Not even to reveal which packages the author has imported."""
    kernel.run(
        f"{PANEL}\n"
        "from bokeh_share.apps.extension_assets import served_packages\n"
        "served_packages.clear()\n"
        "share(text)"
    )
    assert ask(f"{url}static/extensions/panel/panel.min.js") == (404, "")
    with watching_app(url, "text"):
        assert ask(f"{url}static/extensions/panel/panel.min.js")[0] == 200


def test_a_stranger_without_the_link_finds_nothing(kernel: Kernel, url: str) -> None:
    kernel.run(
        "import panel\n"
        "from bokeh_share.apps.extension_assets import served_packages\n"
        "served_packages.add('panel')"
    )
    path = "static/extensions/panel/panel.min.js"
    outside = url[: url.rstrip("/").rindex("/") + 1]
    assert ask(f"{url}{path}")[0] == 200
    assert ask(f"{outside}{path}") == (404, "")
    assert ask(f"{outside}guessed/{path}") == (404, "")


def test_the_authors_own_document_stays_theirs(kernel: Kernel, url: str) -> None:
    kernel.run(f"{PANEL}\nauthor = curdoc()\nshare(text)", "text")
    with watching_app(url, "text"):
        assert kernel.ask(DEFAULT_DOCUMENT) == [True, True]
    kernel.run("%bokeh_share --stop")
    assert kernel.ask(DEFAULT_DOCUMENT) == [True, True]


def test_an_object_is_an_app_called_as_its_variable(kernel: Kernel, url: str) -> None:
    kernel.run(f"{PANEL}\nview = text()\nshare(view, caption='A text.')", "view")
    assert kernel.ask("list(share().apps)") == ["view"]
    assert "A text." in ask(f"{url}view?anything=goes")[1]


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (
            "share(text())",
            "BadOption: the name of an app cannot be '': the name is part of the link; use letters,"
            " digits and dashes: name='trend'",
        ),
        (
            "share(text(), name='x', controls=True)",
            "BadOption: controls cannot be True: only apps have controls: share(function, controls=True)",
        ),
        (
            "share(pn.Column(fig('one')), name='x')",
            "CannotRender: cannot draw 'x', a Column (it contains a Bokeh plot, which only one viewer"
            " can have): share a function that makes it and returns it",
        ),
        (
            "share(pn.Template('{% block postamble %}{% endblock %}'), name='x')",
            "CannotRender: cannot draw 'x', a Template (it is a whole page): put its contents in a"
            " panel.Column, and share that",
        ),
        (
            f"{BROKEN}\nshare(Broken(), name='x')",
            "CannotRender: cannot draw 'x', a Broken (ZeroDivisionError: division by zero): check that Panel"
            " can show it",
        ),
    ],
)
def test_an_object_that_panel_cannot_share_is_refused_at_once(
    kernel: Kernel, url: str, code: str, message: str
) -> None:
    output = kernel.run(f"{PANEL}\n{code}", fails=True)
    assert message in " ".join(output.traceback.split())
    assert kernel.ask("list(share().apps)") == []


def test_an_object_that_panel_cannot_show_is_reported_to_the_author_and_not_to_the_viewer(
    kernel: Kernel, url: str
) -> None:
    kernel.run(f"{PANEL}\n{BROKEN}\ndef app():\n    return Broken()\nlive = share(app)", "app")
    with watching_app(url, "app") as viewer:
        assert viewer.document.roots[0].tags == ["", "nothing", []]
        assert "ZeroDivision" not in str(viewer.document.to_json())
    kernel.wait(lambda: "⚠" in kernel.card)
    problem = (
        "cannot draw 'app', a Broken (ZeroDivisionError: division by zero): check that Panel can show it"
    )
    assert f"app 'app' failed for a viewer: {problem}" in kernel.card


def test_a_curve_is_a_plot_that_is_replaced_when_its_cell_runs_again(kernel: Kernel, url: str) -> None:
    kernel.run(f"{CURVE}\nshare(curve)", "curve")
    with kernel.watch(url) as viewer:
        viewer.shows(["one"])
        kernel.run(f"{CURVE.replace('one', 'two')}\nshare(curve)", "curve")
        viewer.shows(["two"])


def test_without_cell_ids_a_curve_is_known_by_the_code_of_its_cell(kernel: Kernel, url: str) -> None:
    for title in ("one", "two"):
        kernel.run(CURVE.replace("one", title))
        kernel.run("share(curve)")
    with kernel.watch(url) as viewer:
        viewer.shows(["two"], names=[None])
        kernel.run("share(curve.opts(title='three', clone=True))")
        viewer.shows(["two", "three"])


def test_a_curve_shared_by_its_variable_is_redrawn_only_when_it_is_another(kernel: Kernel, url: str) -> None:
    kernel.run(CURVE)
    kernel.run("%bokeh_share curve")
    kernel.run(
        "models = __import__('bokeh_share').sharing.current._process_state.tracker.plots.by_key\n"
        "before = [live.shown for live in models.values()]"
    )
    kernel.run("1 + 1")
    assert kernel.ask("[live.shown is known for live, known in zip(models.values(), before)]") == [True]
    with kernel.watch(url) as viewer:
        viewer.shows(["one"], names=["curve"])
        kernel.run("curve = curve.opts(title='two', clone=True)")
        viewer.shows(["two"], names=["curve"])


def test_what_a_stream_draws_is_on_the_page_when_the_cell_ends(kernel: Kernel, url: str) -> None:
    kernel.run(
        f"{CURVE}\nstream = hv.streams.Stream.define('Top', top=1)()\n"
        "share(hv.DynamicMap(lambda top: hv.Curve([0, top]), streams=[stream]), name='map')",
        "map",
    )
    with kernel.watch(url) as viewer:
        assert viewer.column("y") == [0, 1]
        kernel.run("stream.event(top=7)", "another")
        viewer.until(lambda: viewer.in_step and viewer.column("y") == [0, 7])


def test_a_function_that_returns_a_curve_is_an_app(kernel: Kernel, url: str) -> None:
    code = "def app(title: str = 'one'):\n    return curve.opts(title=title, clone=True)\nshare(app)"
    kernel.run(f"{CURVE}\n{code}", "app")
    with watching_app(url, "app", "title=two") as viewer:
        assert viewer.titles == ["two"]


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (
            "share(hv.HoloMap({day: curve for day in (1, 2)}, kdims='day'), name='x')",
            "cannot draw 'x', a HoloMap (it has sliders (day), which need Panel): share it as an app, with"
            " its sliders: share(panel.panel(…), name='plot')",
        ),
        (
            "share(hv.Div('text'))",
            "cannot draw this Div (it needs more than BokehJS): share it as an app:"
            " share(panel.panel(…), name='plot')",
        ),
        (
            "share(hv.Layout([]), name='x')",
            "cannot draw 'x', a Layout (SkipRendering): check that HoloViews can show it with the backend"
            " 'bokeh'",
        ),
    ],
)
def test_an_object_that_holoviews_cannot_draw_is_refused_at_once(
    kernel: Kernel, url: str, code: str, message: str
) -> None:
    output = kernel.run(f"{CURVE}\n{code}", fails=True)
    assert f"CannotRender: {message}" in " ".join(output.traceback.split())
    assert kernel.ask(PLOTS) == []
