"""Checks of a language's ``language.toml`` and ``offices.toml``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from babel import Locale, UnknownLocaleError

from outreach_merge import catalogue
from outreach_merge.model import Problem
from outreach_merge.protocol.grammar import UnknownPlaceholder, fill

#: Forms of a state's name that every language offers.
COMMON_STATE_FORMS = ("the", "of", "to", "in")

_TEXTS = ("name", "english_name", "direction", "script", "cldr")
_DIRECTIONS = ("ltr", "rtl")
_DATE_PATTERNS = ("full", "same_month", "same_year", "other")
_DATE_PARTS = dict.fromkeys(("day", "month", "year", "end_day", "end_month", "end_year"), "")
_MONTHS = 12


def settings_faults(settings: Mapping[str, Any]) -> Iterator[Problem]:
    """The faults of ``language.toml``."""
    for key in _TEXTS:
        if key not in settings:
            yield catalogue.NO_SETTING.at(column=key)
        elif not isinstance(settings[key], str) or not settings[key]:
            yield catalogue.SETTING_NOT_A_TEXT.at(column=key)
    direction, cldr = settings.get("direction"), settings.get("cldr")
    if isinstance(direction, str) and direction not in _DIRECTIONS:
        yield catalogue.UNKNOWN_DIRECTION.at(column="direction", direction=direction)
    if isinstance(cldr, str) and not _is_locale(cldr):
        yield catalogue.UNKNOWN_LOCALE.at(column="cldr", locale=cldr)
    words = settings.get("optional_words", [])
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        yield catalogue.OPTIONAL_WORDS_NOT_LISTED.at(column="optional_words")
    yield from _table_faults(settings, "state_forms", COMMON_STATE_FORMS)
    yield from _table_faults(settings, "dates", _DATE_PATTERNS)
    if isinstance(dates := settings.get("dates"), Mapping):
        yield from _date_faults(dates)


def office_faults(offices: Mapping[str, Any]) -> Iterator[Problem]:
    """The faults of ``offices.toml``: missing tables of offices and of ranks."""
    for key in ("offices", "ranks"):
        table = offices.get(key)
        if not isinstance(table, Mapping) or not all(
            isinstance(entry, Mapping) for entry in table.values()
        ):
            yield catalogue.NO_TABLES.at(column=key)


def _table_faults(
    settings: Mapping[str, Any], key: str, needed: tuple[str, ...]
) -> Iterator[Problem]:
    table = settings.get(key)
    if not isinstance(table, Mapping):
        yield catalogue.NO_TABLE.at(column=key)
        return
    for entry in needed:
        if not isinstance(table.get(entry), str):
            yield catalogue.NO_TABLE_ENTRY.at(column=f"{key}.{entry}", table=key, key=entry)


def _date_faults(dates: Mapping[str, Any]) -> Iterator[Problem]:
    months = dates.get("months")
    if months is not None and (not isinstance(months, list) or len(months) != _MONTHS):
        yield catalogue.NOT_TWELVE_MONTHS.at(column="dates.months")
    for key in _DATE_PATTERNS:
        pattern = dates.get(key)
        if isinstance(pattern, str):
            try:
                fill(pattern, _DATE_PARTS.__getitem__)
            except UnknownPlaceholder as error:
                known = ", ".join(f"{{{part}}}" for part in _DATE_PARTS)
                yield catalogue.UNKNOWN_PLACEHOLDER_IN_DATE.at(
                    column=f"dates.{key}", name=error.args[0], known=known
                )


def _is_locale(code: str) -> bool:
    try:
        Locale.parse(code, sep="-")
    except (UnknownLocaleError, ValueError):
        return False
    return True
