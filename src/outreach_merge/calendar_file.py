"""A meeting -> the .ics file that calendars take up (RFC 5545). icalendar lives here only.

The hours are written in UTC: every calendar shows them in its own time zone, and no description
of a time zone has to be sent along or trusted.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from outreach_merge.model import CalendarEntry

_PRODUCT = "-//outreach-merge//letters//EN"


def calendar_path(letter: Path) -> Path:
    """Where the calendar file of a letter stands: beside it."""
    return letter.with_suffix(".ics")


def calendar_file(entry: CalendarEntry) -> bytes:
    """The file; the same entry gives the same bytes."""
    import icalendar  # a campaign without meetings does without

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
