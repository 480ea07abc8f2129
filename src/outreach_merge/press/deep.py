"""``check --deep``: every letter is set and looked at; nothing is written."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from outreach_merge import catalogue
from outreach_merge.model import PlannedLetter, Problem
from outreach_merge.pictures import pages_as_png
from outreach_merge.preflight.html_report import Inspected
from outreach_merge.preflight.validators import validate
from outreach_merge.press.local_executor import LocalExecutor, workers_for
from outreach_merge.press.renderer import RendererConfig, RenderJob, RenderResult

_PAGE = re.compile(r"^page (\d+): ")
_PICTURE_DPI = 50


@dataclass(frozen=True, slots=True)
class ExaminedLetter:
    """A letter that was set; ``pdf`` is empty where it could not be."""

    planned: PlannedLetter
    problems: tuple[Problem, ...]
    pdf: bytes = b""


def examine(
    config: RendererConfig, planned: Sequence[PlannedLetter], jobs: int | None
) -> Iterator[ExaminedLetter]:
    """Every letter with all that is wrong with it, the validators' verdicts included.

    :param jobs: worker processes; ``None``: as many as there are cores.
    """
    yield from _judged(render_all(config, planned, jobs))


def render_all(
    config: RendererConfig, planned: Sequence[PlannedLetter], jobs: int | None
) -> list[ExaminedLetter]:
    """Every letter as it is set, in the order of ``planned``, with what preflight finds.

    :param jobs: worker processes; ``None``: as many as there are cores.
    """
    if not planned:
        return []
    with LocalExecutor(config, workers_for(len(planned), jobs)) as executor:
        numbered = (RenderJob(n, letter, keep=True) for n, letter in enumerate(planned))
        results = sorted(executor.make(numbered), key=lambda result: result.number)
    return [_examined(planned[result.number], result) for result in results]


def _examined(planned: PlannedLetter, result: RenderResult) -> ExaminedLetter:
    if result.failure:
        return ExaminedLetter(planned, (_failed(planned, result.failure),))
    if result.typeset:
        return ExaminedLetter(planned, result.typeset.findings, result.typeset.pdf)
    return ExaminedLetter(planned, result.problems)


def inspected(examined: Sequence[ExaminedLetter]) -> list[Inspected]:
    """The letters with findings, for the preflight's report."""
    return [
        Inspected(
            one.planned.key,
            one.planned.recipient.state,
            one.planned.language,
            one.problems,
            _picture(one),
        )
        for one in examined
        if one.problems
    ]


def _judged(examined: Sequence[ExaminedLetter]) -> Iterator[ExaminedLetter]:
    """What validators say of the files; they read them from a folder of their own."""
    with tempfile.TemporaryDirectory(prefix="preflight-") as folder:
        files = {}
        for number, one in enumerate(examined):
            if one.pdf:
                path = Path(folder) / f"{number}.pdf"
                path.write_bytes(one.pdf)
                files[number] = path
        verdicts = validate(list(files.values()))
    for number, one in enumerate(examined):
        found = verdicts.get(files[number], ()) if number in files else ()
        more = tuple(replace(finding, letter=one.planned.key) for finding in found)
        yield replace(one, problems=one.problems + more)


def _picture(one: ExaminedLetter) -> bytes:
    """The first page that a finding names, else the first."""
    if not one.pdf:
        return b""
    named = (_PAGE.match(problem.message) for problem in one.problems)
    number = next((int(match[1]) for match in named if match), 1)
    pages = pages_as_png(one.pdf, _PICTURE_DPI)
    return pages[min(number, len(pages)) - 1]


def _failed(planned: PlannedLetter, reason: str) -> Problem:
    return catalogue.FAILED.at(letter=planned.key, reason=reason, remedy="Run the command again.")
