"""Viewers of apps who send invalid messages to a real kernel, by real sockets."""

from __future__ import annotations

import json
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

import psutil
import pytest
from bokeh.document import Document
from bokeh.model import Model
from bokeh.models import Button
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.app_viewer import AppViewer, ask, ask_token, watching_app
from support.kernel_driver import DEADLINE, Kernel, until
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from bokeh_share import limits

SECRET = "only the author may read this"
OWN_LIMITS = pytest.mark.one_pairing
"""Limits that our own server keeps, whatever Bokeh does with a message."""
AUTHORS = """
import logging
from bokeh.layouts import column, row
from bokeh.models import *
import importlib
from bokeh_share import limits, share

importlib.reload(limits).APP_RECONNECT_TIMEOUT = 0.5
limits.CLIENT_APP_OPEN_BURST = 10_000  # except in the test of this limit

class Lines(logging.Handler):
    def emit(self, record):
        lines.append(record.getMessage())

lines = []
visitor_log = importlib.import_module("bokeh_share.server.visitor_log")._visitor_log
visitor_log._logged_at.clear(), visitor_log._unlogged_counts.clear()  # each kind is logged again
logging.getLogger("bokeh_share.server.visitor_log").setLevel(logging.INFO)
logging.getLogger("bokeh_share.server.visitor_log").handlers = [Lines()]
array, values, texts = np.arange(50.0), [float(n) for n in range(50)], [f"n{n}" for n in range(50)]
images, factors = [np.zeros((8, 8)) for _ in range(50)], ["a", "b", "c"]
shared = figure(title="the author's own", width=200, height=200)
shared.scatter(array, values)

def state():
    import hashlib
    parts = [array.tobytes(), repr(values), repr(texts), *(each.tobytes() for each in images), repr(factors)]
    parts += [repr(sorted(model.properties_with_values().items())) for model in shared.select({})]
    return hashlib.sha256(b"".join(p if isinstance(p, bytes) else p.encode() for p in parts)).hexdigest()

def sizes():
    servers = __import__("bokeh_share").share()._runner.app_server
    documents = sum(len(each.open_documents.session_ids) for each in servers._app_documents.values())
    return [documents, len(servers._services.memory._quota._sizes)]

def gallery(doc):
    source = ColumnDataSource(dict(x=array, y=values, name=texts, image=images))
    small = ColumnDataSource(dict(x=array, y=array))
    p = figure(width=300, height=200, title="gallery", tools="pan,wheel_zoom,lasso_select,tap,hover")
    points = p.scatter("x", "y", source=source, size=5, legend_label="points")
    p.line("x", "y", source=small)
    p.add_tools(PointDrawTool(renderers=[points]), CustomAction(), BoxEditTool())
    p.add_layout(Span(location=3, dimension="width")), p.add_layout(BoxAnnotation(left=1, right=2))
    p.add_layout(ColorBar(color_mapper=LinearColorMapper(low=0, high=1, palette="Viridis256")), "right")
    q = figure(x_range=FactorRange(factors=factors), width=300, height=200)
    q.vbar(x=factors, top=[1, 2, 3])
    table = DataTable(source=source, columns=[TableColumn(field="x", title="x"), TableColumn(field="name")],
                      editable=True)
    file = FileInput()
    file.on_change("value", lambda attr, old, new: echo.update(text=f"{len(new)} letters"))
    slider, text, button = Slider(start=0, end=9, value=1), TextInput(name="text"), Button(name="button")
    echo = Div(name="echo")
    text.on_change("value", lambda attr, old, new: echo.update(text=new.upper()))
    button.on_click(lambda: echo.update(text=echo.text + "!"))
    tabs = Tabs(tabs=[TabPanel(title="one", child=column(p, q)), TabPanel(title="two", child=table)])
    doc.add_root(column(tabs, slider, text, button, echo, file, Switch(), CheckboxGroup(labels=["a"]),
                        Select(options=["a", "b"]), MultiChoice(options=["a"]), DatePicker(), ColorPicker(),
                        RangeSlider(start=0, end=9, value=(1, 2))))

def tiny(doc):
    doc.add_root(column(Slider(start=0, end=9, value=1), PreText(name="x")))
    source = ColumnDataSource(dict(x=array, y=values))
    doc.add_root(DataTable(source=source, columns=[TableColumn(field="x")]))

share(gallery)
share(tiny)
"""


