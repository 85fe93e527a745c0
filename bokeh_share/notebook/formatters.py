"""Replaces an IPython formatter for objects of a class, found by the class's name, and restores it."""

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
    """Format objects of this class by `format_value`. Return a function that undoes this.

    `format_value` is called with the object, and with another package's formatter for its class. The class
    need not be imported yet.
    """
    name = ".".join(type_name)
    previous_formatter = formatter.for_type_by_name(*type_name)
    formatter.pop(name, None)  # otherwise IPython would prefer it if the class is imported already

    def format_by_ours(value: Any) -> Any:
        __tracebackhide__ = True  # errors in here come from the displayed object
        return format_value(value, previous_formatter)

    formatter.for_type_by_name(*type_name, format_by_ours)

    def restore_formatter() -> None:
        if formatter.for_type_by_name(*type_name) is format_by_ours:
            formatter.pop(name)
            if previous_formatter is not None:
                formatter.for_type_by_name(*type_name, previous_formatter)

    return restore_formatter
