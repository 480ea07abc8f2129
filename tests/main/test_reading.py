"""The recipients' file as people really have it: whatever a spreadsheet made of it."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from openpyxl.styles import Font
from openpyxl.worksheet.worksheet import Worksheet

from folders import USUAL, CampaignFolder, as_csv
from judges import require, run
from outreach_merge.recipients import read_table
from outreach_merge.wording import suggest

ROWS = (
    {"state": "KEN", "name": "Uhuru Kenyatta", "city": "Nairobi", "my_note": "NA"},
    {"state": "NA", "name": "Hage Geingob", "city": "Windhoek", "my_note": "1.10"},
    {"state": "CI", "name": "Alassane Ouattara", "city": "Yamoussoukro", "my_note": "01/02"},
    {
        "state": "SE",
        "kind": "parliament",
        "office": "speaker",
        "name": "Andreas Norlén",
        "my_note": "",
    },
)
IDS = ["KEN-head_of_state", "NAM-head_of_state", "CIV-head_of_state", "SWE-parliament"]
NAMES = ["Uhuru Kenyatta", "Hage Geingob", "Alassane Ouattara", "Andreas Norlén"]
LETTER = """
{% extends "letter.html" %}
{% block body %}<p>Note: [{{ recipient.extra.my_note }}]</p>{% endblock %}
"""


@pytest.fixture
def everybody(campaign: CampaignFolder) -> CampaignFolder:
    """A campaign whose letter goes to every row and prints a column of the office's own."""
    campaign.replace(
        "letters/invitation.toml",
        'kind = ["head_of_state", "foreign_minister"]',
        "",
    )
    campaign.write("templates/invitation/en.html", LETTER)
    return campaign


def read(campaign: CampaignFolder) -> tuple[list[str], list[str], list[str]]:
    """Ids, names and notes of the recipients, as their letters say them."""
    from outreach_merge.campaign import read_campaign

    read_ = read_campaign(campaign.path)
    assert [str(problem) for problem in read_.problems] == []
    return (
        [recipient.id for recipient in read_.recipients],
        ["; ".join(recipient.names) for recipient in read_.recipients],
        [recipient.extra["my_note"] for recipient in read_.recipients],
    )


NOTES = ["NA", "1.10", "01/02", ""]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be"]
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_every_encoding_and_separator(
    everybody: CampaignFolder, encoding: str, delimiter: str
) -> None:
    text = as_csv(*ROWS, delimiter=delimiter, line_end="\r\n")
    everybody.write("recipients.csv", text.encode(encoding))
    assert read(everybody) == (IDS, NAMES, NOTES)


def test_utf_16_of_excel_with_its_byte_order_mark_and_tabs(everybody: CampaignFolder) -> None:
    # "Unicode text" of a spreadsheet, big-endian as older machines wrote it.
    text = "\ufeff" + as_csv(*ROWS, delimiter="\t", line_end="\r\n")
    everybody.write("recipients.csv", text.encode("utf-16-be"))
    assert read(everybody) == (IDS, NAMES, NOTES)


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_every_line_end(everybody: CampaignFolder, line_end: str) -> None:
    everybody.write("recipients.csv", as_csv(*ROWS, line_end=line_end))
    assert read(everybody) == (IDS, NAMES, NOTES)


def test_typographic_quotes_of_windows(everybody: CampaignFolder) -> None:
    rows = [{**ROWS[0], "name": "Kenyatta, called “Uhuru” – 5 €"}]
    everybody.write("recipients.csv", as_csv(*rows).encode("cp1252"))
    assert read(everybody)[1] == ["Kenyatta, called “Uhuru” – 5 €"]


def test_a_line_of_excel_that_names_the_separator(everybody: CampaignFolder) -> None:
    everybody.write("recipients.csv", "sep=;\r\n" + as_csv(*ROWS, delimiter=";", line_end="\r\n"))
    assert read(everybody) == (IDS, NAMES, NOTES)


def test_header_in_other_case_and_with_spaces(everybody: CampaignFolder) -> None:
    text = as_csv({**ROWS[0], "courtesy_language": "fr"})
    header, body = text.split("\n", 1)
    columns = [f" {column.replace('_', ' ').title()} " for column in header.split(",")]
    everybody.write("recipients.csv", ",".join(columns) + "\n" + body)
    assert "Courtesy Language" in everybody.read("recipients.csv")
    assert read(everybody) == (IDS[:1], NAMES[:1], NOTES[:1])


