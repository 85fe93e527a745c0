"""Replaces a formatter of IPython's for objects of a class, by the class's name, and puts it back."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from IPython.core.formatters import MimeBundleFormatter

Formatter: TypeAlias = Callable[[Any], Any]


def replace_formatter(
    formatter: MimeBundleFormatter,
    type_name: tuple[str, str],
    format_value: Callable[[Any, Formatter | None], Any],
) -> Callable[[], None]:
    """Format objects of the class in this module by `format_value`; returns a function that undoes this.

    `format_value` is called with the object, and the formatter that somebody else registered for its class.
    The class need not be imported yet.
    """
    name = ".".join(type_name)
    previous_formatter = formatter.for_type_by_name(*type_name)
    formatter.pop(name, None)  # or it would go before ours where the class is known already

    def format_by_ours(value: Any) -> Any:
        __tracebackhide__ = True  # what goes wrong in here is not ours
        return format_value(value, previous_formatter)

    formatter.for_type_by_name(*type_name, format_by_ours)

    def restore_formatter() -> None:
        if formatter.for_type_by_name(*type_name) is format_by_ours:
            formatter.pop(name)
            if previous_formatter is not None:
                formatter.for_type_by_name(*type_name, previous_formatter)

    return restore_formatter
