"""The register's rules: what may be entered, and which event may follow which. Pure."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

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
    return _problem(
        event,
        "letter-moved-on",
        f"{event.kind}: somebody else entered something on this letter meanwhile.",
        "Run the command again; `log show` tells what happened to it.",
    )


def _problem(event: NewEvent, code: str, message: str, remedy: str) -> Problem:
    return Problem(code=code, message=message, remedy=remedy, letter=event.subject)


def _malformed(event: NewEvent) -> Problem | None:
    def wrong(message: str, remedy: str = "") -> Problem:
        return _problem(event, "entry-malformed", f"{event.kind}: {message}", remedy)

    if not event.by.strip():
        return wrong("it is not said who enters it.", "Name the person or office.")
    texts = [
        event.letter, event.recipient, event.document, event.state, event.language, event.by,
        event.reference, event.channel, event.file, event.digest,
    ]  # fmt: skip
    try:
        texts.append(canonical_details(event.details))
        unwritable = any("\x00" in text or "\\u0000" in text for text in texts)
        "".join(texts).encode("utf-8")
    except (TypeError, ValueError) as error:
        return wrong(f"its details cannot be kept ({error}).", "Use text, numbers or lists.")
    if unwritable:
        return wrong("it holds a character that no database keeps (NUL).", "Remove it.")
    if event.kind in STATE_EVENTS:
        if event.letter or event.recipient:
            return wrong("an event on a state names no letter.", "Leave letter and recipient out.")
        if not _STATE_CODE.match(event.state):
            return wrong(f'"{event.state}" is no state.', "Give an ISO 3166 alpha-3 code.")
        return None
    if event.kind is EventKind.CORRECTED:
        return None
    if not event.letter or not event.recipient:
        return wrong("letter and recipient are needed.", "Name both.")
    if event.digest and not _DIGEST.match(event.digest):
        return wrong(f'"{event.digest}" is no SHA-256 digest.')
    if event.kind is EventKind.GENERATED:
        if not event.digest or not event.file:
            return wrong("a generated letter has a file and its digest.")
        if not _STATE_CODE.match(event.state):
            return wrong(f'"{event.state}" is no state.', "Give an ISO 3166 alpha-3 code.")
    return None


def _future(event: NewEvent, today: dt.date) -> Problem | None:
    if event.happened_on <= today:
        return None
    return _problem(
        event,
        "date-in-future",
        f"{event.kind} on {event.happened_on} lies in the future (today is {today}).",
        "Record what has happened, when it has happened.",
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
        return _problem(
            event,
            "letter-unknown",
            "no such letter stands in the register.",
            "Run generate first, or correct the letter and recipient.",
        )
    return _problem(
        event,
        "revision-unknown",
        f"there is no revision {event.revision}; the current one is {current.revision}.",
        "Leave the revision out to mean the current one.",
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
        return _problem(
            event,
            "letter-closed",
            f"revision {record.revision} was {what} and is not made again.",
            f"Make revision {record.revision + 1}.",
        )
    return _problem(
        event,
        "revision-out-of-order",
        f"revision {event.revision} cannot follow "
        f"{f'revision {record.revision}' if record else 'nothing'}.",
        f"The next is revision {allowed[0]}.",
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
    return _problem(
        event,
        "date-before-letter",
        f"{event.kind} on {event.happened_on} lies before the letter existed "
        f"({record.existed_on}).",
        "Correct the date.",
    )


def _on_an_older_revision(ledger: Ledger, record: LetterRecord, event: NewEvent) -> Problem | None:
    leaves = event.kind is EventKind.DISPATCHED or event.kind in _BEFORE_DISPATCH
    if record.current or not leaves:
        return None
    newest = ledger.current(record.key)
    return _problem(
        event,
        "letter-superseded",
        f"revision {record.revision} was superseded by revision "
        f"{newest.revision if newest else '?'}.",
        "Record the newer revision instead.",
    )


def _after_the_end(record: LetterRecord, event: NewEvent) -> Problem | None:
    ends = (LetterStatus.SUPERSEDED, LetterStatus.WITHDRAWN)
    if record.status not in ends or event.kind in AFTER_DISPATCH:
        return None
    return _problem(
        event,
        f"letter-{record.status}",
        f"it was {record.status}; {event.kind} cannot follow.",
        "Make a new revision, or correct the wrong entry with `log record corrected`.",
    )


def _on_a_letter_that_left(record: LetterRecord, event: NewEvent) -> Problem | None:
    if not record.dispatched or event.kind not in _BEFORE_DISPATCH:
        return None
    return _problem(
        event,
        "already-dispatched",
        f"it was dispatched on {record.dispatched_on}; {event.kind} comes before that.",
        "A letter that has left is not changed: make a new revision.",
    )


def _dispatch_refused(record: LetterRecord, event: NewEvent) -> Problem | None:
    if record.half_signed:
        return _problem(
            event,
            "half-signed",
            "not everybody who is to sign it has signed.",
            "Complete it first: outreach-merge sign",
        )
    if record.dispatched_on is None:
        return None
    if event.details.get("again") is not True:
        return _problem(
            event,
            "already-dispatched",
            f"it was dispatched already, on {record.dispatched_on}.",
            "Add --again if it was really sent a second time.",
        )
    if event.happened_on < record.dispatched_on:
        return _problem(
            event,
            "date-out-of-order",
            f"a second dispatch on {event.happened_on} lies before the first "
            f"({record.dispatched_on}).",
            "Correct the date.",
        )
    return None


def _sequel_refused(record: LetterRecord, event: NewEvent) -> Problem | None:
    """Why an event of :data:`AFTER_DISPATCH` cannot be entered."""
    kind, day = event.kind, event.happened_on
    if record.dispatched_on is None:
        return _problem(
            event,
            "not-dispatched",
            f"{kind} cannot be recorded: the letter has not been dispatched.",
            "Record its dispatch first.",
        )
    if day < record.dispatched_on:
        return _problem(
            event,
            "date-out-of-order",
            f"{kind} on {day} lies before its dispatch on {record.dispatched_on}.",
            "Correct the date.",
        )
    if kind is EventKind.DELIVERED and record.returned_on is not None:
        return _problem(
            event,
            "letter-returned",
            f"it came back on {record.returned_on}.",
            "Record that it was dispatched again first.",
        )
    if kind in ONCE and (earlier := getattr(record, ONCE[kind])) is not None:
        return _problem(
            event,
            "already-recorded",
            f"{kind} is recorded already, on {earlier}.",
            "If that entry is wrong, take it back with `log record corrected`.",
        )
    return None


def _correction_refused(ledger: Ledger, event: NewEvent) -> Problem | None:
    number = corrected_entry(event)
    target = ledger.entries.get(number)

    def refuse(code: str, message: str, remedy: str) -> Problem:
        return _problem(event, code, message, remedy)

    if target is None:
        return refuse(
            "entry-unknown",
            f"there is no entry {number} to correct.",
            "`log show` prints the number of every entry.",
        )
    if number in ledger.taken_back:
        return refuse("entry-corrected", f"entry {number} was taken back already.", "")
    if target.kind not in _CORRECTABLE:
        return refuse(
            "entry-not-correctable",
            f"entry {number} ({target.kind} {target.subject}) cannot be taken back: "
            "it tells of a file that was made.",
            "Record the letter as superseded or withdrawn.",
        )
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
            return _problem(
                event,
                "correction-out-of-order",
                f"entry {target.sequence} ({target.kind} {target.subject}) cannot be taken back: "
                f"entry {number} ({entry.kind}) rests on it.",
                f"Take entry {number} back first.",
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
            return _problem(
                event,
                "already-recorded",
                f"{event.kind} is recorded already, on {entry.happened_on} "
                f"(entry {entry.sequence}).",
                "If that entry is wrong, take it back with `log record corrected`.",
            )
    return None
