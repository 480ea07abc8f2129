"""Ctrl-C at the right moment: between two letters, never between a file and its entry."""

from __future__ import annotations

import signal
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Self, TypeVar

_Item = TypeVar("_Item")


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Within, Ctrl-C waits for the end.

    Python hears of signals in its main thread alone: in another there is nothing to hold back.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    heard: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, frame: heard.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if heard:
            signal.raise_signal(signal.SIGINT)


class Interrupts:
    """Hears Ctrl-C within and lets what is under way be finished. Use as a context manager.

    Ctrl-C ends :meth:`until_heard` and is otherwise noted, until :meth:`raise_if_heard`.
    """

    def __init__(self) -> None:
        self._heard = False
        self._waits = False
        self._listens = False

    def __enter__(self) -> Self:
        # Otherwise Ctrl-C is not ours to hear: of a job in the background, or in another thread.
        self._listens = (
            threading.current_thread() is threading.main_thread()
            and signal.getsignal(signal.SIGINT) is signal.default_int_handler
        )
        if self._listens:
            signal.signal(signal.SIGINT, self._hear)
        return self

    def __exit__(self, *error: object) -> None:
        if self._listens:
            signal.signal(signal.SIGINT, signal.default_int_handler)

    def until_heard(self, items: Generator[_Item]) -> Iterator[_Item]:
        """The items, up to the Ctrl-C: it ends the wait for the next one, and ``items``.

        ``items`` must leave everything as it was when an item is not taken any more.
        """
        try:
            while not self._heard:
                try:
                    self._waits = True
                    try:
                        item = next(items)
                    finally:
                        self._waits = False
                except StopIteration:
                    return
                except KeyboardInterrupt:
                    self._heard = True  # also where it is not ours to hear
                    return
                yield item
        finally:
            items.close()

    def raise_if_heard(self) -> None:
        """:raises KeyboardInterrupt: Ctrl-C was heard."""
        if self._heard:
            raise KeyboardInterrupt

    def _hear(self, number: int, frame: FrameType | None) -> None:
        # Noted as well as raised: what Python calls from C code (a weak reference that ends, a
        # buffer that is freed) has nobody to raise an exception to.
        first, self._heard = not self._heard, True
        if first and self._waits:
            raise KeyboardInterrupt