class Hostile:
    """A viewer who sends whatever is wanted, by one connection after the other."""

    def __init__(self, url: str, name: str = "gallery") -> None:
        self.url, self.name = url, name
        self.replies: list[str] = []
        """The kinds of what was answered, other than changes."""
        self.closed: tuple[int, str] | None = None
        self.ids: list[str] = []
        """Of the models of the document that is open."""
        self._number = 0
        self._stack = ExitStack()
        self._connection: ClientConnection | None = None

    def connect(self) -> ClientConnection:
        if self._connection is None:
            token = ask_token(self.url, f"{self.name}/token")
            address = f"{self.url.replace('http', 'ws', 1)}{self.name}/socket"
            protocols: Any = ["bokeh", token]
            opened = connect(address, subprotocols=protocols, max_size=None, ping_interval=None)
            self._connection = self._stack.enter_context(opened)
            self.closed = None
            assert "Sec-WebSocket-Extensions" not in self._connection.response.headers  # type: ignore[union-attr]
            assert json.loads(self._connection.recv(timeout=DEADLINE))["msgtype"] == "ACK"
            self._connection.send(json.dumps({"msgid": "0", "msgtype": "PULL-DOC-REQ"}))
            self._connection.send("{}")
            self._connection.send("{}")
            content: Any = ""
            while '"roots"' not in str(content):
                content = self._connection.recv(timeout=DEADLINE)
            self.ids = re.findall(r'"id":"(p\d+)"', content)
        return self._connection

    def send(self, *frames: str | bytes) -> None:
        """Send frames, and let them be taken, as one is when a ping after it is answered."""
        connection = self.connect()
        try:
            for frame in frames:
                connection.send(frame)
            pong = connection.ping()
            deadline = time.monotonic() + DEADLINE
            while not pong.wait(0.02):
                assert time.monotonic() < deadline, "never answered"
                self._read_all(connection)
            self._read_all(connection)
        except ConnectionClosed as error:
            self.closed = (error.rcvd.code, error.rcvd.reason) if error.rcvd else (1006, "")
            self.leave()

    def patch(self, *events: Any, buffers: dict[str, bytes] | None = None) -> str:
        """Send changes; the kind of the answer, or that the connection was closed."""
        self._number += 1
        header = {"msgid": str(self._number), "msgtype": "PATCH-DOC", "num_buffers": len(buffers or {})}
        arrays = [part for id, data in (buffers or {}).items() for part in (json.dumps({"id": id}), data)]
        self.replies.clear()
        self.send(json.dumps(header), "{}", json.dumps({"events": events}), *arrays)
        if self._connection is None:
            return "closed"
        while not self.replies:
            self._take(self._connection.recv(timeout=DEADLINE))
        return self.replies[-1]

    def leave(self) -> None:
        self._stack.close()
        self._connection = None

    def _read_all(self, connection: ClientConnection) -> None:
        """What has come so far; else a pong would not be seen behind it."""
        with suppress(TimeoutError):
            while True:
                self._take(connection.recv(timeout=0))

    def _take(self, data: str | bytes) -> None:
        if isinstance(data, str) and '"msgtype"' in data:
            kind = json.loads(data)["msgtype"]
            self.replies += [kind] if kind in ("OK", "ERROR") else []


@pytest.fixture
def url(kernel: Kernel) -> str:
    """The link of a share with the gallery."""
    kernel._outputs.clear()  # what came of former tests is theirs
    url = kernel.share()
    kernel.run(AUTHORS, "gallery")
    return url


@pytest.fixture
def hostile(url: str) -> Iterator[Hostile]:
    viewer = Hostile(url)
    yield viewer
    viewer.leave()


@contextmanager
def unharmed(kernel: Kernel, url: str) -> Iterator[None]:
    """Check that the kernel works afterwards, whatever viewers do inside."""
    began = time.monotonic()
    process = psutil.Process(kernel.ask("__import__('os').getpid()"))
    with watching_app(url, "gallery"):
        pass
    until(lambda: kernel.ask("sizes()") == [0, 0], what="the end of the documents")
    before, descriptors, memory = kernel.ask("state()"), process.num_fds(), process.memory_info().rss
    yield
    until(lambda: kernel.ask("sizes()") == [0, 0], what="the end of the documents")
    check_is_served(url)
    assert kernel.ask("state()") == before
    until(lambda: kernel.ask("sizes()") == [0, 0], what="the end of the documents")
    until(lambda: process.num_fds() <= descriptors + 2, what="the descriptors")
    kernel.ask("__import__('gc').collect()")
    assert process.memory_info().rss < memory + 150_000_000
    assert len(kernel.ask("lines")) < 60
    kinds = [line.split(", and ")[0] for line in kernel.ask("lines")]
    assert all(
        kinds.count(kind) <= 1 + (time.monotonic() - began) / limits.MISUSE_LOG_INTERVAL for kind in kinds
    )
    assert read_stderr(kernel) == ""
    assert "⚠" not in kernel.card


def read_stderr(kernel: Kernel) -> str:
    """What was printed as an error during this test."""
    kernel.run("pass")  # so that all of it has come
    return "".join(output.stderr for output in kernel._outputs.values())


def check_is_served(url: str) -> None:
    """An honest viewer has what they came for."""
    with watching_app(url, "gallery") as viewer:
        assert "gallery" in viewer.titles
        viewer.change(viewer.find("text"), value="hello")
        viewer.wait(lambda: viewer.find("echo").text == "HELLO")
        viewer.click(viewer.find("button"))
        viewer.wait(lambda: viewer.find("echo").text == "HELLO!")


def properties(document: Document) -> Iterator[tuple[Model, str]]:
    """Each property of each model, but those of the same name and kind once."""
    done = set()
    for model in sorted(document.models, key=lambda each: each.id):
        for name in sorted(model.properties()):
            kind = name, str(model.lookup(name).property)
            if kind not in done:
                done.add(kind)
                yield model, name


def hostile_values(model: Model, secret: str) -> list[Any]:
    array = {"type": "bytes", "data": {"id": "a"}}
    shape = {"type": "ndarray", "array": array, "order": "little"}
    captured = {"type": "object", "name": "CustomAction", "id": "j1", "attributes": {"icon": secret}}
    return [
        secret, [secret], {"type": "value", "value": secret}, captured, [captured],
        {"type": "map", "entries": [["a", secret]]}, 1e308, -1, 2**70, "x" * 2000, {"id": model.id},
        [{"id": model.id}], {"id": "p1"}, {"type": "object", "name": "Own", "id": "j2", "attributes": {}},
        {**shape, "dtype": "float64", "shape": [2]}, {**shape, "dtype": "object", "shape": [10**12]},
        {**shape, "dtype": "float64", "shape": [-1]}, {"type": "number", "value": "nan"},
    ]  # fmt: skip


