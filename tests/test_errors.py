from __future__ import annotations

import pickle

import pytest

from bokeh_share.apps.parameters.errors import BadParameter, BadValue, UnknownOption
from bokeh_share.errors import (
    BadOption,
    BokehShareError,
    CannotListen,
    CannotRun,
    CannotSerialize,
    CannotWrite,
    KernelDied,
    MissingExtra,
    NoNetwork,
    NotAModel,
    PlotTooLarge,
    PortInUse,
    UnknownName,
)


class Unprintable:
    def __repr__(self) -> str:
        raise ValueError


SENTENCES = [
    (
        PortInUse(5006, "10.0.0.7", "address already in use"),
        "port 5006 cannot be used at '10.0.0.7' (address already in use):"
        " give another with --port, or leave --port out",
    ),
    (
        PortInUse(5006, "10.0.0.7", "address already in use", last_port=5105),
        "none of the ports 5006 to 5105 can be used at '10.0.0.7' (address already in use):"
        " stop a program that uses one, or give another with --port",
    ),
    (
        CannotListen("10.0.0.7", "cannot assign requested address"),
        "cannot listen at '10.0.0.7' (cannot assign requested address):"
        " share again if the network just changed",
    ),
    (
        NoNetwork(),
        "this machine has no network: connect to one, or leave out --external and --address",
    ),
    (
        BadOption("--port", 70000, "a port is a number up to 65535"),
        "--port cannot be 70000: a port is a number up to 65535",
    ),
    (
        BadOption("max_viewers", "7" * 999, "give a whole number"),
        f"max_viewers cannot be '{'7' * 99}…: give a whole number",
    ),
    (
        BadOption("port", Unprintable(), "give a number"),
        "port cannot be an object of type 'Unprintable': give a number",
    ),
    (BadOption("port", 10**9999, "give a number"), "port cannot be an object of type 'int': give a number"),
    (BadValue("days", (10**9999,), "a number"), "days cannot be an object of type 'int': give a number"),
    (
        UnknownName("s" * 999),
        f"no variable '{'s' * 99}…: check its spelling, or run the cell that assigns it",
    ),
    (UnknownName("sale", "sales"), "no variable 'sale': did you mean 'sales'?"),
    (UnknownName("sale"), "no variable 'sale': check its spelling, or run the cell that assigns it"),
    (
        UnknownName("Margin", kind="plot", hint="on the page is 'Sales'"),
        "no plot 'Margin': on the page is 'Sales'",
    ),
    (
        NotAModel("p", "of type 'int'", "share a Bokeh figure"),
        "'p' is of type 'int': share a Bokeh figure",
    ),
    (NotAModel(None, "a function", "share it as an app"), "this is a function: share it as an app"),
    (
        CannotSerialize("'Region 0' in cell [14]", "column 'x'", "type 'range'", "use list(range(50))"),
        "cannot share 'Region 0' in cell [14]: Bokeh cannot serialize column 'x' (type 'range'):"
        " use list(range(50))",
    ),
    (
        PlotTooLarge("'sales'", 1_234_500_000, 200_000_000),
        "cannot share 'sales': it has 1,234.5 MB and the limit is 200.0 MB; show fewer rows or columns",
    ),
    (
        CannotRun("sale.ipynb", "does not exist", "check its spelling"),
        "cannot run 'sale.ipynb', which does not exist: check its spelling",
    ),
    (
        MissingExtra("nbformat"),
        "notebooks need the package 'nbformat', which is not installed: pip install \"bokeh_share[run]\"",
    ),
    (
        MissingExtra("trustme", "tls"),
        '--tls needs a certificate: pip install "bokeh_share[tls]", or give one with --certfile',
    ),
    (KernelDied("a.ipynb"), "the kernel of 'a.ipynb' died: run the command again"),
    (KernelDied("a.ipynb", "killed"), "the kernel of 'a.ipynb' died (killed): run the command again"),
    (
        BadParameter("trend", "days", "has no type and no default", "annotate it"),
        "'days' of trend() has no type and no default: annotate it",
    ),
    (BadValue("days", (), "a whole number"), "days is missing: give a whole number"),
    (BadValue("days", ("x",), "a whole number"), "days cannot be 'x': give a whole number"),
    (
        BadValue("region", ("Mars",), "one of 'North', 'South'", "North or South"),
        "'Mars' is no region: choose North or South",
    ),
    (
        BadValue("days", ("1", "2"), "a whole number"),
        "days cannot be '1', '2' at the same time: give a whole number",
    ),
    (
        BadValue("days", ("x" * 100_000,), "a whole number"),
        f"days cannot be '{'x' * 27}...{'x' * 28}': give a whole number",
    ),
    (
        UnknownOption.from_known_names("colour", ["red"], ["color", "days"]),
        "there is no option 'colour': did you mean 'color'?",
    ),
    (
        UnknownOption.from_known_names("q", [], ["color", "days"]),
        "there is no option 'q': choose from color, days",
    ),
    (UnknownOption.from_known_names("q", [], []), "there is no option 'q': there are none"),
]


@pytest.mark.parametrize(("error", "sentence"), SENTENCES, ids=lambda each: type(each).__name__)
def test_each_error_says_what_is_wrong_and_what_to_do(error: BokehShareError, sentence: str) -> None:
    assert str(error) == sentence
    with pytest.raises(BokehShareError):
        raise error


def test_a_message_has_a_limited_length() -> None:
    assert str(CannotWrite("x" * 100_000, "file name too long")) == f"cannot write '{'x' * 1986}…"


def test_an_error_keeps_what_it_knows_on_its_way_to_another_process() -> None:
    error = pickle.loads(pickle.dumps(PortInUse(5006, "10.0.0.7", "permission denied")))
    assert (error.port, error.address, error.reason) == (5006, "10.0.0.7", "permission denied")
