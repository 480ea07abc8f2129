"""Ctrl-C while items are waited for or handled, also where its exception cannot be raised."""

from __future__ import annotations

import signal
import threading
import weakref
from collections.abc import Generator, Iterator

import pytest

from outreach_merge.press.interrupts import Interrupts


class Thing:
    """Can be referred to weakly."""


class Numbers:
    """Numbers without an end; may hear Ctrl-C before one of them."""

    def __init__(self, interrupted_before: int | None = None) -> None:
        self._interrupted_before = interrupted_before
        self.closed = False

    def __call__(self) -> Generator[int]:
        number = 0
        try:
            while True:
                if number == self._interrupted_before:
                    signal.raise_signal(signal.SIGINT)
                yield number
                number += 1
        finally:
            self.closed = True


@pytest.fixture(autouse=True)
def default_handler() -> Iterator[None]:
    """As in a program that a terminal started."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_it_ends_the_wait_for_the_next_item() -> None:
    numbers = Numbers(interrupted_before=3)
    with Interrupts() as interrupts:
        assert list(interrupts.until_heard(numbers())) == [0, 1, 2]
        assert numbers.closed
        with pytest.raises(KeyboardInterrupt):
            interrupts.raise_if_heard()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_an_item_is_handled_to_its_end_before_it_is_answered() -> None:
    numbers, handled = Numbers(), []
    with Interrupts() as interrupts:
        for number in interrupts.until_heard(numbers()):
            if number == 2:
                signal.raise_signal(signal.SIGINT)
                signal.raise_signal(signal.SIGINT)
            handled.append(number)
        assert handled == [0, 1, 2]
        assert numbers.closed
        assert list(interrupts.until_heard(Numbers()())) == []


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_one_that_is_swallowed_is_answered_with_the_next_item() -> None:
    def _items() -> Generator[str]:
        thing = Thing()
        reference = weakref.ref(thing, lambda _: signal.raise_signal(signal.SIGINT))
        del thing  # whoever is told of its end has nobody to raise an exception to
        assert reference() is None
        yield "first"
        yield "second"

    with Interrupts() as interrupts:
        assert list(interrupts.until_heard(_items())) == ["first"]
        with pytest.raises(KeyboardInterrupt):
            interrupts.raise_if_heard()


def test_without_one_all_items_come() -> None:
    with Interrupts() as interrupts:
        assert list(interrupts.until_heard(n for n in range(3))) == [0, 1, 2]
        interrupts.raise_if_heard()
        assert signal.getsignal(signal.SIGINT) is not signal.default_int_handler


def test_a_job_that_ignores_it_goes_on_ignoring_it() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with Interrupts() as interrupts:
        signal.raise_signal(signal.SIGINT)
        assert list(interrupts.until_heard(n for n in range(3))) == [0, 1, 2]
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN


def test_another_thread_has_none() -> None:
    heard: list[object] = []

    def _work() -> None:
        with Interrupts() as interrupts:
            heard.extend(interrupts.until_heard(n for n in range(3)))
            heard.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=_work)
    thread.start()
    thread.join()
    assert heard == [0, 1, 2, signal.default_int_handler]
