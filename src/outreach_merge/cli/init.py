"""``init``: a new campaign folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from outreach_merge.cli.context import context_of


def init(
    ctx: typer.Context,
    folder: Annotated[Path, typer.Argument(help="The folder to make; must be empty or new.")],
) -> None:
    """Make a new campaign folder that generates at once."""
    from outreach_merge.starter import make_campaign

    files = make_campaign(folder)
    out = context_of(ctx).out
    for path in files:
        out.print(f"  {path}")
    out.print(f"A campaign is ready. Next: outreach-merge --campaign {folder} generate")
