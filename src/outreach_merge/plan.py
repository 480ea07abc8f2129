"""Recipients x letters -> planned letters and skipped recipients. Pure: no file, no clock.

A letter's recipients come from the CSV, from the planned letters it transmits, or from events of
the register, which are passed in as values.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from outreach_merge import catalogue
from outreach_merge.definitions import (
    CampaignSettings,
    CourtesyForm,
    Joined,
    LetterDefinition,
    Review,
    StateEventKind,
)
from outreach_merge.model import (
    Channel,
    Kind,
    PlannedLetter,
    Problem,
    Recipient,
    SkippedRecipient,
    StateEvent,
)

_PLACEHOLDER = re.compile(r"\{([^}]*)\}")

#: Channel of a letter -> kind of the recipient that transmits it.
_CARRIERS: Mapping[Channel, Kind] = {
    Channel.THROUGH_MISSION: Kind.MISSION,
    Channel.THROUGH_CONSULATE: Kind.CONSULATE,
}


@dataclass(frozen=True, slots=True)
class Plan:
    """The planned letters, the recipients skipped with their reasons, and the problems."""

    planned: tuple[PlannedLetter, ...]
    skipped: tuple[SkippedRecipient, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class _Selected:
    """A recipient selected for a letter, with the facts that selected it."""

    recipient: Recipient
    details: Mapping[str, Any] = field(default_factory=dict)
    carries: PlannedLetter | None = None


def make_plan(
    letters: Iterable[LetterDefinition],
    recipients: Sequence[Recipient],
    settings: CampaignSettings,
    events: Sequence[StateEvent] = (),
) -> Plan:
    """Decide who gets which letter.

    The letters are in the order of the definitions and of the rows. A letter's identity and
    reference come from the recipient's id and not from the row, so that adding a row changes no
    other letter.

    :param events: the register's events on states, in its order.
    """
    definitions = tuple(letters)
    planned: dict[str, list[PlannedLetter]] = {}
    skipped: list[SkippedRecipient] = []
    problems: list[Problem] = []
    for letter in _carried_first(definitions):
        mine = planned.setdefault(letter.name, [])
        for found in _choose(letter, recipients, settings, events, planned):
            if isinstance(found, Problem):
                problems.append(found)
            elif found.recipient.hold:
                reason = found.recipient.hold
                skipped.append(SkippedRecipient(letter.name, found.recipient, reason))
            elif missing := list(_missing_languages(letter, found.recipient, settings)):
                problems.extend(missing)
            else:
                mine.extend(_plan_one(letter, found))
    in_order = [letter for name in definitions for letter in planned.get(name.name, ())]
    problems.extend(_duplicate_references(in_order))
    return Plan(tuple(in_order), tuple(skipped), tuple(problems))


def _carried_first(letters: Sequence[LetterDefinition]) -> Iterator[LetterDefinition]:
    """The definitions, each after the one it carries, without those that carry an unknown one."""
    waiting, done = list(letters), {""}
    while ready := [letter for letter in waiting if letter.recipients.carries in done]:
        yield from ready
        done.update(letter.name for letter in ready)
        waiting = [letter for letter in waiting if letter.name not in done]


# ------------------------------------------------------------------ whom a letter goes to


def _choose(
    letter: LetterDefinition,
    recipients: Sequence[Recipient],
    settings: CampaignSettings,
    events: Sequence[StateEvent],
    planned: Mapping[str, Sequence[PlannedLetter]],
) -> Iterator[_Selected | Problem]:
    passing: list[_Selected] = []
    for recipient in recipients:
        chosen = _apply_filters(letter, recipient, settings)
        if isinstance(chosen, Problem):
            yield chosen
        elif chosen is not None:
            passing.append(chosen)
    if letter.recipients.carries:
        yield from _carriers(letter, passing, planned[letter.recipients.carries])
    elif letter.recipients.event:
        yield from _by_events(letter, letter.recipients.event, passing, events)
    else:
        if recipients and not passing:
            yield catalogue.NO_RECIPIENT.at(_file_of(letter), column="recipients")
        yield from passing
    if letter.review is not None:
        yield from _sessions_without_states(letter, letter.review, passing)


def _apply_filters(
    letter: LetterDefinition, recipient: Recipient, settings: CampaignSettings
) -> _Selected | Problem | None:
    """The recipient if it passes all filters, else ``None``; a problem if a cell cannot be read."""
    filters = letter.recipients
    if not (
        _accepts(recipient.kind, filters.kind)
        and _accepts(recipient.status, filters.status)
        and _accepts(recipient.group, filters.group)
        and _accepts(recipient.state, filters.state)
        and _accepts(recipient.channel, filters.channel)
        and all(_accepts(recipient.extra.get(c, ""), cells) for c, cells in filters.where.items())
    ):
        return None
    details: dict[str, str] = {}
    if filters.joined is not None:
        cell = recipient.extra.get(filters.joined.column, "")
        day = _day(cell)
        if cell and day is None:
            place = (settings.recipients, recipient.row, filters.joined.column)
            return catalogue.WRONG_DATE.at(*place, letter=_key(letter, recipient), cell=cell)
        if day is None or not _within(day, filters.joined):
            return None
        details["joined_on"] = day.isoformat()
    if letter.review is not None:
        session = recipient.extra.get(letter.review.column, "")
        if session not in letter.review.sessions:
            return None
        details["review_session"] = session
    return _Selected(recipient, details)


def _accepts(value: object, allowed: Sequence[object]) -> bool:
    return not allowed or value in allowed


def _day(cell: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(cell)
    except ValueError:
        return None


def _within(day: dt.date, joined: Joined) -> bool:
    return (joined.since or dt.date.min) <= day <= (joined.until or dt.date.max)


def _carriers(
    letter: LetterDefinition, passing: Sequence[_Selected], carried: Sequence[PlannedLetter]
) -> Iterator[_Selected | Problem]:
    """The mission or consulate of the same state, for each letter that travels through one."""
    place = (_file_of(letter), None, "recipients.carries")
    rows = {(c.recipient.state, c.recipient.kind): c for c in reversed(passing)}
    busy: dict[str, PlannedLetter] = {}
    for other in carried:
        kind = _CARRIERS.get(other.channel) if other.channel else None
        if kind is None or other.courtesy:
            continue
        state, key = other.recipient.state, other.key
        chosen = rows.get((state, kind))
        if chosen is None:
            yield catalogue.NO_CARRIER.at(
                *place, letter=key, channel=other.channel, kind=kind, state=state
            )
        elif chosen.recipient.id in busy:
            mission, first = chosen.recipient.id, busy[chosen.recipient.id].key
            yield catalogue.CARRIES_TWO.at(*place, letter=key, recipient=mission, first=first)
        else:
            busy[chosen.recipient.id] = other
            recipient = chosen.recipient
            hidden = recipient.confidential or other.recipient.confidential
            yield replace(chosen, recipient=replace(recipient, confidential=hidden), carries=other)


def _by_events(
    letter: LetterDefinition,
    kind: StateEventKind,
    passing: Sequence[_Selected],
    events: Sequence[StateEvent],
) -> Iterator[_Selected | Problem]:
    """The recipients of states with an event of ``kind``, with the facts of these events."""
    happened: dict[str, list[StateEvent]] = {}
    for event in events:
        if event.kind == kind:
            happened.setdefault(event.state, []).append(event)
    for chosen in passing:
        if of_state := happened.get(chosen.recipient.state):
            yield _with_events(chosen, of_state)
    written_to = {chosen.recipient.state for chosen in passing}
    for state in (state for state in happened if state not in written_to):
        place = (_file_of(letter), None, "recipients.event")
        yield catalogue.NO_ROW_FOR_EVENT.at(*place, event=kind, state=state)


def _with_events(chosen: _Selected, events: Sequence[StateEvent]) -> _Selected:
    details = dict(chosen.details)
    if events[-1].kind == StateEventKind.SPOKE:
        details["issues"] = tuple(dict.fromkeys(code for event in events for code in event.issues))
    if events[-1].kind == StateEventKind.JOINED:
        details["joined_on"] = events[-1].happened_on.isoformat()
    hidden = chosen.recipient.confidential or any(event.confidential for event in events)
    return _Selected(replace(chosen.recipient, confidential=hidden), details)


# ------------------------------------------------------------------ one letter


def _plan_one(letter: LetterDefinition, chosen: _Selected) -> Iterator[PlannedLetter]:
    recipient = chosen.recipient
    original = PlannedLetter(
        letter=letter.name,
        recipient=recipient,
        language=recipient.language,
        reference=reference_of(letter, recipient),
        date=letter.date,
        channel=recipient.channel or letter.channel,
        details=chosen.details,
        carries=chosen.carries,
    )
    if not recipient.courtesy_language or letter.courtesy is CourtesyForm.NONE:
        yield original
        return
    translation = replace(original, language=recipient.courtesy_language, courtesy=True)
    if letter.courtesy is CourtesyForm.PAGES:
        yield replace(original, translation=translation)
    else:
        yield original
        yield translation


def reference_of(letter: LetterDefinition, recipient: Recipient) -> str:
    """The letter's reference: its pattern filled from the recipient."""
    values = {
        "id": recipient.id,
        "state": recipient.state,
        "kind": recipient.kind.value,
        "group": recipient.group,
        "year": str(letter.date.year),
    }
    return _PLACEHOLDER.sub(lambda match: values.get(match[1], match[0]), letter.reference)


