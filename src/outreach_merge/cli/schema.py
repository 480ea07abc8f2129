"""``schema``: the JSON Schema of a definition, for editors."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from outreach_merge.cli.context import context_of


class Definition(StrEnum):
    """A definition with a schema."""

    LETTER = "letter"
    CAMPAIGN = "campaign"


def schema(
    ctx: typer.Context,
    definition: Annotated[Definition, typer.Argument(help="letter or campaign.")],
) -> None:
    """Print the JSON Schema of letters/*.toml or campaign.toml, for editors."""
    from outreach_merge.definitions import CampaignSettings, LetterDefinition
    from outreach_merge.definitions import schema as schema_of

    model = LetterDefinition if definition is Definition.LETTER else CampaignSettings
    context_of(ctx).print_json(schema_of(model))
