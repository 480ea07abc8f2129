"""``sign``: digital signatures on what was generated."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import typer

from outreach_merge.cli.context import context_of, raise_on_problems
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
from outreach_merge.cli.signing_output import sign_letters
from outreach_merge.errors import ExitCode, UsageError

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
