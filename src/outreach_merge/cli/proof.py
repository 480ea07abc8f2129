"""``proof``: the whole batch on one contact sheet."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from outreach_merge.cli.context import context_of
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
from outreach_merge.errors import UsageError

_FILE_NAME = "proof.pdf"


def proof(
    ctx: typer.Context,
    letters: Letters = None,
    state: States = None,
    region: Regions = None,
    group: Groups = None,
    kind: Kinds = None,
    language: Languages = None,
    channel: Channels = None,
    limit: Limit = None,
    to: Annotated[
        Path | None, typer.Option("--to", help="The file to write; default: output/proof.pdf.")
    ] = None,
) -> None:
    """Make one contact sheet of the letters that were made: every page, small."""
    from outreach_merge.files import write_atomically
    from outreach_merge.press import Press

    context = context_of(ctx)
    campaign = context.campaign()
    press = Press(campaign, context.who, lambda: dt.datetime.now(dt.UTC))
    chosen = selection(press, letters, state, region, group, kind, language, channel, limit)
    made = press.made(chosen)
    if not made:
        raise UsageError("none of these letters was made.", "Run outreach-merge generate.")
    target = to or campaign.output / _FILE_NAME
    write_atomically(target, press.proof(made))
    typer.echo(str(target))
