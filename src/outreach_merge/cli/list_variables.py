"""``variables``: what a template may name."""

from __future__ import annotations

from typing import Annotated

import typer

from outreach_merge.cli.context import context_of


def variables(
    ctx: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print them as JSON.")] = False,
) -> None:
    """List every variable a template may use, with what it holds."""
    from outreach_merge.compose import reference

    context = context_of(ctx)
    if as_json:
        context.print_json(dict(reference()))
        return
    width = max(len(name) for name, _ in reference())
    for name, meaning in reference():
        typer.echo(f"{name:<{width}}  {meaning}")
