"""One option of a shared function: its values, how they are written, and what is wrong with others."""

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
"""The default of an option that has none."""
PYDANTIC_CONFIG = ConfigDict(
    allow_inf_nan=False,  # neither slider nor axis can show them; `Field(allow_inf_nan=True)` asks for them
    str_min_length=0,  # with any limit pydantic looks at the text, and refuses what has no UTF-8
)
EXPLAINED_ERRORS = re.compile(
    "(int|float|bool|date|datetime)_|(greater|less)_than|finite_number|multiple_of"
    "|list_type|string_(type|unicode)|literal_error|enum"
)
"""Those errors of pydantic's that the words for what is allowed explain; others have reasons of their own."""


@dataclass(frozen=True)
class Parameter:
    """One option. Its methods raise `BadValue` for what it cannot be.

    For an optional one an empty text, or list, is None: no address and no input field tells them apart.
    """

    name: str
    annotation: Any
    value_type: ValueType
    default: Any = REQUIRED
    _adapter: TypeAdapter[Any] = field(kw_only=True, repr=False, compare=False)

    @classmethod
    def from_annotation(cls, name: str, annotation: Any, default: Any = REQUIRED) -> Parameter:
        """Raises `ValueError` for an annotation that no option can have, `BadValue` for the default."""
        try:
            value_type = build_value_type(annotation)
            parameter = cls(
                name, annotation, value_type, _adapter=TypeAdapter(annotation, config=PYDANTIC_CONFIG)
            )
            return parameter if default is REQUIRED else parameter._replace_default(default)
        except (PydanticUserError, SchemaError, TypeError, OverflowError) as error:
            first_line = str(error).partition("\n")[0]
            raise ValueError(f"is annotated with what pydantic refuses ({first_line})") from None

    def _replace_default(self, default: Any) -> Parameter:
        default = self.check(default)
        texts = self.to_texts(default)
        try:
            is_stable = self.to_texts(self.parse(texts)) == texts
        except BadValue:
            is_stable = False
        if not is_stable:
            raise ValueError(f"does not take {' '.join(texts)!r} for its default, which it writes so")
        return replace(self, default=default)

    @property
    def is_required(self) -> bool:
        return self.default is REQUIRED

    @property
    def title(self) -> str:
        """What it is called in a page."""
        return self.value_type.title or self.name.replace("_", " ").strip() or self.name

    def check(self, value: Any) -> Any:
        """A value of the author's or a widget's, as pydantic converts it."""
        value = self._normalize_empty(value)
        if value is None and not self.value_type.is_optional:
            raise BadValue(self.name, (), self.value_type.description)
        if self.value_type.element_type in (date, datetime):
            for each in value if isinstance(value, list) else [value]:
                self._check_date(each)
        try:
            return self._normalize_empty(self._adapter.validate_python(value))
        except ValidationError as error:
            first_error = error.errors(include_url=False, include_context=False)[0]
            allowed = self.value_type.description
            if not EXPLAINED_ERRORS.match(first_error["type"]):
                allowed += f" ({first_error['msg'][0].lower()}{first_error['msg'][1:]})"
            raise BadValue(self.name, (first_error["input"],), allowed) from None

    def parse(self, texts: Sequence[str]) -> Any:
        """What is written in an address, a command line or an input field: each value in a text."""
        if self.value_type.is_list:
            return self.check([self._parse_text(text) for text in texts])
        if len(texts) != 1:
            raise BadValue(self.name, tuple(texts), self.value_type.description)
        return self.check(self._parse_text(texts[0]))

    def to_texts(self, value: Any) -> list[str]:
        """The counterpart to `parse`, for a value that is valid."""
        if self.value_type.is_list:
            return [self._to_text(each) for each in value or ()]
        return [self._to_text(value)]

    def is_default(self, value: Any) -> bool:
        """By how it is written, since 1 == True, and nan != nan."""
        return not self.is_required and self.to_texts(value) == self.to_texts(self.default)

    def copy_default(self) -> Any:
        """The default, which the function may change without changing it for others."""
        if self.is_required:
            raise BadValue(self.name, (), self.value_type.description)
        return copy.copy(self.default)

    def describe(self) -> str:
        """A line of help: what may be given, and what is taken otherwise."""
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

    def _parse_text(self, text: str) -> Any:
        """The choice that is written so; other texts are pydantic's to convert. Only text has its spaces."""
        choices = self.value_type.choices
        if self.value_type.element_type is str or text in choices:
            return choices.get(text, text)
        return choices.get(text.strip(), text.strip())

    def _check_date(self, value: Any) -> None:
        """Refuse what pydantic would take for seconds since 1970: `2026` is a year to people."""
        is_seconds = isinstance(value, int | float) or (isinstance(value, str) and "-" not in value[1:])
        if is_seconds:
            raise BadValue(self.name, (value,), self.value_type.description)

    def _to_text(self, value: Any) -> str:
        for text, each in self.value_type.choices.items():
            if type(each) is type(value) and each == value:
                return text
        if isinstance(value, datetime) and (value.utcoffset() or timedelta()) % timedelta(minutes=1):
            value = value.astimezone(UTC)  # pydantic reads no offsets with seconds, as old local times have
        json_value = to_jsonable_python(value)
        return (
            json_value
            if isinstance(json_value, str)
            else ""
            if json_value is None
            else json.dumps(json_value)
        )
