"""The sample campaign's recipients: its own promises, and the facts of 27 July 2021.

The file is read with the csv module and nothing of ours, so that what it says is judged apart
from what the program makes of it. Facts are compared with the reference data that may lie
beside the repository; where it does not, those tests are skipped.
"""

from __future__ import annotations

import csv
import re
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from reference import reference

Row = dict[str, str]

ROOT = Path(__file__).resolve().parents[2]
RECIPIENTS = ROOT / "recipients.csv"
OFFICES = ROOT / "src" / "outreach_merge" / "protocol" / "offices.toml"
STATES = ROOT / "src" / "outreach_merge" / "protocol" / "states.csv"

COLUMNS = [
    *("id", "state", "kind", "office", "name", "name_ar", "name_ru", "name_zh"),
    *("gender", "honorific", "style", "body", "address", "city", "email"),
    *("language", "courtesy_language", "group", "issues", "status"),
    *("channel", "bearer", "hold", "confidential"),
]
ISSUES = {
    "neighbourhood-security",
    "ratification-delay",
    "disarmament-misconception",
    "self-defence-concern",
    "legislative-alignment",
    "assistance-needed",
    "diversion-forum",
    "major-trader",
}
HEADS = {"head_of_state", "head_of_government"}
TOOK_THE_FLOOR = {"COL", "FJI", "KEN", "MYS", "PHL", "TUR", "ZWE"}
JOINED_2020 = {
    "AFG": "2020-07-29",
    "CHN": "2020-07-06",
    "NAM": "2020-04-28",
    "NIU": "2020-08-06",
    "STP": "2020-07-28",
}
# At the United Nations the President of Iran is received as a head of state; the reference data
# record the Supreme Leader as such, to whom letters of this kind are not addressed.
PRESIDENT_SPEAKS_AS_HEAD_OF_STATE = {"IRN"}
WITHOUT_PARLIAMENT = {"ERI", "HTI", "MMR", "SDN", "SSD", "TUN"}
SCRIPTS = {
    "ar": re.compile(r"[\u0600-\u06ff\s]+"),
    "ru": re.compile(r"[\u0400-\u04ff\s-]+"),
    "zh": re.compile(r"[\u4e00-\u9fff·]+"),
}


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    with RECIPIENTS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def of_kind(rows: list[Row], *kinds: str) -> list[Row]:
    return [row for row in rows if row["kind"] in kinds]


def presidential(rows: list[Row]) -> list[Row]:
    """The rows of the President's letter that are not on hold."""
    return [row for row in of_kind(rows, *HEADS) if not row["hold"]]


def states(rows: list[Row]) -> set[str]:
    return {row["state"] for row in rows}


def by_state(rows: list[Row], column: str) -> dict[str, set[str]]:
    """What the rows of each state say in a column; blanks say nothing."""
    said: dict[str, set[str]] = {}
    for row in rows:
        said.setdefault(row["state"], set()).update({row[column]} - {""})
    return said


def the_one(said: dict[str, set[str]], state: str) -> str:
    (value,) = said[state]
    return value


# ------------------------------------------------------------------------------- the file itself


def test_the_file_is_plain_utf_8_with_the_documented_columns_first() -> None:
    raw = RECIPIENTS.read_bytes()
    assert not raw.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in raw
    assert raw.endswith(b"\n")
    with RECIPIENTS.open(encoding="utf-8", newline="") as file:
        table = list(csv.reader(file, strict=True))
    assert table[0][: len(COLUMNS)] == COLUMNS
    assert {len(line) for line in table} == {len(table[0])}
    assert all(cell == cell.strip() for line in table for cell in line)


def test_ids_are_unique_also_where_they_are_left_to_the_program(rows: list[Row]) -> None:
    ids = [row["id"] or f"{row['state']}-{row['kind']}" for row in rows]
    assert [id_ for id_, count in Counter(ids).items() if count > 1] == []


def test_every_office_is_known_and_fits_its_kind(rows: list[Row]) -> None:
    offices = tomllib.loads(OFFICES.read_text(encoding="utf-8"))
    assert {row["office"] for row in rows} <= offices.keys()
    assert [
        (row["state"], row["kind"], row["office"])
        for row in rows
        if row["kind"] not in offices[row["office"]]["kinds"]
    ] == []


def test_each_state_says_one_status_and_at_most_one_group(rows: list[Row]) -> None:
    status = by_state(rows, "status")
    assert {state: said for state, said in status.items() if len(said) != 1} == {}
    for column in ("group", "issues"):
        assert {s: said for s, said in by_state(rows, column).items() if len(said) > 1} == {}
    not_party = {state for state, said in status.items() if said != {"party"}}
    groups = by_state(rows, "group")
    assert {state for state in not_party if len(groups[state]) != 1} == set()


