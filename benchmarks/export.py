"""Measures the register and the dispatch log at 20,000 letters.

Run from the top folder: ``python benchmarks/export.py [LETTERS] [--database URL]``.
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from outreach_merge.dispatch_log import Format, events_table, export, letters_table, make_log
from outreach_merge.register import EventKind, NewEvent, Register

BATCH = 100


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("letters", type=int, nargs="?", default=20_000)
    parser.add_argument("--database", default="", help="an empty PostgreSQL database")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        where = options.database or Path(folder) / "register.sqlite"
        with Register.open(where, "bench") as register:
            measure(register, options.letters)


def measure(register: Register, count: int) -> None:
    """Prints one line a measurement: seconds, and what took them."""
    with said(f"enter {count} letters in batches of {BATCH}"):
        enter(register, count, letter)
    with said(f"enter the dispatch of {count} letters"):
        enter(register, count, dispatch)
    with said("where every letter stands"):
        register.letters()
    with said("enter the same letters again (nothing new)"):
        enter(register, count, letter)
    for format in Format:
        with said(f"export as {format.value}, from the register to the file's bytes"):
            log = make_log(register.events())
            tables = [letters_table(log)]
            if format is Format.XLSX:
                tables.append(events_table(log))
            size = len(export(tables, format))
        print(f"{'':8}   {size / 1e6:.1f} MB, {len(log.lines)} letters, {len(log.events)} events")
    with said("verify"):
        findings = register.verify()
    assert not findings


def enter(register: Register, count: int, make: Callable[[int], NewEvent]) -> None:
    for start in range(0, count, BATCH):
        register.append([make(number) for number in range(start, min(start + BATCH, count))])


@contextmanager
def said(what: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    print(f"{time.perf_counter() - start:8.2f} s {what}")


def letter(number: int) -> NewEvent:
    recipient = f"KEN-mission-{number}"
    return NewEvent(
        kind=EventKind.GENERATED,
        happened_on=dt.date(2021, 7, 27),
        by="Registry",
        letter="presidential",
        recipient=recipient,
        state="KEN",
        language="en",
        reference=f"ATT/CSP7/PRES/2021/{number}",
        channel="through_mission",
        file=f"output/presidential/{recipient}-en.pdf",
        digest=hashlib.sha256(recipient.encode()).hexdigest(),
        pages=2,
        details={
            "fingerprint": hashlib.sha256(b"f" + recipient.encode()).hexdigest(),
            "html_digest": hashlib.sha256(b"h" + recipient.encode()).hexdigest(),
            "date": "2021-07-27",
            "kind": "mission",
            "office": "permanent_mission",
            "name": f"Recipient number {number}",
            "region": "Africa",
            "subregion": "Eastern Africa",
            "group": "1",
            "status": "not_joined",
            "issues": ["neighbourhood-security", "disarmament-misconception"],
            "bearer": "Ambassador Lansana Gberie",
            "signatories": ["president"],
        },
    )


def dispatch(number: int) -> NewEvent:
    return NewEvent(
        kind=EventKind.DISPATCHED,
        happened_on=dt.date(2021, 7, 28),
        by="Registry",
        letter="presidential",
        recipient=f"KEN-mission-{number}",
        details={"done_by": "Ambassador Lansana Gberie"},
    )


if __name__ == "__main__":
    main()
