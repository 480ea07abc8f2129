"""The register opened on a database: entering, reading, verifying."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import astuple, fields
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.dialects import postgresql, sqlite

from outreach_merge.errors import RegisterError
from outreach_merge.model import Problem
from outreach_merge.register import schema, tables
from outreach_merge.register.events import (
    GENESIS,
    STATE_EVENTS,
    Event,
    EventKind,
    LetterKey,
    LetterRecord,
    NewEvent,
    Standing,
    canonical_details,
    entry_hash,
)
from outreach_merge.register.failures import (
    EntriesRefused,
    RegisterDamaged,
    RegisterMissing,
    RegisterUnavailable,
)
from outreach_merge.register.rules import (
    Ledger,
    completed,
    corrected_entry,
    fold,
    is_known_already,
    refusal,
)

Clock = Callable[[], dt.datetime]

_EVENT_COLUMNS = (
    "kind", "happened_on", "by", "letter", "recipient", "document", "state", "language",
    "reference", "channel", "file", "digest", "pages", "revision", "details",
    "sequence", "entered_at", "previous", "hash",
)  # fmt: skip
_RECORD_COLUMNS = tuple(item.name for item in fields(LetterRecord))
_MANY = 5000  # more recipients than this are not listed in a query; everything is read
_NEED_HISTORY = STATE_EVENTS | {
    EventKind.CORRECTED,
    EventKind.REPLIED,
    EventKind.APPROVED,
    EventKind.SIGNED,
}


def utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class Register:
    """The dispatch register of one campaign.

    Use as a context manager::

        with Register.open(folder / "register.sqlite", "ATT-CSP7") as register:
            register.append([NewEvent(...)])

    Every method raises :class:`RegisterUnavailable` where the database cannot be reached, and
    :class:`RegisterDamaged` where what it holds cannot be read.
    """

    def __init__(self, engine: sa.Engine, name: str, campaign: str, clock: Clock) -> None:
        self._engine = engine
        self._campaign = campaign
        self._clock = clock
        self.name = name

    @classmethod
    def open(
        cls,
        where: str | Path,
        campaign: str,
        clock: Clock = utc_now,
        *,
        create: bool = True,
        wait: float = 30.0,
    ) -> Self:
        """Opens the register, making or migrating it where needed.

        :param where: a file (SQLite), or a URL ``postgresql://user@host/database``.
        :param campaign: the campaign's code.
        :param create: make the register where there is none.
        :param wait: seconds to wait for others who are entering.
        :raises RegisterMissing: there is none and ``create`` is false.
        :raises RegisterUnavailable: locked, no permission, server down.
        :raises RegisterDamaged: the file is no database, or a damaged one.
        :raises RegisterError: written by a newer version, or of another campaign.
        """
        url, name, path = _address(where)
        if path is not None and not create and not path.exists():
            raise RegisterMissing(
                f"There is no register at {path} yet.",
                "It is made when the first letters are generated.",
            )
        try:
            engine = _engine(url, wait)
        except ImportError as error:
            raise RegisterUnavailable(
                f"The driver for {name} is not installed ({error.name}).",
                "Install outreach-merge with its postgresql extra.",
            ) from error
        register = cls(engine, name, campaign, clock)
        try:
            register._prepare(path is not None, create)
        except BaseException:
            engine.dispose()
            raise
        return register

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Gives the database back; entries are safe from the moment ``append`` returned."""
        self._engine.dispose()

    # Entering

    def append(self, new: Sequence[NewEvent]) -> tuple[Event, ...]:
        """Enters events in one transaction: all of them, or none.

        A ``generated`` event that the register holds already is passed over, so that a run that
        was killed may enter its letters again; it is not among the events returned.

        :raises EntriesRefused: an event breaks a rule; carries every refused event and why.
        """
        if not new:
            return ()
        with self._writing() as connection:
            head = self._lock_campaign(connection)
            entered, ledger = self._weigh(connection, new, head)
            if entered:
                self._write(connection, entered, ledger)
        return tuple(entered)

    def rehearse(self, new: Sequence[NewEvent]) -> int:
        """How many entries ``append`` would make; enters nothing.

        :raises EntriesRefused: what ``append`` would refuse now.
        """
        with self._reading() as connection:
            entered, _ = self._weigh(connection, new, self._head(connection))
        return len(entered)

    def _weigh(
        self, connection: sa.Connection, new: Sequence[NewEvent], head: tuple[int, str]
    ) -> tuple[list[Event], Ledger]:
        """The entries that the events make after ``head``, and where everything stands then."""
        sequence, previous = head
        ledger = self._ledger_for(connection, new)
        now = self._clock().astimezone(dt.UTC)
        today = max(now.date(), now.astimezone().date())
        entered: list[Event] = []
        refused: list[tuple[int, Problem]] = []
        for position, event in enumerate(new):
            if is_known_already(ledger, event):
                continue
            event = completed(ledger, event)
            problem = refusal(ledger, event, today)
            if problem is not None:
                refused.append((position, problem))
                continue
            sequence += 1
            entry = self._entry(event, sequence, now, previous)
            previous = entry.hash
            ledger.apply(entry)
            entered.append(entry)
        if refused:
            raise EntriesRefused(refused)
        return entered, ledger

    def _entry(self, event: NewEvent, sequence: int, now: dt.datetime, previous: str) -> Event:
        values = {item.name: getattr(event, item.name) for item in fields(NewEvent)}
        details = canonical_details(event.details)
        digest = entry_hash(
            values
            | {
                "campaign": self._campaign,
                "sequence": sequence,
                "entered_at": now,
                "kind": event.kind.value,
                "details": details,
                "previous": previous,
            }
        )
        return Event(
            **(values | {"details": json.loads(details)}),
            sequence=sequence,
            entered_at=now,
            previous=previous,
            hash=digest,
        )

    def _lock_campaign(self, connection: sa.Connection) -> tuple[int, str]:
        """Number and hash of the last entry; nobody else enters until the transaction ends."""
        head = (
            sa.select(tables.campaigns.c.last_sequence, tables.campaigns.c.last_hash)
            .where(tables.campaigns.c.code == self._campaign)
            .with_for_update()
        )
        row = connection.execute(head).one_or_none()
        if row is None:
            raise RegisterDamaged(
                f"{self.name} no longer knows the campaign {self._campaign}.",
                "Restore the register from a backup; `log verify` says what is missing.",
            )
        return row.last_sequence, row.last_hash

    def _ledger_for(self, connection: sa.Connection, new: Sequence[NewEvent]) -> Ledger:
        ledger = Ledger()
        corrected = [corrected_entry(event) for event in new if event.kind is EventKind.CORRECTED]
        targets = list(self._read(connection, sequences=corrected)) if corrected else []
        recipients = {event.recipient for event in (*new, *targets) if event.recipient}
        for record in self._records(connection, recipients):
            ledger.letters.setdefault(record.key, {})[record.revision] = record
        history = [event for event in (*new, *targets) if event.kind in _NEED_HISTORY]
        if history or targets:
            subjects = [*history, *targets]
            for event in self._read(
                connection, recipients={event.recipient for event in subjects if event.recipient}
            ):
                ledger.remember(event)
            states = {event.state for event in subjects if not event.recipient}
            for event in self._read(connection, states=states):
                ledger.remember(event)
        return ledger

    def _write(self, connection: sa.Connection, entered: Sequence[Event], ledger: Ledger) -> None:
        connection.execute(sa.insert(tables.events), [self._event_row(event) for event in entered])
        self._project(connection, {event.key for event in entered if event.letter}, ledger.letters)
        connection.execute(
            sa.update(tables.campaigns)
            .where(tables.campaigns.c.code == self._campaign)
            .values(last_sequence=entered[-1].sequence, last_hash=entered[-1].hash)
        )

    def _event_row(self, event: Event) -> dict[str, Any]:
        row = {name: getattr(event, name) for name in _EVENT_COLUMNS}
        return row | {
            "campaign": self._campaign,
            "kind": event.kind.value,
            "details": canonical_details(event.details),
        }

    def _project(
        self,
        connection: sa.Connection,
        keys: Iterable[LetterKey],
        letters: dict[LetterKey, dict[int, LetterRecord]],
    ) -> None:
        rows = [
            self._record_row(record) for key in keys for record in letters.get(key, {}).values()
        ]
        if not rows:
            return
        dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
        statement = dialect.insert(tables.letters)
        key_columns = list(tables.letters.primary_key.columns)
        statement = statement.on_conflict_do_update(
            index_elements=key_columns,
            set_={
                column.name: statement.excluded[column.name]
                for column in tables.letters.columns
                if column not in key_columns
            },
        )
        connection.execute(statement, rows)

    def _record_row(self, record: LetterRecord) -> dict[str, Any]:
        row: dict[str, Any] = dict(zip(_RECORD_COLUMNS, astuple(record), strict=True))
        return row | {"campaign": self._campaign, "standing": record.standing.value}

    # Reading

    def events(
        self,
        *,
        letter: str = "",
        recipient: str = "",
        state: str = "",
        digest: str = "",
        kinds: Collection[EventKind] = (),
    ) -> Iterator[Event]:
        """The entries in their order, all or those that match every filter given."""
        with self._reading() as connection:
            yield from self._read(
                connection,
                letter=letter,
                recipients={recipient} if recipient else None,
                states={state} if state else None,
                digest=digest,
                kinds=kinds,
            )

    def letters(self) -> dict[LetterKey, LetterRecord]:
        """Where each letter stands: its current revision."""
        with self._reading() as connection:
            return {record.key: record for record in self._records(connection, current=True)}

    def revisions(self) -> dict[LetterKey, dict[int, LetterRecord]]:
        """Where every revision of every letter stands."""
        letters: dict[LetterKey, dict[int, LetterRecord]] = {}
        with self._reading() as connection:
            for record in self._records(connection):
                letters.setdefault(record.key, {})[record.revision] = record
        return letters

    def head(self) -> tuple[int, str]:
        """Number and hash of the last entry: kept elsewhere, they prove the register whole."""
        with self._reading() as connection:
            return self._head(connection)

    def _head(self, connection: sa.Connection) -> tuple[int, str]:
        row = connection.execute(
            sa.select(tables.campaigns.c.last_sequence, tables.campaigns.c.last_hash).where(
                tables.campaigns.c.code == self._campaign
            )
        ).one_or_none()
        return (row.last_sequence, row.last_hash) if row else (0, GENESIS)

    def _records(
        self,
        connection: sa.Connection,
        recipients: Collection[str] | None = None,
        *,
        current: bool = False,
    ) -> Iterator[LetterRecord]:
        table = tables.letters
        query = (
            sa.select(*(table.c[name] for name in _RECORD_COLUMNS))
            .where(table.c.campaign == self._campaign)
            .order_by(table.c.letter, table.c.recipient, table.c.document, table.c.revision)
        )
        if recipients is not None and len(recipients) <= _MANY:
            query = query.where(table.c.recipient.in_(sorted(recipients)))
        if current:
            query = query.where(table.c.current.is_(True))
        at = _RECORD_COLUMNS.index("standing")
        for row in self._rows(connection, query):
            values: list[Any] = list(row)
            try:
                values[at] = Standing(row[at])
            except ValueError as error:
                raise _unreadable(f"where a letter stands in {self.name}") from error
            yield LetterRecord(*values)

    def _rows(self, connection: sa.Connection, query: sa.Select[Any]) -> Iterator[sa.Row[Any]]:
        """The rows of a query; a cell that is not what its column holds was changed by hand."""
        try:
            yield from connection.execute(query)
        except (ValueError, TypeError) as error:
            raise _unreadable(self.name) from error

    def _read(
        self,
        connection: sa.Connection,
        *,
        letter: str = "",
        recipients: Collection[str] | None = None,
        states: Collection[str] | None = None,
        sequences: Collection[int] | None = None,
        digest: str = "",
        kinds: Collection[EventKind] = (),
    ) -> Iterator[Event]:
        table = tables.events
        query = (
            sa.select(*(table.c[name] for name in _EVENT_COLUMNS))
            .where(table.c.campaign == self._campaign)
            .order_by(table.c.sequence)
        )
        if letter:
            query = query.where(table.c.letter == letter)
        if recipients is not None and len(recipients) <= _MANY:
            query = query.where(table.c.recipient.in_(sorted(recipients)))
        if states is not None:
            query = query.where(table.c.state.in_(sorted(states)))
        if sequences is not None:
            query = query.where(table.c.sequence.in_(sorted(sequences)))
        if digest:
            query = query.where(table.c.digest == digest)
        if kinds:
            query = query.where(table.c.kind.in_(sorted(kinds)))
        kind_at, details_at = _EVENT_COLUMNS.index("kind"), _EVENT_COLUMNS.index("details")
        for row in self._rows(connection, query):
            values = dict(zip(_EVENT_COLUMNS, row, strict=True))
            try:
                values["kind"] = EventKind(row[kind_at])
                values["details"] = json.loads(row[details_at])
            except ValueError as error:
                raise _unreadable(f"entry {values['sequence']} of {self.name}") from error
            yield Event(**values)

    # Verifying

    def verify(self) -> list[Problem]:
        """Everything that shows the register was changed by other hands; empty when it is whole.

        The hash of every entry is computed anew, numbers must follow each other, each entry must
        carry the hash of the one before, the last must be the one the campaign's row names, and
        the table of where letters stand must be what the entries make of it.
        """
        with self._reading() as connection:
            findings = self._integrity(connection)
            findings += self._chain_findings(connection)
            findings += self._projection_findings(connection)
        return findings

    def rebuild_letters(self) -> None:
        """Makes the table of where letters stand anew from the entries."""
        with self._writing() as connection:
            self._lock_campaign(connection)
            connection.execute(
                sa.delete(tables.letters).where(tables.letters.c.campaign == self._campaign)
            )
            letters = fold(self._read(connection))
            self._project(connection, letters, letters)

    def _integrity(self, connection: sa.Connection) -> list[Problem]:
        if connection.dialect.name != "sqlite":
            return []
        lines = [str(row[0]) for row in connection.exec_driver_sql("PRAGMA integrity_check")]
        return [
            Problem("database-damaged", f"{self.name}: {line}", _RECOVERY)
            for line in lines
            if line != "ok"
        ]

    def _chain_findings(self, connection: sa.Connection) -> list[Problem]:
        findings: list[Problem] = []
        table = tables.events
        columns = [
            sa.type_coerce(column, sa.String).label(column.name)
            if isinstance(column.type, (sa.Date, tables.Moment))
            and connection.dialect.name == "sqlite"
            else column
            for column in table.columns
        ]
        rows = connection.execute(
            sa.select(*columns).where(table.c.campaign == self._campaign).order_by(table.c.sequence)
        )
        number, known = 0, GENESIS
        for row in rows.mappings():
            found = row["sequence"]
            gap = found != number + 1
            if gap:
                findings.append(_missing(number + 1, found - 1))
            if row["hash"] != entry_hash(dict(row)):
                findings.append(
                    Problem(
                        "entry-changed",
                        f"Entry {found} ({_describe(row)}) was changed after it was entered.",
                        "Compare it with a backup or an export made earlier.",
                    )
                )
            if not gap and row["previous"] != known:
                findings.append(
                    Problem(
                        "chain-broken",
                        f"Entry {found} ({_describe(row)}) does not follow the entry that now "
                        f"stands before it.",
                        "One of the two was replaced: compare both with a backup.",
                    )
                )
            number, known = found, row["hash"]
        last_sequence, last_hash = self._head(connection)
        if last_sequence > number:
            findings.append(_missing(number + 1, last_sequence))
        elif (last_sequence, last_hash) != (number, known):
            findings.append(
                Problem(
                    "head-changed",
                    f"The last entry is {number}, but the register's head says {last_sequence} "
                    "or has another hash.",
                    "An entry was added or replaced by other hands: compare with a backup.",
                )
            )
        return findings

    def _projection_findings(self, connection: sa.Connection) -> list[Problem]:
        try:
            expected = fold(self._read(connection))
            found: dict[LetterKey, dict[int, LetterRecord]] = {}
            for record in self._records(connection):
                found.setdefault(record.key, {})[record.revision] = record
        except (ValueError, KeyError, TypeError, RegisterDamaged):
            return [
                Problem(
                    "letters-unreadable",
                    "Where the letters stand cannot be made from the entries as they are.",
                    "See the other findings first.",
                )
            ]
        return [
            Problem(
                "letters-differ",
                f"{key}: the table of where letters stand does not say what the entries say.",
                "`log verify --rebuild` makes that table anew from the entries.",
                letter=str(key),
            )
            for key in sorted(set(expected) | set(found))
            if expected.get(key) != found.get(key)
        ]

    # The database

    def _prepare(self, own_file: bool, create: bool) -> None:
        with self._reading() as connection:
            ready = schema.is_current(connection) and self._has_campaign(connection, own_file)
        if ready:
            return
        if not create:
            raise RegisterMissing(
                f"{self.name} holds no register of the campaign {self._campaign} yet.",
                "It is made when the first letters are generated.",
            )
        with self._writing() as connection:
            if connection.dialect.name == "postgresql":
                # Two first runs at once: one makes the tables, the other waits here.
                connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7202107)")
            schema.bring_up_to_date(connection)
            if not self._has_campaign(connection, own_file):
                connection.execute(
                    sa.insert(tables.campaigns).values(
                        code=self._campaign,
                        created_at=self._clock(),
                        last_sequence=0,
                        last_hash=GENESIS,
                    )
                )

    def _has_campaign(self, connection: sa.Connection, own_file: bool) -> bool:
        codes = set(connection.scalars(sa.select(tables.campaigns.c.code)))
        if self._campaign in codes:
            return True
        if codes and own_file:
            raise RegisterError(
                f"{self.name} is the register of another campaign: {', '.join(sorted(codes))}, "
                f"not {self._campaign}.",
                "Correct the campaign's code, or name another file for the register.",
            )
        return False

    @contextmanager
    def _reading(self) -> Iterator[sa.Connection]:
        with self._speaking(), self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[sa.Connection]:
        with self._speaking(), self._engine.connect() as connection:
            connection = connection.execution_options(register_writes=True)
            with connection.begin():
                yield connection

    @contextmanager
    def _speaking(self) -> Iterator[None]:
        """Turns the driver's errors into ones that say what to do."""
        try:
            yield
        except exc.DBAPIError as error:
            raise _translated(error, self.name) from error
        except exc.TimeoutError as error:
            raise RegisterUnavailable(
                f"{self.name} is busy.", "Try again when others have finished."
            ) from error


