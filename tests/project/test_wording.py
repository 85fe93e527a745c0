"""The list of phrases finds what it is for, wherever a line ends; `nox -s lint` runs it on all files."""

from __future__ import annotations

import pytest
from wording import blank_code, list_files, list_problems

pytestmark = pytest.mark.one_pairing  # it is the same text on each


@pytest.mark.parametrize(
    "text",
    [
        "The second line answers with a link.",
        "These variables are on the page, whichever cell binds them.",
        "## Heading\n\nWhat one can say stands here.",
        "It lets in so many\nat a time, and who comes then is told so.",
        "All else is to be said again.",
        "Five wrong ones a minute are what an address has.",
        "That outputs were saved is no reason to run.",
        "It is for neither, nor for that option.",
        "No seat is free.",
        "This address asks for what there is not.",
        "A password is asked for.",
        "The old one is worth nothing any more.",
        "Let the door know what it is that is announced now.",
        "Accepts on copies of the listening sockets, through the same door.",
        "What Bokeh tells of by itself is there at once.",
    ],
)
def test_a_riddle_is_found(text: str) -> None:
    assert list_problems("page.md", text)


@pytest.mark.parametrize(
    "text",
    [
        "The second line prints a link. Anyone who has the link can open the page.",
        "Later visitors see that the page is full.",
        "What is a token? A random part of the link.",
        "The page shows whether the share runs. Whether it has a token? See the card.",
        "Give the other options again.",
        "`nothing is named 'x'` is a message.",
        "```text\nwhoever\n```\n",
        "## Who can see what\n\nText.",
        "See [Who can see what](who-can-see.md).",
    ],
)
def test_plain_english_is_no_problem(text: str) -> None:
    assert list_problems("page.md", text) == []


def test_a_phrase_is_found_across_lines_of_code() -> None:
    docstring = '"""Return the links.\n\n    It is for no page, nor\n    for an app.\n    """\n'
    comment = "# it would be worth\n# nothing to others\n"
    strings = 'x = (\n    "there is no"\n    f" seat for {name}"\n    " and all"\n    " else"\n)\n'
    text = docstring + comment + strings
    assert [problem.split(": ")[0] for problem in list_problems("module.py", text)] == [
        "module.py:3", "module.py:6", "module.py:9", "module.py:11",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "text", "word"),
    [
        ("module.py", 'def f():\n    """What pip installs."""\n', "What"),
        ("module.py", 'def f():\n    """Whether pip installs it."""\n', "Whether"),
        ("module.py", 'def f():\n    """Check it. Whether it works\n    is the result."""\n', "Whether"),
        ("module.mjs", "function f() {}\n/** Whether it works. */\n", "Whether"),
    ],
)
def test_a_text_that_begins_with_a_question_word_is_found(name: str, text: str, word: str) -> None:
    assert list_problems(name, text) == [
        f"{name}:2: a sentence begins with {word!r}: begin with a noun or a verb"
    ]


def test_a_problem_has_its_line() -> None:
    assert list_problems("page.md", "Text\n\n```text\nwhoever\n```\n\nand whoever\n") == [
        "page.md:7: 'whoever': name the person or thing: anyone who has the link, a cell that assigns it"
    ]


def test_blank_code_keeps_lines() -> None:
    text = "# A heading\n`code` and\n```sh\nls\n```\n"
    assert blank_code(text).count("\n") == text.count("\n")
    assert " and\n" in blank_code(text)
    assert "ls" not in blank_code(text)


def test_all_that_people_read_is_checked() -> None:
    names = {name for name, _ in list_files()}
    assert {
        "README.md", "SECURITY.md", "CHANGELOG.md", "CONTRIBUTING.md", "Makefile", "noxfile.py",
        "docs/sharing.md", "bokeh_share/errors.py", "bokeh_share/sharing/option_table.py",
        "bokeh_share/server/static/states.mjs", "bokeh_share/server/static/index.html",
        "notebooks/quickstart.ipynb",
    } <= names  # fmt: skip
