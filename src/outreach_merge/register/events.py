"""What the register holds: events, and the status of each letter, which follows from them."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from outreach_merge.model import LetterKey

DetailValue = str | int | bool | Sequence[str]
"""What a detail of an event may be; stored as JSON."""

GENESIS = "0" * 64
"""The value of ``previous`` in the first entry."""

_NO_DETAILS: Mapping[str, DetailValue] = MappingProxyType({})


class EventKind(StrEnum):
    """What can happen to a letter, or between the office and a state."""

    GENERATED = "generated"
    SIGNED = "signed"
    APPROVED = "approved"
    DISPATCHED = "dispatched"
    DELIVERED = "delivered"
    ACKNOWLEDGED = "acknowledged"
    RETURNED = "returned"
    REPLIED = "replied"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"
    MET = "met"
    SPOKE = "spoke"
    JOINED = "joined"
    CORRECTED = "corrected"

    @property
    def meaning(self) -> str:
        return _MEANINGS[self]


_MEANINGS = {
    EventKind.GENERATED: "the letter's file was made, or what is known of it has changed",
    EventKind.SIGNED: "the letter was signed",
    EventKind.APPROVED: "the letter was approved for dispatch",
    EventKind.DISPATCHED: "the letter left the office",
    EventKind.DELIVERED: "the letter was handed over",
    EventKind.ACKNOWLEDGED: "the recipient acknowledged receipt",
    EventKind.RETURNED: "the letter came back undelivered",
    EventKind.REPLIED: "the recipient replied",
    EventKind.SUPERSEDED: "another letter takes this letter's place",
    EventKind.WITHDRAWN: "the letter is not to be sent, or is taken back",
    EventKind.MET: "the office met the state",
    EventKind.SPOKE: "the state took the floor and raised issues",
    EventKind.JOINED: "the state joined the treaty",
    EventKind.CORRECTED: "an earlier entry was wrong and no longer counts",
}

STATE_EVENTS = frozenset({EventKind.MET, EventKind.SPOKE, EventKind.JOINED})
"""Events on a state; they belong to no letter."""

UNNAMED_STATE = "ZZZ"
"""A state that even the register does not name (a code ISO 3166 leaves to its users)."""

LETTER_EVENTS = frozenset(EventKind) - STATE_EVENTS - {EventKind.CORRECTED}
"""Events on a letter."""


class LetterStatus(StrEnum):
    """The status of a letter: the kind of the last event that changed it."""

    GENERATED = "generated"
    SIGNED = "signed"
    APPROVED = "approved"
    DISPATCHED = "dispatched"
    DELIVERED = "delivered"
    ACKNOWLEDGED = "acknowledged"
    RETURNED = "returned"
    REPLIED = "replied"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEvent:
    """An event to enter.

    :param letter: key of the letter ("presidential"); empty for an event on a state.
    :param recipient: id of the recipient ("KEN-head_of_state").
    :param document: "letter", or "courtesy" for its courtesy translation.
    :param state: ISO 3166 alpha-3; may be left empty for an event on a letter that was generated.
    :param happened_on: the day it happened, which may be long before it is entered.
    :param by: who entered it.
    :param file: path relative to the campaign folder; ``digest`` is the SHA-256 of that file.
    :param revision: from 1; 0 stands for the last dispatched revision where ``kind`` can only
        follow a dispatch, otherwise for the current one.
    :param details: whatever else is known. Read by the register itself: ``fingerprint`` and
        ``html_digest`` (which `generate` compares), ``date`` (ISO date the letter bears),
        ``confidential`` (true), ``complete`` (false: others are yet to sign), ``again``
        (true: a second dispatch is meant), ``entry`` (the number of the entry that a
        ``corrected`` event takes back).
    """

    kind: EventKind
    happened_on: dt.date
    by: str
    letter: str = ""
    recipient: str = ""
    document: str = "letter"
    state: str = ""
    language: str = ""
    reference: str = ""
    channel: str = ""
    file: str = ""
    digest: str = ""
    pages: int = 0
    revision: int = 0
    details: Mapping[str, DetailValue] = field(default_factory=lambda: _NO_DETAILS)

    @property
    def key(self) -> LetterKey:
        return LetterKey(self.letter, self.recipient, self.document)

    @property
    def subject(self) -> str:
        """What the event is about, for messages: a letter, else a state."""
        return str(self.key) if self.letter else self.state


@dataclass(frozen=True, slots=True, kw_only=True)
class Event(NewEvent):
    """An entry of the register.

    :param sequence: its number, from 1, without gaps within a campaign.
    :param entered_at: when it was entered, UTC.
    :param previous: hash of the entry before it; :data:`GENESIS` for the first.
    :param hash: SHA-256 over everything in the entry, ``previous`` included.
    """

    sequence: int
    entered_at: dt.datetime
    previous: str
    hash: str


@dataclass(frozen=True, slots=True)
class LetterRecord:
    """The status of one revision of a letter, computed from its events alone.

    :param revision: from 1; a letter that was dispatched, superseded or withdrawn is not made
        again but gets the next revision.
    :param digest: SHA-256 of the file as it is now (signed, if it was signed).
    :param generated_digest: SHA-256 of the file as it was generated.
    :param facts: SHA-256 of the details of the last ``generated`` event.
    :param signed: by all who are to sign it.
    :param existed_on: the earlier of the date the letter bears and the day it was generated.
    :param current: no later revision exists.
    :param sequence: number of the last entry that concerns it.
    """

    letter: str
    recipient: str
    document: str
    revision: int
    status: LetterStatus
    state: str
    language: str
    channel: str
    reference: str
    file: str
    digest: str
    generated_digest: str
    pages: int
    fingerprint: str
    html_digest: str
    facts: str
    existed_on: dt.date
    signed: bool
    approved: bool
    confidential: bool
    dispatched_on: dt.date | None
    delivered_on: dt.date | None
    acknowledged_on: dt.date | None
    returned_on: dt.date | None
    replied_on: dt.date | None
    current: bool
    sequence: int

    @property
    def key(self) -> LetterKey:
        return LetterKey(self.letter, self.recipient, self.document)

    @property
    def dispatched(self) -> bool:
        """It was dispatched at least once, also if it was returned."""
        return self.dispatched_on is not None

    @property
    def half_signed(self) -> bool:
        """Some of its signatories have signed its file, and not yet all."""
        return not self.signed and self.digest != self.generated_digest

    @property
    def over(self) -> bool:
        """It was dispatched, superseded or withdrawn: it is neither signed nor made again."""
        return self.dispatched or self.status in (LetterStatus.SUPERSEDED, LetterStatus.WITHDRAWN)

    @property
    def closed(self) -> bool:
        """Its file must not be overwritten: a changed text becomes the next revision."""
        return self.over or self.signed or self.half_signed

    @property
    def revision_for_new_text(self) -> int:
        """The revision that a changed text would be entered under."""
        return self.revision + 1 if self.closed else self.revision


def canonical_details(details: Mapping[str, DetailValue]) -> str:
    """The details as they are stored: JSON with sorted keys.

    :raises TypeError: a value that is none of :data:`DetailValue`.
    :raises ValueError: a float that JSON has no notation for.
    """
    plain = {
        key: value if isinstance(value, (str, int, bool)) else list(value)
        for key, value in details.items()
    }
    return json.dumps(
        plain, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False
    )


def facts_digest(details: Mapping[str, DetailValue]) -> str:
    """SHA-256 of the canonical details: equal when nothing a letter was made from has changed."""
    return hashlib.sha256(canonical_details(details).encode("utf-8")).hexdigest()


HASHED = (
    "campaign",
    "sequence",
    "entered_at",
    "kind",
    "letter",
    "recipient",
    "document",
    "state",
    "language",
    "happened_on",
    "by",
    "reference",
    "channel",
    "file",
    "digest",
    "pages",
    "revision",
    "details",
    "previous",
)
"""What the hash of an entry covers: everything but the hash itself."""


def entry_hash(values: Mapping[str, Any]) -> str:
    """SHA-256 of an entry, from its columns as they are stored (see :data:`HASHED`)."""
    payload = json.dumps(
        [[name, _plain(values[name])] for name in HASHED],
        ensure_ascii=True,
        separators=(",", ":"),
    )
    return hashlib.sha256(payload.encode("ascii")).hexdigest()


def _plain(value: Any) -> Any:
    """A stored value in the form that is hashed, the same for every database."""
    if isinstance(value, dt.datetime):
        return utc_text(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, (str, int)) or value is None:
        return value
    return repr(value)


def utc_text(moment: dt.datetime) -> str:
    """``2021-06-15T09:30:00.000000Z``."""
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
