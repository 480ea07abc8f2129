"""The dispatch log's tables -> files. A format is a function from tables to bytes."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from enum import StrEnum

from outreach_merge.dispatch_log.columns import CellType, ExportTable, Value, iso
from outreach_merge.dispatch_log.workbook import Sheet, workbook
from outreach_merge.errors import MachineError

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


class Format(StrEnum):
    """What the dispatch log can be exported as."""

    CSV = "csv"
    XLSX = "xlsx"
    JSON = "json"
    JSONL = "jsonl"
    PARQUET = "parquet"


def export(tables: Sequence[ExportTable], format: Format) -> bytes:
    """The tables as a file. A workbook holds all of them, every other format the first.

    :raises MachineError: Parquet is asked for and pyarrow is not installed.
    """
    first = tables[0]
    match format:
        case Format.CSV:
            return _csv(first)
        case Format.JSON:
            return _json(first)
        case Format.JSONL:
            return _json_lines(first)
        case Format.XLSX:
            return _xlsx(tables)
        case Format.PARQUET:
            return _parquet(first)


def _csv(table: ExportTable) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(column.name for column in table.columns)
    writer.writerows([_csv_cell(value) for value in row] for row in table.rows)
    return text.getvalue().encode("utf-8")


def _csv_cell(value: Value) -> str | int:
    """Text that a spreadsheet would run as a formula gets an apostrophe before it."""
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_FORMULA_STARTS) else value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else ""
    if isinstance(value, int):
        return value
    if isinstance(value, tuple):
        return _csv_cell("; ".join(value))
    return iso(value)


def _json(table: ExportTable) -> bytes:
    rows = ",\n".join(json.dumps(record, ensure_ascii=False) for record in table.records())
    return f"[\n{rows}\n]\n".encode() if rows else b"[]\n"


def _json_lines(table: ExportTable) -> bytes:
    return "".join(
        json.dumps(record, ensure_ascii=False) + "\n" for record in table.records()
    ).encode("utf-8")


def _xlsx(tables: Sequence[ExportTable]) -> bytes:
    return workbook(
        [
            Sheet(table.name, [column.name for column in table.columns], table.rows, table.kept)
            for table in tables
        ]
    )


def _parquet(table: ExportTable) -> bytes:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise MachineError(
            "Parquet needs pyarrow, which is not installed.",
            "Install outreach-merge with its parquet extra, or export as CSV or JSON.",
        ) from error
    types = {
        CellType.TEXT: pa.string(),
        CellType.NUMBER: pa.int64(),
        CellType.DATE: pa.date32(),
        CellType.TIME: pa.timestamp("us", tz="UTC"),
        CellType.YES: pa.bool_(),
        CellType.LIST: pa.list_(pa.string()),
    }
    schema = pa.schema([(column.name, types[column.type]) for column in table.columns])
    columns = [
        pa.array(
            [None if value == "" else value for value in (row[at] for row in table.rows)],
            type=schema.field(at).type,
        )
        for at in range(len(table.columns))
    ]
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_arrays(columns, schema=schema), sink, compression="zstd")
    return sink.getvalue()
