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

from folders import USUAL, CampaignFolder, as_csv

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
