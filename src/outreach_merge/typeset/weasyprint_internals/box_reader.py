"""Page geometry from WeasyPrint's boxes: where lines, pictures and places for signatures are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from weasyprint.formatting_structure import boxes
from weasyprint.images import RasterImage

from outreach_merge.page_geometry import (
    EmbeddedImage,
    PageGeometry,
    Rectangle,
    SignaturePlace,
    TextLine,
)

#: CSS pixels (1/96 inch) to points.
_POINTS = 0.75
#: Elements that name a part of the letter, with or without a class.
_PARTS = frozenset({"main"})
_PART_CLASSES = frozenset(
    {
        "running", "letterhead", "courtesy-note", "particulars", "address", "subject",
        "salutation", "closing", "signatures", "enclosures", "draft-mark", "draft-note", "annex",
        "running-annex",
    }
)  # fmt: skip


@dataclass
class _Found:
    lines: list[TextLine] = field(default_factory=list)
    pictures: list[EmbeddedImage] = field(default_factory=list)
    places: list[SignaturePlace] = field(default_factory=list)


class BoxReader:
    """Reads the pages of one letter; blocks are numbered through all of them."""

    def __init__(self) -> None:
        self._blocks: dict[int, int] = {}
        #: Font families that the stylesheet asks for, where there is text.
        self.families: set[str] = set()

    def sheet(self, page: Any) -> PageGeometry:
        """The geometry of one ``weasyprint.document.Page``, in points."""
        found = _Found()
        self._read(page._page_box, "", found)
        return PageGeometry(
            page.width * _POINTS,
            page.height * _POINTS,
            _area(page._page_box),
            tuple(found.lines),
            tuple(found.pictures),
            tuple(found.places),
        )

    def _read(self, box: Any, part: str, found: _Found) -> None:
        part = _part(box) or part
        if isinstance(box, boxes.LineBox):
            self._read_line(box, part, found)
        if isinstance(box, boxes.ReplacedBox):
            self._read_picture(box, found)
        if isinstance(box, boxes.BlockLevelBox) and (name := _attribute(box, "data-signatory")):
            found.places.append(SignaturePlace(name, _area(box)))
        for child in _children(box):
            self._read(child, part, found)

    def _read_line(self, line: Any, part: str, found: _Found) -> None:
        texts = [box for box in _descendants(line) if isinstance(box, boxes.TextBox)]
        text = "".join(box.text for box in texts)
        if not text.strip():
            return
        area = Rectangle(
            min(box.position_x for box in texts) * _POINTS,
            line.position_y * _POINTS,
            max(box.position_x + box.width for box in texts) * _POINTS,
            (line.position_y + line.height) * _POINTS,
        )
        for box in texts:
            self.families.update(box.style["font_family"])
        element = id(line.element)
        block = self._blocks.setdefault(element, len(self._blocks))
        found.lines.append(TextLine(text, area, part, block, line.style["direction"]))

    def _read_picture(self, box: Any, found: _Found) -> None:
        picture = box.replacement
        if not isinstance(picture, RasterImage) or not box.width or not box.height:
            return
        dpi = 96 * min(picture.width / box.width, picture.height / box.height)
        name = _attribute(box, "src") or ""
        found.pictures.append(EmbeddedImage(name, _area(box), dpi))


def font_families(page: Any) -> tuple[str, ...]:
    """The font families that the page's root element asks for."""
    children = page._page_box.children
    return tuple(children[0].style["font_family"]) if children else ()


def direction(page: Any) -> str:
    """The direction of the page's root element: ``ltr`` or ``rtl``."""
    children = page._page_box.children
    return str(children[0].style["direction"]) if children else "ltr"


def height_in_use(page: Any) -> float:
    """How far down the page the text reaches, from the top of the page area (CSS pixels).

    What is fixed to the page, as the mark of a draft, takes no room.
    """
    box = page._page_box
    bottoms = [
        child.position_y + child.height
        for child in flowing(box)
        if isinstance(child, boxes.LineBox | boxes.ReplacedBox)
    ]
    top: float = box.content_box_y()
    return max(bottoms, default=top) - top


def page_area_height(page: Any) -> float:
    """Height of the page within its margins (CSS pixels)."""
    height: float = page._page_box.height
    return height


def _descendants(box: Any) -> Iterator[Any]:
    for child in _children(box):
        yield child
        yield from _descendants(child)


def flowing(box: Any, *, deep: bool = True) -> Iterator[Any]:
    """The boxes that follow one another on a page: not its margins, nor what is fixed to it.

    :param deep: with all boxes within them.
    """
    for child in _children(box):
        if isinstance(child, boxes.MarginBox) or child.is_absolutely_positioned():
            continue
        yield child
        if deep:
            yield from flowing(child)


def _children(box: Any) -> Any:
    return getattr(box, "children", ()) or ()


def _area(box: Any) -> Rectangle:
    left, top = box.content_box_x(), box.content_box_y()
    return Rectangle(
        left * _POINTS,
        top * _POINTS,
        (left + box.width) * _POINTS,
        (top + box.height) * _POINTS,
    )


def _part(box: Any) -> str:
    element = box.element
    if element is None:
        return ""
    return _part_named(element.get("class") or "", element.tag)


@cache
def _part_named(classes: str, tag: str) -> str:
    named = next((name for name in classes.split() if name in _PART_CLASSES), "")
    return named or (tag if tag in _PARTS else "")


def _attribute(box: Any, name: str) -> str | None:
    value: str | None = box.element.get(name) if box.element is not None else None
    return value