def test_no_property_of_any_model_gives_access_to_data_of_the_author(
    kernel: Kernel, url: str, hostile: Hostile
) -> None:
    (kernel.folder / "secret.svg").write_text(SECRET)
    kernel.run("limits.APP_MESSAGE_RATE = limits.APP_MESSAGE_BURST = 10**9")
    with unharmed(kernel, url):
        secret = str(kernel.folder / "secret.svg")
        with watching_app(url, "gallery") as viewer:
            number = 0
            for model, name in properties(viewer.document):
                for value in hostile_values(model, secret):
                    number += 1
                    event = {"kind": "ModelChanged", "model": {"id": model.id}, "attr": name, "new": value}
                    send(viewer, number, [event], {"a": bytes(16)} if "ndarray" in json.dumps(value) else {})
                viewer.wait(lambda last=f'"{number}"': last in viewer.last_reply, what="the answers")
            assert number > 5000
            pulled = pull(viewer)
        assert SECRET.split()[0] not in pulled
        assert "data:image/svg" not in pulled


def send(viewer: AppViewer, number: int, events: list[Any], buffers: dict[str, bytes]) -> None:
    header = {"msgid": str(number), "msgtype": "PATCH-DOC", "num_buffers": len(buffers)}
    arrays = [part for id, data in buffers.items() for part in (json.dumps({"id": id}), data)]
    viewer.send_raw(json.dumps(header), "{}", json.dumps({"events": events}), *arrays)


def pull(viewer: AppViewer) -> str:
    """The whole document, as the server has it now."""
    viewer.send_raw(json.dumps({"msgid": "pull", "msgtype": "PULL-DOC-REQ"}), "{}", "{}")
    while True:
        message = viewer._receive()
        if message.msgtype == "PULL-DOC-REPLY":
            return json.dumps(message.content)


KINDS = ["ModelChanged", "ColumnDataChanged", "ColumnsStreamed", "ColumnsPatched", "MessageSent", "RootAdded",
         "RootRemoved", "TitleChanged", "Unheard"]  # fmt: skip
WORDS = ["ref", "object", "map", "set", "ndarray", "bytes", "typed_array", "slice", "value", "event"]
NUMBERS = st.integers() | st.floats()
LEAVES = st.none() | st.booleans() | NUMBERS | st.text(max_size=9) | st.sampled_from(WORDS)
FIELDS = ["type", "id", "name", "entries", "data", "array", "shape", "dtype", "order", "attributes", "a"]
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=4),
    max_leaves=10,
)
EVENTS = st.fixed_dictionaries(
    {"kind": st.sampled_from(KINDS) | LEAVES},
    optional={
        "model": st.just({"id": "MODEL"}) | VALUES,
        "attr": st.sampled_from(["data", "value", "text", "tags", "icon", "children"]) | LEAVES,
        "new": VALUES, "data": VALUES, "cols": VALUES, "rollover": LEAVES, "patches": VALUES,
        "msg_type": st.just("bokeh_event") | LEAVES, "msg_data": VALUES, "title": LEAVES,
    },
)  # fmt: skip


def header(number: Any, kind: str = "PATCH-DOC") -> str:
    return json.dumps({"msgid": "1", "msgtype": kind, "num_buffers": number})


CHANGES = st.lists(EVENTS, max_size=3).map(lambda events: json.dumps({"events": events}))
MESSAGES = st.tuples(st.just(header(0)), st.just("{}"), CHANGES)
CLOSING = st.one_of(
    st.tuples(st.just(header(1)), st.just("{}"), CHANGES, st.just('{"id": "a"}'), st.binary(max_size=20)),
    st.tuples(st.just(header(0)), st.just("{}"), VALUES.map(json.dumps)),
    st.tuples(
        st.builds(header, LEAVES, st.sampled_from(["PATCH-DOC", "PUSH-DOC", "X"])), st.just("{}"), CHANGES
    ),
    st.lists(st.text(max_size=20) | st.binary(max_size=20), max_size=5).map(tuple),
)
"""After most of these there is no going on."""
FRAMES = st.tuples(st.lists(MESSAGES, min_size=5, max_size=5), CLOSING).map(
    lambda drawn: [frame for message in [*drawn[0], drawn[1]] for frame in message]
)


def test_an_honest_viewer_is_served_whatever_frames_others_send(kernel: Kernel, url: str) -> None:
    kernel.run("limits.APP_MESSAGE_RATE = limits.APP_MESSAGE_BURST = 10**9")
    with unharmed(kernel, url):
        hostile = Hostile(url, "tiny")

        @given(frames=FRAMES)
        @settings(max_examples=400, deadline=None, derandomize=True, database=None,
                  suppress_health_check=[*HealthCheck])  # fmt: skip
        def sends(frames: list[str | bytes]) -> None:
            hostile.connect()
            model = hostile.ids[len(str(frames)) % len(hostile.ids)]
            hostile.send(
                *(each.replace("MODEL", model) if isinstance(each, str) else each for each in frames)
            )
            assert hostile.closed is None or hostile.closed[0] in (1002, 1003, 1007, 1009)

        sends()
        hostile.leave()


