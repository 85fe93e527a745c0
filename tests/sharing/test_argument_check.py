"""An argument of a wrong type is refused, with the value and an example."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bokeh_share.errors import BadOption, BokehShareError
from bokeh_share.sharing.argument_check import BOOLEAN_ARGUMENTS, check_arguments


@pytest.mark.parametrize("name", sorted(BOOLEAN_ARGUMENTS))
@pytest.mark.parametrize("value", ["yes", "no", "", 0, 1])
def test_a_text_or_number_is_not_true_or_false(name: str, value: Any) -> None:
    with pytest.raises(BadOption) as error:
        check_arguments({name: value})
    assert str(error.value) == f"{name} cannot be {value!r}: give True or False"


@pytest.mark.parametrize("value", [True, False, None])
def test_true_false_and_nothing_are_allowed(value: bool | None) -> None:
    check_arguments(dict.fromkeys(BOOLEAN_ARGUMENTS, value))


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("name", 3, "name cannot be 3: give a text, such as name='sales'"),
        ("name", "", "name cannot be '': give a text that is not empty, such as name='sales'"),
        ("name", " ", "name cannot be ' ': give a text that is not empty, such as name='sales'"),
        ("title", 5, "title cannot be 5: give a text, such as title='Sales overview'"),
        ("caption", 3, "caption cannot be 3: give a text, such as caption='in thousands'"),
        ("address", 7, "address cannot be 7: give a text, such as address='eth0'"),
        ("public_url", b"x", "public_url cannot be b'x': give a text, such as"
         " public_url='https://example.com:5006'"),
        ("certfile", 1, "certfile cannot be 1: give the path of a file, such as certfile='cert.pem'"),
        ("keyfile", True, "keyfile cannot be True: give the path of a file, such as keyfile='key.pem'"),
        ("password", 90210, "password cannot be of type 'int': give a text, or True to be asked for it"),
    ],
)  # fmt: skip
def test_a_value_that_is_no_text_is_refused(name: str, value: Any, expected: str) -> None:
    with pytest.raises(BokehShareError) as error:
        check_arguments({name: value})
    assert str(error.value) == expected


@pytest.mark.parametrize(
    ("name", "value"),
    [("name", "sales"), ("title", ""), ("certfile", Path("c.pem")), ("keyfile", "k.pem"),
     ("password", "word"), ("password", False), ("port", 5006)],
)  # fmt: skip
def test_a_value_of_the_right_type_is_allowed(name: str, value: Any) -> None:
    check_arguments({name: value})
