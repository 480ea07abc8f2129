"""The proof sheet, through the command line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from folders import command

ROOT = Path(__file__).parents[2]
SIX = ("en", "fr", "es", "ar", "ru", "zh")

#: state, office -> how the body speaks to the person, in en fr es ar ru zh.
HARD: dict[tuple[str, str], tuple[str, str, str, str, str, str]] = {
    ("JOR", "king"): (
        "Your Majesty", "Votre Majesté", "Vuestra Majestad", "جلالتكم", "Ваше Величество", "陛下",
    ),
    ("DNK", "queen"): (
        "Your Majesty", "Votre Majesté", "Vuestra Majestad", "جلالتكم", "Ваше Величество", "陛下",
    ),
    ("KWT", "emir"): (
        "Your Highness", "Votre Altesse", "Vuestra Alteza", "سموكم", "Ваше Высочество", "殿下",
    ),
    ("OMN", "sultan"): (
        "Your Majesty", "Votre Majesté", "Vuestra Majestad", "جلالتكم", "Ваше Величество", "陛下",
    ),
    ("VAT", "pope"): (
        "Your Holiness", "Votre Sainteté", "Vuestra Santidad", "قداستكم", "Ваше Святейшество", "陛下",
    ),
}  # fmt: skip


def sheet(*arguments: str) -> list[dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, "-m", "outreach_merge", "-c", str(ROOT), "protocol", *arguments, "--json"],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(ROOT / "src"), "PATH": "/usr/bin:/bin"},
    )
    rows: list[dict[str, Any]] = json.loads(done.stdout)
    return rows


def languages(codes: tuple[str, ...]) -> list[str]:
    return [part for code in codes for part in ("--language", code)]


@pytest.mark.parametrize(("state", "office"), HARD, ids=lambda value: value)
def test_body_speaks_to_a_person_of_that_rank(state: str, office: str) -> None:
    gender = "f" if office == "queen" else "m"
    rows = sheet(state, "--office", office, "--gender", gender, *languages(SIX))
    assert tuple(row["forms"]["you"] for row in rows) == HARD[state, office]


def test_never_a_bare_excellency_for_a_king() -> None:
    for row in sheet("JOR", "--office", "king", "--gender", "m", *languages(SIX)):
        text = " ".join([*row["address"], *row["forms"].values()])
        for word in ("xcellen", "Excelenc", "فخام", "Превосходительств", "阁下"):
            assert word not in text, (row["language"], word)


@pytest.mark.parametrize(
    ("state", "office", "names"),
    [
        ("AND", "co_prince", "A. Primus; B. Secundus"),
        ("SMR", "captain_regent", "A. Primus; B. Secundus"),
    ],
)
def test_two_heads_are_addressed_together(state: str, office: str, names: str) -> None:
    rows = sheet(state, "--office", office, "--name", names, *languages(SIX))
    assert len(rows) == len(SIX)
    for row in rows:
        address = "\n".join(row["address"])
        assert "Primus" in address
        assert "Secundus" in address
    by_language = {row["language"]: row["forms"]["you"] for row in rows}
    assert by_language["en"] == "Your Excellencies"
    assert by_language["fr"] == "Vos Excellences"
    assert by_language["ru"] == "Ваши Превосходительства"


def test_a_style_of_ones_own_outranks_the_office() -> None:
    [row] = sheet(
        "ARE", "--office", "president", "--gender", "m", "--style", "highness", "--language", "en"
    )
    assert row["forms"]["you"] == "Your Highness"


def test_the_campaigns_own_recipients_are_shown_in_their_language() -> None:
    rows = sheet("COL")
    assert {row["language"] for row in rows} == {"es"}
    assert any("Presidente de la República de Colombia" in line for line in rows[0]["address"])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("Kenja", "--office", "king"), 'Did you mean "Kenya"?'),
        (("Atlantis", "--office", "king"), "KEN or KE"),
        (("KEN", "--office", "kng"), 'Did you mean "king"?'),
        (("KEN", "--office", "king", "--gender", "x"), "Known: f, m."),
        (("KEN", "--office", "king", "--language", "xx"), "Known: ar, en, es"),
    ],
)
def test_what_it_does_not_know_it_says(arguments: tuple[str, ...], said: str) -> None:
    done = command("-c", str(ROOT), "protocol", *arguments)
    assert done.code == 2
    assert said in " ".join(done.err.split())


def test_states_are_known_by_their_names() -> None:
    done = command("-c", str(ROOT), "protocol", "Ivory Coast", "--office", "president")
    assert "CIV-president" in done.out
