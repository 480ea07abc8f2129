"""The .ics file beside an invitation, read by a program that did not write it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from folders import CampaignFolder

vobject = pytest.importorskip("vobject", reason="the other reader of calendars is not installed")

MEETING = """
[recipients]
kind = ["head_of_state"]
[meeting]
start = {start}
time_zone = "{zone}"
minutes = {minutes}
registration = "office@example.org"
"""


def event(campaign: CampaignFolder, path: str) -> Any:
    return vobject.readOne(campaign.read(path)).vevent


def test_one_beside_each_invitation(written: CampaignFolder) -> None:
    folder = written.file("output")
    letters = {path.with_suffix("") for path in folder.glob("invitation-*/*.pdf")}
    calendars = {path.with_suffix("") for path in folder.glob("*/*.ics")}
    assert letters == calendars
    assert len(letters) == 4


def test_what_it_says(written: CampaignFolder) -> None:
    found = event(written, "output/invitation-second/BLR-mission-ru.ics")
    assert found.dtstart.value == dt.datetime(2021, 7, 15, 12, tzinfo=dt.UTC)
    assert found.dtend.value == dt.datetime(2021, 7, 15, 13, 30, tzinfo=dt.UTC)
    assert found.summary.value.startswith("Приглашение на онлайн-совещание")
    assert "ATT/CSP7/MEET2/2021/BLR" in found.description.value
    other = event(written, "output/invitation-second/TON-mission-en.ics")
    assert found.uid.value != other.uid.value


def test_winter_and_a_night_when_the_clocks_change(
    with_letter: Callable[..., CampaignFolder],
) -> None:
    definition = MEETING.format(start="2021-10-31T01:30:00", zone="Europe/Zurich", minutes=120)
    campaign = with_letter("meeting", definition, body="{{ meeting.time }}-{{ meeting.end_time }}")
    campaign.ok("generate", "--jobs", "1")
    found = event(campaign, "output/meeting/KEN-head_of_state-en.ics")
    # 01:30 summer time; two hours later the clock shows 02:30 winter time
    assert found.dtstart.value == dt.datetime(2021, 10, 30, 23, 30, tzinfo=dt.UTC)
    assert found.dtend.value - found.dtstart.value == dt.timedelta(hours=2)
    said = campaign.ok("preview", "meeting", "KEN", "--text").out
    assert "01:30-02:30" in said


def test_a_lost_calendar_file_is_made_again(with_letter: Callable[..., CampaignFolder]) -> None:
    definition = MEETING.format(start="2021-07-13T13:00:00", zone="Europe/Zurich", minutes=90)
    campaign = with_letter("meeting", definition)
    campaign.ok("generate", "--jobs", "1")
    path = campaign.file("output/meeting/KEN-head_of_state-en.ics")
    first, letter = path.read_bytes(), path.with_suffix(".pdf").stat().st_mtime_ns
    path.unlink()
    campaign.ok("generate", "--jobs", "1")
    assert path.read_bytes() == first
    assert path.with_suffix(".pdf").stat().st_mtime_ns == letter


@pytest.mark.parametrize(
    ("start", "zone", "code"),
    [
        ("2021-03-28T02:30:00", "Europe/Zurich", "no-such-time"),
        ("2021-10-31T02:30:00", "Europe/Zurich", "time-twice"),
        ("2021-07-13T13:00:00", "Europe/Geneva", "unknown-time-zone"),
    ],
)
def test_a_time_that_does_not_exist(
    with_letter: Callable[..., CampaignFolder], start: str, zone: str, code: str
) -> None:
    campaign = with_letter("meeting", MEETING.format(start=start, zone=zone, minutes=60))
    problem = campaign.problem(code)
    assert problem["file"] == "letters/meeting.toml"
    assert problem["remedy"]
    assert campaign("generate").code == 3


def test_an_hour_that_comes_twice_is_right_with_its_offset(
    with_letter: Callable[..., CampaignFolder],
) -> None:
    definition = MEETING.format(start="2021-10-31T02:30:00+02:00", zone="Europe/Zurich", minutes=60)
    assert with_letter("meeting", definition).problems() == []


def test_a_capital_that_no_language_names(with_letter: Callable[..., CampaignFolder]) -> None:
    definition = MEETING.format(start="2021-07-13T13:00:00", zone="Europe/Zurich", minutes=60)
    body = "{{ meeting.local_time }} {{ meeting.capital }}"
    campaign = with_letter("meeting", definition, {"state": "ISR"}, body=body)
    assert campaign.problem("protocol-gap")["column"] == "ISR"
    campaign.rows({"state": "ISR", "capital": "Seat of Government"})
    assert campaign.problems() == []
    assert "14:00 Seat of Government" in campaign.ok("preview", "meeting", "ISR", "--text").out
