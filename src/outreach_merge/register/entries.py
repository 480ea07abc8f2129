"""Rows typed by a user or read from a table -> events. Pure: no file, no database, no clock.

A file of deliveries is a table whose columns are those of :data:`ENTRY_COLUMNS`; a letter is named
by its reference, or by letter and recipient.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from outreach_merge import catalogue
from outreach_merge.model import Channel, LetterKey, Problem
from outreach_merge.register.events import (
    LETTER_EVENTS,
    UNNAMED_STATE,
    DetailValue,
    EventKind,
    LetterRecord,
    NewEvent,
)
from outreach_merge.wording import suggest

if TYPE_CHECKING:
    from outreach_merge.protocol import StateLookup

ENTRY_COLUMNS: Mapping[str, str] = {
    "event": "what happened: " + ", ".join(kind.value for kind in EventKind),
    "reference": "reference of the letter; instead of letter and recipient",
    "letter": "which letter, as its file in letters/ is called",
    "recipient": "id of the recipient, or the state where it has one recipient of that letter",
    "state": "the state, for met, spoke and joined; `unnamed` where it is not named even here",
    "on": "the day it happened: 2021-06-15",
    "by": "who did it: the bearer of a letter that was handed over",
    "channel": "how the letter travelled: " + ", ".join(channel.value for channel in Channel),
    "to": "to whom it was handed over",
    "place": "where",
    "meeting": "at which meeting, for met and spoke",
    "issues": "codes of the issues raised, separated by ;",
    "note": "anything worth keeping",
    "receipt": "scan of the receipt: a path, relative to this file",
    "revision": "revision of the letter; blank: the one that was dispatched, or the current one",
    "entry": "number of the entry that a `corrected` event takes back",
    "again": "yes: a second dispatch is meant",
    "confidential": "yes: counted, never named outside the office",
}
"""The columns a file of deliveries may have, and what they mean."""

_YES = {"yes": True, "y": True, "true": True, "1": True, "": False, "no": False, "n": False,
        "false": False, "0": False}  # fmt: skip
_TEXT_DETAILS = {"by": "done_by", "to": "to", "place": "place", "meeting": "meeting",
                 "note": "note"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """One event to enter, with where it was written.

    :param row: the spreadsheet's row; ``None`` where it was typed on the command line.
    :param receipt: path of a scan to store, as it was written; empty for none.
    """

    event: NewEvent
    row: int | None = None
    receipt: str = ""


@dataclass(frozen=True, slots=True)
class Entries:
    """The events of a file or a command, and the problems found in it."""

    entries: tuple[Entry, ...]
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class EntryReader:
    """Resolves references, states and issues of rows of entries.

    :param letters: the letters the register knows, by key.
    :param find_state: the state of a code or name.
    :param issues: the campaign's codes of issues; empty: any code is accepted.
    :param entered_by: who enters.
    :param today: the day of events that name none.
    """

    letters: Mapping[LetterKey, LetterRecord]
    find_state: Callable[[str], StateLookup]
    entered_by: str
    today: dt.date
    issues: Collection[str] = ()
    _by_reference: dict[str, LetterKey] = field(default_factory=dict)

    def by_reference(self, reference: str) -> LetterKey | None:
        if not self._by_reference:
            self._by_reference.update(
                (record.reference, key)
                for key, record in self.letters.items()
                if key.document == "letter"
            )
        return self._by_reference.get(reference)

    def recipients_of(self, letter: str, recipient: str) -> list[LetterKey]:
        """The letters that ``letter`` and ``recipient`` (an id or a state) can mean."""
        named = [
            key
            for key in self.letters
            if key.document == "letter"
            and key.recipient.casefold() == recipient.casefold()
            and letter in ("", key.letter)
        ]
        if named:
            return named
        state = self.find_state(recipient).iso3
        return [
            key
            for key, record in self.letters.items()
            if state
            and key.document == "letter"
            and record.state == state
            and letter in ("", key.letter)
        ]


class _InvalidCell(Exception):
    """A cell that cannot be read; becomes a problem of its row."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def read_entries(
    header: Sequence[str],
    records: Iterable[tuple[int | None, Mapping[str, str]]],
    reader: EntryReader,
    *,
    file: str = "",
    defaults: Mapping[str, str] | None = None,
) -> Entries:
    """The events of a table of deliveries.

    :param defaults: cells for columns that are blank or missing ("event", "on", ...).
    """
    problems = list(_column_problems(header, file))
    entries: list[Entry] = []
    first: dict[tuple[object, ...], int | None] = {}
    for row, cells in records:
        filled = dict(defaults or {}) | {name: cell for name, cell in cells.items() if cell}
        try:
            entry = replace(_entry(filled, reader), row=row)
        except _InvalidCell as wrong:
            problems.append(replace(wrong.problem, file=file, row=row))
            continue
        event = entry.event
        # Two meetings with one state on one day are two events; the same line twice is not.
        same = (event.kind, event.key, event.state, event.happened_on,
                event.details.get("meeting"), event.details.get("entry"))  # fmt: skip
        if same in first:
            twice, earlier = catalogue.DUPLICATE_LINE, first[same]
            problems.append(
                twice.at(file, row, event=event.kind, what=event.subject, first=earlier)
            )
            continue
        first[same] = row
        entries.append(entry)
    return Entries(tuple(entries), tuple(problems))


