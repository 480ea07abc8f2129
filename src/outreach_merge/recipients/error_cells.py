"""Cells of a workbook that hold an error, such as ``#REF!``; calamine reads them as blank."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_CALC_TYPE = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}value-type"


@dataclass(frozen=True, slots=True)
class ErrorCell:
    """Where the error is, counted from 1, and what the cell shows."""

    row: int
    column: int
    text: str


def error_cells(path: Path) -> Iterator[ErrorCell]:
    """The cells with an error on the first sheet of an XLSX or ODS workbook, in their order.

    :raises Exception: whatever ``zipfile`` and ``ElementTree`` raise for a damaged workbook.
    """
    with zipfile.ZipFile(path) as archive:
        if path.suffix.lower() == ".ods":
            yield from _in_ods(archive.read("content.xml"))
        else:
            yield from _in_xlsx(archive.read(_first_sheet(archive)))


def _first_sheet(archive: zipfile.ZipFile) -> str:
    """The name of the part that holds the first sheet (ECMA-376 part 1, 18.2.19)."""
    sheet = next(ET.fromstring(archive.read("xl/workbook.xml")).iterfind("{*}sheets/{*}sheet"))
    relation = next(value for name, value in sheet.items() if name.endswith("}id"))
    relations = ET.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    targets = {one.get("Id"): one.get("Target", "") for one in relations}
    return posixpath.join("/xl", targets[relation]).lstrip("/")


def _in_xlsx(sheet: bytes) -> Iterator[ErrorCell]:
    """Cells of the type ``e`` (ECMA-376 part 1, 18.18.11)."""
    if b't="e"' not in sheet:  # parsing a large sheet takes seconds
        return
    for _, element in ET.iterparse(io.BytesIO(sheet)):
        if element.tag.endswith("}c") and element.get("t") == "e":
            place = re.fullmatch("([A-Z]+)([0-9]+)", element.get("r", ""))
            if place:
                text = element.findtext("{*}v", "")
                yield ErrorCell(int(place[2]), _column_number(place[1]), text)
        elif element.tag.endswith("}row"):
            element.clear()


def _column_number(letters: str) -> int:
    """A -> 1, AA -> 27."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _in_ods(content: bytes) -> Iterator[ErrorCell]:
    """Cells that LibreOffice marks as errors; the OpenDocument standard has no such type."""
    if b'value-type="error"' not in content:
        return
    row = 1
    for _, element in ET.iterparse(io.BytesIO(content)):
        if element.tag == f"{_TABLE}table":
            return
        if element.tag != f"{_TABLE}table-row":
            continue
        column = 1
        for cell in element:
            if cell.get(_CALC_TYPE) == "error":
                yield ErrorCell(row, column, "".join(cell.itertext()))
            column += int(cell.get(f"{_TABLE}number-columns-repeated", 1))
        row += int(element.get(f"{_TABLE}number-rows-repeated", 1))
        element.clear()
