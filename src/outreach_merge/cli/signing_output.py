"""Signing with its printed result, for ``sign`` and ``generate --sign``."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from outreach_merge.cli.context import Context, each_once, problem_as_json
from outreach_merge.errors import UsageError
from outreach_merge.wording import counted

if TYPE_CHECKING:
    from outreach_merge.campaign import Campaign
    from outreach_merge.model import PlannedLetter
    from outreach_merge.press.sign_letters import SigningOutcome
    from outreach_merge.sign.passphrase import Passphrases


def sign_letters(
    context: Context,
    campaign: Campaign,
    planned: Sequence[PlannedLetter],
    passphrases: Passphrases,
    signatories: Sequence[str] = (),
    as_json: bool = False,
) -> int:
    """Sign letters and print the outcomes; returns how many could not be signed.

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
