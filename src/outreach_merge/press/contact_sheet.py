"""The proof of a batch: every page of every letter, small, on one contact sheet."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from outreach_merge.model import PlannedLetter
from outreach_merge.pictures import Frame, page_count, with_pages
from outreach_merge.wording import counted

_POINTS_PER_MM = 72 / 25.4
#: A4, upright, in millimetres.
_WIDTH, _HEIGHT = 210.0, 297.0
_MARGIN, _TOP = 12.0, 18.0
_COLUMNS, _ROWS = 4, 4
_CELL_WIDTH = (_WIDTH - 2 * _MARGIN) / _COLUMNS
_CELL_HEIGHT = (_HEIGHT - _TOP - _MARGIN) / _ROWS
_PICTURE_WIDTH, _PICTURE_HEIGHT = 41.0, 57.0

STYLESHEET = f"""
@page {{ size: {_WIDTH}mm {_HEIGHT}mm; margin: 0; @top-center {{ content: none }} }}
@page :first {{ margin: 0 }}
html, html:lang(en) {{ font-size: 8pt; line-height: 1.2; hyphens: manual; }}
.sheet {{ break-after: page; position: relative; width: {_WIDTH}mm; height: {_HEIGHT - 1}mm; }}
.sheet:last-child {{ break-after: auto; }}
.sheet h1 {{ position: absolute; left: {_MARGIN}mm; top: 8mm; margin: 0; font-size: 10pt; }}
.cell {{ position: absolute; width: {_PICTURE_WIDTH}mm; }}
.frame {{ width: {_PICTURE_WIDTH}mm; height: {_PICTURE_HEIGHT}mm; border: 0.3pt solid #999; }}
.cell p {{ margin: 0; text-align: start; }}
.cell p + p {{ color: #555; font-size: 7pt; }}
"""


@dataclass(frozen=True, slots=True)
class _Cell:
    planned: PlannedLetter
    pdf: bytes
    page: int
    pages: int


def contact_sheet(
    title: str,
    letters: Sequence[tuple[PlannedLetter, Path]],
    state_name: Callable[[str], str],
    typeset: Callable[[str, str], bytes],
) -> bytes:
    """One PDF with the pages of ``letters``, each with state, language and group below it.

    :param letters: planned letters and their files.
    :param state_name: ISO 3166 alpha-3 -> name.
    :param typeset: HTML and stylesheet -> PDF.
    """
    cells = list(_cells(letters))
    each = _COLUMNS * _ROWS
    sheets = [cells[start : start + each] for start in range(0, len(cells), each)]
    html = _html(title, sheets, len(letters), state_name)
    return with_pages(typeset(html, STYLESHEET), _frames(sheets))


def _cells(letters: Sequence[tuple[PlannedLetter, Path]]) -> Iterator[_Cell]:
    for planned, path in letters:
        pdf = path.read_bytes()
        pages = page_count(pdf)
        for page in range(pages):
            yield _Cell(planned, pdf, page, pages)


def _place(position: int) -> tuple[float, float]:
    """Left and top of a cell in millimetres."""
    row, column = divmod(position, _COLUMNS)
    return _MARGIN + column * _CELL_WIDTH, _TOP + row * _CELL_HEIGHT


def _frames(sheets: Sequence[Sequence[_Cell]]) -> Iterator[Frame]:
    for sheet, cells in enumerate(sheets):
        for position, cell in enumerate(cells):
            left, top = _place(position)
            yield Frame(
                sheet,
                left * _POINTS_PER_MM,
                (_HEIGHT - top - _PICTURE_HEIGHT) * _POINTS_PER_MM,
                _PICTURE_WIDTH * _POINTS_PER_MM,
                _PICTURE_HEIGHT * _POINTS_PER_MM,
                cell.pdf,
                cell.page,
            )


def _html(
    title: str,
    sheets: Sequence[Sequence[_Cell]],
    letters: int,
    state_name: Callable[[str], str],
) -> str:
    parts = []
    for number, cells in enumerate(sheets, start=1):
        head = f"{escape(title)} · {counted(letters, 'letter')} · sheet {number} of {len(sheets)}"
        body = "".join(
            _cell_html(cell, position, state_name) for position, cell in enumerate(cells)
        )
        parts.append(f'<section class="sheet"><h1>{head}</h1>{body}</section>')
    return (
        f'<!DOCTYPE html><html lang="en"><head><title>{escape(title)}</title></head>'
        f"<body>{''.join(parts)}</body></html>"
    )


def _cell_html(cell: _Cell, position: int, state_name: Callable[[str], str]) -> str:
    left, top = _place(position)
    planned = cell.planned
    said = [planned.letter, planned.language]
    if planned.recipient.group:
        said.append(f"group {planned.recipient.group}")
    if planned.courtesy:
        said.append("courtesy")
    if cell.pages > 1:
        said.append(f"{cell.page + 1}/{cell.pages}")
    name = f"{state_name(planned.recipient.state)} ({planned.recipient.state})"
    return (
        f'<div class="cell" style="left:{left:.2f}mm;top:{top:.2f}mm"><div class="frame"></div>'
        f"<p>{escape(name)}</p><p>{escape(' · '.join(said))}</p></div>"
    )
