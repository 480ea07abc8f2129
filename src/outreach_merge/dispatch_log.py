"""The dispatch log: the register's events as rows, and the files they are exported to.

One row is one revision of a letter: a letter that left the office stays a row of its own for
ever, even where a later revision takes its place. What the rows hold is decided by
:data:`LETTER_COLUMNS` and :data:`EVENT_COLUMNS`, from which the dictionary in the docs is made.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Generic, TypeVar

from outreach_merge.errors import MachineError
from outreach_merge.register import (
    STATE_EVENTS,
    Event,
    EventKind,
    LetterKey,
    LetterRecord,
    Standing,
    fold,
    standing_events,
)

Value = str | int | bool | dt.date | dt.datetime | tuple[str, ...] | None

ORIGINAL = "letter"
COURTESY = "courtesy"
_MAX_CELL = 32_767  # characters a cell of a workbook holds
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


class Format(StrEnum):
    """What the dispatch log can be exported as."""

    CSV = "csv"
    XLSX = "xlsx"
    JSON = "json"
    JSONL = "jsonl"
    PARQUET = "parquet"


class CellType(StrEnum):
    """What a column holds."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    TIME = "time"
    YES = "yes/no"
    LIST = "list"


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
        return _as_text(event.details.get(detail, "")) if event else ""

    def listed(self, kind: EventKind, detail: str) -> tuple[str, ...]:
        event = self.last.get(kind)
        return _as_list(event.details.get(detail, ())) if event else ()

    def fact(self, detail: str) -> str:
        """What was known about the letter when it was made."""
        return self.said(EventKind.GENERATED, detail)

    @property
    def bearer(self) -> str:
        return self.said(EventKind.DISPATCHED, "done_by") or self.fact("bearer")

    @property
    def newest(self) -> Event:
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
    last = _last_events(standing_events(entered))
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
        if line.record.standing is Standing.DISPATCHED
        and line.record.dispatched_on is not None
        and (today - line.record.dispatched_on).days > days
    )


def _as_text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else ""
    if isinstance(value, (list, tuple)):
        return "; ".join(str(item) for item in value)
    return str(value)


def _as_list(value: object) -> tuple[str, ...]:
    if isinstance(value, (list, tuple)):
        return tuple(str(item) for item in value)
    return (str(value),) if value else ()


# What the columns are

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
        Column("issues", many, "issues the letter takes up, in their order",
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
               lambda line: line.record.standing.value),
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
        Column("signed_on", date, "signed", last(k.SIGNED)),
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
        if receipt := _as_text(event.details.get("receipt", "")):
            return receipt
    return ""


def _note(event: Event) -> str:
    return _as_text(event.details.get("note", ""))


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
        Column("issues", many, "issues raised, or taken up by the letter",
               lambda event: _as_list(event.details.get("issues", ()))),
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
    return _as_text(event.details.get(name, ""))


def _corrects(event: Event) -> Value:
    entry = event.details.get("entry")
    return entry if event.kind is EventKind.CORRECTED and isinstance(entry, int) else None


LETTER_COLUMNS = _letter_columns()
"""The columns of the sheet of letters."""

EVENT_COLUMNS = _event_columns()
"""The columns of the sheet of events."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table ready to be written: columns and rows of values in their order."""

    name: str
    columns: tuple[Column[Any], ...]
    rows: tuple[tuple[Value, ...], ...]

    def records(self) -> Iterator[dict[str, Any]]:
        """Each row as JSON has it: dates in ISO form, lists as lists, ``null`` for nothing."""
        names = [column.name for column in self.columns]
        for row in self.rows:
            yield {name: _json_value(value) for name, value in zip(names, row, strict=True)}


def letters_table(log: DispatchLog) -> Table:
    """One row for each revision of a letter."""
    return _table("Letters", LETTER_COLUMNS, log.lines)


def events_table(log: DispatchLog) -> Table:
    """One row for each entry of the register."""
    return _table("Events", EVENT_COLUMNS, log.events)


def _table(name: str, columns: Sequence[Column[_Row]], rows: Iterable[_Row]) -> Table:
    getters = [column.get for column in columns]
    return Table(name, tuple(columns), tuple(tuple(get(row) for get in getters) for row in rows))


def _json_value(value: Value) -> Any:
    if isinstance(value, (dt.datetime, dt.date)):
        return _iso(value)
    if isinstance(value, tuple):
        return list(value)
    return None if value == "" else value


def _iso(value: dt.date) -> str:
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return value.isoformat()


# The files


