"""A parser of command lines that suggests a correction for a wrong one."""

from __future__ import annotations

import argparse
import difflib
import re
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

SINGLE_DASH_PATTERN = re.compile(r"-([A-Za-z][\w-]+)(=.*)?", re.DOTALL)
"""A word such as `-port`, which argparse reads as `-p ort`."""


class OptionParser(argparse.ArgumentParser):
    """Parses options like argparse; its errors name the option, and the text to write instead."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "exit_on_error": False})

    # typeshed has overloads for namespaces of other classes, which nobody passes here
    def parse_args(self, args: Sequence[str] | None = None, namespace: Any = None) -> Any:  # type: ignore[override]
        words = sys.argv[1:] if args is None else args
        parsed, rest = self.parse_known_args(words, namespace)
        if rest:
            self.error(self.describe_unknown(rest, words))
        return parsed

    def parse_known_args(self, args: Sequence[str] | None = None, namespace: Any = None) -> Any:  # type: ignore[override]
        words = sys.argv[1:] if args is None else args
        if problem := self._find_single_dash(words):
            self.error(problem)
        try:
            return super().parse_known_args(words, namespace)
        except argparse.ArgumentError as error:
            self.error(self._explain(error.message, (error.argument_name or "").rpartition("/")[2]))

    def error(self, message: str) -> NoReturn:
        super().error(self._explain(message))

    @property
    def flag_names(self) -> list[str]:
        """The long flags, without their dashes."""
        return [each.removeprefix("--") for each in self._option_string_actions if each.startswith("--")]

    def find_flag(self, name: str, *, cutoff: float = 0.6) -> str | None:
        """Find the long flag that a word may mean, which may lack dashes or be misspelt."""
        name = name.lstrip("-").replace("_", "-")
        if name in self.flag_names:
            return f"--{name}"
        near = difflib.get_close_matches(name[:100], self.flag_names, 1, cutoff)
        return f"--{near[0]}" if near else None

    def describe_unknown(self, rest: Sequence[str], words: Sequence[str]) -> str:
        """Describe what is wrong with `rest`, the words of a command line that are no options."""
        first, *others = rest
        if not first.startswith("-"):
            hint = self.suggest_quotes(first, words) or "--help lists the options"
            return f"{first!r} is not an option: {hint}"
        name, equals, value = first.partition("=")
        return self._describe_wrong_flag(name, self.find_flag(name), equals + value, others)

    def suggest_quotes(self, word: str, words: Sequence[str]) -> str | None:
        """Suggest quotes if `word` follows a text, which has spaces then: `--title Sales overview`."""
        for index in (index for index, each in enumerate(words) if each == word):
            start = max((at for at in range(index) if words[at].startswith("-")), default=None)
            if start is None:
                continue
            flag, equals, value = words[start].partition("=")
            end = next((at for at in range(index, len(words)) if words[at].startswith("-")), len(words))
            texts = [*([value] if equals else []), *words[start + 1 : end]]
            action = self._option_string_actions.get(flag)
            if action is not None and action.nargs is None and len(texts) > 1 and not texts[0].isdigit():
                return f'quote a text that has spaces: {flag} "{" ".join(texts)}"'
        return None

    def _find_single_dash(self, words: Sequence[str]) -> str:
        """Describe the first word that is a long flag with one dash; empty if there is none."""
        for index, word in enumerate(words):
            if word == "--":
                break
            match = SINGLE_DASH_PATTERN.fullmatch(word)
            if match is not None and (flag := self._find_meant_flag(match[1])) is not None:
                return self._describe_wrong_flag(word, flag, match[2] or "", words[index + 1 :])
        return ""

    def _find_meant_flag(self, name: str) -> str | None:
        """Find the long flag that `-name` stands for; None if it is a short flag, maybe with its value."""
        if name.replace("_", "-") in self.flag_names:
            return f"--{name.replace('_', '-')}"
        actions = [self._option_string_actions.get(f"-{letter}") for letter in name]
        is_switch = actions[0] is not None and actions[0].nargs == 0
        return self.find_flag(name) if is_switch and None in actions else None

    def _describe_wrong_flag(self, word: str, flag: str | None, value: str, others: Sequence[str]) -> str:
        """Describe a wrong flag; `value` is text after it, such as `=5010`; `others` are the next words."""
        if flag is None:
            return f"there is no option {word}: --help lists the options"
        takes_value = self._option_string_actions[flag].nargs != 0
        if takes_value and not value and others and not others[0].startswith("-"):
            value = f" {others[0]}"
        return f"there is no option {word}: did you mean {flag}{value}?"

    def _explain(self, message: str, flag: str = "") -> str:
        """Return argparse's message with advice; `flag` is its option."""
        if re.match(r"expected (one|at least one) argument", message):
            return f"{flag} needs a value: {self._format_flag(flag)}"
        if message.startswith("ignored explicit argument"):
            return f"{flag} takes no value: give {flag} alone"
        if match := re.fullmatch(r"ambiguous option: (\S+) could match (.+)", message):
            return f"{match[1]} is too short: write {' or '.join(match[2].split(', '))}"
        if match := re.fullmatch(r"the following arguments are required: (.+)", message):
            flags = [each.rpartition("/")[2] for each in match[1].split(", ")]
            return f"an option is missing: give {' '.join(map(self._format_flag, flags))}"
        return message

    def _format_flag(self, flag: str) -> str:
        """Format a flag with the placeholder of its value."""
        action = self._option_string_actions.get(flag)
        return flag if action is None else f"{flag} {action.metavar or action.dest.strip('-').upper()}"
