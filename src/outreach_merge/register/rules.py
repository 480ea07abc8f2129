"""The register's rules: what may be entered, and which event may follow which. Pure."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

from outreach_merge import catalogue
from outreach_merge.model import Problem
from outreach_merge.register.events import (
    LETTER_EVENTS,
    STATE_EVENTS,
    Event,
    EventKind,
    LetterRecord,
    LetterStatus,
    NewEvent,
    canonical_details,
    facts_digest,
)
from outreach_merge.register.ledger import AFTER_DISPATCH, ONCE, Ledger, corrected_entry

_STATE_CODE = re.compile(r"[A-Z]{3}\Z")
_DIGEST = re.compile(r"[0-9a-f]{64}\Z")

_BEFORE_DISPATCH = frozenset({EventKind.SIGNED, EventKind.APPROVED})
_CORRECTABLE = frozenset(EventKind) - {
    EventKind.GENERATED,
    EventKind.SIGNED,
    EventKind.CORRECTED,
}


def is_known_already(ledger: Ledger, event: NewEvent) -> bool:
    """Whether a ``generated`` event repeats the last one, as after a run that was killed."""
    if event.kind is not EventKind.GENERATED:
        return False
    record = ledger.current(event.key)
    return (
        record is not None
        and event.revision in (0, record.revision)
        and record.digest == event.digest
        and record.facts == facts_digest(event.details)
        and (record.state, record.language) == (event.state, event.language)
        and record.file == event.file
        and record.reference == event.reference
        and (record.dispatched or record.channel == event.channel)
    )


def completed(ledger: Ledger, event: NewEvent) -> NewEvent:
    """The event with revision, state, reference and language filled in from its letter."""
    if event.kind is EventKind.CORRECTED:
        target = ledger.entries.get(corrected_entry(event))
        if target is None:
            return event
        return replace(
            event,
            letter=target.letter,
            recipient=target.recipient,
            document=target.document,
            state=target.state,
            reference=target.reference,
            revision=target.revision,
        )
    if event.kind not in LETTER_EVENTS:
        return replace(event, document="", revision=0)
    if event.kind is EventKind.GENERATED:
        if event.revision:
            return event
        record = ledger.current(event.key)
        return replace(event, revision=record.revision_for_new_text if record else 1)
    record = ledger.find(event)
    if record is None:
        return event
    return replace(
        event,
        revision=record.revision,
        state=event.state or record.state,
        reference=event.reference or record.reference,
        language=event.language or record.language,
        channel=event.channel or record.channel,
    )


def refusal(ledger: Ledger, event: NewEvent, today: dt.date) -> Problem | None:
    """Why a completed event cannot be entered; ``None`` when it can."""
    return (
        _malformed(event)
        or _future(event, today)
        or _out_of_order(ledger, event)
        or _already_there(ledger, event)
    )


def changed_meanwhile(event: NewEvent) -> Problem:
    """The refusal of an event on a letter that somebody else has entered something on."""
    return catalogue.LETTER_MOVED_ON.at(letter=event.subject, event=event.kind)


def _malformed(event: NewEvent) -> Problem | None:
    kind, subject = event.kind, event.subject
    if not event.by.strip():
        return catalogue.ENTERED_BY_NOBODY.at(letter=subject, event=kind)
    texts = [
        event.letter, event.recipient, event.document, event.state, event.language, event.by,
        event.reference, event.channel, event.file, event.digest,
    ]  # fmt: skip
    try:
        texts.append(canonical_details(event.details))
        unwritable = any("\x00" in text or "\\u0000" in text for text in texts)
        "".join(texts).encode("utf-8")
    except (TypeError, ValueError) as error:
        return catalogue.ENTRY_MALFORMED.at(letter=subject, event=kind, reason=error)
    if unwritable:
        return catalogue.ENTRY_HOLDS_NUL.at(letter=subject, event=kind)
    if event.kind in STATE_EVENTS:
        if event.letter or event.recipient:
            return catalogue.STATE_EVENT_NAMES_LETTER.at(letter=subject, event=kind)
        if not _STATE_CODE.match(event.state):
            return catalogue.ENTRY_WITHOUT_STATE.at(letter=subject, event=kind, state=event.state)
        return None
    if event.kind is EventKind.CORRECTED:
        return None
    if not event.letter or not event.recipient:
        return catalogue.ENTRY_WITHOUT_LETTER.at(letter=subject, event=kind)
    if event.digest and not _DIGEST.match(event.digest):
        return catalogue.ENTRY_DIGEST.at(letter=subject, event=kind, digest=event.digest)
    if event.kind is EventKind.GENERATED:
        if not event.digest or not event.file:
            return catalogue.ENTRY_WITHOUT_FILE.at(letter=subject, event=kind)
        if not _STATE_CODE.match(event.state):
            return catalogue.ENTRY_WITHOUT_STATE.at(letter=subject, event=kind, state=event.state)
    return None


def _future(event: NewEvent, today: dt.date) -> Problem | None:
    if event.happened_on <= today:
        return None
    return catalogue.DATE_IN_FUTURE.at(
        letter=event.subject, event=event.kind, day=event.happened_on, today=today
    )


def _out_of_order(ledger: Ledger, event: NewEvent) -> Problem | None:
    if event.kind in STATE_EVENTS:
        return None
    if event.kind is EventKind.CORRECTED:
        return _correction_refused(ledger, event)
    if event.kind is EventKind.GENERATED:
        return _generation_refused(ledger, event)
    record = ledger.find(event)
    if record is None:
        return _unknown_letter(ledger, event)
    return _step_refused(ledger, record, event)


def _unknown_letter(ledger: Ledger, event: NewEvent) -> Problem:
    current = ledger.current(event.key)
    if current is None:
        return catalogue.LETTER_UNKNOWN.at(letter=event.subject)
    return catalogue.REVISION_UNKNOWN.at(
        letter=event.subject, revision=event.revision, current=current.revision
    )


def _generation_refused(ledger: Ledger, event: NewEvent) -> Problem | None:
    record = ledger.current(event.key)
    allowed = (1,) if record is None else (record.revision_for_new_text,)
    if record is not None and event.digest == record.digest:
        allowed = (record.revision,)
    if event.revision in allowed:
        return None
    if record is not None and event.revision == record.revision:
        what = f"dispatched on {record.dispatched_on}" if record.dispatched else record.status
        what = "signed by some of its signatories" if record.half_signed else what
        return catalogue.LETTER_CLOSED.at(
            letter=event.subject, revision=record.revision, what=what, next=record.revision + 1
        )
    current = f"revision {record.revision}" if record else "nothing"
    return catalogue.REVISION_OUT_OF_ORDER.at(
        letter=event.subject, revision=event.revision, current=current, next=allowed[0]
    )


def _step_refused(ledger: Ledger, record: LetterRecord, event: NewEvent) -> Problem | None:
    """Why an event cannot follow the letter's status."""
    problem = (
        _before_the_letter(record, event)
        or _on_an_older_revision(ledger, record, event)
        or _after_the_end(record, event)
        or _on_a_letter_that_left(record, event)
    )
    if problem is None and event.kind is EventKind.DISPATCHED:
        return _dispatch_refused(record, event)
    if problem is None and event.kind in AFTER_DISPATCH:
        return _sequel_refused(record, event)
    return problem


