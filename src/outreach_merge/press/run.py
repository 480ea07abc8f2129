"""One run of the press: from planned letters to files on the disk and entries in the register."""

from __future__ import annotations

import datetime as dt
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from outreach_merge.calendar_file import calendar_path
from outreach_merge.campaign import Campaign
from outreach_merge.definitions import LetterDefinition
from outreach_merge.files import remove_leftovers, sha256_of_file, write_atomically
from outreach_merge.model import PlannedLetter, Problem
from outreach_merge.plan import Plan
from outreach_merge.press.campaign_fonts import campaign_fonts
from outreach_merge.press.executor import open_executor
from outreach_merge.press.fingerprint import Fingerprints
from outreach_merge.press.interrupts import Interrupts, uninterrupted
from outreach_merge.press.local_executor import cores
from outreach_merge.press.noop_cache import NoopCache
from outreach_merge.press.outcomes import Failed, HeldBack, Made, Outcome, Unchanged, Withdrawn
from outreach_merge.press.problems import changed_file, located, lost_file, unknown_file
from outreach_merge.press.renderer import RendererConfig, RenderJob, RenderResult
from outreach_merge.press.run_lock import RunLock
from outreach_merge.press.selection import Selection
from outreach_merge.register import (
    EntriesRefused,
    EventKind,
    LetterKey,
    LetterRecord,
    LetterStatus,
    NewEvent,
)
from outreach_merge.register.events import facts_digest

if TYPE_CHECKING:
    # Loaded when a register is opened: a preview opens none.
    from outreach_merge.register import Register

#: Letters entered in one transaction: few enough that a killed run has little to enter again.
_BATCH = 25
#: Seconds after which the next letter is entered with those that wait, so that progress shows.
_AT_THE_LATEST = 0.5


@dataclass(frozen=True, slots=True)
class _Order:
    """A letter that must be made, and under which revision. One for each letter of a run: small.

    :param known: digest of the page that a whole file shows; empty: it must be set again.
    :param record: what the register knows of it.
    """

    planned: PlannedLetter
    fingerprint: str
    revision: int
    known: str = ""
    record: LetterRecord | None = None


@dataclass(frozen=True, slots=True)
class _Step:
    """What became of a letter, and what must be entered before that may be said.

    :param outdated: the letter's file under another name, of no use once the entry is made.
    :param seen: what the register knew of the letter when this was decided.
    """

    outcome: Outcome
    event: NewEvent | None = None
    outdated: Path | None = None
    seen: LetterRecord | None = None


