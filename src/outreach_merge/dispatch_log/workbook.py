"""Sheets of typed cells -> the bytes of an XLSX workbook (ECMA-376, SpreadsheetML).

Written here because a register of 20,000 letters must be exported within five seconds: for its two
sheets XlsxWriter takes eight, openpyxl more, this two. A text is always a string cell, never a
formula, a number or a link, whatever it looks like.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

Cell = str | int | bool | dt.date | dt.datetime | tuple[str, ...] | None

_COMPRESSION = 3  # 6 makes a file a tenth smaller in a quarter more time
_LONGEST = 32_767  # characters a cell holds
_WIDEST = 48  # characters a column is at most wide, however long its texts
_DATE, _TIME, _HEADER = 1, 2, 3  # positions in the styles below
_EPOCH = dt.date(1899, 12, 30).toordinal()
_SPECIAL = re.compile(r"[&<>\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]|_x[0-9A-Fa-f]{4}_")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_STYLES = (
    f'{_XML}<styleSheet xmlns="{_MAIN}">'
    '<numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/>'
    '<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/></numFmts>'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="4"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
    "</styleSheet>"
)


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


class _Strings:
    """The texts of a workbook, each kept once."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}

    def number(self, text: str) -> int:
        return self.numbers.setdefault(text, len(self.numbers))

    def xml(self) -> str:
        items = "".join(
            f'<si><t xml:space="preserve">{_escaped(text)}</t></si>' for text in self.numbers
        )
        count = len(self.numbers)
        return f'{_XML}<sst xmlns="{_MAIN}" uniqueCount="{count}">{items}</sst>'


def workbook(sheets: Sequence[Sheet]) -> bytes:
    """An XLSX workbook: on each sheet a frozen, filtered header and columns wide enough.

    It prints on A4, lying, with the header and the kept columns on every page.

    The same sheets give the same bytes.
    """
    strings = _Strings()
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED, compresslevel=_COMPRESSION) as archive:

        def put(name: str, text: str) -> None:
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, text.encode("utf-8"), compresslevel=_COMPRESSION)

        put("[Content_Types].xml", _content_types(len(sheets)))
        put("_rels/.rels", _relations([("officeDocument", "xl/workbook.xml")]))
        put("xl/workbook.xml", _book(sheets))
        parts = [("worksheet", f"worksheets/sheet{at}.xml") for at, _ in enumerate(sheets, 1)]
        parts += [("styles", "styles.xml"), ("sharedStrings", "sharedStrings.xml")]
        put("xl/_rels/workbook.xml.rels", _relations(parts))
        put("xl/styles.xml", _STYLES)
        for at, sheet in enumerate(sheets, 1):
            put(f"xl/worksheets/sheet{at}.xml", "".join(_sheet(sheet, strings, first=at == 1)))
        put("xl/sharedStrings.xml", strings.xml())
    return data.getvalue()


def _content_types(count: int) -> str:
    sheets = "".join(
        f'<Override PartName="/xl/worksheets/sheet{at}.xml" ContentType="{_MIME}.worksheet+xml"/>'
        for at in range(1, count + 1)
    )
    return (
        f'{_XML}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_MIME}.sheet.main+xml"/>{sheets}'
        f'<Override PartName="/xl/styles.xml" ContentType="{_MIME}.styles+xml"/>'
        f'<Override PartName="/xl/sharedStrings.xml" ContentType="{_MIME}.sharedStrings+xml"/>'
        "</Types>"
    )


def _relations(parts: Sequence[tuple[str, str]]) -> str:
    items = "".join(
        f'<Relationship Id="rId{at}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for at, (kind, target) in enumerate(parts, 1)
    )
    return f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{items}</Relationships>'


def _book(sheets: Sequence[Sheet]) -> str:
    items = "".join(
        f'<sheet name="{_escaped(sheet.name)}" sheetId="{at}" r:id="rId{at}"/>'
        for at, sheet in enumerate(sheets, 1)
    )
    names = "".join(_names(sheet, at) for at, sheet in enumerate(sheets))
    return (
        f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{items}</sheets>'
        f"<definedNames>{names}</definedNames></workbook>"
    )


