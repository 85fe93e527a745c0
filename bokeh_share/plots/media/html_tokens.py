"""Splits HTML into tags and texts. Nothing of it reaches a page but texts, and styles of cells by name."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import NamedTuple

MAX_HTML_BYTES = 20_000_000
"""Maximum length of HTML that is read, in characters."""
TOKEN_PATTERN = re.compile(
    r"""<!--.*?(?:-->|\Z) | <[!?][^>]*+(?:>|\Z)
    | <(?P<end>/?)(?P<tag>[a-zA-Z][^\s/>]*+)(?P<attributes>(?:[^>"']|"[^"]*+"|'[^']*+')*+)>
    | (?P<text>[^<]++|<)""",
    re.VERBOSE | re.DOTALL,
)
ATTRIBUTE_PATTERN = re.compile(r"""([^\s"'>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+)))?""")
RAW_TAGS = {
    "script",
    "style",
    "textarea",
    "title",
    "iframe",
    "noembed",
    "noframes",
    "noscript",
    "template",
    "xmp",
}
"""Elements whose content is no text of the page. Their content is skipped, except for `style`."""
VOID_TAGS = {
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track",
    "wbr",
}  # fmt: skip
"""Elements without an end tag."""


class Token(NamedTuple):
    """A tag, a text, or the content of a `style` element, which has the tag `style`."""

    tag: str
    """The name in lower case; empty for a text."""
    is_end: bool
    text: str
    """The text, or the attributes as written."""


def tokenize_html(source: str) -> Iterator[Token]:
    """Yield the tags and texts of HTML. Costs some 2 µs for each."""
    position, end = 0, len(source)
    while position < end:
        match = TOKEN_PATTERN.match(source, position)
        if match is None:  # a quote or a tag without an end
            yield Token("", False, source[position])
            position += 1
            continue
        position = match.end()
        if (text := match["text"]) is not None:
            yield Token("", False, html.unescape(text) if "&" in text else text)
        elif (tag := match["tag"]) is not None:
            tag = tag.lower()
            if tag in RAW_TAGS and not match["end"]:
                closing = re.compile(rf"</{tag}\s*>", re.IGNORECASE).search(source, position)
                content = source[position : closing.start() if closing else end]
                position = closing.end() if closing else end
                if tag == "style":
                    yield Token(tag, False, content)
            else:
                yield Token(tag, bool(match["end"]), match["attributes"])


def read_attributes(text: str) -> dict[str, str]:
    """Return the attributes of a tag, by names in lower case."""
    attributes: dict[str, str] = {}
    for name, *values in ATTRIBUTE_PATTERN.findall(text):
        attributes.setdefault(name.lower(), html.unescape(next(filter(None, values), "")))
    return attributes


def has_script(source: str) -> bool:
    """Return True if HTML has scripts, or frames that may have some."""
    return re.search(r"<(?:script|iframe|object|embed)[\s>/]", source, re.IGNORECASE) is not None
