"""From a campaign to letters on the disk and in the register."""

from __future__ import annotations

import datetime as dt
import difflib
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from outreach_merge.calendar_file import calendar_path
from outreach_merge.campaign import SETTINGS_FILE, Campaign
from outreach_merge.compose import ComposeError, Composer
from outreach_merge.definitions import Letter
from outreach_merge.enclose import file_problem
from outreach_merge.errors import UsageError
from outreach_merge.files import remove_leftovers, sha256_of_file, write_atomically
from outreach_merge.model import ComposedLetter, PlannedLetter, Problem, StateEvent, TypesetLetter
from outreach_merge.plan import Plan, make_plan
from outreach_merge.press.bench import Bench, BenchPlan, Job, Result, missing_enclosure
from outreach_merge.press.fingerprint import Fingerprints, looks
from outreach_merge.press.fonts import campaign_fonts
from outreach_merge.press.journal import Journal
from outreach_merge.press.made import made_files
from outreach_merge.press.outcomes import Failed, HeldBack, Made, Outcome, Unchanged, Withdrawn
from outreach_merge.press.remembered import Remembered
from outreach_merge.press.selection import Selection
from outreach_merge.press.workers import Workers, cores
from outreach_merge.recipients.states import StateFinder
from outreach_merge.register import (
    STATE_EVENTS,
    EntriesRefused,
    Event,
    EventKind,
    LetterKey,
    LetterRecord,
    NewEvent,
    RegisterMissing,
    Standing,
    standing_events,
)
from outreach_merge.register.events import facts_digest

if TYPE_CHECKING:
    # Loaded when a register is opened: a preview opens none.
    from outreach_merge.press.deep import Examined
    from outreach_merge.register import Register

logger = logging.getLogger(__name__)

#: Letters entered in one transaction: few enough that a killed run has little to enter again.
_BATCH = 25
#: What the typesetter finds that is nothing of the recipient's.
_OF_THE_TEMPLATE = ("missing-picture", "missing-stylesheet", "too-many-pages", "typesetter")


@dataclass(frozen=True, slots=True)
class _Order:
    """A letter that must be made, where it goes and under which revision.

    :param known: digest of the page that a whole file shows; empty: it must be set again.
    :param record: what the register knows of it.
    """

    planned: PlannedLetter
    fingerprint: str
    revision: int
    path: Path
    known: str = ""
    record: LetterRecord | None = None


