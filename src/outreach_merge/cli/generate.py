"""``generate``: one PDF a recipient."""

from __future__ import annotations

import datetime as dt
import time
from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any

import typer

from outreach_merge.cli.context import (
    Context,
    Interrupted,
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
from outreach_merge.cli.progress import progress
from outreach_merge.errors import CampaignError, ExitCode, UsageError
from outreach_merge.model import Problem, Severity
from outreach_merge.wording import counted

if TYPE_CHECKING:
    from outreach_merge.press import Outcome


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
    from outreach_merge.press import Press, Withdrawn, server

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
    made = press.generate(chosen, jobs, with_enclosures=with_enclosures, scheduler=scheduler)
    interrupted = False
    with progress(context, total) as shown:
        try:
            for outcome in made:
                outcomes.append(outcome)
                shown.advance(len(outcomes))
        except KeyboardInterrupt as interrupt:
            interrupted = True
            outcomes.extend(_finished(made, interrupt))
    skipped = [s for s in press.plan.skipped if not chosen.letters or s.letter in chosen.letters]
    held = _show(context, outcomes, len(skipped), time.monotonic() - started, as_json)
    if interrupted:
        left = total - sum(not isinstance(outcome, Withdrawn) for outcome in outcomes)
        raise Interrupted(
            f"interrupted: {counted(left, 'letter')} left. What was made is entered; "
            "run the same command again to go on."
        )
    if passphrases is not None:
        from outreach_merge.cli.sign import sign_letters

        held += sign_letters(context, campaign, chosen.of(press.plan.planned), passphrases)
    raise typer.Exit(ExitCode.HELD_BACK if held else ExitCode.DONE)


def _finished(letters: Iterator[Outcome], interrupt: KeyboardInterrupt) -> Iterator[Outcome]:
    """What else was made when Ctrl-C came: the run enters it before it ends."""
    with suppress(KeyboardInterrupt):
        if isinstance(letters, Generator):  # it does not know where Ctrl-C came between two letters
            yield letters.throw(interrupt)
        yield from letters


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
