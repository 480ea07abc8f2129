"""How the report counts, on campaigns small enough to count by hand."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from folders import CampaignFolder
from outreach_merge.protocol import PluralRules, Protocol, ProtocolGap

TREATY = "state,status,year\nKEN,not_joined,\nCIV,party,2015\nNAM,party,2020\nUGA,signatory,\n"


@pytest.fixture
def folder(generated: CampaignFolder, tmp_path: Path) -> CampaignFolder:
    """Three letters, made: KEN in English, CIV in French, NAM's minister."""
    shutil.copytree(generated.path, tmp_path / "copy")
    return CampaignFolder(tmp_path / "copy")


def figures(folder: CampaignFolder, *options: str) -> Any:
    return folder.ok("report", "--json", *options).json()


def send(folder: CampaignFolder, recipient: str, *options: str) -> None:
    folder.ok(
        "log",
        "record",
        "dispatched",
        "invitation",
        recipient,
        "--on",
        "2021-07-28",
        "--yes",
        *options,
    )


def test_before_anything_was_made(make_campaign: Any) -> None:
    """No register: what is planned is counted, and nothing is said to be sent."""
    folder = make_campaign({"state": "KEN"}, {"state": "CIV"})
    report = figures(folder)
    assert report["letters"]["invitation"]["total"] == 2
    assert report["letters"]["invitation"]["by"]["standing"] == {"planned": 2}
    assert report["letters"]["invitation"]["sent"] == 0
    assert report["treaty"] is None
    assert report["as_of"] == "2021-07-27"
    assert "2\u00a0letters to 2\u00a0States" in folder.ok("report").out


def test_what_was_sent(folder: CampaignFolder) -> None:
    send(folder, "KEN")
    report = figures(folder)["letters"]["invitation"]
    assert (report["total"], report["sent"], report["states_sent"]) == (3, 1, 1)
    assert report["by"]["standing"] == {"generated": 2, "dispatched": 1}
    assert report["sent_by"]["region"] == {"Africa": 1}


def test_handed_over_is_delivered_by_hand(folder: CampaignFolder) -> None:
    for recipient, channel in (("KEN", "by_hand"), ("CIV", "by_hand"), ("NAM", "post")):
        send(folder, recipient, "--channel", channel)
    for recipient in ("KEN", "NAM"):
        folder.ok(
            "log", "record", "delivered", "invitation", recipient, "--on", "2021-07-29", "--yes"
        )  # fmt: skip
    report = figures(folder)["letters"]["invitation"]
    assert report["handed_over"] == 1
    assert report["handed_over_by_region"] == {"Africa": 1}
    assert report["ways_by_region"] == {"Africa": {"handed_over": 1, "otherwise": 2}}


def test_a_register_that_was_tampered_with_is_told(folder: CampaignFolder) -> None:
    assert folder.ok("report").err == ""
    with contextlib.closing(sqlite3.connect(folder.file("register.sqlite"))) as connection:
        connection.execute("UPDATE register_events SET channel = 'post' WHERE sequence = 1")
        connection.commit()
    done = folder.ok("report")
    assert done.err.startswith("warning  the register is not whole (2 findings)")
    assert done.out


def test_a_correction_takes_an_entry_back(folder: CampaignFolder) -> None:
    send(folder, "KEN")
    entry = folder.ok("log", "show", "--json", "KEN").json()
    folder.ok("log", "record", "corrected", last_entry(entry), "--yes", "--on", "2021-07-29")
    assert figures(folder)["letters"]["invitation"]["sent"] == 0


def last_entry(shown: Any) -> str:
    entries = shown if isinstance(shown, list) else shown["events"]
    numbers = [entry.get("entry", entry.get("sequence")) for entry in entries]
    return str(max(numbers))


def test_a_letter_that_is_withdrawn_is_not_counted(folder: CampaignFolder) -> None:
    folder.ok("log", "record", "withdrawn", "invitation", "KEN", "--on", "2021-07-28", "--yes")
    assert figures(folder)["letters"]["invitation"]["total"] == 2


def test_a_letter_that_left_is_counted_when_its_row_is_gone(folder: CampaignFolder) -> None:
    send(folder, "KEN")
    folder.rows({"state": "CI", "name": "Alassane Ouattara", "gender": "m", "language": "fr"})
    report = figures(folder)["letters"]["invitation"]
    assert (report["total"], report["sent"]) == (2, 1)


def test_a_letter_that_left_is_counted_as_it_was(folder: CampaignFolder) -> None:
    send(folder, "KEN")
    folder.replace("recipients.csv", "not_joined,1,", "not_joined,2,")
    by_group = figures(folder)["letters"]["invitation"]["by"]["group"]
    assert by_group == {"2": 2, "1": 1}


