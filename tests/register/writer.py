"""A process that enters letters one by one, and says what is confirmed.

Run as ``python writer.py URL NAME COUNT [GO]``: says that it is ready and waits for the file GO,
so that several start together; prints each confirmed entry. The dispatch of a letter is entered
together with it, unless NAME is "same": several runs that make the same letters do not dispatch
them.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import sys
import time
from pathlib import Path

from outreach_merge.register import EventKind, NewEvent, Register


def main(url: str, name: str, count: int, go: str = "") -> None:
    if go:
        print("ready", flush=True)  # noqa: T201
    while go and not Path(go).exists():
        time.sleep(0.001)
    with Register.open(url, "csp7-2021") as register:
        for number in range(count):
            time.sleep(0.002)  # nobody enters without a pause; the others get their turn
            recipient = f"{name}-{number}"
            letter = NewEvent(
                kind=EventKind.GENERATED,
                happened_on=dt.date(2021, 7, 27),
                by=name,
                letter="presidential",
                recipient=recipient,
                state="KEN",
                file=f"output/{recipient}.pdf",
                digest=hashlib.sha256(recipient.encode()).hexdigest(),
                pages=1,
            )
            sent = NewEvent(
                kind=EventKind.DISPATCHED,
                happened_on=dt.date(2021, 7, 28),
                by=name,
                letter="presidential",
                recipient=recipient,
            )
            for entered in register.append([letter] if name == "same" else [letter, sent]):
                print(entered.sequence, recipient, entered.kind, flush=True)  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), *sys.argv[4:])
