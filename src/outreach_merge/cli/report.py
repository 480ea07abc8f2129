"""``report``: the figures, and the outreach update in a language."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from outreach_merge import catalogue
from outreach_merge.cli.context import Context, context_of, raise_on_problems
from outreach_merge.errors import CampaignError, ExitCode, UsageError
from outreach_merge.model import Problem, Severity
from outreach_merge.wording import counted

if TYPE_CHECKING:
    from outreach_merge.report import Report


class Format(StrEnum):
    """What the report is written as."""

    MARKDOWN = "markdown"
    HTML = "html"
    PDF = "pdf"
    JSON = "json"


def report(
    ctx: typer.Context,
    language: Annotated[
        str, typer.Option("--language", "-l", help="Language; default: the campaign's first.")
    ] = "",
    format_: Annotated[Format, typer.Option("--format", "-f", help="Format.")] = Format.MARKDOWN,
    to: Annotated[
        Path | None,
        typer.Option("--to", "-o", help="The file to write; - for standard output."),
    ] = None,
    include_confidential: Annotated[
        bool, typer.Option("--include-confidential", help="Name what is confidential too.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
) -> None:
    """Write the outreach update with its figures; Markdown and JSON are printed."""
    context = context_of(ctx)
    chosen_format = Format.JSON if as_json else format_
    made = _make(context, language, include_confidential)
    data, findings = _written(context, made, chosen_format)
    if any(finding.severity is Severity.ERROR for finding in findings):
        raise CampaignError(findings)
    printed = to is None and chosen_format in (Format.MARKDOWN, Format.JSON)
    if printed or to == Path("-"):
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        raise typer.Exit(ExitCode.DONE)
    from outreach_merge.files import write_atomically

    path = to or _default_path(made, chosen_format)
    write_atomically(path, data)
    typer.echo(str(path))


def _default_path(made: Report, chosen_format: Format) -> Path:
    """Below the output folder; ``-restricted`` when confidential names are in the report."""
    restricted = "-restricted" if made.figures.named else ""
    name = f"outreach-update-{made.update.language}{restricted}.{chosen_format.value}"
    return made.campaign.output / "report" / name


def _make(context: Context, language: str, include_confidential: bool) -> Report:
    """The report; warnings are printed.

    :raises CampaignError: the files are wrong, or the text of the update is.
    """
    from outreach_merge.compose import ComposeError, Documents
    from outreach_merge.press import Press
    from outreach_merge.protocol import ProtocolGap
    from outreach_merge.register import Register, RegisterMissing
    from outreach_merge.report import (
        Report,
        Wording,
        disagreements,
        make_figures,
        read_treaty_status,
        write_update,
    )

    campaign = context.campaign()
    press = Press(campaign, context.who, lambda: dt.datetime.now(dt.UTC))
    treaty = read_treaty_status(campaign.folder, campaign.protocol.find_state)
    file = campaign.settings.recipients
    differing = list(disagreements(treaty.rows, campaign.recipients, file))
    raise_on_problems([*campaign.problems, *treaty.problems, *press.plan.problems])
    context.show_problems(differing)
    try:
        with Register.open(campaign.register_url, campaign.settings.code, create=False) as register:
            context.show_problems(_not_whole(register.verify()))
            events = tuple(register.events())
    except RegisterMissing:
        events = ()
    figures = make_figures(
        press.plan,
        campaign.letters,
        events,
        treaty.rows,
        campaign.protocol.states,
        campaign.settings.facts_as_of,
        include_confidential=include_confidential,
    )
    chosen = language or campaign.settings.languages[0]
    if chosen not in campaign.protocol.languages:
        known = ", ".join(campaign.protocol.languages)
        raise UsageError(f'there is no language "{chosen}".', f"Known: {known}.")
    documents = Documents(campaign.folder)
    try:
        wording = Wording(campaign, chosen, documents)
        update = write_update(campaign, figures, wording, documents)
    except (ComposeError, ProtocolGap) as error:
        raise CampaignError([error.problem]) from error
    return Report(campaign, figures, update, wording, documents)


def _not_whole(findings: Sequence[Problem]) -> Iterator[Problem]:
    """Warnings that the register fails verification; the report is made all the same."""
    if findings:
        yield catalogue.REGISTER_NOT_WHOLE.at(findings=counted(len(findings), "finding"))


def _written(context: Context, made: Report, chosen_format: Format) -> tuple[bytes, list[Problem]]:
    """The report in its format, and the typesetter's findings."""
    from outreach_merge.compose import ComposeError
    from outreach_merge.protocol import ProtocolGap
    from outreach_merge.report import (
        as_html,
        as_json,
        as_markdown,
        page_for_print,
        report_stylesheet,
    )

    try:
        if chosen_format is Format.JSON:
            return as_json(made).encode(), []
        if chosen_format is Format.MARKDOWN:
            return as_markdown(made).encode(), []
        if chosen_format is Format.HTML:
            return as_html(made).encode(), []
        from outreach_merge.typeset import Typesetter

        typesetter = Typesetter(made.campaign.folder, made.campaign.settings)
        document = typesetter.typeset_document(page_for_print(made), report_stylesheet())
    except (ComposeError, ProtocolGap) as error:
        raise CampaignError([error.problem]) from error
    context.show_problems(document.findings)
    return document.pdf, list(document.findings)
