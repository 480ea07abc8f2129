"""Ctrl-C that arrives where its exception cannot be raised is told of later."""

from __future__ import annotations

import signal
import threading
import weakref
from collections.abc import Iterator

import pytest

from outreach_merge.press.interrupts import Interrupts


class Thing:
    """Can be referred to weakly."""


@pytest.fixture(autouse=True)
def heeded() -> Iterator[None]:
    """As in a program that a terminal started."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_it_is_told_of_once() -> None:
    with Interrupts() as interrupts:
        interrupts.check()
        thing = Thing()
        reference = weakref.ref(thing, lambda _: signal.raise_signal(signal.SIGINT))
        del thing  # whoever is told of its end has nobody to raise an exception to
        assert reference() is None
        with pytest.raises(KeyboardInterrupt):
            interrupts.check()
        interrupts.check()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_it_is_raised_where_it_can_be() -> None:
    with Interrupts(), pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


def test_a_job_that_ignores_it_goes_on_ignoring_it() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with Interrupts() as interrupts:
        signal.raise_signal(signal.SIGINT)
        interrupts.check()
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN


def test_another_thread_has_none() -> None:
    heard = []

    def _work() -> None:
        with Interrupts() as interrupts:
            interrupts.check()
            heard.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=_work)
    thread.start()
    thread.join()
    assert heard == [signal.default_int_handler]