# ------------------------------------------------------------------ what is wrong


def _missing_languages(
    letter: LetterDefinition, recipient: Recipient, settings: CampaignSettings
) -> Iterator[Problem]:
    columns = ["language"]
    if letter.courtesy is not CourtesyForm.NONE:
        columns.append("courtesy_language")
    for column in columns:
        language = getattr(recipient, column)
        if language and language not in letter.languages_of(settings):
            place = (settings.recipients, recipient.row, column)
            yield catalogue.LANGUAGE_NOT_IN_LETTER.at(
                *place, letter=_key(letter, recipient), name=letter.name, language=language
            )


def _sessions_without_states(
    letter: LetterDefinition, review: Review, passing: Sequence[_Selected]
) -> Iterator[Problem]:
    named = {chosen.details["review_session"] for chosen in passing}
    for session in review.sessions:
        if session not in named:
            place = (_file_of(letter), None, f"review.sessions.{session}")
            yield catalogue.NO_STATE_IN_REVIEW.at(*place, session=session, key=review.column)


def _file_of(letter: LetterDefinition) -> str:
    return f"letters/{letter.name}.toml"


def _key(letter: LetterDefinition, recipient: Recipient) -> str:
    return f"{letter.name}/{recipient.id}"


def _duplicate_references(planned: Sequence[PlannedLetter]) -> Iterator[Problem]:
    first: dict[str, PlannedLetter] = {}
    for letter in planned:
        if letter.courtesy:
            continue  # it carries the reference of its original
        other = first.setdefault(letter.reference, letter)
        if other is not letter:
            place = (f"letters/{letter.letter}.toml", None, "reference")
            yield catalogue.DUPLICATE_REFERENCE.at(
                *place, letter=letter.key, reference=letter.reference, other=other.key
            )
