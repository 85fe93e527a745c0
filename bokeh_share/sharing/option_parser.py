"""A parser of command lines that suggests a correction for a wrong one."""

from __future__ import annotations

import argparse
import difflib
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType
from typing import Any, NoReturn

from ..text import MAX_VALUE_LENGTH, shorten, shorten_value
from .option_values import strip_quotes

SINGLE_DASH_PATTERN = re.compile(r"-([A-Za-z][\w-]+)(=.*)?", re.DOTALL)
"""A word such as `-port`, which argparse reads as `-p ort`."""
SURE_FLAG_MATCH = 0.8
"""Minimum similarity, as in `difflib`, of a word that is a flag rather than another word."""
HIDDEN_PREFIX = "-\0"
"""Prefix of a word that argparse must not read, since no option and no command line has it."""
PASSWORD_ADVICE = "--password takes no value, as it asks for the password: delete the text after it"


class FreeTextAction(argparse.Action):
    """Stores a text that may have spaces, so that quotes are suggested for it."""

    takes_free_text = True

    def __call__(self, parser: Any, namespace: Any, values: Any, option_string: str | None = None) -> None:
        setattr(namespace, self.dest, values)


class OptionParser(argparse.ArgumentParser):
    """Parses options like argparse; its errors name the option, and the text to write instead.

    Quotes are suggested only for options whose action has a true `takes_free_text`.
    """

    def __init__(
        self,
        *,
        is_script: Callable[[str], bool] = lambda word: False,
        front_hints: Mapping[str, str] = MappingProxyType({}),
        **options: Any,
    ) -> None:
        """`is_script` returns True for the name of a script: words after it such as `-watch` are the
        script's own. `front_hints` has the flags that belong elsewhere, each with the advice to print."""
        if sys.version_info >= (3, 14):
            options["color"] = False  # ipykernel asks for colours, which a page of help does not need
        # A part of a name must be no option: `--ext` would open the network.
        super().__init__(**{**options, "exit_on_error": False, "allow_abbrev": False})
        self._is_script = is_script
        self._front_hints = front_hints

    # typeshed has overloads for namespaces of other classes, which nobody passes here
    def parse_args(self, args: Sequence[str] | None = None, namespace: Any = None) -> Any:  # type: ignore[override]
        words = sys.argv[1:] if args is None else args
        parsed, rest = self.parse_known_args(words, namespace)
        if rest:
            self.error(self.describe_unknown(rest, words))
        return parsed

    def parse_known_args(self, args: Sequence[str] | None = None, namespace: Any = None) -> Any:  # type: ignore[override]
        words = list(sys.argv[1:] if args is None else args)
        own_count = next((index for index, word in enumerate(words) if self._is_script(word)), len(words))
        if problem := self._find_single_dash(words[:own_count]):
            self.error(problem)
        script_words = [self._hide(word) for word in words[own_count:]]
        try:
            parsed, rest = super().parse_known_args([*words[:own_count], *script_words], namespace)
        except argparse.ArgumentError as error:
            self.error(self._explain(error.message, _find_given_flag(error.argument_name or "", words)))
        return parsed, [
            f"-{each.removeprefix(HIDDEN_PREFIX)}" if each.startswith(HIDDEN_PREFIX) else each
            for each in rest
        ]

    def error(self, message: str) -> NoReturn:
        super().error(self._explain(message))

    @property
    def flag_names(self) -> list[str]:
        """The long flags, without their dashes."""
        return [each.removeprefix("--") for each in self._option_string_actions if each.startswith("--")]

    def find_flag(self, name: str, *, is_sure: bool = False) -> str | None:
        """Find the long flag that a word may mean, which may lack dashes or be misspelt; only a very similar
        one if `is_sure`."""
        if (flag := self.find_exact_flag(name)) is not None:
            return flag
        name = name.lstrip("-").replace("_", "-")[:MAX_VALUE_LENGTH]
        if len(longer := _list_longer_flags(name, self.flag_names)) == 1 and not is_sure:
            return longer[0]
        near = difflib.get_close_matches(name, self.flag_names, 1, SURE_FLAG_MATCH if is_sure else 0.6)
        return f"--{near[0]}" if near else None

    def find_exact_flag(self, name: str) -> str | None:
        """Find the long flag that a word is but for dashes, underscores and capitals."""
        name = name.lstrip("-").replace("_", "-")
        return next((f"--{each}" for each in (name, name.lower()) if each in self.flag_names), None)

    def describe_unknown(self, rest: Sequence[str], words: Sequence[str]) -> str:
        """Describe what is wrong with `rest`, the words of a command line that are no options."""
        first, *others = rest
        if follows_password(first, words):
            return PASSWORD_ADVICE
        if not first.startswith("-"):
            hint = self.suggest_quotes(first, words) or "--help lists the options"
            return f"{shorten_value(first)} is not an option: {hint}"
        name, equals, value = first.partition("=")
        if name in self._front_hints:
            return self._front_hints[name]
        if first.startswith("--") and len(longer := _list_longer_flags(name[2:], self.flag_names)) > 1:
            return f"{name} is too short: write {' or '.join(longer)}"
        return self._describe_wrong_flag(name, self.find_flag(name), equals + value, others)

    def suggest_quotes(self, word: str, words: Sequence[str]) -> str | None:
        """Suggest quotes if `word` follows a text, which has spaces then: `--title Sales overview`."""
        for index in (index for index, each in enumerate(words) if each == word):
            start = max((at for at in range(index) if words[at].startswith("-")), default=None)
            if start is None:
                continue
            flag, equals, value = words[start].partition("=")
            if not getattr(self._option_string_actions.get(flag), "takes_free_text", False):
                continue
            end = next((at for at in range(index, len(words)) if words[at].startswith("-")), len(words))
            texts = [*([value] if equals else []), *words[start + 1 : end]]
            position = index - start - (not equals)
            if position > 0 and (advice := _advise_quotes(texts, position)) is not None:
                return f"{advice[0]}: {flag} {_quote(advice[1])}"
        return None

    def _find_single_dash(self, words: Sequence[str]) -> str:
        """Describe the first word that is a long flag with one dash; empty if there is none."""
        for index, word in enumerate(words):
            if word == "--":
                break
            match = SINGLE_DASH_PATTERN.fullmatch(word)
            if match is not None and (flag := self._find_meant_flag(match)) is not None:
                return self._describe_wrong_flag(f"-{match[1]}", flag, match[2] or "", words[index + 1 :])
        return ""

    def _hide(self, word: str) -> str:
        """Hide a script's word such as `-help` from argparse, which would read it as `-h -e -l -p`."""
        match = SINGLE_DASH_PATTERN.fullmatch(word)
        is_foreign = match is not None and self._find_meant_flag(match) is not None
        return f"{HIDDEN_PREFIX}{word[1:]}" if is_foreign else word

    def _find_meant_flag(self, match: re.Match[str]) -> str | None:
        """Find the long flag that `-name` or `-name=value` stands for; None if it is a short flag, maybe with
        its value."""
        name = match[1]
        if (flag := self.find_exact_flag(name)) is not None:
            return flag
        actions = [self._option_string_actions.get(f"-{letter}") for letter in name]
        is_switch = actions[0] is not None and actions[0].nargs == 0
        if is_switch:
            return self.find_flag(name) if None in actions else None
        return self.find_flag(name, is_sure=True) if match[2] else None

    def _describe_wrong_flag(self, word: str, flag: str | None, value: str, others: Sequence[str]) -> str:
        """Describe a wrong flag; `value` is text after it, such as `=5010`; `others` are the next words."""
        word = shorten(word, MAX_VALUE_LENGTH)
        if flag is None:
            return f"there is no option {word}: --help lists the options"
        if self._option_string_actions[flag].nargs == 0:
            value = ""  # it may be a password
        elif not value and others and not others[0].startswith("-"):
            value = f" {shorten(others[0], MAX_VALUE_LENGTH)}"
        elif value:
            value = shorten(value, MAX_VALUE_LENGTH)
        return f"there is no option {word}: did you mean {flag}{value}?"

    def _explain(self, message: str, flag: str = "") -> str:
        """Return argparse's message with advice; `flag` is its option."""
        if re.match(r"expected (one|at least one) argument", message):
            return f"{flag} needs a value: {self._format_flag(flag)}"
        if message.startswith("ignored explicit argument"):
            if flag == "--password":
                return PASSWORD_ADVICE
            return f"{flag} takes no value: give {flag} alone"
        if match := re.fullmatch(r"the following arguments are required: (.+)", message):
            flags = [_choose_flag(each) for each in match[1].split(", ")]
            return f"an option is missing: give {' '.join(map(self._format_flag, flags))}"
        return message

    def _format_flag(self, flag: str) -> str:
        """Format a flag with the placeholder of its value."""
        action = self._option_string_actions.get(flag)
        if action is None:
            return flag
        if action.nargs == 0:
            opposites = [each for each in action.option_strings if each.startswith("--no-") and each != flag]
            return " or ".join([flag, *opposites[:1]])
        return f"{flag} {action.metavar or action.dest.strip('-').upper()}"


