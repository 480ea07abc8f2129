"""Writes what was decided and rendered: files first, then entries, and only then the outcome."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from outreach_merge import catalogue
from outreach_merge.campaign import Campaign
from outreach_merge.model import PlannedLetter, Problem, TypesetLetter
from outreach_merge.press.decide import Keep, Render, Withdraw, decide_rendered
from outreach_merge.press.letter_files import LetterFiles
from outreach_merge.press.noop_cache import NoopCache
from outreach_merge.press.outcomes import Failed, HeldBack, Made, Outcome, Unchanged, Withdrawn
from outreach_merge.press.problem_location import located
from outreach_merge.press.register_entries import EntryWriter
from outreach_merge.press.renderer import RenderResult
from outreach_merge.register import EntriesRefused, LetterRecord, LetterStatus, NewEvent

if TYPE_CHECKING:
    # Loaded when a register is opened: a preview opens none.
    from outreach_merge.register import Register

#: Letters entered in one transaction: few enough that a killed run has little to enter again.
_BATCH = 25
#: Seconds after which the next letter is entered with those that wait, so that progress shows.
_AT_THE_LATEST = 0.5


@dataclass(frozen=True, slots=True)
class _Pending:
    """An entry that must be made before its letter's outcome may be reported.

    :param record: what the register knew of the letter when this was decided.
    :param outdated: a file of no use once the entry is made.
    """

    outcome: Outcome
    event: NewEvent
    record: LetterRecord | None = None
    outdated: Path | None = None


class Commit:
    """Writes files and entries of one run. Use as a context manager: what waits is entered.

    Outcomes are returned once they are true: a letter is made when it is written and entered.
    """

    def __init__(
        self,
        campaign: Campaign,
        files: LetterFiles,
        register: Register,
        noop_cache: NoopCache,
        entries: EntryWriter,
    ) -> None:
        self._campaign = campaign
        self._files = files
        self._register = register
        self._noop_cache = noop_cache
        self._entries = entries
        self._pending: list[_Pending] = []
        self._done: list[Outcome] = []
        self._entered = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._enter()

    def take(self, action: Keep | HeldBack | Withdraw) -> Iterator[Outcome]:
        """Carry out what needs no rendering; yields the outcomes that can be reported now."""
        match action:
            case Keep():
                self._keep(action)
            case HeldBack():
                self._done.append(action)
            case Withdraw(record):
                path = self._files.recorded_path(record)
                outcome = Withdrawn(record.letter, record.recipient, path)
                self._add(_Pending(outcome, self._entries.withdrawn(record), record, path))
        return self._confirmed()

    def take_rendered(self, action: Render, result: RenderResult) -> Iterator[Outcome]:
        """Write and enter what was rendered; yields the outcomes that can be reported now."""
        if result.failure:
            reason = f"{result.failure.rstrip('.')}."
            self._done.append(Failed(action.planned, reason, "Run the command again."))
        elif result.typeset is not None:
            self._take_typeset(action, result, result.typeset)
        elif result.problems:
            problems = self._located(result.problems, action.planned)
            self._done.append(HeldBack(action.planned, problems))
        else:
            assert action.record is not None, "only a page the register knows can be unchanged"
            self._keep_rendered(Keep(action.planned, action.inputs, action.record), result)
        return self._confirmed()

    def flush(self) -> Iterator[Outcome]:
        """Enter all that waits; yields the outcomes that were not reported yet."""
        self._enter()
        return self._confirmed()

    def _take_typeset(self, action: Render, result: RenderResult, typeset: TypesetLetter) -> None:
        planned, record = action.planned, action.record
        decision = decide_rendered(
            action,
            typeset.digest,
            self._files.state(record),
            self._page_is_same(record, typeset.pdf),
        )
        if isinstance(decision, HeldBack):
            self._done.append(decision)
            return
        if isinstance(decision, Keep):
            self._keep_rendered(decision, result)
            return
        path = (
            self._campaign.folder / decision.file
            if decision.file
            else self._files.path_of(planned, decision.revision)
        )
        file = self._files.name_of(path)
        if not self._files.is_free(path, record, typeset.digest):
            self._done.append(
                HeldBack(planned, (catalogue.FILE_UNKNOWN.at(file, letter=planned.key),))
            )
            return
        self._files.write(path, typeset.pdf, typeset.digest)
        self._files.write_calendar(path, result.calendar)
        findings = self._located(typeset.findings, planned)
        made = Made(planned, path, typeset.pages, typeset.digest, decision.revision, findings)
        if record is not None and _is_back(record, typeset.digest):
            self._add(_Pending(made, self._entries.reinstated(record), record))
            return
        event = self._entries.generated(
            planned,
            self._campaign.letters[planned.letter],
            action.inputs,
            result.digest,
            file=file,
            digest=typeset.digest,
            pages=typeset.pages,
            revision=decision.revision,
        )
        self._add(_Pending(made, event, record, self._files.outdated(path, record)))

    def _page_is_same(self, record: LetterRecord | None, pdf: bytes) -> Callable[[], bool]:
        def compare() -> bool:
            from outreach_merge.pictures import look_and_read_alike

            assert record is not None
            return look_and_read_alike(self._files.recorded_path(record).read_bytes(), pdf)

        return compare

    def _keep_rendered(self, kept: Keep, result: RenderResult) -> None:
        """Keep a letter of which only rendering could tell that it is as it was."""
        self._files.write_calendar(self._files.recorded_path(kept.record), result.calendar)
        self._noop_cache.note(kept.record.key, kept.inputs, kept.record.digest)
        self._keep(kept)

    def _keep(self, kept: Keep) -> None:
        outcome = Unchanged(kept.planned, self._files.recorded_path(kept.record))
        event = self._entries.updated(kept, self._campaign.letters[kept.planned.letter])
        if event is None:
            self._done.append(outcome)
        else:
            self._add(_Pending(outcome, event, kept.record))

    def _located(
        self, problems: tuple[Problem, ...], planned: PlannedLetter
    ) -> tuple[Problem, ...]:
        return tuple(located(problem, planned, self._campaign) for problem in problems)

    def _confirmed(self) -> Iterator[Outcome]:
        """The outcomes that can be reported, each once."""
        done, self._done = self._done, []
        yield from done

    # ------------------------------------------------------------------ entries

    def _add(self, pending: _Pending) -> None:
        self._pending.append(pending)
        if len(self._pending) >= _BATCH or time.monotonic() - self._entered >= _AT_THE_LATEST:
            self._enter()

    def _enter(self) -> None:
        """Enter all that waits. What the register refuses is held back, and the rest entered."""
        refused = self._append()
        for number, pending in enumerate(self._pending):
            if number in refused:
                self._refuse(pending, refused[number])
            else:
                self._finish(pending)
        self._pending.clear()
        self._entered = time.monotonic()

    def _append(self) -> dict[int, Problem]:
        """Returns the refused entries by their position, and why."""
        seen = {one.record.key: one.record.sequence for one in self._pending if one.record}
        try:
            self._register.append([one.event for one in self._pending], seen)
        except EntriesRefused as error:
            refused = dict(error.refusals)
            good = [one.event for n, one in enumerate(self._pending) if n not in refused]
            self._register.append(good, seen)
            return refused
        return {}

    def _refuse(self, pending: _Pending, problem: Problem) -> None:
        if isinstance(pending.outcome, Made):
            self._files.discard(pending.outcome.path)
        if not isinstance(pending.outcome, Withdrawn):
            self._done.append(HeldBack(pending.outcome.planned, (problem,)))

    def _finish(self, pending: _Pending) -> None:
        if isinstance(pending.outcome, Made):
            self._files.settle(pending.outcome.path, pending.outcome.digest)
        self._files.lock.entered(pending.event.file)
        if pending.outdated is not None:
            self._files.remove(pending.outdated)
        self._done.append(pending.outcome)


def _is_back(record: LetterRecord, digest: str) -> bool:
    """Whether the letter was withdrawn with its recipient, who is there again."""
    return record.status is LetterStatus.WITHDRAWN and record.digest == digest