class Run:
    """Makes what changed of a plan.

    :param bench_plan: what each worker is told.
    :param by: who is entered in the register as having made the letters.
    """

    def __init__(
        self,
        campaign: Campaign,
        plan: Plan,
        bench_plan: RendererConfig,
        by: str,
        clock: Callable[[], dt.datetime],
    ) -> None:
        self._campaign = campaign
        self._plan = plan
        self._bench_plan = bench_plan
        self._by = by
        self._clock = clock

    def letters(
        self,
        selection: Selection,
        jobs: int | None = None,
        *,
        with_enclosures: bool = False,
        scheduler: str = "",
    ) -> Iterator[Outcome]:
        """Make what changed, enter it in the register, and yield what became of each letter.

        Only this process writes files and the register; workers typeset. Whatever was yielded
        as made is entered, also when the caller stops in the middle. At Ctrl-C what was finished
        is entered and yielded, then ``KeyboardInterrupt`` is raised.

        :param jobs: worker processes; by default the cores there are.
        :param with_enclosures: put the enclosures into the letters' files.
        :param scheduler: address of a Dask cluster whose workers make the letters instead.
        :raises MachineError: the output folder cannot be written; the cluster cannot be used.
        :raises RegisterError: the register cannot be opened.
        """
        from outreach_merge.register import Register

        chosen = selection.of(self._plan.planned)
        campaign = self._campaign
        plan = replace(self._bench_plan, with_enclosures=with_enclosures)
        with (
            RunLock(campaign.output) as journal,
            NoopCache(campaign.output) as remembered,
            Register.open(campaign.register_url, campaign.settings.code, self._clock) as register,
        ):
            remove_leftovers(campaign.output)
            entries = _Entries(register, journal)
            orders: list[_Order] = []
            try:
                records = register.letters()
                for stale in self._stale(selection, records):
                    yield from entries.take(stale)
                for step in self._sort_out(chosen, records, journal, plan, remembered):
                    if isinstance(step, _Order):
                        orders.append(step)
                    else:
                        yield from entries.take(step)
                if orders:
                    count = jobs or cores()
                    yield from self._make(
                        orders, journal, plan, count, scheduler, remembered, entries
                    )
            except KeyboardInterrupt:
                entries.enter()
                yield from entries.told()
                raise
            finally:
                entries.enter()
            yield from entries.told()

    def _stale(
        self, selection: Selection, records: Mapping[LetterKey, LetterRecord]
    ) -> Iterator[_Step]:
        """Letters to recipients that are gone: they are withdrawn, and their files removed.

        Only when all letters are meant, since a filter says nothing of the others. What left the
        office, was signed or was approved stays; so does what stands on hold, and a file that
        somebody changed.
        """
        if not self._plan.planned or selection != Selection(letters=selection.letters):
            return
        wanted = {LetterKey(p.letter, p.recipient.id, p.document) for p in self._plan.planned}
        held = {(skipped.letter, skipped.recipient.id) for skipped in self._plan.skipped}
        for key, record in records.items():
            if key in wanted or (selection.letters and key.letter not in selection.letters):
                continue
            if record.closed or record.signed or record.approved:
                continue
            path = self._campaign.folder / record.file
            gone = (key.letter, key.recipient) not in held
            if gone and path.is_file() and sha256_of_file(path) == record.digest:
                event = NewEvent(
                    kind=EventKind.WITHDRAWN,
                    happened_on=self._clock().date(),
                    by=self._by,
                    letter=key.letter,
                    recipient=key.recipient,
                    document=key.document,
                    revision=record.revision,
                    details={"note": "no longer among the recipients"},
                )
                yield _Step(Withdrawn(key.letter, key.recipient, path), event, path, record)

    def _make(
        self,
        orders: list[_Order],
        journal: RunLock,
        plan: RendererConfig,
        jobs: int,
        scheduler: str,
        remembered: NoopCache,
        entries: _Entries,
    ) -> Iterator[Outcome]:
        count = max(1, min(jobs, (len(orders) + 3) // 4))
        # What is loaded for a language serves the letters that follow in it.
        orders = sorted(orders, key=lambda order: (order.planned.language, order.planned.letter))
        campaign = self._campaign
        numbered = (RenderJob(n, order.planned, order.known) for n, order in enumerate(orders))
        with Interrupts() as interrupts:
            fonts = campaign_fonts(campaign.folder, campaign.settings, campaign.recipients)
            plan = replace(plan, fonts=fonts)
            with open_executor(
                plan, campaign.recipients, count=count, scheduler=scheduler
            ) as workers:
                for result in workers.make(numbered):
                    interrupts.check()
                    order = orders[result.number]
                    with uninterrupted():
                        step = self._finish(order, result, journal)
                        entries.hold(step)
                    if isinstance(step.outcome, Unchanged) and order.record is not None:
                        record = order.record
                        remembered.note(record.key, order.fingerprint, record.digest)
                    yield from entries.told()

    def _finish(self, order: _Order, result: RenderResult, journal: RunLock) -> _Step:
        planned, record = order.planned, order.record
        if result.failure:
            reason = f"{result.failure.rstrip('.')}."
            return _Step(Failed(planned, reason, "Run the command again."))
        if result.typeset is None and result.problems:
            problems = tuple(
                located(problem, planned, self._campaign) for problem in result.problems
            )
            return _Step(HeldBack(planned, problems))
        if result.typeset is None:
            assert record is not None, "only a letter the register knows can be unchanged"
            self._write_calendar(self._campaign.folder / record.file, result)
            return self._unchanged(planned, order.fingerprint, record)
        typeset = result.typeset
        path = self._path(planned, order.revision)
        if record is not None and typeset.digest == record.digest:
            # The same paper: it keeps its revision.
            path = self._campaign.folder / record.file
            if path.exists():
                self._write_calendar(path, result)
                return self._unchanged(planned, order.fingerprint, record)
            order = replace(order, revision=record.revision)
        elif record is not None and record.closed and record.fingerprint == order.fingerprint:
            return _Step(HeldBack(planned, (lost_file(planned, record.file),)))
        file = self._relative(path)
        if not self._is_ours(path, record, typeset.digest, journal):
            return _Step(HeldBack(planned, (unknown_file(planned, file),)))
        journal.note(file, typeset.digest)
        # Somebody may record meanwhile that what stands there was dispatched: it gives way once
        # the new text is entered, and not before.
        taken = path.exists() and sha256_of_file(path) != typeset.digest
        write_atomically(_waiting(path) if taken else path, typeset.pdf)
        self._write_calendar(path, result)
        findings = tuple(located(found, planned, self._campaign) for found in typeset.findings)
        made = Made(planned, path, typeset.pages, typeset.digest, order.revision, findings)
        if record is not None and self._came_back(record, typeset.digest):
            return _Step(made, self._not_withdrawn(record), seen=record)
        event = self._event(
            planned,
            order.fingerprint,
            result.digest,
            file=file,
            digest=typeset.digest,
            pages=typeset.pages,
            revision=order.revision,
        )
        return _Step(made, event, self._outdated(path, record), record)

    @staticmethod
    def _came_back(record: LetterRecord, digest: str) -> bool:
        """Whether the letter was withdrawn with its recipient, who is there again."""
        return record.status is LetterStatus.WITHDRAWN and record.digest == digest

    def _not_withdrawn(self, record: LetterRecord) -> NewEvent:
        return NewEvent(
            kind=EventKind.CORRECTED,
            happened_on=self._clock().date(),
            by=self._by,
            letter=record.letter,
            recipient=record.recipient,
            document=record.document,
            revision=record.revision,
            details={"entry": record.sequence, "note": "among the recipients again"},
        )

    def _is_ours(
        self, path: Path, record: LetterRecord | None, digest: str, journal: RunLock
    ) -> bool:
        """Whether nothing stands where the letter goes that somebody else put there."""
        if not path.exists():
            return True
        if not path.is_file():
            return False
        found, file = sha256_of_file(path), self._relative(path)
        known = record is not None and (record.file, record.digest) == (file, found)
        return known or found == digest or journal.knows(file, found)

    def _outdated(self, new: Path, record: LetterRecord | None) -> Path | None:
        """The file this letter had, where it had another name (its language changed, say)."""
        if record is None or record.closed:
            return None
        path = self._campaign.folder / record.file
        whole = path != new and path.is_file() and sha256_of_file(path) == record.digest
        return path if whole else None

    def _unchanged(self, planned: PlannedLetter, fingerprint: str, record: LetterRecord) -> _Step:
        """The paper is right; what the register says of it may have to be brought up to date.

        What was true of a letter when it left the office stays as it is, but for the wish that
        it be confidential.
        """
        outcome = Unchanged(planned, self._campaign.folder / record.file)
        if record.closed and record.confidential == planned.recipient.confidential:
            return _Step(outcome)
        event = self._event(
            planned,
            fingerprint,
            record.html_digest,
            file=record.file,
            digest=record.digest,
            pages=record.pages,
            revision=record.revision,
        )
        # What it was made from may have changed without a trace: that did not happen to it.
        facts = {**event.details, "fingerprint": record.fingerprint}
        current = (facts_digest(facts), event.channel, event.reference)
        if current == (record.facts, record.channel, record.reference):
            return _Step(outcome)
        return _Step(outcome, event, seen=record)

    def _event(
        self,
        planned: PlannedLetter,
        fingerprint: str,
        html_digest: str,
        *,
        file: str,
        digest: str,
        pages: int,
        revision: int,
    ) -> NewEvent:
        recipient, letter = planned.recipient, self._campaign.letters[planned.letter]
        return NewEvent(
            kind=EventKind.GENERATED,
            happened_on=self._clock().date(),
            by=self._by,
            letter=planned.letter,
            recipient=recipient.id,
            document=planned.document,
            state=recipient.state,
            language=planned.language,
            reference=planned.reference,
            channel=planned.channel.value if planned.channel else "",
            file=file,
            digest=digest,
            pages=pages,
            revision=revision,
            details={
                "fingerprint": fingerprint,
                "html_digest": html_digest,
                "date": planned.date.isoformat(),
                "kind": recipient.kind.value,
                "office": recipient.office,
                "name": "; ".join(recipient.names),
                "region": recipient.region,
                "subregion": recipient.subregion,
                "group": recipient.group,
                "status": recipient.status.value,
                "issues": list(recipient.issues),
                "bearer": recipient.bearer,
                "confidential": recipient.confidential,
                "signatories": list(letter.signatories),
                "enclosures": list(letter.enclosures),
            },
        )

    def _sort_out(
        self,
        chosen: Iterable[PlannedLetter],
        records: dict[LetterKey, LetterRecord],
        journal: RunLock,
        plan: RendererConfig,
        remembered: NoopCache,
    ) -> Iterator[_Order | _Step]:
        """Which letters must be made, which are still right, which must not be touched."""
        fingerprints = Fingerprints(self._campaign.folder, self._campaign.settings)
        for planned in chosen:
            letter = self._campaign.letters[planned.letter]
            enclosed = self._enclosed(planned, letter) if plan.with_enclosures else []
            fingerprint = fingerprints.of(planned, letter, enclosed)
            key = LetterKey(planned.letter, planned.recipient.id, planned.document)
            record = records.get(key)
            yield self._sort_out_one(planned, fingerprint, record, journal, remembered)

    def _enclosed(self, planned: PlannedLetter, letter: LetterDefinition) -> list[Path]:
        """The files that go into the letter's own."""
        if planned.courtesy:
            return []
        files = self._campaign.settings.enclosure_files(letter.enclosures, planned.language)
        return [self._campaign.folder / file for file in files]

    def _sort_out_one(
        self,
        planned: PlannedLetter,
        fingerprint: str,
        record: LetterRecord | None,
        journal: RunLock,
        remembered: NoopCache,
    ) -> _Order | _Step:
        if record is None:
            return _Order(planned, fingerprint, 1)
        path = self._campaign.folder / record.file
        _settle(path, record.digest)
        found = sha256_of_file(path) if path.is_file() else ""
        whole = found == record.digest
        same = record.fingerprint == fingerprint or remembered.knows(
            record.key, fingerprint, record.digest
        )
        if whole and same and self._has_calendar(planned, path):
            return self._unchanged(planned, fingerprint, record)
        if found and not whole and not journal.knows(record.file, found):
            return _Step(HeldBack(planned, (changed_file(planned, record.file),)))
        revision = record.revision_for_new_text
        known = record.html_digest if whole else ""
        return _Order(planned, fingerprint, revision, known, record)

    def _relative(self, path: Path) -> str:
        return path.relative_to(self._campaign.folder).as_posix()

    def _has_calendar(self, planned: PlannedLetter, path: Path) -> bool:
        """Whether the calendar file is there, for a letter that has one."""
        meeting = self._campaign.letters[planned.letter].meeting
        return meeting is None or calendar_path(path).is_file()

    def _write_calendar(self, letter: Path, result: RenderResult) -> None:
        if result.calendar:
            write_atomically(calendar_path(letter), result.calendar)

    def _path(self, planned: PlannedLetter, revision: int) -> Path:
        path = self._campaign.output / planned.relative_path
        return path if revision == 1 else path.with_stem(f"{path.stem}-r{revision}")


class _Entries:
    """Enters what was made, batch by batch; only then is it said to be made."""

    def __init__(self, register: Register, journal: RunLock) -> None:
        self._register = register
        self._journal = journal
        self._waiting: list[tuple[_Step, NewEvent]] = []
        self._entered = time.monotonic()
        self._told: deque[Outcome] = deque()

    def take(self, step: _Step) -> Iterator[Outcome]:
        """Take one more; yields what can be said now."""
        self.hold(step)
        return self.told()

    def hold(self, step: _Step) -> None:
        """Take one more."""
        if step.event is None:
            self._told.append(step.outcome)
            return
        self._waiting.append((step, step.event))
        if len(self._waiting) >= _BATCH or time.monotonic() - self._entered >= _AT_THE_LATEST:
            self.enter()

    def told(self) -> Iterator[Outcome]:
        """What can be said, once."""
        while self._told:
            yield self._told.popleft()

    def enter(self) -> None:
        """Enter all that waits. What the register refuses is held back, and the rest entered."""
        with uninterrupted():
            self._enter()
        self._entered = time.monotonic()

    def _enter(self) -> None:
        refused: dict[int, Problem] = {}
        seen = {step.seen.key: step.seen.sequence for step, _ in self._waiting if step.seen}
        try:
            self._register.append([event for _, event in self._waiting], seen)
        except EntriesRefused as error:
            refused = dict(error.refusals)
            good = [event for n, (_, event) in enumerate(self._waiting) if n not in refused]
            self._register.append(good, seen)
        for number, (step, event) in enumerate(self._waiting):
            if number in refused:
                if isinstance(step.outcome, Made):
                    _waiting(step.outcome.path).unlink(missing_ok=True)
                if not isinstance(step.outcome, Withdrawn):
                    self._told.append(HeldBack(step.outcome.planned, (refused[number],)))
                continue
            if isinstance(step.outcome, Made):
                _settle(step.outcome.path, step.outcome.digest)
            self._journal.entered(event.file)
            if step.outdated is not None:
                step.outdated.unlink(missing_ok=True)
                calendar_path(step.outdated).unlink(missing_ok=True)
            self._told.append(step.outcome)
        self._waiting.clear()


def _waiting(path: Path) -> Path:
    """Where a new text waits until it is entered and takes its letter's place."""
    return path.with_name(f".{path.stem}.next.pdf")


def _settle(path: Path, digest: str) -> None:
    """What waits takes its letter's place if it was entered; else it is of no use."""
    waiting = _waiting(path)
    if not waiting.is_file():
        return
    if sha256_of_file(waiting) == digest:
        waiting.replace(path)
    else:
        waiting.unlink()