def _column_problems(header: Sequence[str], file: str) -> Iterable[Problem]:
    for column in header:
        if column and column not in ENTRY_COLUMNS:
            suggestion = suggest(column, tuple(ENTRY_COLUMNS))
            yield catalogue.UNKNOWN_DELIVERIES_COLUMN.at(file, 1, column, suggestion=suggestion)


def _entry(cells: Mapping[str, str], reader: EntryReader) -> Entry:
    kind = _kind(cells.get("event", ""))
    details: dict[str, DetailValue] = {
        name: cells[column] for column, name in _TEXT_DETAILS.items() if cells.get(column)
    }
    if issues := _issues(cells.get("issues", ""), reader.issues):
        details["issues"] = issues
    for name in ("again", "confidential"):
        if _yes(name, cells.get(name, "")):
            details[name] = True
    event = NewEvent(
        kind=kind,
        happened_on=_day(cells.get("on", ""), reader.today),
        by=reader.entered_by,
        channel=_channel(cells.get("channel", "")) if kind is EventKind.DISPATCHED else "",
        details=details,
    )
    if kind is EventKind.CORRECTED:
        number = _number("entry", cells.get("entry", ""))
        if not number:
            raise _InvalidCell(catalogue.NO_ENTRY_NUMBER.at(column="entry"))
        event = replace(event, details=details | {"entry": number})
    elif kind in LETTER_EVENTS:
        key = _letter(cells, reader)
        event = replace(
            event,
            letter=key.letter,
            recipient=key.recipient,
            revision=_number("revision", cells.get("revision", "")),
        )
    else:
        event = replace(event, state=_state(cells, reader, details))
    return Entry(event, receipt=cells.get("receipt", ""))


def _kind(cell: str) -> EventKind:
    try:
        return EventKind(cell.strip().lower())
    except ValueError:
        suggestion = suggest(cell.lower(), [kind.value for kind in EventKind])
        if not cell:
            blank = catalogue.MISSING_CELL.at(column="event", suggestion=suggestion)
            raise _InvalidCell(blank) from None
        unknown = catalogue.UNKNOWN_EVENT.at(column="event", cell=cell, suggestion=suggestion)
        raise _InvalidCell(unknown) from None


def _day(cell: str, today: dt.date) -> dt.date:
    if not cell:
        return today
    try:
        # A workbook's date arrives with a time of midnight.
        return dt.date.fromisoformat(cell.removesuffix(" 00:00:00"))
    except ValueError:
        raise _InvalidCell(catalogue.BAD_DATE.at(column="on", cell=cell)) from None


