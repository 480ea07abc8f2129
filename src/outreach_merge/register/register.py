"""The register, opened on a database: entering, reading, verifying."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Self

from outreach_merge.errors import RegisterError
from outreach_merge.model import LetterKey, Problem
from outreach_merge.register import schema_version
from outreach_merge.register.database import Database
from outreach_merge.register.events import (
    STATE_EVENTS,
    Event,
    EventKind,
    LetterRecord,
    NewEvent,
    canonical_details,
    entry_hash,
)
from outreach_merge.register.failures import (
    EntriesRefused,
    RegisterDamaged,
    RegisterMissing,
    RegisterUnavailable,
)
from outreach_merge.register.integrity import (
    chain_findings,
    database_findings,
    letters_findings,
)
from outreach_merge.register.ledger import Ledger, LetterRevisions, corrected_entry, fold
from outreach_merge.register.rules import changed_meanwhile, completed, is_known_already, refusal
from outreach_merge.register.stored import RegisterRows
from outreach_merge.wording import counted

Clock = Callable[[], dt.datetime]

NO_EXPECTATION: Mapping[LetterKey, int] = MappingProxyType({})
"""Whoever enters does not mind what others entered meanwhile."""

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

    Every method raises :class:`RegisterUnavailable` when the database cannot be reached, and
    :class:`RegisterDamaged` when its content cannot be read.
    """

    def __init__(self, database: Database, campaign: str, clock: Clock) -> None:
        self._database = database
        self._campaign = campaign
        self._clock = clock
        self._entered = 0  # number of events since it was opened

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
        """Open the register, creating or migrating its tables where needed.

        :param where: a file (SQLite), or a URL ``postgresql://user@host/database``.
        :param campaign: the campaign's code.
        :param create: create the register when there is none.
        :param wait: seconds to wait for the lock of another writer.
        :raises RegisterMissing: there is none and ``create`` is false.
        :raises RegisterUnavailable: locked, no permission, server down.
        :raises RegisterDamaged: the file is no database, or a damaged one.
        :raises RegisterError: written by a newer version, or of another campaign.
        """
        database = Database(where, wait)
        if database.file is not None and not create and not database.file.exists():
            raise RegisterMissing(
                f"There is no register at {database.file} yet.",
                "It is made when the first letters are generated.",
            )
        register = cls(database, campaign, clock)
        try:
            register._prepare(create)
        except BaseException:
            database.close()
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
        """Close the database; entries are durable as soon as ``append`` has returned."""
        self._database.close()

    # Entering

    def append(
        self, new: Sequence[NewEvent], expected: Mapping[LetterKey, int] = NO_EXPECTATION
    ) -> tuple[Event, ...]:
        """Enter events in one transaction: all of them, or none.

        A ``generated`` event that the register holds already is skipped, so that a run that was
        killed can enter its letters again; it is not among the events returned.

        :param expected: letter -> number of its last entry (``LetterRecord.sequence``) when the
            caller read it. An event on a letter that has another last entry by now is refused;
            letters that are not named here are not compared.
        :raises EntriesRefused: an event breaks a rule; carries every refused event and why.
        """
        if not new:
            return ()
        try:
            entered = self._append(new, expected)
        except RegisterUnavailable as error:
            raise RegisterUnavailable(
                error.message, f"{self._entered_so_far()} {error.remedy}"
            ) from error
        self._entered += len(entered)
        return tuple(entered)

    def _append(self, new: Sequence[NewEvent], expected: Mapping[LetterKey, int]) -> list[Event]:
        with self._writing() as stored:
            entered, ledger = self._validate(stored, new, stored.lock(), expected)
            if entered:
                stored.add(entered)
                keys = {event.key for event in entered if event.letter}
                stored.put(
                    record for key in keys for record in ledger.letters.get(key, {}).values()
                )
        return entered

    def _entered_so_far(self) -> str:
        """For the message of a failure: how much was entered since the register was opened."""
        if not self._entered:
            return "Nothing was entered."
        return f"What this run had entered before is kept ({counted(self._entered, 'event')})."

    def dry_run(self, new: Sequence[NewEvent]) -> int:
        """How many entries ``append`` would write; writes nothing.

        :raises EntriesRefused: what ``append`` would refuse now.
        """
        with self._reading() as stored:
            entered, _ = self._validate(stored, new, stored.head())
        return len(entered)

    def _validate(
        self,
        stored: RegisterRows,
        new: Sequence[NewEvent],
        head: tuple[int, str],
        expected: Mapping[LetterKey, int] = NO_EXPECTATION,
    ) -> tuple[list[Event], Ledger]:
        """The entries to write after ``head``, and the letters as they are then.

        :raises EntriesRefused: an event breaks a rule.
        """
        sequence, previous = head
        ledger = _ledger_for(stored, new)
        changed = {key for key, number in expected.items() if ledger.has_changed_since(key, number)}
        now = self._clock().astimezone(dt.UTC)
        today = max(now.date(), now.astimezone().date())
        entered: list[Event] = []
        refused: list[tuple[int, Problem]] = []
        for position, event in enumerate(new):
            if is_known_already(ledger, event):
                continue
            event = completed(ledger, event)
            problem = (
                changed_meanwhile(event) if event.key in changed else refusal(ledger, event, today)
            )
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

    # Reading

    def events(
        self,
        *,
        letter: str = "",
        recipient: str = "",
        state: str = "",
        digest: str = "",
        kinds: Collection[EventKind] = (),
        numbers: Collection[int] | None = None,
    ) -> Iterator[Event]:
        """The entries in their order, all or those that match every filter given.

        :param digest: SHA-256 of the file that an entry names.
        :param numbers: the entries' own numbers (``Event.sequence``).
        """
        with self._reading() as stored:
            yield from stored.events(
                letter=letter,
                recipients={recipient} if recipient else None,
                states={state} if state else None,
                sequences=numbers,
                digest=digest,
                kinds=kinds,
            )

    def letters(self) -> dict[LetterKey, LetterRecord]:
        """The current revision of each letter."""
        with self._reading() as stored:
            return {record.key: record for record in stored.records(current=True)}

    def revisions(self) -> dict[LetterKey, LetterRevisions]:
        """Every revision of every letter, by number."""
        with self._reading() as stored:
            return stored.revisions()

    def head(self) -> tuple[int, str]:
        """Number and hash of the last entry; noted elsewhere, they show later changes."""
        with self._reading() as stored:
            return stored.head()

    # Verifying

    def verify(self) -> list[Problem]:
        """Everything that shows changes by another program; empty when the register is intact.

        The hash of every entry is computed anew, numbers must follow each other, each entry must
        carry the hash of the one before, the last must be the one the campaign's row names, and
        the table of letters must follow from the entries.
        """
        with self._reading() as stored:
            findings = [*database_findings(stored), *chain_findings(stored)]
            return findings + letters_findings(stored, entries_whole=not findings)

    def rebuild_letters(self) -> None:
        """Compute the table of letters anew from the entries.

        :raises RegisterDamaged: the entries themselves fail verification.
        """
        with self._writing() as stored:
            stored.lock()
            if findings := chain_findings(stored):
                raise RegisterDamaged(
                    f"The table cannot be made anew: {findings[0].message}",
                    "Restore the register from a backup; `log verify` says what is wrong.",
                )
            stored.remove_records()
            revisions = fold(stored.events())
            stored.put(record for story in revisions.values() for record in story.values())

    # The database

    def _prepare(self, create: bool) -> None:
        with self._reading() as stored:
            ready = schema_version.is_current(stored.connection) and self._has_campaign(stored)
        if ready:
            return
        if not create:
            raise RegisterMissing(
                f"{self._database.name} holds no register of the campaign {self._campaign} yet.",
                "It is made when the first letters are generated.",
            )
        with self._writing() as stored:
            schema_version.bring_up_to_date(stored.connection)
            if not self._has_campaign(stored):
                stored.begin_campaign(self._clock())

    def _has_campaign(self, stored: RegisterRows) -> bool:
        codes = stored.codes()
        if self._campaign in codes:
            return True
        if codes and self._database.file is not None:
            raise RegisterError(
                f"{stored.name} is the register of another campaign: {', '.join(sorted(codes))}, "
                f"not {self._campaign}.",
                "Correct the campaign's code, or name another file for the register.",
            )
        return False

    @contextmanager
    def _reading(self) -> Iterator[RegisterRows]:
        with self._database.reading() as connection:
            yield RegisterRows(connection, self._campaign, self._database.name)

    @contextmanager
    def _writing(self) -> Iterator[RegisterRows]:
        with self._database.writing() as connection:
            yield RegisterRows(connection, self._campaign, self._database.name)


def _ledger_for(stored: RegisterRows, new: Sequence[NewEvent]) -> Ledger:
    """The letters that the events concern, and the entries that checking them needs."""
    corrected = [corrected_entry(event) for event in new if event.kind is EventKind.CORRECTED]
    targets = list(stored.events(sequences=corrected)) if corrected else []
    recipients = {event.recipient for event in (*new, *targets) if event.recipient}
    ledger = Ledger(stored.revisions(recipients))
    subjects = [*(event for event in new if event.kind in _NEED_HISTORY), *targets]
    if subjects:
        for event in stored.events(
            recipients={event.recipient for event in subjects if event.recipient}
        ):
            ledger.add_entered(event)
        states = {event.state for event in subjects if not event.recipient}
        for event in stored.events(states=states):
            ledger.add_entered(event)
    return ledger
