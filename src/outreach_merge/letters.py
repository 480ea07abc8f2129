"""Reads ``letters/*.toml``: the definitions of letters, and their problems."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from outreach_merge import catalogue
from outreach_merge.definitions import CampaignSettings, LetterDefinition, LocalizedText, Meeting
from outreach_merge.files import is_safe_name
from outreach_merge.model import Problem
from outreach_merge.protocol import Protocol
from outreach_merge.toml import read_definition


@dataclass(frozen=True, slots=True)
class LettersFolder:
    """The valid definitions by name, and every problem."""

    letters: Mapping[str, LetterDefinition]
    problems: tuple[Problem, ...]


def read_letters(folder: Path, settings: CampaignSettings, protocol: Protocol) -> LettersFolder:
    """Read every ``*.toml`` in ``folder`` except hidden files."""
    letters: dict[str, LetterDefinition] = {}
    problems: list[Problem] = []
    found = sorted(folder.glob("*.toml")) if folder.is_dir() else []
    paths = [path for path in found if not path.name.startswith(".")]
    if not paths:
        problems.append(catalogue.NO_LETTER.at("letters"))
    for path in paths:
        file = f"letters/{path.name}"
        if not is_safe_name(path.stem):
            problems.append(catalogue.UNSAFE_NAME.at(file))
            continue
        definition = read_definition(path, LetterDefinition, file, {"name": path.stem})
        problems.extend(definition.problems)
        if definition.value is not None:
            letter, unknown_states = _with_state_codes(definition.value, protocol, file)
            problems.extend(unknown_states)
            letters[path.stem] = letter
            problems.extend(_problems(letter, settings, file))
    problems.extend(_carrying_problems(letters, {path.stem for path in paths}))
    return LettersFolder(letters, tuple(problems))


def _with_state_codes(
    letter: LetterDefinition, protocol: Protocol, file: str
) -> tuple[LetterDefinition, list[Problem]]:
    """The letter with its filter's states as codes, and what does not name one state."""
    found = [protocol.find_state(text) for text in letter.recipients.state]
    # A name of no state stays: without it the filter would let every state through.
    codes = tuple(
        state.iso3 or text for state, text in zip(found, letter.recipients.state, strict=True)
    )
    problems = [
        replace(state.problem, file=file, column="recipients.state")
        for state in found
        if state.problem is not None
    ]
    recipients = letter.recipients.model_copy(update={"state": codes})
    return letter.model_copy(update={"recipients": recipients}), problems


def _problems(letter: LetterDefinition, settings: CampaignSettings, file: str) -> Iterator[Problem]:
    yield from _unknown("letterhead", [letter.letterhead], settings.letterheads, file)
    yield from _unknown("signatories", letter.signatories, settings.signatories, file)
    yield from _unknown("enclosures", letter.enclosures, settings.enclosures, file)
    yield from _unknown("stamp", [letter.stamp] if letter.stamp else [], settings.stamps, file)
    yield from _unknown("languages", letter.languages, settings.languages, file)
    yield from missing_translations(letter, settings, file)
    if letter.meeting is not None:
        yield from _meeting_problems(letter.meeting, file)
    if letter.recipients.carries and letter.recipients.event:
        yield catalogue.TWO_SOURCES.at(file, column="recipients")


def _meeting_problems(meeting: Meeting, file: str) -> Iterator[Problem]:
    zone, start = meeting.time_zone, f"{meeting.start:%Y-%m-%d %H:%M}"
    try:
        skipped, twice = meeting.is_skipped_by_clock, meeting.happens_twice
    except (LookupError, ValueError, OSError):
        yield catalogue.UNKNOWN_TIME_ZONE.at(file, column="meeting.time_zone", zone=zone)
        return
    if skipped:
        yield catalogue.NO_SUCH_TIME.at(file, column="meeting.start", start=start, zone=zone)
    if twice:
        first = f"{meeting.start.isoformat()}{_offset_text(meeting.moment)}"
        place = (file, None, "meeting.start")
        yield catalogue.TIME_TWICE.at(*place, start=start, zone=zone, first=first)


def _offset_text(moment: dt.datetime) -> str:
    """``+02:00``."""
    return moment.isoformat()[-6:]


def _carrying_problems(
    letters: Mapping[str, LetterDefinition], written: Collection[str]
) -> Iterator[Problem]:
    """Problems of letters that carry an unknown letter, or in a circle themselves.

    :param written: names of all definitions, including invalid ones.
    """
    known = ", ".join(sorted(letters))
    for name, letter in letters.items():
        carried, file, key = letter.recipients.carries, f"letters/{name}.toml", "recipients.carries"
        if carried and carried not in written:
            yield catalogue.UNKNOWN_LETTER.at(file, column=key, name=carried, known=known)
        way = [name]
        while carried and carried in letters and carried not in way:
            way.append(carried)
            carried = letters[carried].recipients.carries
        if carried == name:
            chain = " carries ".join([*way, name])
            yield catalogue.LETTER_CARRIES_ITSELF.at(file, column=key, chain=chain)


def _unknown(
    key: str, names: Collection[str], known: Collection[str], file: str
) -> Iterator[Problem]:
    listed = ", ".join(sorted(known)) or "none"
    for name in names:
        if name not in known:
            yield catalogue.NOT_IN_CAMPAIGN[key].at(file, column=key, name=name, known=listed)


def missing_translations(
    letter: LetterDefinition, settings: CampaignSettings, file: str
) -> Iterator[Problem]:
    """A problem for each text of the definition that lacks a language of the letter."""
    texts: dict[str, LocalizedText] = {"place": letter.place, "subject": letter.subject}
    if letter.meeting is not None:
        texts["meeting.registration"] = letter.meeting.registration
        if letter.meeting.location is not None:
            texts["meeting.location"] = letter.meeting.location
    for language in letter.languages_of(settings):
        for key, text in texts.items():
            if text.get(language) is None:
                place = (file, None, f"{key}.{language}")
                yield catalogue.MISSING_TRANSLATION.at(*place, key=key, language=language)