def test_rows_and_cells_that_a_viewer_changes_are_not_objects_of_the_author(kernel: Kernel, url: str) -> None:
    with unharmed(kernel, url), watching_app(url, "gallery") as viewer:
        (source,) = [each for each in viewer.document.models if "image" in getattr(each, "data", {})]
        data = {"x": [5.5], "y": [7.5], "name": ["z"], "image": [0]}
        send(
            viewer,
            1,
            [
                {
                    "kind": "ColumnsPatched",
                    "model": {"id": source.id},
                    "attr": "data",
                    "patches": {
                        "type": "map",
                        "entries": [[name, [[0, new]]] for name, (new,) in data.items() if name != "image"],
                    },
                }
            ],
            {},
        )
        send(
            viewer,
            2,
            [
                {
                    "kind": "ColumnsPatched",
                    "model": {"id": source.id},
                    "attr": "data",
                    "patches": {"type": "map", "entries": [["image", [[[3, 1, 1], [9.0]]]]]},
                }
            ],
            {},
        )
        send(viewer, 3, [{"kind": "ColumnsStreamed", "model": {"id": source.id}, "attr": "data",
            "rollover": 10, "data": {"type": "map", "entries": [*map(list, data.items())]}}], {})  # fmt: skip
        pulled = pull(viewer)
        assert not viewer.errors
        assert "7.5" in pulled
        assert '"n49", "z"' in pulled


TABLES = """
import pandas as pd, panel as pn

frame = pd.DataFrame({"a": [1.0, 2.0, 3.0], "b": ["x", "y", "z"]})
before, tables = frame.copy(deep=True), []

def table():
    tables.append(pn.widgets.Tabulator(frame, disabled=True))
    return tables[-1]

def byhand(doc):
    tables.append(pn.widgets.Tabulator(frame))
    tables[-1].server_doc(doc)

share(table)
share(byhand)
everybodys = pn.widgets.Tabulator(frame)
share(everybodys, name="everybodys")

def models(name):
    server = __import__("bokeh_share").share()._runner.app_server._app_documents[name]
    return [[type(model).__name__, model.id] for session in server.tornado.get_sessions("/")
            for model in session.document.models]
"""


@pytest.mark.parametrize("name", ["table", "byhand", "everybodys"])
def test_a_table_of_panels_leaves_the_frame_as_it_is_that_it_was_made_of(
    kernel: Kernel, url: str, name: str
) -> None:
    pytest.importorskip("panel")
    kernel.run(TABLES)
    viewer = Hostile(url, name)
    viewer.connect()  # to learn what a page has to load
    viewer.leave()
    until(lambda: kernel.ask("sizes()") == [0, 0], what="the end of the document")
    for change in range(2):
        viewer.connect()
        source = dict(kernel.ask(f"models({name!r})"))["ColumnDataSource"]
        column = {"type": "map", "entries": [["a", [[0, 99.0 + change]]]]}
        event = {"kind": "ColumnsPatched", "model": {"id": source}, "attr": "data", "patches": column}
        assert kernel.ask(f"{'everybodys' if name == 'everybodys' else 'tables[-1]'}.value is not frame")
        now = "everybodys.value['a'][0]" if name == "everybodys" else "tables[-1].value['a'][0]"
        assert viewer.patch(event) == "OK"
        until(lambda now=now, new=99.0 + change: kernel.ask(now) == new, what="the edit")
        columns = [["index", [0, 1, 2]], ["a", [55.0, 2, 3]], ["b", ["x", "y", "z"]]]
        data = {"type": "map", "entries": columns}
        event = {"kind": "ColumnDataChanged", "model": {"id": source}, "attr": "data", "data": data}
        assert viewer.patch(event) == "OK"
        until(lambda now=now: kernel.ask(now) == 55.0, what="the edit")
        if name == "everybodys":
            kernel.run("everybodys.value = frame")  # by the author, who gives it the same again
            assert viewer.patch(event) == "OK"
        viewer.leave()
        until(lambda: kernel.ask("sizes()") == [0, 0], what="the end of the document")
    assert kernel.ask("frame.equals(before)")


def printed(kernel: Kernel) -> str:
    """What came of all cells so far."""
    kernel.run("pass")
    return "".join(output.stdout + output.stderr for output in kernel._outputs.values())


def test_a_value_that_panel_rejects_is_not_printed(kernel: Kernel, url: str) -> None:
    pytest.importorskip("panel")
    kernel.run(TABLES + "share(pn.Column('a', scroll=True), name='column')")
    viewer = Hostile(url, "column")
    viewer.connect()  # to learn what a page has to load
    viewer.leave()
    viewer.connect()
    message = "visitor refused: app message with a value that Panel rejects"
    model = dict(kernel.ask("models('column')"))["Column"]
    before = printed(kernel)
    for number in range(-5, 0):
        event = {"kind": "ModelChanged", "model": {"id": model}, "attr": "scroll_button_threshold"}
        assert viewer.patch({**event, "new": number}) == "OK"
    until(lambda: message in kernel.ask("lines"), what="the log line")
    viewer.leave()
    assert printed(kernel) == before


def test_what_fails_again_and_again_is_reported_once(kernel: Kernel, url: str) -> None:
    kernel.run(
        "calls = []\n"
        "def fails():\n    calls.append(1)\n    raise ValueError('no luck')\n"
        "def ticks(doc):\n    doc.add_root(Div())\n    doc.add_periodic_callback(fails, 20)\n"
        "share(ticks)"
    )
    with watching_app(url, "ticks"):
        until(lambda: kernel.ask("len(calls)") > 5, what="the calls")
    kernel.wait(lambda: "app 'ticks' failed for a viewer: ValueError: no luck" in kernel.card)
    until(lambda: kernel.ask("sizes()")[0] == 0, what="the end of the document, which goes on calling")
    assert printed(kernel).count("Traceback") == 1


