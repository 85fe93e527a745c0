"""One option of a shared function: checks, parses and formats its values."""

from __future__ import annotations

import copy
import inspect
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from pydantic import ConfigDict, PydanticUserError, TypeAdapter, ValidationError
from pydantic_core import SchemaError, to_jsonable_python

from .errors import BadValue
from .value_types import ValueType, build_value_type

REQUIRED: Any = inspect.Parameter.empty
"""Marks an option without default."""
PYDANTIC_CONFIG = ConfigDict(
    allow_inf_nan=False,  # sliders and axes cannot show them; `Field(allow_inf_nan=True)` allows them
    str_min_length=0,  # a limit makes pydantic check the text, and reject it if it has no UTF-8
)
EXPLAINED_ERRORS = re.compile(
    "(int|float|bool|date|datetime)_|(greater|less)_than|finite_number|multiple_of"
    "|list_type|string_(type|unicode)|literal_error|enum"
)
"""Pydantic's errors that the description of allowed values explains; others show their own reason."""


@dataclass(frozen=True)
class Parameter:
    """One option. Its methods raise `BadValue` for invalid values.

    For an optional one an empty text or list means None, since addresses and input fields cannot distinguish
    them.
    """

    name: str
    annotation: Any
    value_type: ValueType
    default: Any = REQUIRED
    _adapter: TypeAdapter[Any] = field(kw_only=True, repr=False, compare=False)

    @classmethod
    def from_annotation(cls, name: str, annotation: Any, default: Any = REQUIRED) -> Parameter:
        """Build an option from an annotation. Raises `ValueError` for an unsupported annotation, `BadValue`
        for an invalid default."""
        try:
            value_type = build_value_type(annotation)
            parameter = cls(
                name, annotation, value_type, _adapter=TypeAdapter(annotation, config=PYDANTIC_CONFIG)
            )
            return parameter if default is REQUIRED else parameter._replace_default(default)
        except (PydanticUserError, SchemaError, TypeError, OverflowError) as error:
            first_line = str(error).partition("\n")[0]
            raise ValueError(f"has an annotation that pydantic does not accept ({first_line})") from None

    def _replace_default(self, default: Any) -> Parameter:
        default = self.check(default)
        texts = self.to_texts(default)
        try:
            is_stable = self.to_texts(self.parse(texts)) == texts
        except BadValue:
            is_stable = False
        if not is_stable:
            written = " ".join(texts)
            raise ValueError(
                f"has a default that is written as {written!r}, which is not read as the default"
            )
        return replace(self, default=default)

    @property
    def is_required(self) -> bool:
        return self.default is REQUIRED

    @property
    def title(self) -> str:
        """Its title on the page."""
        return self.value_type.title or self.name.replace("_", " ").strip() or self.name

    def check(self, value: Any) -> Any:
        """Check a value of the author or a widget; return it as converted by pydantic."""
        value = self._normalize_empty(value)
        if value is None and not self.value_type.is_optional:
            raise BadValue(self.name, (), self.value_type.description)
        if self.value_type.element_type in (date, datetime):
            for each in value if isinstance(value, list) else [value]:
                if _is_seconds(each):
                    raise BadValue(self.name, (each,), self.value_type.description)
        try:
            return self._normalize_empty(self._adapter.validate_python(value))
        except ValidationError as error:
            first_error = error.errors(include_url=False, include_context=False)[0]
            allowed = self.value_type.description
            if not EXPLAINED_ERRORS.match(first_error["type"]):
                allowed += f" ({first_error['msg'][0].lower()}{first_error['msg'][1:]})"
            raise BadValue(
                self.name, (first_error["input"],), allowed, self.value_type.choices_text
            ) from None

    def parse(self, texts: Sequence[str]) -> Any:
        """Parse the texts of an address, a command line or an input field, one for each value."""
        if self.value_type.is_list:
            return self.check([_parse_text(self.value_type, text) for text in texts])
        if len(texts) != 1:
            raise BadValue(self.name, tuple(texts), self.value_type.description)
        return self.check(_parse_text(self.value_type, texts[0]))

    def to_texts(self, value: Any) -> list[str]:
        """Format a valid value; the counterpart to `parse`."""
        if self.value_type.is_list:
            return [_to_text(self.value_type, each) for each in value or ()]
        return [_to_text(self.value_type, value)]

    def is_default(self, value: Any) -> bool:
        """Return True if the value has the same text as the default, since 1 == True, and nan != nan."""
        return not self.is_required and self.to_texts(value) == self.to_texts(self.default)

    def copy_default(self) -> Any:
        """Copy the default, so that the function may change it without changing it for others."""
        if self.is_required:
            raise BadValue(self.name, (), self.value_type.description)
        return copy.copy(self.default)

    def describe(self) -> str:
        """Return a line of help: the allowed values, and the default."""
        text = (
            f"{self.value_type.help}: {self.value_type.description}"
            if self.value_type.help
            else self.value_type.description
        )
        if self.is_required:
            return text
        default = " ".join(map(self.value_type.format_value, self.to_texts(self.default)))
        return f"{text}; {default or 'nothing'} unless given"

    def _normalize_empty(self, value: Any) -> Any:
        is_empty = isinstance(value, str | list) and not value
        return None if is_empty and self.value_type.is_optional else value


def _parse_text(value_type: ValueType, text: str) -> Any:
    """Return the choice with this text, or the text for pydantic to convert. Only `str` keeps spaces."""
    choices = value_type.choices
    if value_type.element_type is str or text in choices:
        return choices.get(text, text)
    return choices.get(text.strip(), text.strip())


def _to_text(value_type: ValueType, value: Any) -> str:
    for text, each in value_type.choices.items():
        if type(each) is type(value) and each == value:
            return text
    if isinstance(value, datetime) and (value.utcoffset() or timedelta()) % timedelta(minutes=1):
        value = value.astimezone(UTC)  # pydantic rejects offsets with seconds, which old local times have
    json_value = to_jsonable_python(value)
    return json_value if isinstance(json_value, str) else "" if json_value is None else json.dumps(json_value)


def _is_seconds(value: Any) -> bool:
    """Return True for numbers that pydantic would read as seconds since 1970: people mean `2026` as a
    year."""
    return isinstance(value, int | float) or (isinstance(value, str) and "-" not in value[1:])
