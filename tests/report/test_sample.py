"""What the sample campaign's report says, in figures and in six languages."""

from __future__ import annotations

import datetime as dt
import re
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from folders import CampaignFolder, is_whole, pdf_text
from judges import verapdf
from outreach_merge.protocol import Protocol
from report.sample import (
    LANGUAGES,
    copy_of_sample,
    enter_planned_letters,
    run_documented_commands,
)

BY_HAND = {"Africa": 13, "Asia": 7, "Europe": 1, "Americas": 1, "Oceania": 2}


@pytest.fixture(scope="session")
def figures(reports: dict[str, Any]) -> Any:
    return reports["en"]


def test_the_presidents_letters(figures: Any) -> None:
    letters = figures["letters"]["presidential"]
    assert (letters["total"], letters["sent"], letters["states"]) == (53, 53, 53)
    assert (letters["handed_over"], letters["through"]) == (24, 29)
    assert letters["handed_over_by_region"] == BY_HAND
    assert letters["by"]["group"] == {"1": 16, "2": 37}
    assert letters["by"]["standing"] == {"delivered": 24, "dispatched": 29}


def test_the_letters_to_parliaments(figures: Any) -> None:
    letters = figures["letters"]["ipu-joint"]
    assert letters["sent"] == 87
    assert letters["states"] == 79


def test_the_meetings(figures: Any) -> None:
    meetings = figures["meetings"]
    assert [meeting["invited"] for meeting in meetings] == [16, 38]
    assert figures["invited"] == 54
    assert figures["floor"] == {
        "total": 7, "states": ["COL", "FJI", "KEN", "MYS", "PHL", "TUR", "ZWE"],
    }  # fmt: skip


def test_the_treaty(figures: Any) -> None:
    treaty = figures["treaty"]
    assert (treaty["parties"], treaty["signatories"], treaty["others"]) == (110, 31, 54)
    assert treaty["total"] == 195
    assert treaty["outside_by_region"] == {
        "Asia": 38, "Africa": 26, "Oceania": 9, "Americas": 8, "Europe": 4,
    }  # fmt: skip
    assert treaty["least_joined"] == ["Asia"]
    assert treaty["joined_by_year"]["2020"] == 5
    assert treaty["latest"] == ["AFG", "CHN", "NAM", "NIU", "STP"]
    assert list(treaty["parties_by_year"].values()) == [9, 61, 79, 91, 94, 100, 105, 110]


def test_one_conversation_is_counted(figures: Any) -> None:
    assert figures["engagements"] == {"total": 1, "confidential": 1, "states": []}


def test_issues(figures: Any) -> None:
    """Raised: what the seven states said. Taken up: by letters of group 1, and of thanks."""
    issues = {issue["issue"]: issue for issue in figures["issues"]}
    assert len(issues) == 8
    assert issues["ratification-delay"]["states_raising"] == 4
    assert issues["major-trader"]["states_raising"] == 1  # the unnamed state is not heard here


def test_figures_add_up(figures: Any) -> None:
    every = figures["all_letters"]
    for letters in (*figures["letters"].values(), every):
        for dimension, counts in letters["by"].items():
            assert sum(counts.values()) == letters["total"], dimension
        ways = [n for counts in letters["ways_by_region"].values() for n in counts.values()]
        assert sum(ways) == letters["total"]
    assert sum(letters["total"] for letters in figures["letters"].values()) == every["total"]


def test_the_position_is_that_of_the_last_event(figures: Any) -> None:
    assert figures["as_of"] == "2021-07-30"


# Six languages


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_states_the_same_numbers(reports: dict[str, Any], language: str) -> None:
    """By what was computed, and by the digits that can be read."""
    update = reports[language]["update"]
    assert Counter(update["numbers"]) == Counter(reports["en"]["update"]["numbers"])
    assert len(update["paragraphs"]) == len(reports["en"]["update"]["paragraphs"])
    spelled = Counter({1: 1, 2: 1})  # one conversation, two meetings
    read = Counter(digits("\n".join(update["paragraphs"]), language))
    assert read == Counter(update["numbers"]) - spelled


def digits(text: str, language: str) -> list[int]:
    """The numbers of a text, those of its dates left out."""
    dates = Protocol.load().dates(language)
    for day in ("2021-07-30", "2021-07-13", "2021-07-15"):
        text = text.replace(dates.date(dt.date.fromisoformat(day)), "")
    return [int(number) for number in re.findall(r"\d+", text)]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ["110\u00a0States Parties", "one conversation was held with a State"]),
        ("fr", ["110\u00a0États parties", "Afghanistan, la Chine, la Namibie, Nioué et"]),
        ("es", ["Se celebraron dos reuniones en línea", "Filipinas, Kenya, Malasia, Turquía y"]),
        ("ru", ["31\u00a0государство подписало", "54\u00a0государства не подписали",
                "являлись 110\u00a0государств", "Еще 29\u00a0писем были переданы",
                "Зимбабве, Кении, Колумбии, Малайзии, Турции, Фиджи и Филиппин"]),
        ("ar", ["كانت 110\u00a0دول أطرافا", "31\u00a0دولة أخرى", "عُقد اجتماعان", "محادثة واحدة"]),
        ("zh", ["110个缔约国", "阿富汗、中国、纳米比亚、纽埃、圣多美和普林西比", "非洲\u2060（13）"]),
    ],
)  # fmt: skip
def test_words_follow_their_numbers(
    reports: dict[str, Any], language: str, said: list[str]
) -> None:
    text = "\n".join(reports[language]["update"]["paragraphs"])
    assert not [words for words in said if words not in text], text


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_slips(reports: dict[str, Any], language: str) -> None:
    text = "\n".join(reports[language]["update"]["paragraphs"])
    slips = re.findall(r"  |[{}<>]|\bNone\b| [,.،。]|\.\.|&\w+;|\*\*", text)
    assert not slips, text
    if language in ("ar", "zh"):
        assert not re.findall(r"[A-Za-z]", text)
    if language == "zh":
        assert not re.findall(r"[,;:()]|[\u4e00-\u9fff] [\u4e00-\u9fff]", text)