def test_a_message_that_never_ends_is_let_go(kernel: Kernel, url: str, hostile: Hostile) -> None:
    header = json.dumps({"msgid": "1", "msgtype": "PATCH-DOC", "num_buffers": 100})
    with unharmed(kernel, url):
        hostile.send(header, "{}", "{}")
        for number in range(9):  # one by one, as what is still on its way would break the connection
            if hostile.closed is None:
                hostile.send(f'{{"id": "{number}"}}', bytes(2_500_000))
        assert hostile.closed is not None
        assert hostile.closed[0] == 1009
        kernel.run("limits.MAX_APP_INCOMPLETE_BYTES = 3_000_000")
        hostile.send(header, "{}", "{}", '{"id": "a"}')
        hostile.send(bytes(4_000_000))
        assert hostile.closed == (
            1008,
            "app message incomplete: load the page again",
        )
        hostile.leave()


def test_a_document_that_holds_too_much_ends(kernel: Kernel, url: str) -> None:
    kernel.run(
        "limits.MAX_APP_DOCUMENT_BYTES = 300_000\n"
        "seen = []\n"
        "def keeps(doc):\n"
        "    text = TextInput(name='text')\n"
        "    text.on_change('value', lambda attr, old, new: seen.append(len(new)))\n"
        "    doc.add_root(text)\n"
        "share(keeps)"
    )
    with watching_app(url, "keeps") as viewer:
        for number in range(5):
            viewer.change(viewer.find("text"), value="x" * (100_000 + number))
        viewer.change(viewer.find("text"), value="x" * 400_000)
        assert viewer.wait_until_closed() == (4007, "the document holds too much of what was sent")
    until(lambda: kernel.ask("sizes()") == [0, 0], what="the end of the documents")
    assert kernel.ask("seen") == [100_000 + number for number in range(5)]


@OWN_LIMITS
def test_a_viewer_who_takes_nothing_is_sent_away(kernel: Kernel, url: str) -> None:
    kernel.run(
        "limits.APP_PING_TIMEOUT = 0.5\n"
        "def flood(doc):\n"
        "    div = Div(text='')\n"
        "    doc.add_root(div)\n"
        "    more = lambda: div.update(text=('y' if div.text[:1] == 'x' else 'x') * 3_000_000)\n"
        "    doc.add_periodic_callback(more, 10)\n"
        "share(flood)\n"
        "def flooded():\n"
        "    documents = __import__('bokeh_share').share()._runner.app_server._app_documents['flood']\n"
        "    return len(documents.open_documents._app_sessions)"
    )
    viewer = raw_viewer(url, "flood")
    try:
        ask_for_document(viewer)
        until(lambda: kernel.ask("flooded()") == 0, what="its end")
    finally:
        viewer.close()
    assert "visitor refused: app viewer receives nothing" in kernel.ask("lines")
    check_is_served(url)


@OWN_LIMITS
def test_a_viewer_who_does_not_answer_is_sent_away(kernel: Kernel, url: str) -> None:
    kernel.run("limits.APP_PING_TIMEOUT = 0.5\ndef quiet(doc):\n    doc.add_root(Div())\nshare(quiet)")
    viewer = raw_viewer(url, "quiet")
    try:
        ask_for_document(viewer)
        until(lambda: kernel.ask("sizes()")[0] == 1, what="the document")
        until(lambda: kernel.ask("sizes()")[0] == 0, what="its end")
    finally:
        viewer.close()


@OWN_LIMITS
def test_a_viewer_who_sends_nothing_but_pings_is_sent_away(
    kernel: Kernel, url: str, hostile: Hostile
) -> None:
    kernel.run("limits.APP_MESSAGE_RATE, limits.APP_MESSAGE_BURST = 20, 20")
    with unharmed(kernel, url):
        connection = hostile.connect()
        with pytest.raises(ConnectionClosed):
            began = time.monotonic()
            while time.monotonic() < began + DEADLINE:
                connection.ping()
        hostile.leave()
    assert "visitor refused: app viewer sends only pings" in kernel.ask("lines")


def token_for(url: str, name: str) -> str:
    return ask_token(url, f"{name}/token")


def raw_viewer(url: str, name: str, token: str | None = None) -> socket.socket:
    """Opens an app's document, and reads nothing more."""
    token = token_for(url, name) if token is None else token
    parts = urlsplit(url)
    viewer = socket.create_connection((parts.hostname, parts.port), timeout=DEADLINE)
    viewer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    viewer.sendall(
        f"GET {parts.path}{name}/socket HTTP/1.1\r\nHost: {parts.netloc}\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\nSec-WebSocket-Version: 13\r\n"
        f"Sec-WebSocket-Protocol: bokeh, {token}\r\n\r\n".encode()
    )
    return viewer


def ask_for_document(viewer: socket.socket) -> None:
    """As a page does once its websocket is open; nothing of the answer is read."""
    seen = b""
    while b"ACK" not in seen:
        seen += viewer.recv(1000)
    for text in ('{"msgid": "0", "msgtype": "PULL-DOC-REQ"}', "{}", "{}"):
        viewer.sendall(bytes([0x81, 0x80 | len(text)]) + bytes(4) + text.encode())


@OWN_LIMITS
def test_a_viewer_who_does_not_request_the_document_is_disconnected(kernel: Kernel, url: str) -> None:
    kernel.run("limits.APP_PING_TIMEOUT = 0.5\ndef quiet(doc):\n    doc.add_root(Div())\nshare(quiet)")
    viewer = raw_viewer(url, "quiet")
    try:
        until(lambda: kernel.ask("sizes()")[0] == 1, what="the document")
        until(lambda: kernel.ask("sizes()")[0] == 0, what="its end")
    finally:
        viewer.close()
    assert "visitor refused: app viewer does not request the document" in kernel.ask("lines")


