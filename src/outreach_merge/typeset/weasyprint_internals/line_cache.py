"""Lines kept between letters: broken and shaped once, then laid out and painted from the cache.

Most lines of a letter stand in the next letter too. WeasyPrint asks Pango to break and to shape
each of them, and once more to paint it. Here the answer is kept under everything it depends on: the
text, the width, and the value of every property by which the styles of two texts can differ.

Replaces ``split_first_line`` where the layout calls it, and ``draw_text`` where pages are painted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import weasyprint.draw
import weasyprint.draw.text
import weasyprint.layout.inline
import weasyprint.layout.preferred
from tinycss2.color4 import Color
from weasyprint.css.properties import INHERITED, INITIAL_VALUES
from weasyprint.matrix import Matrix

from outreach_merge.typeset.weasyprint_internals.font_cache import FontCache

#: Lines kept before the cache is emptied: some five thousand bytes each. A letter has fifty.
_CAPACITY = 1_000

#: What a text's style can differ by: the box of a text is anonymous, and an anonymous style has the
#: initial value of every property that is neither inherited nor propagated (CSS Text Decoration 3,
#: 2; ``AnonymousStyle``).
KEY_PROPERTIES = tuple(
    sorted({*INHERITED, *(name for name in INITIAL_VALUES if name.startswith("text_decoration"))})
)

#: Values that mean the same in every style. Others (``calc(1rem + 10%)``) refer to more than the
#: style they stand in.
_PLAIN_VALUES = (str, int, float, type(None), Color)


@dataclass(frozen=True, slots=True)
class _Glyphs:
    """Glyphs of one font in a line.

    :param font: key of the font in the ``FontCache``.
    :param to_unicode: glyph -> the text it stands for.
    :param widths: glyph -> its width in thousandths of the font's size.
    """

    font: tuple[int, float]
    to_unicode: dict[int, str]
    widths: dict[int, int]


@dataclass(frozen=True, slots=True)
class _PaintedLine:
    """A line as it is painted: calls of the page's stream, and the glyphs they show."""

    calls: tuple[tuple[str, tuple[Any, ...]], ...]
    glyphs: tuple[_Glyphs, ...]

    def fits(self, fonts: dict[int, Any]) -> bool:
        """Whether the document's fonts give every glyph the width that the line was painted with.

        WeasyPrint takes a glyph's width from its first use in a document, and sets later ones
        closer or wider by the difference.
        """
        for one in self.glyphs:
            font = fonts.get(one.font[0])
            if font is not None:
                known = font.widths
                if any(known.get(glyph, width) != width for glyph, width in one.widths.items()):
                    return False
        return True


class _Recorder:
    """Stands in for a page's stream while one line is painted, and notes what is painted."""

    def __init__(self, stream: Any, cache: FontCache) -> None:
        self.length = stream.length
        self.ink_rect = stream.ink_rect
        self.logical_rect = stream.logical_rect
        self.fonts: dict[tuple[int, float], Any] = {}
        self.calls: list[tuple[str, tuple[Any, ...]]] = []
        self._cache = cache

    def set_text_matrix(self, *matrix: float) -> None:
        """The position of the line on the page is not recorded."""

    def add_font(self, pango_font: Any) -> tuple[Any, float]:
        key = self._cache.key_of(pango_font)
        if key not in self.fonts:
            self.fonts[key] = self._cache.new_document_font(key)
        return self.fonts[key], key[1]

    def set_font_size(self, name: str, size: float) -> None:
        self.calls.append(("set_font_size", (name, size)))

    def set_text_rise(self, rise: float) -> None:
        self.calls.append(("set_text_rise", (rise,)))

    def show_text(self, text: str) -> None:
        self.calls.append(("show_text", (text,)))


