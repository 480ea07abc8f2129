"""From a campaign to letters on the disk and in the register."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from outreach_merge.campaign import SETTINGS_FILE, Campaign
from outreach_merge.compose import ComposeError, Composer
from outreach_merge.definitions import LetterDefinition
from outreach_merge.errors import UsageError
from outreach_merge.model import ComposedLetter, PlannedLetter, Problem, StateEvent
from outreach_merge.plan import Plan, make_plan
from outreach_merge.press.dependencies import Dependencies
from outreach_merge.press.outcomes import Outcome
from outreach_merge.press.output_files import made_files
from outreach_merge.press.problem_location import located, without_repeats
from outreach_merge.press.renderer import RendererConfig, missing_enclosure
from outreach_merge.press.selection import Selection
from outreach_merge.register import (
    STATE_EVENTS,
    Event,
    EventKind,
    LetterKey,
    LetterRecord,
    RegisterMissing,
    effective_events,
)
from outreach_merge.wording import nearest

if TYPE_CHECKING:
    # Loaded when a register is opened: a preview opens none.
    from outreach_merge.press.deep import ExaminedLetter
    from outreach_merge.press.output_comparison import OutputComparison

logger = logging.getLogger(__name__)


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
        campaign, letters = self._campaign, tuple(self._campaign.letters.values())
        events = self._state_events(letters)
        return make_plan(letters, campaign.recipients, campaign.settings, events)

    def _plan_of(self, name: str) -> Plan:
        """The plan of one letter and of what it carries, in as little time as that takes."""
        letters, wanted = self._campaign.letters, [self._campaign.letter(name)]
        while (carried := letters.get(wanted[-1].recipients.carries)) and carried not in wanted:
            wanted.append(carried)
        events = self._state_events(wanted)
        return make_plan(wanted, self._campaign.recipients, self._campaign.settings, events)

    def _state_events(self, letters: Sequence[LetterDefinition]) -> tuple[StateEvent, ...]:
        """What the register holds on states, where the recipients of a letter depend on it."""
        if not any(letter.recipients.event for letter in letters):
            return ()
        try:
            from outreach_merge.register import Register

            with Register.open(
                self._campaign.register_url, self._campaign.settings.code, self._clock, create=False
            ) as register:
                events = list(register.events(kinds=[*STATE_EVENTS, EventKind.CORRECTED]))
        except RegisterMissing:
            return ()
        return tuple(_state_event(event) for event in effective_events(events))

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
                    found.append(located(error.problem, planned, self._campaign))
        return tuple(without_repeats(found))

    def find(self, letter: str, recipient: str, language: str = "") -> PlannedLetter:
        """The planned letter to ``recipient``: an id, or a state with one such letter.

        :param language: preview it in another language than the recipient's.
        :raises UsageError: no such letter or recipient, or several.
        """
        plan = self._plan_of(letter)
        originals = [p for p in plan.planned if p.letter == letter and not p.courtesy]
        found = [p for p in originals if p.recipient.id == recipient]
        if not found:
            state = self._campaign.protocol.find_state(recipient).iso3
            found = [p for p in originals if p.recipient.state == state]
        if not found:
            raise self._not_planned(letter, recipient, plan)
        if len(found) > 1:
            ids = ", ".join(p.recipient.id for p in found)
            raise UsageError(
                f'"{recipient}" has {len(found)} letters "{letter}".', f"Name one by its id: {ids}."
            )
        if not language or language == found[0].language:
            return found[0]
        courtesy = [
            p
            for p in plan.planned
            if p.key == found[0].key and p.courtesy and p.language == language
        ]
        return courtesy[0] if courtesy else replace(found[0], language=language)

    def letter(self, name: str) -> LetterDefinition:
        """:raises UsageError: when the campaign has no such letter."""
        return self._campaign.letter(name)

    def state_code(self, text: str) -> str:
        """ISO 3166 alpha-3 of the state of a code or name.

        :raises UsageError: when no state, or more than one, is called that.
        """
        return self._campaign.protocol.state_code(text)

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

    def examine(self, selection: Selection, jobs: int | None = None) -> list[ExaminedLetter]:
        """Set every chosen letter anew and look at it; nothing is written.

        :param jobs: worker processes; by default the cores there are.
        """
        from outreach_merge.press.deep import examine

        chosen = selection.of(self.plan.planned)
        return [
            replace(
                one, problems=tuple(located(p, one.planned, self._campaign) for p in one.problems)
            )
            for one in examine(self._renderer_config(), chosen, jobs)
        ]

    def compare_output(self, jobs: int | None = None) -> OutputComparison:
        """What ``generate`` would change in the output folder; nothing is written.

        :param jobs: worker processes; by default the cores there are.
        :raises RegisterError: the register cannot be opened.
        """
        from outreach_merge.press.deep import render_all
        from outreach_merge.press.output_comparison import compare_output

        return compare_output(
            self._campaign,
            self.plan.planned,
            self._records(),
            self._dependencies,
            lambda letters: render_all(self._renderer_config(), letters, jobs),
        )

    def _records(self) -> Mapping[LetterKey, LetterRecord]:
        """What the register knows of each letter; nothing where there is no register yet."""
        from outreach_merge.register import Register

        campaign = self._campaign
        try:
            with Register.open(
                campaign.register_url, campaign.settings.code, self._clock, create=False
            ) as register:
                return register.letters()
        except RegisterMissing:
            return {}

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
        from outreach_merge.press.contact_sheet import contact_sheet
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
        from outreach_merge.enclose import file_problem

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
        self,
        selection: Selection,
        jobs: int | None = None,
        *,
        with_enclosures: bool = False,
        plain: bool = False,
        scheduler: str = "",
    ) -> Iterator[Outcome]:
        """Make what changed, enter it, and yield what became of each letter.

        :param jobs: worker processes; by default the cores there are.
        :param with_enclosures: put the enclosures into the letters' files.
        :param plain: set the letters without caches: slower, the same pages.
        :param scheduler: address of a Dask cluster whose workers make the letters instead.
        :raises MachineError: the output folder cannot be written; the cluster cannot be used.
        :raises RegisterError: the register cannot be opened.
        """
        from outreach_merge.press.pipeline import Pipeline, RunOptions

        pipeline = Pipeline(
            self._campaign,
            self.plan,
            self._dependencies,
            lambda: self._renderer_config(with_enclosures=with_enclosures, plain=plain),
            self._by,
            self._clock,
        )
        return pipeline.run(RunOptions(selection, jobs, with_enclosures, scheduler))

    def _renderer_config(
        self, *, with_enclosures: bool = False, plain: bool = False
    ) -> RendererConfig:
        """The configuration of the workers, complete.

        The fonts are cut for it: so the same letter has the same bytes in every command.
        """
        from outreach_merge.press.campaign_fonts import campaign_fonts

        campaign = self._campaign
        return RendererConfig(
            campaign.folder,
            campaign.settings,
            campaign.letters,
            self._dependencies.page,
            with_enclosures,
            campaign_fonts(campaign.folder, campaign.settings, campaign.recipients),
            plain,
        )

    @cached_property
    def _dependencies(self) -> Dependencies:
        campaign = self._campaign
        return Dependencies(campaign.folder, campaign.settings, campaign.letters)

    def _composer(self) -> Composer:
        campaign = self._campaign
        return Composer(campaign.folder, campaign.settings, campaign.letters, campaign.protocol)

    def _language_problems(self) -> Iterator[Problem]:
        states: dict[str, set[str]] = {}
        for planned in self.plan.planned:
            states.setdefault(planned.language, set()).add(planned.recipient.state)
        for language, used in sorted(states.items()):
            yield from self._campaign.protocol.problems(language, used)

    def _not_planned(self, letter: str, recipient: str, plan: Plan) -> UsageError:
        """Why there is no such letter: on hold, or nobody of that name, and who is near."""
        named_state = self._campaign.protocol.find_state(recipient)
        state = named_state.iso3
        for skipped in plan.skipped:
            named = (skipped.recipient.id, skipped.recipient.state)
            if skipped.letter == letter and (recipient in named or state in named):
                return UsageError(
                    f'"{recipient}" is on hold: {skipped.reason}.',
                    "Clear the cell hold to write to it.",
                )
        if named_state.problem is not None and named_state.is_known_name:
            return UsageError(named_state.problem.message, named_state.problem.remedy)
        ids = [p.recipient.id for p in plan.planned if p.letter == letter and not p.courtesy]
        near = nearest(recipient, ids) or next(iter(ids), "")
        return UsageError(
            f'the letter "{letter}" has no recipient "{recipient}".',
            f"Name an id or a state; there is for instance {near}." if near else "",
        )


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
