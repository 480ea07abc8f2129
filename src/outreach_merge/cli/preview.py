"""``preview``: one letter, marked as a draft, never registered."""

from __future__ import annotations

import datetime as dt
import gc
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from outreach_merge.cli.context import Context, Interrupted, context_of
from outreach_merge.errors import CampaignError, OutreachError, UsageError
from outreach_merge.model import Severity

if TYPE_CHECKING:
    from outreach_merge.press import Press, Previewer

_PNG_DPI = 120
#: Milliseconds without a further change after which the draft is made: an editor that writes a
#: temporary file and renames it has finished by then.
_DEBOUNCE_MS = 10
#: Milliseconds after which the draft is made although files are still changing.
_LONGEST_DEBOUNCE_MS = 100
#: Milliseconds between two checks of the files without a notification: some file systems send
#: none, and a file may be saved before the watcher has started.
_POLL_MS = 1000


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
    from outreach_merge.press import Previewer

    context = context_of(ctx)
    kind = "png" if png else "html" if html else "text" if text else "pdf"
    previewer = Previewer(context.folder, context.who, lambda: dt.datetime.now(dt.UTC))
    request = _PreviewRequest(letter, recipient, language, kind, to)
    if watch:
        _watch(context, previewer, request, open_it)
    with _gc_disabled():
        made = _make(context, previewer, request)
    _print_paths(made)
    if open_it and made:
        typer.launch(str(made[0]))


@dataclass(frozen=True, slots=True)
class _PreviewRequest:
    """The options of the command.

    :param kind: ``pdf``, ``png``, ``html`` or ``text``.
    """

    letter: str
    recipient: str
    language: str
    kind: str
    to: Path | None


def _make(context: Context, previewer: Previewer, request: _PreviewRequest) -> list[Path]:
    """Write the draft; returns its files, none for text, which is printed."""
    from outreach_merge.compose import ComposeError

    campaign = previewer.campaign()
    # Problems of other letters and other rows do not prevent this draft.
    files = ("campaign.toml", f"letters/{request.letter}.toml")
    errors = [p for p in campaign.problems if p.severity is Severity.ERROR]
    faults = [p for p in errors if p.file in files] if campaign.recipients else errors
    if faults:
        raise CampaignError(faults)
    if request.language and request.language not in campaign.protocol.languages:
        known = ", ".join(campaign.protocol.languages)
        raise UsageError(f'there is no language "{request.language}".', f"Known: {known}.")
    try:
        return list(_write(context, previewer, previewer.press(), request))
    except ComposeError as error:
        raise CampaignError([error.problem]) from error


def _write(
    context: Context, previewer: Previewer, press: Press, request: _PreviewRequest
) -> Iterator[Path]:
    from outreach_merge.files import write_atomically

    planned = press.find(request.letter, request.recipient, request.language)
    target = request.to or press.preview_path(planned, request.kind)
    if request.kind == "text":
        from outreach_merge.compose import plain_text

        typer.echo(plain_text(press.compose_draft(planned).html))
        return
    if request.kind == "html":
        write_atomically(target, press.standalone_html(planned).encode())
        yield target
        return
    typeset = previewer.draft(planned)
    if typeset.findings:
        context.show_problems(typeset.findings)
    if request.kind == "pdf":
        write_atomically(target, typeset.pdf)
        yield target
        return
    from outreach_merge.pictures import pages_as_png

    pages = pages_as_png(typeset.pdf, _PNG_DPI)
    for number, picture in enumerate(pages, start=1):
        path = target if len(pages) == 1 else target.with_stem(f"{target.stem}-{number}")
        write_atomically(path, picture)
        yield path


def _watch(context: Context, previewer: Previewer, request: _PreviewRequest, open_it: bool) -> None:
    """Make the draft, and again whenever a file it may depend on was saved.

    The paths are printed each time when the output is not a terminal, else once.

    :raises Interrupted: at Ctrl-C.
    :raises UsageError: there is no such letter or recipient.
    """
    try:
        shown: list[Path] = []
        try:
            shown = _make(context, previewer, request)
        except CampaignError as error:
            context.show_problems(error.problems)
        _print_paths(shown)
        if open_it and shown:
            typer.launch(str(shown[0]))
        context.err.print("watching; Ctrl-C ends")
        for changed in _changes(previewer):
            made = _remake(context, previewer, request, changed)
            if made != shown or not context.out.is_terminal:
                _print_paths(made)
            shown = made or shown
    except KeyboardInterrupt:
        raise Interrupted from None  # the normal end of --watch


@contextmanager
def _gc_disabled() -> Iterator[None]:
    """Disable the garbage collector: for one letter a collection costs more than it frees."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _print_paths(made: Sequence[Path]) -> None:
    for path in made:
        typer.echo(str(path))


def _changes(previewer: Previewer) -> Iterator[Sequence[Path]]:
    """Yields the files that changed.

    Folders are watched, not files: an editor may save by renaming another file.
    """
    from watchfiles import watch

    while True:
        folders = previewer.folders
        for _ in watch(
            *folders,
            recursive=False,
            watch_filter=None,
            step=_DEBOUNCE_MS,
            debounce=_LONGEST_DEBOUNCE_MS,
            rust_timeout=_POLL_MS,
            yield_on_timeout=True,
        ):
            if changed := previewer.look():
                yield changed
            if previewer.folders != folders:
                break


def _remake(
    context: Context, previewer: Previewer, request: _PreviewRequest, changed: Sequence[Path]
) -> list[Path]:
    """Make the draft and print a line; on an error print it and leave the last draft."""
    started = time.monotonic()
    made: list[Path] = []
    try:
        made = _make(context, previewer, request)
        result = f"made again in {1000 * (time.monotonic() - started):.0f} ms"
    except (CampaignError, OutreachError, OSError) as error:
        if isinstance(error, CampaignError):
            context.show_problems(error.problems)
        elif isinstance(error, OutreachError):
            context.err.print(f"error  {error.message} {error.remedy}".rstrip(), markup=False)
        else:  # a file was removed while it was read; its next change follows
            context.err.print(f"error  {error}", markup=False)
        result = "not made again"
    first, *others = (_name(path, context.folder) for path in changed)
    what = f"{first} and {len(others)} more" if others else first
    context.err.print(f"{dt.datetime.now():%H:%M:%S}  {what}: {result}", markup=False)
    return made


def _name(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else str(path)
