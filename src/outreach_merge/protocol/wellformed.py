"""Checks of a language's ``language.toml`` and ``offices.toml``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from babel import Locale, UnknownLocaleError

from outreach_merge.protocol.grammar import UnknownPlaceholder, fill

#: Forms of a state's name that every language offers.
COMMON_STATE_FORMS = ("the", "of", "to", "in")

_TEXTS = ("name", "english_name", "direction", "script", "cldr")
_DIRECTIONS = ("ltr", "rtl")
_DATE_PATTERNS = ("full", "same_month", "same_year", "other")
_DATE_PARTS = dict.fromkeys(("day", "month", "year", "end_day", "end_month", "end_year"), "")
_MONTHS = 12

#: Key, message, remedy.
Fault = tuple[str, str, str]


def settings_faults(settings: Mapping[str, Any]) -> Iterator[Fault]:
    """The faults of ``language.toml``."""
    for key in _TEXTS:
        if key not in settings:
            yield key, f'"{key}" is missing.', "Add it."
        elif not isinstance(settings[key], str) or not settings[key]:
            yield key, f'"{key}" is no text.', f'Write {key} = "...".'
    direction, cldr = settings.get("direction"), settings.get("cldr")
    if isinstance(direction, str) and direction not in _DIRECTIONS:
        yield "direction", f'there is no direction "{direction}".', "Write ltr or rtl."
    if isinstance(cldr, str) and not _is_locale(cldr):
        yield "cldr", f'CLDR has no locale "{cldr}".', "Write its code, as fr or pt-AO."
    words = settings.get("optional_words", [])
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        yield "optional_words", "it is no list of words.", 'Write optional_words = ["the", "and"].'
    yield from _table_faults(settings, "state_forms", COMMON_STATE_FORMS)
    yield from _table_faults(settings, "dates", _DATE_PATTERNS)
    if isinstance(dates := settings.get("dates"), Mapping):
        yield from _date_faults(dates)


def office_faults(offices: Mapping[str, Any]) -> Iterator[Fault]:
    """The faults of ``offices.toml``: missing tables of offices and of ranks."""
    for key in ("offices", "ranks"):
        table = offices.get(key)
        if not isinstance(table, Mapping) or not all(
            isinstance(entry, Mapping) for entry in table.values()
        ):
            yield key, f"there are no tables [{key}.<code>].", "Write one for each code."


def _table_faults(
    settings: Mapping[str, Any], key: str, needed: tuple[str, ...]
) -> Iterator[Fault]:
    table = settings.get(key)
    if not isinstance(table, Mapping):
        yield key, f"there is no table [{key}].", "Add it; docs/add-a-language.md says how."
        return
    for entry in needed:
        if not isinstance(table.get(entry), str):
            yield f"{key}.{entry}", f'[{key}] has no "{entry}".', "Add it: every language has it."


def _date_faults(dates: Mapping[str, Any]) -> Iterator[Fault]:
    months = dates.get("months")
    if months is not None and (not isinstance(months, list) or len(months) != _MONTHS):
        yield "dates.months", "these are not twelve months.", "List them from January on."
    for key in _DATE_PATTERNS:
        pattern = dates.get(key)
        if isinstance(pattern, str):
            try:
                fill(pattern, _DATE_PARTS.__getitem__)
            except UnknownPlaceholder as error:
                known = ", ".join(f"{{{part}}}" for part in _DATE_PARTS)
                yield (
                    f"dates.{key}",
                    f"the placeholder {{{error.args[0]}}} does not exist.",
                    f"Known: {known}.",
                )


def _is_locale(code: str) -> bool:
    try:
        Locale.parse(code, sep="-")
    except (UnknownLocaleError, ValueError):
        return False
    return True
