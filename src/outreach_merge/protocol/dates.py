"""Dates, times and lists as the United Nations prints them in a language.

Patterns come from ``[dates]`` of the language's ``language.toml``; names of months from CLDR
unless the language lists its own (Arabic prints both names of a month).
Source: United Nations Editorial Manual, "Dates", and the practice of each language section.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from babel.dates import format_time, get_month_names

from outreach_merge.protocol.grammar import fill
from outreach_merge.protocol.language import Language


class DateRules:
    """How one language writes dates, times and lists."""

    def __init__(self, language: Language) -> None:
        self._language = language
        self._patterns: Mapping[str, Any] = language.settings["dates"]

    def date(self, day: dt.date) -> str:
        """``27 July 2021``, ``1er août 2021``, ``27 июля 2021 года``."""
        return self._fill("full", day, day)

    def date_range(self, start: dt.date, end: dt.date) -> str:
        """``30 August to 3 September 2021``; repeats of month and year are dropped."""
        if start == end:
            return self.date(start)
        if (start.year, start.month) == (end.year, end.month):
            return self._fill("same_month", start, end)
        if start.year == end.year:
            return self._fill("same_year", start, end)
        return self._fill("other", start, end)

    def time(self, moment: dt.datetime) -> str:
        """The hour as the language writes it: ``3 p.m.``, ``15 h 00``, ``15:00``."""
        skeleton = str(self._patterns.get("time", "HH:mm"))
        return format_time(moment.time(), skeleton, locale=self._language.locale)

    def time_beside(self, moment: dt.datetime, other: dt.datetime) -> str:
        """The hour at one place beside that at another, with its day where the days differ."""
        time = self.time(moment)
        if moment.date() == other.date():
            return time
        pattern = str(self._patterns.get("time_on_other_day", "{time} ({date})"))
        return fill(pattern, {"time": time, "date": self.date(moment.date())}.__getitem__)

    def list_of(self, items: Sequence[str]) -> str:
        """``a, b and c``."""
        return self._language.list_of(items)

    def _fill(self, pattern: str, start: dt.date, end: dt.date) -> str:
        values = {
            "day": self._day(start.day),
            "month": self._month(start),
            "year": str(start.year),
            "end_day": self._day(end.day),
            "end_month": self._month(end),
            "end_year": str(end.year),
        }
        return fill(str(self._patterns[pattern]), values.__getitem__)

    def _day(self, day: int) -> str:
        return str(self._patterns.get("first_day", day)) if day == 1 else str(day)

    def _month(self, day: dt.date) -> str:
        own = self._patterns.get("months")
        if own:
            return str(own[day.month - 1])
        return str(get_month_names("wide", locale=self._language.locale)[day.month])