LARGE = """
services = share()._runner.app_server._services
limits.MAX_APP_UNSENT_BYTES, limits.APP_SEND_RATE_INTERVAL = 16_000_000, 600.0
numbers, made, unsent = np.random.random(2_000_000), [], []

def large(doc):
    made.append(1)
    unsent.append(services.outbox.unsent_bytes)
    doc.add_root(DataTable(source=ColumnDataSource(dict(x=numbers + 1)), columns=[TableColumn(field="x")]))

share(large)

def count_waiting():
    return sum(len(each) for each in services.scheduler._queues.values())
"""


def test_documents_that_are_not_received_are_made_one_by_one(kernel: Kernel, url: str) -> None:
    kernel.run(LARGE)
    viewers = [raw_viewer(url, "large") for _ in range(6)]
    try:
        until(lambda: kernel.ask("[len(made), count_waiting()]") == [1, 5], what="the first document")
        asking = [threading.Thread(target=ask_for_document, args=(each,), daemon=True) for each in viewers]
        for each in asking:
            each.start()
        check_is_served(url)  # another app, whose documents are small
        assert kernel.ask("[len(made), count_waiting()]") == [1, 5]
        kernel.run("limits.APP_SEND_RATE_INTERVAL = 0.2")
        until(lambda: kernel.ask("len(made)") == 6, what="all documents")
        for each in asking:
            each.join(DEADLINE)
    finally:
        for each in viewers:
            each.close()
    assert max(kernel.ask("unsent")) < 8_000_000
    assert "visitor refused: app viewer too slow while others wait" in kernel.ask("lines")
    until(lambda: kernel.ask("sizes()") == [0, 0], what="the end of the documents")


@OWN_LIMITS
def test_a_fast_viewer_gets_the_document_among_blocked_ones(kernel: Kernel, url: str) -> None:
    kernel.run(LARGE + "limits.APP_SEND_RATE_INTERVAL = 0.2")
    stalled = [raw_viewer(url, "large") for _ in range(3)]
    asking = [threading.Thread(target=ask_for_document, args=(each,), daemon=True) for each in stalled]
    for each in asking:
        each.start()
    try:
        with watching_app(url, "large") as viewer:
            (source,) = [each for each in viewer.document.models if "x" in getattr(each, "data", {})]
            assert len(source.data["x"]) == 2_000_000
    finally:
        for each in asking:
            each.join(DEADLINE)
        for sock in stalled:
            sock.close()


ORDER = """
import time
order = []
"""


def test_openings_alternate_with_cells_of_the_author(kernel: Kernel, url: str) -> None:
    kernel.run(
        ORDER + "def slow(doc):\n"
        "    order.append('opening')\n    time.sleep(0.1)\n    doc.add_root(Div())\nshare(slow)"
    )
    tokens = [token_for(url, "slow") for _ in range(60)]  # which the kernel's loop gives, between openings
    viewers = [raw_viewer(url, "slow", token) for token in tokens]
    try:
        kernel.run("order.append('cell')")  # they may all be there already, or come meanwhile
        until(lambda: kernel.ask("order.count('opening')") == 60, what="all documents")
    finally:
        for each in viewers:
            each.close()
    assert kernel.ask("order.index('cell')") < 30


def test_changes_of_a_message_alternate_with_cells_of_the_author(kernel: Kernel, url: str) -> None:
    kernel.run(
        ORDER + "def begins(new):\n"
        "    order.append(new)\n    open('began', 'w').close()\n    time.sleep(0.1)\n"
        "def slow(doc):\n"
        "    slider = Slider(name='slider', start=0, end=99, value=0)\n"
        "    slider.on_change('value', lambda attr, old, new: begins(new))\n"
        "    doc.add_root(slider)\nshare(slow)"
    )
    with watching_app(url, "slow") as viewer:
        model = {"id": viewer.find("slider").id}
        send(
            viewer,
            1,
            [{"kind": "ModelChanged", "model": model, "attr": "value", "new": n + 1} for n in range(60)],
            {},
        )
        until((kernel.folder / "began").exists, what="the first change")
        kernel.run("order.append('cell')")
        viewer.wait(lambda: '"1"' in viewer.last_reply, what="the answer")
        assert not viewer.errors
    assert kernel.ask("order.index('cell')") < 30
    assert kernel.ask("[each for each in order if each != 'cell']") == [*range(1, 61)]


def test_callbacks_of_documents_alternate_with_cells_of_the_author(kernel: Kernel, url: str) -> None:
    kernel.run(
        ORDER + "def busy(doc):\n"
        "    doc.add_root(Div())\n"
        "    doc.add_periodic_callback(lambda: [order.append('call'), time.sleep(0.1)], 10)\nshare(busy)"
    )
    with ExitStack() as stack:
        for _ in range(8):
            stack.enter_context(watching_app(url, "busy"))
        kernel.run("order.append('begin')")
        kernel.run("order.append('end')")
        assert kernel.ask("order.index('end') - order.index('begin')") < 8


def test_a_viewer_who_leaves_the_queue_causes_no_call(kernel: Kernel, url: str) -> None:
    kernel.run(
        ORDER + "def slow(doc):\n"
        "    order.append('opening')\n    time.sleep(0.3)\n    doc.add_root(Div())\nshare(slow)"
    )
    tokens = [token_for(url, "slow") for _ in range(20)]  # which the kernel's loop gives, between openings
    viewers = [raw_viewer(url, "slow", token) for token in tokens]
    until(lambda: kernel.ask("order.count('opening')") > 0, what="the first document")
    for each in viewers:
        each.close()
    until(lambda: kernel.ask("sizes()") == [0, 0], what="the end of the documents")
    assert kernel.ask("order.count('opening')") < 20
    check_is_served(url)


