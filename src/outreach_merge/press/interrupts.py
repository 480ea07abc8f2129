"""Ctrl-C at the right moment: between two letters, never between a file and its entry."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


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
    """Hears Ctrl-C within, and can tell of one that got lost. Use as a context manager.

    An exception that a signal raises can be swallowed: what Python calls from C code (a weak
    reference that ends, a buffer that is freed) has nobody to raise it to.
    """

    def __init__(self) -> None:
        self._heard = False
        self._listens = False

    def __enter__(self) -> Interrupts:
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

    def check(self) -> None:
        """:raises KeyboardInterrupt: Ctrl-C was heard, and yet we are here."""
        if self._heard:
            self._heard = False
            raise KeyboardInterrupt

    def _hear(self, number: int, frame: FrameType | None) -> None:
        self._heard = True
        signal.default_int_handler(number, frame)