def follows_password(word: str, words: Sequence[str]) -> bool:
    """Return True if `word` follows `--password`, so that no message may repeat it."""
    pairs = pairwise(words)
    return any((flag, strip_quotes(each)) == ("--password", strip_quotes(word)) for flag, each in pairs)


def find_misspelt_flags(parser: OptionParser, words: Sequence[str]) -> list[tuple[str, str]]:
    """List the words that are very similar to a flag, or its beginning, each with the flag."""
    found = []
    for name in [word.partition("=")[0] for word in words if word.startswith("--") and len(word) > 3]:
        is_beginning = len(_list_longer_flags(name[2:], parser.flag_names)) == 1
        if (flag := parser.find_flag(name, is_sure=not is_beginning)) is not None:
            found.append((shorten(name, MAX_VALUE_LENGTH), flag))
    return found


def _list_longer_flags(name: str, flag_names: Sequence[str]) -> list[str]:
    """List the long flags that begin with a word."""
    return [f"--{each}" for each in flag_names if name and each.startswith(name)]


def _find_given_flag(argument_name: str, words: Sequence[str]) -> str:
    """Find the long flag as the line has it, of the option that argparse calls `-o/--on/--no-on`."""
    flags = argument_name.split("/")
    given = (word.partition("=")[0] for word in sorted(words, key=lambda word: "=" not in word))
    long_flags = (each for each in given if each in flags and each.startswith("--"))
    return next(long_flags, _choose_flag(argument_name))


def _choose_flag(argument_name: str) -> str:
    """Choose the first long flag of such an option, which is that of its true value."""
    flags = argument_name.split("/")
    return next((each for each in flags if each.startswith("--")), flags[0])


def _advise_quotes(texts: Sequence[str], position: int) -> tuple[str, str] | None:
    """Return advice and the whole text, if the word at `position` of `texts` belongs to a text with spaces;
    None if the text before it is in quotes already.

    A shell removes quotes. IPython keeps them, and divides `--title="Sales overview"` at the space.
    """
    first = texts[0]
    if first[:1] not in ("'", '"'):
        return None if " " in first else ("quote a text that has spaces", " ".join(texts).strip())
    ends = [index for index, each in enumerate(texts) if each.endswith(first[0]) and (index or len(each) > 1)]
    if not ends or ends[0] < position:
        return None
    return "write a space before a text in quotes", " ".join(texts[: ends[0] + 1])[1:-1]


def _quote(text: str) -> str:
    return f"'{text}'" if '"' in text else f'"{text}"'
