"""Suggests the option that a word of the magic's line may mean, if no variable has that name."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from ..errors import BokehShareError, UnknownName
from ..sharing import OptionParser, PasswordInLine, follows_password

START_SUGGESTION = "%bokeh_share alone starts sharing, and shows the link"
STATUS_SUGGESTION = "%bokeh_share --status lists links, viewers and plots"
STOP_SUGGESTION = "%bokeh_share --stop stops sharing"
HABITS = {
    **dict.fromkeys(("start", "on", "run", "share", "open", "link", "url", "restart"), START_SUGGESTION),
    **dict.fromkeys(("list", "ls", "plots", "info", "viewers", "show"), STATUS_SUGGESTION),
    **dict.fromkeys(("end", "off", "quit", "exit", "close", "kill", "unshare"), STOP_SUGGESTION),
}
"""Words of other commands, with the advice what to write here."""
SURE_MATCH = 0.8
"""Minimum similarity, as in `difflib`, of a variable that is meant rather than such a word."""


def explain_unknown_name(
    name: str, variables: Collection[str], parser: OptionParser, words: Sequence[str]
) -> BokehShareError:
    """Return the error for a name in the line that no variable has; `words` are all words of the line."""
    if follows_password(name, words):
        return PasswordInLine()
    if (hint := parser.suggest_quotes(name, words)) is not None:
        return UnknownName(name, hint=hint)
    if (flag := parser.find_exact_flag(name)) is not None:
        return UnknownName(name, hint=f"did you mean {flag}?")
    known_names = [each for each in variables if not each.startswith("_")]
    if (habit := HABITS.get(name.lower())) is not None:
        error = UnknownName.from_known_names(name, known_names, cutoff=SURE_MATCH)
        return error if error.suggestion is not None else UnknownName(name, hint=habit)
    error = UnknownName.from_known_names(name, known_names)
    if error.suggestion is None and (flag := parser.find_flag(name, is_sure=True)) is not None:
        return UnknownName(name, hint=f"did you mean {flag}?")
    return error
