"""``preview``: one letter, marked as a draft, never registered."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from outreach_merge.cli.context import Context, context_of
from outreach_merge.errors import CampaignError, ExitCode, OutreachError, UsageError
from outreach_merge.model import Severity

if TYPE_CHECKING:
    from outreach_merge.press import Press

_PNG_DPI = 120


def preview(
    ctx: typer.Context,
    letter: Annotated[str, typer.Argument(help="The letter, as presidential.")],
    recipient: Annotated[str, typer.Argument(help="An id, or a state with one such letter: KEN.")],
    language: Annotated[str, typer.Option(help="Another language than the recipient's.")] = "",
    png: Annotated[bool, typer.Option("--png", help="One picture a page.")] = False,
    html: Annotated[bool, typer.Option("--html", help="The page as HTML.")] = False,
    text: Annotated[bool, typer.Option("--text", help="Print the text.")] = False,
    to: Annotated[Path | None, typer.Option("--to", help="The file to write.")] = None,
    open_it: Annotated[bool, typer.Option("--open", help="Open it when it is made.")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Make it again on every change.")] = False,
) -> None:
    """Make one letter as a draft: PDF, or --png, --html, --text."""
    if png + html + text > 1:
        raise UsageError("--png, --html and --text exclude each other.", "Choose one.")
    context = context_of(ctx)
    kind = "png" if png else "html" if html else "text" if text else "pdf"
    made = _make(context, letter, recipient, language, kind, to)
    if open_it and made:
        typer.launch(str(made[0]))
    if watch:
        _watch(context, letter, recipient, language, kind, to)


def _make(
    context: Context, letter: str, recipient: str, language: str, kind: str, to: Path | None
) -> list[Path]:
    """Write the draft and say where; returns the files."""
    from outreach_merge.compose import ComposeError
    from outreach_merge.press import Press

    campaign = context.campaign()
    # Faults of other letters and of other rows do not stand in the way of this one.
    files = ("campaign.toml", f"letters/{letter}.toml")
    errors = [p for p in campaign.problems if p.severity is Severity.ERROR]
    faults = [p for p in errors if p.file in files] if campaign.recipients else errors
    if faults:
        raise CampaignError(faults)
    if language and language not in campaign.protocol.languages:
        known = ", ".join(campaign.protocol.languages)
        raise UsageError(f'there is no language "{language}".', f"Known: {known}.")
    press = Press(campaign, context.who, lambda: dt.datetime.now(dt.UTC))
    try:
        return _write(context, press, letter, recipient, language, kind, to)
    except ComposeError as error:
        raise CampaignError([error.problem]) from error


def _write(
    context: Context,
    press: Press,
    letter: str,
    recipient: str,
    language: str,
    kind: str,
    to: Path | None,
) -> list[Path]:
    from outreach_merge.files import write_atomically

    planned = press.find(letter, recipient, language)
    target = to or press.preview_path(planned, kind)
    if kind == "text":
        from outreach_merge.compose import plain_text

        typer.echo(plain_text(press.compose_draft(planned).html))
        return []
    if kind == "html":
        write_atomically(target, press.standalone_html(planned).encode())
        typer.echo(str(target))
        return [target]
    typeset = press.preview(planned)
    context.show_problems(typeset.findings)
    if kind == "pdf":
        write_atomically(target, typeset.pdf)
        typer.echo(str(target))
        return [target]
    from outreach_merge.pictures import pages_as_png

    pages = pages_as_png(typeset.pdf, _PNG_DPI)
    paths = [
        target if len(pages) == 1 else target.with_stem(f"{target.stem}-{n}")
        for n in range(1, len(pages) + 1)
    ]
    for path, picture in zip(paths, pages, strict=True):
        write_atomically(path, picture)
        typer.echo(str(path))
    return paths


def _watch(
    context: Context, letter: str, recipient: str, language: str, kind: str, to: Path | None
) -> None:
    from watchfiles import watch

    folder = context.folder
    watched = [
        folder / name for name in ("templates", "letters", "languages") if (folder / name).is_dir()
    ]
    context.err.print("watching; Ctrl-C ends")
    for _ in watch(
        folder / "campaign.toml", folder / "recipients.csv", *watched, raise_interrupt=False
    ):
        try:
            _make(context, letter, recipient, language, kind, to)
        except CampaignError as error:
            context.show_problems(error.problems)
        except OutreachError as error:
            context.err.print(f"{error.message} {error.remedy}".rstrip(), markup=False)
    raise typer.Exit(ExitCode.INTERRUPTED)
