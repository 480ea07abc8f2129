"""The proof of a batch: every page of every letter, small, on one contact sheet."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from outreach_merge.html_pages import render_page
from outreach_merge.model import PlannedLetter
from outreach_merge.pictures import Frame, page_count, with_pages

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
    html = render_page(
        "contact_sheet.html",
        title=title,
        letters=len(letters),
        sheets=[list(_shown(sheet, state_name)) for sheet in sheets],
    )
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


def _shown(
    sheet: Sequence[_Cell], state_name: Callable[[str], str]
) -> Iterator[Mapping[str, str | float]]:
    """What the page says of each cell of a sheet, and where it stands, in millimetres."""
    for position, cell in enumerate(sheet):
        left, top = _place(position)
        planned = cell.planned
        caption = [planned.letter, planned.language]
        if planned.recipient.group:
            caption.append(f"group {planned.recipient.group}")
        if planned.courtesy:
            caption.append("courtesy")
        if cell.pages > 1:
            caption.append(f"{cell.page + 1}/{cell.pages}")
        state = planned.recipient.state
        yield {
            "left": left,
            "top": top,
            "name": f"{state_name(state)} ({state})",
            "caption": " · ".join(caption),
        }
