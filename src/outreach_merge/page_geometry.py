"""What is known of the pages of a letter that was just set: where things stand, and in what type.

The typesetter hands this to the preflight, which need not read the PDF again to know it. Lengths
are points (1/72 inch) from the upper left corner of the page.
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
        """Width and height of what two rectangles share; 0 or less: nothing."""
        return (
            min(self.right, other.right) - max(self.left, other.left),
            min(self.bottom, other.bottom) - max(self.top, other.top),
        )


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line of text.

    :param part: class or element of the letter it stands in: ``address``, ``main``, ``closing``.
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
    """A picture made of pixels; drawings have none.

    :param dpi: pixels an inch in print, the smaller of both directions.
    """

    name: str
    area: Rectangle
    dpi: float


@dataclass(frozen=True, slots=True)
class SignaturePlace:
    """Where a signatory signs."""

    signatory: str
    area: Rectangle


@dataclass(frozen=True, slots=True)
class PageGeometry:
    """One page.

    :param inner: what is within its margins.
    """

    width: float
    height: float
    inner: Rectangle
    lines: tuple[TextLine, ...] = ()
    pictures: tuple[EmbeddedImage, ...] = ()
    places: tuple[SignaturePlace, ...] = ()


@dataclass(frozen=True, slots=True)
class Typeface:
    """A face that was used.

    :param families: the names by which it can be asked for.
    :param characters: what was set in it.
    """

    families: frozenset[str]
    characters: str


@dataclass(frozen=True, slots=True)
class DocumentGeometry:
    """All pages of a letter.

    :param direction: of the whole page: ``ltr`` or ``rtl``.
    :param named: the families the stylesheet asks for.
    :param missing: characters that no named face has -> the face that should have had it.
    """

    pages: tuple[PageGeometry, ...]
    direction: str
    named: frozenset[str] = frozenset()
    typefaces: tuple[Typeface, ...] = ()
    missing: Mapping[str, str] = field(default_factory=dict)
