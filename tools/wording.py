"""Finds words and phrases that hide the meaning of a text, and says what to write instead.

python tools/wording.py
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from environments import ROOT

FILES = (
    "*.md",
    "docs/*.md",
    "docs/*.py",
    "notebooks/*.ipynb",
    "Makefile",
    "noxfile.py",
    "pyproject.toml",
    "environment.yml",
    "tools/*.py",
    "benchmarks/**/*.py",
    "bokeh_share/**/*.py",
    "bokeh_share/**/*.pyi",
    "bokeh_share/server/static/*",
)
"""All that people read, but for the tests."""
EXCEPTIONS = {"tools/wording.py"}
"""The list itself."""

PHRASES = {
    # sentences without a subject that one can point at
    "(who|whom|which)ever": "name the person or thing: anyone who has the link, a cell that assigns it",
    "(for|of|to|by|from|with|than|on|so|in|only|if|unless|until) who (?!can)[a-z]+": "name the person",
    "what (there is|is there|there was)( not)?": "name the things",
    "what it (is|was) that": "name the thing",
    "what one can": "Options, or the name of the thing",
    "as one (has|can|would)": "name the person",
    "nobody (who|has reason)": "no visitor",
    "such as (is|was|are)": "name the thing",
    "is for neither": "these options do not apply to",
    "nor for": "these options do not apply to",
    "is no (reason|way|help) (to|for)": "does not trigger, does not help",
    "of its own accord": "by itself",
    # inversions
    "is to be (said|had|given|told|heard|made|seen|drawn|sent)": "must be given, or an active verb",
    "are to be (said|had|given|told|heard|made|seen|drawn|sent)": "must be given, or an active verb",
    "are what an?": "put the subject first: an IP address has five wrong attempts per minute",
    r"(is|are|was|were) asked for(?! (a|an|the|this|that|their|its|one|it)\b)": "use an active verb",
    "(is|are|was|were) told so": "see, are shown",
    "is said (of|by|to|wrong|again|in)": "prints, shows, gives",
    "(let|lets) in so many": "maximum number of simultaneous viewers",
    "so many at a time": "maximum number of simultaneous",
    "all else": "all other options, all other things",
    "worth nothing": "revoked, invalid",
    "no seat": "this page is full",
    "turned away": "rejected",
    "(came|comes) then": "later visitors",
    "at an end": "ended",
    # private images
    "same door": "under the same access rules",
    "a word of goodbye": "say that sharing ended",
    "binds them": "assigns them",
    "answers with a link": "prints a link",
    "see (its|the) spelling": "no plot named …; name the plots that exist",
    "nothing is named": "no variable named …",
    "not any ?more by": "no longer",
    "(took|take|takes|taking) (it|them|changes) up": "refresh",
    "tells? of": "announces, raises an event",
    "had (its|their) own name lead": "resolves its name to this machine",
    "is strange": "is unexpected",
    "those that came last": "the most recent",
    "has the last byte of": "has received",
    "goes with the link": "belongs to the link",
    "as it comes": "without options",
}
"""By phrase, as a regular expression in which a space is any space: what to write instead."""

GAP = r"""(?:\s+|\s*["']\s*\n\s*[fr]*["']\s*|\s*\n\s*(?:\#|//|\*|>|\|)?\s*)"""
"""Between two words: a line may end there, in a text, a comment or a string."""
SUBJECT = re.compile(
    r"""(?:\"\"\"|^\s*(?:\#|//|/?\*{1,2}|-|\|)\s+|(?<=[.!:])\s+|^)"""
    r"""(?P<word>Who|What|Whose|Whom|Whether)\b(?![^.!"]*\?)""",
    re.M,
)
"""A sentence that begins with a question word and is no question."""
SUBJECT_ADVICE = "begin with a noun or a verb"
PATTERNS = [
    (re.compile(rf"\b{phrase.replace(' ', GAP)}\b", re.I), instead) for phrase, instead in PHRASES.items()
]


def list_problems(name: str, text: str) -> list[str]:
    """A line for each phrase of the list in a text; `name` is its file's."""
    readable = blank_code(text) if name.endswith(".md") else text
    problems = [
        (match.start(), f"{' '.join(match[0].split())!r}: {instead}")
        for pattern, instead in PATTERNS
        for match in pattern.finditer(readable)
    ]
    problems += [
        (match.start("word"), f"a sentence begins with {match['word']!r}: {SUBJECT_ADVICE}")
        for match in SUBJECT.finditer(readable)
    ]
    return [f"{name}:{text.count(chr(10), 0, start) + 1}: {problem}" for start, problem in sorted(problems)]


def blank_code(text: str) -> str:
    """Replace the code and the headings of a Markdown text by characters that no phrase has."""

    def blank(match: re.Match[str]) -> str:
        return re.sub(r"[^\n]", "\x00", match[0])

    test_names = r"`(?:\w+/)*test_\w+`:[^|]*"  # in SECURITY.md
    for pattern in (r"^```.*?^```", test_names, r"`[^`\n]+`", r"^#+ .*$", r"\]\([^)\n]*\)"):
        text = re.sub(pattern, blank, text, flags=re.M | re.S if "```" in pattern else re.M)
    return text


def list_files(root: Path = ROOT) -> Iterator[tuple[str, str]]:
    """Yield the names and texts of the files that are checked."""
    for pattern in FILES:
        for path in sorted(root.glob(pattern)):
            name = path.relative_to(root).as_posix()
            if path.is_file() and name not in EXCEPTIONS:
                yield name, path.read_text(encoding="utf-8")


def main() -> int:
    files = list(list_files())
    problems = [problem for name, text in files for problem in list_problems(name, text)]
    print(*problems, f"{len(files)} files, {len(problems)} problems", sep="\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
