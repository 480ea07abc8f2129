"""``log show``: the events of one letter or state, or the status of all letters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from outreach_merge.cli.context import Context, context_of
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
from outreach_merge.errors import UsageError
from outreach_merge.register import Event, EventKind, LetterStatus
from outreach_merge.wording import counted

if TYPE_CHECKING:
    from outreach_merge.dispatch_log import Line
    from outreach_merge.register import Register


def show(
    ctx: typer.Context,
    subject: Annotated[
        list[str] | None,
        typer.Argument(
            help="LETTER RECIPIENT, a recipient's id or a state: its story. None: the table."
        ),
    ] = None,
    days: Annotated[
        int | None,
        typer.Option("--overdue", min=0, help="Sent more than so many days ago, no word since."),
    ] = None,
    letter: LetterOption = None,
    state: StateOption = None,
    region: RegionOption = None,
    group: GroupOption = None,
    kind: KindOption = None,
    language: LanguageOption = None,
    channel: Annotated[list[str] | None, typer.Option("--channel", help="Channel.")] = None,
    standing: StandingOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the story of one letter or state, or where everything stands."""
    from outreach_merge.dispatch_log import letters_table, make_log, overdue

    log_context = LogContext(context_of(ctx))
    with log_context.register() as register:
        if subject:
            _show_events(log_context, register, tuple(subject), as_json)
            return
        chosen = LetterFilter(
            letter or (), log_context.state_codes(state), region or (), group or (), kind or (),
            language or (), channel or (), standing or (),
        )  # fmt: skip
        log = make_log(
            register.events(), include_confidential=True, state_name=log_context.state_name()
        )
    lines = chosen.of(log.lines)
    if days is not None:
        lines = list(overdue(lines, days, log_context.today))
    if as_json:
        table = letters_table(replace(log, lines=tuple(lines)))
        log_context.context.print_json(list(table.records()))
        return
    _print_lines(log_context.context, lines)


_HEADER = ("letter", "recipient", "state", "lang", "channel", "stands at", "since")


def _print_lines(context: Context, lines: Sequence[Line]) -> None:
    rows = [_cells(line) for line in lines]
    if context.out.is_terminal:
        _print_grid(context, rows)
    else:
        _print_columns(rows)
    counts = Counter(line.record.status.value for line in lines)
    stand = ", ".join(f"{counts[s.value]} {s.value}" for s in LetterStatus if counts[s.value])
    context.out.print(f"{counted(len(lines), 'letter')}" + (f": {stand}" if stand else ""))


def _cells(line: Line) -> tuple[str, ...]:
    record = line.record
    return (
        f"{record.letter} r{record.revision}" if record.revision > 1 else record.letter,
        f"{record.recipient} (confidential)" if record.confidential else record.recipient,
        line.state_name or record.state,
        record.language,
        record.channel,
        _standing(line),
        line.newest.happened_on.isoformat(),
    )


def _standing(line: Line) -> str:
    record = line.record
    parts = [record.status.value]
    if record.half_signed:
        parts.append(f"{line.signatures} signed")
    if not record.current:
        parts.append("superseded")
    return ", ".join(parts)


_LONGEST_WORD = {"channel": len("consulate"), "stands at": len("dispatched")}
_WIDE_TERMINAL = 90  # columns of a terminal from which the language is shown


def _print_grid(context: Context, rows: Sequence[Sequence[str]]) -> None:
    """Print a table as wide as the terminal."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    if not rows:
        return
    narrow = context.out.width < _WIDE_TERMINAL
    grid = Table(box=box.SIMPLE_HEAD, padding=(0, 0 if narrow else 1, 0, 0), show_edge=False)
    shown = [at for at, name in enumerate(_HEADER) if not (narrow and name == "lang")]
    for name in (_HEADER[at] for at in shown):
        grid.add_column(
            name,
            no_wrap=name not in ("state", *_LONGEST_WORD),
            min_width=_LONGEST_WORD.get(name),
            overflow="fold",
        )
    for row in rows:
        # Lets "through_mission" be broken between its words.
        cells = (row[at].replace("_", " ") if _HEADER[at] == "channel" else row[at] for at in shown)
        grid.add_row(*map(Text, cells))
    context.out.print(grid)


def _print_columns(rows: Sequence[Sequence[str]]) -> None:
    """Print plain lines, one for each letter, without truncation."""
    if not rows:
        return
    widths = [max(map(len, column)) for column in zip(_HEADER, *rows, strict=True)]
    for row in (_HEADER, *rows):
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        typer.echo("  ".join(cells).rstrip())


def _show_events(
    log_context: LogContext, register: Register, subject: tuple[str, ...], as_json: bool
) -> None:
    events = _events_of(log_context, register, subject)
    if as_json:
        from outreach_merge.dispatch_log import events_table, make_log

        log = replace(make_log(()), events=tuple(events))
        log_context.context.print_json(list(events_table(log).records()))
        return
    taken_back = {event.details.get("entry") for event in events if event.kind == "corrected"}
    for event in events:
        _print_event(log_context.context, event, event.sequence in taken_back)


def _events_of(
    log_context: LogContext, register: Register, subject: tuple[str, ...]
) -> list[Event]:
    """The entries on one letter, one recipient, or one state.

    :raises UsageError: the register holds nothing on it.
    """
    if len(subject) > 2:
        raise UsageError("a story is of LETTER RECIPIENT, of a recipient, or of a state.")
    letter = subject[0] if len(subject) == 2 else ""
    found = list(register.events(letter=letter, recipient=subject[-1]))
    if not found:
        state = log_context.find_state(subject[-1])
        if state.problem is not None and state.is_known_name:
            raise UsageError(state.problem.message, state.problem.remedy)
        found = list(register.events(letter=letter, state=state.iso3)) if state.iso3 else []
    if not found:
        raise UsageError(
            f"the register holds nothing on {' '.join(subject)}.", "`log show` lists all letters."
        )
    return found


def _print_event(context: Context, event: Event, taken_back: bool) -> None:
    from rich.text import Text

    about = f"{event.letter}/{event.recipient}" if event.letter else event.state
    document = f" {event.document}" if event.document not in ("", "letter") else ""
    revision = f" r{event.revision}" if event.revision > 1 else ""
    # The details of a generated letter are left to `log export`.
    more = "" if event.kind is EventKind.GENERATED else details_text(event.details)
    line = f"{event.sequence:>6}  {event.happened_on}  {event.kind.value:<12}  "
    line = f"{line}{about}{document}{revision}  {more}".rstrip()
    line = f"{line}  [{event.by}, {event.entered_at:%Y-%m-%d %H:%M} UTC]"
    context.out.print(Text(line, "strike" if taken_back else ""))
    if taken_back:
        context.out.print(Text("        taken back: see below"))
