"""An attribute is assigned by its own object only: who is called, and with what, is given at construction.

`x.attribute = …` is refused where `x` is neither `self` nor `cls`, and so is `setattr`. Objects of other
libraries are exceptions, each with its reason.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import bokeh_share

PACKAGE = Path(bokeh_share.__file__).parent
REASONS: dict[str, tuple[str, list[str]]] = {
    "apps/container.py": (
        "A model of Bokeh's",
        ["self._column.children", "self._column.tags"],
    ),
    "apps/handlers.py": (
        "Tornado's request: Bokeh's handler is chosen by the path",
        ["request.path"],
    ),
    "apps/heights.py": (
        "A model of Bokeh's",
        ["container.stylesheets", "container.sizing_mode"],
    ),
    "apps/isolation.py": (
        "Bokeh's event and models, which are sent with the copies in them",
        ["event.new", "event.model", "setattr(model)", "setattr(event.model)"],
    ),
    "apps/parameters/cli_flags.py": (
        "argparse's action and namespace, as its own actions do",
        ["action.option_strings", "setattr(namespace)"],
    ),
    "apps/parameters/signature.py": (
        "A function, for `get_type_hints`",
        ["stub.__annotations__"],
    ),
    "apps/parameters/widget.py": (
        "A model of Bokeh's",
        ["widget.description", "setattr(self.widget)"],
    ),
    "apps/session.py": (
        "Bokeh's document takes its theme only so",
        ["document.theme"],
    ),
    "broadcast/connection.py": (
        "A protocol of `websockets`, which takes the extensions only so",
        ["self.protocol.extensions"],
    ),
    "cli/main.py": (
        "Streams that this process lacks",
        ["setattr(sys)"],
    ),
    "notebook/magic.py": (
        "A method, whose docstring IPython shows as its help",
        ["magic.__doc__"],
    ),
    "cli/run.py": (
        "`threading.Timer` has no argument for it",
        ["timers[0].daemon"],
    ),
    "cli/run_script.py": (
        "What a script reads",
        ["sys.argv"],
    ),
    "compat/bokeh.py": (
        "What Bokeh does not offer publicly: see there",
        [
            "current._notebook",
            "current._notebook_type",
            "current.reset",
            "model._id",
            "callback._callback",
            "session._current_patch_connection",
        ],
    ),
    "compat/jupyter.py": (
        "What ipykernel does not offer publicly: see there",
        [
            "publisher.clear_output",
            "publisher.publish",
            "setattr(publisher)",
            "hook.write_format_data",
            "hook.finish_displayhook",
            "setattr(hook)",
        ],
    ),
    "network/jupyter_proxy.py": (
        "`SSLContext` has attributes only",
        ["context.check_hostname", "context.verify_mode"],
    ),
    "notebook/cleared_areas.py": (
        "`threading.Timer` has no argument for it",
        ["self._timer.daemon"],
    ),
    "plots/media/markdown.py": (
        "markdown-it: its rules move on in the text, and its tokens have what they found",
        ["state.pos", "token.meta"],
    ),
    "plots/media/svg.py": (
        "A parser of expat takes its handlers only so",
        ["parser.StartElementHandler", "parser.EndElementHandler", "parser.EntityDeclHandler"],
    ),
    "plots/media/export_process.py": (
        "`threading.Timer` has no argument for it",
        ["timer.daemon"],
    ),
    "plots/holoviews.py": (
        "Bokeh's document and HoloViews' plot take them only so",
        ["document.theme", "plot.document"],
    ),
    "relay/router.py": (
        "Tornado's own way to route a part of the path",
        ["request.path"],
    ),
    "server/forwarded_client.py": (
        "What a handler takes for the client's address, as Tornado sets it with `xheaders`",
        ["request.protocol", "request.remote_ip"],
    ),
    "server/auth/guard.py": (
        "Tornado's request: what stands before the link is a proxy's",
        ["request.path"],
    ),
    "server/certificate.py": (
        "`SSLContext` has attributes only",
        ["client.check_hostname", "client.verify_flags", "client.verify_mode"],
    ),
    "sharing/option_parser.py": ("argparse's namespace, as its own actions do", ["setattr(namespace)"]),
}
"""By module: why it assigns attributes of other libraries' objects, and which."""
EXCEPTIONS = {(module, target): reason for module, (reason, targets) in REASONS.items() for target in targets}


def list_foreign_assignments(source: str) -> Iterator[str]:
    """Yield what a module assigns to objects other than `self`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store | ast.Del):
            if not (isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")):
                yield ast.unparse(node)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "setattr":
            yield f"setattr({ast.unparse(node.args[0])})"


def find_foreign_assignments() -> set[tuple[str, str]]:
    return {
        (path.relative_to(PACKAGE).as_posix(), target)
        for path in PACKAGE.rglob("*.py")
        for target in list_foreign_assignments(path.read_text(encoding="utf-8"))
    }


def test_no_object_assigns_attributes_of_another() -> None:
    assert find_foreign_assignments() - EXCEPTIONS.keys() == set()


def test_each_exception_is_still_needed_and_has_a_reason() -> None:
    assert EXCEPTIONS.keys() - find_foreign_assignments() == set()
    assert all(EXCEPTIONS.values())


@pytest.mark.parametrize(
    ("source", "targets"),
    [
        ("door.on_leave = leave", ["door.on_leave"]),
        ("self.door.on_leave = leave", ["self.door.on_leave"]),
        ("a, self._access.options = 1, 2", ["self._access.options"]),
        ("viewer.count += 1", ["viewer.count"]),
        ("for page.title in titles: pass", ["page.title"]),
        ("with open(path) as each.file: pass", ["each.file"]),
        ("get().name = 1", ["get().name"]),
        ("del self.door.on_leave", ["self.door.on_leave"]),
        ("setattr(door, 'on_leave', leave)", ["setattr(door)"]),
        ("self.on_leave = leave\ncls.count = 1\nx = door.on_leave\ntable['a'] = 1", []),
    ],
)
def test_such_assignments_are_found(source: str, targets: list[str]) -> None:
    assert list(list_foreign_assignments(source)) == targets
