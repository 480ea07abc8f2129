"""``log export``: the dispatch log as a file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from outreach_merge.cli.context import Context, context_of
from outreach_merge.cli.log.letter_filter import JsonOption
from outreach_merge.cli.log.log_context import LogContext
from outreach_merge.dispatch_log import (
    EVENT_COLUMNS,
    LETTER_COLUMNS,
    ExportTable,
    Format,
    events_table,
    export,
    letters_table,
    make_log,
)
from outreach_merge.errors import UsageError
from outreach_merge.wording import counted


def export_log(
    ctx: typer.Context,
    format_: Annotated[Format, typer.Option("--format", "-f", help="Format.")] = Format.CSV,
    to: Annotated[
        Path | None,
        typer.Option("--to", "--output", "-o", help="The file to write; - for standard output."),
    ] = None,
    table: Annotated[
        str, typer.Option("--table", help="letters or events; a workbook holds both.")
    ] = "letters",
    include_confidential: Annotated[
        bool, typer.Option("--include-confidential", help="Name confidential recipients too.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Write the dispatch log: one row a letter (a revision that left keeps its own row)."""
    if table not in ("letters", "events"):
        raise UsageError(f'there is no table "{table}".', "Choose letters or events.")
    log_context = LogContext(context_of(ctx))
    with log_context.register() as register:
        log = make_log(
            register.events(),
            include_confidential=include_confidential,
            state_name=log_context.state_name(),
        )
    if format_ is Format.XLSX:
        tables = [letters_table(log), events_table(log)]
    else:
        tables = [events_table(log) if table == "events" else letters_table(log)]
    data = export(tables, format_)
    if to == Path("-"):
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    from outreach_merge.files import write_atomically

    name = "dispatch-log" if tables[0].columns is LETTER_COLUMNS else "events"
    path = to or log_context.folder / log_context.settings.output / f"{name}.{format_.value}"
    write_atomically(path, data)
    _print_export(log_context.context, path, tables[0], log.left_out, as_json)


def _print_export(
    context: Context, path: Path, table: ExportTable, left_out: int, as_json: bool
) -> None:
    count = len(table.rows)
    if as_json:
        context.print_json({"file": str(path), "rows": count, "confidential_left_out": left_out})
        return
    noun = "event" if table.columns is EVENT_COLUMNS else "letter"
    context.out.print(f"{path}: {counted(count, noun)}", markup=False)
    if left_out:
        context.out.print(f"{left_out} confidential left out (--include-confidential names them)")
