"""Lines that letters share: broken and shaped once, then set again from memory.

Most lines of a letter stand in the next letter too. WeasyPrint asks Pango to break and to shape
each of them, and once more to draw it. Here the answer is kept under everything it depends on: the
text, the properties of the style that touch text, and the width.

Functions of WeasyPrint are replaced here and in ``ideographs`` alone: ``split_first_line`` where
the layout calls it, ``draw_text`` where pages are painted. ``remember_lines`` puts the memory in
place for as long as it lasts, and only in this process; ``tests/typeset`` compares pages set with
it and without, and fails when WeasyPrint renames what is replaced here.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import weasyprint.draw
import weasyprint.draw.text
import weasyprint.layout.inline
import weasyprint.layout.preferred
from weasyprint.matrix import Matrix

#: Lines kept before the memory starts afresh: some five thousand bytes each. A letter has fifty.
_MOST = 1_000

#: The properties that break, shape and measure a text.
_OF_TEXT = (
    "font_family", "font_style", "font_stretch", "font_weight", "font_size", "font_kerning",
    "font_variant_ligatures", "font_variant_position", "font_variant_caps",
    "font_variant_numeric", "font_variant_alternates", "font_variant_east_asian",
    "font_feature_settings", "font_variation_settings", "font_language_override", "lang",
    "direction", "letter_spacing", "word_spacing", "white_space", "overflow_wrap", "hyphens",
    "hyphenate_character", "hyphenate_limit_chars", "hyphenate_limit_zone", "tab_size",
    "text_decoration_line",
)  # fmt: skip


@dataclass(slots=True)
class _Run:
    """Glyphs of one font in a line, and what the font must know of them."""

    key: int
    size: float
    shown: list[tuple[str, Any]] = field(default_factory=list)
    to_unicode: dict[int, str] = field(default_factory=dict)
    widths: dict[int, int] = field(default_factory=dict)


class _Recorder:
    """Stands in for a page while one line is drawn, and notes what is drawn."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self.length = stream.length
        self.ink_rect = stream.ink_rect
        self.logical_rect = stream.logical_rect
        self.fonts: dict[int, Any] = {}
        self.steps: list[tuple[str, tuple[Any, ...]]] = []

    def set_text_matrix(self, *matrix: float) -> None:
        """Where the line stands is not part of it."""

    def add_font(self, pango_font: Any) -> tuple[Any, float]:
        font, size = self._stream.add_font(pango_font)
        key = next(key for key, known in self._stream._fonts.items() if known is font)
        if key not in self.fonts:
            blank = copy.copy(font)
            blank.to_unicode, blank.widths, blank.missing = {}, {}, {}
            self.fonts[key] = blank
        return self.fonts[key], size

    def set_font_size(self, name: str, size: float) -> None:
        self.steps.append(("set_font_size", (name, size)))

    def set_text_rise(self, rise: float) -> None:
        self.steps.append(("set_text_rise", (rise,)))

    def show_text(self, text: str) -> None:
        self.steps.append(("show_text", (text,)))


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A line as it is drawn: steps, and the glyphs of each font with their widths and texts."""

    steps: tuple[tuple[str, tuple[Any, ...]], ...]
    glyphs: tuple[tuple[int, dict[int, str], dict[int, int]], ...]


class LineMemory:
    """Lines of one campaign in one process, as long as one ``FontConfiguration`` lasts."""

    def __init__(self) -> None:
        self._split: dict[tuple[Any, ...], tuple[Any, ...]] = {}
        self._drawn: dict[tuple[Any, ...], _Drawn] = {}
        self._kinds: dict[tuple[Any, ...], int] = {}

    def split(self, original: Callable[..., tuple[Any, ...]]) -> Callable[..., tuple[Any, ...]]:
        """``split_first_line`` with a memory."""

        def split_first_line(
            text: str,
            style: Any,
            context: Any,
            max_width: float | None,
            justification_spacing: float,
            is_line_start: bool = True,
            minimum: bool = False,
        ) -> tuple[Any, ...]:
            key = (
                text, self._kind(style), max_width, justification_spacing, is_line_start, minimum,
            )  # fmt: skip
            found = self._split.get(key)
            if found is None:
                if len(self._split) > _MOST:
                    self._split.clear()
                found = original(
                    text, style, context, max_width, justification_spacing, is_line_start, minimum
                )
                # The layout notes later how the line is justified: that is not the memory's.
                self._split[key] = (_twin(found[0]), *found[1:])
                return found
            return (_twin(found[0]), *found[1:])

        return split_first_line

    def draw(self, original: Callable[..., None]) -> Callable[..., None]:
        """``draw_text`` with a memory; what is not plain text goes the old way."""

        def draw_text(
            stream: Any, textbox: Any, offset_x: Any, text_overflow: str, block_ellipsis: Any
        ) -> None:
            style, layout = textbox.style, textbox.pango_layout
            plain = (
                text_overflow == "clip"
                and block_ellipsis == "none"
                and style["visibility"] == "visible"
                and style["text_decoration_line"] == "none"
                and textbox.text.strip()
                and style["font_size"] >= 1e-6
            )
            if not plain:
                original(stream, textbox, offset_x, text_overflow, block_ellipsis)
                return
            key = (layout.text, self._kind(style), layout.justification_spacing)
            drawn = self._drawn.get(key)
            if drawn is None:
                drawn = self._record(stream, textbox)
                if drawn is None:
                    original(stream, textbox, offset_x, text_overflow, block_ellipsis)
                    return
                if len(self._drawn) > _MOST:
                    self._drawn.clear()
                self._drawn[key] = drawn
            x, y = textbox.position_x, textbox.position_y + textbox.baseline
            stream.set_color(style["color"])
            stream.begin_text()
            stream.set_text_matrix(*Matrix(d=-1, e=x, f=y).values)
            _replay(drawn, stream)
            stream.end_text()

        return draw_text

    def _record(self, stream: Any, textbox: Any) -> _Drawn | None:
        recorder = _Recorder(stream)
        textbox.pango_layout.reactivate(textbox.style)
        try:
            emojis = weasyprint.draw.text.draw_first_line(
                recorder, textbox, "clip", "none", Matrix()
            )
        finally:
            textbox.pango_layout.deactivate()
        fonts = recorder.fonts.values()
        if emojis or any(font.missing or font.bitmap for font in fonts):
            return None  # drawn again each time, so that each letter gets its warning
        glyphs = tuple(
            (key, dict(font.to_unicode), dict(font.widths)) for key, font in recorder.fonts.items()
        )
        return _Drawn(tuple(recorder.steps), glyphs)

    def _kind(self, style: Any) -> int:
        """A number for all styles that set text alike; noted on the style itself."""
        kind: int | None = style.__dict__.get("_kind_of_text")
        if kind is None:
            values = tuple(_hashable(style[name]) for name in _OF_TEXT)
            kind = self._kinds.setdefault(values, len(self._kinds))
            style._kind_of_text = kind
        return kind


def _twin(layout: Any) -> Any:
    """As ``copy.copy``, at a fourth of its time."""
    twin = object.__new__(type(layout))
    twin.__dict__.update(layout.__dict__)
    return twin


def _replay(drawn: _Drawn, stream: Any) -> None:
    for key, to_unicode, widths in drawn.glyphs:
        font = stream._fonts[key]
        for glyph, text in to_unicode.items():
            font.to_unicode.setdefault(glyph, text)
        for glyph, width in widths.items():
            font.widths.setdefault(glyph, width)
    for step, arguments in drawn.steps:
        getattr(stream, step)(*arguments)


def _hashable(value: Any) -> Any:
    return repr(value) if isinstance(value, list | dict | set) else value


@contextmanager
def remember_lines(memory: LineMemory) -> Iterator[None]:
    """Within, WeasyPrint breaks and draws lines with ``memory``."""
    places = (
        (weasyprint.layout.inline, "split_first_line", memory.split),
        (weasyprint.layout.preferred, "split_first_line", memory.split),
        (weasyprint.draw, "draw_text", memory.draw),
    )
    originals = [getattr(module, name) for module, name, _ in places]
    for (module, name, wrap), original in zip(places, originals, strict=True):
        remembering: Any = wrap
        setattr(module, name, remembering(original))
    try:
        yield
    finally:
        for (module, name, _), original in zip(places, originals, strict=True):
            setattr(module, name, original)
