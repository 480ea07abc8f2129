"""``log record``: enter events, all of them or none."""

from __future__ import annotations

import sys
from collections.abc import Hashable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from outreach_merge.cli.context import Context, context_of, each_once, problem_as_json
from outreach_merge.cli.log.letter_filter import (
    GroupOption,
    JsonOption,
    KindOption,
    LanguageOption,
    LetterFilter,
    LetterOption,
    RegionOption,
    StandingOption,
    StateOption,
)
from outreach_merge.cli.log.log_context import LogContext
from outreach_merge.cli.log.messages import details_text
from outreach_merge.cli.log.requested_entries import requested_entries
from outreach_merge.errors import ExitCode, UsageError
from outreach_merge.model import Problem
from outreach_merge.register import EntriesRefused, EventKind, NewEvent
from outreach_merge.register.ledger import corrected_entry
from outreach_merge.wording import counted

if TYPE_CHECKING:
    from outreach_merge.register import Register
    from outreach_merge.register.entries import Entry

_SHOWN_BEFORE_ASKING = 40  # lines of what will be entered; the rest is counted


def record(
    ctx: typer.Context,
    event: Annotated[
        str,
        typer.Argument(
            help="What happened: "
            + ", ".join(k.value for k in EventKind if k != EventKind.GENERATED)
        ),
    ] = "",
    subject: Annotated[
        list[str] | None,
        typer.Argument(
            help="LETTER RECIPIENT for an event on a letter; states for met, spoke, joined; "
            "the number of the wrong entry for corrected. None: letters by filter, or --from."
        ),
    ] = None,
    on: Annotated[str, typer.Option("--on", help="The day it happened: 2021-06-15; today.")] = "",
    by: Annotated[str, typer.Option("--by", help="Who did it: the bearer.")] = "",
    to: Annotated[str, typer.Option("--to", help="To whom it was handed over.")] = "",
    place: Annotated[str, typer.Option("--place", help="Where.")] = "",
    meeting: Annotated[str, typer.Option("--meeting", help="At which meeting.")] = "",
    issues: Annotated[str, typer.Option("--issues", help="Issues raised, separated by ;")] = "",
    note: Annotated[str, typer.Option("--note", help="Anything worth keeping.")] = "",
    receipt: Annotated[
        Path | None, typer.Option("--receipt", help="Scan of a receipt, kept with the register.")
    ] = None,
    revision: Annotated[int, typer.Option("--revision", min=0, help="Revision of the letter.")] = 0,
    confidential: Annotated[
        bool, typer.Option("--confidential", help="Counted, never named outside the office.")
    ] = False,
    again: Annotated[bool, typer.Option("--again", help="A second dispatch is meant.")] = False,
    source: Annotated[
        Path | None, typer.Option("--from", help="A file of deliveries: CSV, XLSX or ODS.")
    ] = None,
    letter: LetterOption = None,
    state: StateOption = None,
    region: RegionOption = None,
    group: GroupOption = None,
    kind: KindOption = None,
    language: LanguageOption = None,
    channel: Annotated[
        str, typer.Option("--channel", help="Channel: filters letters, and is recorded.")
    ] = "",
    standing: StandingOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say it, enter nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Enter what happened to one letter, to many by filter, or from a file: all or nothing."""
    log_context = LogContext(context_of(ctx))
    cells = {
        "event": event, "on": on, "by": by, "to": to, "place": place, "meeting": meeting,
        "issues": issues, "note": note, "receipt": str(receipt.absolute()) if receipt else "",
        "revision": str(revision or ""), "channel": channel,
        "confidential": "yes" if confidential else "", "again": "yes" if again else "",
    }  # fmt: skip
    chosen = LetterFilter(
        letter or (), log_context.state_codes(state), region or (), group or (), kind or (),
        language or (), (channel,) if channel else (), standing or (),
    )  # fmt: skip
    with log_context.register(create=not dry_run) as register:
        entries = requested_entries(
            log_context, register, cells, tuple(subject or ()), source, chosen
        )
        if entries.problems:
            _refuse(log_context.context, entries.problems, as_json)
        try:
            _enter(log_context, register, entries.entries, source, dry_run, yes, as_json)
        except EntriesRefused as refused:
            _refuse(log_context.context, _located(refused, entries.entries, source), as_json)


def _refuse(context: Context, problems: Sequence[Problem], as_json: bool) -> NoReturn:
    """Print every problem and exit; nothing was entered."""
    if as_json:
        context.print_json(
            {"entered": 0, "problems": [problem_as_json(problem) for problem in problems]}
        )
    else:
        context.show_problems(each_once(problems, _same_refusal))
        context.err.print(f"{counted(len(problems), 'problem')}; nothing was entered")
    raise typer.Exit(ExitCode.CAMPAIGN)


def _same_refusal(problem: Problem) -> Hashable:
    """Key for :func:`each_once`: letters refused for one reason; rows of a file stay apart."""
    return (problem.code, problem.message, problem.file, problem.row)


def _enter(
    log_context: LogContext,
    register: Register,
    entries: Sequence[Entry],
    source: Path | None,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Print what will be entered, ask, and enter all of it or nothing."""
    context = log_context.context
    # Refusals come before the question, and before a scan is copied.
    register.dry_run([entry.event for entry in entries])
    if not as_json:
        _announce(context, register, [entry.event for entry in entries])
    if dry_run:
        if as_json:
            context.print_json({"entered": 0, "would_enter": len(entries)})
        else:
            context.out.print("Nothing was entered (--dry-run).")
        return
    if not yes:
        if not sys.stdin.isatty():
            raise UsageError("nobody can be asked here.", "Add --yes to enter this.")
        if not typer.confirm(f"Enter {counted(len(entries), 'event')}?", err=True):
            context.err.print("nothing was entered")
            return
    base = source.parent if source else Path()
    events = [_with_receipt(entry, base, log_context.folder) for entry in entries]
    entered = register.append(events)
    if as_json:
        context.print_json(
            {"entered": len(entered), "entries": [event.sequence for event in entered]}
        )
    else:
        context.out.print(f"{counted(len(entered), 'event')} entered.")


def _located(
    refused: EntriesRefused, entries: Sequence[Entry], source: Path | None
) -> list[Problem]:
    """The refusals with the file and row of each."""
    if source is None:
        return list(refused.problems)
    return [
        replace(
            problem,
            file=source.name,
            row=entries[position].row,
            message=f"{problem.letter}: {problem.message}" if problem.letter else problem.message,
        )
        for position, problem in refused.refusals
    ]


def _with_receipt(entry: Entry, base: Path, folder: Path) -> NewEvent:
    if not entry.receipt:
        return entry.event
    from outreach_merge.register.attachments import keep_receipt

    path, digest = keep_receipt(base / entry.receipt, folder)
    details = dict(entry.event.details) | {"receipt": path, "receipt_sha256": digest}
    return replace(entry.event, details=details)


def _announce(context: Context, register: Register, events: Sequence[NewEvent]) -> None:
    from rich.text import Text

    shown = events[:_SHOWN_BEFORE_ASKING]
    numbers = {number for event in shown if (number := corrected_entry(event))}
    wrong = {entry.sequence: entry for entry in register.events(numbers=numbers)}
    for event in shown:
        what = event.subject
        if entry := wrong.get(corrected_entry(event)):
            what = f"entry {entry.sequence}: {entry.kind} {entry.subject} on {entry.happened_on}"
        line = f"{event.kind.value}  {what}  on {event.happened_on}"
        more = details_text(
            {name: value for name, value in event.details.items() if name != "entry"}
        )
        context.out.print(Text(f"{line}  ({more})" if more else line))
    if len(events) > len(shown):
        context.out.print(f"and {len(events) - len(shown)} more")