def test_an_engagement_that_is_not_named(folder: CampaignFolder) -> None:
    folder.ok(
        "log", "record", "met", "unnamed", "--confidential", "--on", "2021-07-20",
        "--note", "important", "--yes",
    )  # fmt: skip
    folder.ok("log", "record", "met", "Fiji", "--on", "2021-07-21", "--yes")
    report = figures(folder)
    assert report["engagements"] == {"total": 2, "confidential": 1, "states": ["FJI"]}
    assert "1\u00a0conversation" in folder.ok("report").out


def test_a_state_that_spoke_in_confidence(folder: CampaignFolder) -> None:
    for state, options in (("Fiji", ()), ("Tonga", ("--confidential",))):
        folder.ok("log", "record", "spoke", state, "--on", "2021-07-13", "--yes", *options)
    assert figures(folder)["floor"] == {"total": 2, "states": ["FJI"]}
    open_text = folder.ok("report").out
    assert "Fiji" in open_text
    assert "Tonga" not in open_text


# Confidential


@pytest.fixture
def secret(make_campaign: Any) -> CampaignFolder:
    folder: CampaignFolder = make_campaign(
        {"state": "KEN", "confidential": ""},
        {"state": "FJI", "confidential": "yes"},
    )
    folder.write("treaty-status.csv", TREATY + "FJI,not_joined,\n")
    return folder


def test_a_confidential_letter_is_counted_and_not_described(secret: CampaignFolder) -> None:
    letters = figures(secret)["letters"]["invitation"]
    assert (letters["total"], letters["confidential"]) == (2, 1)
    for counts in letters["by"].values():
        assert counts["undisclosed"] == 1
    assert letters["by"]["region"] == {"Africa": 1, "undisclosed": 1}


@pytest.mark.parametrize("format_", ["markdown", "json", "html"])
def test_a_confidential_recipient_is_named_nowhere(secret: CampaignFolder, format_: str) -> None:
    text = secret.ok("report", "--format", format_, "--to", "-").out
    for name in ("Fiji", "FJI-", "invitation/FJI"):
        assert name not in text, name


def test_within_the_office_it_is_named_and_the_report_says_so(secret: CampaignFolder) -> None:
    report = figures(secret, "--include-confidential")
    assert report["restricted"] is True
    assert report["confidential"] == ["invitation/FJI-head_of_state"]
    assert report["letters"]["invitation"]["by"]["region"] == {"Africa": 1, "Oceania": 1}
    assert secret.ok("report", "--include-confidential").out.startswith("**RESTRICTED")
    done = secret.ok("report", "--include-confidential", "--format", "html")
    assert "restricted" in Path(done.out.strip()).name


# The treaty


def test_the_treaty(folder: CampaignFolder) -> None:
    folder.write("treaty-status.csv", TREATY)
    treaty = figures(folder)["treaty"]
    assert (treaty["parties"], treaty["signatories"], treaty["others"]) == (2, 1, 1)
    assert treaty["joined_by_year"] == {
        "2015": 1,
        "2016": 0,
        "2017": 0,
        "2018": 0,
        "2019": 0,
        "2020": 1,
    }
    assert treaty["latest"] == ["NAM"]


def test_a_state_that_joins_moves_in_the_figures(folder: CampaignFolder) -> None:
    folder.write("treaty-status.csv", TREATY)
    folder.ok("log", "record", "joined", "Uganda", "--on", "2021-08-02", "--yes")
    treaty = figures(folder)["treaty"]
    assert (treaty["parties"], treaty["signatories"]) == (3, 0)
    assert treaty["latest"] == ["UGA"]
    assert treaty["latest_year"] == 2021


def test_a_joining_that_is_confidential_is_not_told_by_the_figures(folder: CampaignFolder) -> None:
    folder.write("treaty-status.csv", TREATY)
    folder.ok("log", "record", "joined", "Uganda", "--on", "2021-08-02", "--confidential", "--yes")
    treaty = figures(folder)["treaty"]
    assert (treaty["parties"], treaty["latest"]) == (2, ["NAM"])
    assert "Uganda" not in folder.ok("report").out
    within = figures(folder, "--include-confidential")["treaty"]
    assert (within["parties"], within["latest"]) == (3, ["UGA"])


def test_several_regions_with_most_states_outside(folder: CampaignFolder) -> None:
    folder.write("treaty-status.csv", "state,status,year\nKEN,not_joined,\nFJI,signatory,\n")
    assert figures(folder)["treaty"]["least_joined"] == ["Africa", "Oceania"]


def test_everything_wrong_with_the_treaty_file_at_once(folder: CampaignFolder) -> None:
    folder.write(
        "treaty-status.csv",
        "state,status,year\nXXX,party,2015\nKEN,member,\nUGA,signatory,2014\n"
        "CIV,party,\nCIV,party,15\nCIV,party,2015\nNAM,party,2020\nNAM,party,2020\n",
    )
    done = folder("report")
    assert done.code == 3
    for row in (2, 3, 4, 5, 6, 9):
        assert f"treaty-status.csv:{row}" in done.err, row
    assert done.out == ""


