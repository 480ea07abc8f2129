"""What people get wrong: each fault is named with file, row, column and what to do about it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Any

import pytest

from folders import CampaignFolder, Done, as_csv, command

MakeCampaign = Callable[..., CampaignFolder]
ENGLISH = "templates/invitation/en.html"
LETTER = "letters/invitation.toml"


def snapshot(campaign: CampaignFolder) -> dict[str, int]:
    return {
        str(path.relative_to(campaign.path)): path.stat().st_mtime_ns
        for path in campaign.path.rglob("*")
    }


def nothing_is_made(campaign: CampaignFolder) -> Done:
    """``check`` finds it and writes nothing; ``generate`` makes nothing."""
    before = snapshot(campaign)
    assert campaign("check").code == 3
    done = campaign("generate")
    assert done.code == 3
    assert "nothing was made" in done.err
    assert snapshot(campaign) == before
    return done


# a row

ROWS: list[tuple[str, dict[str, str], str, str, str, str]] = [
    # fault, the cells, code, column, what the message says, what the remedy says
    ("unknown state", {"state": "Keniya"}, "unknown-state", "state", '"Keniya"', '"Kenya"'),
    ("unlike any state", {"state": "Atlantis"}, "unknown-state", "state", '"Atlantis"', "KEN or KE"),
    ("state that leaves", {"state": "../../etc/passwd"}, "unknown-state", "state", "../..", "ISO 3166"),
    ("unknown kind", {"kind": "head_of_stat"}, "unknown-kind", "kind", '"head_of_stat"', '"head_of_state"'),
    ("unknown office", {"office": "presidnt"}, "unknown-office", "office", '"presidnt"', '"president"'),
    ("office of another kind", {"office": "speaker"}, "office-of-other-kind", "office", '"speaker"', "parliament"),
    ("unknown language", {"language": "xx"}, "unknown-language", "language", '"xx"', "en, fr"),
    ("unknown second language", {"courtesy_language": "eng"}, "unknown-language", "courtesy_language", '"eng"', '"en"'),
    ("unknown issue", {"issues": "major-trader; self-defense"}, "unknown-issue", "issues", '"self-defense"', '"self-defence-concern"'),
    ("unknown channel", {"channel": "by_hnd"}, "unknown-channel", "channel", '"by_hnd"', '"by_hand"'),
    ("unknown status", {"status": "singatory"}, "unknown-status", "status", '"singatory"', '"signatory"'),
    ("unknown gender", {"gender": "male"}, "unknown-gender", "gender", '"male"', "f or m"),
    ("unknown honorific", {"honorific": "profesor"}, "unknown-honorific", "honorific", '"profesor"', '"professor"'),
    ("unknown style", {"style": "highnes"}, "unknown-style", "style", '"highnes"', '"highness"'),
    ("unknown answer", {"confidential": "perhaps"}, "unknown-answer", "confidential", '"perhaps"', "yes or no"),
    ("blank state", {"state": ""}, "blank-cell", "state", "blank", "Fill"),
    ("blank office", {"office": ""}, "blank-cell", "office", "blank", "Fill"),
    ("blank language", {"language": " "}, "blank-cell", "language", "blank", "Fill"),
    ("no status anywhere", {"status": ""}, "blank-cell", "status", "KEN", "party, signatory or not_joined"),
    ("id that leaves", {"id": "../KEN"}, "unsafe-id", "id", '"../KEN"', "letters, digits"),
    ("id with a folder", {"id": "a/b"}, "unsafe-id", "id", '"a/b"', "letters, digits"),
    ("id with a backslash", {"id": "..\\KEN"}, "unsafe-id", "id", "KEN", "letters, digits"),
    ("hidden id", {"id": ".KEN"}, "unsafe-id", "id", ".KEN", "letters, digits"),
    ("id of the machine", {"id": "a:b"}, "unsafe-id", "id", "a:b", "letters, digits"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("cells", "code", "column", "message", "remedy"),
    [row[1:] for row in ROWS],
    ids=[row[0] for row in ROWS],
)
def test_a_faulty_row(
    campaign: CampaignFolder,
    cells: dict[str, str],
    code: str,
    column: str,
    message: str,
    remedy: str,
) -> None:
    campaign.replace(
        "campaign.toml", "issues = []", 'issues = ["major-trader", "self-defence-concern"]'
    )
    campaign.rows({"state": "FRA"}, {"state": "KEN", **cells})
    (found,) = campaign.problems()
    assert (found["code"], found["file"], found["row"], found["column"]) == (
        code, "recipients.csv", 3, column,
    )  # fmt: skip
    assert message in found["message"]
    assert remedy in found["remedy"]
    assert found["severity"] == "error"


def test_faults_of_rows_that_only_two_rows_show(make_campaign: MakeCampaign) -> None:
    campaign = make_campaign(
        {"state": "KEN", "group": "1", "status": "signatory"},
        {"state": "FJI", "id": "one"},
        {"state": "PHL", "id": "ONE"},
        {"state": "KE", "kind": "parliament", "office": "speaker", "group": "2", "status": "party"},
        {"state": "COL"},
        {"state": "COL"},
    )
    found = {(p["code"], p["row"], p["column"]): p["message"] for p in campaign.problems()}
    assert found.keys() == {
        ("duplicate-id", 4, "id"),
        ("conflicting-group", 5, "group"),
        ("conflicting-status", 5, "status"),
        ("duplicate-id", 7, "id"),
    }
    assert "row 3" in found["duplicate-id", 4, "id"]
    assert '"2" here, but "1"' in found["conflicting-group", 5, "group"]
    assert "row 2" in found["conflicting-status", 5, "status"]
    assert "row 6" in found["duplicate-id", 7, "id"]


def test_a_fault_in_one_cell_hides_none_in_another(make_campaign: MakeCampaign) -> None:
    campaign = make_campaign(
        {"state": "KEN", "group": "1", "status": "signatory", "office": "presidnt"},
        {"state": "KEN", "kind": "parliament", "office": "speaker", "group": "2", "status": ""},
        {"state": "FJI", "status": "singatory"},
        {"state": "FJI", "kind": "parliament", "office": "speaker", "status": ""},
        {"state": "PHL", "status": "", "language": "xx"},
        {"state": "GHA"},
    )
    # Kenya's status stands in a row with another fault, Fiji's is misspelt: neither is missing.
    assert {(p["code"], p["row"], p["column"]) for p in campaign.problems()} == {
        ("unknown-office", 2, "office"),
        ("conflicting-group", 3, "group"),
        ("unknown-status", 4, "status"),
        ("unknown-language", 6, "language"),
        ("blank-cell", 6, "status"),
    }


def test_facts_of_a_state_are_shared_by_its_rows(make_campaign: MakeCampaign) -> None:
    campaign = make_campaign(
        {"state": "KEN", "group": "2", "status": "signatory"},
        {
            "state": "KEN",
            "group": "",
            "status": "",
            "kind": "foreign_minister",
            "office": "foreign_minister",
        },
    )
    campaign.write(
        ENGLISH,
        '{% extends "letter.html" %}{% block body %}'
        "<p>{{ state.status }}, {{ state.group }}</p>{% endblock %}",
    )
    out = campaign.ok("preview", "invitation", "KEN-foreign_minister", "--text").out
    assert "\nsignatory, 2\n" in out


# the file


@pytest.mark.parametrize(
    ("content", "code", "remedy"),
    [
        (b"", "empty-file", "header row"),
        (b" \r\n\r\n", "empty-file", "header row"),
        (as_csv({"state": "KEN"}).splitlines()[0].encode(), "empty-file", "Add recipients"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1", "not-csv", "Save the table as CSV"),
        (b"PK\x03\x04 a workbook", "not-csv", "recipients.xlsx"),
        (as_csv({"state": "KEN"}).encode() + b'KEN,"not closed\nfoo', "not-csv", "quotation mark"),
    ],
    ids=["empty", "blank", "header alone", "a picture", "a workbook", "open quotation mark"],
)
def test_a_file_that_is_no_table(
    campaign: CampaignFolder, content: bytes, code: str, remedy: str
) -> None:
    campaign.write("recipients.csv", content)
    (found,) = campaign.problems()
    assert (found["code"], found["file"]) == (code, "recipients.csv")
    assert remedy in found["remedy"]
    nothing_is_made(campaign)


def test_a_stray_quotation_mark_hides_no_other_fault(campaign: CampaignFolder) -> None:
    rows = as_csv({"state": "Atlantis"}, {"state": "KEN"}, {"state": "Lemuria"}).splitlines()
    rows[2] = rows[2].replace("KEN", '"KEN"YA')
    campaign.write("recipients.csv", "\n".join([*rows, '"not closed']))
    found = {(p["code"], p["row"]) for p in campaign.problems()}
    assert found == {
        ("unknown-state", 2), ("not-csv", 3), ("unknown-state", 4), ("not-csv", 5),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("encoding", "name"),
    [("cp1251", "Владимир"), ("cp1256", "محمد السادس"), ("gbk", "哈莉玛雅各布")],
)
def test_an_encoding_that_cannot_be_told_is_not_guessed(
    campaign: CampaignFolder, encoding: str, name: str
) -> None:
    campaign.write("recipients.csv", as_csv({"state": "KEN", "name": name}).encode(encoding))
    found = campaign.problem("unknown-encoding")
    assert found["file"] == "recipients.csv"
    assert "UTF-8" in found["remedy"]


def test_no_recipients_file(campaign: CampaignFolder) -> None:
    campaign.file("recipients.csv").unlink()
    assert campaign.problem("missing-file")["file"] == "recipients.csv"


def test_a_workbook_that_is_none(campaign: CampaignFolder) -> None:
    campaign.replace("campaign.toml", "issues = []", 'issues = []\nrecipients = "list.ods"')
    campaign.write("list.ods", b"not a workbook")
    assert campaign.problem("not-a-workbook")["file"] == "list.ods"


def test_missing_columns_are_named_with_what_may_be_meant(campaign: CampaignFolder) -> None:
    campaign.write(
        "recipients.csv", "Country,kind,ofice,language\nKEN,head_of_state,president,en\n"
    )
    found = {problem["column"]: problem for problem in campaign.problems()}
    assert found.keys() == {"state", "office"}
    assert {problem["code"] for problem in found.values()} == {"missing-column"}
    assert 'Rename "ofice"' in found["office"]["remedy"]


def test_a_column_nearly_known_is_a_warning(campaign: CampaignFolder) -> None:
    campaign.rows({"state": "KEN", "chanel": "post", "my_note": "free"})
    (found,) = campaign.problems()
    assert (found["code"], found["severity"], found["column"]) == (
        "unknown-column",
        "warning",
        "chanel",
    )
    assert '"channel"' in found["remedy"]
    campaign.ok("check")


def test_a_column_twice(campaign: CampaignFolder) -> None:
    text = campaign.read("recipients.csv").replace("name,gender", "name,name")
    campaign.write("recipients.csv", text)
    assert campaign.problem("duplicate-column")["column"] == "name"


def test_a_row_with_too_many_cells(campaign: CampaignFolder) -> None:
    text = (
        as_csv({"state": "KEN"}, {"state": "FRA"}) + "head_of_state,president,en,party,1,ITA,a, b\n"
    )
    campaign.write("recipients.csv", text)
    found = campaign.problem("too-many-cells")
    assert (found["file"], found["row"]) == ("recipients.csv", 4)
    assert "8 cells" in found["message"]
    assert "quotation marks" in found["remedy"]


# campaign.toml and letters/*.toml

DEFINITIONS: list[tuple[str, str, str, str, dict[str, Any], str]] = [
    # fault, file, old, new, where, what is said
    ("unknown key", "campaign.toml", "languages =", "langages =",
     {"code": "unknown-key", "row": 6, "column": "langages"}, 'Did you mean "languages"?'),
    ("missing key", "campaign.toml", 'title = "My campaign"', "",
     {"code": "missing-key", "column": "title"}, "Add it"),
    ("unknown key of a letter", LETTER, "signatories =", "signatorys =",
     {"code": "unknown-key", "row": 9, "column": "signatorys"}, 'Did you mean "signatories"?'),
    ("unknown key further in", "campaign.toml", "office = {", "offfice = {",
     {"code": "unknown-key", "row": 14, "column": "signatories.ambassador.offfice"}, 'Did you mean "office"?'),
    ("no TOML", LETTER, 'title = "Invitation"', "title = Invitation",
     {"code": "toml-syntax", "row": 3}, "quotation marks"),
    ("not a date", LETTER, "date = 2021-07-27", 'date = "27 July"',
     {"code": "wrong-value", "row": 5, "column": "date"}, "2021-07-27"),
    ("not a kind", LETTER, '"foreign_minister"', '"foreign_ministr"',
     {"code": "wrong-value", "column": "recipients.kind"}, 'Did you mean "foreign_minister"?'),
    ("not a text", LETTER, 'place = { en = "Geneva", fr = "Genève" }', "place = 3",
     {"code": "wrong-value", "column": "place"}, "quotation marks"),
    ("no text in a language", LETTER, 'place = { en = "Geneva", fr = "Genève" }', 'place = { en = "Geneva" }',
     {"code": "missing-translation", "column": "place.fr"}, "fr"),
    ("unknown letterhead", LETTER, 'letterhead = "office"', 'letterhead = "ofice"',
     {"code": "unknown-letterhead", "column": "letterhead"}, "office"),
    ("unknown signatory", LETTER, '["ambassador"]', '["president"]',
     {"code": "unknown-signatories", "column": "signatories"}, "ambassador"),
    ("missing picture", "campaign.toml", "[letterheads.office]", '[letterheads.office]\nemblem = "templates/no.svg"',
     {"code": "missing-picture", "column": "letterheads.office.emblem"}, "templates/no.svg"),
    ("picture elsewhere", "campaign.toml", "[letterheads.office]", '[letterheads.office]\nemblem = "../no.svg"',
     {"code": "wrong-value", "column": "letterheads.office.emblem"}, "inside the campaign folder"),
    ("unknown language", "campaign.toml", '["en", "fr"]', '["en", "fr", "xx"]',
     {"code": "unknown-language", "column": "languages"}, "xx"),
    ("unknown fallback language", "campaign.toml", '["en", "fr"]', '["en", "fr"]\nfallback_languages = ["en", "xx"]',
     {"code": "unknown-language", "column": "fallback_languages"}, "xx"),
    ("no TOML at all", "campaign.toml", 'title = "My campaign"', "title = My campaign",
     {"code": "toml-syntax"}, "quotation marks"),
    ("not a name", "campaign.toml", 'code = "my-campaign"', 'code = "My Campaign"',
     {"code": "wrong-value", "row": 3, "column": "code"}, "small letters"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("file", "old", "new", "where", "said"),
    [entry[1:] for entry in DEFINITIONS],
    ids=[entry[0] for entry in DEFINITIONS],
)
def test_a_faulty_definition(
    campaign: CampaignFolder, file: str, old: str, new: str, where: dict[str, Any], said: str
) -> None:
    campaign.replace(file, old, new)
    done = nothing_is_made(campaign)
    place = f"{file}:{where['row']}" if "row" in where else file
    if "column" in where:
        place = f'{place}, key "{where["column"]}"' if "row" in where else place
    assert [
        line
        for line in done.err.splitlines()
        if line.startswith(f"error  {place}") and said in line
    ]
    as_json = campaign("check", "--json")
    assert as_json.code == 3
    found = [p for p in as_json.json() if p["code"] == where["code"]]
    assert [{key: problem[key] for key in where} for problem in found] == [where]
    assert all(problem["file"] == file for problem in found)


def test_not_utf_8(campaign: CampaignFolder) -> None:
    campaign.write(LETTER, campaign.read(LETTER).encode("cp1252"))
    found = campaign.problem("unreadable-file")
    assert found["file"] == LETTER
    assert "UTF-8" in found["remedy"]


def test_no_letter(campaign: CampaignFolder) -> None:
    campaign.file(LETTER).unlink()
    assert "letters/<name>.toml" in campaign.problem("no-letter")["remedy"]


def test_what_editors_and_file_managers_leave_behind_is_no_fault(campaign: CampaignFolder) -> None:
    for name in ("letters/._invitation.toml", "templates/invitation/._en.html"):
        campaign.write(name, b"\x00\x05\x16\x07\xff")
    assert campaign.problems() == []


def test_references_that_would_be_given_twice(make_campaign: MakeCampaign) -> None:
    campaign = make_campaign(
        {"state": "KEN"},
        {"state": "KEN", "kind": "foreign_minister", "office": "foreign_minister"},
    )
    campaign.replace(LETTER, "INV/{year}/{id}", "INV/{year}/{state}")
    found = campaign.problem("duplicate-reference")
    assert (found["file"], found["column"]) == (LETTER, "reference")
    assert "{id}" in found["remedy"]
    nothing_is_made(campaign)


# templates

TEMPLATES: list[tuple[str, str, dict[str, Any], str]] = [
    ("broken tag", "{{ state.the }", {"code": "template-syntax", "row": 3}, "Correct the tag"),
    ("unknown tag", "{% iff %}", {"code": "template-syntax", "row": 3}, "iff"),
    ("unknown filter", "{{ state.the|shout }}", {"code": "template-syntax", "row": 3}, "shout"),
    ("unknown variable", "{{ stat.the }}", {"code": "unknown-variable", "row": 3}, 'Did you mean "state"?'),
    ("unknown form", "{{ state.thee }}", {"code": "unknown-variable", "row": 3}, 'Did you mean "state.the"?'),
    ("unknown form of the formal name", "{{ state.formal.thee }}",
     {"code": "unknown-variable", "row": 3}, 'Did you mean "state.formal.the"?'),
    ("unknown form of address", "{{ recipient.youu }}",
     {"code": "unknown-variable", "row": 3}, 'Did you mean "recipient.you"?'),
    ("unknown column", "{{ recipient.extra.note }}", {"code": "unknown-variable", "row": 3}, '"note"'),
    ("unknown term", "{{ terms.treaty }}", {"code": "unknown-variable", "row": 3}, '"treaty"'),
    ("file that is not there", '{% include "issues/none.html" %}',
     {"code": "missing-template", "row": 3}, "templates/issues/none.html does not exist"),
    ("itself", '{% include "invitation/en.html" %}', {"code": "template-error"}, "includes itself"),
    ("not a date", "{{ date(3) }}", {"code": "template-error", "row": 3}, "this line fails"),
    ("division by zero", "{{ 1 / 0 }}", {"code": "template-error", "row": 3}, "division by zero"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "where", "said"), [entry[1:] for entry in TEMPLATES], ids=[e[0] for e in TEMPLATES]
)
def test_a_faulty_template(
    campaign: CampaignFolder, text: str, where: dict[str, Any], said: str
) -> None:
    campaign.replace(ENGLISH, "{{ state.the }}", text)
    (found,) = campaign.problems()
    assert {key: found[key] for key in where} == where
    assert found["file"] == ENGLISH
    assert said in f"{found['message']} {found['remedy']}"
    assert campaign("check").code == 3


def test_a_faulty_included_file_is_named_itself(campaign: CampaignFolder) -> None:
    campaign.write("templates/parts/voice.html", "<p>\n{{ nobody }}</p>")
    campaign.replace(ENGLISH, "{{ state.the }}", '{% include "parts/voice.html" %}')
    found = campaign.problem("unknown-variable")
    assert (found["file"], found["row"]) == ("templates/parts/voice.html", 2)


def test_a_template_in_another_encoding(campaign: CampaignFolder) -> None:
    campaign.write(ENGLISH, campaign.read(ENGLISH).replace("honour", "hônneur").encode("cp1252"))
    assert campaign.problem("unreadable-file")["file"] == ENGLISH


def test_a_language_without_a_template(make_campaign: MakeCampaign) -> None:
    campaign = make_campaign({"state": "KEN"}, {"state": "CI", "language": "fr"})
    campaign.file("templates/invitation/fr.html").unlink()
    found = campaign.problem("missing-template")
    assert found["file"] == "templates/invitation/fr.html"
    done = campaign("generate")
    assert done.code == 1
    assert "1 made" in done.out
    assert "templates/invitation/fr.html" in done.err


def test_a_language_the_letter_is_not_written_in(make_campaign: MakeCampaign) -> None:
    campaign = make_campaign({"state": "KEN"}, {"state": "CI", "language": "fr"})
    campaign.replace(LETTER, 'title = "Invitation"', 'title = "Invitation"\nlanguages = ["en"]')
    found = campaign.problem("language-not-in-letter")
    assert (found["file"], found["row"], found["column"]) == ("recipients.csv", 3, "language")


def test_a_faulty_subject_is_looked_for_in_the_letter(campaign: CampaignFolder) -> None:
    campaign.replace(LETTER, 'subject = { en = "Invitation"', 'subject = { en = "To {{ stat }}"')
    found = campaign.problem("unknown-variable")
    assert (found["file"], found["column"]) == (LETTER, "subject")


def test_a_faulty_glossary(campaign: CampaignFolder) -> None:
    campaign.write("templates/glossary/en.toml", 'conference = "x"\ntreaty = Arms\n')
    found = campaign.problem("toml-syntax")
    assert (found["file"], found["row"]) == ("templates/glossary/en.toml", 2)


def test_a_missing_picture_in_a_template(campaign: CampaignFolder) -> None:
    campaign.replace(ENGLISH, "{{ state.the }}", '<img src="templates/none.png" alt="none">')
    done = campaign("generate")
    assert done.code == 1
    assert "templates/none.png" in done.err
    assert "below the campaign folder" in done.err
    assert campaign.pdfs() == []


# all at once


def test_many_faults_at_once(make_campaign: MakeCampaign) -> None:
    campaign = make_campaign(
        {"state": "Keniya"},
        {"state": "FRA", "kind": "king"},
        {"state": "ITA", "channel": "pigeon"},
        {"state": "FJI", "id": "a"},
        {"state": "PHL", "id": "a"},
        {"state": "CI", "language": "fr"},
    )
    campaign.replace(
        "campaign.toml", "[letterheads.office]", '[letterheads.office]\nemblem = "no.svg"'
    )
    campaign.replace(
        LETTER,
        'subject = { en = "Invitation", fr = "Invitation" }',
        'subject = { en = "Invitation" }',
    )
    campaign.write("letters/second.toml", "tittle = 1\n")
    campaign.replace(ENGLISH, "{{ state.the }}", "{{ state.thee }}")
    campaign.replace("templates/invitation/fr.html", "{{ state.the }}", "{{ state.the }")
    before = snapshot(campaign)
    done = campaign("check")
    assert done.code == 3
    assert snapshot(campaign) == before
    for place in (
        'recipients.csv:2, column "state"',
        'recipients.csv:3, column "kind"',
        'recipients.csv:4, column "channel"',
        'recipients.csv:6, column "id"',
        'campaign.toml, key "letterheads.office.emblem"',
        f'{LETTER}, key "subject.fr"',
        'letters/second.toml:1, key "tittle"',
        f"{ENGLISH}:3",
        "templates/invitation/fr.html:3",
    ):
        assert f"error  {place}: " in done.err, (place, done.err)
    errors = [line for line in done.err.splitlines() if line.startswith("error")]
    assert f"{len(errors)} errors, 0 warnings" in done.out
    # A fault that every letter shows is said once.
    assert sum(ENGLISH in line for line in errors) == 1
    as_json = campaign("check", "--json")
    assert as_json.code == 3
    assert len(json.loads(as_json.out)) == len(errors)
    assert all(problem["remedy"] for problem in as_json.json())


def test_faults_of_the_campaign_file_hide_no_others(make_campaign: MakeCampaign) -> None:
    campaign = make_campaign({"state": "Keniya"}, {"state": "FRA"})
    campaign.replace(
        "campaign.toml",
        "[letterheads.office]",
        '[letterheads.office]\nemblam = "no.svg"\nemblem = "../no.svg"',
    )
    campaign.replace(LETTER, '["ambassador"]', '["president"]')
    campaign.write("letters/second.toml", "tittle = 1\n")
    campaign.replace(ENGLISH, "{{ state.the }}", "{{ state.the }")
    done = nothing_is_made(campaign)
    assert {(p["file"], p["code"], p["column"]) for p in campaign.problems()} >= {
        ("campaign.toml", "unknown-key", "letterheads.office.emblam"),
        ("campaign.toml", "wrong-value", "letterheads.office.emblem"),
        (LETTER, "unknown-signatories", "signatories"),
        ("letters/second.toml", "unknown-key", "tittle"),
        ("recipients.csv", "unknown-state", "state"),
        (ENGLISH, "template-syntax", ""),
    }
    # Whoever generates is told of all of it as well, down to the rows.
    assert "campaign.toml" in done.err
    assert "recipients.csv:2" in done.err


# the command line


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["generate", "invitatio"], "Known: invitation"),
        (["generate", "--state", "FRA"], "no letter passes these filters"),
        (["generate", "--region", "Afrika"], "no letter passes these filters"),
        (["generate", "--limit", "0"], "--limit"),
        (["generate", "--sate", "KEN"], "--state"),
        (["preview", "invitation", "FRA"], "no recipient"),
        (["preview", "invitatio", "KEN"], "Known: invitation"),
        (["preview", "invitation", "KEN", "--language", "xx"], "xx"),
        (["preview", "invitation", "KEN", "--png", "--html"], "exclude each other"),
        (["preview", "invitation"], "Missing argument 'recipient'"),
        (["letters"], "letters"),
    ],
)
def test_wrong_usage(campaign: CampaignFolder, arguments: list[str], said: str) -> None:
    before = snapshot(campaign)
    done = campaign(*arguments)
    assert done.code == 2
    assert said in done.err
    assert done.out == ""
    assert snapshot(campaign) == before


def test_a_folder_that_is_no_campaign(tmp_path: Any) -> None:
    done = command("--campaign", str(tmp_path), "check")
    assert done.code == 2
    assert "campaign.toml" in done.err
    assert "outreach-merge init" in done.err


def test_init_does_not_write_over_anything(campaign: CampaignFolder) -> None:
    before = snapshot(campaign)
    assert command("init", str(campaign.path)).code == 2
    assert command("init", str(campaign.file("campaign.toml"))).code == 2
    assert snapshot(campaign) == before


def test_two_recipients_of_a_state_are_told_apart_by_id(make_campaign: MakeCampaign) -> None:
    campaign = make_campaign(
        {"state": "KEN"},
        {"state": "KEN", "kind": "foreign_minister", "office": "foreign_minister"},
    )
    done = campaign("preview", "invitation", "KEN")
    assert done.code == 2
    assert "KEN-head_of_state, KEN-foreign_minister" in done.err
    campaign.ok("preview", "invitation", "KEN-foreign_minister", "--text")


def test_the_environment_names_the_campaign(
    campaign: CampaignFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OUTREACH_CAMPAIGN", os.fspath(campaign.path))
    assert "1 letter planned" in command("check").out
