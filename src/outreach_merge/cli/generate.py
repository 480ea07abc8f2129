"""``generate``: one PDF a recipient."""

from __future__ import annotations

import datetime as dt
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any, Protocol

import typer

from outreach_merge.cli.context import (
    Context,
    context_of,
    each_once,
    problem_as_json,
    same_fault,
)
from outreach_merge.cli.filters import (
    Channels,
    Groups,
    Kinds,
    Languages,
    Letters,
    Limit,
    Regions,
    States,
    selection,
)
from outreach_merge.cli.passphrases import Keyring, PassphraseFd, passphrases_from
from outreach_merge.errors import CampaignError, ExitCode, UsageError
from outreach_merge.model import Problem, Severity
from outreach_merge.wording import counted

if TYPE_CHECKING:
    from outreach_merge.press import Outcome

#: Seconds between two plain lines of progress, where there is no terminal.
_LINE_EVERY = 5.0


def generate(
    ctx: typer.Context,
    letters: Letters = None,
    state: States = None,
    region: Regions = None,
    group: Groups = None,
    kind: Kinds = None,
    language: Languages = None,
    channel: Channels = None,
    limit: Limit = None,
    jobs: Annotated[
        int | None, typer.Option("--jobs", "-j", min=1, help="Worker processes; default: cores.")
    ] = None,
    scheduler: Annotated[
        str,
        typer.Option(
            "--scheduler",
            metavar="ADDRESS",
            help="Let a Dask cluster make the letters: tcp://host:8786, tls://host:8786.",
        ),
    ] = "",
    with_enclosures: Annotated[
        bool, typer.Option("--with-enclosures", help="Put the enclosures into the letters' files.")
    ] = False,
    sign: Annotated[bool, typer.Option("--sign", help="Sign the letters at once.")] = False,
    passphrase_fd: PassphraseFd = None,
    keyring: Keyring = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Make one PDF a recipient under output/; only what changed is made again."""
    from outreach_merge.press import Press, server

    if scheduler and jobs:
        raise UsageError(
            "--jobs counts processes of this machine, and --scheduler lets others work.",
            "Name one of them.",
        )
    # First of all: the workers must not inherit pass phrases.
    passphrases = passphrases_from(passphrase_fd, keyring) if sign else None
    server.start()
    context = context_of(ctx)
    campaign = context.campaign()
    press = Press(campaign, context.who, lambda: dt.datetime.now(dt.UTC))
    enclosures = press.enclosure_problems() if with_enclosures else ()
    raise_on_problems([*campaign.problems, *press.plan.problems, *enclosures])
    chosen = selection(press, letters, state, region, group, kind, language, channel, limit)
    started = time.monotonic()
    total = len(chosen.of(press.plan.planned))
    outcomes: list[Outcome] = []
    with _progress(context, total) as progress:
        for outcome in press.generate(
            chosen, jobs, with_enclosures=with_enclosures, scheduler=scheduler
        ):
            outcomes.append(outcome)
            progress.advance(len(outcomes))
    skipped = [s for s in press.plan.skipped if not chosen.letters or s.letter in chosen.letters]
    held = _show(context, outcomes, len(skipped), time.monotonic() - started, as_json)
    if passphrases is not None:
        from outreach_merge.cli.sign import sign_letters

        held += sign_letters(context, campaign, chosen.of(press.plan.planned), passphrases)
    raise typer.Exit(ExitCode.HELD_BACK if held else ExitCode.DONE)


def raise_on_problems(problems: list[Problem]) -> None:
    """:raises CampaignError: when a problem is an error: nothing is made from wrong files."""
    if any(problem.severity is Severity.ERROR for problem in problems):
        raise CampaignError(problems)


def _show(
    context: Context, outcomes: list[Outcome], skipped: int, seconds: float, as_json: bool
) -> int:
    """Print what became of the letters; returns how many were held back or failed."""
    from outreach_merge.press import Failed, HeldBack, Made, Withdrawn

    problems: list[Problem] = []
    for outcome in outcomes:
        if isinstance(outcome, HeldBack):
            problems.extend(outcome.problems)
        elif isinstance(outcome, Made):
            problems.extend(outcome.findings)
        elif isinstance(outcome, Failed):
            problems.append(
                Problem("failed", outcome.reason, outcome.remedy, letter=outcome.planned.key)
            )
    counts = Counter(type(outcome).__name__ for outcome in outcomes)
    held = counts["HeldBack"] + counts["Failed"]
    if as_json:
        context.print_json(_as_json(outcomes, problems, skipped))
        return held
    context.show_problems(each_once(problems, same_fault))
    parts = [f"{counts['Made']} made", f"{counts['Unchanged']} unchanged"]
    if held:
        parts.append(f"{held} held back")
    withdrawn = [outcome for outcome in outcomes if isinstance(outcome, Withdrawn)]
    if withdrawn:
        parts.append(f"{len(withdrawn)} withdrawn")
    if skipped:
        parts.append(f"{counted(skipped, 'recipient')} on hold")
    for outcome in withdrawn:
        context.out.print(
            f"removed {outcome.path.name}: {outcome.recipient} is no longer a recipient",
            markup=False,
        )
    context.out.print(f"{counted(len(outcomes), 'letter')}: {', '.join(parts)} ({seconds:.1f} s)")
    return held


def _as_json(outcomes: list[Outcome], problems: list[Problem], skipped: int) -> dict[str, Any]:
    from outreach_merge.press import Failed, HeldBack, Made, Unchanged, Withdrawn

    names = {Made: "made", Unchanged: "unchanged", HeldBack: "held_back", Failed: "failed"}
    letters = [
        {
            "letter": outcome.planned.letter,
            "recipient": outcome.planned.recipient.id,
            "document": outcome.planned.document,
            "outcome": names[type(outcome)],
            "file": str(outcome.path) if isinstance(outcome, Made | Unchanged) else None,
        }
        for outcome in outcomes
        if not isinstance(outcome, Withdrawn)
    ]
    return {
        "letters": letters,
        "withdrawn": [
            {"letter": outcome.letter, "recipient": outcome.recipient, "file": str(outcome.path)}
            for outcome in outcomes
            if isinstance(outcome, Withdrawn)
        ],
        "on_hold": skipped,
        "problems": [problem_as_json(problem) for problem in problems],
    }


class _Progress(Protocol):
    def advance(self, done: int) -> None: ...


class _Lines:
    """A line now and then, for logs."""

    def __init__(self, context: Context, total: int) -> None:
        self._context, self._total = context, total
        self._started = self._last = time.monotonic()

    def advance(self, done: int) -> None:
        now = time.monotonic()
        if now - self._last >= _LINE_EVERY:
            self._last = now
            rate = done / (now - self._started)
            left = (self._total - done) / rate
            self._context.err.print(
                f"{done} of {self._total} letters, {rate:.1f} a second, {left:.0f} s to go"
            )


class _Bar:
    """A bar with letters made, left, rate and time to go."""

    def __init__(self, bar: Any, task: Any) -> None:
        self._bar, self._task, self._started = bar, task, time.monotonic()

    def advance(self, done: int) -> None:
        rate = done / max(time.monotonic() - self._started, 0.001)
        self._bar.update(self._task, completed=done, rate=f"{rate:.1f} a second")


@contextmanager
def _progress(context: Context, total: int) -> Iterator[_Progress]:
    if not context.err.is_terminal:
        yield _Lines(context, total)
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as TimeToGo

    rate = TextColumn("{task.fields[rate]}")
    columns = (TextColumn("letters"), BarColumn(), MofNCompleteColumn(), rate, TimeToGo())
    with Progress(*columns, console=context.err) as bar:
        yield _Bar(bar, bar.add_task("letters", total=total, rate=""))
