"""What the columns of the dispatch log are: the one place; the docs' dictionary is made from it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar

from outreach_merge.dispatch_log.lines import DispatchLog, Line, as_list, as_text
from outreach_merge.register import Event, EventKind

Value = str | int | bool | dt.date | dt.datetime | tuple[str, ...] | None


class CellType(StrEnum):
    """What a column holds."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    TIME = "time"
    YES = "yes/no"
    LIST = "list"


_Row = TypeVar("_Row")


@dataclass(frozen=True, slots=True)
class Column(Generic[_Row]):
    """One column of an export: its name, what it holds, what it means, where it comes from."""

    name: str
    type: CellType
    meaning: str
    get: Callable[[_Row], Value]


def _letter_columns() -> tuple[Column[Line], ...]:
    k = EventKind
    text, number, date, time, yes, many = CellType

    def last(kind: EventKind) -> Callable[[Line], Value]:
        return lambda line: line.on(kind)

    def fact(detail: str) -> Callable[[Line], Value]:
        return lambda line: line.fact(detail)

    def said(kind: EventKind, detail: str) -> Callable[[Line], Value]:
        return lambda line: line.said(kind, detail)

    def courtesy(attribute: str) -> Callable[[Line], Value]:
        return lambda line: getattr(line.courtesy, attribute) if line.courtesy else None

    return (
        Column("letter", text, "which letter: the name of its file in letters/",
               lambda line: line.record.letter),
        Column("recipient", text, "id of the recipient", lambda line: line.record.recipient),
        Column("state", text, "ISO 3166 alpha-3 code of the recipient's state",
               lambda line: line.record.state),
        Column("state_name", text, "name of the state in English", lambda line: line.state_name),
        Column("region", text, "region of the state (UN M49)", fact("region")),
        Column("subregion", text, "subregion of the state (UN M49)", fact("subregion")),
        Column("kind", text, "kind of recipient", fact("kind")),
        Column("office", text, "what the addressee holds", fact("office")),
        Column("name", text, "the addressee; blank: addressed to the office alone", fact("name")),
        Column("group", text, "the state's group when the letter was made", fact("group")),
        Column("status", text, "the state's status when the letter was made", fact("status")),
        Column("issues", many, "issues of the state when the letter was made, in their order",
               lambda line: line.listed(k.GENERATED, "issues")),
        Column("language", text, "language of the letter", lambda line: line.record.language),
        Column("courtesy_language", text, "language of the courtesy translation",
               courtesy("language")),
        Column("reference", text, "reference printed on the letter",
               lambda line: line.record.reference),
        Column("letter_date", date, "date the letter bears", _letter_date),
        Column("revision", number, "from 1; a letter that had left the office gets the next one",
               lambda line: line.record.revision),
        Column("superseded_by", number, "the revision that took its place; blank: it is current",
               lambda line: line.superseded_by),
        Column("standing", text, "where it stands: the last thing that happened to it",
               lambda line: line.record.status.value),
        Column("standing_on", date, "the day that happened",
               lambda line: line.newest.happened_on),
        Column("channel", text, "how it travels, or travelled", lambda line: line.record.channel),
        Column("bearer", text, "who handed it over, or is to", lambda line: line.bearer),
        Column("signatories", many, "who signs it",
               lambda line: line.listed(k.GENERATED, "signatories")),
        Column("enclosures", many, "what goes with it",
               lambda line: line.listed(k.GENERATED, "enclosures")),
        Column("pages", number, "pages of the file", lambda line: line.record.pages),
        Column("file", text, "the file, relative to the campaign folder",
               lambda line: line.record.file),
        Column("sha256", text, "SHA-256 of the file as it stands",
               lambda line: line.record.digest),
        Column("courtesy_file", text, "file of the courtesy translation", courtesy("file")),
        Column("courtesy_sha256", text, "SHA-256 of that file", courtesy("digest")),
        Column("generated_at", time, "when the file was entered (UTC)",
               lambda line: line.last[k.GENERATED].entered_at),
        Column("approved_on", date, "approved for dispatch", last(k.APPROVED)),
        Column("signatures", text, "how many have signed: 1 of 2; blank before the first",
               lambda line: line.signatures),
        Column("signed_on", date, "signed by all who are to sign it", lambda line: line.signed_on),
        Column("dispatched_on", date, "left the office (the last time, if more than once)",
               last(k.DISPATCHED)),
        Column("delivered_on", date, "handed over", lambda line: line.record.delivered_on),
        Column("delivered_to", text, "to whom", said(k.DELIVERED, "to")),
        Column("delivered_at_place", text, "where", said(k.DELIVERED, "place")),
        Column("acknowledged_on", date, "receipt acknowledged",
               lambda line: line.record.acknowledged_on),
        Column("returned_on", date, "came back undelivered",
               lambda line: line.record.returned_on),
        Column("replied_on", date, "the recipient replied (last reply)", last(k.REPLIED)),
        Column("reply", text, "what was noted of the reply", said(k.REPLIED, "note")),
        Column("superseded_on", date, "recorded as superseded", last(k.SUPERSEDED)),
        Column("withdrawn_on", date, "withdrawn", last(k.WITHDRAWN)),
        Column("receipt", text, "scan of the receipt, relative to the campaign folder",
               lambda line: _receipt(line)),
        Column("note", text, "note of the last event", lambda line: _note(line.newest)),
        Column("confidential", yes, "not to be named outside the office",
               lambda line: line.record.confidential),
    )  # fmt: skip


