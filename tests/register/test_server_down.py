"""The database server goes down while letters are made: what is made stays, nothing is lost."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from folders import CAMPAIGN_CODE, CampaignFolder
from outreach_merge.errors import ExitCode
from outreach_merge.files import sha256_of_file
from outreach_merge.protocol import Protocol
from outreach_merge.register import EventKind, Register
from outreach_merge.wording import counted
from register.helpers import PostgresServer

#: So many that the server goes down before the last.
LETTERS = 180
PATIENCE = 120.0  # seconds
TEMPLATE = "templates/invitation/en.html"


def entries(url: str) -> int:
    with Register.open(url, CAMPAIGN_CODE, create=False) as register:
        return register.head()[0]


def wait_for_entries(url: str, more_than: int, process: subprocess.Popen[str]) -> bool:
    """Whether there were more entries than that before the process ended."""
    deadline = time.monotonic() + PATIENCE
    while entries(url) <= more_than:
        assert time.monotonic() < deadline, "nothing is entered"
        if process.poll() is not None:
            return False
        time.sleep(0.01)
    return True


@pytest.mark.slow
def test_the_server_goes_down_while_letters_are_made(
    own_postgres: PostgresServer, make_campaign: Callable[..., CampaignFolder]
) -> None:
    states = sorted(Protocol.load().states)[:LETTERS]
    folder = make_campaign(*({"state": state} for state in states))
    url = own_postgres.new_database()
    settings = folder.read("campaign.toml")
    folder.write("campaign.toml", f'register_url = "{url}"\n{settings}')
    folder.ok("generate", "--limit", "1")  # makes the register
    process = folder.start("generate", "--jobs", "1")
    assert wait_for_entries(url, 1, process), "it was over before the server could be stopped"
    own_postgres.stop()
    _, err = process.communicate(timeout=PATIENCE)
    made = {path: sha256_of_file(path) for path in folder.pdfs()}
    own_postgres.start()

    entered = entries(url)
    assert process.returncode == ExitCode.MACHINE, err
    assert "The database server of the register" in err
    assert f"had entered before is kept ({counted(entered - 1, 'event')})" in err
    assert "run the command again: it goes on where this run stopped" in err
    assert "Traceback" not in err
    assert 1 < entered <= len(made) < LETTERS

    done = folder.ok("generate", "--jobs", "1")
    assert f"{LETTERS - entered} made, {entered} unchanged" in done.out
    assert {path: sha256_of_file(path) for path in made} == made, "what was made stays"
    with Register.open(url, CAMPAIGN_CODE, create=False) as register:
        assert register.verify() == []
        events = list(register.events())
        records = register.letters().values()
    assert {event.kind for event in events} == {EventKind.GENERATED}
    assert sorted(event.state for event in events) == states, "each letter once"
    for record in records:
        assert sha256_of_file(folder.file(record.file)) == record.digest
    assert f"{LETTERS} unchanged" in folder.ok("generate").out


def test_a_server_that_is_down_is_told_before_a_letter_is_made(
    make_campaign: Callable[..., CampaignFolder], tmp_path: Path
) -> None:
    pytest.importorskip("psycopg", reason="the PostgreSQL driver is not installed")
    folder = make_campaign({"state": "KEN"})
    settings = folder.read("campaign.toml")
    url = f"postgresql://registry:secret@/outreach?host={tmp_path}"
    folder.write("campaign.toml", f'register_url = "{url}"\n{settings}')
    for command in (("generate",), ("log", "show"), ("log", "record", "joined", "NAM", "--yes")):
        done = folder(*command)
        assert done.code == ExitCode.MACHINE
        assert "Start the server or correct the address" in done.err
        assert "secret" not in done.said
    assert not folder.pdfs()
