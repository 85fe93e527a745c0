"""Checks SVG pictures: that they are well-formed, small enough, and not made to occupy a browser."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple
from xml.parsers import expat

MAX_SVG_BYTES = 10_000_000
"""Maximum size of an SVG picture, in bytes."""
MAX_SVG_ELEMENTS = 200_000
"""Maximum number of elements, as written."""
MAX_SVG_DEPTH = 200
"""Maximum depth of elements in elements."""
MAX_DRAWN_ELEMENTS = 1_000_000
"""Maximum number of elements that a browser draws, with those that references repeat."""
MAX_SVG_FILTERS = 200
"""Maximum number of filter steps, each of which may take a browser long."""
DEFAULT_SVG_SIZE = 300.0, 150.0
"""The size of a picture that sets none, in CSS pixels, as in browsers."""

UNIT_PIXELS = {
    "": 1.0, "px": 1.0, "pt": 4 / 3, "pc": 16.0, "in": 96.0, "cm": 96 / 2.54, "mm": 9.6 / 2.54, "em": 16.0,
    "rem": 16.0, "ex": 8.0,
}  # fmt: skip
"""CSS pixels of a length of one of each unit."""
LENGTH_PATTERN = re.compile(r"\s*\+?([0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?)\s*([a-z]*)\s*")
REFERENCE_PATTERN = re.compile(r"url\(\s*[\"']?#([^\"')]+)|^\s*#(\S+)\s*$")
"""A reference to an element of the same file: in `url(#…)`, or in `href="#…"`."""


class SvgSize(NamedTuple):
    """The size of an SVG picture, in CSS pixels."""

    width: float
    height: float


class SvgElement:
    """An element that has an id, or the whole file."""

    def __init__(self) -> None:
        self.element_count = 0
        """The number of elements in it that are in no other such element."""
        self.children: list[SvgElement] = []
        self.references: list[str] = []
        """The ids that elements in it refer to, one for each reference."""

    def add_element(self, references: Iterable[str]) -> None:
        """Add an element that has these references, or the element with the id itself."""
        self.element_count += 1
        self.references += references


def check_svg(data: bytes) -> SvgSize:
    """Check an SVG picture, and return its size. Raises `ValueError` with the reason.

    Pages show SVG by `<img>` only, where browsers run and load nothing. Pictures can still take a browser
    very long to draw, if entities and references multiply.
    """
    if len(data) > MAX_SVG_BYTES:
        raise ValueError(f"it has {len(data) / 1e6:,.1f} MB and the limit is {MAX_SVG_BYTES / 1e6:,.0f} MB")
    reader = _SvgReader()
    reader.read(data)
    drawn = count_drawn(reader.root, reader.elements_by_id)
    if drawn > MAX_DRAWN_ELEMENTS:
        raise ValueError(f"it draws more than {MAX_DRAWN_ELEMENTS:,} elements, by references to references")
    return _measure(reader.root_attributes)


class _SvgReader:
    """Reads the elements of a file with the limits of this module."""

    def __init__(self) -> None:
        self.root = SvgElement()
        self.elements_by_id: dict[str, SvgElement] = {}
        self.root_attributes: Mapping[str, str] = {}
        self._element_count = self._filter_count = 0
        self._stack: list[SvgElement] = [self.root]
        """The innermost element with an id, for each element that is open."""

    def read(self, data: bytes) -> None:
        parser = expat.ParserCreate()
        parser.StartElementHandler = self._start_element
        parser.EndElementHandler = lambda name: self._stack.pop()
        parser.EntityDeclHandler = _refuse_entities
        try:
            parser.Parse(data, True)
        except expat.ExpatError as error:
            raise ValueError(f"it is no well-formed SVG ({error})") from error

    def _start_element(self, name: str, attributes: Mapping[str, str]) -> None:
        tag = name.rpartition(":")[2]
        if self._element_count == 0:
            if tag != "svg":
                raise ValueError(f"it is no SVG but a file of {name!r}")
            self.root_attributes = attributes
        self._element_count += 1
        self._filter_count += tag.startswith("fe")
        if self._element_count > MAX_SVG_ELEMENTS:
            raise ValueError(f"it has more than {MAX_SVG_ELEMENTS:,} elements")
        if len(self._stack) > MAX_SVG_DEPTH:
            raise ValueError(f"its elements are nested more than {MAX_SVG_DEPTH} deep")
        if self._filter_count > MAX_SVG_FILTERS:
            raise ValueError(f"it has more than {MAX_SVG_FILTERS} steps of filters")
        owner = self._stack[-1]
        if (id := attributes.get("id")) is not None:
            element = SvgElement()
            owner.children.append(element)
            self.elements_by_id.setdefault(id, element)
            owner = element
        owner.add_element(_list_references(attributes.values()))
        self._stack.append(owner)


def count_drawn(root: SvgElement, elements_by_id: Mapping[str, SvgElement]) -> int:
    """Return the number of elements that a browser draws. A reference counts as what it refers to; one to an
    element around it counts as nothing, as in browsers."""
    counts: dict[SvgElement, int] = {}
    pending: list[tuple[SvgElement, bool]] = [(root, False)]
    open_elements: set[SvgElement] = set()
    while pending:
        element, is_expanded = pending.pop()
        if element in counts:
            continue
        parts = [*element.children, *filter(None, map(elements_by_id.get, element.references))]
        if is_expanded:
            open_elements.discard(element)
            total = element.element_count + sum(counts.get(each, 0) for each in parts)
            counts[element] = min(total, MAX_DRAWN_ELEMENTS + 1)
        elif element not in open_elements:
            open_elements.add(element)
            pending.append((element, True))
            pending += [(each, False) for each in parts if each not in counts and each not in open_elements]
    return counts[root]


def _refuse_entities(*_: object) -> None:
    raise ValueError("it defines entities, which can multiply")


def _list_references(values: Iterable[str]) -> list[str]:
    matches = (match for value in values if "#" in value for match in REFERENCE_PATTERN.finditer(value))
    return [match[1] or match[2] for match in matches]


def _measure(attributes: Mapping[str, str]) -> SvgSize:
    """Return the size that browsers give the picture."""
    width, height = (_read_length(attributes.get(name, "")) for name in ("width", "height"))
    box = [
        float(each) for each in re.findall(r"[-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?", attributes.get("viewBox", ""))
    ]
    ratio = box[2] / box[3] if len(box) == 4 and box[2] > 0 and box[3] > 0 else None
    if width is None and height is None:
        width, height = DEFAULT_SVG_SIZE if ratio is None else (box[2], box[3])
    if width is None:
        assert height is not None
        width = height * ratio if ratio else DEFAULT_SVG_SIZE[0]
    if height is None:
        height = width / ratio if ratio else DEFAULT_SVG_SIZE[1]
    return SvgSize(width, height)


def _read_length(text: str) -> float | None:
    """Return a length in CSS pixels; None for a missing one, and for a share of the space around it."""
    match = LENGTH_PATTERN.fullmatch(text)
    pixels = UNIT_PIXELS.get(match[2]) if match else None
    return float(match[1]) * pixels if match and pixels else None