def test_columns_in_any_order_and_blank_lines_between(everybody: CampaignFolder) -> None:
    rows = list(csv.DictReader(io.StringIO(as_csv(*ROWS))))
    stream = io.StringIO()
    writer = csv.DictWriter(stream, sorted(rows[0], reverse=True), lineterminator="\n\n")
    writer.writeheader()
    writer.writerows(rows)
    everybody.write("recipients.csv", stream.getvalue() + ",,,,\n\n")
    assert read(everybody) == (IDS, NAMES, NOTES)


def test_an_address_of_several_lines_in_one_cell(everybody: CampaignFolder) -> None:
    rows = [{**ROWS[0], "address": 'State House,\r\nP.O. Box 40530, "GPO"\r\n'}, ROWS[1]]
    everybody.rows(*rows)
    text = everybody.ok("preview", "invitation", "KEN", "--text").out
    assert '\nState House,\nP.O. Box 40530, "GPO"\nNairobi\n' in text
    everybody.rows(*rows, {"state": "Atlantis"})
    # Rows are counted as a spreadsheet counts them: a cell of many lines is one row.
    assert everybody.problem("unknown-state")["row"] == 4


def test_blank_lines_above_the_header(everybody: CampaignFolder) -> None:
    everybody.write("recipients.csv", "\n ,,\n" + as_csv(*ROWS))
    assert read(everybody) == (IDS, NAMES, NOTES)


@pytest.mark.parametrize(("name", "engine"), [("list.xlsx", "openpyxl"), ("list.ods", "odf")])
def test_rows_are_counted_as_the_spreadsheet_counts(
    everybody: CampaignFolder, name: str, engine: str
) -> None:
    nothing: dict[str, str] = dict.fromkeys(USUAL, "")
    frame = full((ROWS[0], nothing, nothing, {"state": "Atlantis"}))
    frame.to_excel(everybody.file(name), index=False, engine=engine)  # type: ignore[arg-type]
    everybody.write("campaign.toml", f'recipients = "{name}"\n' + everybody.read("campaign.toml"))
    problem = everybody.problem("unknown-state")
    assert (problem["file"], problem["row"], problem["column"]) == (name, 5, "state")


def test_names_in_common_use(make_campaign: Callable[..., CampaignFolder]) -> None:
    spoken = {
        "Ivory Coast": "CIV", "Türkiye": "TUR", "ci": "CIV", "Namibia": "NAM", "na": "NAM",
        "Swaziland": "SWZ", "Cape Verde": "CPV", "Palestine": "PSE", "Holy See": "VAT",
        "Burma": "MMR", "Laos": "LAO", "South Korea": "KOR", "DPRK": "PRK",
    }  # fmt: skip
    from outreach_merge.campaign import read_campaign

    campaign = make_campaign(*({"state": name, "id": f"r{n}"} for n, name in enumerate(spoken)))
    found = read_campaign(campaign.path)
    assert [str(problem) for problem in found.problems] == []
    assert [recipient.state for recipient in found.recipients] == list(spoken.values())


def full(rows: tuple[dict[str, str], ...]) -> pd.DataFrame:
    return pd.DataFrame([{**USUAL, **row} for row in rows]).fillna("")


@pytest.mark.parametrize(("name", "engine"), [("list.xlsx", "openpyxl"), ("list.ods", "odf")])
def test_a_workbook_of_text(everybody: CampaignFolder, name: str, engine: str) -> None:
    full(ROWS).to_excel(everybody.file(name), index=False, engine=engine)  # type: ignore[arg-type]
    everybody.write("campaign.toml", f'recipients = "{name}"\n' + everybody.read("campaign.toml"))
    everybody.file("recipients.csv").unlink()
    assert read(everybody) == (IDS, NAMES, NOTES)
    everybody.ok("generate", "--jobs", "1")
    assert [row["state"] for row in everybody.log()] == ["CIV", "KEN", "NAM", "SWE"]


