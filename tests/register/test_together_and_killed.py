"""Several writers at once, writers that are killed, servers that go away."""

from __future__ import annotations

import itertools
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import IO

import pytest

from outreach_merge.errors import ExitCode
from outreach_merge.register import Register, RegisterUnavailable
from register.helpers import Place, PostgresServer, make

WRITER = Path(__file__).with_name("writer.py")
SOURCES = Path(__file__).parents[2] / "src"

pytestmark = pytest.mark.slow  # writers in processes of their own


def start(
    place: Place,
    name: str,
    count: int,
    output: IO[str] | int = subprocess.PIPE,
    go: Path | str = "",
) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(WRITER), place.url, name, str(count), str(go)],
        stdout=output,
        text=True,
        env=os.environ | {"PYTHONPATH": str(SOURCES)},
    )


def confirmed(process: subprocess.Popen[str]) -> list[str]:
    """What the writer said it had entered."""
    text, _ = process.communicate(timeout=120)
    return text.splitlines()


def start_together(place: Place, names: list[str], count: int, go: Path) -> list[list[str]]:
    """What each of several writers said that began at the same moment."""
    writers = [start(place, name, count, go=go) for name in names]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
    go.touch()
    said = [confirmed(writer) for writer in writers]
    assert [writer.returncode for writer in writers] == [0] * len(writers)
    return said


def test_writers_at_once_lose_nothing_and_double_nothing(place: Place, tmp_path: Path) -> None:
    outcomes = start_together(place, ["one", "two", "three"], 40, tmp_path / "go")
    assert [len(said) for said in outcomes] == [80, 80, 80]
    with place.open() as register:
        assert [event.sequence for event in register.events()] == list(range(1, 241))
        assert register.verify() == []
        # They really were at it together: the entries of one are not all in a row.
        turns = [event.by for event in register.events()]
        assert sum(a != b for a, b in itertools.pairwise(turns)) > 2


def test_two_runs_that_make_the_same_letters_enter_them_once(place: Place, tmp_path: Path) -> None:
    outcomes = start_together(place, ["same", "same"], 30, tmp_path / "go")
    with place.open() as register:
        kinds = [(event.recipient, event.kind) for event in register.events()]
        assert register.verify() == []
    assert len(kinds) == len(set(kinds))
    assert sorted(line for said in outcomes for line in said) == sorted(
        f"{at} {recipient} {kind}" for at, (recipient, kind) in enumerate(kinds, start=1)
    )


def test_first_runs_at_once_make_one_register(place: Place, tmp_path: Path) -> None:
    said = start_together(place, ["one", "two", "three", "four"], 1, tmp_path / "go")
    assert [len(lines) for lines in said] == [2, 2, 2, 2]
    with place.open() as register:
        assert register.verify() == []


def test_killed_fifty_times_no_confirmed_entry_is_lost_and_none_doubled(
    place: Place, tmp_path: Path
) -> None:
    """The register keeps what it confirmed, whatever moment the writer dies at."""
    dice = random.Random(7)
    promised: dict[int, str] = {}
    place.open().close()
    for turn in range(50):
        said = tmp_path / f"run{turn}"
        with said.open("w") as file:
            writer = start(place, f"run{turn}", 10_000, file)
        while not said.stat().st_size:
            time.sleep(0.005)
        time.sleep(dice.uniform(0, 0.12))
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        # A line that was torn off is no confirmation.
        for line in said.read_text().split("\n")[:-1]:
            sequence, told = line.split(" ", 1)
            promised[int(sequence)] = told
    with place.open() as register:
        entries = {event.sequence: f"{event.recipient} {event.kind}" for event in register.events()}
        assert register.verify() == []
    assert len(promised) > 100
    assert promised.items() <= entries.items()
    assert len(set(entries.values())) == len(entries)
    # Both events of a batch, or neither.
    assert len(entries) % 2 == 0


def test_the_server_goes_away_and_comes_back(postgres: PostgresServer) -> None:
    url = postgres.new_database()
    with Register.open(url, "csp7-2021") as register:
        register.append([make("generated")])
        postgres.stop()
        try:
            with pytest.raises(RegisterUnavailable) as refused:
                register.append([make("generated", "FJI-x")])
            assert refused.value.exit_code is ExitCode.MACHINE
            assert "run the command again" in refused.value.remedy
        finally:
            postgres.start()
        # The letter stays on the disk; entering it again is the next run's first act.
        assert len(register.append([make("generated"), make("generated", "FJI-x")])) == 1
        assert register.verify() == []
