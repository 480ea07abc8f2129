"""The frozen types of the domain, which one package passes to the next.

A letter travels one way::

    Recipient x LetterDefinition -> PlannedLetter | SkippedRecipient
    PlannedLetter -> ComposedLetter (HTML) -> TypesetLetter (PDF) -> SignedPdf
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple


class Kind(StrEnum):
    """Whom a row of the CSV addresses."""

    HEAD_OF_STATE = "head_of_state"
    HEAD_OF_GOVERNMENT = "head_of_government"
    FOREIGN_MINISTER = "foreign_minister"
    MISSION = "mission"
    CONSULATE = "consulate"
    PARLIAMENT = "parliament"


class Status(StrEnum):
    """The status of a state under the treaty."""

    PARTY = "party"
    SIGNATORY = "signatory"
    NOT_JOINED = "not_joined"


class Channel(StrEnum):
    """How a letter travels."""

    BY_HAND = "by_hand"
    THROUGH_MISSION = "through_mission"
    THROUGH_CONSULATE = "through_consulate"
    POST = "post"
    EMAIL = "email"


class Gender(StrEnum):
    """Grammatical gender of address; ``UNKNOWN`` selects wording that does not depend on it."""

    FEMALE = "f"
    MALE = "m"
    UNKNOWN = ""


class SignatureMode(StrEnum):
    """How a letter is signed."""

    WET = "wet"
    IMAGE = "image"
    DIGITAL = "digital"
    IMAGE_AND_DIGITAL = "image+digital"

    @property
    def draws_image(self) -> bool:
        return self in (SignatureMode.IMAGE, SignatureMode.IMAGE_AND_DIGITAL)

    @property
    def is_digital(self) -> bool:
        return self in (SignatureMode.DIGITAL, SignatureMode.IMAGE_AND_DIGITAL)


class Severity(StrEnum):
    """``ERROR`` holds a letter back; ``WARNING`` is shown and does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """Something wrong with the user's files, with a remedy.

    ``row`` counts as a spreadsheet does: the header is row 1. ``letter`` names the letter
    concerned as ``<letter>/<recipient id>``; empty when the whole campaign is concerned.
    """

    code: str
    message: str
    remedy: str = ""
    severity: Severity = Severity.ERROR
    file: str = ""
    row: int | None = None
    column: str = ""
    letter: str = ""

    @property
    def where(self) -> str:
        """``recipients.csv:12, column "state"``; parts that are not known are left out."""
        place = self.file
        if self.row is not None:
            place = f"{place}:{self.row}"
        if self.column:
            what = f'{"key" if self.file.endswith(".toml") else "column"} "{self.column}"'
            place = f"{place}, {what}" if place else what
        return place or self.letter

    def __str__(self) -> str:
        where = f"{self.where}: " if self.where else ""
        remedy = f" {self.remedy}" if self.remedy else ""
        letter = f" ({self.letter})" if self.letter and self.where != self.letter else ""
        return f"{where}{self.message}{remedy}{letter}"


@dataclass(frozen=True, slots=True)
class Recipient:
    """One row of the CSV, read and validated.

    ``names`` holds one person or several (co-princes); empty when the letter is addressed to
    the office alone. ``localized`` holds cells of columns such as ``name_ar`` by
    ``(column, language)``. ``group``, ``issues`` and ``status`` are the state's.
    """

    id: str
    state: str
    kind: Kind
    office: str
    language: str
    status: Status
    names: tuple[str, ...] = ()
    gender: Gender = Gender.UNKNOWN
    honorifics: tuple[str, ...] = ()
    style: str = ""
    body: str = ""
    address: tuple[str, ...] = ()
    city: str = ""
    email: str = ""
    courtesy_language: str = ""
    group: str = ""
    issues: tuple[str, ...] = ()
    channel: Channel | None = None
    bearer: str = ""
    hold: str = ""
    confidential: bool = False
    region: str = ""
    subregion: str = ""
    localized: Mapping[tuple[str, str], str] = field(default_factory=dict)
    extra: Mapping[str, str] = field(default_factory=dict)
    row: int = 0

    def names_in(self, language: str) -> tuple[str, ...]:
        """The names as ``language`` writes them, where the CSV says so."""
        text = self.localized.get(("name", language), "")
        return split_names(text) if text else self.names


