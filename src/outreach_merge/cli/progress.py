"""How far a run is: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from outreach_merge.cli.context import Context
from outreach_merge.wording import counted

#: Seconds between two plain lines, where there is no terminal.
_LINE_EVERY = 5.0
#: Seconds over which the rate is taken: letters that need not be made again come at once.
_OVER = 5.0


class Progress(Protocol):
    """Shows how many letters are done."""

    def advance(self, done: int) -> None: ...


class ProgressRate:
    """How fast it goes, and how long it takes still.

    :param clock: tells seconds.
    """

    def __init__(self, total: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._total = total
        self._clock = clock
        # From the first letter on: until then it is the start that takes time.
        self._known: deque[tuple[float, int]] = deque()

    def advance(self, done: int) -> None:
        """Note that so many are done."""
        now = self._clock()
        self._known.append((now, done))
        while len(self._known) > 2 and now - self._known[0][0] > _OVER:
            self._known.popleft()

    @property
    def rate(self) -> float:
        """Letters a second, of late."""
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
    """A line now and then, for logs."""

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
    """A bar with letters made, left, rate and time to go."""

    def __init__(self, bar: Any, total: int) -> None:
        self._bar, self._pace = bar, ProgressRate(total)
        self._task = bar.add_task("letters", total=total, pace=str(self._pace))

    def advance(self, done: int) -> None:
        self._pace.advance(done)
        self._bar.update(self._task, completed=done, pace=str(self._pace))


@contextmanager
def progress(context: Context, total: int) -> Iterator[Progress]:
    """What shows how far it is with ``total`` letters.

    The bar goes when all is done or nothing more will be: the summary says it better.
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
