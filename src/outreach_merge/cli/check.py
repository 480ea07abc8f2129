"""``check``: every problem of a campaign; writes nothing but the report asked for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from outreach_merge.cli.context import Context, context_of, each_once, problem_as_json, same_fault
from outreach_merge.errors import CampaignError, ExitCode, UsageError
from outreach_merge.model import Problem, Severity
from outreach_merge.wording import counted

if TYPE_CHECKING:
    from outreach_merge.press import Press


def check(
    ctx: typer.Context,
    deep: Annotated[
        bool, typer.Option("--deep", help="Set every letter and look at its pages as well.")
    ] = False,
    report: Annotated[
        Path | None, typer.Option("--report", help="With --deep: a page (HTML) with pictures.")
    ] = None,
    jobs: Annotated[int | None, typer.Option("--jobs", "-j", min=1, help="Processes.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the problems as JSON.")] = False,
) -> None:
    """Show every problem in data, letters and templates, with its remedy; write nothing."""
    from outreach_merge.campaign import read_to_check
    from outreach_merge.press import Press

    if report is not None and not deep:
        raise UsageError("--report shows what --deep finds.", "Add --deep.")
    context = context_of(ctx)
    try:
        campaign = read_to_check(context.folder)
    except CampaignError as error:
        if not as_json:
            raise
        context.print_json([problem_as_json(problem) for problem in error.problems])
        raise typer.Exit(error.exit_code) from error
    press = Press(campaign, context.who, lambda: dt.datetime.now(dt.UTC))
    problems = list(press.check())
    if deep and not _errors(problems):
        problems += _deep(context, press, report, jobs)
    errors = _errors(problems)
    if as_json:
        context.print_json([problem_as_json(problem) for problem in problems])
    else:
        context.show_problems(each_once(problems, same_fault))
        planned, skipped = press.plan.planned, press.plan.skipped
        counts = (
            counted(len(planned), "letter") + (" set" if deep else " planned"),
            counted(len(skipped), "recipient") + " on hold",
            counted(errors, "error"),
            counted(len(problems) - errors, "warning"),
        )
        context.out.print(", ".join(counts))
    raise typer.Exit(ExitCode.CAMPAIGN if errors else ExitCode.DONE)


def _deep(context: Context, press: Press, report: Path | None, jobs: int | None) -> list[Problem]:
    """Problems of the typeset letters; writes the report if there is to be one."""
    from outreach_merge.files import write_atomically
    from outreach_merge.preflight.html_report import report as as_html
    from outreach_merge.preflight.validators import installed
    from outreach_merge.press import Selection
    from outreach_merge.press.deep import inspected

    examined = press.examine(Selection(), jobs)
    judges = installed()
    context.err.print(f"validators: {', '.join(judges) or 'none is installed'}")
    if report is not None:
        html = as_html(press.title, inspected(examined), len(examined), judges)
        write_atomically(report, html.encode())
        context.err.print(str(report))
    return [problem for one in examined for problem in one.problems]


def _errors(problems: Sequence[Problem]) -> int:
    return sum(problem.severity is Severity.ERROR for problem in problems)
