"""Fonts kept between letters: each is read once in a process, and subset once for equal glyphs.

Replaces ``Font`` where a page's stream makes one.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import weasyprint.pdf.stream
from weasyprint.pdf.fonts import Font
from weasyprint.text.fonts import get_pango_font_key

from outreach_merge.typeset.fonts import outlines_stand_alone

#: Subsets kept for each font: letters of one text to different states share their headings' fonts.
_CAPACITY = 64


class FontCache:
    """The fonts of one ``FontConfiguration``, by Pango's key and the size they are first used in.

    What WeasyPrint notes of a font (ascent, descent) is rounded at the size in which a document
    uses it first.
    """

    def __init__(self) -> None:
        self._fonts: dict[tuple[int, float], _CachedFont] = {}

    def key_of(self, pango_font: Any) -> tuple[int, float]:
        """The key of a font and its size in CSS pixels; the font is in the cache then."""
        key, description, size = get_pango_font_key(pango_font)
        if (key, size) not in self._fonts:
            font = Font(pango_font, description, size)
            self._fonts[key, size] = _CachedFont(font, self._of_other_size(key))
        return key, size

    def new_document_font(self, key: tuple[int, float]) -> Font:
        """A font of the cache for one document, with no glyph in use."""
        return self._fonts[key].without_glyphs()

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Within, WeasyPrint takes fonts from the cache."""
        module = weasyprint.pdf.stream
        original = module.Font
        module.Font = self._make
        try:
            yield
        finally:
            module.Font = original

    def _make(self, pango_font: Any, description: Any, size: float) -> Font:
        return self.new_document_font(self.key_of(pango_font))

    def _of_other_size(self, key: int) -> _CachedFont | None:
        return next((font for (other, _), font in self._fonts.items() if other == key), None)


class _CachedFont(Font):  # type: ignore[misc]
    """A font that was read, and keeps its subsets.

    :param other: the same font in another size; the bytes of the file are shared.
    """

    def __init__(self, font: Font, other: _CachedFont | None) -> None:
        self.__dict__.update(font.__dict__)
        self.file_content: bytes = font.file_content
        if other is not None and other.file_content == self.file_content:
            self.file_content = other.file_content
            self._outlines_stand_alone: bool = other._outlines_stand_alone
        else:
            self._outlines_stand_alone = outlines_stand_alone(self.file_content)
        self._subsets: dict[tuple[Any, ...], bytes] = {}

    def without_glyphs(self) -> _CachedFont:
        font = copy.copy(self)
        font.widths, font.to_unicode, font.missing = {}, {}, {}
        font.variations = dict(self.variations)
        return font

    def clean(self, to_unicode: dict[int, str], hinting: bool) -> None:
        if self._outlines_stand_alone:
            return  # the outlines in use are taken when the file is finished
        key = (frozenset(to_unicode), bool(self.missing), hinting)
        if key not in self._subsets:
            super().clean(to_unicode, hinting)
            if len(self._subsets) >= _CAPACITY:
                self._subsets.clear()
            self._subsets[key] = self.file_content
        self.file_content = self._subsets[key]