def test_what_changes_before_the_document_is_sent_is_sent_once(kernel: Kernel, url: str) -> None:
    kernel.run(
        "def grows(doc):\n"
        "    source = ColumnDataSource(dict(x=[0]), name='source')\n"
        "    doc.add_root(DataTable(source=source, columns=[TableColumn(field='x')]))\n"
        "    doc.add_periodic_callback(lambda: source.stream(dict(x=[len(source.data['x'])])), 10)\n"
        "share(grows)\n"
        "def rows():\n"
        "    sessions = share()._runner.app_server._app_documents['grows'].tornado.get_sessions('/')\n"
        "    return [len(session.document.get_model_by_name('source').data['x']) for session in sessions]"
    )
    viewer = raw_viewer(url, "grows")
    try:
        until(lambda: kernel.ask("max([0, *rows()])") > 10, what="some rows")
        ask_for_document(viewer)
        seen = b""
        while b"PULL-DOC-REPLY" not in seen:
            seen += viewer.recv(65536)
    finally:
        viewer.close()
    assert b"ColumnsStreamed" not in seen[: seen.index(b"PULL-DOC-REPLY")]


def test_who_leaves_before_their_document_is_made_leaves_nothing(kernel: Kernel, url: str) -> None:
    with unharmed(kernel, url):
        for _ in range(30):
            raw_viewer(url, "gallery").close()
        kernel.run("def slow(doc):\n    time.sleep(0.2)\n    gallery(doc)\nimport time\nshare(slow)")
        for _ in range(5):
            raw_viewer(url, "slow").close()
        until(lambda: kernel.ask("sizes()")[0] == 0, what="the end of the documents")


def test_tokens_cost_nothing_that_stays(kernel: Kernel, url: str) -> None:
    with unharmed(kernel, url):
        assert {ask(f"{url}gallery/token?")[0] for _ in range(200)} == {200}
        assert {ask(f"{url}gallery/token?{'x' * number}=1")[0] for number in range(1, 200)} == {400}


def test_nothing_is_printed_about_a_document_that_is_in_use_when_it_is_to_end(
    kernel: Kernel, url: str
) -> None:
    kernel.run(
        "from bokeh.server.session import ServerSession\n"
        "contexts, recorded = logging.getLogger('bokeh.server.contexts'), []\n"
        "contexts.filters.insert(0, lambda record: recorded.append(record.getMessage()) or True)\n"
        "counts = ServerSession.expiration_blocked_count\n"
        "ServerSession.expiration_blocked_count = 2  # as if a callback waited for it, too"
    )
    with watching_app(url, "gallery"):
        pass
    until(lambda: kernel.ask("recorded"), what="Bokeh's line")
    kernel.run("ServerSession.expiration_blocked_count = counts")
    until(lambda: kernel.ask("sizes()") == [0, 0], what="the end of the document")
    kernel.run("del contexts.filters[0]")
    assert "came back to life" in kernel.ask("recorded")[0]
    assert read_stderr(kernel) == ""


def test_who_opens_documents_without_end_waits_for_the_next_one(kernel: Kernel, url: str) -> None:
    kernel.run(
        "limits.CLIENT_APP_OPEN_RATE, limits.CLIENT_APP_OPEN_BURST = 0.001, 5\n"
        "opened = []\n"
        "def counts(doc):\n"
        "    opened.append(doc)\n"
        "    doc.add_root(Div())\n"
        "share(counts)"
    )
    hostile = Hostile(url, "counts")
    for _ in range(5):
        hostile.connect()
        hostile.leave()
    with pytest.raises(ConnectionClosed) as error:
        hostile.connect()
    hostile.leave()
    assert error.value.rcvd is not None
    assert error.value.rcvd.code == 4003
    check_is_served(url)  # another app, and its documents are counted for themselves
    assert kernel.ask("len(opened)") == 5
    assert "visitor refused: app documents opened too often" in kernel.ask("lines")


@pytest.mark.parametrize(
    ("status", "headers"),
    [(400, {}), (426, {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "7"})],
)
def test_a_refused_websocket_is_answered_as_everything_else(
    kernel: Kernel, url: str, status: int, headers: dict[str, str]
) -> None:
    kernel.run("limits.IDLE_TIMEOUT = 600.0")  # which would close it as well
    parts = urlsplit(url)
    asked = {"Host": parts.netloc, **headers}
    lines = [
        f"GET {parts.path}gallery/socket HTTP/1.1",
        *(f"{name}: {value}" for name, value in asked.items()),
    ]
    with socket.create_connection((parts.hostname, parts.port), timeout=DEADLINE) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode())
        answer = b"".join(iter(lambda: connection.recv(65536), b"")).decode()  # to the end of the connection
    assert answer.startswith(f"HTTP/1.1 {status} ")
    assert "\r\nConnection: close\r\n" in answer
    assert "\r\nX-Content-Type-Options: nosniff\r\n" in answer
    assert "\r\nServer:" not in answer


