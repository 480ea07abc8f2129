"""``check``: every problem at once; writes nothing."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import typer

from outreach_merge.cli.context import context_of, problem_as_json
from outreach_merge.errors import ExitCode
from outreach_merge.model import Severity


def check(
    ctx: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print the problems as JSON.")] = False,
) -> None:
    """Show every problem in data, letters and templates, with its remedy; write nothing."""
    from outreach_merge.press import Press

    context = context_of(ctx)
    press = Press(context.campaign(), context.who, lambda: dt.datetime.now(dt.UTC))
    problems = press.check()
    errors = sum(problem.severity is Severity.ERROR for problem in problems)
    if as_json:
        context.print_json([problem_as_json(problem) for problem in problems])
    else:
        context.show_problems(problems)
        planned, skipped = press.plan.planned, press.plan.skipped
        counts = (
            _many(len(planned), "letter") + " planned",
            _many(len(skipped), "recipient") + " on hold",
            _many(errors, "error"),
            _many(len(problems) - errors, "warning"),
        )
        context.out.print(", ".join(counts))
    raise typer.Exit(ExitCode.CAMPAIGN if errors else ExitCode.DONE)


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
