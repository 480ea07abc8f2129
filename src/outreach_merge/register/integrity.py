"""Checks that find changes made to a register by another program."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from outreach_merge import catalogue
from outreach_merge.model import Problem
from outreach_merge.register import tables
from outreach_merge.register.events import GENESIS, entry_hash
from outreach_merge.register.failures import RegisterDamaged
from outreach_merge.register.ledger import fold
from outreach_merge.register.stored import RegisterRows


def database_findings(stored: RegisterRows) -> list[Problem]:
    """Problems that SQLite's own integrity check reports; none for a database server."""
    if stored.connection.dialect.name != "sqlite":
        return []
    check = stored.connection.exec_driver_sql("PRAGMA integrity_check")
    lines = [str(row[0]) for row in check]
    return [
        catalogue.DATABASE_DAMAGED.at(name=stored.name, reason=line)
        for line in lines
        if line != "ok"
    ]


def chain_findings(stored: RegisterRows) -> list[Problem]:
    """Problems of entries that were changed, removed, added or reordered."""
    findings: list[Problem] = []
    number, known = 0, GENESIS
    for row in _raw_entries(stored):
        found = row["sequence"]
        gap = found != number + 1
        if gap:
            findings.append(_missing(number + 1, found - 1))
        if row["hash"] != entry_hash(dict(row)):
            findings.append(catalogue.ENTRY_CHANGED.at(entry=found, what=_describe(row)))
        if not gap and row["previous"] != known:
            findings.append(catalogue.CHAIN_BROKEN.at(entry=found, what=_describe(row)))
        number, known = found, row["hash"]
    return findings + _head_findings(stored, number, known)


def _head_findings(stored: RegisterRows, number: int, known: str) -> list[Problem]:
    """A problem when entry ``number`` with hash ``known`` is not the one the head names."""
    last_sequence, last_hash = stored.head()
    if last_sequence > number:
        return [_missing(number + 1, last_sequence)]
    if (last_sequence, last_hash) == (number, known):
        return []
    return [catalogue.HEAD_CHANGED.at(entry=number, head=last_sequence)]


def _raw_entries(stored: RegisterRows) -> sa.MappingResult:
    """The entries with their cells as they are stored, unconverted."""
    table = tables.events
    sqlite = stored.connection.dialect.name == "sqlite"
    columns = [
        sa.type_coerce(column, sa.String).label(column.name)
        if sqlite and isinstance(column.type, (sa.Date, tables.UtcDateTime))
        else column
        for column in table.columns
    ]
    query = sa.select(*columns).where(table.c.campaign == stored.campaign)
    return stored.connection.execute(query.order_by(table.c.sequence)).mappings()


def letters_findings(stored: RegisterRows, entries_whole: bool) -> list[Problem]:
    """A problem for each letter whose row in the table of letters does not follow from the entries.

    :param entries_whole: no problem was found in the entries: the table can be rebuilt.
    """
    try:
        expected = fold(stored.events())
        found = stored.revisions()
    except (ValueError, KeyError, TypeError, RegisterDamaged):
        return [catalogue.LETTERS_UNREADABLE.at()]
    differs = catalogue.LETTERS_DIFFER if entries_whole else catalogue.LETTERS_DIFFER_TOO
    return [
        differs.at(letter=str(key))
        for key in sorted(set(expected) | set(found))
        if expected.get(key) != found.get(key)
    ]


def _missing(first: int, last: int) -> Problem:
    if first == last:
        return catalogue.ENTRY_MISSING.at(first=first)
    return catalogue.ENTRIES_MISSING.at(first=first, last=last)


def _describe(row: Any) -> str:
    subject = f"{row['letter']}/{row['recipient']}" if row["letter"] else row["state"]
    return f"{row['kind']} {subject}"
