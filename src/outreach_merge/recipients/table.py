"""CSV, XLSX or ODS -> header and text cells.

Cells are text: "NA" is Namibia and never "not a number". Delimited text is read with the standard
library, which knows the row of every fault; workbooks with pandas and calamine.
"""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from outreach_merge import catalogue
from outreach_merge.model import Problem
from outreach_merge.recipients.error_cells import error_cells

_WORKBOOKS = frozenset({".xlsx", ".xlsm", ".ods"})
_DELIMITERS = (",", ";", "\t")
_SEPARATOR_LINE = re.compile(r"\ufeff?sep=([,;\t])[ ;,\t]*\r?\n", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f]")
#: Four accented letters on end are no word of a language that cp1252 is meant for: so looks
#: Russian, Arabic or Chinese text of another code page when it is read as cp1252.
_OTHER_SCRIPT = re.compile(r"[\u00c0-\u00ff]{4}")
_ENCODINGS_BY_BOM = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, slots=True)
class SourceTable:
    """A header and rows of text; ``rows`` holds pairs of the spreadsheet's row number and cells."""

    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    problems: tuple[Problem, ...] = ()

    def records(self) -> Iterator[tuple[int, dict[str, str]]]:
        """Each row as column -> cell, with its row number."""
        for number, cells in self.rows:
            yield number, dict(zip(self.header, cells, strict=True))


def read_table(path: Path, name: str) -> SourceTable:
    """Read the table in ``path``; what is wrong with it is in ``problems``.

    :param name: what to call the file in problems.
    """
    if not path.is_file():
        return _failed(catalogue.MISSING_FILE.at(name))
    if path.suffix.lower() in _WORKBOOKS:
        return _read_workbook(path, name)
    return _read_text(path, name)


def normalize_header(cell: str) -> str:
    """``" Courtesy Language"`` -> ``courtesy_language``: spreadsheets have their own ideas."""
    return re.sub(r"[\s\-]+", "_", cell.strip().strip("\ufeff")).lower()


def _failed(problem: Problem) -> SourceTable:
    """The table of a file that cannot be read at all."""
    return SourceTable((), (), (problem,))


def _read_text(path: Path, name: str) -> SourceTable:
    try:
        data = path.read_bytes()
    except OSError as error:
        return _failed(catalogue.UNREADABLE_FILE.at(name, reason=error.strerror))
    if data.startswith(b"PK\x03\x04"):
        return _failed(catalogue.WORKBOOK_NAMED_CSV.at(name))
    text = _decode(data)
    if text is None or _CONTROL.search(text):
        return _failed(catalogue.NOT_CSV.at(name))
    if _is_mistaken(text, data):
        return _failed(catalogue.UNKNOWN_ENCODING.at(name))
    if not text.strip():
        return _failed(catalogue.EMPTY_FILE.at(name))
    text, delimiter = _delimiter(text)
    records, faults = _records(text, delimiter, name)
    if faults and not any(records):
        return SourceTable((), (), faults)
    table = _table(records, name)
    return replace(table, problems=(*faults, *table.problems))


def _records(
    text: str, delimiter: str, name: str
) -> tuple[list[Sequence[str]], tuple[Problem, ...]]:
    """The rows, an empty one in the place of each that cannot be read, and the faults of those."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    records: list[Sequence[str]] = []
    faults: list[Problem] = []
    while True:
        try:
            records.extend(reader)
        except csv.Error as error:
            records.append(())
            faults.append(catalogue.CSV_SYNTAX.at(name, len(records), reason=error))
        else:
            return records, tuple(faults)


def _decode(data: bytes) -> str | None:
    for bom, encoding in _ENCODINGS_BY_BOM:
        if data.startswith(bom):
            return _try_decode(data, encoding)
    if b"\x00" in data[:200]:
        return _try_decode(data, "utf-16-le" if data[1:2] == b"\x00" else "utf-16-be")
    text = _try_decode(data, "utf-8")
    return text if text is not None else _try_decode(data, "cp1252")


def _is_mistaken(text: str, data: bytes) -> bool:
    """Whether ``text`` was read as cp1252 for want of anything better, and makes no sense."""
    return _OTHER_SCRIPT.search(text) is not None and text == _try_decode(data, "cp1252")


def _try_decode(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _delimiter(text: str) -> tuple[str, str]:
    """The table, and its separator: the one that stands most often in the header.

    A first line ``sep=;`` tells spreadsheets the separator; they do not count it as a row.
    """
    named = _SEPARATOR_LINE.match(text)
    if named:
        return text[named.end() :], named[1]
    unquoted = re.sub(r'"[^"]*"', "", text.lstrip("\ufeff\r\n"))
    header = re.split(r"[\r\n]", unquoted, maxsplit=1)[0]
    return text, max(_DELIMITERS, key=header.count)


def _read_workbook(path: Path, name: str) -> SourceTable:
    import pandas as pd

    try:
        frame = pd.read_excel(
            path,
            header=None,
            dtype=object,
            na_filter=False,
            keep_default_na=False,
            engine="calamine",
        )
        errors = tuple(error_cells(path))
    except Exception as error:  # calamine's errors have no public base in pandas
        return _failed(catalogue.NOT_A_WORKBOOK.at(name, reason=error))
    if frame.empty:
        return _failed(catalogue.EMPTY_SHEET.at(name))
    table = _table([[_text(cell) for cell in row] for row in frame.to_numpy().tolist()], name)
    columns = dict(enumerate(table.header, start=1))
    faults = tuple(
        catalogue.ERROR_CELL.at(name, error.row, columns.get(error.column, ""), error=error.text)
        for error in errors
    )
    return replace(table, problems=(*faults, *table.problems))


def _text(cell: object) -> str:
    """A cell as text; workbooks store a date as midnight of that day."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, dt.datetime) and cell.time() == dt.time():
        return cell.date().isoformat()
    return str(cell)


def _table(records: Sequence[Sequence[str]], name: str) -> SourceTable:
    first = next((n for n, record in enumerate(records) if any(map(str.strip, record))), None)
    if first is None:
        return _failed(catalogue.EMPTY_FILE.at(name))
    header = tuple(normalize_header(cell) for cell in records[first])
    while header and not header[-1]:
        header = header[:-1]
    problems = list(_header_problems(header, name))
    rows: list[tuple[int, tuple[str, ...]]] = []
    for number, record in enumerate(records[first + 1 :], start=first + 2):
        cells = tuple(cell.strip() for cell in record)
        if not any(cells):
            continue
        surplus = [cell for cell in cells[len(header) :] if cell]
        if surplus:
            problems.append(
                catalogue.TOO_MANY_CELLS.at(name, number, cells=len(cells), columns=len(header))
            )
            continue
        padded = cells + ("",) * (len(header) - len(cells))
        rows.append((number, padded[: len(header)]))
    if not rows and not problems:
        problems.append(catalogue.HEADER_ALONE.at(name))
    return SourceTable(header, tuple(rows), tuple(problems))


def _header_problems(header: Sequence[str], name: str) -> Iterator[Problem]:
    for column in sorted({column for column in header if header.count(column) > 1}):
        label = column or "(blank)"
        yield catalogue.DUPLICATE_COLUMN.at(name, 1, label)
