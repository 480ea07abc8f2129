"""Checks that find changes made to a register by another program."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from outreach_merge.model import Problem
from outreach_merge.register import tables
from outreach_merge.register.events import GENESIS, entry_hash
from outreach_merge.register.failures import RECOVERY, RegisterDamaged
from outreach_merge.register.ledger import fold
from outreach_merge.register.stored import RegisterRows


def database_findings(stored: RegisterRows) -> list[Problem]:
    """Problems that SQLite's own integrity check reports; none for a database server."""
    if stored.connection.dialect.name != "sqlite":
        return []
    check = stored.connection.exec_driver_sql("PRAGMA integrity_check")
    lines = [str(row[0]) for row in check]
    return [
        Problem("database-damaged", f"{stored.name}: {line}", RECOVERY)
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
    return findings + _head_findings(stored, number, known)


def _head_findings(stored: RegisterRows, number: int, known: str) -> list[Problem]:
    """A problem when entry ``number`` with hash ``known`` is not the one the head names."""
    last_sequence, last_hash = stored.head()
    if last_sequence > number:
        return [_missing(number + 1, last_sequence)]
    if (last_sequence, last_hash) == (number, known):
        return []
    return [
        Problem(
            "head-changed",
            f"The last entry is {number}, but the register's head says {last_sequence} "
            "or has another hash.",
            "An entry was added or replaced by other hands: compare with a backup.",
        )
    ]


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
    first = "See the other findings first."
    try:
        expected = fold(stored.events())
        found = stored.revisions()
    except (ValueError, KeyError, TypeError, RegisterDamaged):
        return [
            Problem(
                "letters-unreadable",
                "Where the letters stand cannot be made from the entries as they are.",
                first,
            )
        ]
    anew = "`log verify --rebuild` makes that table anew from the entries."
    return [
        Problem(
            "letters-differ",
            "the table of where letters stand does not say what the entries say.",
            anew if entries_whole else first,
            letter=str(key),
        )
        for key in sorted(set(expected) | set(found))
        if expected.get(key) != found.get(key)
    ]


def _missing(first: int, last: int) -> Problem:
    which = f"Entry {first} is" if first == last else f"Entries {first} to {last} are"
    return Problem("entry-missing", f"{which} missing.", "Restore the register from a backup.")


def _describe(row: Any) -> str:
    subject = f"{row['letter']}/{row['recipient']}" if row["letter"] else row["state"]
    return f"{row['kind']} {subject}"
