"""Events and letter records <-> rows of the database."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass, fields
from typing import Any

import sqlalchemy as sa

from outreach_merge.model import LetterKey
from outreach_merge.register import tables
from outreach_merge.register.events import (
    GENESIS,
    Event,
    EventKind,
    LetterRecord,
    LetterStatus,
    canonical_details,
)
from outreach_merge.register.failures import RegisterDamaged, damaged_cell
from outreach_merge.register.ledger import LetterRevisions

_EVENT_COLUMNS = (
    "kind", "happened_on", "by", "letter", "recipient", "document", "state", "language",
    "reference", "channel", "file", "digest", "pages", "revision", "details",
    "sequence", "entered_at", "previous", "hash",
)  # fmt: skip
_RECORD_COLUMNS = tuple(item.name for item in fields(LetterRecord))
_MOST_IN_A_QUERY = 5000  # with more recipients than this, all rows are read


@dataclass(frozen=True, slots=True)
class RegisterRows:
    """Reads and writes the rows of one campaign, within a transaction.

    :param name: how messages name the database.
    """

    connection: sa.Connection
    campaign: str
    name: str

    def codes(self) -> set[str]:
        """The campaigns that have a register in this database."""
        return set(self.connection.scalars(sa.select(tables.campaigns.c.code)))

    def begin_campaign(self, now: dt.datetime) -> None:
        """Create the campaign's register, without an entry."""
        self.connection.execute(
            sa.insert(tables.campaigns).values(
                code=self.campaign, created_at=now, last_sequence=0, last_hash=GENESIS
            )
        )

    def head(self) -> tuple[int, str]:
        """Number and hash of the last entry."""
        row = self.connection.execute(self._head_query()).one_or_none()
        return (row.last_sequence, row.last_hash) if row else (0, GENESIS)

    def lock(self) -> tuple[int, str]:
        """The head, locked: other writers wait until the transaction ends.

        :raises RegisterDamaged: the campaign's row is missing.
        """
        row = self.connection.execute(self._head_query().with_for_update()).one_or_none()
        if row is None:
            raise RegisterDamaged(
                f"{self.name} no longer knows the campaign {self.campaign}.",
                "Restore the register from a backup; `log verify` says what is missing.",
            )
        return row.last_sequence, row.last_hash

    def _head_query(self) -> sa.Select[tuple[int, str]]:
        columns = tables.campaigns.c
        return sa.select(columns.last_sequence, columns.last_hash).where(
            columns.code == self.campaign
        )

    # Reading

    def events(
        self,
        *,
        letter: str = "",
        recipients: Collection[str] | None = None,
        states: Collection[str] | None = None,
        sequences: Collection[int] | None = None,
        digest: str = "",
        kinds: Collection[EventKind] = (),
    ) -> Iterator[Event]:
        """The entries in their order, those that match every filter given."""
        column = tables.events.c
        query = (
            sa.select(*(column[name] for name in _EVENT_COLUMNS))
            .where(column.campaign == self.campaign)
            .order_by(column.sequence)
        )
        if letter:
            query = query.where(column.letter == letter)
        if recipients is not None and len(recipients) <= _MOST_IN_A_QUERY:
            query = query.where(column.recipient.in_(sorted(recipients)))
        if states is not None:
            query = query.where(column.state.in_(sorted(states)))
        if sequences is not None:
            query = query.where(column.sequence.in_(sorted(sequences)))
        if digest:
            query = query.where(column.digest == digest)
        if kinds:
            query = query.where(column.kind.in_(sorted(kinds)))
        for row in self._rows(query):
            values = dict(zip(_EVENT_COLUMNS, row, strict=True))
            try:
                values["kind"] = EventKind(values["kind"])
                values["details"] = json.loads(values["details"])
            except ValueError as error:
                raise damaged_cell(f"entry {values['sequence']} of {self.name}") from error
            yield Event(**values)

    def records(
        self, recipients: Collection[str] | None = None, *, current: bool = False
    ) -> Iterator[LetterRecord]:
        """The records of all letters, or of those of some recipients.

        :param current: only the newest revision of each letter.
        """
        column = tables.letters.c
        query = (
            sa.select(*(column[name] for name in _RECORD_COLUMNS))
            .where(column.campaign == self.campaign)
            .order_by(column.letter, column.recipient, column.document, column.revision)
        )
        if recipients is not None and len(recipients) <= _MOST_IN_A_QUERY:
            query = query.where(column.recipient.in_(sorted(recipients)))
        if current:
            query = query.where(column.current.is_(True))
        at = _RECORD_COLUMNS.index("status")
        for row in self._rows(query):
            values: list[Any] = list(row)
            try:
                values[at] = LetterStatus(row[at])
            except ValueError as error:
                raise damaged_cell(f"where a letter stands in {self.name}") from error
            yield LetterRecord(*values)

    def revisions(
        self, recipients: Collection[str] | None = None
    ) -> dict[LetterKey, LetterRevisions]:
        """The records by letter and revision."""
        revisions: dict[LetterKey, LetterRevisions] = {}
        for record in self.records(recipients):
            revisions.setdefault(record.key, {})[record.revision] = record
        return revisions

    def _rows(self, query: sa.Select[Any]) -> Iterator[sa.Row[Any]]:
        """The rows of a query.

        :raises RegisterDamaged: a cell has a value that its column cannot hold.
        """
        try:
            yield from self.connection.execute(query)
        except (ValueError, TypeError) as error:
            raise damaged_cell(self.name) from error

    # Writing

    def add(self, entries: Sequence[Event]) -> None:
        """Write entries after the last one, and update the head."""
        self.connection.execute(
            sa.insert(tables.events), [self._event_row(event) for event in entries]
        )
        last = entries[-1]
        self.connection.execute(
            sa.update(tables.campaigns)
            .where(tables.campaigns.c.code == self.campaign)
            .values(last_sequence=last.sequence, last_hash=last.hash)
        )

    def put(self, records: Iterable[LetterRecord]) -> None:
        """Insert or replace records."""
        rows = [self._record_row(record) for record in records]
        if rows:
            self.connection.execute(_upsert(self.connection), rows)

    def remove_records(self) -> None:
        """Delete the records of the campaign; they can be computed from the entries."""
        column = tables.letters.c
        self.connection.execute(sa.delete(tables.letters).where(column.campaign == self.campaign))

    def _event_row(self, event: Event) -> dict[str, Any]:
        row = {name: getattr(event, name) for name in _EVENT_COLUMNS}
        return row | {
            "campaign": self.campaign,
            "kind": event.kind.value,
            "details": canonical_details(event.details),
        }

    def _record_row(self, record: LetterRecord) -> dict[str, Any]:
        row: dict[str, Any] = dict(zip(_RECORD_COLUMNS, astuple(record), strict=True))
        return row | {"campaign": self.campaign, "status": record.status.value}


def _upsert(connection: sa.Connection) -> sa.Insert:
    # Imported only to write: it makes reading start faster.
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert
    else:
        from sqlalchemy.dialects.sqlite import insert  # type: ignore[assignment]

    statement = insert(tables.letters)
    key = list(tables.letters.primary_key.columns)
    return statement.on_conflict_do_update(
        index_elements=key,
        set_={
            column.key: statement.excluded[column.key]
            for column in tables.letters.columns
            if column not in key
        },
    )
