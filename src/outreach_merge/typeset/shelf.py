"""Fonts that letters share: each is read once in a process, and cut once for equal texts."""

from __future__ import annotations

import copy
from typing import Any

from weasyprint.pdf.fonts import Font

from outreach_merge.typeset.fonts import outlines_stand_alone

#: Cut fonts kept: letters of one text to different states share their headings' fonts.
_MOST = 64


class Shelf:
    """The fonts of one ``FontConfiguration``."""

    def __init__(self) -> None:
        self._fonts: dict[int, _ShelfFont] = {}

    def for_letter(self) -> dict[int, Font]:
        """A letter's ``Document.fonts``: fonts of the shelf, with no glyph used yet."""
        return _LetterFonts(self._fonts)


class _LetterFonts(dict[int, Any]):
    def __init__(self, shelf: dict[int, _ShelfFont]) -> None:
        super().__init__()
        self._shelf = shelf

    def __contains__(self, key: object) -> bool:
        return key in self._shelf and bool(self[key])

    def __setitem__(self, key: int, font: Font) -> None:
        self._shelf[key] = _ShelfFont(font)

    def __missing__(self, key: int) -> Any:
        font = self._shelf[key].blank()
        super().__setitem__(key, font)
        return font


class _ShelfFont(Font):  # type: ignore[misc]
    """A font that was read, and remembers how it was cut."""

    def __init__(self, font: Font) -> None:
        self.__dict__.update(font.__dict__)
        self.file_content: bytes = font.file_content
        self._cut: dict[tuple[Any, ...], bytes] = {}
        self._outlines_stand_alone = outlines_stand_alone(self.file_content)

    def blank(self) -> _ShelfFont:
        """The font with no glyph used yet."""
        font = copy.copy(self)
        font.widths, font.to_unicode, font.missing = {}, {}, {}
        return font

    def clean(self, to_unicode: dict[int, str], hinting: bool) -> None:
        if self._outlines_stand_alone:
            return  # those that are drawn are taken when the file is finished
        key = (frozenset(to_unicode), bool(self.missing), hinting)
        if key not in self._cut:
            super().clean(to_unicode, hinting)
            if len(self._cut) >= _MOST:
                self._cut.clear()
            self._cut[key] = self.file_content
        self.file_content = self._cut[key]
