"""Progress of a run: a bar on a terminal, a line every few seconds elsewhere."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from outreach_merge.cli.context import Context
from outreach_merge.wording import counted

#: Seconds between two lines when there is no terminal.
_LINE_EVERY = 5.0
#: Seconds over which the rate is averaged: unchanged letters come much faster than others.
_OVER = 5.0


class Progress(Protocol):
    """Shows how many letters are done."""

    def advance(self, done: int) -> None: ...


class ProgressRate:
    """Rate and remaining time of a run.

    :param clock: the current time in seconds.
    """

    def __init__(self, total: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._total = total
        self._clock = clock
        # The time before the first letter is start-up and does not count.
        self._known: deque[tuple[float, int]] = deque()

    def advance(self, done: int) -> None:
        """Set how many letters are done."""
        now = self._clock()
        self._known.append((now, done))
        while len(self._known) > 2 and now - self._known[0][0] > _OVER:
            self._known.popleft()

    @property
    def rate(self) -> float:
        """Letters a second, over the last seconds."""
        if not self._known:
            return 0.0
        (first, before), (last, done) = self._known[0], self._known[-1]
        return (done - before) / (last - first) if last > first else 0.0

    def __str__(self) -> str:
        """``169 left, 22.1 a second, 0:08 to go``."""
        left = self._total - (self._known[-1][1] if self._known else 0)
        if not self.rate:
            return f"{left} left"
        minutes, seconds = divmod(round(left / self.rate), 60)
        return f"{left} left, {self.rate:.1f} a second, {minutes}:{seconds:02} to go"


class _Lines:
    """Prints a line every few seconds, for logs."""

    def __init__(self, context: Context, total: int) -> None:
        self._context, self._total, self._pace = context, total, ProgressRate(total)
        self._last = time.monotonic()

    def advance(self, done: int) -> None:
        self._pace.advance(done)
        if time.monotonic() - self._last >= _LINE_EVERY:
            self._last = time.monotonic()
            what = f"{done} of {counted(self._total, 'letter')}"
            self._context.err.print(f"{what}, {self._pace}", markup=False)


class _Bar:
    """A bar with letters made and left, rate and remaining time."""

    def __init__(self, bar: Any, total: int) -> None:
        self._bar, self._pace = bar, ProgressRate(total)
        self._task = bar.add_task("letters", total=total, pace=str(self._pace))

    def advance(self, done: int) -> None:
        self._pace.advance(done)
        self._bar.update(self._task, completed=done, pace=str(self._pace))


@contextmanager
def progress(context: Context, total: int) -> Iterator[Progress]:
    """Show the progress with ``total`` letters.

    The bar is removed at the end; the summary takes its place.
    """
    if not context.err.is_terminal:
        yield _Lines(context, total)
        return
    from rich import progress as rich

    columns = (
        rich.BarColumn(bar_width=30),
        rich.MofNCompleteColumn(),
        rich.TextColumn("letters, {task.fields[pace]}"),
    )
    with rich.Progress(*columns, console=context.err, transient=True) as bar:
        yield _Bar(bar, total)