def split_names(cell: str) -> tuple[str, ...]:
    """``"A ; B"`` -> ``("A", "B")``: the cell of an office with several holders."""
    return tuple(name.strip() for name in cell.split(";") if name.strip())


class LetterKey(NamedTuple):
    """Identifies one recipient's letter within a campaign; independent of the row's number.

    :param letter: name of the definition: ``presidential``.
    :param recipient: the recipient's id: ``KEN-head_of_state``.
    :param document: ``letter``, or ``courtesy`` for a courtesy translation in a file of its own.
    """

    letter: str
    recipient: str
    document: str = "letter"

    def __str__(self) -> str:
        tail = "" if self.document == "letter" else f" ({self.document})"
        return f"{self.letter}/{self.recipient}{tail}"


@dataclass(frozen=True, slots=True)
class StateEvent:
    """An event of the register that concerns a state: ``spoke``, ``met``, ``joined``.

    :param state: ISO 3166 alpha-3.
    """

    kind: str
    state: str
    happened_on: dt.date
    issues: tuple[str, ...] = ()
    confidential: bool = False


@dataclass(frozen=True, slots=True)
class PlannedLetter:
    """One letter to one recipient, before its text is composed.

    ``letter`` and ``recipient.id`` identify it. The row number does not, so that editing the CSV
    neither repeats nor loses a letter.

    :param details: the facts that selected the recipient: ``issues``, ``review_session``,
        ``joined_on``.
    :param carries: the letter that this one transmits.
    :param translation: the courtesy translation that follows on further pages of the same file.
    """

    letter: str
    recipient: Recipient
    language: str
    reference: str
    date: dt.date
    channel: Channel | None
    courtesy: bool = False
    details: Mapping[str, Any] = field(default_factory=dict)
    carries: PlannedLetter | None = None
    translation: PlannedLetter | None = None

    @property
    def key(self) -> str:
        """``presidential/KEN-head_of_state``: what problems name; a translation has the same."""
        return f"{self.letter}/{self.recipient.id}"

    @property
    def parts(self) -> tuple[PlannedLetter, ...]:
        """The letter and what follows it in the same file."""
        return (self, self.translation) if self.translation else (self,)

    @property
    def letter_key(self) -> LetterKey:
        """The key of the letter in the register."""
        return LetterKey(self.letter, self.recipient.id, self.document)

    @property
    def document(self) -> str:
        """``letter``, or ``courtesy`` for a courtesy translation in a file of its own."""
        return "courtesy" if self.courtesy else "letter"

    @property
    def file_name(self) -> str:
        """``KEN-head_of_state-en.pdf``."""
        suffix = "-courtesy" if self.courtesy else ""
        return f"{self.recipient.id}-{self.language}{suffix}.pdf"

    @property
    def relative_path(self) -> Path:
        """Path of the PDF below the output folder."""
        return Path(self.letter) / self.file_name


@dataclass(frozen=True, slots=True)
class SkippedRecipient:
    """A row that gets no letter, and why."""

    letter: str
    recipient: Recipient
    reason: str


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """A meeting as an entry of a calendar.

    :param uid: the same when the entry is made again, so that calendars replace it.
    :param start: with a time zone.
    :param stamp: the day the entry was written.
    """

    uid: str
    start: dt.datetime
    end: dt.datetime
    stamp: dt.date
    language: str
    summary: str
    description: str
    location: str = ""


@dataclass(frozen=True, slots=True)
class ComposedLetter:
    """The letter as HTML; ``digest`` is the SHA-256 of everything the page shows.

    :param enclosures: titles of what is enclosed, as the foot of the letter lists them.
    """

    planned: PlannedLetter
    html: str
    title: str
    digest: str
    calendar: CalendarEntry | None = None
    enclosures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TypesetLetter:
    """The letter as PDF, with the typesetter's findings."""

    planned: PlannedLetter
    pdf: bytes
    pages: int
    digest: str
    findings: tuple[Problem, ...] = ()

    def with_findings(self, more: tuple[Problem, ...]) -> TypesetLetter:
        return replace(self, findings=self.findings + more)
