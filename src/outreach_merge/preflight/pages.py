"""Checks of typefaces and of positions on the pages."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from outreach_merge import catalogue
from outreach_merge.model import Problem
from outreach_merge.page_geometry import DocumentGeometry, PageGeometry, Rectangle, TextLine
from outreach_merge.preflight.expectations import Expectations
from outreach_merge.wording import counted

#: Points by which a line may exceed an edge, for the side bearings of glyphs.
_PLAY = 1.0
#: Parts that are repeated on pages, lie behind the text, or do not belong to the letter.
_ASIDE = frozenset({"running", "running-annex", "draft-mark", "draft-note"})
_LEAST_DPI = 300
#: Lines of text required above a signature on its page.
_LEAST_LINES = 2
#: Number of letters from which the direction of a line is checked.
_TELLING = 12


def page_findings(letter: DocumentGeometry, expected: Expectations) -> Iterator[Problem]:
    """Findings on typefaces, length, signatures, directions, edges, overlaps and the window."""
    yield from _faces(letter)
    yield from _length(letter, expected)
    yield from _signatures(letter)
    yield from _directions(letter, expected)
    for number, page in enumerate(letter.pages, start=1):
        yield from _edges(page, number)
        yield from _overlaps(page, number)
        for picture in page.pictures:
            if picture.dpi < _LEAST_DPI - 0.5:
                name = picture.name or "a picture"
                yield catalogue.COARSE_PICTURE.at(page=number, name=name, dpi=picture.dpi)
    if expected.window is not None and letter.pages:
        yield from _window(letter.pages[0], expected.window)


def _faces(letter: DocumentGeometry) -> Iterator[Problem]:
    for character, asked in letter.missing.items():
        yield catalogue.MISSING_GLYPH.at(
            column=_column_of(letter, character),
            character=character,
            code=ord(character),
            name=unicodedata.name(character, "no name").lower(),
            fonts=asked,
        )
    for face in letter.typefaces:
        if not face.families & letter.named:
            used = "".join(dict.fromkeys(face.characters))[:20]
            yield catalogue.FONT_SUBSTITUTED.at(
                column=_column_of(letter, used.strip()[:1]),
                text=used,
                font=max(face.families, key=len),
                named=", ".join(sorted(letter.named)),
            )


def _column_of(letter: DocumentGeometry, character: str) -> str:
    """The recipient's address, where that is what brings a character into the letter."""
    lines = (line for page in letter.pages for line in page.lines)
    in_address = any(line.part == "address" and character in line.text for line in lines)
    return "address" if in_address else ""


def _length(letter: DocumentGeometry, expected: Expectations) -> Iterator[Problem]:
    own = [
        page
        for page in letter.pages
        if any(line.part not in (*_ASIDE, "annex") for line in page.lines) or not page.lines
    ]
    if len(own) > expected.pages:
        pages, most = counted(len(own), "page"), expected.pages
        yield catalogue.TOO_MANY_PAGES.at(pages=pages, most=most)


def _signatures(letter: DocumentGeometry) -> Iterator[Problem]:
    signed = [
        number
        for number, page in enumerate(letter.pages, start=1)
        if any(line.part == "signatures" for line in page.lines)
    ]
    if len(signed) > 1:
        yield catalogue.SIGNATURE_SPLIT.at(page=signed[0], last=signed[-1])
    elif signed:
        lines = letter.pages[signed[0] - 1].lines
        above = sum(line.part in ("main", "closing", "salutation") for line in lines)
        if above < _LEAST_LINES:
            yield catalogue.SIGNATURE_ALONE.at(page=signed[0], lines=counted(above, "line"))


def _directions(letter: DocumentGeometry, expected: Expectations) -> Iterator[Problem]:
    if letter.direction != expected.direction:
        found, right = _WORDS[letter.direction], _WORDS[expected.direction]
        yield catalogue.PAGE_IN_WRONG_DIRECTION.at(direction=found, right=right)
        return
    for number, page in enumerate(letter.pages, start=1):
        for line in page.lines:
            direction = _natural_direction(line.text)
            if line.part == "main" and direction and direction != line.direction:
                yield catalogue.WRONG_DIRECTION.at(
                    page=number, text=_shortened(line.text), direction=_WORDS[line.direction]
                )
                return


_WORDS = {"ltr": "from left to right", "rtl": "from right to left"}


def _natural_direction(text: str) -> str:
    """The direction of most of a line's letters; empty when they are few or mixed."""
    if text.isascii():
        return "ltr" if sum(map(str.isalpha, text)) >= _TELLING else ""
    kinds = [unicodedata.bidirectional(character) for character in text]
    right = sum(kind in ("R", "AL") for kind in kinds)
    left = kinds.count("L")
    if right + left < _TELLING:
        return ""
    if right > 4 * left:
        return "rtl"
    return "ltr" if left > 4 * right else ""


def _edges(page: PageGeometry, number: int) -> Iterator[Problem]:
    for line in page.lines:
        area = line.area
        if line.part in ("draft-mark", "draft-note"):
            continue
        outside = (
            area.left < -_PLAY
            or area.top < -_PLAY
            or area.right > page.width + _PLAY
            or area.bottom > page.height + _PLAY
        )
        into_margin = line.part in ("main", "closing", "subject", "annex") and (
            area.left < page.inner.left - _PLAY or area.right > page.inner.right + _PLAY
        )
        if outside or into_margin:
            edge = "the page" if outside else "the text's width"
            column = line.part if line.part == "address" else ""
            yield catalogue.OFF_PAGE.at(
                column=column, page=number, text=_shortened(line.text), edge=edge
            )


def _overlaps(page: PageGeometry, number: int) -> Iterator[Problem]:
    lines = sorted(
        (line for line in page.lines if line.part not in _ASIDE), key=lambda line: line.area.top
    )
    for position, line in enumerate(lines):
        for other in lines[position + 1 :]:
            if other.area.top >= line.area.bottom:
                break
            if other.block != line.block and _stands_on(line, other):
                yield catalogue.TEXT_OVERLAP.at(
                    page=number, text=_shortened(line.text), other=_shortened(other.text)
                )
                return


def _stands_on(line: TextLine, other: TextLine) -> bool:
    width, height = line.area.overlap(other.area)
    least = min(line.area.bottom - line.area.top, other.area.bottom - other.area.top)
    return width > 2 * _PLAY and height > 0.4 * least


def _window(page: PageGeometry, window: Rectangle) -> Iterator[Problem]:
    for line in page.lines:
        if line.part != "address":
            continue
        area = line.area
        if (
            area.left < window.left - _PLAY
            or area.top < window.top - _PLAY
            or area.right > window.right + _PLAY
            or area.bottom > window.bottom + _PLAY
        ):
            text = _shortened(line.text)
            yield catalogue.ADDRESS_OUTSIDE_WINDOW.at(column="address", text=text)
            return


def _shortened(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 40 else f"{text[:39]}…"
