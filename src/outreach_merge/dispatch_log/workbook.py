"""Sheets of typed cells -> the bytes of an XLSX workbook, written by XlsxWriter row by row.

A text is always a string cell, never a formula, a number or a link, whatever it looks like.
"""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

Cell = str | int | bool | dt.date | dt.datetime | tuple[str, ...] | None

_LONGEST = 32_767  # characters a cell holds
_WIDEST = 48  # characters a column is at most wide, however long its texts
_CREATED = dt.datetime(1980, 1, 1)
_A4 = 9
_NOT_XML = re.compile(r"[\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A header and rows; every row has one cell for each column.

    Times are written in UTC, lists separated by "; ", true as "yes".

    :param kept: columns, from the first, that stay in sight and stand on every printed page.
    """

    name: str
    header: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    kept: int = 1


def workbook(sheets: Sequence[Sheet]) -> bytes:
    """An XLSX workbook: on each sheet a frozen, filtered header and columns wide enough.

    It prints on A4 in landscape, with the header and the kept columns on every page. The same
    sheets give the same bytes.
    """
    import xlsxwriter

    data = io.BytesIO()
    with xlsxwriter.Workbook(data, {"constant_memory": True}) as book:
        book.set_properties({"created": _CREATED})
        header = book.add_format({"bold": True})
        date = book.add_format({"num_format": "yyyy-mm-dd"})
        time = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        for sheet in sheets:
            page = book.add_worksheet(sheet.name)
            _lay_out(page, sheet)
            for column, name in enumerate(sheet.header):
                page.write_string(0, column, name, header)
            for row, cells in enumerate(sheet.rows, start=1):
                for column, value in enumerate(cells):
                    _write(page, row, column, value, date, time)
    return data.getvalue()


def _lay_out(page: Any, sheet: Sheet) -> None:
    """Frozen panes, filter, widths, and how the sheet is printed."""
    page.freeze_panes(1, sheet.kept)
    page.autofilter(0, 0, len(sheet.rows), len(sheet.header) - 1)
    for column, width in enumerate(_widths(sheet)):
        page.set_column(column, column, width)
    page.repeat_rows(0)
    page.repeat_columns(0, sheet.kept - 1)
    page.set_landscape()
    page.set_paper(_A4)
    page.set_print_scale(70)
    page.print_across()
    page.set_footer("&L&A&R&P / &N")


def _write(page: Any, row: int, column: int, value: Cell, date: Any, time: Any) -> None:
    """One cell; none for ``None``, an empty text or list, and false."""
    if value is None or isinstance(value, str | bool | tuple):
        if text := _text(value):
            _write_text(page, row, column, text)
    elif isinstance(value, int):
        page.write_number(row, column, value)
    elif isinstance(value, dt.datetime):
        moment = value.astimezone(dt.UTC).replace(tzinfo=None, microsecond=0)
        page.write_datetime(row, column, moment, time)
    else:
        page.write_datetime(row, column, value, date)


def _write_text(page: Any, row: int, column: int, text: str) -> None:
    text = _NOT_XML.sub("\ufffd", text)
    if len(text) > _LONGEST:
        text = f"{text[: _LONGEST - 1]}\u2026"
    if text.startswith("<r>") and text.endswith("</r>"):
        # XlsxWriter takes such a text for markup of its own and writes it unescaped.
        page.write_rich_string(row, column, *text[:3], text[3:])
    else:
        page.write_string(row, column, text)


def _widths(sheet: Sheet) -> list[int]:
    """Characters each column needs: its longest text, the header with the filter's arrow."""
    widths = []
    for at, name in enumerate(sheet.header):
        values = {row[at] for row in sheet.rows}
        longest = max((_shown(value) for value in values), default=0)
        widths.append(min(max(longest + 1, len(name) + 3), _WIDEST))
    return widths


def _text(value: str | bool | tuple[str, ...] | None) -> str:
    if isinstance(value, tuple):
        return "; ".join(value)
    return value if isinstance(value, str) else "yes" if value else ""


def _shown(value: Cell) -> int:
    """Characters a cell takes."""
    if value is None or isinstance(value, str | bool | tuple):
        return len(_text(value))
    if isinstance(value, dt.datetime):
        return 19
    return 10 if isinstance(value, dt.date) else 6
