"""``diff``: what changed in which letters."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from outreach_merge.cli.context import Context, context_of
from outreach_merge.errors import UsageError

if TYPE_CHECKING:
    from outreach_merge.press.difference import Difference
    from outreach_merge.press.output_comparison import OutputComparison


def diff(
    ctx: typer.Context,
    before: Annotated[
        Path | None,
        typer.Argument(help="Output folder of an earlier run; none: what generate would change."),
    ] = None,
    after: Annotated[
        Path | None, typer.Argument(help="Output folder of a later run; default: the campaign's.")
    ] = None,
    to: Annotated[
        Path | None, typer.Option("--to", help="Write a page with the changes marked (HTML).")
    ] = None,
    jobs: Annotated[int | None, typer.Option("--jobs", "-j", min=1, help="Processes.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Show which letters differ between two runs: the words, and with --to the pages."""
    from outreach_merge.files import write_atomically
    from outreach_merge.press import Press
    from outreach_merge.press.difference import as_html, differences, summary

    context = context_of(ctx)
    campaign = context.campaign()
    if before is None:
        press = Press(campaign, context.who, lambda: dt.datetime.now(dt.UTC))
        compared = press.compare_output(jobs)
    else:
        compared = _folders(before, after or campaign.output)
    found = list(differences(compared.before, compared.after, pictures=to is not None))
    letters = compared.before.keys() | compared.after.keys()
    equal = compared.unchanged + len(letters) - len(found)
    if to is not None:
        write_atomically(to, as_html("What changed", found, equal).encode())
    if as_json:
        context.print_json([_as_json(one) for one in found])
        return
    _show(context, found)
    context.out.print(summary(found, equal))
    if to is not None:
        context.out.print(str(to))


def _folders(before: Path, after: Path) -> OutputComparison:
    """The letters of two output folders."""
    from outreach_merge.press.difference import letters_in
    from outreach_merge.press.output_comparison import OutputComparison

    for folder in (before, after):
        if not folder.is_dir():
            raise UsageError(f"{folder} is no folder.", "Name the output folder of a run.")
    return OutputComparison(letters_in(before), letters_in(after), 0)


def _show(context: Context, found: list[Difference]) -> None:
    from rich.text import Text

    for one in found:
        context.out.print(Text.assemble((one.name, "bold"), f"  {one.change.value}"))
        for edit in one.edits:
            context.out.print(
                Text.assemble(
                    f"    … {edit.lead} ",
                    (f"[-{edit.old}-]" if edit.old else "", "red"),
                    (f"{{+{edit.new}+}}" if edit.new else "", "green"),
                    f" {edit.trail} …",
                )
            )


def _as_json(one: Difference) -> dict[str, object]:
    return {
        "letter": one.name,
        "change": one.change.value,
        "edits": [
            {"lead": edit.lead, "old": edit.old, "new": edit.new, "trail": edit.trail}
            for edit in one.edits
        ],
    }
