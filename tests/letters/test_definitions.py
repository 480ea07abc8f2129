"""What a letter's definition can say, and what is wrong with it; new letters without Python."""

from __future__ import annotations

import tomllib
from collections.abc import Callable

import pytest

from folders import ROOT, CampaignFolder, pdf_text

WithLetter = Callable[..., CampaignFolder]
MISSION = {"kind": "mission", "office": "permanent_mission"}


def test_a_letter_nobody_planned(make_campaign: Callable[..., CampaignFolder]) -> None:
    """A letter of condolence, from files alone."""
    campaign = make_campaign(
        {"state": "HTI", "language": "fr", "kind": "foreign_minister",
         "office": "foreign_minister", "occasion": "earthquake"},
        {"state": "KEN"},
    )  # fmt: skip
    campaign.write(
        "letters/condolence.toml",
        """\
        title = "Letter of condolence"
        reference = "CONDOLENCE/{state}"
        languages = ["fr"]
        date = 2021-08-16
        place = "Genève"
        subject = "Séisme du 14 août 2021"
        letterhead = "office"
        signatories = ["ambassador", "ambassador"]
        signatures_stand = "below"

        [recipients.where]
        occasion = ["earthquake"]
        """,
    )
    campaign.write(
        "templates/condolence/fr.html",
        '{% extends "letter.html" %}{% block body %}<p>C’est avec une profonde tristesse que j’ai '
        "appris le séisme qui a frappé {{ state.the }}.</p>{% endblock %}"
        "{% block annex %}<h2>Numéros utiles</h2><p>1</p>{% endblock %}",
    )  # fmt: skip
    campaign.ok("generate", "condolence", "--jobs", "1")
    (path,) = campaign.file("output/condolence").glob("*.pdf")
    assert path.name == "HTI-foreign_minister-fr.pdf"
    words = pdf_text(path)
    assert "frappé Haïti" in words
    assert words.count("A. SPECIMEN") + words.count("A. Specimen") == 2
    assert "CONDOLENCE/HTI · Annexe Annexe Numéros utiles 1" in words


def test_new_letter_generates_at_once(campaign: CampaignFolder) -> None:
    campaign.ok("new-letter", "condolence", "--title", "Letter of condolence")
    assert campaign.problems() == []
    definition = tomllib.loads(campaign.read("letters/condolence.toml"))
    assert definition["title"] == "Letter of condolence"
    for language in ("en", "fr"):
        assert campaign.file(f"templates/condolence/{language}.html").is_file()
    campaign.ok("generate", "condolence", "--jobs", "1")
    assert campaign.file("output/condolence/KEN-head_of_state-en.pdf").is_file()


def test_new_letter_writes_over_nothing(campaign: CampaignFolder) -> None:
    campaign.ok("new-letter", "condolence")
    before = campaign.read("letters/condolence.toml")
    campaign.write("letters/condolence.toml", before + "# mine\n")
    for name in ("condolence", "../condolence", "a b"):
        assert campaign("new-letter", name).code == 2
    assert campaign.read("letters/condolence.toml").endswith("# mine\n")


def test_every_suggestion_of_the_skeleton_is_a_key(campaign: CampaignFolder) -> None:
    """Taking the # away gives keys that exist, also below [recipients] and [meeting]."""
    campaign.ok("new-letter", "letter")
    schema = campaign.ok("schema", "letter").json()
    suggested = [
        line.removeprefix("# ").split(" = ")[0]
        for line in campaign.read("letters/letter.toml").splitlines()
        if line.startswith("# ") and " = " in line and " " not in line[2:].split(" = ")[0]
    ]
    assert len(suggested) >= 10
    known = set(schema["properties"])
    for part in ("RecipientFilter", "Meeting"):
        known |= set(schema["$defs"][part]["properties"])
    assert set(suggested) <= known


@pytest.mark.parametrize("path", sorted((ROOT / "letters").glob("*.toml")), ids=lambda p: p.stem)
def test_the_schema_knows_the_sample(campaign: CampaignFolder, path: object) -> None:
    schema = campaign.ok("schema", "letter").json()
    from pathlib import Path

    assert isinstance(path, Path)
    written = tomllib.loads(path.read_text(encoding="utf-8"))
    assert set(written) <= set(schema["properties"])
    assert set(schema["required"]) <= set(written)
    assert "name" not in schema["properties"]


def test_the_schema_of_a_campaign(campaign: CampaignFolder) -> None:
    schema = campaign.ok("schema", "campaign").json()
    assert {"letterheads", "enclosures", "stamps"} <= set(schema["properties"])


# ------------------------------------------------------------------ letters that carry letters