def _letter_date(line: Line) -> Value:
    try:
        return dt.date.fromisoformat(line.fact("date"))
    except ValueError:
        return None


def _receipt(line: Line) -> str:
    for event in sorted(line.last.values(), key=lambda event: -event.sequence):
        if receipt := as_text(event.details.get("receipt", "")):
            return receipt
    return ""


def _note(event: Event) -> str:
    return as_text(event.details.get("note", ""))


def _event_columns() -> tuple[Column[Event], ...]:
    text, number, date, time, yes, many = CellType
    return (
        Column("entry", number, "number of the entry, from 1, without gaps in the register",
               lambda event: event.sequence),
        Column("entered_at", time, "when it was entered (UTC)", lambda event: event.entered_at),
        Column("event", text, "what happened", lambda event: event.kind.value),
        Column("happened_on", date, "the day it happened", lambda event: event.happened_on),
        Column("letter", text, "which letter; blank for an event on a state",
               lambda event: event.letter),
        Column("recipient", text, "id of the recipient", lambda event: event.recipient),
        Column("document", text, "letter, or courtesy for its courtesy translation",
               lambda event: event.document),
        Column("revision", number, "revision of the letter",
               lambda event: event.revision if event.letter else None),
        Column("state", text, "ISO 3166 alpha-3 code of the state", lambda event: event.state),
        Column("reference", text, "reference of the letter", lambda event: event.reference),
        Column("language", text, "language of the letter", lambda event: event.language),
        Column("channel", text, "how it travels", lambda event: event.channel),
        Column("done_by", text, "who did it", lambda event: _detail(event, "done_by")),
        Column("to", text, "to whom it was handed over", lambda event: _detail(event, "to")),
        Column("place", text, "where", lambda event: _detail(event, "place")),
        Column("meeting", text, "at which meeting", lambda event: _detail(event, "meeting")),
        Column("issues", many, "issues raised; of a letter that was made, its state's",
               lambda event: as_list(event.details.get("issues", ()))),
        Column("note", text, "note", _note),
        Column("receipt", text, "scan of the receipt, relative to the campaign folder",
               lambda event: _detail(event, "receipt")),
        Column("corrects", number, "number of the entry that it takes back", _corrects),
        Column("confidential", yes, "not to be named outside the office",
               lambda event: event.details.get("confidential") is True),
        Column("file", text, "the file, relative to the campaign folder",
               lambda event: event.file),
        Column("sha256", text, "SHA-256 of the file", lambda event: event.digest),
        Column("pages", number, "pages of the file", lambda event: event.pages or None),
        Column("entered_by", text, "who entered it", lambda event: event.by),
        Column("hash", text, "hash of the entry, which covers the entry before it",
               lambda event: event.hash),
    )  # fmt: skip


def _detail(event: Event, name: str) -> str:
    return as_text(event.details.get(name, ""))


def _corrects(event: Event) -> Value:
    entry = event.details.get("entry")
    return entry if event.kind is EventKind.CORRECTED and isinstance(entry, int) else None


LETTER_COLUMNS = _letter_columns()
"""The columns of the sheet of letters."""

EVENT_COLUMNS = _event_columns()
"""The columns of the sheet of events."""


@dataclass(frozen=True, slots=True)
class ExportTable:
    """A table ready to be written: columns and rows of values in their order.

    :param kept: columns, from the first, that say which row it is.
    """

    name: str
    columns: tuple[Column[Any], ...]
    rows: tuple[tuple[Value, ...], ...]
    kept: int

    def records(self) -> Iterator[dict[str, Any]]:
        """Each row as JSON has it: dates in ISO form, lists as lists, ``null`` for nothing."""
        names = [column.name for column in self.columns]
        for row in self.rows:
            yield {name: _json_value(value) for name, value in zip(names, row, strict=True)}


def letters_table(log: DispatchLog) -> ExportTable:
    """One row for each revision of a letter."""
    return _table("Letters", LETTER_COLUMNS, log.lines, kept=2)


def events_table(log: DispatchLog) -> ExportTable:
    """One row for each entry of the register."""
    return _table("Events", EVENT_COLUMNS, log.events, kept=1)


def _table(
    name: str, columns: Sequence[Column[_Row]], rows: Iterable[_Row], kept: int
) -> ExportTable:
    getters = [column.get for column in columns]
    values = tuple(tuple(get(row) for get in getters) for row in rows)
    return ExportTable(name, tuple(columns), values, kept)


def _json_value(value: Value) -> Any:
    if isinstance(value, (dt.datetime, dt.date)):
        return iso(value)
    if isinstance(value, tuple):
        return list(value)
    return None if value == "" else value


def iso(value: dt.date) -> str:
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return value.isoformat()


def dictionary() -> str:
    """The columns' dictionary as Markdown; ``docs/dispatch-log.md`` holds it."""
    parts = []
    for title, columns in (("Letters", LETTER_COLUMNS), ("Events", EVENT_COLUMNS)):
        lines = [f"### {title}", "", "| column | holds | meaning |", "|---|---|---|"]
        lines += [f"| `{c.name}` | {c.type} | {c.meaning} |" for c in columns]
        parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"