def test_names_bodies_and_cities_are_in_the_script_of_the_letter(rows: list[Row]) -> None:
    wrong = [
        (row["state"], column, row[column])
        for row in rows
        for column in ("body", "city")
        if row[column]
        and row["language"] in SCRIPTS
        and not SCRIPTS[row["language"]].fullmatch(row[column])
    ]
    assert wrong == []
    for row in rows:
        for language, script in SCRIPTS.items():
            own = row[f"name_{language}"]
            asked = language in (row["language"], row["courtesy_language"])
            assert bool(own) == (asked and bool(row["name"])), (row["state"], row["kind"], language)
            assert not own or script.fullmatch(own), own


def test_a_courtesy_translation_finds_its_body_and_city(rows: list[Row]) -> None:
    for row in rows:
        if courtesy := row["courtesy_language"]:
            for column in ("body", "city"):
                assert bool(row[f"{column}_{courtesy}"]) == bool(row[column]), row["state"]


# ----------------------------------------------------------------------- the campaign's figures


def test_fifty_three_presidential_letters_and_myanmar_on_hold(rows: list[Row]) -> None:
    heads = of_kind(rows, *HEADS)
    assert len(states(heads)) == len(heads) == 54
    assert [row["state"] for row in heads if row["hold"]] == ["MMR"]
    channels = Counter(row["channel"] for row in presidential(rows))
    assert channels["by_hand"] == 24
    assert channels["through_mission"] + channels["through_consulate"] == 29
    assert channels["through_consulate"] > 0
    assert sum(channels.values()) == 53


def test_letters_handed_over_are_borne_by_the_ambassador_alone(rows: list[Row]) -> None:
    for row in rows:
        expected = "Ambassador Lansana Gberie" if row["channel"] == "by_hand" else ""
        assert row["bearer"] == expected, row["state"]


def test_letters_handed_over_by_united_nations_region(rows: list[Row]) -> None:
    handed = [row["state"] for row in presidential(rows) if row["channel"] == "by_hand"]
    with STATES.open(encoding="utf-8", newline="") as file:
        regions = {row["iso3"]: row["region"] for row in csv.DictReader(file)}
    assert Counter(regions[state] for state in handed) == {
        "Africa": 13, "Asia": 7, "Europe": 1, "Americas": 1, "Oceania": 2
    }  # fmt: skip


def test_group_1_has_sixteen_states_whose_letters_take_up_their_issues(rows: list[Row]) -> None:
    letters = presidential(rows)
    first = [row for row in letters if row["group"] == "1"]
    second = [row for row in letters if row["group"] == "2"]
    assert (len(first), len(second)) == (16, 37)
    assert states(first) >= TOOK_THE_FLOOR
    used: Counter[str] = Counter()
    for row in first:
        issues = row["issues"].split(";")
        assert 1 <= len(issues) <= 3, row["state"]
        assert len(set(issues)) == len(issues), row["state"]
        used.update(issues)
    assert used.keys() == ISSUES
    assert [row["state"] for row in rows if row["issues"] and row not in first] == []


def test_the_presidential_letter_is_written_in_five_languages(rows: list[Row]) -> None:
    languages = Counter(row["language"] for row in presidential(rows))
    assert languages.keys() == {"ar", "en", "es", "fr", "ru"}
    assert min(languages.values()) >= 3
    first = {row["language"] for row in presidential(rows) if row["group"] == "1"}
    assert first == languages.keys()
    assert {row["courtesy_language"] for row in presidential(rows)} == {"", "pt", "zh"}


def test_sixteen_and_thirty_eight_missions_are_invited(rows: list[Row]) -> None:
    missions = of_kind(rows, "mission")
    assert len(states(missions)) == len(missions) == 54
    assert states(missions) > states(presidential(rows))
    assert "MMR" not in states(missions)
    groups = by_state(rows, "group")
    invited = Counter(the_one(groups, row["state"]) for row in missions)
    assert invited == {"1": 16, "2": 38}
    assert not any(row["hold"] or row["confidential"] for row in missions)


def test_every_letter_through_a_consulate_has_its_consulate(rows: list[Row]) -> None:
    through = {row["state"] for row in rows if row["channel"] == "through_consulate"}
    consulates = of_kind(rows, "consulate")
    assert states(consulates) == through
    assert len(consulates) == len(through)


def test_more_than_eighty_letters_to_parliaments(rows: list[Row]) -> None:
    parliaments = of_kind(rows, "parliament")
    assert len(states(parliaments)) == 85
    assert {row["state"] for row in parliaments if row["hold"]} == WITHOUT_PARLIAMENT
    assert sum(not row["hold"] for row in parliaments) > 80
    assert all(row["body"] and not row["name"] for row in parliaments)


def test_both_chambers_are_written_to_only_in_group_1(rows: list[Row]) -> None:
    parliaments = of_kind(rows, "parliament")
    chambers = Counter(row["state"] for row in parliaments)
    groups = by_state(rows, "group")
    twice = {state for state, count in chambers.items() if count > 1}
    assert twice
    assert {the_one(groups, state) for state in twice} == {"1"}
    assert max(chambers.values()) == 2