def export(tables: Sequence[Table], format: Format) -> bytes:
    """The tables as a file. A workbook holds all of them, every other format the first.

    :raises MachineError: Parquet is asked for and pyarrow is not installed.
    """
    first = tables[0]
    match format:
        case Format.CSV:
            return _csv(first)
        case Format.JSON:
            return _json(first)
        case Format.JSONL:
            return _json_lines(first)
        case Format.XLSX:
            return _xlsx(tables)
        case Format.PARQUET:
            return _parquet(first)


def _csv(table: Table) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(column.name for column in table.columns)
    writer.writerows([_csv_cell(value) for value in row] for row in table.rows)
    return text.getvalue().encode("utf-8")


def _csv_cell(value: Value) -> str | int:
    """Text that a spreadsheet would run as a formula gets an apostrophe before it."""
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_FORMULA_STARTS) else value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else ""
    if isinstance(value, int):
        return value
    if isinstance(value, tuple):
        return _csv_cell("; ".join(value))
    return _iso(value)


def _json(table: Table) -> bytes:
    rows = ",\n".join(json.dumps(record, ensure_ascii=False) for record in table.records())
    return f"[\n{rows}\n]\n".encode() if rows else b"[]\n"


def _json_lines(table: Table) -> bytes:
    return "".join(
        json.dumps(record, ensure_ascii=False) + "\n" for record in table.records()
    ).encode("utf-8")


def _xlsx(tables: Sequence[Table]) -> bytes:
    # XlsxWriter, not openpyxl: 20,000 letters with their events in half the time.
    import xlsxwriter  # type: ignore[import-untyped]

    data = io.BytesIO()
    with xlsxwriter.Workbook(data, {"in_memory": True}) as workbook:
        formats = {
            CellType.DATE: workbook.add_format({"num_format": "yyyy-mm-dd"}),
            CellType.TIME: workbook.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        }
        header = workbook.add_format({"bold": True, "bottom": 1, "valign": "top"})
        for table in tables:
            _sheet(workbook.add_worksheet(table.name), table, formats, header)
    return data.getvalue()


def _sheet(sheet: Any, table: Table, formats: dict[CellType, Any], header: Any) -> None:
    for at, column in enumerate(table.columns):
        sheet.write_string(0, at, column.name, header)
        cell_format = formats.get(column.type)
        width = len(column.name) + 3  # room for the filter's arrow
        for number, row in enumerate(table.rows, start=1):
            value = row[at]
            if value is None or value == "" or value is False or value == ():
                continue
            if isinstance(value, dt.datetime):
                sheet.write_datetime(
                    number,
                    at,
                    value.astimezone(dt.UTC).replace(tzinfo=None),
                    cell_format,
                )
                shown = 19
            elif isinstance(value, dt.date):
                sheet.write_datetime(number, at, value, cell_format)
                shown = 10
            elif isinstance(value, int) and value is not True:
                sheet.write_number(number, at, value)
                shown = 6
            else:
                text = _cell_text(value)
                # Always as a string: a text that looks like a formula, a number or an address
                # of the web stays the text it is.
                sheet.write_string(number, at, text)
                shown = len(text)
            width = max(width, shown + 1)
        sheet.set_column(at, at, min(width, 48))
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(len(table.rows), 1), len(table.columns) - 1)


def _cell_text(value: Value) -> str:
    text = _as_text(value)
    return text if len(text) <= _MAX_CELL else f"{text[: _MAX_CELL - 1]}\u2026"


def _parquet(table: Table) -> bytes:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise MachineError(
            "Parquet needs pyarrow, which is not installed.",
            "Install outreach-merge with its parquet extra, or export as CSV or JSON.",
        ) from error
    types = {
        CellType.TEXT: pa.string(),
        CellType.NUMBER: pa.int64(),
        CellType.DATE: pa.date32(),
        CellType.TIME: pa.timestamp("us", tz="UTC"),
        CellType.YES: pa.bool_(),
        CellType.LIST: pa.list_(pa.string()),
    }
    schema = pa.schema([(column.name, types[column.type]) for column in table.columns])
    columns = [
        pa.array(
            [None if value == "" else value for value in (row[at] for row in table.rows)],
            type=schema.field(at).type,
        )
        for at in range(len(table.columns))
    ]
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_arrays(columns, schema=schema), sink, compression="zstd")
    return sink.getvalue()


def dictionary() -> str:
    """The columns' dictionary as Markdown; ``docs/dispatch-log.md`` holds it."""
    parts = []
    for title, columns in (("Letters", LETTER_COLUMNS), ("Events", EVENT_COLUMNS)):
        lines = [f"### {title}", "", "| column | holds | meaning |", "|---|---|---|"]
        lines += [f"| `{c.name}` | {c.type} | {c.meaning} |" for c in columns]
        parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"