def carry(sample: CampaignFolder, name: str, carried: str) -> None:
    text = (ROOT / "letters" / "note-verbale.toml").read_text(encoding="utf-8")
    sample.write(f"letters/{name}.toml", text.replace('"presidential"', f'"{carried}"'))


def test_an_unknown_letter(sample: CampaignFolder) -> None:
    carry(sample, "note-verbale", "presidental")
    problem = sample.problem("unknown-letter")
    assert problem["file"] == "letters/note-verbale.toml"
    assert "presidential" in problem["remedy"]
    assert sample("generate", "presidential", "--limit", "1").code == 3


def test_a_letter_that_carries_itself_through_others(sample: CampaignFolder) -> None:
    carry(sample, "note-verbale", "second-note")
    carry(sample, "second-note", "note-verbale")
    found = [p for p in sample.problems() if p["code"] == "letter-carries-itself"]
    assert [p["file"] for p in found] == ["letters/note-verbale.toml", "letters/second-note.toml"]
    assert "note-verbale carries second-note carries note-verbale" in found[0]["message"]


def test_a_letter_that_carries_itself(sample: CampaignFolder) -> None:
    carry(sample, "note-verbale", "note-verbale")
    assert sample.problem("letter-carries-itself")


def test_a_letter_nobody_can_carry(sample: CampaignFolder) -> None:
    rows = sample.read("recipients.csv").splitlines(keepends=True)
    sample.write("recipients.csv", "".join(r for r in rows if ",CUB,mission," not in r))
    problem = sample.problem("no-carrier")
    assert problem["letter"] == "presidential/CUB-head_of_state"
    assert "kind mission" in problem["message"]


def test_two_letters_for_one_carrier(sample: CampaignFolder) -> None:
    # letters to parliaments travel through the mission too: two chambers, one mission
    sample.replace("letters/ipu-joint.toml", 'channel = "email"', 'channel = "through_mission"')
    carry(sample, "note-verbale", "ipu-joint")
    found = [p for p in sample.problems() if p["code"] == "carries-two"]
    assert any("KEN-parliament" in p["message"] for p in found)


# ------------------------------------------------------------------ other choices of recipients


def test_a_review_session_that_names_no_state(sample: CampaignFolder) -> None:
    more = "[review.sessions.41]\nstart = 2022-11-07\nend = 2022-11-18\n\n[place]"
    sample.replace("letters/upr.toml", "[place]", more)
    problem = sample.problem("no-state-in-review")
    assert (problem["file"], problem["column"]) == ("letters/upr.toml", "review.sessions.41")


def test_a_date_of_joining_that_is_none(sample: CampaignFolder) -> None:
    sample.replace("recipients.csv", "2020-04-28", "28.4.2020")
    problem = sample.problem("wrong-date")
    rows = sample.read("recipients.csv").splitlines()
    assert problem["column"] == "joined_on"
    assert "28.4.2020" in rows[problem["row"] - 1]


def test_a_letter_for_nobody(with_letter: WithLetter) -> None:
    campaign = with_letter("letter", '[recipients]\nkind = ["consulate"]\n')
    problem = campaign.problem("no-recipient")
    assert problem["severity"] == "warning"


def test_two_sources_at_once(sample: CampaignFolder) -> None:
    sample.replace("letters/thanks.toml", "event =", 'carries = "presidential"\nevent =')
    assert sample.problem("two-sources")["file"] == "letters/thanks.toml"


def test_an_event_of_a_state_that_has_no_row(with_letter: WithLetter) -> None:
    definition = '[recipients]\nkind = ["mission"]\nevent = "spoke"\n'
    campaign = with_letter("letter", definition, {"state": "KEN", **MISSION})
    campaign.ok("log", "record", "spoke", "FJI", "--yes")
    problem = campaign.problem("no-row-for-event")
    assert (problem["severity"], "FJI" in problem["message"]) == ("warning", True)


def test_an_unknown_stamp_and_a_stamp_without_a_picture(sample: CampaignFolder) -> None:
    sample.replace("letters/upr.toml", 'stamp = "mission"', 'stamp = "misson"')
    sample.file("templates/stamps/specimen-conference.svg").unlink()
    codes = {p["code"]: p["file"] for p in sample.problems()}
    assert codes["unknown-stamp"] == "letters/upr.toml"
    assert codes["missing-picture"] == "campaign.toml"


def test_a_courtesy_language_without_a_template(sample: CampaignFolder) -> None:
    sample.file("templates/presidential/pt.html").unlink()
    problem = sample.problem("missing-template")
    assert problem["file"] == "templates/presidential/pt.html"
    sample.replace("letters/presidential.toml", "pages = 2", 'pages = 2\ncourtesy = "none"')
    assert sample.problems() == []
