"""``log``: what a clerk types, what is said back, and what is in the register then."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from folders import CampaignFolder, Done
from outreach_merge.register import EventKind
from register.helpers import KENYA, PostgresServer, generated, make

STATES = ("KEN", "FJI", "NAM", "COL")


@pytest.fixture
def office(make_campaign: Callable[..., CampaignFolder]) -> CampaignFolder:
    """A campaign with four letters in its register: two by hand, two through missions."""
    folder = make_campaign()
    with folder.register() as register:
        register.append(
            [
                generated(
                    f"{state}-head_of_state",
                    channel="by_hand" if state in ("KEN", "FJI") else "through_mission",
                    reference=f"PRES/{state}",
                    details={"region": "Oceania" if state == "FJI" else "Africa"},
                )
                for state in STATES
            ]
        )
    return folder


def standing(office: CampaignFolder) -> dict[str, str]:
    with office.register() as register:
        return {key.recipient[:3]: record.status for key, record in register.letters().items()}


def entries(office: CampaignFolder) -> int:
    with office.register() as register:
        return register.head()[0]


def record(office: CampaignFolder, *arguments: str) -> Done:
    return office("log", "record", *arguments, "--yes")


def refused(office: CampaignFolder, *arguments: str) -> list[dict[str, Any]]:
    """The problems of a recording that must be refused as a whole."""
    before = entries(office)
    done = record(office, *arguments, "--json")
    assert done.code == 3, done.said
    assert entries(office) == before
    problems = done.json()["problems"]
    assert isinstance(problems, list)
    return problems


# record


@pytest.mark.parametrize(
    "named",
    [
        ("presidential", "KEN-head_of_state"),
        ("presidential", "KEN"),
        ("presidential", "ke"),
        ("presidential", "Kenya"),
        ("PRES/KEN",),
    ],
)
def test_one_letter_is_named_as_one_likes(office: CampaignFolder, named: tuple[str, ...]) -> None:
    done = record(office, "dispatched", *named, "--on", "2021-08-01")
    assert done.code == 0, done.said
    assert "dispatched  presidential/KEN-head_of_state  on 2021-08-01" in done.out
    assert standing(office)["KEN"] == "dispatched"


def test_who_did_it_and_who_entered_it_are_two(
    office: CampaignFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OUTREACH_USER", "Registry, Freetown")
    record(office, "dispatched", "presidential", "KEN", "--by", "Ambassador Lansana Gberie")
    with office.register() as register:
        *_, event = register.events()
    assert event.by == "Registry, Freetown"
    assert event.details == {"done_by": "Ambassador Lansana Gberie"}


def test_many_by_filter(office: CampaignFolder) -> None:
    done = record(
        office, "dispatched", "--letter", "presidential", "--channel", "by_hand",
        "--on", "2021-08-01", "--by", "Ambassador Lansana Gberie",
    )  # fmt: skip
    assert "2 events entered." in done.out
    assert standing(office) == {
        "KEN": "dispatched",
        "FJI": "dispatched",
        "NAM": "generated",
        "COL": "generated",
    }
    done = record(office, "delivered", "--standing", "dispatched", "--region", "Oceania")
    assert standing(office)["FJI"] == "delivered"
    assert standing(office)["KEN"] == "dispatched"


def test_a_filter_that_meets_a_refusal_enters_nothing(office: CampaignFolder) -> None:
    record(office, "dispatched", "presidential", "KEN", "--on", "2021-08-01")
    (problem,) = refused(office, "dispatched", "--letter", "presidential", "--on", "2021-08-02")
    assert problem["code"] == "already-dispatched"
    assert "--again" in problem["remedy"]
    assert standing(office)["FJI"] == "generated"


def test_a_filter_that_no_letter_passes(office: CampaignFolder) -> None:
    done = record(office, "dispatched", "--letter", "presidental")
    assert (done.code, entries(office)) == (2, 4)


def test_dry_run_says_what_it_would_do_and_enters_nothing(office: CampaignFolder) -> None:
    done = office("log", "record", "dispatched", "--channel", "by_hand", "--dry-run")
    assert done.code == 0
    assert done.out.count("dispatched  presidential/") == 2
    assert entries(office) == 4


def test_where_nobody_can_be_asked_yes_must_be_said(office: CampaignFolder) -> None:
    done = office.apart("log", "record", "dispatched", "presidential", "KEN", stdin=-3)
    assert done.returncode == 2
    assert "--yes" in done.stderr
    assert entries(office) == 4


def test_states_are_recorded_with_what_they_raised(office: CampaignFolder) -> None:
    office.replace("campaign.toml", "issues = [", 'issues = [\n  "assistance-needed",')
    done = record(
        office, "spoke", "Fiji", "--on", "2021-07-13", "--meeting", "First meeting",
        "--issues", "assistance-needed",
    )  # fmt: skip
    assert done.code == 0, done.said
    assert record(office, "joined", "AFG", "NA", "--on", "2020-07-29").code == 0
    with office.register() as register:
        told = [(event.kind, event.state) for event in register.events()][4:]
    assert told == [("spoke", "FJI"), ("joined", "AFG"), ("joined", "NAM")]


def test_an_unknown_issue_names_the_nearest(office: CampaignFolder) -> None:
    office.replace("campaign.toml", "issues = [", 'issues = [\n  "assistance-needed",')
    done = record(office, "spoke", "FJI", "--issues", "asistance-needed")
    assert done.code == 2
    assert 'Did you mean "assistance-needed"?' in done.err


def test_a_state_that_is_not_named_must_be_confidential(office: CampaignFolder) -> None:
    assert record(office, "met", "unnamed").code == 2
    assert record(office, "met", "unnamed", "--confidential").code == 0


def test_a_wrong_entry_is_taken_back(office: CampaignFolder) -> None:
    record(office, "dispatched", "presidential", "KEN", "--on", "2021-08-01")
    assert record(office, "corrected", "5", "--note", "it was Fiji").code == 0
    assert standing(office)["KEN"] == "generated"
    told = office("log", "show", "presidential", "KEN").out
    assert "taken back" in told
    assert "it was Fiji" in told


def test_a_receipt_is_kept_and_its_change_is_found(office: CampaignFolder, tmp_path: Path) -> None:
    scan = tmp_path / "Scan 1.PDF"
    scan.write_bytes(b"%PDF- signed for by the Chief of Protocol")
    for event in ("dispatched", "delivered"):
        record(office, event, "presidential", "KEN", "--receipt", str(scan))
    (kept,) = office.file("register-files").iterdir()
    assert kept.read_bytes() == scan.read_bytes()
    row = next(row for row in office.log() if row["recipient"] == KENYA.recipient)
    assert row["receipt"] == f"register-files/{kept.name}"
    kept.write_bytes(b"another")
    found = office("log", "verify", "--files", "--json")
    codes = {finding["code"] for finding in found.json()["findings"]}
    assert found.code == 4
    assert "file-changed" in codes


def test_what_a_correction_takes_back_is_said_before_it_is_done(office: CampaignFolder) -> None:
    record(office, "dispatched", "presidential", "KEN", "--on", "2021-08-01")
    done = office.ok("log", "record", "corrected", "5", "--dry-run")
    assert "entry 5: dispatched presidential/KEN-head_of_state on 2021-08-01" in done.out
    assert standing(office)["KEN"] == "dispatched"


def test_one_reason_for_many_letters_is_said_once(office: CampaignFolder) -> None:
    done = record(office, "dispatched", "--letter", "presidential", "--on", "2021-01-01")
    assert done.code == 3
    (reason, count) = done.err.splitlines()
    assert "and 3 other letters: dispatched on 2021-01-01 lies before" in reason
    assert count == "4 problems; nothing was entered"


def test_a_missing_receipt_is_said_also_when_nothing_is_to_be_entered(
    office: CampaignFolder, tmp_path: Path
) -> None:
    missing = str(tmp_path / "no.pdf")
    done = office(
        "log", "record", "dispatched", "presidential", "KEN", "--receipt", missing, "--dry-run"
    )
    assert done.code == 2
    assert "there is no file" in done.err


def test_a_refused_event_leaves_no_receipt(office: CampaignFolder, tmp_path: Path) -> None:
    scan = tmp_path / "scan.pdf"
    scan.write_bytes(b"%PDF-")
    refused(office, "delivered", "presidential", "KEN", "--receipt", str(scan))
    assert not office.file("register-files").exists()
    missing = str(tmp_path / "no.pdf")
    done = record(office, "dispatched", "presidential", "KEN", "--receipt", missing)
    assert (done.code, entries(office)) == (2, 4)


# record --from


def deliveries(office: CampaignFolder, text: str, name: str = "deliveries.csv") -> str:
    return str(office.write(name, text))


def test_a_file_of_deliveries(office: CampaignFolder) -> None:
    office.write("scans/ken.pdf", b"%PDF- scan")
    file = deliveries(
        office,
        "Event;Reference;Letter;Recipient;State;On;To;Receipt\r\n"
        "dispatched;PRES/KEN;;;;2021-08-01;;\r\n"
        "delivered;;presidential;Kenya;;2021-08-03;Chief of Protocol;scans/ken.pdf\r\n"
        "joined;;;;NA;2020-04-28;;\r\n",
    )
    done = record(office, "--from", file)
    assert done.code == 0, done.said
    assert standing(office)["KEN"] == "delivered"
    assert len(list(office.file("register-files").iterdir())) == 1
    assert entries(office) == 7


def test_what_the_command_says_holds_for_rows_that_do_not(office: CampaignFolder) -> None:
    file = deliveries(office, "reference,on\nPRES/KEN,\nPRES/FJI,2021-08-02\n")
    done = record(office, "dispatched", "--from", file, "--on", "2021-08-01")
    assert done.code == 0, done.said
    with office.register() as register:
        days = [event.happened_on.day for event in register.events()][4:]
    assert days == [1, 2]


def test_a_workbook_of_deliveries(office: CampaignFolder) -> None:
    import datetime as dt

    import openpyxl

    book = openpyxl.Workbook()
    assert book.active
    book.active.append(["event", "reference", "on"])
    book.active.append(["dispatched", "PRES/KEN", dt.date(2021, 8, 1)])
    book.save(office.file("deliveries.xlsx"))
    done = record(office, "--from", str(office.file("deliveries.xlsx")))
    assert done.code == 0, done.said
    assert standing(office)["KEN"] == "dispatched"


WRONG = {
    "unknown-reference": "event,reference\ndispatched,PRES/KEX\n",
    "duplicate-line": "event,reference\ndispatched,PRES/KEN\ndispatched,PRES/KEN\n",
    "two-recipients": "event,reference,recipient\ndispatched,PRES/KEN,FJI-head_of_state\n",
    "two-letters": "event,reference,letter\ndispatched,PRES/KEN,ipu-joint\n",
    "unknown-letter": "event,letter,recipient\ndispatched,presidential,TON\n",
    "unknown-event": "event,reference\ndispached,PRES/KEN\n",
    "unknown-column": "event,refrence\ndispatched,PRES/KEN\n",
    "unknown-channel": "event,reference,channel\ndispatched,PRES/KEN,pigeon\n",
    "unknown-state": "event,state\njoined,Atlantis\n",
    "bad-date": "event,reference,on\ndispatched,PRES/KEN,1 August\n",
    "bad-number": "event,reference,revision\ndispatched,PRES/KEN,first\n",
    "bad-cell": "event,reference,again\ndispatched,PRES/KEN,perhaps\n",
    "missing-cell": "event,letter\ndispatched,presidential\n",
    "missing-receipt": "event,reference,receipt\ndispatched,PRES/KEN,none.pdf\n",
    "date-in-future": "event,reference,on\ndispatched,PRES/KEN,2999-01-01\n",
    "date-before-letter": "event,reference,on\ndispatched,PRES/KEN,2021-07-01\n",
    "not-dispatched": "event,reference\ndelivered,PRES/KEN\n",
    "empty-file": "event,reference\n",
    "too-many-cells": "event,reference\ndispatched,PRES/KEN,2021-08-01\n",
}


@pytest.mark.parametrize("code", WRONG)
def test_a_wrong_file_is_refused_with_its_row(office: CampaignFolder, code: str) -> None:
    problems = refused(office, "--from", deliveries(office, WRONG[code]))
    found = next(problem for problem in problems if problem["code"] == code)
    assert found["file"] == "deliveries.csv"
    if code not in ("empty-file", "unknown-column"):
        assert found["row"] == (3 if code == "duplicate-line" else 2)


def test_everything_wrong_with_a_file_is_said_at_once(office: CampaignFolder) -> None:
    file = deliveries(office, "event,reference\ndispatched,PRES/K\nsent,PRES/KEN\ndelivered,X\n")
    problems = refused(office, "--from", file)
    assert [problem["row"] for problem in problems] == [2, 3, 4]
    said = record(office, "--from", file)
    assert "3 problems; nothing was entered" in said.err
    assert "deliveries.csv:2" in said.err


def test_two_recipients_in_one_state_must_be_told_apart(office: CampaignFolder) -> None:
    with office.register() as register:
        register.append([generated("KEN-parliament", reference="PRES/KEN-P")])
    file = deliveries(office, "event,letter,recipient\ndispatched,presidential,KEN\n")
    assert refused(office, "--from", file)[0]["code"] == "ambiguous-letter"


# show


def test_the_story_of_a_letter_and_of_a_state(office: CampaignFolder) -> None:
    record(office, "dispatched", "presidential", "KEN", "--on", "2021-08-01")
    record(office, "spoke", "KEN", "--on", "2021-08-02", "--note", "took the floor")
    assert "took the floor" not in office.ok("log", "show", "presidential", "KEN").out
    story = office.ok("log", "show", "Kenya", "--json").json()
    assert [row["event"] for row in story] == ["generated", "dispatched", "spoke"]
    assert office("log", "show", "Tonga").code == 2


def test_the_table_of_where_everything_stands(office: CampaignFolder) -> None:
    record(office, "dispatched", "presidential", "KEN", "--on", "2021-08-01")
    told = office.ok("log", "show").out
    assert "4 letters: 3 generated, 1 dispatched" in told
    assert "Namibia" in told
    rows = office.ok("log", "show", "--standing", "dispatched", "--json").json()
    assert [row["recipient"] for row in rows] == ["KEN-head_of_state"]
    assert office.ok("log", "show", "--state", "Kenya").out.count("presidential") == 1


def test_overdue(office: CampaignFolder) -> None:
    record(office, "dispatched", "--channel", "by_hand", "--on", "2021-08-01")
    record(office, "acknowledged", "presidential", "FJI", "--on", "2021-08-05")
    rows = office.ok("log", "show", "--overdue", "30", "--json").json()
    assert [row["recipient"] for row in rows] == ["KEN-head_of_state"]


@pytest.mark.parametrize("command", [("show",), ("record", "dispatched", "--yes")])
def test_a_letter_of_which_there_is_none_is_a_slip(
    office: CampaignFolder, command: tuple[str, ...]
) -> None:
    done = office("log", *command, "--letter", "presidental")
    assert done.code == 2
    assert 'Did you mean "presidential"?' in done.err


def test_whoever_says_no_enters_nothing(
    office: CampaignFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = io.StringIO("n\n")
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr("sys.stdin", terminal)
    done = office("log", "record", "dispatched", "presidential", "KEN")
    assert (done.code, entries(office)) == (0, 4)
    assert done.err.endswith("nothing was entered\n")


def test_a_half_signed_letter_shows_as_such(office: CampaignFolder) -> None:
    facts = {"signatories": ["president", "ipu"]}
    half = {"complete": False, "missing": ["ipu"]}
    with office.register() as register:
        register.append([generated("GHA-head_of_state", details=facts)])
        register.append([make("signed", "GHA-head_of_state", digest="a" * 64, details=half)])
    (line,) = [
        line for line in office.ok("log", "show").out.splitlines() if "GHA-head_of_state" in line
    ]
    assert "generated, 1 of 2 signed" in line


def test_off_a_terminal_each_letter_is_one_line_in_columns(office: CampaignFolder) -> None:
    head, *rows, count = office.ok("log", "show").out.splitlines()
    assert (len(rows), count) == (4, "4 letters: 4 generated")
    at = head.index("stands at")
    assert {row[at:].split()[0] for row in rows} == {"generated"}


@pytest.mark.parametrize("columns", [80, 120])
def test_a_terminal_shows_ids_and_dates_whole(
    office: CampaignFolder, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")  # a terminal, as rich sees it
    monkeypatch.setenv("COLUMNS", str(columns))
    shown = office.ok("log", "show").out
    assert ("lang" in shown) == (columns > 80)
    for state in STATES:
        assert f"{state}-head_of_state" in shown
    assert shown.count("2021-07-27") == len(STATES)


# export


@pytest.mark.parametrize("format", ["csv", "xlsx", "json", "jsonl", "parquet"])
def test_every_format_is_written_where_it_says(office: CampaignFolder, format: str) -> None:
    if format == "parquet":
        pytest.importorskip("pyarrow")
    done = office.ok("log", "export", "--format", format, "--json").json()
    assert done["rows"] == 4
    assert Path(done["file"]) == office.file(f"output/dispatch-log.{format}")
    assert Path(done["file"]).stat().st_size > 100


def test_standard_output_carries_the_rows_alone(office: CampaignFolder) -> None:
    read = list(csv.DictReader(io.StringIO(office.ok("log", "export", "--to", "-").out)))
    assert [row["state_name"] for row in read] == ["Colombia", "Fiji", "Kenya", "Namibia"]
    events = office.ok("log", "export", "-f", "jsonl", "-o", "-", "--table", "events").out
    assert [json.loads(line)["entry"] for line in events.splitlines()] == [1, 2, 3, 4]


def test_confidential_rows_are_left_out_and_counted(office: CampaignFolder) -> None:
    with office.register() as register:
        register.append([make("generated", "DZA-x", details={"confidential": True})])
    done = office.ok("log", "export", "--format", "csv")
    assert "4 letters" in done.out
    assert "1 confidential left out" in done.out
    assert "DZA" not in office.read("output/dispatch-log.csv")
    office.ok("log", "export", "--format", "csv", "--include-confidential")
    assert "DZA" in office.read("output/dispatch-log.csv")


# verify


def test_a_whole_register_and_a_changed_one(office: CampaignFolder) -> None:
    whole = office.ok("log", "verify", "--json").json()
    assert (whole["whole"], whole["entries"]) == (True, 4)
    assert office("log", "verify", "--expect", f"4:{whole['head']}").code == 0
    assert office("log", "verify", "--expect", f"3:{whole['head']}").code == 4
    import sqlite3

    with sqlite3.connect(office.file("register.sqlite")) as connection:
        connection.execute("UPDATE register_events SET reference = 'X' WHERE sequence = 2")
    connection.close()
    done = office("log", "verify")
    assert done.code == 4
    assert "Entry 2" in done.err


def test_a_letter_changed_on_the_disk_is_found(office: CampaignFolder) -> None:
    done = office("log", "verify", "--files", "--json")
    assert {finding["code"] for finding in done.json()["findings"]} == {"file-missing"}


def test_a_register_on_a_server_is_kept_by_the_same_commands(
    postgres: PostgresServer, make_campaign: Callable[..., CampaignFolder]
) -> None:
    folder = make_campaign()
    url = postgres.new_database()
    folder.write("campaign.toml", f'register_url = "{url}"\n' + folder.read("campaign.toml"))
    assert folder("log", "show").code == 3
    folder.ok("log", "record", "joined", "Namibia", "--on", "2020-04-28", "--yes")
    assert folder.ok("log", "verify", "--json").json()["entries"] == 1
    assert not folder.file("register.sqlite").exists()


def test_no_register_yet(make_campaign: Callable[..., CampaignFolder]) -> None:
    folder = make_campaign()
    for words in (("show",), ("export",), ("verify",)):
        done = folder("log", *words)
        assert done.code == 3
        assert "no register" in done.err
    assert not folder.file("register.sqlite").exists()


def test_the_documented_events_of_the_sample_can_all_be_read() -> None:
    """Every row of docs/sample-events.csv is understood; letters stand in for the real ones."""
    import datetime as dt

    from outreach_merge.protocol import Protocol
    from outreach_merge.recipients.table import read_table
    from outreach_merge.register.entries import EntryReader, read_entries

    table = read_table(
        Path(__file__).parents[2] / "docs" / "sample-events.csv", "docs/sample-events.csv"
    )
    assert not table.problems
    desk = EntryReader({}, Protocol.load().find_state, "Registry", dt.date(2021, 9, 1))
    read = read_entries(table.header, table.records(), desk)
    assert not read.problems
    kinds = [entry.event.kind for entry in read.entries]
    assert (kinds.count(EventKind.JOINED), kinds.count(EventKind.SPOKE)) == (5, 7)
    spoke = {entry.event.state for entry in read.entries if entry.event.kind == "spoke"}
    assert spoke == {"COL", "FJI", "KEN", "MYS", "PHL", "TUR", "ZWE"}
    assert all(
        entry.event.details["issues"] for entry in read.entries if entry.event.kind == "spoke"
    )
