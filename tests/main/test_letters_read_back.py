"""The sample campaign's letters, read back from their PDFs: one for each letter and language.

The whole campaign is `make letters`; here a row stands for all that are like it.
"""

from __future__ import annotations

import csv
import io
import re
import shutil
import subprocess
import tomllib
import unicodedata
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from folders import ROOT, CampaignFolder, is_whole
from judges import require, run

pytestmark = pytest.mark.slow

MONTHS = {
    "en": {6: "June", 7: "July", 10: "October"},
    "fr": {6: "juin", 7: "juillet", 10: "octobre"},
    "es": {6: "junio", 7: "julio", 10: "octubre"},
    "pt": {6: "junho", 7: "julho", 10: "outubro"},
    "ru": {6: "июня", 7: "июля", 10: "октября"},
    "ar": {6: "حزيران/يونيه", 7: "تموز/يوليه", 10: "تشرين الأول/أكتوبر"},
}
DATES = {
    "en": "{day} {month} {year}",
    "fr": "{day} {month} {year}",
    "es": "{day} de {month} de {year}",
    "pt": "{day} de {month} de {year}",
    "ru": "{day} {month} {year} года",
    "ar": "{day} {month} {year}",
    "zh": "{year}年{number}月{day}日",
}
FONTS = {
    "ar": {"Amiri", "EBGaramond"},
    "zh": {"NotoSerifCJK", "EBGaramond"},
}
LATIN = {"EBGaramond"}


def date_in(language: str, date: str) -> str:
    year, month, day = map(int, date.split("-"))
    name = MONTHS.get(language, {}).get(month, "")
    return DATES[language].format(day=day, month=name, year=year, number=month)


def words(text: str) -> str:
    """Text as compared: no difference of presentation, direction marks, spaces or hyphenation."""
    plain = unicodedata.normalize("NFKC", text)
    plain = re.sub(r"[\u200b-\u200f\u202a-\u202e\u2066-\u2069\u00ad\u0640]", "", plain)
    return re.sub(r"[-\u2010\s]+", "", plain)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> CampaignFolder:
    require("pdftotext", "pdffonts", "qpdf")
    folder = CampaignFolder(tmp_path_factory.mktemp("sample") / "campaign")
    folder.path.mkdir()
    for name in ("letters", "templates"):
        shutil.copytree(ROOT / name, folder.file(name))
    shutil.copy(ROOT / "campaign.toml", folder.file("campaign.toml"))
    rows = list(csv.DictReader((ROOT / "recipients.csv").open(encoding="utf-8", newline="")))
    # All rows of some states, so that letters that carry others find them.
    seen: set[tuple[str, ...]] = set()
    states = set()
    for row in rows:
        sort = tuple(row[column] for column in ("kind", "language", "group", "upr_session"))
        if sort not in seen and not row["hold"]:
            seen.add(sort)
            states.add(row["state"])
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, list(rows[0]))
    writer.writeheader()
    writer.writerows(row for row in rows if row["state"] in states)
    folder.write("recipients.csv", stream.getvalue())
    done = folder("generate")
    assert done.code == 0, done.said
    return folder


@pytest.fixture(scope="module")
def entries(sample: CampaignFolder) -> list[dict[str, Any]]:
    return rows_of(sample)


def rows_of(campaign: CampaignFolder) -> list[dict[str, Any]]:
    import json

    done = campaign.ok("log", "export", "--format", "json", "--to", "-", "--include-confidential")
    rows = json.loads(done.out)
    assert isinstance(rows, list)
    return rows


def text_of(campaign: CampaignFolder, row: dict[str, Any]) -> str:
    path = campaign.file(row["file"])
    done = subprocess.run(["pdftotext", str(path), "-"], capture_output=True, check=True)
    return words(done.stdout.decode())


def test_all_six_languages_are_there(entries: list[dict[str, Any]]) -> None:
    languages = {letter: set() for letter in ("presidential", "ipu-joint")}  # type: dict[str, set[str]]
    for row in entries:
        languages.setdefault(row["letter"], set()).add(row["language"])
    assert languages["presidential"] >= {"en", "fr", "es", "ar", "ru"}
    assert set.union(*languages.values()) >= {"en", "fr", "es", "ar", "ru"}