@dataclass(frozen=True, slots=True)
class _Step:
    """What became of a letter, and what must be entered before that may be said.

    :param outdated: the letter's file under another name, of no use once the entry is made.
    """

    outcome: Outcome
    event: NewEvent | None = None
    outdated: Path | None = None


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
        return make_plan(
            campaign.letters.values(), campaign.recipients, campaign.settings, self._state_events()
        )

    def _state_events(self) -> tuple[StateEvent, ...]:
        """What the register holds on states, where a letter's recipients depend on it."""
        if not any(letter.recipients.event for letter in self._campaign.letters.values()):
            return ()
        try:
            from outreach_merge.register import Register

            with Register.open(
                self._campaign.register_url, self._campaign.settings.code, self._clock, create=False
            ) as register:
                events = list(register.events(kinds=[*STATE_EVENTS, EventKind.CORRECTED]))
        except RegisterMissing:
            return ()
        return tuple(_state_event(event) for event in standing_events(events))

    def check(self) -> tuple[Problem, ...]:
        """Every problem in data, letters and templates; writes nothing."""
        found = [*self._campaign.problems, *self.plan.problems, *self._language_problems()]
        composer = self._composer()
        found.extend(self.enclosure_problems())
        parts = [part for p in self.plan.planned for part in (p, p.translation) if part]
        found.extend(composer.template_problems((p.letter, p.language) for p in parts))
        broken = {problem.file for problem in found if problem.file.startswith("templates/")}
        # A letter that names what campaign.toml does not have cannot be composed to see more.
        unfit = {problem.file for problem in found if problem.code.startswith("unknown-")}
        for planned in parts:
            if f"letters/{planned.letter}.toml" in unfit:
                continue
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
        if not found:
            state = self._states.find(recipient) or recipient
            found = [p for p in originals if p.recipient.state == state]
        if not found:
            raise self._not_planned(letter, recipient, originals)
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
        """ISO 3166 alpha-3 of a state named by a code or a name in common use.

        :raises UsageError: no state is called that.
        """
        code = self._states.find(text.strip())
        if code is None:
            near = self._states.nearest(text)
            hint = f'Did you mean "{near}"?' if near else "Write its ISO 3166 code, as KEN or KE."
            raise UsageError(f'"{text}" is no state we know.', hint)
        return code

    @cached_property
    def _states(self) -> StateFinder:
        return StateFinder(self._campaign.protocol.states)

    def preview(self, planned: PlannedLetter) -> TypesetLetter:
        """One letter, marked as a draft, never registered.

        :raises ComposeError: when the letter cannot be composed.
        """
        bench = Bench(self._bench_plan())
        return bench.draft(planned)

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

    def examine(self, selection: Selection, jobs: int | None = None) -> list[Examined]:
        """Set every chosen letter anew and look at it; nothing is written.

        :param jobs: worker processes; by default the cores there are.
        """
        from outreach_merge.press.deep import examine

        chosen = selection.of(self.plan.planned)
        return [
            replace(one, problems=tuple(self._located(p, one.planned) for p in one.problems))
            for one in examine(self._bench_plan(), chosen, jobs or cores())
        ]

    @property
    def title(self) -> str:
        """The campaign's title in English, else in the first language there is."""
        settings = self._campaign.settings
        titles = (settings.title.get(code) for code in ("en", *settings.languages))
        return next(filter(None, titles), settings.code)

    def made(self, selection: Selection) -> list[tuple[PlannedLetter, Path]]:
        """The newest file of each chosen letter that was made."""
        return list(made_files(self._campaign.output, selection.of(self.plan.planned)))

    def proof(self, letters: Sequence[tuple[PlannedLetter, Path]]) -> bytes:
        """A contact sheet of letters that were made, as PDF."""
        from outreach_merge.press.proof import contact_sheet
        from outreach_merge.typeset import Typesetter

        typesetter = Typesetter(self._campaign.folder, self._campaign.settings)
        protocol = self._campaign.protocol
        return contact_sheet(
            self.title,
            letters,
            lambda state: protocol.state(state, "en").short.name,
            lambda html, css: typesetter.typeset_document(html, css).pdf,
        )

    def enclosure_problems(self) -> Iterator[Problem]:
        """Files of enclosures that cannot be sent, and letters that would lack one."""
        settings = self._campaign.settings
        for key, enclosure in settings.enclosures.items():
            for language, file in enclosure.files.items():
                path = self._campaign.folder / file
                found = file_problem(path, settings.enclosure_max_mb) if path.is_file() else None
                if found:
                    column = f"enclosures.{key}.files.{language}"
                    yield replace(found, file=SETTINGS_FILE, column=column)
        for planned in (p for p in self.plan.planned if not p.courtesy):
            for key in self._campaign.letters[planned.letter].enclosures:
                listed = settings.enclosures.get(key)
                if listed and listed.files and not settings.enclosure_file(key, planned.language):
                    yield missing_enclosure(key, planned)

    def generate(
        self, selection: Selection, jobs: int | None = None, *, with_enclosures: bool = False
    ) -> Iterator[Outcome]:
        """Make what changed, enter it in the register, and yield what became of each letter.

        Only this process writes files and the register; workers typeset. Whatever was yielded
        as made is entered, also when the caller stops in the middle.

        :param jobs: worker processes; by default the cores there are.
        :param with_enclosures: put the enclosures into the letters' files.
        :raises MachineError: the output folder cannot be written.
        :raises RegisterError: the register cannot be opened.
        """
        from outreach_merge.register import Register

        chosen = selection.of(self.plan.planned)
        campaign = self._campaign
        plan = replace(self._bench_plan(), with_enclosures=with_enclosures)
        with (
            Journal(campaign.output) as journal,
            Remembered(campaign.output) as remembered,
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
                    for step in self._make(orders, journal, plan, jobs or cores(), remembered):
                        yield from entries.take(step)
            finally:
                rest = entries.enter()
            yield from rest

    def _stale(
        self, selection: Selection, records: Mapping[LetterKey, LetterRecord]
    ) -> Iterator[_Step]:
        """Letters to recipients that are gone: they are withdrawn, and their files removed.

        Only when all letters are meant, since a filter says nothing of the others. What left the
        office, was signed or was approved stays; so does what stands on hold, and a file that
        somebody changed.
        """
        if not self.plan.planned or selection != Selection(letters=selection.letters):
            return
        wanted = {LetterKey(p.letter, p.recipient.id, p.document) for p in self.plan.planned}
        held = {(skipped.letter, skipped.recipient.id) for skipped in self.plan.skipped}
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
                yield _Step(Withdrawn(key.letter, key.recipient, path), event, path)

    def _make(
        self,
        orders: list[_Order],
        journal: Journal,
        plan: BenchPlan,
        jobs: int,
        remembered: Remembered,
    ) -> Iterator[_Step]:
        count = max(1, min(jobs, (len(orders) + 3) // 4))
        # What is loaded for a language serves the letters that follow in it.
        orders = sorted(orders, key=lambda order: (order.planned.language, order.planned.letter))
        campaign = self._campaign
        fonts = campaign_fonts(campaign.folder, campaign.settings, campaign.recipients)
        numbered = (Job(n, order.planned, order.known) for n, order in enumerate(orders))
        with Workers(replace(plan, fonts=fonts), count) as workers:
            for result in workers.make(numbered):
                order = orders[result.number]
                step = self._finish(order, result, journal)
                if isinstance(step.outcome, Unchanged) and order.record is not None:
                    remembered.note(order.record.key, order.fingerprint, order.record.digest)
                yield step

    def _finish(self, order: _Order, result: Result, journal: Journal) -> _Step:
        planned, record = order.planned, order.record
        if result.failure:
            reason = f"{result.failure.rstrip('.')}."
            return _Step(Failed(planned, reason, "Run the command again."))
        if result.typeset is None and result.problems:
            problems = tuple(self._located(problem, planned) for problem in result.problems)
            return _Step(HeldBack(planned, problems))
        if result.typeset is None:
            assert record is not None, "only a letter the register knows can be unchanged"
            self._write_calendar(self._campaign.folder / record.file, result)
            return self._unchanged(planned, order.fingerprint, record)
        typeset = result.typeset
        if record is not None and typeset.digest == record.digest:
            # The same paper: it keeps its revision.
            path = self._campaign.folder / record.file
            if path.exists():
                self._write_calendar(path, result)
                return self._unchanged(planned, order.fingerprint, record)
            order = replace(order, revision=record.revision, path=path)
        elif record is not None and record.closed and record.fingerprint == order.fingerprint:
            return _Step(HeldBack(planned, (_lost_file(planned, record.file),)))
        file = self._relative(order.path)
        if not self._is_ours(order, typeset.digest, journal):
            return _Step(HeldBack(planned, (_unknown_file(planned, file),)))
        journal.note(file, typeset.digest)
        write_atomically(order.path, typeset.pdf)
        self._write_calendar(order.path, result)
        made = Made(
            planned, order.path, typeset.pages, typeset.digest, order.revision, typeset.findings
        )
        if record is not None and self._came_back(record, typeset.digest):
            return _Step(made, self._not_withdrawn(record))
        event = self._event(
            planned,
            order.fingerprint,
            result.digest,
            file=file,
            digest=typeset.digest,
            pages=typeset.pages,
            revision=order.revision,
        )
        return _Step(made, event, self._outdated(order))

    @staticmethod
    def _came_back(record: LetterRecord, digest: str) -> bool:
        """Whether the letter was withdrawn with its recipient, who is there again."""
        return record.standing is Standing.WITHDRAWN and record.digest == digest

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

    def _is_ours(self, order: _Order, digest: str, journal: Journal) -> bool:
        """Whether nothing stands where the letter goes that somebody else put there."""
        if not order.path.exists():
            return True
        if not order.path.is_file():
            return False
        found, file = sha256_of_file(order.path), self._relative(order.path)
        known = order.record is not None and (order.record.file, order.record.digest) == (
            file,
            found,
        )
        return known or found == digest or journal.knows(file, found)

    def _outdated(self, order: _Order) -> Path | None:
        """The file this letter had, where it had another name (its language changed, say)."""
        record = order.record
        if record is None or record.closed:
            return None
        path = self._campaign.folder / record.file
        whole = path != order.path and path.is_file() and sha256_of_file(path) == record.digest
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
        return _Step(outcome, event)

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
            },
        )

    def _sort_out(
        self,
        chosen: Iterable[PlannedLetter],
        records: dict[LetterKey, LetterRecord],
        journal: Journal,
        plan: BenchPlan,
        remembered: Remembered,
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

    def _enclosed(self, planned: PlannedLetter, letter: Letter) -> list[Path]:
        """The files that go into the letter's own."""
        settings = self._campaign.settings
        files = [settings.enclosure_file(key, planned.language) for key in letter.enclosures]
        return [self._campaign.folder / file[1] for file in files if file and not planned.courtesy]

    def _sort_out_one(
        self,
        planned: PlannedLetter,
        fingerprint: str,
        record: LetterRecord | None,
        journal: Journal,
        remembered: Remembered,
    ) -> _Order | _Step:
        if record is None:
            return _Order(planned, fingerprint, 1, self._path(planned, 1))
        path = self._campaign.folder / record.file
        found = sha256_of_file(path) if path.is_file() else ""
        whole = found == record.digest
        same = record.fingerprint == fingerprint or remembered.knows(
            record.key, fingerprint, record.digest
        )
        if whole and same and self._has_calendar(planned, path):
            return self._unchanged(planned, fingerprint, record)
        if found and not whole and not journal.knows(record.file, found):
            return _Step(HeldBack(planned, (_changed_file(planned, record.file),)))
        revision = record.revision_for_new_text
        known = record.html_digest if whole else ""
        path = self._path(planned, revision)
        return _Order(planned, fingerprint, revision, path, known, record)

    def _relative(self, path: Path) -> str:
        return path.relative_to(self._campaign.folder).as_posix()

    def _has_calendar(self, planned: PlannedLetter, path: Path) -> bool:
        """Whether the calendar file is there, for a letter that has one."""
        meeting = self._campaign.letters[planned.letter].meeting
        return meeting is None or calendar_path(path).is_file()

    def _write_calendar(self, letter: Path, result: Result) -> None:
        if result.calendar:
            write_atomically(calendar_path(letter), result.calendar)

    def _path(self, planned: PlannedLetter, revision: int) -> Path:
        path = self._campaign.output / planned.relative_path
        return path if revision == 1 else path.with_stem(f"{path.stem}-r{revision}")

    def _bench_plan(self) -> BenchPlan:
        campaign = self._campaign
        seen = looks(campaign.folder, campaign.settings)
        return BenchPlan(campaign.folder, campaign.settings, campaign.letters, seen)

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
        """The problem with the template or the recipient's row, where it names no file."""
        if problem.file:
            return problem
        if problem.code in _OF_THE_TEMPLATE:
            folder = self._campaign.letters[planned.letter].template_folder
            file = f"templates/{folder}/{planned.language}.html"
            return replace(problem, file=file, letter=planned.key)
        file = self._campaign.settings.recipients
        return replace(problem, file=file, row=planned.recipient.row, letter=planned.key)

    def _not_planned(
        self, letter: str, recipient: str, originals: Sequence[PlannedLetter]
    ) -> UsageError:
        """Why there is no such letter: on hold, or nobody of that name, and who is near."""
        state = self._states.find(recipient) or recipient
        for skipped in self.plan.skipped:
            named = (skipped.recipient.id, skipped.recipient.state)
            if skipped.letter == letter and (recipient in named or state in named):
                return UsageError(
                    f'"{recipient}" is on hold: {skipped.reason}.',
                    "Clear the cell hold to write to it.",
                )
        ids = [planned.recipient.id for planned in originals]
        near = difflib.get_close_matches(recipient, ids, n=1) or ids[:1]
        return UsageError(
            f'the letter "{letter}" has no recipient "{recipient}".',
            f"Name an id or a state; there is for instance {near[0]}." if near else "",
        )


class _Entries:
    """Enters what was made, batch by batch; only then is it said to be made."""

    def __init__(self, register: Register, journal: Journal) -> None:
        self._register = register
        self._journal = journal
        self._waiting: list[tuple[_Step, NewEvent]] = []

    def take(self, step: _Step) -> Iterator[Outcome]:
        """What can be said now."""
        if step.event is None:
            yield step.outcome
            return
        self._waiting.append((step, step.event))
        if len(self._waiting) >= _BATCH:
            yield from self.enter()

    def enter(self) -> list[Outcome]:
        """Enter all that waits. What the register refuses is held back, and the rest entered."""
        refused: dict[int, Problem] = {}
        try:
            self._register.append([event for _, event in self._waiting])
        except EntriesRefused as error:
            refused = dict(error.refusals)
            good = [event for n, (_, event) in enumerate(self._waiting) if n not in refused]
            self._register.append(good)
        outcomes: list[Outcome] = []
        for number, (step, event) in enumerate(self._waiting):
            if number in refused:
                if not isinstance(step.outcome, Withdrawn):
                    outcomes.append(HeldBack(step.outcome.planned, (refused[number],)))
                continue
            self._journal.entered(event.file)
            if step.outdated is not None:
                step.outdated.unlink(missing_ok=True)
                calendar_path(step.outdated).unlink(missing_ok=True)
            outcomes.append(step.outcome)
        self._waiting.clear()
        return outcomes


def _state_event(event: Event) -> StateEvent:
    """An entry of the register as the plan reads it."""
    issues = event.details.get("issues", ())
    return StateEvent(
        kind=event.kind.value,
        state=event.state,
        happened_on=event.happened_on,
        issues=tuple(issues) if isinstance(issues, Sequence) and issues else (),
        confidential=event.details.get("confidential") is True,
    )


def _changed_file(planned: PlannedLetter, file: str) -> Problem:
    return Problem(
        code="file-changed",
        message="this is not the file that was made: somebody changed it.",
        remedy="Move it away to have the letter made again.",
        file=file,
        letter=planned.key,
    )


def _unknown_file(planned: PlannedLetter, file: str) -> Problem:
    return Problem(
        code="file-unknown",
        message="something stands here that the register does not know.",
        remedy="Move it away to have the letter made, or bring back the register it belongs to.",
        file=file,
        letter=planned.key,
    )


def _lost_file(planned: PlannedLetter, file: str) -> Problem:
    return Problem(
        code="file-lost",
        message="the letter left the office, its file is gone and cannot be made the same again.",
        remedy="Bring the file back from a copy.",
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