def test_a_column_is_missing(folder: CampaignFolder) -> None:
    folder.write("treaty-status.csv", "state,status\nKEN,not_joined\n")
    done = folder("report")
    assert done.code == 3
    assert "year" in done.err


def test_two_files_that_disagree_are_a_warning(folder: CampaignFolder) -> None:
    folder.write("treaty-status.csv", TREATY.replace("KEN,not_joined", "KEN,signatory"))
    done = folder.ok("report", "--json")
    assert "recipients.csv:2" in done.err
    assert '"not_joined"' in done.err
    assert done.json()["treaty"]["signatories"] == 2


# Texts


def test_the_campaigns_own_text_is_used(folder: CampaignFolder) -> None:
    folder.write(
        "templates/report/en.md",
        '# Own\n\n#. First.\n\n## Part\n\n#. {{ count(all_letters.total, one="{n} letter", other="{n} letters") }}.\n',
    )
    folder.write("templates/report/en.toml", '[letters]\ninvitation = "Letters of invitation"\n')
    text = folder.ok("report").out
    assert "1. First." in text
    assert "2. 3\u00a0letters." in text
    assert "| Letters of invitation |" in text
    html = folder.ok("report", "--format", "html", "--to", "-").out
    assert '<ol start="2"' in html


def test_french_has_a_text_of_its_own(folder: CampaignFolder) -> None:
    assert "3\u00a0lettres à 3\u00a0États" in folder.ok("report", "--language", "fr").out


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("# T\n\n#. {{ lettres }}\n", ["en.md:3", "lettres"]),
        ('# T\n\n#. {{ count(1, one="{n}") }}\n', ["en.md", "one, other", "other is missing"]),
        ("# T\n\n{% if x %}\n", ["en.md"]),
        ('# T\n\n{{ states(["Atlantis"]) }}\n', ["en.md"]),
    ],
)
def test_a_mistake_in_the_text_is_named_with_its_place(
    folder: CampaignFolder, template: str, said: list[str]
) -> None:
    folder.write("templates/report/en.md", template)
    done = folder("report")
    assert done.code == 3
    assert not [words for words in said if words not in done.err], done.err
    assert done.out == ""


def test_no_such_language(folder: CampaignFolder) -> None:
    done = folder("report", "--language", "xx")
    assert done.code == 2
    assert "xx" in done.err


def test_tags_in_the_users_texts_are_shown(folder: CampaignFolder) -> None:
    folder.replace("campaign.toml", 'title = "My campaign"', 'title = "<script>alert(1)</script>"')
    assert "<script" not in folder.ok("report", "--format", "html", "--to", "-").out


def test_a_bar_in_a_title_stays_in_its_cell(folder: CampaignFolder) -> None:
    folder.replace("letters/invitation.toml", 'title = "Invitation"', 'title = "A | B"')
    assert "| A \\| B |" in folder.ok("report").out


# Numbers and words


@pytest.mark.parametrize(
    ("language", "forms", "expected"),
    [
        ("ru", {"one": "{n} письмо", "few": "{n} письма", "many": "{n} писем"},
         {0: "0 писем", 1: "1 письмо", 2: "2 письма", 5: "5 писем", 11: "11 писем",
          21: "21 письмо", 24: "24 письма", 111: "111 писем"}),
        ("ar", {"zero": "لا رسائل", "one": "رسالة واحدة", "two": "رسالتان", "few": "{n} رسائل",
                "many": "{n} رسالة", "other": "{n} رسالة"},
         {0: "لا رسائل", 1: "رسالة واحدة", 2: "رسالتان", 3: "3 رسائل", 10: "10 رسائل",
          11: "11 رسالة", 100: "100 رسالة", 110: "110 رسائل"}),
        ("fr", {"one": "{n} lettre", "other": "{n} lettres"}, {0: "0 lettre", 2: "2 lettres"}),
        ("en", {"exactly_2": "two letters", "one": "{n} letter", "other": "{n} letters"},
         {1: "1 letter", 2: "two letters", 12: "12 letters"}),
        ("zh", {"other": "{n}封信"}, {1: "1封信", 53: "53封信"}),
    ],
)  # fmt: skip
def test_words_by_number(language: str, forms: dict[str, str], expected: dict[int, str]) -> None:
    rules = PluralRules(Protocol.load().language(language))
    found = {number: rules.count(number, forms) for number in expected}
    assert found == {n: text.replace(f"{n} ", f"{n}\u00a0") for n, text in expected.items()}


def test_a_form_that_is_missing() -> None:
    rules = PluralRules(Protocol.load().language("ru"))
    with pytest.raises(ProtocolGap, match="many"):
        rules.count(1, {"one": "{n} письмо", "few": "{n} письма", "other": "{n} писем"})