def test_each_letter_says_what_the_register_says(
    sample: CampaignFolder, entries: list[dict[str, Any]]
) -> None:
    from outreach_merge.protocol import Protocol

    settings = tomllib.loads(sample.read("campaign.toml"))
    protocol = Protocol.load()
    missing = []
    for row in entries:
        text, language = text_of(sample, row), row["language"]
        definition = tomllib.loads(sample.read(f"letters/{row['letter']}.toml"))
        forms = protocol.state(row["state"], language)
        names = {
            *forms.short.forms.values(),
            *forms.formal.forms.values(),
            forms.short.name,
            forms.formal.name,
        }
        if words(row["reference"]) not in text:
            missing.append((row["file"], row["reference"]))
        date = words(date_in(language, row["letter_date"]))
        # Poppler puts a comma before a number of two digits behind it, in Arabic.
        parts = date.partition(words(MONTHS["ar"][7])) if language == "ar" else (date,)
        if not all(part in text for part in parts):
            missing.append((row["file"], date_in(language, row["letter_date"])))
        if not any(words(name) in text for name in names):
            missing.append((row["file"], forms.short.name))
        for key in definition.get("signatories", ()):
            for text_ in (
                settings["signatories"][key]["name"],
                settings["signatories"][key]["office"],
            ):
                shown = text_ if isinstance(text_, str) else text_[language]
                if words(shown) not in text:
                    missing.append((row["file"], shown))
    assert not missing, "\n".join(map(str, missing))


def test_fonts_are_those_named_for_the_language(
    sample: CampaignFolder, entries: list[dict[str, Any]]
) -> None:
    for row in entries:
        listed = run("pdffonts", sample.file(row["file"])).splitlines()[2:]
        names = {line.split()[0].partition("+")[2] for line in listed}
        wanted = FONTS.get(row["language"], LATIN)
        strange = {n for n in names if not n.replace("-", "").startswith(tuple(wanted))}
        assert not strange, (row["file"], names)
        main = {"ar": "Amiri", "zh": "NotoSerifCJK"}.get(row["language"], "EBGaramond")
        assert any(name.replace("-", "").startswith(main) for name in names), (row["file"], names)
        for line in listed:
            embedded = line.split()[-5]
            assert embedded == "yes", line


def test_every_file_is_whole_and_has_no_more_pages_than_allowed(
    sample: CampaignFolder, entries: list[dict[str, Any]]
) -> None:
    for row in entries:
        path = sample.file(row["file"])
        assert is_whole(path)
        pages = int(run("qpdf", "--show-npages", str(path)))
        assert pages == row["pages"]
        definition = tomllib.loads(sample.read(f"letters/{row['letter']}.toml"))
        assert pages <= definition.get("pages", 2)


def test_references_are_given_once(entries: list[dict[str, Any]]) -> None:
    counts = Counter(row["reference"] for row in entries)
    assert [reference for reference, count in counts.items() if count > 1] == []


def test_issues_are_taken_up_in_group_1_alone(
    sample: CampaignFolder, entries: list[dict[str, Any]]
) -> None:
    letters = [
        row for row in entries if row["letter"] == "presidential" and row["language"] == "en"
    ]
    assert {row["group"] for row in letters} == {"1", "2"}
    for row in letters:
        text = text_of(sample, row)
        for issue in ("ratification-delay", "neighbourhood-security", "assistance-needed"):
            source = (ROOT / "templates" / "issues" / "en" / f"{issue}.html").read_text(
                encoding="utf-8"
            )
            plain = re.sub(r"\{[{%#].*?[%#}]\}", "\n", source, flags=re.DOTALL)
            plain = re.sub(r"<[^>]+>", "\n", plain)
            longest = max((words(part) for part in plain.splitlines()), key=len)
            taken_up = row["group"] == "1" and issue in row["issues"]
            assert (longest[:40] in text) == taken_up, (row["file"], issue)


def test_a_second_run_makes_nothing_again(sample: CampaignFolder) -> None:
    before = {path: path.stat().st_mtime_ns for path in sample.pdfs()}
    done = sample.ok("generate")
    assert re.search(r"\b0 made", done.out)
    assert {path: path.stat().st_mtime_ns for path in sample.pdfs()} == before


def test_the_repository_s_own_campaign_has_no_fault(tmp_path: Path) -> None:
    done = CampaignFolder(ROOT).ok("check")
    assert "0 errors" in done.out
