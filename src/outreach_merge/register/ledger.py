"""The status of letters, computed from their events. Pure: no file, no database, no clock."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from outreach_merge.model import LetterKey
from outreach_merge.register.events import (
    Event,
    EventKind,
    LetterRecord,
    LetterStatus,
    NewEvent,
    facts_digest,
)

AFTER_DISPATCH = frozenset(
    {EventKind.DELIVERED, EventKind.ACKNOWLEDGED, EventKind.RETURNED, EventKind.REPLIED}
)
"""Kinds of events that can only follow a dispatch."""

ONCE = {
    EventKind.DELIVERED: "delivered_on",
    EventKind.ACKNOWLEDGED: "acknowledged_on",
    EventKind.RETURNED: "returned_on",
}
"""Kinds of events that happen once for each dispatch -> the field of the record with the day."""

LetterRevisions = dict[int, LetterRecord]
"""The revisions of one letter, by number."""


@dataclass
class Ledger:
    """The letters that a batch of events concerns, updated event by event.

    :param letters: their revisions.
    :param entries: entered events by number, those that corrections or checks for duplicates need.
    :param taken_back: numbers of the entries that were corrected.
    """

    letters: dict[LetterKey, LetterRevisions] = field(default_factory=dict)
    entries: dict[int, Event] = field(default_factory=dict)
    taken_back: set[int] = field(default_factory=set)
    _similar: dict[tuple[object, ...], list[Event]] = field(default_factory=dict)

    def add_entered(self, event: Event) -> None:
        """Add an entered event to ``entries`` without updating its letter."""
        self.entries[event.sequence] = event
        if event.kind is EventKind.CORRECTED:
            self.taken_back.add(corrected_entry(event))
        self._similar.setdefault(_similarity_key(event), []).append(event)

    def similar(self, event: NewEvent) -> list[Event]:
        """Entries of the same kind, on the same revision or state, that were not corrected."""
        return [
            entry
            for entry in self._similar.get(_similarity_key(event), ())
            if entry.sequence not in self.taken_back
        ]

    def current(self, key: LetterKey) -> LetterRecord | None:
        revisions = self.letters.get(key)
        return revisions[max(revisions)] if revisions else None

    def has_changed_since(self, key: LetterKey, sequence: int) -> bool:
        """Whether the last entry on a letter is another than ``sequence``."""
        record = self.current(key)
        return record is not None and record.sequence != sequence

    def find(self, event: NewEvent) -> LetterRecord | None:
        """The revision that an event concerns; ``None`` when it does not exist."""
        revisions = self.letters.get(event.key)
        if not revisions:
            return None
        if event.revision:
            return revisions.get(event.revision)
        if event.kind in AFTER_DISPATCH:
            sent = [number for number, record in revisions.items() if record.dispatched]
            if sent:
                return revisions[max(sent)]
        return revisions[max(revisions)]

    def apply(self, event: Event) -> None:
        """Update the letter; the event must have passed :func:`refusal`."""
        self.add_entered(event)
        if event.kind is EventKind.CORRECTED:
            self._recompute(event.key)
        elif event.letter:
            advance(self.letters.setdefault(event.key, {}), event)

    def _recompute(self, key: LetterKey) -> None:
        """Compute a letter anew from its entries that were not corrected."""
        if key.letter:
            revisions: LetterRevisions = {}
            for number in sorted(self.entries):
                event = self.entries[number]
                if event.key == key and number not in self.taken_back:
                    advance(revisions, event)
            self.letters[key] = revisions


def _similarity_key(event: NewEvent) -> tuple[object, ...]:
    return (event.kind, event.key, event.state, event.revision)


def corrected_entry(event: NewEvent) -> int:
    """Number of the entry that a ``corrected`` event takes back; 0 when it names none."""
    number = event.details.get("entry", 0)
    return number if isinstance(number, int) else 0


def advance(revisions: LetterRevisions, event: Event) -> None:
    """Update the revisions of a letter by one event."""
    if event.kind is EventKind.CORRECTED:
        return
    if event.kind is EventKind.GENERATED:
        _generated(revisions, event)
        return
    record = revisions[event.revision]
    change: dict[str, Any] = {}
    match event.kind:
        case EventKind.SIGNED:
            complete = event.details.get("complete") is not False
            change = {
                "signed": complete,
                "status": LetterStatus.SIGNED if complete else record.status,
                "digest": event.digest or record.digest,
                "file": event.file or record.file,
                "pages": event.pages or record.pages,
            }
        case EventKind.APPROVED:
            change = {"approved": True}
        case EventKind.DISPATCHED:
            # A second dispatch: the dates of the first one no longer apply.
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
    change = {"status": LetterStatus(event.kind.value), "sequence": event.sequence, **change}
    revisions[event.revision] = replace(record, **change)


def _generated(revisions: LetterRevisions, event: Event) -> None:
    before = revisions.get(event.revision)
    fingerprint = str(event.details.get("fingerprint", ""))
    html_digest = str(event.details.get("html_digest", ""))
    if before is not None and before.digest == event.digest:
        # The same file made again: only what it was made from has changed.
        revisions[event.revision] = replace(
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
    for number, older in revisions.items():
        if number < event.revision and older.current:
            revisions[number] = replace(older, current=False)
    existed = existed_on(event)
    revisions[event.revision] = LetterRecord(
        letter=event.letter,
        recipient=event.recipient,
        document=event.document,
        revision=event.revision,
        status=LetterStatus.GENERATED,
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
    """The earlier of the date a letter bears and the day it was generated."""
    try:
        bears = dt.date.fromisoformat(str(generated.details.get("date", "")))
    except ValueError:
        return generated.happened_on
    return min(bears, generated.happened_on)


def effective_events(events: Iterable[Event]) -> Iterator[Event]:
    """The events without those that were corrected, and without the corrections themselves."""
    entered: Sequence[Event] = tuple(events)
    gone = {corrected_entry(event) for event in entered if event.kind is EventKind.CORRECTED}
    for event in entered:
        if event.kind is not EventKind.CORRECTED and event.sequence not in gone:
            yield event


def fold(events: Iterable[Event]) -> dict[LetterKey, LetterRevisions]:
    """Every revision of every letter, computed from all events in their order."""
    letters: dict[LetterKey, LetterRevisions] = {}
    for event in effective_events(events):
        if event.letter:
            advance(letters.setdefault(event.key, {}), event)
    return letters
