"""One worker's bench: composes and sets one letter after the other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from outreach_merge.compose import ComposeError, Composer
from outreach_merge.definitions import CampaignSettings, Letter
from outreach_merge.model import ComposedLetter, PlannedLetter, Problem, Severity, TypesetLetter
from outreach_merge.protocol import Protocol


@dataclass(frozen=True, slots=True)
class BenchPlan:
    """What a bench needs to know; small, since it travels to every worker."""

    folder: Path
    settings: CampaignSettings
    letters: Mapping[str, Letter]


@dataclass(frozen=True, slots=True)
class Job:
    """One letter to make.

    :param known: digest of the page as the register knows it: equal, nothing is set again.
    """

    number: int
    planned: PlannedLetter
    known: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a job: a PDF, or ``None`` with problems, or ``None`` when nothing changed."""

    number: int
    digest: str = ""
    typeset: TypesetLetter | None = None
    problems: tuple[Problem, ...] = ()
    failure: str = ""


class Bench:
    """Everything that is loaded once and used for many letters."""

    def __init__(self, plan: BenchPlan) -> None:
        from outreach_merge.typeset import Typesetter

        self._letters = plan.letters
        self._composer = Composer(
            plan.folder, plan.settings, plan.letters, Protocol.load(plan.folder)
        )
        self._typesetter = Typesetter(plan.folder, plan.settings)

    def compose(self, planned: PlannedLetter, *, draft: bool = False) -> ComposedLetter:
        return self._composer.compose(planned, draft=draft)

    def typeset(self, composed: ComposedLetter) -> TypesetLetter:
        """The letter as PDF with all findings."""
        typeset = self._typesetter.typeset(composed)
        allowed = self._letters[composed.planned.letter].pages
        return typeset.with_findings(tuple(_too_long(typeset, allowed)))

    def make(self, job: Job) -> Result:
        """Compose and set one letter; never raises for what is wrong with the letter."""
        try:
            composed = self.compose(job.planned)
        except ComposeError as error:
            return Result(job.number, problems=(error.problem,))
        if composed.digest == job.known:
            return Result(job.number, digest=composed.digest)
        typeset = self.typeset(composed)
        if any(finding.severity is Severity.ERROR for finding in typeset.findings):
            return Result(job.number, problems=typeset.findings)
        return Result(job.number, digest=composed.digest, typeset=typeset)


def _too_long(typeset: TypesetLetter, allowed: int) -> list[Problem]:
    if typeset.pages <= allowed:
        return []
    return [
        Problem(
            code="too-many-pages",
            message=f"the letter has {typeset.pages} pages, {allowed} are allowed.",
            remedy="Shorten it, or raise pages in its definition.",
            letter=typeset.planned.key,
        )
    ]
