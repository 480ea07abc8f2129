"""What keeps a letter from being made, said with its place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from outreach_merge.campaign import Campaign
from outreach_merge.catalogue import PREFLIGHT
from outreach_merge.model import PlannedLetter, Problem

#: What is nothing of the recipient's, unless a cell of theirs is named with it.
_OF_THE_TEMPLATE = frozenset(
    {"missing-picture", "missing-stylesheet", "typesetter", *(kind.code for kind in PREFLIGHT)}
)


def located(problem: Problem, planned: PlannedLetter, campaign: Campaign) -> Problem:
    """The problem with the template or the recipient's row, where it names no file."""
    if problem.file:
        return problem
    if problem.code in _OF_THE_TEMPLATE and not problem.column:
        folder = campaign.letters[planned.letter].template_folder
        file = f"templates/{folder}/{planned.language}.html"
        return replace(problem, file=file, letter=planned.key)
    file = campaign.settings.recipients
    return replace(problem, file=file, row=planned.recipient.row, letter=planned.key)


def without_repeats(problems: Iterable[Problem]) -> Iterator[Problem]:
    """One fault in a template shows in every letter; say it once, with the first letter."""
    seen: set[tuple[object, ...]] = set()
    for problem in problems:
        key = (problem.code, problem.message, problem.file, problem.row, problem.column)
        if key not in seen:
            seen.add(key)
            yield problem
