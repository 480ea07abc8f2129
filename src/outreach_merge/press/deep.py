"""``check --deep``: every letter is set and looked at; nothing is written."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from outreach_merge.model import PlannedLetter, Problem
from outreach_merge.pictures import pages_as_png
from outreach_merge.preflight.html_report import Inspected
from outreach_merge.preflight.validators import validate
from outreach_merge.press.local_executor import LocalExecutor
from outreach_merge.press.renderer import RendererConfig, RenderJob

_PAGE = re.compile(r"^page (\d+): ")
_PICTURE_DPI = 50


@dataclass(frozen=True, slots=True)
class ExaminedLetter:
    """A letter that was set; ``pdf`` is empty where it could not be."""

    planned: PlannedLetter
    problems: tuple[Problem, ...]
    pdf: bytes = b""


def examine(
    plan: RendererConfig, planned: Sequence[PlannedLetter], jobs: int
) -> Iterator[ExaminedLetter]:
    """Every letter with all that is wrong with it, the validators' verdicts included.

    :param jobs: worker processes.
    """
    examined: list[ExaminedLetter] = []
    count = max(1, min(jobs, (len(planned) + 3) // 4))
    with LocalExecutor(plan, count) as workers:
        numbered = (RenderJob(n, letter, keep=True) for n, letter in enumerate(planned))
        for result in workers.make(numbered):
            letter = planned[result.number]
            if result.failure:
                examined.append(ExaminedLetter(letter, (_failed(letter, result.failure),)))
                continue
            if result.typeset:
                set_letter = result.typeset
                examined.append(ExaminedLetter(letter, set_letter.findings, set_letter.pdf))
            else:
                examined.append(ExaminedLetter(letter, result.problems))
    order = {id(letter): position for position, letter in enumerate(planned)}
    examined.sort(key=lambda one: order[id(one.planned)])
    yield from _judged(examined)


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
    return Problem("failed", reason, "Run the command again.", letter=planned.key)
