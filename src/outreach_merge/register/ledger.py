"""Where letters stand because of what happened to them. Pure: no file, no database, no clock."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from outreach_merge.register.events import (
    Event,
    EventKind,
    LetterKey,
    LetterRecord,
    LetterStatus,
    NewEvent,
    facts_digest,
)

AFTER_DISPATCH = frozenset(
    {EventKind.DELIVERED, EventKind.ACKNOWLEDGED, EventKind.RETURNED, EventKind.REPLIED}
)
"""What can happen only to a letter that has left."""

ONCE = {
    EventKind.DELIVERED: "delivered_on",
    EventKind.ACKNOWLEDGED: "acknowledged_on",
    EventKind.RETURNED: "returned_on",
}
"""What happens once for each dispatch, and where a record keeps its day."""

LetterStory = dict[int, LetterRecord]
"""The revisions of one letter, by number."""


@dataclass
class Ledger:
    """Where everything stands that a batch of events touches, moved on event by event.

    ``entries`` holds entered events that corrections point to or that duplicates are looked for
    in; ``taken_back`` the numbers of entries that were corrected.
    """

    letters: dict[LetterKey, LetterStory] = field(default_factory=dict)
    entries: dict[int, Event] = field(default_factory=dict)
    taken_back: set[int] = field(default_factory=set)
    _alike: dict[tuple[object, ...], list[Event]] = field(default_factory=dict)

    def remember(self, event: Event) -> None:
        """Takes note of an entered event without moving a letter on."""
        self.entries[event.sequence] = event
        if event.kind is EventKind.CORRECTED:
            self.taken_back.add(corrected_entry(event))
        self._alike.setdefault(_likeness(event), []).append(event)

    def alike(self, event: NewEvent) -> list[Event]:
        """Entries of the same kind on the same letter or state that still count."""
        return [
            entry
            for entry in self._alike.get(_likeness(event), ())
            if entry.sequence not in self.taken_back
        ]

    def current(self, key: LetterKey) -> LetterRecord | None:
        story = self.letters.get(key)
        return story[max(story)] if story else None

    def has_moved_on(self, key: LetterKey, sequence: int) -> bool:
        """Whether something was entered on a letter since entry ``sequence`` was its last."""
        record = self.current(key)
        return record is not None and record.sequence != sequence

    def find(self, event: NewEvent) -> LetterRecord | None:
        """The revision an event on a letter means; ``None`` where it does not exist."""
        story = self.letters.get(event.key)
        if not story:
            return None
        if event.revision:
            return story.get(event.revision)
        if event.kind in AFTER_DISPATCH:
            sent = [number for number, record in story.items() if record.dispatched]
            if sent:
                return story[max(sent)]
        return story[max(story)]

    def apply(self, event: Event) -> None:
        """Moves the letter on; the event must have passed :func:`refusal`."""
        self.remember(event)
        if event.kind is EventKind.CORRECTED:
            self._refold(event.key)
        elif event.letter:
            advance(self.letters.setdefault(event.key, {}), event)

    def _refold(self, key: LetterKey) -> None:
        if key.letter:
            story: LetterStory = {}
            for number in sorted(self.entries):
                event = self.entries[number]
                if event.key == key and number not in self.taken_back:
                    advance(story, event)
            self.letters[key] = story


def _likeness(event: NewEvent) -> tuple[object, ...]:
    return (event.kind, event.key, event.state, event.revision)


def corrected_entry(event: NewEvent) -> int:
    """Number of the entry that a ``corrected`` event takes back; 0 where it names none."""
    number = event.details.get("entry", 0)
    return number if isinstance(number, int) else 0


def advance(story: LetterStory, event: Event) -> None:
    """Enters an event on a letter into its story."""
    if event.kind is EventKind.CORRECTED:
        return
    if event.kind is EventKind.GENERATED:
        _generated(story, event)
        return
    record = story[event.revision]
    change: dict[str, Any] = {}
    match event.kind:
        case EventKind.SIGNED:
            complete = event.details.get("complete") is not False
            change = {
                "signed": complete,
                "standing": LetterStatus.SIGNED if complete else record.standing,
                "digest": event.digest or record.digest,
                "file": event.file or record.file,
                "pages": event.pages or record.pages,
            }
        case EventKind.APPROVED:
            change = {"approved": True}
        case EventKind.DISPATCHED:
            # A second dispatch starts the way again: what came of the first no longer stands.
            change = {
                "dispatched_on": event.happened_on,
                "channel": event.channel or record.channel,
                "delivered_on": None,
                "acknowledged_on": None,
                "returned_on": None,
            }
        case EventKind.REPLIED:
            change = {"replied_on": event.happened_on}
        case EventKind.DELIVERED | EventKind.ACKNOWLEDGED | EventKind.RETURNED:
            change = {ONCE[event.kind]: event.happened_on}
    change = {"standing": LetterStatus(event.kind.value), "sequence": event.sequence, **change}
    story[event.revision] = replace(record, **change)


def _generated(story: LetterStory, event: Event) -> None:
    before = story.get(event.revision)
    fingerprint = str(event.details.get("fingerprint", ""))
    html_digest = str(event.details.get("html_digest", ""))
    if before is not None and before.digest == event.digest:
        # The same paper made again: only what is known about its making has changed.
        story[event.revision] = replace(
            before,
            fingerprint=fingerprint,
            html_digest=html_digest,
            facts=facts_digest(event.details),
            confidential=event.details.get("confidential") is True,
            state=event.state,
            language=event.language,
            pages=event.pages,
            file=event.file or before.file,
            channel=before.channel if before.dispatched else event.channel,
            reference=event.reference or before.reference,
            sequence=event.sequence,
        )
        return
    for number, older in story.items():
        if number < event.revision and older.current:
            story[number] = replace(older, current=False)
    existed = existed_on(event)
    story[event.revision] = LetterRecord(
        letter=event.letter,
        recipient=event.recipient,
        document=event.document,
        revision=event.revision,
        standing=LetterStatus.GENERATED,
        state=event.state,
        language=event.language,
        channel=event.channel,
        reference=event.reference,
        file=event.file,
        digest=event.digest,
        generated_digest=event.digest,
        pages=event.pages,
        fingerprint=fingerprint,
        html_digest=html_digest,
        facts=facts_digest(event.details),
        existed_on=min(existed, before.existed_on) if before else existed,
        signed=False,
        approved=False,
        confidential=event.details.get("confidential") is True,
        dispatched_on=None,
        delivered_on=None,
        acknowledged_on=None,
        returned_on=None,
        replied_on=None,
        current=True,
        sequence=event.sequence,
    )


def existed_on(generated: NewEvent) -> dt.date:
    """From when a letter exists: the date it bears or the day it was made, whichever is first."""
    try:
        bears = dt.date.fromisoformat(str(generated.details.get("date", "")))
    except ValueError:
        return generated.happened_on
    return min(bears, generated.happened_on)


def effective_events(events: Iterable[Event]) -> Iterator[Event]:
    """The events that count: without those taken back, and without the corrections themselves."""
    entered: Sequence[Event] = tuple(events)
    gone = {corrected_entry(event) for event in entered if event.kind is EventKind.CORRECTED}
    for event in entered:
        if event.kind is not EventKind.CORRECTED and event.sequence not in gone:
            yield event


def fold(events: Iterable[Event]) -> dict[LetterKey, LetterStory]:
    """Where every letter stands, each revision of it, from the events alone."""
    letters: dict[LetterKey, LetterStory] = {}
    for event in effective_events(events):
        if event.letter:
            advance(letters.setdefault(event.key, {}), event)
    return letters
