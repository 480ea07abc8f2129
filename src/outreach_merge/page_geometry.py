"""Positions of text and pictures on the pages of a typeset letter, and the typefaces used.

The typesetter returns it and the preflight checks it, without reading the PDF. Lengths are points
(1/72 inch); positions are measured from the upper left corner of the page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Rectangle:
    """A rectangle on a page."""

    left: float
    top: float
    right: float
    bottom: float

    def overlap(self, other: Rectangle) -> tuple[float, float]:
        """Width and height of the intersection; 0 or less when there is none."""
        return (
            min(self.right, other.right) - max(self.left, other.left),
            min(self.bottom, other.bottom) - max(self.top, other.top),
        )


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line of text.

    :param part: class or element that contains it: ``address``, ``main``, ``closing``.
    :param block: number of the block (paragraph, cell) it belongs to, unique in the letter.
    :param direction: ``ltr`` or ``rtl``, as it was set.
    """

    text: str
    area: Rectangle
    part: str
    block: int
    direction: str


@dataclass(frozen=True, slots=True)
class EmbeddedImage:
    """A raster image; vector drawings are not listed.

    :param dpi: pixels an inch in print, the smaller of both directions.
    """

    name: str
    area: Rectangle
    dpi: float


@dataclass(frozen=True, slots=True)
class SignaturePlace:
    """The place of a signatory's signature."""

    signatory: str
    area: Rectangle


@dataclass(frozen=True, slots=True)
class PageGeometry:
    """One page.

    :param inner: the area within the margins.
    """

    width: float
    height: float
    inner: Rectangle
    lines: tuple[TextLine, ...] = ()
    pictures: tuple[EmbeddedImage, ...] = ()
    places: tuple[SignaturePlace, ...] = ()


@dataclass(frozen=True, slots=True)
class Typeface:
    """A typeface that was used.

    :param families: the names by which it can be asked for.
    :param characters: those set in it.
    """

    families: frozenset[str]
    characters: str


@dataclass(frozen=True, slots=True)
class DocumentGeometry:
    """All pages of a letter.

    :param direction: of the whole page: ``ltr`` or ``rtl``.
    :param named: the families the stylesheet asks for.
    :param missing: character that no named family has -> the family that was asked for it.
    """

    pages: tuple[PageGeometry, ...]
    direction: str
    named: frozenset[str] = frozenset()
    typefaces: tuple[Typeface, ...] = ()
    missing: Mapping[str, str] = field(default_factory=dict)
