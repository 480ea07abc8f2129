"""``sign``: digital signatures on what was generated."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from outreach_merge.cli.context import Context, context_of, each_once, problem_as_json
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
from outreach_merge.cli.generate import raise_on_problems
from outreach_merge.cli.passphrases import Keyring, PassphraseFd, passphrases_from
from outreach_merge.errors import ExitCode, UsageError
from outreach_merge.wording import counted

if TYPE_CHECKING:
    from outreach_merge.campaign import Campaign
    from outreach_merge.model import PlannedLetter
    from outreach_merge.press.sign_letters import SigningOutcome
    from outreach_merge.sign.passphrase import Passphrases

As = Annotated[
    list[str] | None,
    typer.Option("--as", help="Only this signatory signs now; repeatable."),
]


def sign(
    ctx: typer.Context,
    letters: Letters = None,
    state: States = None,
    region: Regions = None,
    group: Groups = None,
    kind: Kinds = None,
    language: Languages = None,
    channel: Channels = None,
    limit: Limit = None,
    signatories: As = None,
    passphrase_fd: PassphraseFd = None,
    keyring: Keyring = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Sign generated letters digitally; a letter half signed is completed."""
    from outreach_merge.press import Press

    passphrases = passphrases_from(passphrase_fd, keyring)
    context = context_of(ctx)
    campaign = context.campaign()
    press = Press(campaign, context.who, lambda: dt.datetime.now(dt.UTC))
    raise_on_problems([*campaign.problems, *press.plan.problems])
    chosen = selection(press, letters, state, region, group, kind, language, channel, limit)
    for name in chosen.letters:
        if not campaign.letters[name].signature.is_digital:
            raise UsageError(
                f'the letter "{name}" is not signed digitally.',
                f'Write signature = "digital" in letters/{name}.toml.',
            )
    planned = chosen.of(press.plan.planned)
    refused = sign_letters(context, campaign, planned, passphrases, signatories or (), as_json)
    raise typer.Exit(ExitCode.HELD_BACK if refused else ExitCode.DONE)


def sign_letters(
    context: Context,
    campaign: Campaign,
    planned: Sequence[PlannedLetter],
    passphrases: Passphrases,
    signatories: Sequence[str] = (),
    as_json: bool = False,
) -> int:
    """Sign letters and print what became of them; returns how many could not be signed.

    :raises UsageError: for a signatory the campaign does not have, or has no key of.
    """
    from outreach_merge.press.sign_letters import Signing
    from outreach_merge.press.signing_queue import NotSignable

    for name in signatories:
        _check_signatory(campaign, name)
    signing = Signing(campaign, context.who, lambda: dt.datetime.now(dt.UTC), passphrases)
    outcomes = list(signing.sign(planned, signatories))
    if as_json:
        context.print_json({"letters": [_as_json(outcome) for outcome in outcomes]})
    else:
        _show(context, outcomes)
    return sum(isinstance(outcome, NotSignable) for outcome in outcomes)


def _check_signatory(campaign: Campaign, name: str) -> None:
    if name not in campaign.settings.signatories:
        known = ", ".join(campaign.settings.signatories)
        raise UsageError(f'there is no signatory "{name}".', f"Known: {known}.")
    if name not in campaign.settings.signing.keys:
        raise UsageError(
            f'the campaign names no key of "{name}".',
            f'Add [signing.keys.{name}] key = "..." to campaign.toml.',
        )


def _show(context: Context, outcomes: Sequence[SigningOutcome]) -> None:
    from outreach_merge.press.sign_letters import Signed, Waiting
    from outreach_merge.press.signing_queue import FullySigned, NotSignable

    problems = [one.problem for one in outcomes if isinstance(one, NotSignable)]
    context.show_problems(each_once(problems, lambda problem: (problem.code, problem.message)))
    counts = Counter(type(outcome) for outcome in outcomes)
    parts = [f"{counts[Signed]} signed", f"{counts[FullySigned]} complete before"]
    if counts[NotSignable]:
        parts.append(f"{counts[NotSignable]} not signed")
    context.out.print(f"{counted(len(outcomes), 'letter')}: {', '.join(parts)}")
    waiting = Counter(
        one.missing[0] for one in outcomes if isinstance(one, Signed | Waiting) and one.missing
    )
    for name, count in waiting.items():
        verb = "waits" if count == 1 else "wait"
        context.out.print(f"{count} {verb} for the signature of {name}")
    shortfalls = [text for one in outcomes if isinstance(one, Signed) for text in one.shortfalls]
    for text, count in Counter(shortfalls).items():
        context.out.print(f"{count} without revocation information (B-T): {text}", markup=False)


def _as_json(outcome: SigningOutcome) -> dict[str, Any]:
    from outreach_merge.press.sign_letters import Signed, Waiting
    from outreach_merge.press.signing_queue import FullySigned, NotSignable

    names = {
        Signed: "signed",
        FullySigned: "complete",
        Waiting: "waiting",
        NotSignable: "not_signed",
    }
    return {
        "letter": outcome.planned.letter,
        "recipient": outcome.planned.recipient.id,
        "outcome": names[type(outcome)],
        "file": None if isinstance(outcome, NotSignable) else str(outcome.path),
        "signed_by": list(outcome.by) if isinstance(outcome, Signed) else [],
        "missing": list(outcome.missing) if isinstance(outcome, Signed | Waiting) else [],
        "problem": problem_as_json(outcome.problem) if isinstance(outcome, NotSignable) else None,
    }
