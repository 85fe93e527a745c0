"""The type of an option's values: from the parameter's annotation to its description in words.

Pydantic converts and checks values. This module has only what widgets and people need before that.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NewType, Union, get_args, get_origin

from annotated_types import Ge, GroupedMetadata, Gt, Le, Lt, MultipleOf
from pydantic.fields import FieldInfo

from ...text import format_words
from .errors import shorten_repr

TYPE_NAMES: dict[type, tuple[str, str]] = {
    bool: ("yes or no", "yes or no, each"),
    int: ("a whole number", "whole numbers"),
    float: ("a number", "numbers"),
    str: ("text", "texts"),
    date: ("a date", "dates"),
    datetime: ("a date and time", "dates and times"),
}
"""Names of one value, and of several, of a type."""
DATE_EXAMPLES = {date: "2026-01-31", datetime: "2026-01-31 14:30"}
ONE_DAY = timedelta(days=1)
MAX_LISTED_CHOICES = 12
"""Maximum number of choices listed in a sentence."""
PLAIN_TEXT = re.compile(r"[\w.+-]+")
"""Texts that need no quotes in a sentence."""


@dataclass(frozen=True)
class Bounds:
    """The bounds of a value; None means no bound."""

    low: Any = None
    high: Any = None
    low_excluded: bool = False
    high_excluded: bool = False
    step: Any = None
    """The value is a multiple of this."""

    def tighten_low(self, low: Any, *, excluded: bool) -> Bounds:
        """Raise the lower bound to `low` if that is tighter."""
        if self.low is not None and (low, excluded) <= (self.low, self.low_excluded):
            return self
        return replace(self, low=low, low_excluded=excluded)

    def tighten_high(self, high: Any, *, excluded: bool) -> Bounds:
        if self.high is not None and (high, not excluded) >= (self.high, not self.high_excluded):
            return self
        return replace(self, high=high, high_excluded=excluded)

    def make_inclusive(self, element_type: type) -> Bounds:
        """Replace excluded bounds by included ones for types with a next value: integers and dates."""
        if element_type is date:
            low = self.low + ONE_DAY if self.low_excluded else self.low
            return Bounds(low, self.high - ONE_DAY if self.high_excluded else self.high)
        if element_type is not int:
            return self
        low, high = self.low, self.high
        if low is not None:
            low = math.floor(low) + 1 if self.low_excluded else math.ceil(low)
        if high is not None:
            high = math.ceil(high) - 1 if self.high_excluded else math.floor(high)
        return Bounds(low, high, step=self.step)

    @property
    def description(self) -> str:
        """Words to append to the name of the type; empty without bounds."""
        low, high = self.low, self.high
        if low is not None and high is not None and not self.low_excluded and not self.high_excluded:
            text = f" from {low} to {high}"
        else:
            text = ", " + " and ".join(self._format_ends()) if self != Bounds(step=self.step) else ""
        return text if self.step is None else f"{text}, a multiple of {self.step}"

    def _format_ends(self) -> Iterator[str]:
        is_date = isinstance(self.low if self.high is None else self.high, date)
        if self.low is not None:
            words = ("not before", "after") if is_date else ("at least", "more than")
            yield f"{words[self.low_excluded]} {self.low}"
        if self.high is not None:
            words = ("not after", "before") if is_date else ("at most", "less than")
            yield f"{words[self.high_excluded]} {self.high}"


@dataclass(frozen=True)
class ValueType:
    """The type of an option's values."""

    element_type: type | None
    """One of `TYPE_NAMES`: the type of the value, or of each in a list; None if there are only `choices`."""
    choices: Mapping[str, Any] = field(default_factory=dict)
    """All allowed values by their texts, if they are enumerated; also for `bool`."""
    bounds: Bounds = Bounds()
    is_list: bool = False
    is_optional: bool = False
    """True if it may be None, which is written as an empty text."""
    title: str | None = None
    help: str | None = None

    @property
    def description(self) -> str:
        """The allowed values, such as `a whole number from 1 to 365`."""
        if self.element_type is None:
            text = ("any of " if self.is_list else "one of ") + self._format_choices()
        else:
            example = (
                f" such as {DATE_EXAMPLES[self.element_type]}" if self.element_type in DATE_EXAMPLES else ""
            )
            text = TYPE_NAMES[self.element_type][self.is_list] + (self.bounds.description or example)
        return f"{text}, or nothing" if self.is_optional else text

    @property
    def choices_text(self) -> str:
        """The choices, such as `North or South`; empty for a list, and if the values are not enumerated."""
        if self.element_type is not None or self.is_list:
            return ""
        texts = [text if PLAIN_TEXT.fullmatch(text) else repr(text) for text in self.choices]
        if len(texts) > MAX_LISTED_CHOICES:
            return f"{', '.join(texts[: MAX_LISTED_CHOICES - 1])} … {texts[-1]} ({len(texts)} in all)"
        texts += ["nothing"] if self.is_optional else []
        return format_words(texts, "or")

    def format_value(self, text: str) -> str:
        """Format the text of a value for a person."""
        if text == "" and self.is_optional:
            return "nothing"
        value = _unwrap_enum(self.choices.get(text, text))
        if self.element_type is bool:
            return "yes" if value else "no"
        is_text = (
            not isinstance(value, int | float) if self.element_type is None else self.element_type is str
        )
        return repr(text) if is_text else text

    def _format_choices(self) -> str:
        texts = [self.format_value(text) for text in self.choices]
        if len(texts) > MAX_LISTED_CHOICES:
            return f"{', '.join(texts[: MAX_LISTED_CHOICES - 1])} … {texts[-1]} ({len(texts)} in all)"
        return ", ".join(texts)


