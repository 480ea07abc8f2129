"""What commands share: the campaign's folder, the consoles, and the printing of problems."""

from __future__ import annotations

import getpass
import json
import os
import sys
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from outreach_merge.errors import CampaignError
from outreach_merge.model import Problem, Severity
from outreach_merge.wording import counted

if TYPE_CHECKING:
    from rich.console import Console

    from outreach_merge.campaign import Campaign


class Interrupted(Exception):
    """A command was ended by Ctrl-C; its text, printed if not empty, says what was done."""


@dataclass
class Context:
    """The command line's context; a command takes it from ``context_of(ctx)``."""

    folder: Path
    verbose: bool = False

    @cached_property
    def out(self) -> Console:
        """Standard output, for results."""
        from rich.console import Console

        return Console(highlight=False, soft_wrap=not sys.stdout.isatty())

    @cached_property
    def err(self) -> Console:
        """Standard error, for progress and problems."""
        from rich.console import Console

        return Console(stderr=True, highlight=False, soft_wrap=not sys.stderr.isatty())

    @property
    def who(self) -> str:
        """The name entered in the register: ``OUTREACH_USER``, else the login name."""
        return os.environ.get("OUTREACH_USER") or getpass.getuser()

    def campaign(self) -> Campaign:
        """Read the campaign.

        :raises CampaignError: ``campaign.toml`` is wrong; other problems are in the campaign.
        """
        from outreach_merge.campaign import read_campaign

        return read_campaign(self.folder)

    def show_problems(self, problems: Iterable[Problem]) -> None:
        """Print one line each: ``recipients.csv:12, column "state": ...``."""
        from rich.text import Text

        for problem in problems:
            color = "red" if problem.severity is Severity.ERROR else "yellow"
            self.err.print(Text.assemble((problem.severity.value, color), f"  {problem}"))

    def print_json(self, value: Any) -> None:
        """A result as JSON on standard output."""
        typer.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def context_of(ctx: typer.Context) -> Context:
    """The shared context of the running command."""
    context = ctx.find_object(Context)
    assert context is not None, "the app's callback makes it"
    return context


def raise_on_problems(problems: Sequence[Problem]) -> None:
    """:raises CampaignError: with all ``problems``, when one of them is an error."""
    if any(problem.severity is Severity.ERROR for problem in problems):
        raise CampaignError(problems)


def each_once(
    problems: Iterable[Problem], same: Callable[[Problem], Hashable]
) -> Iterator[Problem]:
    """Problems without repetition; the first of equal ones names how many letters have it.

    :param same: key function: equal for problems to be shown as one.
    """
    alike: dict[Hashable, list[Problem]] = {}
    for problem in problems:
        alike.setdefault(same(problem), []).append(problem)
    for first, *others in alike.values():
        if others:
            more = counted(len(others), "other letter")
            yield replace(first, letter=f"{first.letter} and {more}")
        else:
            yield first


def same_fault(problem: Problem) -> Hashable:
    """Key for :func:`each_once`: the letter does not count where a file is named."""
    said = (problem.code, problem.message, problem.file, problem.row, problem.column)
    return said if problem.file else (*said, problem.letter)


def problem_as_json(problem: Problem) -> dict[str, Any]:
    """A problem as every ``--json`` prints it."""
    return {
        "severity": problem.severity.value,
        "code": problem.code,
        "file": problem.file,
        "row": problem.row,
        "column": problem.column,
        "letter": problem.letter,
        "message": problem.message,
        "remedy": problem.remedy,
    }
