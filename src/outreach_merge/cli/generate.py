"""``generate``: one PDF a recipient."""

from __future__ import annotations

import datetime as dt
import time
from collections import Counter
from typing import TYPE_CHECKING, Annotated, Any

import typer

from outreach_merge import catalogue
from outreach_merge.cli.context import (
    Context,
    Interrupted,
    context_of,
    each_once,
    problem_as_json,
    raise_on_problems,
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
from outreach_merge.errors import ExitCode, UsageError
from outreach_merge.model import Problem
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
    plain: Annotated[
        bool,
        typer.Option("--plain", help="Set letters by WeasyPrint alone, without caches: slower."),
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
    # Before any process starts: workers must not inherit pass phrases.
    passphrases = passphrases_from(passphrase_fd, keyring) if sign else None
    server.start()  # loads its modules while the campaign is read
    from outreach_merge.press import Press

    context = context_of(ctx)
    campaign = context.campaign()
    press = Press(campaign, context.who, lambda: dt.datetime.now(dt.UTC))
    enclosures = press.enclosure_problems() if with_enclosures else ()
    raise_on_problems([*campaign.problems, *press.plan.problems, *enclosures])
    chosen = selection(press, letters, state, region, group, kind, language, channel, limit)
    started = time.monotonic()
    total = len(chosen.of(press.plan.planned))
    counts = _OutcomeCounts(as_json)
    made = press.generate(
        chosen, jobs, with_enclosures=with_enclosures, plain=plain, scheduler=scheduler
    )
    interrupted = False
    with progress(context, total) as shown:
        try:
            for outcome in made:
                counts.take(outcome)
                shown.advance(counts.letters)
        except KeyboardInterrupt:
            interrupted = True
    skipped = len(chosen.skipped(press.plan.skipped))
    seconds = time.monotonic() - started
    if as_json:
        context.print_json(counts.as_json(skipped))
    else:
        _show(context, counts, skipped, seconds)
    if interrupted:
        raise Interrupted(
            f"interrupted: {counted(total - counts.letters, 'letter')} left. What was made is "
            "entered; run the same command again to go on."
        )
    held = counts.held
    if passphrases is not None:
        from outreach_merge.cli.signing_output import sign_letters

        held += sign_letters(context, campaign, chosen.of(press.plan.planned), passphrases)
    raise typer.Exit(ExitCode.HELD_BACK if held else ExitCode.DONE)


class _OutcomeCounts:
    """Counts the outcomes of letters.

    :param named: also keep a record of each letter, for ``as_json``.
    """

    def __init__(self, named: bool) -> None:
        self._named: list[dict[str, Any]] | None = [] if named else None
        self.by_outcome: Counter[str] = Counter()
        self.problems: list[Problem] = []
        self.withdrawn: list[Withdrawn] = []

    def take(self, outcome: Outcome) -> None:
        from outreach_merge.press import Failed, HeldBack, Made, Unchanged, Withdrawn

        if isinstance(outcome, Withdrawn):
            self.withdrawn.append(outcome)
            return
        names = {Made: "made", Unchanged: "unchanged", HeldBack: "held_back", Failed: "failed"}
        self.by_outcome[names[type(outcome)]] += 1
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
        """How many letters have an outcome."""
        return self.by_outcome.total()

    @property
    def held(self) -> int:
        """How many letters were held back or failed."""
        return self.by_outcome["held_back"] + self.by_outcome["failed"]

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


def _show(context: Context, counts: _OutcomeCounts, skipped: int, seconds: float) -> None:
    """Print the counts and the problems."""
    context.show_problems(each_once(counts.problems, same_fault))
    parts = [f"{counts.by_outcome['made']} made", f"{counts.by_outcome['unchanged']} unchanged"]
    if counts.held:
        parts.append(f"{counts.held} held back")
    if counts.withdrawn:
        parts.append(f"{len(counts.withdrawn)} withdrawn")
    if skipped:
        parts.append(f"{counted(skipped, 'recipient')} on hold")
    for one in counts.withdrawn:
        context.out.print(
            f"removed {one.path.name}: {one.recipient} is no longer a recipient", markup=False
        )
    context.out.print(f"{counted(counts.letters, 'letter')}: {', '.join(parts)} ({seconds:.1f} s)")
