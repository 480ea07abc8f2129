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
#: Milliseconds without a further change after which a file counts as saved: an editor that
#: writes another file and renames it is done by then.
_SAVED = 10
#: Milliseconds after which a stream of changes is looked at all the same.
_AT_THE_LATEST = 100
#: Milliseconds after which the files are looked at without having been told of a change: some
#: file systems tell nothing, and a file may be saved before the watcher's eyes are open.
_UNASKED = 1000


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
    wanted = _PreviewRequest(letter, recipient, language, kind, to)
    if watch:
        _watch(context, previewer, wanted, open_it)
    with _without_collecting():
        made = _make(context, previewer, wanted)
    _say(made)
    if open_it and made:
        typer.launch(str(made[0]))


@dataclass(frozen=True, slots=True)
class _PreviewRequest:
    """What was asked for.

    :param kind: ``pdf``, ``png``, ``html`` or ``text``.
    """

    letter: str
    recipient: str
    language: str
    kind: str
    to: Path | None


def _make(context: Context, previewer: Previewer, wanted: _PreviewRequest) -> list[Path]:
    """Write the draft; returns its files, none for text, which is printed."""
    from outreach_merge.compose import ComposeError

    campaign = previewer.campaign()
    # Faults of other letters and of other rows do not stand in the way of this one.
    files = ("campaign.toml", f"letters/{wanted.letter}.toml")
    errors = [p for p in campaign.problems if p.severity is Severity.ERROR]
    faults = [p for p in errors if p.file in files] if campaign.recipients else errors
    if faults:
        raise CampaignError(faults)
    if wanted.language and wanted.language not in campaign.protocol.languages:
        known = ", ".join(campaign.protocol.languages)
        raise UsageError(f'there is no language "{wanted.language}".', f"Known: {known}.")
    try:
        return list(_write(context, previewer, previewer.press(), wanted))
    except ComposeError as error:
        raise CampaignError([error.problem]) from error


def _write(
    context: Context, previewer: Previewer, press: Press, wanted: _PreviewRequest
) -> Iterator[Path]:
    from outreach_merge.files import write_atomically

    planned = press.find(wanted.letter, wanted.recipient, wanted.language)
    target = wanted.to or press.preview_path(planned, wanted.kind)
    if wanted.kind == "text":
        from outreach_merge.compose import plain_text

        typer.echo(plain_text(press.compose_draft(planned).html))
        return
    if wanted.kind == "html":
        write_atomically(target, press.standalone_html(planned).encode())
        yield target
        return
    typeset = previewer.draft(planned)
    if typeset.findings:
        context.show_problems(typeset.findings)
    if wanted.kind == "pdf":
        write_atomically(target, typeset.pdf)
        yield target
        return
    from outreach_merge.pictures import pages_as_png

    pages = pages_as_png(typeset.pdf, _PNG_DPI)
    for number, picture in enumerate(pages, start=1):
        path = target if len(pages) == 1 else target.with_stem(f"{target.stem}-{number}")
        write_atomically(path, picture)
        yield path


def _watch(context: Context, previewer: Previewer, wanted: _PreviewRequest, open_it: bool) -> None:
    """Make the draft, and again whenever a file it may be made from was saved.

    Where the files are is printed for programs that wait for it; a person is told once.

    :raises Interrupted: at Ctrl-C.
    :raises UsageError: nothing such can be previewed.
    """
    try:
        shown: list[Path] = []
        try:
            shown = _make(context, previewer, wanted)
        except CampaignError as error:
            context.show_problems(error.problems)
        _say(shown)
        if open_it and shown:
            typer.launch(str(shown[0]))
        context.err.print("watching; Ctrl-C ends")
        for changed in _changes(previewer):
            made = _make_again(context, previewer, wanted, changed)
            if made != shown or not context.out.is_terminal:
                _say(made)
            shown = made or shown
    except KeyboardInterrupt:
        raise Interrupted from None  # the way to end it, and nothing is lost


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Loading the engines and setting one letter leaves less garbage than a look for it costs."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _say(made: Sequence[Path]) -> None:
    for path in made:
        typer.echo(str(path))


def _changes(previewer: Previewer) -> Iterator[Sequence[Path]]:
    """The files that changed, whenever some did.

    Folders are watched, not files: an editor that renames puts another file in a file's place.
    """
    from watchfiles import watch

    while True:
        folders = previewer.folders
        for _ in watch(
            *folders,
            recursive=False,
            watch_filter=None,
            step=_SAVED,
            debounce=_AT_THE_LATEST,
            rust_timeout=_UNASKED,
            yield_on_timeout=True,
        ):
            if changed := previewer.look():
                yield changed
            if previewer.folders != folders:
                break


def _make_again(
    context: Context, previewer: Previewer, wanted: _PreviewRequest, changed: Sequence[Path]
) -> list[Path]:
    """Make the draft and say so in a line; whatever is wrong is said, and the last draft stands."""
    started = time.monotonic()
    made: list[Path] = []
    try:
        made = _make(context, previewer, wanted)
        result = f"made again in {1000 * (time.monotonic() - started):.0f} ms"
    except (CampaignError, OutreachError, OSError) as error:
        if isinstance(error, CampaignError):
            context.show_problems(error.problems)
        elif isinstance(error, OutreachError):
            context.err.print(f"error  {error.message} {error.remedy}".rstrip(), markup=False)
        else:  # a file that went away while it was read: there is news of it in a moment
            context.err.print(f"error  {error}", markup=False)
        result = "not made again"
    first, *others = (_name(path, context.folder) for path in changed)
    what = f"{first} and {len(others)} more" if others else first
    context.err.print(f"{dt.datetime.now():%H:%M:%S}  {what}: {result}", markup=False)
    return made


def _name(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else str(path)
