"""The preflight's findings as one HTML page, with a picture of each page that is concerned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from outreach_merge.html_pages import render_page
from outreach_merge.model import Problem, Severity


@dataclass(frozen=True, slots=True)
class Inspected:
    """A letter in which something was found.

    :param picture: PNG of the page concerned; empty where there is none.
    """

    letter: str
    state: str
    language: str
    problems: Sequence[Problem]
    picture: bytes = b""


def report(title: str, inspected: Sequence[Inspected], letters: int, judges: Sequence[str]) -> str:
    """A page that stands by itself.

    :param letters: how many were looked at.
    :param judges: names of the validators that were asked.
    """
    errors = sum(p.severity is Severity.ERROR for one in inspected for p in one.problems)
    warnings = sum(len(one.problems) for one in inspected) - errors
    return render_page(
        "preflight.html",
        title=title,
        inspected=inspected,
        letters=letters,
        errors=errors,
        warnings=warnings,
        judges=judges,
    )
