"""A run: planned letters -> files in the output folder and entries in the register.

Each letter is decided, rendered where that is needed, and committed. Only this process writes
files and the register; workers render.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from outreach_merge.campaign import Campaign
from outreach_merge.files import remove_leftovers
from outreach_merge.plan import Plan
from outreach_merge.press.commit import Commit
from outreach_merge.press.decide import Action, Render, decide, decide_unplanned, unplanned
from outreach_merge.press.dependencies import Dependencies
from outreach_merge.press.executor import open_executor
from outreach_merge.press.interrupts import Interrupts
from outreach_merge.press.letter_files import LetterFiles
from outreach_merge.press.local_executor import workers_for
from outreach_merge.press.noop_cache import NoopCache
from outreach_merge.press.outcomes import Outcome
from outreach_merge.press.register_entries import EntryWriter
from outreach_merge.press.renderer import RendererConfig, RenderJob, RenderResult
from outreach_merge.press.run_lock import RunLock
from outreach_merge.press.selection import Selection
from outreach_merge.register import LetterKey, LetterRecord


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What a run is asked to do.

    :param jobs: worker processes; ``None``: as many as there are cores.
    :param with_enclosures: put the enclosures into the letters' files.
    :param scheduler: address of a Dask cluster whose workers render the letters instead.
    """

    selection: Selection
    jobs: int | None = None
    with_enclosures: bool = False
    scheduler: str = ""


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Makes what changed of a plan.

    :param configure: the configuration of the workers; called once a letter must be rendered.
    :param by: who is entered in the register as having made the letters.
    """

    campaign: Campaign
    plan: Plan
    dependencies: Dependencies
    configure: Callable[[], RendererConfig]
    by: str
    clock: Callable[[], dt.datetime]

    def run(self, options: RunOptions) -> Iterator[Outcome]:
        """Decide, render and commit; yields what became of each letter.

        Whatever was yielded as made is entered, also when the caller stops in the middle. At
        Ctrl-C what was finished is entered and yielded, then ``KeyboardInterrupt`` is raised.

        :raises MachineError: the output folder cannot be written; the cluster cannot be used.
        :raises RegisterError: the register cannot be opened.
        """
        from outreach_merge.register import Register

        campaign = self.campaign
        with (
            RunLock(campaign.output) as lock,
            NoopCache(campaign.output) as noop_cache,
            Register.open(campaign.register_url, campaign.settings.code, self.clock) as register,
            Interrupts() as interrupts,
        ):
            remove_leftovers(campaign.output)
            files = LetterFiles(campaign, lock)
            actions = self._decide(options, register.letters(), files, noop_cache)
            to_render: list[Render] = []
            entries = EntryWriter(self.by, self.clock)
            with Commit(campaign, files, register, noop_cache, entries) as commit:
                for action in interrupts.until_heard(actions):
                    if isinstance(action, Render):
                        to_render.append(action)
                    else:
                        yield from commit.take(action)
                for render, result in interrupts.until_heard(self._render(options, to_render)):
                    yield from commit.take_rendered(render, result)
                yield from commit.flush()
            interrupts.raise_if_heard()

    def _decide(
        self,
        options: RunOptions,
        records: Mapping[LetterKey, LetterRecord],
        files: LetterFiles,
        noop_cache: NoopCache,
    ) -> Generator[Action]:
        """What to do for each letter that is no longer planned, and for each that was chosen."""
        for record in unplanned(self.plan, options.selection, records):
            withdrawal = decide_unplanned(record, files.state(record))
            if withdrawal:
                yield withdrawal
        for planned in options.selection.of(self.plan.planned):
            key = LetterKey(planned.letter, planned.recipient.id, planned.document)
            found = records.get(key)
            inputs = self.dependencies.inputs(planned, with_enclosures=options.with_enclosures)
            yield decide(planned, found, inputs, noop_cache.known(found), files.state(found))

    def _render(
        self, options: RunOptions, actions: Sequence[Render]
    ) -> Generator[tuple[Render, RenderResult]]:
        """The letters as workers render them, in the order in which they are finished."""
        if not actions:
            return
        # What is loaded for a language serves the letters that follow in it.
        ordered = sorted(actions, key=lambda one: (one.planned.language, one.planned.letter))
        jobs: Iterable[RenderJob] = (
            RenderJob(number, one.planned, one.known_page) for number, one in enumerate(ordered)
        )
        with open_executor(
            self.configure(),
            self.campaign.recipients,
            count=workers_for(len(ordered), options.jobs),
            scheduler=options.scheduler,
        ) as executor:
            for result in executor.make(jobs):
                yield ordered[result.number], result
