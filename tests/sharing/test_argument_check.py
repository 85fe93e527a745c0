"""An argument of a wrong type is refused, with the value and an example."""

from __future__ import annotations

from typing import Any

import pytest

from bokeh_share.errors import BadOption
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