class LineCache:
    """Lines of one campaign in one process, as long as one ``FontConfiguration`` lasts.

    :param fonts: the fonts of the same configuration.
    :param properties: names of the properties that keys hold.
    """

    def __init__(self, fonts: FontCache, properties: Sequence[str] = KEY_PROPERTIES) -> None:
        self._fonts = fonts
        self._values = itemgetter(*properties)
        self._numbers: dict[tuple[Any, ...], int | None] = {}
        self._split: dict[tuple[Any, ...], tuple[Any, ...]] = {}
        self._painted: dict[tuple[Any, ...], _PaintedLine | None] = {}

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Within, WeasyPrint breaks and paints lines with the cache."""
        inline, preferred, draw = (
            weasyprint.layout.inline, weasyprint.layout.preferred, weasyprint.draw,
        )  # fmt: skip
        split, draw_text = inline.split_first_line, draw.draw_text
        inline.split_first_line = preferred.split_first_line = self._caching_split(split)
        draw.draw_text = self._caching_draw(draw_text)
        try:
            yield
        finally:
            inline.split_first_line = preferred.split_first_line = split
            draw.draw_text = draw_text

    def _caching_split(
        self, original: Callable[..., tuple[Any, ...]]
    ) -> Callable[..., tuple[Any, ...]]:
        """``split_first_line`` with the cache."""

        def split_first_line(
            text: str,
            style: Any,
            context: Any,
            max_width: float | None,
            justification_spacing: float,
            is_line_start: bool = True,
            minimum: bool = False,
        ) -> tuple[Any, ...]:
            values = self._key(style)
            key = (text, values, max_width, justification_spacing, is_line_start, minimum)
            found = self._split.get(key) if values is not None else None
            if found is None:
                found = original(
                    text, style, context, max_width, justification_spacing, is_line_start, minimum
                )
                if values is None:
                    return found
                if len(self._split) >= _CAPACITY:
                    self._split.clear()
                # The layout later notes in the Pango layout how the line is justified.
                self._split[key] = (_copy(found[0]), *found[1:])
                return found
            return (_copy(found[0]), *found[1:])

        return split_first_line

    def _caching_draw(self, original: Callable[..., None]) -> Callable[..., None]:
        """``draw_text`` with the cache; what is more than glyphs is painted by WeasyPrint."""

        def draw_text(
            stream: Any, textbox: Any, offset_x: Any, text_overflow: str, block_ellipsis: Any
        ) -> None:
            style = textbox.style
            glyphs_only = (
                text_overflow == "clip"
                and block_ellipsis == "none"
                and style["visibility"] == "visible"
                and style["text_decoration_line"] == "none"
                and textbox.text.strip()
                and style["font_size"] >= 1e-6
            )
            line = self._line(stream, textbox) if glyphs_only else None
            if line is None or not line.fits(stream._fonts):
                original(stream, textbox, offset_x, text_overflow, block_ellipsis)
                return
            x, y = textbox.position_x, textbox.position_y + textbox.baseline
            stream.set_color(style["color"])
            stream.begin_text()
            stream.set_text_matrix(*Matrix(d=-1, e=x, f=y).values)
            self._paint(line, stream)
            stream.end_text()

        return draw_text

    def _line(self, stream: Any, textbox: Any) -> _PaintedLine | None:
        """The line from the cache, painted if it is not there; ``None`` if it cannot be kept."""
        values = self._key(textbox.style)
        if values is None:
            return None
        layout = textbox.pango_layout
        key = (layout.text, values, layout.justification_spacing)
        if key not in self._painted:
            if len(self._painted) >= _CAPACITY:
                self._painted.clear()
            self._painted[key] = self._record(stream, textbox)
        return self._painted[key]

    def _record(self, stream: Any, textbox: Any) -> _PaintedLine | None:
        recorder = _Recorder(stream, self._fonts)
        textbox.pango_layout.reactivate(textbox.style)
        try:
            emojis = weasyprint.draw.text.draw_first_line(
                recorder, textbox, "clip", "none", Matrix()
            )
        finally:
            textbox.pango_layout.deactivate()
        fonts = recorder.fonts.values()
        if emojis or any(font.missing or font.bitmap for font in fonts):
            return None  # WeasyPrint is to say for every letter which character has no glyph
        glyphs = tuple(
            _Glyphs(key, font.to_unicode, font.widths) for key, font in recorder.fonts.items()
        )
        return _PaintedLine(tuple(recorder.calls), glyphs)

    def _paint(self, line: _PaintedLine, stream: Any) -> None:
        for one in line.glyphs:
            font = stream._fonts.get(one.font[0])
            if font is None:
                font = stream._fonts[one.font[0]] = self._fonts.new_document_font(one.font)
            for glyph, text in one.to_unicode.items():
                font.to_unicode.setdefault(glyph, text)
            font.widths.update(one.widths)
        for name, arguments in line.calls:
            getattr(stream, name)(*arguments)

    def _key(self, style: Any) -> int | None:
        """A number for the values of the key's properties; ``None`` if they do not say all.

        It is noted on the style with the values it was found for, since WeasyPrint may change them.
        """
        values = self._values(style)
        noted = style.__dict__.get("_line_cache_key")
        if noted is not None and noted[0] == values:
            return noted[1]  # type: ignore[no-any-return]
        frozen = tuple(map(_frozen, values))
        if frozen not in self._numbers:
            plain = all(map(_is_plain, frozen))
            self._numbers[frozen] = len(self._numbers) if plain else None
        style._line_cache_key = (values, self._numbers[frozen])
        return self._numbers[frozen]


def _frozen(value: Any) -> Any:
    return frozenset(value) if isinstance(value, set) else value


def _is_plain(value: Any) -> bool:
    if isinstance(value, tuple | frozenset):
        return all(map(_is_plain, value))
    return isinstance(value, _PLAIN_VALUES)


def _copy(layout: Any) -> Any:
    """As ``copy.copy``, in a fourth of its time."""
    twin = object.__new__(type(layout))
    twin.__dict__.update(layout.__dict__)
    return twin