def test_unused_documents_make_room_for_new_viewers(kernel: Kernel, url: str) -> None:
    kernel.run(
        "services = __import__('bokeh_share').share()._runner.app_server._services\n"
        "services.admission._get_max_documents = lambda: 3\n"
        "limits.APP_RECONNECT_TIMEOUT = 600.0\n"
        "def waits(doc):\n    gallery(doc)\n"
        "share(waits)"
    )
    left = [raw_viewer(url, "waits") for _ in range(3)]
    until(lambda: kernel.ask("sizes()")[0] == 3, what="the documents")
    protocols: Any = ["bokeh", token_for(url, "gallery")]
    with pytest.raises(Exception, match="503"):
        connect(f"{url.replace('http', 'ws', 1)}gallery/socket", subprotocols=protocols)
    for each in left:
        each.close()  # without a word, so that the documents wait for them
    lookers = (
        "sum(session.connection_count for server in"
        " __import__('bokeh_share').share()._runner.app_server._app_documents.values()"
        " for session in server.tornado.get_sessions('/'))"
    )
    until(lambda: kernel.ask(lookers) == 0, what="their going")
    raw_viewer(url, "gallery").close()  # while it waits for room
    check_is_served(url)
    check_is_served(url)
    assert read_stderr(kernel) == ""


def test_who_waits_for_room_when_all_are_sent_away_has_to_ask_again(kernel: Kernel, url: str) -> None:
    kernel.run(
        "server = __import__('bokeh_share').share()._runner.app_server\n"
        "admission = server._services.admission\n"
        "async def room(make_room=admission._make_room):\n"
        "    server.disconnect(4000, 'the link was replaced')\n"
        "    return await make_room()\n"
        "admission._make_room = room"
    )
    token = token_for(url, "gallery")
    protocols: Any = ["bokeh", token]
    with pytest.raises(Exception, match="503"):
        connect(f"{url.replace('http', 'ws', 1)}gallery/socket", subprotocols=protocols)
    kernel.run("del admission._make_room")
    check_is_served(url)


def test_a_forged_token_prints_nothing_into_the_authors_cell(kernel: Kernel, url: str) -> None:
    with unharmed(kernel, url):
        for token in ("x", "x.y", "e30.e30", "e30", "W10.x", "a" * 5000):
            address = f"{url.replace('http', 'ws', 1)}gallery/socket"
            with connect(address, subprotocols=["bokeh", token]) as connection:  # type: ignore[list-item]
                with pytest.raises(ConnectionClosed) as error:
                    connection.recv(timeout=DEADLINE)
                assert error.value.rcvd is not None
                assert error.value.rcvd.code == 1008


def test_a_token_for_one_app_opens_no_other(kernel: Kernel, url: str) -> None:
    with unharmed(kernel, url):
        protocols: Any = ["bokeh", token_for(url, "tiny")]
        address = f"{url.replace('http', 'ws', 1)}gallery/socket"
        with connect(address, subprotocols=protocols) as connection:
            with pytest.raises(ConnectionClosed) as error:
                connection.recv(timeout=DEADLINE)
        assert error.value.rcvd is not None
        assert error.value.rcvd.code == 1008


def test_an_authors_mistake_is_reported_once_whatever_a_viewer_makes_of_it(kernel: Kernel, url: str) -> None:
    kernel.run(
        "recorded = []\n"
        "logging.getLogger('bokeh_share.apps.failures').handlers = [type('Lines', (logging.Handler,), {\n"
        "    'emit': lambda self, record: recorded.append(record.getMessage())})()]\n"
        "def number(doc):\n"
        "    text = TextInput(name='text')\n"
        "    text.on_change('value', lambda attr, old, new: int(new))\n"
        "    doc.add_root(text)\n"
        "share(number)"
    )
    with watching_app(url, "number") as viewer:
        for word in range(50):
            viewer.change(viewer.find("text"), value=f"word {word}")
        viewer.wait(lambda: len(viewer.errors) == 50)
    assert kernel.ask("recorded") == ["app 'number' failed"]


def test_a_flood_of_messages_leaves_time_to_others(kernel: Kernel, url: str) -> None:
    kernel.run("limits.APP_MESSAGE_RATE, limits.APP_MESSAGE_BURST = 20, 20")
    with watching_app(url, "gallery") as viewer:
        for number in range(60):
            send(viewer, number, [], {})
        check_is_served(url)
        assert viewer.document.select_one({"type": Button})
        viewer.wait(lambda: '"59"' in viewer.last_reply, what="the last answer")


def test_messages_with_many_values_leave_time_for_the_author(
    kernel: Kernel, url: str, hostile: Hostile
) -> None:
    kernel.run(
        "import bokeh_share.apps.protocol.value_quota as quota\n"
        "quota.VALUE_QUOTA_TIMEOUT = 0.5\n"
        "share()._runner.app_server._services.value_quota._tokens = quota.TokenBucket(0, 40_000)"
    )
    hostile.connect()
    model = hostile.ids[-1]
    many = {"kind": "ModelChanged", "model": {"id": model}, "attr": "tags", "new": [1] * 30_000}
    try:
        assert hostile.patch(many) == "OK"
        assert hostile.patch(many) == "closed"
        assert hostile.closed is not None
        assert hostile.closed[0] == 1008
        check_is_served(url)
    finally:
        kernel.run("quota.VALUE_QUOTA_TIMEOUT = 10.0")
    message = "visitor refused: app messages with too many values in total"
    assert message in kernel.ask("lines")


def test_an_upload_of_a_file_arrives(kernel: Kernel, url: str) -> None:
    with watching_app(url, "gallery") as viewer:
        (file,) = [each for each in viewer.document.models if type(each).__name__ == "FileInput"]
        send(viewer, 1, [
            {"kind": "ModelChanged", "model": {"id": file.id}, "attr": name, "new": value}
            for name, value in (("value", "QUJD" * 1_000_000), ("filename", "a.txt"))
        ], {})  # fmt: skip
        viewer.wait(lambda: viewer.find("echo").text == "4000000 letters")
        assert not viewer.errors