def test_a_workbook_with_numbers_dates_and_empty_cells(everybody: CampaignFolder) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["State", "Kind", "Office", "Language", "Status", "Group", "My note", None])
    sheet.append(["KEN", "head_of_state", "president", "en", "not_joined", 1, 2, None])
    sheet.append(["NA", "head_of_state", "president", "en", "not_joined", "NA", "NA", None])
    sheet.append([None, None, None, None, None, None, None, None])
    sheet.append(["XX", "head_of_state", "president", "en", "not_joined", 1.5, True, None])
    book.save(everybody.file("list.xlsx"))
    everybody.write("campaign.toml", 'recipients = "list.xlsx"\n' + everybody.read("campaign.toml"))
    problem = everybody.problem("unknown-state")
    assert (problem["file"], problem["row"], problem["column"]) == ("list.xlsx", 5, "state")
    from outreach_merge.campaign import read_campaign

    found = read_campaign(everybody.path).recipients
    assert [recipient.id for recipient in found] == IDS[:2]
    # A number is what the cell shows: a group is "1", not "1.0".
    assert [recipient.group for recipient in found] == ["1", "NA"]
    assert [recipient.extra["my_note"] for recipient in found] == ["2", "NA"]


@pytest.mark.parametrize(("name", "engine"), [("list.xlsx", "openpyxl"), ("list.ods", "odf")])
def test_a_day_in_a_workbook_is_a_day(everybody: CampaignFolder, name: str, engine: str) -> None:
    row = {**USUAL, "state": "NAM", "my_note": dt.date(2020, 7, 28), "number": 39}
    pd.DataFrame([row]).to_excel(everybody.file(name), index=False, engine=engine)  # type: ignore[arg-type]
    everybody.write("campaign.toml", f'recipients = "{name}"\n' + everybody.read("campaign.toml"))
    assert read(everybody)[2] == ["2020-07-28"]


def test_na_is_namibia_from_the_csv_to_the_log(
    make_campaign: Callable[..., CampaignFolder], tmp_path: Path
) -> None:
    campaign = make_campaign(
        {"state": "NA", "group": "NA", "name": "N/A", "bearer": "null", "gender": "f"}
    )
    campaign.ok("generate")
    assert [path.name for path in campaign.pdfs()] == ["NAM-head_of_state-en.pdf"]
    for format_ in ("csv", "xlsx", "json"):
        campaign.ok("log", "export", "--format", format_, "--to", str(tmp_path / f"log.{format_}"))
    (in_csv,) = csv.DictReader((tmp_path / "log.csv").open(encoding="utf-8-sig", newline=""))
    sheet = openpyxl.load_workbook(tmp_path / "log.xlsx").worksheets[0]
    header, cells = sheet.iter_rows(values_only=True)
    in_xlsx = dict(zip(header, cells, strict=True))
    (in_json,) = campaign.log()
    for row in (in_csv, in_xlsx, in_json):
        wanted = {
            "state": "NAM",
            "state_name": "Namibia",
            "group": "NA",
            "name": "N/A",
            "bearer": "null",
        }
        assert {column: row[column] for column in wanted} == wanted


CELLS: dict[str, tuple[str | float | dt.date | dt.time | None, str]] = {
    "na": ("NA", "NA"),
    "not_a_number": ("nan", "nan"),
    "leading_zeros": ("007", "007"),
    "text_of_a_number": ("1.10", "1.10"),
    "text_of_a_day": ("01/02", "01/02"),
    "whole": (12.0, "12"),
    "large": (1e15, "1000000000000000"),
    "negative": (-3, "-3"),
    "decimal": (1.5, "1.5"),
    "tenth": (0.1, "0.1"),
    "day": (dt.date(2020, 7, 28), "2020-07-28"),
    "moment": (dt.datetime(2020, 7, 28, 14, 30), "2020-07-28 14:30:00"),
    "hour": (dt.time(9, 30), "09:30:00"),
    "lines": ("Line 1\nLine 2", "Line 1\nLine 2"),
    "spaces": ("a  b", "a  b"),
    "chinese": ("中国", "中国"),
    "arabic": ("مصر", "مصر"),
    "nothing": (None, ""),
    "no_text": ("", ""),
}


