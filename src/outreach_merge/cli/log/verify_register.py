"""``log verify``: whether the register is intact."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from outreach_merge import catalogue
from outreach_merge.cli.context import context_of, problem_as_json
from outreach_merge.cli.log.letter_filter import JsonOption
from outreach_merge.cli.log.log_context import LogContext
from outreach_merge.errors import ExitCode, UsageError
from outreach_merge.model import Problem
from outreach_merge.register import LetterKey, LetterRecord, LetterRevisions, LetterStatus
from outreach_merge.wording import counted

if TYPE_CHECKING:
    from outreach_merge.register import Register


def verify(
    ctx: typer.Context,
    files: Annotated[
        bool, typer.Option("--files", help="Compare letters and receipts on the disk too.")
    ] = False,
    expect: Annotated[
        str, typer.Option("--expect", help="Number and hash of an entry noted earlier: 57:9f3a...")
    ] = "",
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Make the table of where letters stand anew.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Find out whether the register is whole: every entry, its order, and what was made of it."""
    from outreach_merge.register.attachments import check_files, check_receipts

    context = context_of(ctx)
    log_context = LogContext(context)
    with log_context.register() as register:
        if rebuild:
            register.rebuild_letters()
        findings = register.verify()
        sequence, head = register.head()
        if expect:
            findings += _compare_with_note(register, expect)
        if files and not findings:
            findings += check_receipts(register.events(), log_context.folder)
            findings += check_files(_records_with_files(register.revisions()), log_context.folder)
    if as_json:
        context.print_json(
            {
                "whole": not findings,
                "entries": sequence,
                "head": head,
                "findings": [problem_as_json(finding) for finding in findings],
            }
        )
    else:
        context.show_problems(findings)
        verdict = "the register is whole" if not findings else counted(len(findings), "finding")
        context.out.print(f"{sequence} {'entry' if sequence == 1 else 'entries'}: {verdict}")
        context.out.print(f"last entry {sequence}:{head}")
    if findings:
        raise typer.Exit(ExitCode.VERIFICATION)


def _records_with_files(letters: Mapping[LetterKey, LetterRevisions]) -> Iterator[LetterRecord]:
    """The revisions whose file must exist: the current one, and those dispatched."""
    for revisions in letters.values():
        for record in revisions.values():
            waits = record.current and record.status is not LetterStatus.WITHDRAWN
            if waits or record.dispatched:
                yield record


def _compare_with_note(register: Register, expect: str) -> list[Problem]:
    """A problem when the entry noted earlier is not in the register any more."""
    number, _, noted = expect.partition(":")
    if not number.isdigit() or not noted:
        raise UsageError(f'"{expect}" is no note of an entry.', "Write it as NUMBER:HASH.")
    if any(entry.hash == noted for entry in register.events(numbers=[int(number)])):
        return []
    return [catalogue.NOTE_DIFFERS.at(entry=number, hash=noted)]
