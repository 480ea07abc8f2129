"""Events to enter, places to keep a register in, and a PostgreSQL server of our own."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from outreach_merge.register import EventKind, LetterKey, NewEvent, Register

NOW = dt.datetime(2021, 8, 15, 10, 30, tzinfo=dt.UTC)
_numbers = count(1)


KENYA = LetterKey("presidential", "KEN-head_of_state")


def make(kind: str, recipient: str = KENYA.recipient, **rest: Any) -> NewEvent:
    """An event to be entered: ``make("dispatched", on="2021-08-01")``."""
    return generated(recipient, **rest) if kind == "generated" else new(kind, recipient, **rest)


def new(
    kind: str, recipient: str = KENYA.recipient, on: str = "2021-08-01", **rest: Any
) -> NewEvent:
    """An event as somebody would enter it; the letter is the presidential one."""
    what = EventKind(kind)
    if what in (EventKind.MET, EventKind.SPOKE, EventKind.JOINED, EventKind.CORRECTED):
        recipient, letter = "", ""
    else:
        letter = rest.pop("letter", "presidential")
    return NewEvent(
        kind=what,
        letter=letter,
        recipient=recipient,
        happened_on=dt.date.fromisoformat(on),
        by=rest.pop("by", "Registry"),
        **rest,
    )


def generated(recipient: str = KENYA.recipient, text: str = "first", **rest: Any) -> NewEvent:
    """A letter that was made; ``text`` stands for what is written in it."""
    letter = rest.pop("letter", "presidential")
    details = {
        "fingerprint": f"fingerprint of {text}",
        "html_digest": f"html of {text}",
        "date": "2021-07-27",
        "kind": "head_of_state",
        "office": "president",
        "name": "Uhuru Kenyatta",
        "region": "Africa",
        "group": "1",
        "status": "not_joined",
        "issues": ["neighbourhood-security"],
        "signatories": ["president"],
    } | rest.pop("details", {})
    return new(
        "generated",
        recipient,
        on=rest.pop("on", "2021-07-27"),
        letter=letter,
        state=rest.pop("state", recipient[:3]),
        language=rest.pop("language", "en"),
        reference=rest.pop("reference", f"{letter}/2021/{recipient}"),
        channel=rest.pop("channel", "by_hand"),
        file=f"output/{letter}/{recipient}-en.pdf",
        digest=hashlib.sha256(f"{letter}{recipient}{text}".encode()).hexdigest(),
        pages=1,
        details=details,
        **rest,
    )


@dataclass
class Place:
    """Where a register is kept, and how to open it, also from another process."""

    url: str
    backend: str

    def open(
        self,
        campaign: str = "csp7-2021",
        clock: Callable[[], dt.datetime] = lambda: NOW,
        **rest: Any,
    ) -> Register:
        return Register.open(self.url, campaign, clock, **rest)

    def execute(self, statement: str) -> None:
        """Changes the database behind the register's back."""
        if self.backend == "sqlite":
            import sqlite3

            with sqlite3.connect(self.url) as connection:
                connection.execute(statement)
            connection.close()
        else:
            import psycopg

            with psycopg.connect(self.url) as server:
                server.execute(statement.encode())


class PostgresServer:
    """A PostgreSQL server of our own, on a socket in a temporary folder."""

    def __init__(self, binaries: Path) -> None:
        self._binaries = binaries
        self.folder = Path(tempfile.mkdtemp(prefix="register-pg-"))
        self._user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres")
        self._run("initdb", "-D", str(self.folder / "data"), "-A", "trust", "-E", "UTF8",
                  "-U", self._user, "--no-sync", "--locale=C.UTF-8")  # fmt: skip
        self.start()

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._binaries / program), *arguments]
        if os.geteuid() == 0:
            command = ["runuser", "-u", "postgres", "--", *command]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=self.folder, timeout=120)

    def start(self) -> None:
        options = f"-k {self.folder} -c listen_addresses= -c fsync=off -c max_connections=60 -c shared_buffers=32MB"
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-o", options, "-w",
                  "-l", str(self.folder / "log"), "start")  # fmt: skip

    def stop(self) -> None:
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "-w", "stop")

    def url(self, database: str) -> str:
        return f"postgresql://{self._user}@/{database}?host={self.folder}"

    def new_database(self) -> str:
        import psycopg

        name = f"register_{next(_numbers)}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return self.url(name)
