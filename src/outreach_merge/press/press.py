"""From a campaign to letters on the disk and in the register."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from outreach_merge.campaign import Campaign
from outreach_merge.compose import ComposeError, Composer
from outreach_merge.definitions import Letter
from outreach_merge.errors import UsageError
from outreach_merge.files import remove_leftovers, sha256_of_file, write_atomically
from outreach_merge.model import ComposedLetter, PlannedLetter, Problem, TypesetLetter
from outreach_merge.plan import Plan, make_plan
from outreach_merge.press.bench import Bench, BenchPlan, Job, Result
from outreach_merge.press.fingerprint import Fingerprints
from outreach_merge.press.outcomes import Failed, HeldBack, Made, Outcome, Unchanged
from outreach_merge.press.selection import Selection
from outreach_merge.press.workers import Workers, cores
from outreach_merge.register import EventKind, LetterKey, LetterRecord, NewEvent, Register

logger = logging.getLogger(__name__)

#: Letters entered in one transaction: few enough that a killed run has little to enter again.
_BATCH = 25


@dataclass(frozen=True, slots=True)
class _Order:
    """A letter that must be made, where it goes and under which revision."""

    planned: PlannedLetter
    fingerprint: str
    revision: int
    path: Path
    known: str


class Press:
    """Makes letters of one campaign.

    :param by: who is entered in the register as having made them.
    :param clock: tells the time.
    """

    def __init__(self, campaign: Campaign, by: str, clock: Callable[[], dt.datetime]) -> None:
        self._campaign = campaign
        self._by = by
        self._clock = clock

    @cached_property
    def plan(self) -> Plan:
        """Who gets which letter."""
        campaign = self._campaign
        return make_plan(campaign.letters.values(), campaign.recipients, campaign.settings)

    def check(self) -> tuple[Problem, ...]:
        """Every problem in data, letters and templates; writes nothing."""
        found = [*self._campaign.problems, *self.plan.problems, *self._language_problems()]
        composer = self._composer()
        found.extend(composer.template_problems((p.letter, p.language) for p in self.plan.planned))
        broken = {problem.file for problem in found if problem.file.startswith("templates/")}
        for planned in self.plan.planned:
            try:
                composer.compose(planned)
            except ComposeError as error:
                if error.problem.file not in broken:
                    found.append(self._located(error.problem, planned))
        return tuple(_without_repeats(found))

    def find(self, letter: str, recipient: str, language: str = "") -> PlannedLetter:
        """The planned letter to ``recipient``: an id, or a state with one such letter.

        :param language: preview it in another language than the recipient's.
        :raises UsageError: no such letter or recipient, or several.
        """
        self._campaign.letter(letter)
        originals = [p for p in self.plan.planned if p.letter == letter and not p.courtesy]
        found = [p for p in originals if p.recipient.id == recipient]
        found = found or [p for p in originals if p.recipient.state == self.state_code(recipient)]
        if not found:
            raise UsageError(self._why_not_planned(letter, recipient))
        if len(found) > 1:
            ids = ", ".join(p.recipient.id for p in found)
            raise UsageError(
                f'"{recipient}" has {len(found)} letters "{letter}".', f"Name one by its id: {ids}."
            )
        if not language or language == found[0].language:
            return found[0]
        courtesy = [
            p
            for p in self.plan.planned
            if p.key == found[0].key and p.courtesy and p.language == language
        ]
        return courtesy[0] if courtesy else replace(found[0], language=language)

    def letter(self, name: str) -> Letter:
        """:raises UsageError: when the campaign has no such letter."""
        return self._campaign.letter(name)

    def state_code(self, text: str) -> str:
        """ISO 3166 alpha-3 of a state named by either code; other text in upper case."""
        by_iso2 = {state.iso2: iso3 for iso3, state in self._campaign.protocol.states.items()}
        return by_iso2.get(text.upper(), text.upper())

    def preview(self, planned: PlannedLetter) -> TypesetLetter:
        """One letter, marked as a draft, never registered.

        :raises ComposeError: when the letter cannot be composed.
        """
        bench = Bench(self._bench_plan())
        return bench.typeset(bench.compose(planned, draft=True))

    def preview_path(self, planned: PlannedLetter, kind: str) -> Path:
        """Where a preview goes: beside the letters, in a folder of its own."""
        name = f"{planned.letter}-{planned.file_name}"
        return (self._campaign.output / "preview" / name).with_suffix(f".{kind}")

    def standalone_html(self, planned: PlannedLetter) -> str:
        """The draft as one HTML page that a browser shows, stylesheet within.

        :raises ComposeError: when the letter cannot be composed.
        """
        from outreach_merge.typeset import stylesheets

        styles = "\n".join(stylesheets(self._campaign.folder, self._campaign.settings))
        base = f'<base href="{self._campaign.folder.resolve().as_uri()}/">'
        html = self.compose_draft(planned).html
        return html.replace("</head>", f"{base}\n<style>\n{styles}\n</style>\n</head>", 1)

    def compose_draft(self, planned: PlannedLetter) -> ComposedLetter:
        """The draft as HTML alone.

        :raises ComposeError: when the letter cannot be composed.
        """
        return self._composer().compose(planned, draft=True)

    def generate(self, selection: Selection, jobs: int | None = None) -> Iterator[Outcome]:
        """Make what changed, enter it in the register, and yield what became of each letter.

        Only this process writes files and the register; workers typeset. Whatever was yielded
        as made is entered, also when the caller stops in the middle.

        :param jobs: worker processes; by default the cores there are.
        :raises MachineError: the output folder cannot be written.
        :raises RegisterError: the register cannot be opened.
        """
        chosen = selection.of(self.plan.planned)
        self._prepare_output()
        with Register.open(
            self._campaign.register_url, self._campaign.settings.code, self._clock
        ) as register:
            orders: list[_Order] = []
            for outcome in self._sort_out(chosen, register.letters()):
                if isinstance(outcome, _Order):
                    orders.append(outcome)
                else:
                    yield outcome
            if orders:
                yield from self._make(orders, register, jobs or cores())

    def _make(self, orders: list[_Order], register: Register, jobs: int) -> Iterator[Outcome]:
        count = max(1, min(jobs, (len(orders) + 3) // 4))
        numbered = [Job(n, order.planned, order.known) for n, order in enumerate(orders)]
        unentered: list[tuple[Made, NewEvent]] = []
        try:
            with Workers(self._bench_plan(), count) as workers:
                for result in workers.make(numbered):
                    outcome, event = self._finish(orders[result.number], result)
                    if event is None or not isinstance(outcome, Made):
                        yield outcome
                        continue
                    unentered.append((outcome, event))
                    if len(unentered) >= _BATCH:
                        yield from _enter(register, unentered)
        finally:
            made = list(_enter(register, unentered))
        yield from made

    def _finish(self, order: _Order, result: Result) -> tuple[Outcome, NewEvent | None]:
        planned = order.planned
        if result.failure:
            return Failed(planned, result.failure, "Run the command again."), None
        if result.typeset is None and result.problems:
            problems = tuple(self._located(problem, planned) for problem in result.problems)
            return HeldBack(planned, problems), None
        if result.typeset is None:
            return Unchanged(planned, order.path), None
        typeset = result.typeset
        write_atomically(order.path, typeset.pdf)
        made = Made(
            planned, order.path, typeset.pages, typeset.digest, order.revision, typeset.findings
        )
        return made, self._event(order, result, typeset)

    def _event(self, order: _Order, result: Result, typeset: TypesetLetter) -> NewEvent:
        planned, recipient = order.planned, order.planned.recipient
        letter = self._campaign.letters[planned.letter]
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
            file=order.path.relative_to(self._campaign.folder).as_posix(),
            digest=typeset.digest,
            pages=typeset.pages,
            revision=order.revision,
            details={
                "fingerprint": order.fingerprint,
                "html_digest": result.digest,
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
            },
        )

    def _sort_out(
        self,
        chosen: Iterable[PlannedLetter],
        records: dict[LetterKey, LetterRecord],
    ) -> Iterator[_Order | Unchanged | HeldBack]:
        """Which letters must be made, which are still right, which must not be touched."""
        fingerprints = Fingerprints(self._campaign.folder, self._campaign.settings)
        for planned in chosen:
            letter = self._campaign.letters[planned.letter]
            fingerprint = fingerprints.of(planned, letter)
            key = LetterKey(planned.letter, planned.recipient.id, planned.document)
            record = records.get(key)
            yield self._sort_out_one(planned, fingerprint, record)

    def _sort_out_one(
        self, planned: PlannedLetter, fingerprint: str, record: LetterRecord | None
    ) -> _Order | Unchanged | HeldBack:
        if record is None:
            return _Order(planned, fingerprint, 1, self._path(planned, 1), "")
        path = self._campaign.folder / record.file
        whole = path.is_file() and sha256_of_file(path) == record.digest
        if whole and record.fingerprint == fingerprint:
            return Unchanged(planned, path)
        if path.is_file() and not whole:
            return HeldBack(planned, (_changed_file(planned, record.file),))
        revision = record.revision_for_new_text
        known = record.html_digest if whole else ""
        return _Order(planned, fingerprint, revision, self._path(planned, revision), known)

    def _path(self, planned: PlannedLetter, revision: int) -> Path:
        path = self._campaign.output / planned.relative_path
        return path if revision == 1 else path.with_stem(f"{path.stem}-r{revision}")

    def _prepare_output(self) -> None:
        write_atomically(self._campaign.output / ".gitkeep", b"")
        remove_leftovers(self._campaign.output)

    def _bench_plan(self) -> BenchPlan:
        return BenchPlan(self._campaign.folder, self._campaign.settings, self._campaign.letters)

    def _composer(self) -> Composer:
        campaign = self._campaign
        return Composer(campaign.folder, campaign.settings, campaign.letters, campaign.protocol)

    def _language_problems(self) -> Iterator[Problem]:
        states: dict[str, set[str]] = {}
        for planned in self.plan.planned:
            states.setdefault(planned.language, set()).add(planned.recipient.state)
        for language, used in sorted(states.items()):
            yield from self._campaign.protocol.problems(language, used)

    def _located(self, problem: Problem, planned: PlannedLetter) -> Problem:
        """The problem with the recipient's row, where it names no file of its own."""
        if problem.file:
            return problem
        file = self._campaign.settings.recipients
        return replace(problem, file=file, row=planned.recipient.row, letter=planned.key)

    def _why_not_planned(self, letter: str, recipient: str) -> str:
        wanted = (recipient, self.state_code(recipient))
        for skipped in self.plan.skipped:
            if skipped.letter == letter and wanted[0] == skipped.recipient.id:
                return f'"{recipient}" is on hold: {skipped.reason}.'
            if skipped.letter == letter and wanted[1] == skipped.recipient.state:
                return f'"{recipient}" is on hold: {skipped.reason}.'
        return f'the letter "{letter}" has no recipient "{recipient}".'


def _enter(register: Register, unentered: list[tuple[Made, NewEvent]]) -> Iterator[Made]:
    """Enter what was written; only then is it made."""
    register.append([event for _, event in unentered])
    made = [outcome for outcome, _ in unentered]
    unentered.clear()
    yield from made


def _changed_file(planned: PlannedLetter, file: str) -> Problem:
    return Problem(
        code="file-changed",
        message=f"{file} is not the file that was made: somebody changed it.",
        remedy="Move it away to have the letter made again.",
        file=file,
        letter=planned.key,
    )


def _without_repeats(problems: Iterable[Problem]) -> Iterator[Problem]:
    """One fault in a template shows in every letter; say it once, with the first letter."""
    seen: set[tuple[object, ...]] = set()
    for problem in problems:
        key = (problem.code, problem.message, problem.file, problem.row, problem.column)
        if key not in seen:
            seen.add(key)
            yield problem
