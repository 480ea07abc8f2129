"""``protocol``: the proof sheet of address and grammar."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from outreach_merge.cli.context import Context, context_of, problem_as_json
from outreach_merge.errors import CampaignError, ExitCode, UsageError
from outreach_merge.model import Gender, Problem
from outreach_merge.wording import suggest

if TYPE_CHECKING:
    from outreach_merge.model import Recipient
    from outreach_merge.protocol import Protocol
    from outreach_merge.protocol.sheet import SheetRow


def protocol(
    ctx: typer.Context,
    states: Annotated[
        list[str] | None, typer.Argument(help="Codes or names; all recipients when none.")
    ] = None,
    language: Annotated[
        list[str] | None, typer.Option(help="Languages, or 'all'; default: each recipient's own.")
    ] = None,
    office: Annotated[str, typer.Option(help="Only this office, held by a recipient or not.")] = "",
    name: Annotated[str, typer.Option(help="With --office: who would hold it.")] = "",
    gender: Annotated[str, typer.Option(help="With --office: f, m or blank.")] = "",
    style: Annotated[str, typer.Option(help="With --office: as the column style.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print the sheet as JSON.")] = False,
) -> None:
    """Show how each addressee is written to: address, salutation, vocative, close, forms."""
    from outreach_merge.protocol import Protocol
    from outreach_merge.protocol.sheet import sheet

    context = context_of(ctx)
    rules = Protocol.load(context.folder)
    codes = [rules.state_code(text) for text in states or ()]
    if office:
        _known("office", office, rules.offices)
    _known("gender", gender, Gender)
    holders = _recipients(context, rules, codes, office, (name, gender, style))
    rows = list(sheet(rules, holders, _languages(rules, language or [])))
    problems = [row for row in rows if isinstance(row, Problem)]
    shown = [row for row in rows if not isinstance(row, Problem)]
    if as_json:
        context.print_json([asdict(row) for row in shown] + [problem_as_json(p) for p in problems])
    else:
        for row in shown:
            typer.echo(_block(row))
        context.show_problems(problems)
    raise typer.Exit(ExitCode.CAMPAIGN if problems else ExitCode.DONE)


def _known(what: str, word: str, known: Iterable[str]) -> None:
    """:raises UsageError: when ``word`` is none of ``known``."""
    options = sorted(known)
    if word not in options:
        raise UsageError(f'there is no {what} "{word}".', suggest(word, options))


def _languages(rules: Protocol, languages: list[str]) -> list[str]:
    if languages == ["all"]:
        return list(rules.languages)
    for code in languages:
        _known("language", code, rules.languages)
    return languages


def _recipients(
    context: Context,
    rules: Protocol,
    states: list[str],
    office: str,
    person: tuple[str, str, str],
) -> list[Recipient]:
    """Recipients of the campaign; for a state where nobody holds the office, an invented one."""
    from outreach_merge.protocol.sheet import office_holder

    name, gender, style = person
    found: list[Recipient] = []
    if not any(person) and (context.folder / "campaign.toml").is_file():
        campaign = context.campaign()
        if not campaign.recipients:
            raise CampaignError(campaign.problems)
        found = [
            recipient
            for recipient in campaign.recipients
            if (not states or recipient.state in states)
            and (not office or recipient.office == office)
        ]
    if office:
        missing = [code for code in states if code not in {r.state for r in found}]
        found += [
            office_holder(rules, code, office, name=name, gender=gender, style=style)
            for code in missing
        ]
    if not found:
        raise UsageError("there is nobody to show.", "Name a state and --office, or a campaign.")
    return found


def _block(row: SheetRow) -> str:
    """One addressee as lines of label and text."""
    parts = [("address", line) if n == 0 else ("", line) for n, line in enumerate(row.address)]
    parts += list(row.forms.items())
    parts += [("state", _forms(row.short)), ("formal", _forms(row.formal))]
    width = max(len(label) for label, _ in parts)
    title = f"{row.recipient}  {row.language}  {row.office} {row.gender}".rstrip()
    return "\n".join([title, *(f"  {label:<{width}}  {text}" for label, text in parts), ""])


def _forms(forms: Mapping[str, str]) -> str:
    """The forms without repetition: many are equal in languages with few cases."""
    return " | ".join(dict.fromkeys(forms.values()))
