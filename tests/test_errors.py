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
    KernelDied,
    MissingExtra,
    NoNetwork,
    NotAModel,
    PlotTooLarge,
    PortInUse,
    UnknownName,
)

SENTENCES = [
    (
        PortInUse(5006, "10.0.0.7", "address already in use"),
        "port 5006 cannot be used at '10.0.0.7' (address already in use):"
        " name another with --port, or leave it out",
    ),
    (
        PortInUse(5006, "10.0.0.7", "address already in use", last_port=5105),
        "none of the ports 5006 to 5105 can be used at '10.0.0.7' (address already in use):"
        " stop a program that has one, or name another with --port",
    ),
    (
        CannotListen("10.0.0.7", "cannot assign requested address"),
        "cannot listen at '10.0.0.7' (cannot assign requested address):"
        " share again if the network just changed",
    ),
    (NoNetwork(), "no network but loopback: connect to one, or share with --local"),
    (
        BadOption("--port", 70000, "a port is a number up to 65535"),
        "--port cannot be 70000: a port is a number up to 65535",
    ),
    (UnknownName("sale", "sales"), "nothing is named 'sale': did you mean 'sales'?"),
    (UnknownName("sale"), "nothing is named 'sale': see its spelling, or run the cell that makes it"),
    (
        NotAModel("p", [1, 2]),
        "'p' is of type 'list', not a Bokeh model: share a figure, layout, widget or table",
    ),
    (
        NotAModel(None, pytest.mark),
        "this value is of type '_pytest.mark.structures.MarkGenerator', not a Bokeh model:"
        " share a figure, layout, widget or table",
    ),
    (
        CannotSerialize("sales", "title", "can't serialize <class 'object'>"),
        "cannot share 'sales': change its property 'title', which Bokeh cannot serialise"
        " (can't serialize <class 'object'>)",
    ),
    (
        CannotSerialize("sales", None, "too deep"),
        "cannot share 'sales': change it, which Bokeh cannot serialise (too deep)",
    ),
    (
        PlotTooLarge("sales", 1_234_500_000, 200_000_000),
        "cannot share 'sales': show fewer rows or columns, as it is 1,234.5 MB and the limit is 200.0 MB",
    ),
    (
        CannotRun("sale.ipynb", "does not exist", "see its spelling"),
        "cannot run 'sale.ipynb', which does not exist: see its spelling",
    ),
    (
        MissingExtra("nbformat"),
        "a notebook is run with 'nbformat', which is missing: pip install 'bokeh_share[run]'",
    ),
    (KernelDied("a.ipynb"), "the kernel of 'a.ipynb' died: start again"),
    (KernelDied("a.ipynb", "killed"), "the kernel of 'a.ipynb' died (killed): start again"),
    (
        BadParameter("trend", "days", "has neither a type nor a default", "annotate it"),
        "'days' of trend() has neither a type nor a default: annotate it",
    ),
    (BadValue("days", (), "a whole number"), "days is missing: give a whole number"),
    (BadValue("days", ("x",), "a whole number"), "days cannot be 'x': give a whole number"),
    (
        BadValue("days", ("1", "2"), "a whole number"),
        "days cannot be '1', '2' at once: give a whole number",
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
        "there is no option 'q': what there is: color, days",
    ),
    (UnknownOption.from_known_names("q", [], []), "there is no option 'q': there are none"),
]


@pytest.mark.parametrize(("error", "sentence"), SENTENCES, ids=lambda each: type(each).__name__)
def test_each_error_says_what_is_wrong_and_what_to_do(error: BokehShareError, sentence: str) -> None:
    assert str(error) == sentence
    with pytest.raises(BokehShareError):
        raise error


def test_an_error_keeps_what_it_knows_on_its_way_to_another_process() -> None:
    error = pickle.loads(pickle.dumps(PortInUse(5006, "10.0.0.7", "permission denied")))
    assert (error.port, error.address, error.reason) == (5006, "10.0.0.7", "permission denied")