_RECOVERY = (
    "Nothing was written. Keep the file, restore the last backup, or recover what can be read "
    'with `sqlite3 register.sqlite .recover | sqlite3 recovered.sqlite`, then run "log verify".'
)


def _missing(first: int, last: int) -> Problem:
    which = f"Entry {first} is" if first == last else f"Entries {first} to {last} are"
    return Problem("entry-missing", f"{which} missing.", "Restore the register from a backup.")


def _describe(row: Any) -> str:
    subject = f"{row['letter']}/{row['recipient']}" if row["letter"] else row["state"]
    return f"{row['kind']} {subject}"


def _unreadable(what: str) -> RegisterDamaged:
    return RegisterDamaged(f"Cannot read {what}: it was changed by other hands.", _RECOVERY)


def _address(where: str | Path) -> tuple[sa.URL, str, Path | None]:
    """The database's URL, how messages name it (without its password), and SQLite's file."""
    text = str(where)
    if "://" not in text:
        path = Path(where)
        return sa.URL.create("sqlite", database=str(path)), path.name, path
    try:
        url = sa.make_url(text)
    except exc.ArgumentError as error:
        raise RegisterError(
            "The register's address cannot be understood.",
            "Write it as postgresql://user@host/database, or name a file.",
        ) from error
    backend = url.drivername.split("+")[0]
    if backend == "sqlite" and url.database:
        path = Path(url.database)
        return sa.URL.create("sqlite", database=str(path)), path.name, path
    if backend in ("postgresql", "postgres"):
        url = url.set(drivername="postgresql+psycopg")
        shown = url.set(drivername="postgresql", query={}).render_as_string(hide_password=True)
        return url, shown, None
    raise RegisterError(
        f'"{backend}" is no database that a register can be kept in.',
        "Name a file (SQLite), or write postgresql://user@host/database.",
    )


