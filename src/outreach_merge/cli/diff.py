"""``diff``: what changed in which letters."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from outreach_merge.cli.context import Context, context_of
from outreach_merge.errors import UsageError

if TYPE_CHECKING:
    from outreach_merge.campaign import Campaign
    from outreach_merge.press.difference import Difference


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
    from outreach_merge.press.difference import as_html, differences, letters_in, summary

    context = context_of(ctx)
    campaign = context.campaign()
    if before is None:
        old, new = _on_disk_and_anew(context, campaign, jobs)
    else:
        folders = (before, after or campaign.output)
        for folder in folders:
            if not folder.is_dir():
                raise UsageError(f"{folder} is no folder.", "Name the output folder of a run.")
        old, new = letters_in(folders[0]), letters_in(folders[1])
    found = list(differences(old, new, pictures=to is not None))
    equal = len(old.keys() | new.keys()) - len(found)
    if to is not None:
        write_atomically(to, as_html("What changed", found, equal).encode())
    if as_json:
        context.print_json([_as_json(one) for one in found])
        return
    _show(context, found)
    context.out.print(summary(found, equal))
    if to is not None:
        context.out.print(str(to))


def _on_disk_and_anew(
    context: Context, campaign: Campaign, jobs: int | None
) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """The letters in the output folder, and the same letters made now: PDFs by relative path."""
    from outreach_merge.press import Press, Selection

    press = Press(campaign, context.who, lambda: dt.datetime.now(dt.UTC))
    made = press.made(Selection())
    old = {planned.relative_path.as_posix(): path.read_bytes() for planned, path in made}
    examined = press.examine(Selection(), jobs)
    new = {one.planned.relative_path.as_posix(): one.pdf for one in examined if one.pdf}
    return old, new


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
