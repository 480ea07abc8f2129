"""``log``: record what happened to letters, show it, export it, verify it."""

from __future__ import annotations

import datetime as dt
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from outreach_merge.cli.context import Context, context_of, problem_as_json
from outreach_merge.dispatch_log import (
    EVENT_COLUMNS,
    LETTER_COLUMNS,
    Format,
    Line,
    Table,
    events_table,
    export,
    letters_table,
    make_log,
    overdue,
)
from outreach_merge.errors import ExitCode, UsageError
from outreach_merge.model import Problem
from outreach_merge.register import (
    STATE_EVENTS,
    EntriesRefused,
    Event,
    EventKind,
    LetterKey,
    LetterRecord,
    NewEvent,
    Register,
    Standing,
)

if TYPE_CHECKING:
    from rich.table import Table as Grid

    from outreach_merge.definitions import CampaignSettings
    from outreach_merge.register.entries import Entries, Entry

app = typer.Typer(
    name="log",
    help="The dispatch register: record, show, export, verify.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

_SHOWN_BEFORE_ASKING = 40  # lines of what will be entered; the rest is counted

LetterOption = Annotated[list[str] | None, typer.Option("--letter", help="Letter; repeatable.")]
StateOption = Annotated[
    list[str] | None, typer.Option("--state", help="State, by code or name; repeatable.")
]
RegionOption = Annotated[list[str] | None, typer.Option("--region", help="Region of UN M49.")]
GroupOption = Annotated[list[str] | None, typer.Option("--group", help="Group of the state.")]
KindOption = Annotated[list[str] | None, typer.Option("--kind", help="Kind of recipient.")]
LanguageOption = Annotated[
    list[str] | None, typer.Option("--language", help="Language of the letter.")
]
StandingOption = Annotated[
    list[Standing] | None, typer.Option("--standing", help="Where it stands; repeatable.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


@dataclass(frozen=True, slots=True)
class _Filter:
    """Which letters of the register are meant; a blank list lets all through."""

    letters: Sequence[str] = ()
    states: Sequence[str] = ()
    regions: Sequence[str] = ()
    groups: Sequence[str] = ()
    kinds: Sequence[str] = ()
    languages: Sequence[str] = ()
    channels: Sequence[str] = ()
    standings: Sequence[Standing] = ()

    def passes(self, line: Line) -> bool:
        record = line.record
        return all(
            not wanted or value in wanted
            for value, wanted in (
                (record.letter, self.letters),
                (record.state, self.states),
                (line.fact("region"), self.regions),
                (line.fact("group"), self.groups),
                (line.fact("kind"), self.kinds),
                (record.language, self.languages),
                (record.channel, self.channels),
                (record.standing, self.standings),
            )
        )

    @property
    def is_empty(self) -> bool:
        return self == _Filter()


class _Office:
    """The campaign's settings and register, as the commands of ``log`` need them.

    Only ``campaign.toml`` is read: the register can be kept while the CSV is being mended.
    """

    def __init__(self, context: Context) -> None:
        from outreach_merge.campaign import read_settings

        self.context = context
        self.folder = context.folder
        self.settings: CampaignSettings = read_settings(context.folder)
        self.today = dt.datetime.now().astimezone().date()

    @contextmanager
    def register(self, *, create: bool = False) -> Iterator[Register]:
        where = self.settings.register_url or self.folder / "register.sqlite"
        with Register.open(where, self.settings.code, create=create) as register:
            yield register

    def find_state(self, text: str) -> str | None:
        """A code or a name in common use -> ISO 3166 alpha-3."""
        from outreach_merge.protocol import Protocol
        from outreach_merge.recipients.states import StateFinder

        return StateFinder(Protocol.load(self.folder).states).find(text.strip())

    def state_codes(self, texts: Iterable[str] | None) -> tuple[str, ...]:
        """:raises UsageError: a text that names no state."""
        codes = []
        for text in texts or ():
            code = self.find_state(text)
            if code is None:
                raise UsageError(f'there is no state "{text}".', "Use its ISO 3166 code.")
            codes.append(code)
        return tuple(codes)

    def state_name(self) -> Callable[[str], str]:
        """Names of states in English; the code where there is no name."""
        from outreach_merge.protocol import Protocol

        protocol = Protocol.load(self.folder)
        names: dict[str, str] = {}

        def name(iso3: str) -> str:
            if iso3 not in names:
                known = iso3 in protocol.states
                names[iso3] = protocol.state(iso3, "en").short.name if known else ""
            return names[iso3]

        return name


# record


@app.command("record")
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
    office = _Office(context_of(ctx))
    cells = {
        "event": event, "on": on, "by": by, "to": to, "place": place, "meeting": meeting,
        "issues": issues, "note": note, "receipt": str(receipt.absolute()) if receipt else "",
        "revision": str(revision or ""), "channel": channel,
        "confidential": "yes" if confidential else "", "again": "yes" if again else "",
    }  # fmt: skip
    chosen = _Filter(
        letter or (), office.state_codes(state), region or (), group or (), kind or (),
        language or (), (channel,) if channel else (), standing or (),
    )  # fmt: skip
    with office.register(create=not dry_run) as register:
        entries = _wanted(office, register, cells, tuple(subject or ()), source, chosen)
        if entries.problems:
            _refuse(office.context, entries.problems, as_json)
        try:
            _enter(office, register, entries.entries, source, dry_run, yes, as_json)
        except EntriesRefused as refused:
            _refuse(office.context, _located(refused, entries.entries, source), as_json)


def _refuse(context: Context, problems: Sequence[Problem], as_json: bool) -> NoReturn:
    """Shows every problem and ends: nothing was entered."""
    if as_json:
        context.print_json(
            {"entered": 0, "problems": [problem_as_json(problem) for problem in problems]}
        )
    else:
        context.show_problems(problems)
        context.err.print(f"{_many(len(problems), 'problem')}; nothing was entered")
    raise typer.Exit(ExitCode.CAMPAIGN)


def _wanted(
    office: _Office,
    register: Register,
    cells: Mapping[str, str],
    subject: tuple[str, ...],
    source: Path | None,
    chosen: _Filter,
) -> Entries:
    """The events that the command line or the file asks for."""
    from outreach_merge.register.entries import Desk, Entries, read_entries

    desk = Desk(
        register.letters(),
        office.find_state,
        office.context.who,
        office.today,
        office.settings.issues,
    )
    if source is not None:
        if subject or not chosen.is_empty:
            raise UsageError("--from takes the letters from its file.", "Leave the filters out.")
        return _from_file(source, desk, cells)
    rows = _rows(office, register, cells, subject, chosen)
    read = read_entries((), ((None, row) for row in rows), desk)
    if read.problems:
        raise UsageError(" ".join(f"{p.message} {p.remedy}".strip() for p in read.problems))
    return Entries(read.entries)


def _from_file(source: Path, desk: Any, cells: Mapping[str, str]) -> Entries:
    from outreach_merge.recipients.table import read_table
    from outreach_merge.register.attachments import receipt_problem
    from outreach_merge.register.entries import Entries, read_entries

    table = read_table(source, source.name)
    if table.problems:
        return Entries((), table.problems)
    defaults = {name: cell for name, cell in cells.items() if cell}
    read = read_entries(table.header, table.records(), desk, file=source.name, defaults=defaults)
    problems = list(read.problems)
    for entry in read.entries:
        if entry.receipt and (why := receipt_problem(source.parent / entry.receipt)):
            problems.append(
                Problem("missing-receipt", why, file=source.name, row=entry.row, column="receipt")
            )
    return Entries(read.entries, tuple(problems))


def _rows(
    office: _Office,
    register: Register,
    cells: Mapping[str, str],
    subject: tuple[str, ...],
    chosen: _Filter,
) -> list[dict[str, str]]:
    """One row of cells for each event that the arguments mean."""
    try:
        kind = EventKind(cells["event"])
    except ValueError:
        # What is wrong with the event is said where its cell is read.
        return [dict(cells)]
    if kind is EventKind.GENERATED:
        raise UsageError("letters are entered as generated by `generate` itself.")
    if kind in STATE_EVENTS:
        states = subject or tuple(chosen.states)
        if not states:
            raise UsageError(f"it is not said which state {kind.value}.", "Name the state.")
        return [dict(cells) | {"state": state} for state in states]
    if kind is EventKind.CORRECTED:
        if not subject:
            raise UsageError("it is not said which entry was wrong.", "Give its number.")
        return [dict(cells) | {"entry": number} for number in subject]
    if len(subject) == 1:
        return [dict(cells) | {"reference": subject[0]}]
    if len(subject) == 2:
        return [dict(cells) | {"letter": subject[0], "recipient": subject[1]}]
    if subject:
        raise UsageError("an event on a letter takes LETTER RECIPIENT.", "Or use the filters.")
    if chosen.is_empty:
        raise UsageError("it is not said which letter.", "Name LETTER RECIPIENT, or filter.")
    lines = _current_lines(register, chosen)
    if not lines:
        raise UsageError("no letter in the register passes these filters.", "Try fewer of them.")
    return [
        dict(cells) | {"letter": line.record.letter, "recipient": line.record.recipient}
        for line in lines
    ]


def _current_lines(register: Register, chosen: _Filter) -> list[Line]:
    log = make_log(register.events(), include_confidential=True)
    return [line for line in log.lines if line.record.current and chosen.passes(line)]


def _enter(
    office: _Office,
    register: Register,
    entries: Sequence[Entry],
    source: Path | None,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Says what will be entered, asks, and enters all of it or nothing."""
    context = office.context
    # What the register would refuse is said before anybody is asked or a scan is kept.
    register.rehearse([entry.event for entry in entries])
    if not as_json:
        _announce(context, [entry.event for entry in entries])
    if dry_run:
        if as_json:
            context.print_json({"entered": 0, "would_enter": len(entries)})
        else:
            context.out.print("Nothing was entered (--dry-run).")
        return
    if not yes:
        if not sys.stdin.isatty():
            raise UsageError("nobody can be asked here.", "Add --yes to enter this.")
        typer.confirm(f"Enter {_many(len(entries), 'event')}?", abort=True, err=True)
    base = source.parent if source else Path()
    events = [_with_receipt(entry, base, office.folder) for entry in entries]
    entered = register.append(events)
    if as_json:
        context.print_json(
            {"entered": len(entered), "entries": [event.sequence for event in entered]}
        )
    else:
        context.out.print(f"{_many(len(entered), 'event')} entered.")


def _located(
    refused: EntriesRefused, entries: Sequence[Entry], source: Path | None
) -> list[Problem]:
    """The refusals with the file and row each came from."""
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


def _announce(context: Context, events: Sequence[NewEvent]) -> None:
    from rich.text import Text

    for event in events[:_SHOWN_BEFORE_ASKING]:
        what = event.subject or f"entry {event.details.get('entry')}"
        told = "; ".join(
            f"{name.replace('_', ' ')}: {_plain(value)}"
            for name, value in event.details.items()
            if name != "entry"
        )
        line = f"{event.kind.value}  {what}  on {event.happened_on}"
        context.out.print(Text(f"{line}  ({told})" if told else line))
    if len(events) > _SHOWN_BEFORE_ASKING:
        context.out.print(f"and {len(events) - _SHOWN_BEFORE_ASKING} more")


def _plain(value: object) -> str:
    if value is True:
        return "yes"
    return "; ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


# show


@app.command("show")
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
    office = _Office(context_of(ctx))
    with office.register() as register:
        if subject:
            _show_story(office, register, tuple(subject), as_json)
            return
        chosen = _Filter(
            letter or (), office.state_codes(state), region or (), group or (), kind or (),
            language or (), channel or (), standing or (),
        )  # fmt: skip
        log = make_log(register.events(), include_confidential=True, state_name=office.state_name())
    lines = [line for line in log.lines if chosen.passes(line)]
    if days is not None:
        lines = list(overdue(lines, days, office.today))
    if as_json:
        table = letters_table(replace(log, lines=tuple(lines)))
        office.context.print_json(list(table.records()))
        return
    _print_lines(office.context, lines)


def _print_lines(context: Context, lines: Sequence[Line]) -> None:
    from rich import box
    from rich.table import Table as NewGrid
    from rich.text import Text

    grid = NewGrid(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("letter", "recipient", "state", "language", "channel", "stands at", "since"):
        grid.add_column(name, no_wrap=name in ("since", "language"))
    for line in lines:
        record = line.record
        revision = f" r{record.revision}" if record.revision > 1 else ""
        mark = " (confidential)" if record.confidential else ""
        cells = (
            f"{record.letter}{revision}",
            f"{record.recipient}{mark}",
            line.state_name or record.state,
            record.language,
            record.channel,
            record.standing.value if record.current else f"{record.standing.value}, superseded",
            line.newest.happened_on.isoformat(),
        )
        grid.add_row(*(Text(cell) for cell in cells))
    if lines:
        _print_grid(context, grid)
    counts = Counter(line.record.standing.value for line in lines)
    told = ", ".join(f"{counts[s.value]} {s.value}" for s in Standing if counts[s.value])
    context.out.print(f"{_many(len(lines), 'letter')}" + (f": {told}" if told else ""))


def _print_grid(context: Context, grid: Grid) -> None:
    """On a terminal the table takes the width there is; elsewhere nothing is cut."""
    if not context.out.is_terminal:
        context.out.width = 1000
    context.out.print(grid)


def _show_story(
    office: _Office, register: Register, subject: tuple[str, ...], as_json: bool
) -> None:
    events = _story(office, register, subject)
    if as_json:
        log = replace(make_log(()), events=tuple(events))
        office.context.print_json(list(events_table(log).records()))
        return
    taken_back = {event.details.get("entry") for event in events if event.kind == "corrected"}
    for event in events:
        _print_event(office.context, event, event.sequence in taken_back)


def _story(office: _Office, register: Register, subject: tuple[str, ...]) -> list[Event]:
    """The entries on one letter, one recipient, or one state.

    :raises UsageError: the register holds nothing on it.
    """
    if len(subject) > 2:
        raise UsageError("a story is of LETTER RECIPIENT, of a recipient, or of a state.")
    letter = subject[0] if len(subject) == 2 else ""
    found = list(register.events(letter=letter, recipient=subject[-1]))
    if not found:
        code = office.find_state(subject[-1])
        found = list(register.events(letter=letter, state=code)) if code else []
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
    told = "; ".join(
        f"{name.replace('_', ' ')}: {_plain(value)}"
        for name, value in event.details.items()
        if event.kind is not EventKind.GENERATED
    )
    line = f"{event.sequence:>6}  {event.happened_on}  {event.kind.value:<12}  "
    line = f"{line}{about}{document}{revision}  {told}".rstrip()
    line = f"{line}  [{event.by}, {event.entered_at:%Y-%m-%d %H:%M} UTC]"
    context.out.print(Text(line, "strike" if taken_back else ""))
    if taken_back:
        context.out.print(Text("        taken back: see below"))


# export


@app.command("export")
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
    office = _Office(context_of(ctx))
    with office.register() as register:
        log = make_log(
            register.events(),
            include_confidential=include_confidential,
            state_name=office.state_name(),
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
    path = to or office.folder / office.settings.output / f"{name}.{format_.value}"
    write_atomically(path, data)
    _tell_export(office.context, path, tables[0], log.left_out, as_json)


def _tell_export(context: Context, path: Path, table: Table, left_out: int, as_json: bool) -> None:
    count = len(table.rows)
    if as_json:
        context.print_json({"file": str(path), "rows": count, "confidential_left_out": left_out})
        return
    noun = "event" if table.columns is EVENT_COLUMNS else "letter"
    context.out.print(f"{path}: {_many(count, noun)}", markup=False)
    if left_out:
        context.out.print(f"{left_out} confidential left out (--include-confidential names them)")


# verify


@app.command("verify")
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
    office = _Office(context)
    with office.register() as register:
        if rebuild:
            register.rebuild_letters()
        findings = register.verify()
        sequence, head = register.head()
        if expect:
            findings += _compare_with_note(register, expect)
        if files and not findings:
            findings += check_receipts(register.events(), office.folder)
            findings += check_files(_files_kept(register.revisions()), office.folder)
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
        verdict = "the register is whole" if not findings else _many(len(findings), "finding")
        context.out.print(f"{sequence} {'entry' if sequence == 1 else 'entries'}: {verdict}")
        context.out.print(f"last entry {sequence}:{head}")
    if findings:
        raise typer.Exit(ExitCode.VERIFICATION)


def _files_kept(
    letters: Mapping[LetterKey, Mapping[int, LetterRecord]],
) -> Iterator[LetterRecord]:
    """The revisions whose file must be there: the current one, and those that left."""
    for story in letters.values():
        for record_ in story.values():
            waits = record_.current and record_.standing is not Standing.WITHDRAWN
            if waits or record_.dispatched:
                yield record_


def _compare_with_note(register: Register, expect: str) -> list[Problem]:
    """Whether the entry noted earlier still is the one that stands there."""
    number, _, noted = expect.partition(":")
    if not number.isdigit() or not noted:
        raise UsageError(f'"{expect}" is no note of an entry.', "Write it as NUMBER:HASH.")
    if any(e.sequence == int(number) and e.hash == noted for e in register.events()):
        return []
    return [
        Problem(
            "note-differs",
            f"Entry {number} is not the one that was noted ({noted}).",
            "The register was rewritten since: compare it with a backup.",
        )
    ]