def _engine(url: sa.URL, wait: float) -> sa.Engine:
    if url.get_backend_name() == "postgresql":
        milliseconds = int(wait * 1000)
        query = dict(url.query)
        query.setdefault("connect_timeout", "10")
        query.setdefault("options", f"-c lock_timeout={milliseconds}")
        return sa.create_engine(url.set(query=query), pool_pre_ping=True, pool_size=2)
    engine = sa.create_engine(url, connect_args={"timeout": wait})

    @sa.event.listens_for(engine, "connect")
    def _set_up(connection: sqlite3.Connection, _record: Any) -> None:
        # The driver's own handling of transactions is switched off: "begin" below does it.
        connection.isolation_level = None
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = FULL")
        _use_wal(connection, wait)

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        writes = connection.get_execution_options().get("register_writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _use_wal(connection: sqlite3.Connection, wait: float) -> None:
    """Write-ahead logging; SQLite does not wait for others when it is switched on."""
    deadline = time.monotonic() + wait
    while connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorname != "SQLITE_BUSY" or time.monotonic() > deadline:
                raise
            time.sleep(0.02)


_DAMAGED = {"SQLITE_NOTADB", "SQLITE_CORRUPT", "SQLITE_CORRUPT_INDEX", "SQLITE_CORRUPT_VTAB"}


def _translated(error: exc.DBAPIError, name: str) -> RegisterError:
    driver = error.orig
    if isinstance(driver, sqlite3.Error):
        return _translated_sqlite(driver, name)
    said = str(driver).strip().splitlines()
    first = said[0] if said else type(driver).__name__
    if type(driver).__name__ in ("LockNotAvailable", "DeadlockDetected", "SerializationFailure"):
        return RegisterUnavailable(
            f"{name} is held by somebody else who is entering.", "Try again in a moment."
        )
    if type(driver).__name__ in ("UndefinedTable", "UndefinedColumn"):
        return RegisterDamaged(
            f"{name} is not as a register should be: {first}", "Restore it from a backup."
        )
    return RegisterUnavailable(
        f"The database server of the register ({name}) fails: {first}",
        "Nothing was entered. Start the server or correct the address, then run again: letters "
        "that were made meanwhile are entered by the next run.",
    )


def _translated_sqlite(driver: sqlite3.Error, name: str) -> RegisterError:
    code = getattr(driver, "sqlite_errorname", "") or ""
    if code in _DAMAGED:
        return RegisterDamaged(f"{name} is damaged or no register ({driver}).", _RECOVERY)
    if code.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return RegisterUnavailable(
            f"{name} is locked by another program.",
            "Close what has it open (a database browser, another run) and try again.",
        )
    if code.startswith("SQLITE_FULL"):
        return RegisterUnavailable(
            f"The disk is full: {name} cannot be written.", "Make room and run again."
        )
    if code.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM", "SQLITE_IOERR")):
        return RegisterUnavailable(
            f"{name} cannot be opened or written ({driver}).",
            "Check that its folder exists and that you may write there.",
        )
    return RegisterDamaged(f"{name} is not as a register should be ({driver}).", _RECOVERY)
