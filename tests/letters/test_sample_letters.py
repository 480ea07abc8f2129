"""The correspondence of the sample campaign: who gets which letter, and what stands in it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from pathlib import Path

import pytest

from folders import CampaignFolder, pdf_text
from judges import require
from outreach_merge.campaign import read_campaign
from outreach_merge.compose import plain_text
from outreach_merge.model import PlannedLetter
from outreach_merge.press import Press

SPOKE = ["COL", "FJI", "KEN", "MYS", "PHL", "TUR", "ZWE"]
JOINED = ["AFG", "CHN", "NAM", "NIU", "STP"]


@pytest.fixture(scope="module")
def press(written: CampaignFolder) -> Press:
    return Press(read_campaign(written.path), "test", lambda: dt.datetime.now(dt.UTC))


def planned(press: Press, letter: str) -> list[PlannedLetter]:
    return [p for p in press.plan.planned if p.letter == letter and not p.courtesy]


def text(press: Press, letter: PlannedLetter) -> str:
    return " ".join(plain_text(press.compose_draft(letter).html).split())


def test_how_many_of_each(press: Press) -> None:
    counts = Counter(p.letter for p in press.plan.planned if not p.courtesy)
    assert counts.pop("ipu-joint") >= 81
    assert counts.pop("upr") == 10
    assert counts == {
        "presidential": 53,
        "note-verbale": 29,
        "invitation-first": 16,
        "invitation-second": 38,
        "thanks": 7,
        "welcome": 5,
    }


def test_the_campaign_is_without_fault(written: CampaignFolder) -> None:
    assert written.problems() == []


def test_each_note_verbale_names_the_letter_it_carries(press: Press) -> None:
    travelling = {
        p.reference: p
        for p in planned(press, "presidential")
        if p.channel in ("through_mission", "through_consulate")
    }
    notes = planned(press, "note-verbale")
    for note in notes:
        words = text(press, note)
        named = [reference for reference in travelling if f"{reference}" in words]
        assert len(named) == 1, words
        carried = travelling.pop(named[0])
        assert carried.recipient.state == note.recipient.state
        assert str(carried.channel) == f"through_{note.recipient.kind}"
    assert not travelling


def test_a_note_is_in_the_missions_language_not_the_kings(press: Press) -> None:
    (note,) = [p for p in planned(press, "note-verbale") if p.recipient.state == "MAR"]
    assert note.language == "fr"
    assert note.carries is not None
    assert note.carries.language == "ar"
    assert "Roi du Maroc" in text(press, note)


def test_a_note_has_no_salutation_and_no_signature(written: CampaignFolder) -> None:
    html = written.file("note.html")
    written.ok("preview", "note-verbale", "BLR", "--html", "--to", str(html))
    page = html.read_text(encoding="utf-8")
    assert 'class="salutation"' not in page
    assert 'class="close"' not in page
    assert 'class="signatory-name"' not in page
    assert "specimen-mission.svg" in page


@pytest.mark.parametrize(
    ("letter", "state", "words"),
    [
        # Geneva keeps summer time (UTC+2); so does Tehran in 2021 (UTC+4:30); Fiji is at UTC+12
        ("invitation-first", "FJI", "at 13:00, Geneva time, which is 23:00 in the capital, Suva"),
        (
            "invitation-second",
            "IRN",
            "at 14:00, Geneva time, which is 16:30 in the capital, Tehran",
        ),
        ("invitation-second", "TON", "which is 01:00 on 16 July 2021 in the capital, Nuku’alofa"),
        (
            "invitation-second",
            "BLR",
            "в 14:00 по женевскому времени, что соответствует 15:00 в столице (Минск)",
        ),
        ("invitation-second", "VNM", "in the capital, Hanoi"),
    ],
)
def test_the_hour_in_the_capital(press: Press, letter: str, state: str, words: str) -> None:
    (found,) = [p for p in planned(press, letter) if p.recipient.state == state]
    assert words in text(press, found).replace("\u00a0", " ")


def test_who_took_the_floor_is_thanked_for_what_they_said(press: Press) -> None:
    letters = planned(press, "thanks")
    assert sorted(p.recipient.state for p in letters) == SPOKE
    by_state = {p.recipient.state: text(press, p) for p in letters}
    assert "Voluntary Trust Fund" in by_state["FJI"]
    assert "Voluntary Trust Fund" not in by_state["TUR"]
    assert "national security" in by_state["TUR"]


def test_nobody_is_thanked_before_it_is_entered(sample: CampaignFolder) -> None:
    press = Press(read_campaign(sample.path), "test", lambda: dt.datetime.now(dt.UTC))
    assert planned(press, "thanks") == []
    assert sample.problems() == []
    assert not sample.file("register.sqlite").exists()


def test_an_event_taken_back_thanks_nobody(sample: CampaignFolder) -> None:
    sample.ok("log", "record", "spoke", "KEN", "FJI", "--on", "2021-07-13", "--yes")
    sample.ok("log", "record", "corrected", "1", "--note", "it was Fiji alone", "--yes")
    press = Press(read_campaign(sample.path), "test", lambda: dt.datetime.now(dt.UTC))
    assert [p.recipient.state for p in planned(press, "thanks")] == ["FJI"]


def test_the_five_who_joined_are_welcomed(press: Press) -> None:
    letters = planned(press, "welcome")
    assert sorted(p.recipient.state for p in letters) == JOINED
    by_state = {p.recipient.state: text(press, p) for p in letters}
    assert "28 April 2020" in by_state["NAM"]
    assert "2020年7月6日" in by_state["CHN"]


def test_the_review_letter_tells_signatories_from_others(press: Press) -> None:
    by_state = {p.recipient.state: text(press, p) for p in planned(press, "upr")}
    assert "early ratification of the Treaty" in by_state["THA"]  # signed
    assert "accession of Papua New Guinea" in by_state["PNG"]  # did not
    assert "(session 39, 1 to 12 November 2021)" in by_state["PNG"].replace("\u00a0", " ")
    assert "(40e session, du 24 janvier au 4 février 2022)" in by_state["HTI"].replace(
        "\u00a0", " "
    )


def test_a_courtesy_translation_in_a_file_of_its_own(written: CampaignFolder) -> None:
    folder = written.file("output/presidential")
    original = pdf_text(folder / "AGO-head_of_state-en.pdf")
    courtesy = pdf_text(folder / "AGO-head_of_state-pt-courtesy.pdf")
    reference = "ATT/CSP7/PRES/2021/AGO"
    assert reference in original
    assert reference in courtesy
    assert "Tradução não oficial" in courtesy
    assert "(Assinado)" in courtesy
    assert "TRADUÇÃO DE CORTESIA" in courtesy.upper()
    assert "TRADUÇÃO" not in original.upper()
    entered = [row for row in written.log("events") if row["reference"] == reference]
    assert sorted(row["document"] for row in entered) == ["courtesy", "letter"]


def test_a_courtesy_translation_on_further_pages(written: CampaignFolder) -> None:
    path = written.file("output/welcome/STP-foreign_minister-fr.pdf")
    words = pdf_text(path)
    assert words.index("Kit de bienvenue") < words.index("Tradução não oficial")
    assert "(em inglês)" in words  # the Welcome Pack is not there in Portuguese
    assert not list(path.parent.glob("STP*courtesy*"))


def test_an_annex_has_page_numbers_of_its_own(written: CampaignFolder) -> None:
    words = pdf_text(written.file("output/invitation-second/TON-mission-en.pdf"))
    assert "ATT/CSP7/MEET2/2021/TON · Annex 1" in words


@pytest.mark.slow
@pytest.mark.judge
def test_the_letters_are_archivable_and_accessible(written: CampaignFolder) -> None:
    require("verapdf")
    from judges import verapdf

    chosen = [
        "note-verbale/BLR-mission-ru.pdf",
        "invitation-second/TON-mission-en.pdf",
        "thanks/FJI-mission-en.pdf",
        "presidential/AGO-head_of_state-pt-courtesy.pdf",
        "welcome/STP-foreign_minister-fr.pdf",
    ]
    files = [written.file("output") / name for name in chosen]
    verdicts: dict[Path, list[str]] = verapdf.validate(files)
    assert verdicts == {path: [] for path in files}