def test_one_confidential_row_that_no_letter_of_the_campaign_names(rows: list[Row]) -> None:
    (row,) = [row for row in rows if row["confidential"]]
    assert row["confidential"] == "yes"
    assert row["kind"] == "foreign_minister"
    assert row["state"] not in states(of_kind(rows, *HEADS, "mission", "consulate"))


def test_the_five_states_of_2020_are_welcomed(rows: list[Row]) -> None:
    parties = [row for row in rows if row["status"] == "party"]
    assert {row["state"]: row["joined_on"] for row in parties} == JOINED_2020
    assert {row["kind"] for row in parties} == {"foreign_minister"}
    assert [row["state"] for row in parties if row["language"] == "zh"] == ["CHN"]
    assert [row["state"] for row in rows if row["joined_on"] and row not in parties] == []


def test_the_review_sessions_still_to_come_stand_on_missions(rows: list[Row]) -> None:
    sessions = {row["state"]: row["upr_session"] for row in rows if row["upr_session"]}
    assert {s for s, n in sessions.items() if n == "39"} == {"PNG", "SWZ", "THA", "TJK", "TZA"}
    assert {s for s, n in sessions.items() if n == "40"} == {"HTI", "SDN", "TLS", "UGA", "ZWE"}
    assert set(sessions.values()) == {"39", "40"}
    assert {row["kind"] for row in rows if row["upr_session"]} == {"mission"}


# ------------------------------------------------------------- against the reference data's facts


def test_status_is_that_of_27_july_2021(rows: list[Row]) -> None:
    facts = {row["iso3"]: row["att_status_2021"] for row in reference("att_status.csv")}
    said = {state: the_one(by_state(rows, "status"), state) for state in states(rows)}
    assert {s: v for s, v in said.items() if facts[s] != v} == {}
    not_party = {state for state, status in facts.items() if status != "party"}
    assert not_party == {state for state, status in said.items() if status != "party"}


def test_year_of_joining_is_that_of_the_depositary(rows: list[Row]) -> None:
    facts = {row["iso3"]: row["joined_year"] for row in reference("att_status.csv")}
    joined = {state for state, year in facts.items() if year == "2020"}
    assert joined == {row["state"] for row in rows if row["joined_on"].startswith("2020-")}


def test_persons_are_those_in_office_and_only_where_that_is_certain(rows: list[Row]) -> None:
    facts = [row for row in reference("heads.csv") if row["confidence"] in ("high", "medium")]
    holders = {(row["iso3"], row["person_name"]): row for row in facts if row["vacant"] == "no"}
    for row in of_kind(rows, *HEADS):
        known = [fact for fact in facts if fact["iso3"] == row["state"]]
        if not known:
            assert not row["name"], row["state"]
            continue
        assert row["name"], row["state"]
        for name in row["name"].split(" ; "):
            fact = holders[row["state"], straight(name)]
            assert row["gender"].upper() == fact["gender"], row["state"]
            if row["state"] not in PRESIDENT_SPEAKS_AS_HEAD_OF_STATE:
                assert fact["role"].startswith(row["kind"]), (row["state"], fact["role"])


def straight(name: str) -> str:
    """The reference writes apostrophes straight; letters print them curved."""
    return name.replace("’", "'")


def test_the_rank_of_each_head_of_state_is_the_one_recorded(rows: list[Row]) -> None:
    offices = tomllib.loads(OFFICES.read_text(encoding="utf-8"))
    ranks = {"Excellency": "excellency", "Majesty": "majesty", "Highness": "highness"}
    styles = {
        (row["iso3"], row["person_name"]): ranks.get(row["style"].split(" ")[-1], "")
        for row in reference("heads.csv")
    }
    for row in presidential(rows):
        rank = row["style"] or offices[row["office"]]["rank"]
        for name in row["name"].split(" ; "):
            assert rank == styles[row["state"], straight(name)], row["state"]


def test_parliaments_on_hold_are_those_that_do_not_sit(rows: list[Row]) -> None:
    facts = {row["iso3"]: row for row in reference("parliaments.csv")}
    for row in of_kind(rows, "parliament"):
        fact = facts[row["state"]]
        assert bool(row["hold"]) == (fact["functioning_july_2021"] == "no"), row["state"]
        if row["id"]:
            assert fact["structure"] == "bicameral", row["state"]
        if row["office"] == "president_of_chamber":
            assert fact["structure"] == "bicameral", row["state"]
        if row["office"] == "president_of_parliament":
            assert fact["structure"] == "unicameral", row["state"]


def test_missions_are_where_they_were_and_written_to_in_their_language(rows: list[Row]) -> None:
    seats = {row["iso3"]: row["geneva_mission_2021"] for row in reference("missions.csv")}
    column = "un_official_language_for_correspondence"
    languages = {row["iso3"]: row[column] for row in reference("att_status.csv")}
    for row in of_kind(rows, "mission"):
        in_geneva = row["city"] != "New York"
        assert in_geneva == (seats[row["state"]] == "yes"), row["state"]
    for row in of_kind(rows, "mission", "consulate"):
        assert row["language"] == languages[row["state"]], row["state"]