def _before_the_letter(record: LetterRecord, event: NewEvent) -> Problem | None:
    if event.happened_on >= record.existed_on:
        return None
    return catalogue.DATE_BEFORE_LETTER.at(
        letter=event.subject, event=event.kind, day=event.happened_on, existed=record.existed_on
    )


def _on_an_older_revision(ledger: Ledger, record: LetterRecord, event: NewEvent) -> Problem | None:
    leaves = event.kind is EventKind.DISPATCHED or event.kind in _BEFORE_DISPATCH
    if record.current or not leaves:
        return None
    current = ledger.current(record.key)
    newest = current.revision if current else "?"
    return catalogue.REVISION_SUPERSEDED.at(
        letter=event.subject, revision=record.revision, newest=newest
    )


def _after_the_end(record: LetterRecord, event: NewEvent) -> Problem | None:
    ends = (LetterStatus.SUPERSEDED, LetterStatus.WITHDRAWN)
    if record.status not in ends or event.kind in AFTER_DISPATCH:
        return None
    return catalogue.LETTER_ENDED[record.status].at(letter=event.subject, event=event.kind)


def _on_a_letter_that_left(record: LetterRecord, event: NewEvent) -> Problem | None:
    if not record.dispatched or event.kind not in _BEFORE_DISPATCH:
        return None
    return catalogue.STEP_BEFORE_DISPATCH.at(
        letter=event.subject, day=record.dispatched_on, event=event.kind
    )


