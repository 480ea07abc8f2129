"""The register's events -> the lines of the dispatch log. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from outreach_merge.register import (
    STATE_EVENTS,
    Event,
    EventKind,
    LetterKey,
    LetterRecord,
    LetterStatus,
    effective_events,
    fold,
)

ORIGINAL = "letter"
COURTESY = "courtesy"


@dataclass(frozen=True, slots=True)
class Line:
    """One revision of a letter with everything that happened to it.

    :param courtesy: the courtesy translation that goes with it.
    :param state_name: name of the recipient's state, where the log was made with names.
    :param superseded_by: the number of the next revision; ``None`` for the current one.
    """

    record: LetterRecord
    last: dict[EventKind, Event] = field(default_factory=dict)
    courtesy: Event | None = None
    superseded_by: int | None = None
    state_name: str = ""

    def event(self, kind: EventKind) -> Event | None:
        """The last event of that kind that counts."""
        return self.last.get(kind)

    def on(self, kind: EventKind) -> dt.date | None:
        event = self.last.get(kind)
        return event.happened_on if event else None

    def said(self, kind: EventKind, detail: str) -> str:
        """A detail of the last event of that kind, as text; empty where there is none."""
        event = self.last.get(kind)
        return as_text(event.details.get(detail, "")) if event else ""

    def listed(self, kind: EventKind, detail: str) -> tuple[str, ...]:
        event = self.last.get(kind)
        return as_list(event.details.get(detail, ())) if event else ()

    def fact(self, detail: str) -> str:
        """What was known about the letter when it was made."""
        return self.said(EventKind.GENERATED, detail)

    @property
    def bearer(self) -> str:
        return self.said(EventKind.DISPATCHED, "done_by") or self.fact("bearer")

    @property
    def signed_on(self) -> dt.date | None:
        """The day the last of those who are to sign it signed; ``None`` while one is missing."""
        return self.on(EventKind.SIGNED) if self.record.signed else None

    @property
    def signatures(self) -> str:
        """How many of how many have signed: ``1 of 2``; empty before the first signature."""
        if EventKind.SIGNED not in self.last:
            return ""
        expected = len(self.listed(EventKind.GENERATED, "signatories"))
        missing = len(self.listed(EventKind.SIGNED, "missing"))
        return f"{max(expected - missing, 1)} of {max(expected, missing + 1)}"

    @property
    def newest(self) -> Event:
        """The last thing that happened to it."""
        return max(self.last.values(), key=lambda event: event.sequence)


@dataclass(frozen=True, slots=True)
class DispatchLog:
    """The register as it is shown and exported.

    :param left_out: confidential letters and events on states that are not in it.
    """

    lines: tuple[Line, ...]
    events: tuple[Event, ...]
    left_out: int = 0


def make_log(
    events: Iterable[Event],
    *,
    include_confidential: bool = False,
    state_name: Callable[[str], str] = lambda iso3: "",
) -> DispatchLog:
    """The rows of the dispatch log from the register's events, in order of letter and recipient.

    :param state_name: ISO 3166 alpha-3 -> the name of the state.
    :param include_confidential: name confidential recipients and events too.
    """
    entered = tuple(events)
    stories = fold(entered)
    secret: frozenset[LetterKey] = frozenset()
    shown = entered
    if not include_confidential:
        secret = _confidential_letters(stories)
        shown = _without_confidential(entered, secret)
    last = _last_events(effective_events(entered))
    lines = tuple(
        Line(
            record=story[number],
            last=last[key, number],
            courtesy=last.get((key._replace(document=COURTESY), number), {}).get(
                EventKind.GENERATED
            ),
            state_name=state_name(story[number].state),
            superseded_by=min((later for later in story if later > number), default=None),
        )
        for key, story in sorted(stories.items())
        if key.document == ORIGINAL and key not in secret
        for number in sorted(story)
    )
    left_out = sum(len(story) for key, story in stories.items() if key in secret)
    left_out += _state_events(entered) - _state_events(shown)
    return DispatchLog(lines, shown, left_out)


def _confidential_letters(
    stories: Mapping[LetterKey, Mapping[int, LetterRecord]],
) -> frozenset[LetterKey]:
    return frozenset(
        key._replace(document=ORIGINAL)
        for key, story in stories.items()
        if any(record.confidential for record in story.values())
    )


def _without_confidential(
    events: Sequence[Event], secret: frozenset[LetterKey]
) -> tuple[Event, ...]:
    numbers = {
        event.sequence
        for event in events
        if event.details.get("confidential") is True
        or (event.letter and event.key._replace(document=ORIGINAL) in secret)
    }
    return tuple(
        event
        for event in events
        if event.sequence not in numbers
        and not (event.kind is EventKind.CORRECTED and event.details.get("entry") in numbers)
    )


def _state_events(events: Sequence[Event]) -> int:
    return sum(1 for event in events if event.kind in STATE_EVENTS)


def _last_events(
    events: Iterable[Event],
) -> dict[tuple[LetterKey, int], dict[EventKind, Event]]:
    last: dict[tuple[LetterKey, int], dict[EventKind, Event]] = {}
    for event in events:
        if event.letter:
            last.setdefault((event.key, event.revision), {})[event.kind] = event
    return last


def overdue(lines: Iterable[Line], days: int, today: dt.date) -> tuple[Line, ...]:
    """Letters that left more than ``days`` days ago and of which nothing was heard since."""
    return tuple(
        line
        for line in lines
        if line.record.status is LetterStatus.DISPATCHED
        and line.record.dispatched_on is not None
        and (today - line.record.dispatched_on).days > days
    )


def as_text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else ""
    if isinstance(value, (list, tuple)):
        return "; ".join(str(item) for item in value)
    return str(value)


def as_list(value: object) -> tuple[str, ...]:
    if isinstance(value, (list, tuple)):
        return tuple(str(item) for item in value)
    return (str(value),) if value else ()
