"""Progress of a run: a bar on a terminal, a line every few seconds elsewhere."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from outreach_merge.cli.context import Context
from outreach_merge.wording import counted

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import Task

#: Seconds between two plain lines, where there is no terminal.
_LINE_EVERY = 5.0
#: Seconds over which the rate is taken: letters that need not be made again come at once.
_RATE_PERIOD = 5.0


class Progress(Protocol):
    """Shows how many letters are done."""

    def advance(self, done: int) -> None: ...


def _pace(task: Task) -> str:
    """``169 left, 22.1 a second, 0:08 to go``; the rate is rich's, of the last seconds."""
    left = f"{task.remaining:.0f} left"
    if not task.speed or task.time_remaining is None:
        return left
    minutes, seconds = divmod(round(task.time_remaining), 60)
    return f"{left}, {task.speed:.1f} a second, {minutes}:{seconds:02} to go"


class _Bar:
    """A bar with letters made and left, rate and remaining time."""

    def __init__(self, bar: Bar, total: int) -> None:
        self._bar = bar
        self._id = bar.add_task("letters", total=total, pace=f"{total} left")
        self._task = bar.tasks[0]

    def advance(self, done: int) -> None:
        self._bar.update(self._id, completed=done)
        self._bar.update(self._id, pace=_pace(self._task))


class _Lines(_Bar):
    """A line now and then, for logs."""

    def __init__(self, context: Context, bar: Bar, total: int) -> None:
        super().__init__(bar, total)
        self._context, self._total = context, total
        self._last = time.monotonic()

    def advance(self, done: int) -> None:
        super().advance(done)
        if time.monotonic() - self._last >= _LINE_EVERY:
            self._last = time.monotonic()
            what = f"{done} of {counted(self._total, 'letter')}"
            self._context.err.print(f"{what}, {_pace(self._task)}", markup=False)


@contextmanager
def progress(context: Context, total: int) -> Iterator[Progress]:
    """Show the progress with ``total`` letters.

    The bar is removed at the end; the summary takes its place.
    """
    from rich import progress as rich

    columns = (
        rich.BarColumn(bar_width=30),
        rich.MofNCompleteColumn(),
        rich.TextColumn("letters, {task.fields[pace]}"),
    )
    terminal = context.err.is_terminal
    with rich.Progress(
        *columns,
        console=context.err,
        transient=True,
        speed_estimate_period=_RATE_PERIOD,
        disable=not terminal,
    ) as bar:
        yield _Bar(bar, total) if terminal else _Lines(context, bar, total)