def workbook_of_cells(path: Path) -> None:
    """``CELLS`` in the rows 4 and 7 of the first sheet, from the second column on."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    for column, (name, (value, _)) in enumerate(CELLS.items(), start=2):
        sheet.cell(4, column, name)
        sheet.cell(7, column, value)
    sheet.cell(7, 1, "first")
    sheet.cell(4, 1, "key")
    # Formats reach far beyond the last cell of many real sheets.
    sheet.cell(900, 60).font = Font(bold=True)
    book.create_sheet("Second")["A1"] = "another sheet"
    book.save(path)


def as_saved_by_libreoffice(source: Path, ending: str) -> Path:
    """``source`` opened and saved again by LibreOffice."""
    require("soffice")
    folder = source.parent / "saved"
    run(
        "soffice", f"-env:UserInstallation=file://{source.parent}/profile", "--headless",
        "--convert-to", ending, "--outdir", str(folder), str(source),
    )  # fmt: skip
    return folder / f"{source.stem}.{ending}"


def test_every_kind_of_cell_is_read_as_text(tmp_path: Path) -> None:
    workbook_of_cells(tmp_path / "cells.xlsx")
    table = read_table(tmp_path / "cells.xlsx", "cells.xlsx")
    assert table.problems == ()
    ((row, cells),) = table.records()
    assert row == 7
    assert cells == {"key": "first", **{name: text for name, (_, text) in CELLS.items()}}


@pytest.mark.judge
@pytest.mark.parametrize("ending", ["xlsx", "ods"])
def test_every_kind_of_cell_that_libreoffice_saves(tmp_path: Path, ending: str) -> None:
    workbook_of_cells(tmp_path / "cells.xlsx")
    saved = as_saved_by_libreoffice(tmp_path / "cells.xlsx", ending)
    ((row, cells),) = read_table(saved, saved.name).records()
    assert row == 7
    assert cells == {"key": "first", **{name: text for name, (_, text) in CELLS.items()}}


def workbook_with_errors(path: Path) -> None:
    """A cell B3 with an error on the first sheet, and another on the second."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.append(["state", "name"])
    sheet.append(["KEN", "Uhuru Kenyatta"])
    sheet.append(["NAM", "#REF!"])
    book.create_sheet("Second").append(["#DIV/0!"])
    book.save(path)


def test_a_cell_with_an_error_is_a_problem(tmp_path: Path) -> None:
    workbook_with_errors(tmp_path / "list.xlsx")
    (problem,) = read_table(tmp_path / "list.xlsx", "list.xlsx").problems
    assert (problem.code, problem.row, problem.column) == ("error-cell", 3, "name")
    assert "#REF!" in problem.message


@pytest.mark.judge
@pytest.mark.parametrize("ending", ["xlsx", "ods"])
def test_a_cell_with_an_error_that_libreoffice_saves(tmp_path: Path, ending: str) -> None:
    workbook_with_errors(tmp_path / "list.xlsx")
    saved = as_saved_by_libreoffice(tmp_path / "list.xlsx", ending)
    (problem,) = read_table(saved, saved.name).problems
    assert (problem.code, problem.row, problem.column) == ("error-cell", 3, "name")


def test_rows_of_a_table_of_one_column_keep_their_numbers(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet["A2"], sheet["A4"], sheet["A7"] = "reference", "PRES/1", "PRES/2"
    book.save(tmp_path / "one.xlsx")
    table = read_table(tmp_path / "one.xlsx", "one.xlsx")
    assert table.rows == ((4, ("PRES/1",)), (7, ("PRES/2",)))


def test_merged_cells_and_a_hidden_first_sheet(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.append(["state", "group", "name"])
    sheet.append(["KEN", "1", "Uhuru Kenyatta"])
    sheet.append(["NAM", None, "Hage Geingob"])
    sheet.merge_cells("B2:B3")
    book.active = book.create_sheet("Visible")
    sheet.sheet_state = "hidden"
    book.save(tmp_path / "list.xlsx")
    table = read_table(tmp_path / "list.xlsx", "list.xlsx")
    assert table.rows == ((2, ("KEN", "1", "Uhuru Kenyatta")), (3, ("NAM", "", "Hage Geingob")))


def test_the_refused_word_is_not_proposed() -> None:
    assert suggest("presidnt", ["president", "king"]) == 'Did you mean "president"?'
    assert suggest("president", ["president", "presidents"]) == 'Did you mean "presidents"?'
    assert suggest("king", ["king", "speaker"], "See the list.") == "See the list."
    assert suggest("xyz", ["", "en", "fr"]) == "Known: en, fr."
