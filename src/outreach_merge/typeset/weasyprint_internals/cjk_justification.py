"""Justification of Chinese lines between characters (CSS Text 4, ``inter-character``).

WeasyPrint widens spaces, and a Chinese line has none: its right edge would be ragged.

Replaces ``count_expandable_spaces``, which counts what can be widened in a line, and
``Layout.set_text``, which tells Pango by how much.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import weasyprint.layout.inline
from weasyprint.formatting_structure.boxes import TextBox
from weasyprint.text.ffi import TO_UNITS, ffi, pango
from weasyprint.text.line_break import Layout

#: Ideographs, their punctuation, and the quotation marks, dashes and dots set as wide as they are.
_WIDE = "\u2014\u2018-\u201d\u2026\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef"
_RUNS = re.compile(f"[{_WIDE}]+")


def _is_chinese(style: Any) -> bool:
    return bool(style["lang"]) and style["lang"].split("-")[0] == "zh"


def _widened(text: str) -> float:
    """How many characters of a text are widened; one at an end of it counts as half."""
    inside = sum(len(run) for run in _RUNS.findall(text))
    ends = sum(bool(_RUNS.match(end)) for end in (text[:1], text[-1:]))
    return max(0.0, inside - ends / 2)


def _count_with_characters(original: Any) -> Any:
    """``count_expandable_spaces``, which counts more than spaces in Chinese."""

    def count_expandable_spaces(box: Any) -> float:
        spaces: float = original(box)
        if isinstance(box, TextBox) and _is_chinese(box.style):
            return spaces + _widened(box.text)
        return spaces

    return count_expandable_spaces


def _set_text_with_spacing(original: Any) -> Any:
    """``Layout.set_text``, which widens more than spaces in Chinese."""

    def set_text(self: Any, text: str, justify: bool = False) -> None:
        original(self, text, justify)
        if justify and self.justification_spacing and _is_chinese(self.style):
            _widen(self.layout, self.text, self.justification_spacing)

    return set_text


def _widen(layout: Any, text: str, spacing: float) -> None:
    attributes = pango.pango_layout_get_attributes(layout)
    if attributes == ffi.NULL:
        attributes = ffi.gc(pango.pango_attr_list_new(), pango.pango_attr_list_unref)
    for run in _RUNS.finditer(text):
        attribute = pango.pango_attr_letter_spacing_new(round(spacing * TO_UNITS))
        attribute.start_index = len(text[: run.start()].encode())
        attribute.end_index = len(text[: run.end()].encode())
        pango.pango_attr_list_change(attributes, attribute)
    pango.pango_layout_set_attributes(layout, attributes)


@contextmanager
def cjk_justification() -> Iterator[None]:
    """Within, WeasyPrint justifies Chinese lines between characters."""
    inline = weasyprint.layout.inline
    count, set_text = inline.count_expandable_spaces, Layout.set_text
    inline.count_expandable_spaces = _count_with_characters(count)
    Layout.set_text = _set_text_with_spacing(set_text)
    try:
        yield
    finally:
        inline.count_expandable_spaces = count
        Layout.set_text = set_text