def _number(column: str, cell: str) -> int:
    if not cell:
        return 0
    if not cell.isascii() or not cell.isdigit() or int(cell) < 1:
        raise _InvalidCell(catalogue.BAD_NUMBER.at(column=column, cell=cell))
    return int(cell)


def _yes(column: str, cell: str) -> bool:
    try:
        return _YES[cell.strip().lower()]
    except KeyError:
        raise _InvalidCell(catalogue.BAD_CELL.at(column=column, cell=cell)) from None


def _channel(cell: str) -> str:
    known = [channel.value for channel in Channel]
    if cell and cell not in known:
        raise _InvalidCell(_unknown("channel", cell, known))
    return cell


def _unknown(column: str, cell: str, known: Collection[str]) -> Problem:
    kind = catalogue.UNKNOWN_IN_COLUMN[column]
    return kind.at(column=column, cell=cell, suggestion=suggest(cell, known))


def _issues(cell: str, known: Collection[str]) -> list[str]:
    codes = [code.strip() for code in cell.replace(",", ";").split(";") if code.strip()]
    for code in codes:
        if known and code not in known:
            raise _InvalidCell(_unknown("issues", code, known))
    return codes


def _state(
    cells: Mapping[str, str], reader: EntryReader, details: Mapping[str, DetailValue]
) -> str:
    cell = cells.get("state", "") or cells.get("recipient", "")
    if not cell:
        raise _InvalidCell(catalogue.NO_STATE_NAMED.at(column="state"))
    if cell.lower() == "unnamed" or cell == UNNAMED_STATE:
        if not details.get("confidential"):
            raise _InvalidCell(catalogue.UNNAMED_STATE.at(column="confidential"))
        return UNNAMED_STATE
    found = reader.find_state(cell)
    if found.problem is not None:
        raise _InvalidCell(replace(found.problem, column="state"))
    return found.iso3


def _letter(cells: Mapping[str, str], reader: EntryReader) -> LetterKey:
    """The letter a row means."""
    reference, letter = cells.get("reference", ""), cells.get("letter", "")
    recipient = cells.get("recipient", "") or cells.get("state", "")
    if ";" in recipient:
        raise _InvalidCell(catalogue.TWO_RECIPIENTS.at(column="recipient", cell=recipient))
    by_reference = reader.by_reference(reference) if reference else None
    if reference and by_reference is None:
        references = [record.reference for record in reader.letters.values()]
        suggestion = suggest(reference, references, "`log show` lists them.")
        unknown = catalogue.UNKNOWN_REFERENCE
        raise _InvalidCell(
            unknown.at(column="reference", reference=reference, suggestion=suggestion)
        )
    if by_reference is not None and not recipient:
        if letter and letter != by_reference.letter:
            raise _InvalidCell(
                catalogue.TWO_LETTERS.at(
                    column="letter", reference=reference, other=by_reference.letter, cell=letter
                )
            )
        return by_reference
    if not recipient:
        raise _InvalidCell(catalogue.NO_LETTER_NAMED.at(column="recipient"))
    found = reader.recipients_of(letter, recipient)
    if by_reference is not None:
        if by_reference not in found:
            other = by_reference.recipient
            raise _InvalidCell(
                catalogue.REFERENCE_OF_OTHER_RECIPIENT.at(
                    column="recipient", reference=reference, recipient=other, cell=recipient
                )
            )
        return by_reference
    if not found:
        state = reader.find_state(recipient)
        if state.problem is not None and state.is_known_name:
            raise _InvalidCell(replace(state.problem, column="recipient"))
        name, unknown_letter = letter or "at all", catalogue.LETTER_NOT_REGISTERED
        raise _InvalidCell(unknown_letter.at(column="recipient", name=name, cell=recipient))
    if len(found) > 1:
        several = ", ".join(str(key) for key in found[:4])
        ambiguous = catalogue.AMBIGUOUS_LETTER
        raise _InvalidCell(ambiguous.at(column="recipient", cell=recipient, several=several))
    return found[0]