def _dispatch_refused(record: LetterRecord, event: NewEvent) -> Problem | None:
    if record.half_signed:
        return catalogue.HALF_SIGNED.at(letter=event.subject)
    if record.dispatched_on is None:
        return None
    if event.details.get("again") is not True:
        return catalogue.ALREADY_DISPATCHED.at(letter=event.subject, day=record.dispatched_on)
    if event.happened_on < record.dispatched_on:
        return catalogue.SECOND_DISPATCH_TOO_EARLY.at(
            letter=event.subject, day=event.happened_on, dispatched=record.dispatched_on
        )
    return None


def _sequel_refused(record: LetterRecord, event: NewEvent) -> Problem | None:
    """Why an event of :data:`AFTER_DISPATCH` cannot be entered."""
    kind, day, letter = event.kind, event.happened_on, event.subject
    if record.dispatched_on is None:
        return catalogue.NOT_DISPATCHED.at(letter=letter, event=kind)
    if day < record.dispatched_on:
        return catalogue.DATE_OUT_OF_ORDER.at(
            letter=letter, event=kind, day=day, dispatched=record.dispatched_on
        )
    if kind is EventKind.DELIVERED and record.returned_on is not None:
        return catalogue.LETTER_RETURNED.at(letter=letter, day=record.returned_on)
    if kind in ONCE and (earlier := getattr(record, ONCE[kind])) is not None:
        return catalogue.ALREADY_RECORDED.at(letter=letter, event=kind, day=earlier)
    return None


def _correction_refused(ledger: Ledger, event: NewEvent) -> Problem | None:
    number, letter = corrected_entry(event), event.subject
    target = ledger.entries.get(number)
    if target is None:
        return catalogue.ENTRY_UNKNOWN.at(letter=letter, entry=number)
    if number in ledger.taken_back:
        return catalogue.ENTRY_CORRECTED.at(letter=letter, entry=number)
    if target.kind not in _CORRECTABLE:
        what = f"{target.kind} {target.subject}"
        return catalogue.ENTRY_NOT_CORRECTABLE.at(letter=letter, entry=number, what=what)
    if not target.letter:
        return None
    return _breaks_history(ledger, event, target)


def _breaks_history(ledger: Ledger, event: NewEvent, target: Event) -> Problem | None:
    """Why an entry cannot be taken back: a later one would no longer be allowed."""
    trial = Ledger()
    for number in sorted(ledger.entries):
        entry = ledger.entries[number]
        skipped = number == target.sequence or number in ledger.taken_back
        if entry.key != target.key or skipped or entry.kind is EventKind.CORRECTED:
            continue
        if _out_of_order(trial, entry) is not None:
            what = f"{target.kind} {target.subject}"
            place = event.subject
            return catalogue.CORRECTION_OUT_OF_ORDER.at(
                letter=place, entry=target.sequence, what=what, later=number, event=entry.kind
            )
        trial.apply(entry)
    return None


def _already_there(ledger: Ledger, event: NewEvent) -> Problem | None:
    """The same thing recorded twice, for kinds that may otherwise come more than once."""
    if event.kind not in STATE_EVENTS | {EventKind.REPLIED, EventKind.APPROVED, EventKind.SIGNED}:
        return None
    for entry in ledger.similar(event):
        same = entry.happened_on == event.happened_on and canonical_details(
            entry.details
        ) == canonical_details(event.details)
        if event.kind is EventKind.SIGNED:
            same = same and entry.digest == event.digest
        if same or event.kind is EventKind.JOINED:
            letter, day, number = event.subject, entry.happened_on, entry.sequence
            return catalogue.ALREADY_RECORDED_IN.at(
                letter=letter, event=event.kind, day=day, entry=number
            )
    return None
