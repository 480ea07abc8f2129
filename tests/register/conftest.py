"""Registers to test: on SQLite, and on a real PostgreSQL server that the tests start."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from judges import postgresql_programs, require
from outreach_merge.register import Register
from register.helpers import Place, PostgresServer


@contextmanager
def running_server() -> Iterator[PostgresServer]:
    require("postgresql")
    programs = postgresql_programs()
    assert programs is not None
    server = PostgresServer(programs)
    yield server
    server.stop()
    shutil.rmtree(server.folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A running server."""
    with running_server() as server:
        yield server


@pytest.fixture
def own_postgres() -> Iterator[PostgresServer]:
    """A server of the test's own, to be stopped and started; it must run when the test ends."""
    with running_server() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """A place for a register, on each of the two databases."""
    if request.param == "sqlite":
        return Place(str(tmp_path / "register.sqlite"), "sqlite")
    server = request.getfixturevalue("postgres")
    return Place(server.new_database(), "postgresql")


@pytest.fixture
def sqlite_place(tmp_path: Path) -> Place:
    return Place(str(tmp_path / "register.sqlite"), "sqlite")


@pytest.fixture
def register(place: Place) -> Iterator[Register]:
    with place.open() as opened:
        yield opened