def _names(sheet: Sheet, at: int) -> str:
    """The hidden name by which a filter is known too, and what is printed on every page."""
    name = f"'{_escaped(sheet.name)}'!"
    last = f"${_letters(len(sheet.header))}${len(sheet.rows) + 1}"
    kept = f"$A:${_letters(sheet.kept)}"
    return (
        f'<definedName name="_xlnm._FilterDatabase" localSheetId="{at}" hidden="1">'
        f"{name}$A$1:{last}</definedName>"
        f'<definedName name="_xlnm.Print_Titles" localSheetId="{at}">'
        f"{name}{kept},{name}$1:$1</definedName>"
    )


def _sheet(sheet: Sheet, strings: _Strings, first: bool) -> Iterator[str]:
    columns = [_letters(at) for at in range(1, len(sheet.header) + 1)]
    last = f"{columns[-1]}{len(sheet.rows) + 1}"
    selected = ' tabSelected="1"' if first else ""
    yield (
        f'{_XML}<worksheet xmlns="{_MAIN}"><dimension ref="A1:{last}"/>'
        f'<sheetViews><sheetView{selected} workbookViewId="0">'
        f'<pane xSplit="{sheet.kept}" ySplit="1" topLeftCell="{_letters(sheet.kept + 1)}2" '
        'activePane="bottomRight" state="frozen"/></sheetView></sheetViews><cols>'
    )
    for at, width in enumerate(_widths(sheet), 1):
        yield f'<col min="{at}" max="{at}" width="{width}" customWidth="1"/>'
    yield '</cols><sheetData><row r="1">'
    for letters, name in zip(columns, sheet.header, strict=True):
        number = strings.number(name)
        yield f'<c r="{letters}1" s="{_HEADER}" t="s"><v>{number}</v></c>'
    yield "</row>"
    for at, row in enumerate(sheet.rows, 2):
        yield f'<row r="{at}">'
        for letters, value in zip(columns, row, strict=True):
            if value or type(value) is int:  # nothing, no text, no list, no "yes": no cell
                yield f'<c r="{letters}{at}"{_typed(value, strings)}</v></c>'
        yield "</row>"
    yield (
        f'</sheetData><autoFilter ref="A1:{last}"/>'
        '<pageSetup paperSize="9" scale="70" pageOrder="overThenDown" orientation="landscape"/>'
        "<headerFooter><oddFooter>&amp;L&amp;A&amp;R&amp;P / &amp;N</oddFooter></headerFooter>"
        "</worksheet>"
    )


def _typed(value: Cell, strings: _Strings) -> str:
    """The rest of a cell's element up to the end of its value."""
    if isinstance(value, str):
        return f' t="s"><v>{strings.number(value)}'
    if value is None or isinstance(value, bool | tuple):
        return f' t="s"><v>{strings.number(_text(value))}'
    if isinstance(value, int):
        return f"><v>{value}"
    if isinstance(value, dt.datetime):
        moment = value.astimezone(dt.UTC)
        seconds = moment.hour * 3600 + moment.minute * 60 + moment.second
        return f' s="{_TIME}"><v>{moment.toordinal() - _EPOCH + seconds / 86_400:.10f}'
    return f' s="{_DATE}"><v>{value.toordinal() - _EPOCH}'


def _widths(sheet: Sheet) -> list[int]:
    """Characters each column needs: its longest text, the header with the filter's arrow."""
    widths = []
    for at, name in enumerate(sheet.header):
        values = {row[at] for row in sheet.rows}
        longest = max((_shown(value) for value in values), default=0)
        widths.append(min(max(longest + 1, len(name) + 3), _WIDEST))
    return widths


def _text(value: bool | tuple[str, ...] | None) -> str:
    return "; ".join(value) if isinstance(value, tuple) else "yes" if value else ""


def _shown(value: Cell) -> int:
    """Characters a cell takes."""
    if isinstance(value, str):
        return len(value)
    if value is None or isinstance(value, bool | tuple):
        return len(_text(value))
    if isinstance(value, dt.datetime):
        return 19
    return 10 if isinstance(value, dt.date) else 6


def _letters(number: int) -> str:
    """1 -> A, 27 -> AA."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _escaped(text: str) -> str:
    if len(text) > _LONGEST:
        text = f"{text[: _LONGEST - 1]}\u2026"
    return _SPECIAL.sub(_escape, text) if _SPECIAL.search(text) else text


def _escape(match: re.Match[str]) -> str:
    """XML's entities; what XML cannot hold as ``_x000D_``, and a text that reads so escaped."""
    found = match[0]
    if len(found) > 1:
        return f"_x005F{found}"
    return _ENTITIES.get(found) or f"_x{ord(found):04X}_"
