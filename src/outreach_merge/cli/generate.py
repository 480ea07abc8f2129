"""``generate``: one PDF a recipient."""

from __future__ import annotations

import datetime as dt
import time
from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any

import typer

from outreach_merge import catalogue
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
    from outreach_merge.press import Outcome, Withdrawn


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
    from outreach_merge.press import server

    if scheduler and jobs:
        raise UsageError(
            "--jobs counts processes of this machine, and --scheduler lets others work.",
            "Name one of them.",
        )
    # First of all: the workers must not inherit pass phrases.
    passphrases = passphrases_from(passphrase_fd, keyring) if sign else None
    server.start()  # it loads beside what follows
    from outreach_merge.press import Press

    context = context_of(ctx)
    campaign = context.campaign()
    press = Press(campaign, context.who, lambda: dt.datetime.now(dt.UTC))
    enclosures = press.enclosure_problems() if with_enclosures else ()
    raise_on_problems([*campaign.problems, *press.plan.problems, *enclosures])
    chosen = selection(press, letters, state, region, group, kind, language, channel, limit)
    started = time.monotonic()
    total = len(chosen.of(press.plan.planned))
    tally = _OutcomeCounts(as_json)
    made = press.generate(chosen, jobs, with_enclosures=with_enclosures, scheduler=scheduler)
    interrupted = False
    with progress(context, total) as shown:
        try:
            for outcome in made:
                tally.take(outcome)
                shown.advance(tally.letters)
        except KeyboardInterrupt as interrupt:
            interrupted = True
            for outcome in _finished(made, interrupt):
                tally.take(outcome)
    skipped = len(chosen.skipped(press.plan.skipped))
    seconds = time.monotonic() - started
    if as_json:
        context.print_json(tally.as_json(skipped))
    else:
        _show(context, tally, skipped, seconds)
    if interrupted:
        raise Interrupted(
            f"interrupted: {counted(total - tally.letters, 'letter')} left. What was made is "
            "entered; run the same command again to go on."
        )
    held = tally.held
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


class _OutcomeCounts:
    """What became of the letters: counted, not kept, unless each is to be named.

    :param named: keep what ``as_json`` says of each letter.
    """

    def __init__(self, named: bool) -> None:
        self._named: list[dict[str, Any]] | None = [] if named else None
        self.counts: Counter[str] = Counter()
        self.problems: list[Problem] = []
        self.withdrawn: list[Withdrawn] = []

    def take(self, outcome: Outcome) -> None:
        from outreach_merge.press import Failed, HeldBack, Made, Unchanged, Withdrawn

        if isinstance(outcome, Withdrawn):
            self.withdrawn.append(outcome)
            return
        names = {Made: "made", Unchanged: "unchanged", HeldBack: "held_back", Failed: "failed"}
        self.counts[names[type(outcome)]] += 1
        if isinstance(outcome, HeldBack):
            self.problems.extend(outcome.problems)
        elif isinstance(outcome, Made):
            self.problems.extend(outcome.findings)
        elif isinstance(outcome, Failed):
            self.problems.append(
                catalogue.FAILED.at(
                    letter=outcome.planned.key, reason=outcome.reason, remedy=outcome.remedy
                )
            )
        if self._named is not None:
            self._named.append(
                {
                    "letter": outcome.planned.letter,
                    "recipient": outcome.planned.recipient.id,
                    "document": outcome.planned.document,
                    "outcome": names[type(outcome)],
                    "file": str(outcome.path) if isinstance(outcome, Made | Unchanged) else None,
                }
            )

    @property
    def letters(self) -> int:
        """How many letters something became of."""
        return self.counts.total()

    @property
    def held(self) -> int:
        """How many letters were held back or failed."""
        return self.counts["held_back"] + self.counts["failed"]

    def as_json(self, skipped: int) -> dict[str, Any]:
        return {
            "letters": self._named or [],
            "withdrawn": [
                {"letter": one.letter, "recipient": one.recipient, "file": str(one.path)}
                for one in self.withdrawn
            ],
            "on_hold": skipped,
            "problems": [problem_as_json(problem) for problem in self.problems],
        }


def _show(context: Context, tally: _OutcomeCounts, skipped: int, seconds: float) -> None:
    """Print what became of the letters."""
    context.show_problems(each_once(tally.problems, same_fault))
    parts = [f"{tally.counts['made']} made", f"{tally.counts['unchanged']} unchanged"]
    if tally.held:
        parts.append(f"{tally.held} held back")
    if tally.withdrawn:
        parts.append(f"{len(tally.withdrawn)} withdrawn")
    if skipped:
        parts.append(f"{counted(skipped, 'recipient')} on hold")
    for one in tally.withdrawn:
        context.out.print(
            f"removed {one.path.name}: {one.recipient} is no longer a recipient", markup=False
        )
    context.out.print(f"{counted(tally.letters, 'letter')}: {', '.join(parts)} ({seconds:.1f} s)")
