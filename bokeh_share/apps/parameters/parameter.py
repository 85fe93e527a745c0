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

from ..errors import BadValue
from .value_types import ValueType, value_type_of

REQUIRED: Any = inspect.Parameter.empty
"""The default of an option that has none."""
CONFIG = ConfigDict(
    allow_inf_nan=False,  # neither slider nor axis can show them; `Field(allow_inf_nan=True)` asks for them
    str_min_length=0,  # with any limit pydantic looks at the text, and refuses what has no UTF-8
)
TOLD = re.compile(
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
    kind: ValueType
    default: Any = REQUIRED
    _adapter: TypeAdapter[Any] = field(kw_only=True, repr=False, compare=False)

    @classmethod
    def of(cls, name: str, annotation: Any, default: Any = REQUIRED) -> Parameter:
        """Raises `ValueError` for an annotation that no option can have, `BadValue` for the default."""
        try:
            kind = value_type_of(annotation)
            bare = cls(name, annotation, kind, _adapter=TypeAdapter(annotation, config=CONFIG))
            return bare if default is REQUIRED else bare._with(default)
        except (PydanticUserError, SchemaError, TypeError, OverflowError) as error:
            first = str(error).partition("\n")[0]
            raise ValueError(f"is annotated with what pydantic refuses ({first})") from None

    def _with(self, default: Any) -> Parameter:
        default = self.check(default)
        written = self.written(default)
        try:
            is_stable = self.written(self.read(written)) == written
        except BadValue:
            is_stable = False
        if not is_stable:
            raise ValueError(f"does not take {' '.join(written)!r} for its default, which it writes so")
        return replace(self, default=default)

    @property
    def is_required(self) -> bool:
        return self.default is REQUIRED

    @property
    def title(self) -> str:
        """What it is called in a page."""
        return self.kind.title or self.name.replace("_", " ").strip() or self.name

    def check(self, value: Any) -> Any:
        """A value of the author's or a widget's, as pydantic converts it."""
        value = self._or_none(value)
        if value is None and not self.kind.is_optional:
            raise BadValue(self.name, (), self.kind.words)
        if self.kind.of in (date, datetime):
            for each in value if isinstance(value, list) else [value]:
                self._check_date(each)
        try:
            return self._or_none(self._adapter.validate_python(value))
        except ValidationError as error:
            first = error.errors(include_url=False, include_context=False)[0]
            allowed = self.kind.words
            if not TOLD.match(first["type"]):
                allowed += f" ({first['msg'][0].lower()}{first['msg'][1:]})"
            raise BadValue(self.name, (first["input"],), allowed) from None

    def read(self, texts: Sequence[str]) -> Any:
        """What is written in an address, a command line or an input field: each value in a text."""
        if self.kind.is_list:
            return self.check([self._meant(text) for text in texts])
        if len(texts) != 1:
            raise BadValue(self.name, tuple(texts), self.kind.words)
        return self.check(self._meant(texts[0]))

    def written(self, value: Any) -> list[str]:
        """The counterpart to `read`, for a value that is valid."""
        if self.kind.is_list:
            return [self._text(each) for each in value or ()]
        return [self._text(value)]

    def is_default(self, value: Any) -> bool:
        """By how it is written, since 1 == True, and nan != nan."""
        return not self.is_required and self.written(value) == self.written(self.default)

    def fresh_default(self) -> Any:
        """The default, which the function may change without changing it for others."""
        if self.is_required:
            raise BadValue(self.name, (), self.kind.words)
        return copy.copy(self.default)

    def describe(self) -> str:
        """A line of help: what may be given, and what is taken otherwise."""
        text = f"{self.kind.help}: {self.kind.words}" if self.kind.help else self.kind.words
        if self.is_required:
            return text
        default = " ".join(map(self.kind.told, self.written(self.default)))
        return f"{text}; {default or 'nothing'} unless given"

    def _or_none(self, value: Any) -> Any:
        is_empty = isinstance(value, str | list) and not value
        return None if is_empty and self.kind.is_optional else value

    def _meant(self, text: str) -> Any:
        """The choice that is written so; other texts are pydantic's to convert. Only text has its spaces."""
        choices = self.kind.choices
        if self.kind.of is str or text in choices:
            return choices.get(text, text)
        return choices.get(text.strip(), text.strip())

    def _check_date(self, value: Any) -> None:
        """Refuse what pydantic would take for seconds since 1970: `2026` is a year to people."""
        is_seconds = isinstance(value, int | float) or (isinstance(value, str) and "-" not in value[1:])
        if is_seconds:
            raise BadValue(self.name, (value,), self.kind.words)

    def _text(self, value: Any) -> str:
        for text, each in self.kind.choices.items():
            if type(each) is type(value) and each == value:
                return text
        if isinstance(value, datetime) and (value.utcoffset() or timedelta()) % timedelta(minutes=1):
            value = value.astimezone(UTC)  # pydantic reads no offsets with seconds, as old local times have
        plain = to_jsonable_python(value)
        return plain if isinstance(plain, str) else "" if plain is None else json.dumps(plain)
