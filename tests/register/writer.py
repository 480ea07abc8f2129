"""A process that enters letters and their dispatch one by one, and says what is confirmed.

Run as ``python writer.py URL NAME COUNT``; prints the number of each confirmed entry.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import sys

from outreach_merge.register import EventKind, NewEvent, Register


def main(url: str, name: str, count: int) -> None:
    with Register.open(url, "csp7-2021") as register:
        for number in range(count):
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
            for entered in register.append([letter, sent]):
                print(entered.sequence, recipient, entered.kind, flush=True)  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
