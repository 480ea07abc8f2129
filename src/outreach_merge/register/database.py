"""The database of a register: its address, transactions, and errors of its driver."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import exc

from outreach_merge.errors import RegisterError
from outreach_merge.register.failures import RECOVERY, RegisterDamaged, RegisterUnavailable


class Database:
    """A database: a file (SQLite), or a server by URL (PostgreSQL).

    :param where: a path, or a URL ``postgresql://user@host/database``.
    :param wait: seconds to wait for the lock of another writer.
    :raises RegisterError: an address that cannot be parsed.
    :raises RegisterUnavailable: the server's driver is not installed.
    """

    def __init__(self, where: str | Path, wait: float) -> None:
        url, self.name, self.file = _address(where)
        try:
            self._engine = _engine(url, wait)
        except ImportError as error:
            raise RegisterUnavailable(
                f"The driver for {self.name} is not installed ({error.name}).",
                "Install outreach-merge with its postgresql extra.",
            ) from error

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A read transaction: every query sees the same snapshot."""
        with self._translating_errors(), self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """A write transaction: committed at the end, rolled back on an exception."""
        with self._translating_errors(), self._engine.connect() as connection:
            connection = connection.execution_options(register_writes=True)
            with connection.begin():
                yield connection

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def _translating_errors(self) -> Iterator[None]:
        """Raise errors of the driver as :class:`RegisterError` with a remedy."""
        try:
            yield
        except exc.DBAPIError as error:
            raise _translated(error, self.name) from error
        except exc.TimeoutError as error:
            raise RegisterUnavailable(
                f"{self.name} is busy.", "Try again when others have finished."
            ) from error


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
    """Switch on write-ahead logging, retrying: SQLite does not wait for locks when it does so."""
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
        "Start the server or correct the address, then run the command again: it goes on where "
        "this run stopped, and enters letters that were made and not yet entered.",
    )


def _translated_sqlite(driver: sqlite3.Error, name: str) -> RegisterError:
    code = getattr(driver, "sqlite_errorname", "") or ""
    if code in _DAMAGED:
        return RegisterDamaged(f"{name} is damaged or no register ({driver}).", RECOVERY)
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
    return RegisterDamaged(f"{name} is not as a register should be ({driver}).", RECOVERY)
