"""Writes a meeting as an .ics file (RFC 5545).

Times are in UTC, so that the file needs no definition of a time zone; calendars show local time.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from outreach_merge.model import CalendarEntry

_PRODUCT = "-//outreach-merge//letters//EN"


def calendar_path(letter: Path) -> Path:
    """Path of the calendar file, beside the letter's PDF."""
    return letter.with_suffix(".ics")


def calendar_file(entry: CalendarEntry) -> bytes:
    """The file; the same entry gives the same bytes."""
    import icalendar  # only campaigns with meetings need it

    event = icalendar.Event()
    event.add("uid", entry.uid)
    event.add("dtstamp", dt.datetime.combine(entry.stamp, dt.time(), dt.UTC))
    event.add("dtstart", entry.start.astimezone(dt.UTC))
    event.add("dtend", entry.end.astimezone(dt.UTC))
    language = {"language": entry.language}
    event.add("summary", entry.summary, language)
    event.add("description", entry.description, language)
    if entry.location:
        event.add("location", entry.location, language)
    calendar = icalendar.Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add_component(event)
    return bytes(calendar.to_ical())