# Formats


def test_markdown_is_printed(sample: CampaignFolder) -> None:
    text = sample.ok("report", "--language", "en").out
    paragraphs = re.findall(r"^(\d+)\. ", text, re.MULTILINE)
    assert paragraphs == [str(n) for n in range(1, 13)]
    row = (
        "| Letters of the President to Heads of State or Government | 53 | 53 | 53 | 24 | 29 | 0 |"
    )
    assert row in text
    assert "| Northern Africa |" in text


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_letters_that_are_on_their_way_leave_no_gap_in_the_text(
    tmp_path: Path, language: str
) -> None:
    """Sent and not yet handed over, and nobody has raised an issue: no "in person: ." is said."""
    folder = copy_of_sample(tmp_path / "campaign")
    enter_planned_letters(folder.path)
    folder.ok("log", "record", "dispatched", "--letter", "presidential", "--channel", "by_hand",
              "--on", "2021-07-28", "--yes")  # fmt: skip
    folder.ok("log", "record", "spoke", "Kenya", "--on", "2021-07-28", "--confidential", "--yes")
    text = folder.ok("report", "--language", language).out
    update = text[: text.index("### ")]
    assert "24" in update
    assert not re.search(r"[:：]\s*(?:\.|。|$)", update, re.MULTILINE), update


def test_html_stands_alone(sample: CampaignFolder, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    sample.ok("report", "--format", "html", "--language", "fr", "--to", str(file))
    page = file.read_text(encoding="utf-8")
    assert not re.findall(r"(?:src|href)=|url\(['\"]?http|@import", page)
    drawings = re.findall(r"<svg .*?</svg>", page, re.DOTALL)
    assert len(drawings) == 5
    assert all(re.search(r"<title>[^<]{20,}</title>", drawing) for drawing in drawings)
    tiles = re.findall(r">([A-Z]{3})</text>", drawings[0])
    assert sorted(tiles) == sorted(set(tiles))
    assert len(tiles) == 195
    assert '<html lang="fr" dir="ltr">' in page


def test_arabic_runs_from_right_to_left(sample: CampaignFolder, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    sample.ok("report", "--format", "html", "--language", "ar", "--to", str(file))
    page = file.read_text(encoding="utf-8")
    assert '<html lang="ar" dir="rtl">' in page
    # What stands beside a bar would run into it, and "+5" read "5+".
    drawings = re.findall(r"<svg [^>]*>", page)
    assert all('direction="ltr"' in drawing for drawing in drawings)
    years = re.findall(r"<text([^>]*)>(20\d\d)</text>", page)
    places = [float(re.findall(r'\bx="([\d.]+)"', attributes)[0]) for attributes, _ in years]
    assert places == sorted(places, reverse=True)


@pytest.mark.parametrize(
    "language",
    ["en", "ar", *(pytest.param(x, marks=pytest.mark.slow) for x in ("fr", "es", "ru", "zh"))],
)
def test_the_pdf_has_two_pages(sample: CampaignFolder, tmp_path: Path, language: str) -> None:
    file = tmp_path / "report.pdf"
    done = sample.ok("report", "--format", "pdf", "--language", language, "--to", str(file))
    assert done.err == ""
    assert is_whole(file)
    shown = subprocess.run(["pdfinfo", file], capture_output=True, text=True, check=True).stdout
    assert re.search(r"^Pages: +2$", shown, re.MULTILINE), shown
    assert "110" in pdf_text(file)


@pytest.mark.judge
@pytest.mark.slow
@pytest.mark.skipif(bool(verapdf.missing()), reason=verapdf.missing() or "veraPDF is here")
def test_the_pdf_is_archivable_and_accessible(sample: CampaignFolder, tmp_path: Path) -> None:
    files = []
    for language in LANGUAGES:
        files.append(tmp_path / f"{language}.pdf")
        sample.ok("report", "--format", "pdf", "--language", language, "--to", str(files[-1]))
    assert verapdf.validate(files) == {file: [] for file in files}


def test_where_it_is_written(sample: CampaignFolder) -> None:
    done = sample.ok("report", "--format", "html", "--language", "es")
    assert done.out.strip().endswith("output/report/outreach-update-es.html")
    assert Path(done.out.strip()).is_file()


def test_nothing_names_the_unnamed(sample: CampaignFolder) -> None:
    for language in LANGUAGES:
        text = sample.ok("report", "--language", language).out
        assert "ZZZ" not in text
        assert "Algeria" not in text  # the confidential row


# The treaty's status


def test_the_status_agrees_with_the_recipients(sample: CampaignFolder) -> None:
    assert sample.ok("report", "--json").err == ""


@pytest.mark.slow
def test_the_documented_commands_themselves(tmp_path: Path) -> None:
    """The letters really made: the same report."""
    folder = copy_of_sample(tmp_path / "campaign")
    run_documented_commands(folder, letters_too=True)
    report = folder.ok("report", "--json").json()
    letters = report["letters"]["presidential"]
    assert (letters["sent"], letters["handed_over"], letters["through"]) == (53, 24, 29)
    assert report["as_of"] == "2021-07-30"
