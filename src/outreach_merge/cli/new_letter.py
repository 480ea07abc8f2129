"""``new-letter``: the skeleton of a letter."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import typer

from outreach_merge.cli.context import context_of


def new_letter(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="Name of the letter, as a file name: condolence.")],
    title: Annotated[str, typer.Option(help="What this letter is; default: its name.")] = "",
) -> None:
    """Write a commented definition and templates, ready to be filled in."""
    from outreach_merge.starter.letter import StarterContext
    from outreach_merge.starter.letter import new_letter as write

    context = context_of(ctx)
    campaign = context.campaign()
    around = StarterContext(
        campaign.folder,
        campaign.settings,
        campaign.letters,
        campaign.recipients,
        campaign.protocol,
    )
    today = dt.datetime.now().astimezone().date()
    words = title or name.replace("-", " ").replace("_", " ").capitalize()
    for path in write(around, name, words, today):
        context.out.print(f"  {path.relative_to(context.folder)}", markup=False)
    context.out.print(f"Write its texts, then: outreach-merge preview {name} STATE --open")