def build_value_type(annotation: Any) -> ValueType:
    """Read the type from an annotation. Raises `ValueError` with a description of an unsupported one."""
    annotation, metadata, is_optional = _unwrap_annotation(annotation)
    if get_origin(annotation) is list and get_args(annotation):
        value_type = build_value_type(*get_args(annotation))
        if value_type.is_list or value_type.is_optional:
            unsupported = "lists" if value_type.is_list else "optional values"
            raise ValueError(f"is a list of {unsupported}, which cannot be an option")
        value_type = replace(value_type, is_list=True)
    elif get_origin(annotation) is Literal:
        values = get_args(annotation)
        is_optional = is_optional or None in values
        value_type = ValueType(None, _build_choices(value for value in values if value is not None))
    elif isinstance(annotation, type) and issubclass(annotation, Enum):
        value_type = ValueType(None, _build_choices(annotation))
    elif annotation is bool:
        value_type = ValueType(bool, _build_choices((True, False)))
    elif isinstance(annotation, type) and annotation in TYPE_NAMES:
        value_type = ValueType(annotation, bounds=_build_bounds(annotation, metadata))
    else:
        raise ValueError(f"is of type {_format_annotation(annotation)!r}, which cannot be an option")
    if is_optional and "" in value_type.choices and not value_type.is_list:
        raise ValueError("can be None and an empty text, which look the same in an address")
    title, help_text = _find_title_and_help(metadata)
    return replace(
        value_type,
        is_optional=is_optional,
        title=title or value_type.title,
        help=help_text or value_type.help,
    )


def _unwrap_annotation(annotation: Any) -> tuple[Any, list[Any], bool]:
    """Return the inner type, all metadata around it, and True if it may be None."""
    metadata: list[Any] = []
    is_optional = False
    while True:
        origin = get_origin(annotation)
        if origin is Annotated:
            metadata = [*_flatten_metadata(annotation.__metadata__), *metadata]
            annotation = annotation.__origin__
        elif origin is Union or origin is UnionType:
            others = [each for each in get_args(annotation) if each is not NoneType]
            if len(others) != 1:
                return annotation, metadata, is_optional
            annotation, is_optional = others[0], True
        elif isinstance(annotation, NewType):
            annotation = annotation.__supertype__
        elif hasattr(annotation, "__value__"):  # of a `type` statement
            annotation = annotation.__value__
        else:
            return annotation, metadata, is_optional


def _flatten_metadata(metadata: Iterable[Any]) -> Iterator[Any]:
    """Iterate over the metadata, and the parts of groups such as `Interval` and pydantic's `Field`."""
    for each in metadata:
        yield each
        if isinstance(each, FieldInfo):
            yield from _flatten_metadata(each.metadata)
        elif isinstance(each, GroupedMetadata):
            yield from _flatten_metadata(each)


def _build_bounds(element_type: type, metadata: Iterable[Any]) -> Bounds:
    bounds = Bounds()
    for each in metadata:
        match each:
            case Ge(ge=low) if _is_finite_bound(low):
                bounds = bounds.tighten_low(low, excluded=False)
            case Gt(gt=low) if _is_finite_bound(low):
                bounds = bounds.tighten_low(low, excluded=True)
            case Le(le=high) if _is_finite_bound(high):
                bounds = bounds.tighten_high(high, excluded=False)
            case Lt(lt=high) if _is_finite_bound(high):
                bounds = bounds.tighten_high(high, excluded=True)
            case MultipleOf(multiple_of=step):
                bounds = replace(bounds, step=step)
    return bounds.make_inclusive(element_type)


def _is_finite_bound(value: Any) -> bool:
    return not isinstance(value, float) or math.isfinite(value)


def _find_title_and_help(metadata: Iterable[Any]) -> tuple[str | None, str | None]:
    """Return the title and help of an annotation, from pydantic's `Field` or PEP 727's `Doc`."""
    title = help_text = None
    for each in metadata:
        if isinstance(each, FieldInfo):
            title, help_text = each.title or title, each.description or help_text
        else:
            help_text = getattr(each, "documentation", None) or help_text
    return title, help_text


def _build_choices(values: Iterable[Any]) -> dict[str, Any]:
    """Return the choices by their texts: the value if that is a plain one, else the name."""
    choices: dict[str, Any] = {}
    for value in values:
        raw_value = _unwrap_enum(value)
        if isinstance(raw_value, bool):
            text = str(raw_value).lower()
        elif isinstance(raw_value, str | int | float):
            text = str(raw_value)
        elif isinstance(value, Enum):
            text = value.name
        else:
            raise ValueError(f"can be {shorten_repr(value)}, which cannot be the value of an option")
        if text in choices:
            raise ValueError(f"has two choices with the same text {text!r}")
        choices[text] = value
    if not choices:
        raise ValueError("has no choices")
    return choices


def _unwrap_enum(value: Any) -> Any:
    return value.value if isinstance(value, Enum) else value


def _format_annotation(annotation: Any) -> str:
    return annotation.__qualname__ if isinstance(annotation, type) else str(annotation)
