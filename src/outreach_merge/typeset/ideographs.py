"""Chinese lines justified by the character: what a line lacks is shared by all that stands in it.

WeasyPrint widens spaces, and a Chinese line has none: without this its right edge is ragged. CSS
calls it ``text-justify: inter-character``. Two functions of WeasyPrint are replaced for as long as
``justified_by_character`` lasts: what is counted in a line as able to grow, and where Pango is told
to add to it. ``tests/typeset`` looks at the edge of the page, and fails when they are renamed.
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


def _growing(text: str) -> float:
    """How many characters of a text grow; one at an end of it only inwards, by half."""
    inside = sum(len(run) for run in _RUNS.findall(text))
    ends = sum(bool(_RUNS.match(end)) for end in (text[:1], text[-1:]))
    return max(0.0, inside - ends / 2)


def _counted(original: Any) -> Any:
    """``count_expandable_spaces``, which counts more than spaces in Chinese."""

    def count_expandable_spaces(box: Any) -> float:
        spaces: float = original(box)
        if isinstance(box, TextBox) and _is_chinese(box.style):
            return spaces + _growing(box.text)
        return spaces

    return count_expandable_spaces


def _spaced(original: Any) -> Any:
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
def justified_by_character() -> Iterator[None]:
    """Within, WeasyPrint justifies Chinese lines, and only in this process."""
    inline = weasyprint.layout.inline
    count, set_text = inline.count_expandable_spaces, Layout.set_text
    inline.count_expandable_spaces = _counted(count)
    Layout.set_text = _spaced(set_text)
    try:
        yield
    finally:
        inline.count_expandable_spaces = count
        Layout.set_text = set_text
