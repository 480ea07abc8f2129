"""The dispatch log: what its rows say, and that every format keeps them as they are."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet
from python_calamine import load_workbook

from judges import require, run
from outreach_merge.dispatch_log import (
    DispatchLog,
    ExportTable,
    Format,
    dictionary,
    events_table,
    export,
    letters_table,
    make_log,
    overdue,
)
from outreach_merge.register import Event, EventKind, NewEvent
from outreach_merge.register.entries import ENTRY_COLUMNS
from register.helpers import Place, make

DOCS = Path(__file__).parents[2] / "docs"
NASTY = [
    "=1+1", '=HYPERLINK("http://x")', "+4122", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", "NA",
    "007", "1e5", "2021-06-15", "TRUE", "a;b", 'say "so"', "two\nlines", "«ق» 中文",
    "http://example.org", "_x0041_", "x" * 40_000, "<r>x</r>", "<r></r><f>1+1</f></r>", "\uffff",
]  # fmt: skip


def entered(place: Place, events: list[NewEvent]) -> tuple[Event, ...]:
    with place.open() as register:
        register.append(events)
        return tuple(register.events())


def rows(table: ExportTable) -> list[dict[str, Any]]:
    return list(table.records())


@pytest.fixture
def story(sqlite_place: Place) -> tuple[Event, ...]:
    """Kenya's letter was handed over; Namibia's left, was changed, and left nothing behind."""
    return entered(
        sqlite_place,
        [
            make("generated"),
            make("generated", document="courtesy", language="zh", text="in Chinese"),
            make("dispatched", details={"done_by": "Ambassador Lansana Gberie"}),
            make("delivered", on="2021-08-03", details={"to": "Chief of Protocol", "place": "N"}),
            make("generated", "NAM-head_of_state", channel="through_mission"),
            make("dispatched", "NAM-head_of_state", on="2021-08-02"),
            make("generated", "NAM-head_of_state", text="second", channel="through_mission"),
            make("spoke", state="FJI", details={"issues": ["assistance-needed"], "meeting": "1"}),
        ],
    )


@pytest.fixture
def nasty(sqlite_place: Place) -> DispatchLog:
    """Every text that a spreadsheet or a reader of CSV is known to misread."""
    events = [make("generated", f"R{at:02}", state="NAM") for at in range(len(NASTY))]
    events += [
        make("withdrawn", f"R{at:02}", details={"note": text}) for at, text in enumerate(NASTY)
    ]
    return make_log(entered(sqlite_place, events))


def test_one_row_is_one_revision_of_a_letter(story: tuple[Event, ...]) -> None:
    found = rows(letters_table(make_log(story, state_name=lambda iso3: f"name of {iso3}")))
    assert [(row["recipient"], row["revision"], row["standing"]) for row in found] == [
        ("KEN-head_of_state", 1, "delivered"),
        ("NAM-head_of_state", 1, "dispatched"),
        ("NAM-head_of_state", 2, "generated"),
    ]
    kenya, first, second = found
    assert kenya["state_name"] == "name of KEN"
    assert kenya["letter_date"] == "2021-07-27"
    assert kenya["bearer"] == "Ambassador Lansana Gberie"
    assert (kenya["delivered_on"], kenya["delivered_to"]) == ("2021-08-03", "Chief of Protocol")
    assert kenya["issues"] == ["neighbourhood-security"]
    assert kenya["courtesy_language"] == "zh"
    assert (first["superseded_by"], second["superseded_by"]) == (2, None)
    assert second["dispatched_on"] is None


def test_a_letter_is_signed_on_the_day_the_last_signature_is_there(sqlite_place: Place) -> None:
    facts = {"signatories": ["president", "ipu"]}
    first = make("signed", digest="a" * 64, details={"complete": False, "missing": ["ipu"]})
    second = make(
        "signed", on="2021-08-02", digest="b" * 64, details={"complete": True, "missing": []}
    )
    events = entered(sqlite_place, [make("generated", details=facts), first, second])
    told = [
        (row["signatures"], row["signed_on"])
        for count in (1, 2, 3)
        for row in rows(letters_table(make_log(events[:count])))
    ]
    assert told == [(None, None), ("1 of 2", None), ("2 of 2", "2021-08-02")]


def test_a_signature_recorded_by_hand_is_that_of_all(sqlite_place: Place) -> None:
    events = entered(sqlite_place, [make("generated"), make("signed", on="2021-08-02")])
    (row,) = rows(letters_table(make_log(events)))
    assert (row["signatures"], row["signed_on"]) == ("1 of 1", "2021-08-02")


def test_an_entry_that_was_taken_back_is_not_in_the_letters(sqlite_place: Place) -> None:
    events = entered(
        sqlite_place,
        [make("generated"), make("dispatched"), make("corrected", details={"entry": 2})],
    )
    (row,) = rows(letters_table(make_log(events)))
    assert (row["standing"], row["dispatched_on"], row["bearer"]) == ("generated", None, None)
    assert [row["corrects"] for row in rows(events_table(make_log(events)))] == [None, None, 2]


def test_overdue_is_what_left_and_was_not_heard_of(story: tuple[Event, ...]) -> None:
    lines = make_log(story).lines
    assert [
        line.record.recipient for line in overdue(lines, days=13, today=dt.date(2021, 8, 16))
    ] == ["NAM-head_of_state"]
    assert overdue(lines, days=14, today=dt.date(2021, 8, 16)) == ()


# Confidentiality


@pytest.mark.parametrize("format", list(Format))
def test_the_confidential_are_counted_and_never_named(sqlite_place: Place, format: Format) -> None:
    if format is Format.PARQUET:
        pytest.importorskip("pyarrow")
    secret = {"confidential": True}
    events = entered(
        sqlite_place,
        [
            make("generated"),
            make("generated", "DZA-foreign_minister", details=secret | {"name": "Sabri Boukadoum"}),
            make("dispatched", "DZA-foreign_minister"),
            make("met", state="DZA", details=secret | {"note": "in the delegates' lounge"}),
            make("met", state="AND", details=secret),
            make("corrected", details={"entry": 5}),
        ],
    )
    log = make_log(events)
    assert log.left_out == 3
    assert [line.record.recipient for line in log.lines] == ["KEN-head_of_state"]
    for tables in ([letters_table(log), events_table(log)], [events_table(log)]):
        data = export(tables, format)
        text = _all_text(data, format)
        for name in ("DZA", "AND", "Boukadoum", "lounge"):
            assert name not in text
    open_log = make_log(events, include_confidential=True)
    assert (open_log.left_out, len(open_log.events)) == (0, 6)
    assert "DZA" in _all_text(export([events_table(open_log)], format), format)


def _all_text(data: bytes, format: Format) -> str:
    if format is Format.XLSX:
        book = openpyxl.load_workbook(io.BytesIO(data))
        return repr([list(sheet.values) for sheet in book.worksheets])
    if format is Format.PARQUET:
        import pyarrow.parquet as pq

        return repr(pq.read_table(io.BytesIO(data)).to_pylist())
    return data.decode("utf-8")


# Formats


def test_csv_keeps_text_as_text_and_runs_no_formula(nasty: DispatchLog) -> None:
    data = export([letters_table(nasty)], Format.CSV).decode("utf-8")
    read = list(csv.DictReader(io.StringIO(data, newline="")))
    assert len(read) == len(NASTY)
    for row, text in zip(read, NASTY, strict=True):
        runs = text[0] in "=+-@\t\r\n"
        assert row["note"] == (f"'{text}" if runs else text)


def test_csv_is_read_by_pandas_without_losing_namibia(nasty: DispatchLog) -> None:
    import pandas as pd

    data = export([letters_table(nasty)], Format.CSV)
    frame = pd.read_csv(io.BytesIO(data), dtype=str, keep_default_na=False)
    assert frame["note"][NASTY.index("NA")] == "NA"


@pytest.mark.parametrize("format", [Format.JSON, Format.JSONL])
def test_json_is_exact_and_typed(story: tuple[Event, ...], format: Format) -> None:
    data = export([letters_table(make_log(story))], format).decode("utf-8")
    read = (
        json.loads(data)
        if format is Format.JSON
        else [json.loads(line) for line in data.splitlines()]
    )
    assert read == rows(letters_table(make_log(story)))
    assert read[0]["pages"] == 1
    assert read[0]["signatories"] == ["president"]
    assert read[0]["confidential"] is False


def test_json_neutralises_nothing(nasty: DispatchLog) -> None:
    read = json.loads(export([letters_table(nasty)], Format.JSON))
    assert [row["note"] for row in read] == NASTY


def test_an_empty_log_is_a_header_or_an_empty_list() -> None:
    tables = [letters_table(make_log(())), events_table(make_log(()))]
    assert export(tables, Format.JSON) == b"[]\n"
    assert export(tables, Format.CSV).startswith(b"letter,recipient,")
    assert openpyxl.load_workbook(io.BytesIO(export(tables, Format.XLSX))).sheetnames


def test_a_workbook_has_both_sheets_typed_dates_and_strings(
    nasty: DispatchLog, story: tuple[Event, ...]
) -> None:
    log = make_log(story)
    book = openpyxl.load_workbook(
        io.BytesIO(export([letters_table(log), events_table(log)], Format.XLSX))
    )
    assert book.sheetnames == ["Letters", "Events"]
    for sheet, columns, first in zip(
        book.worksheets, (letters_table(log), events_table(log)), ("C2", "B2"), strict=True
    ):
        assert [cell.value for cell in sheet[1]] == [column.name for column in columns.columns]
        assert sheet.freeze_panes == first
        assert sheet.print_title_rows == "$1:$1"
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.auto_filter.ref
        assert all(sheet.column_dimensions[c].width > 5 for c in ("A", "B", "C"))
    head = _letters_of_columns(book["Letters"])
    delivered = book["Letters"][f"{head['delivered_on']}2"]
    assert delivered.value == dt.datetime(2021, 8, 3)
    assert delivered.is_date
    data = export([letters_table(nasty)], Format.XLSX)
    notes = openpyxl.load_workbook(io.BytesIO(data))["Letters"]
    column = _letters_of_columns(notes)["note"]
    cells = [notes[f"{column}{row}"] for row in range(2, len(NASTY) + 2)]
    assert {cell.data_type for cell in cells} <= {"s", "inlineStr"}
    assert not any(cell.hyperlink for cell in cells)
    header, *read = load_workbook(io.BytesIO(data)).get_sheet_by_name("Letters").to_python()
    texts = [row[header.index("note")] for row in read]
    long, not_xml = NASTY.index("x" * 40_000), NASTY.index("\uffff")
    assert texts[long] == "x" * 32_766 + "…"
    assert texts[not_xml] == "\ufffd"
    rest = set(range(len(NASTY))) - {long, not_xml}
    assert [texts[at] for at in rest] == [NASTY[at] for at in rest]


def test_the_same_log_gives_the_same_workbook(story: tuple[Event, ...]) -> None:
    tables = [letters_table(make_log(story)), events_table(make_log(story))]
    assert export(tables, Format.XLSX) == export(tables, Format.XLSX)


def _letters_of_columns(sheet: Worksheet) -> dict[object, str]:
    return {cell.value: get_column_letter(at) for at, cell in enumerate(sheet[1], start=1)}


def test_parquet_is_typed_and_exact(nasty: DispatchLog, story: tuple[Event, ...]) -> None:
    pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    import pyarrow.parquet as pq

    read = pq.read_table(io.BytesIO(export([letters_table(nasty)], Format.PARQUET)))
    assert read["note"].to_pylist() == NASTY
    typed = pq.read_table(io.BytesIO(export([letters_table(make_log(story))], Format.PARQUET)))
    assert str(typed.schema.field("delivered_on").type) == "date32[day]"
    assert typed["delivered_on"][0].as_py() == dt.date(2021, 8, 3)
    assert typed["issues"][0].as_py() == ["neighbourhood-security"]
    assert str(typed.schema.field("generated_at").type) == "timestamp[us, tz=UTC]"


@pytest.mark.judge
def test_libreoffice_finds_no_formula_and_dates_that_are_dates(
    nasty: DispatchLog, story: tuple[Event, ...], tmp_path: Path
) -> None:
    require("soffice")
    log = make_log(story)
    both = DispatchLog(log.lines + nasty.lines, log.events)
    source = tmp_path / "dispatch-log.xlsx"
    source.write_bytes(export([letters_table(both), events_table(both)], Format.XLSX))
    run(
        "soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless",
        "--convert-to", "fods", "--outdir", str(tmp_path), str(source),
    )  # fmt: skip
    office = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
    table = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
    tree = ET.parse(tmp_path / "dispatch-log.fods")
    cells = list(tree.iter(f"{table}table-cell"))
    assert not [cell for cell in cells if cell.get(f"{table}formula")]
    dates = [cell.get(f"{office}date-value") for cell in cells]
    assert "2021-08-03" in dates
    texts = {"".join(cell.itertext()).strip() for cell in cells}
    assert {"=1+1", "+4122", "007", "1e5", "NA", "TRUE", "_x0041_", "<r>x</r>"} <= texts
    kinds = {"".join(cell.itertext()).strip(): cell.get(f"{office}value-type") for cell in cells}
    assert [kinds[text] for text in ("=1+1", "007", "2021-06-15", "NA")] == ["string"] * 4


def test_the_docs_hold_every_column_and_every_event() -> None:
    text = (DOCS / "dispatch-log.md").read_text(encoding="utf-8")
    assert dictionary() in text
    for kind in EventKind:
        assert f"| `{kind}` | {kind.meaning} |" in text
    for column, meaning in ENTRY_COLUMNS.items():
        assert f"| `{column}` | {meaning} |" in text
