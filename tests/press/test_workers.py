"""Worker processes that are killed: their letters are made by others, or reported."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from multiprocessing import active_children
from pathlib import Path
from typing import Any

import pytest

from folders import CampaignFolder
from outreach_merge.campaign import read_campaign
from outreach_merge.files import sha256_of_file
from outreach_merge.plan import make_plan
from outreach_merge.press.local_executor import LocalExecutor
from outreach_merge.press.renderer import RendererConfig, RenderJob

MakeCampaign = Callable[..., CampaignFolder]
STATES = (
    "AGO", "ARG", "BEN", "BOL", "BRA", "CHL", "COL", "CRI", "CUB", "DOM",
    "ECU", "FJI", "GAB", "GHA", "GTM", "HND", "IND", "JAM", "KEN", "LBR",
    "MDG", "MEX", "NAM", "NPL", "PER", "PHL", "SEN", "THA", "UGA", "ZWE",
)  # fmt: skip
#: Seconds after which a slow machine is a broken one.
PATIENCE = 120


def below(pid: int) -> Iterator[int]:
    """Processes that ``pid`` started, and those that they started."""
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        children = [int(n) for task in tasks for n in (task / "children").read_text().split()]
    except OSError:
        return
    for child in children:
        yield child
        yield from below(child)


def workers_of(pid: int) -> list[int]:
    """The worker processes of a ``generate``: children of the server that it forks them from."""
    return [worker for child in below(pid) for worker in below(child)]


def entered(campaign: CampaignFolder) -> Counter[str]:
    """How often each recipient's letter was entered."""
    return Counter(str(event["recipient"]) for event in campaign.log("events"))


def wait_for(condition: Callable[[], Any], process: Any) -> Any:
    """What ``condition`` gives as soon as it gives something."""
    deadline = time.monotonic() + PATIENCE
    while not (found := condition()):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline, "nothing came of it"
        time.sleep(0.002)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["at the first letter", "in the middle"])
def test_a_worker_is_killed(make_campaign: MakeCampaign, moment: str) -> None:
    campaign = make_campaign(*({"state": state} for state in STATES))
    process = campaign.start("generate", "--jobs", "2")
    if moment == "in the middle":
        wait_for(lambda: len(campaign.pdfs()) >= 3, process)
    victim = wait_for(lambda: workers_of(process.pid), process)[0]
    os.kill(victim, signal.SIGKILL)
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, (out, err)
    assert f"{len(STATES)} made" in out
    assert entered(campaign) == Counter(f"{state}-head_of_state" for state in STATES)
    with campaign.register() as register:
        digests = {record.digest for record in register.letters().values()}
    assert {sha256_of_file(path) for path in campaign.pdfs()} == digests
    assert len(digests) == len(STATES)


@pytest.mark.slow
def test_a_letter_that_kills_its_worker_every_time(make_campaign: MakeCampaign) -> None:
    states = STATES[:8]
    campaign = make_campaign(
        *({"state": state, "picture": "pipe.svg" if state == "BOL" else ""} for state in states)
    )
    campaign.replace(
        "templates/invitation/en.html",
        "{% block body %}",
        "{% block body %}{% if recipient.extra.picture %}"
        '<p><img src="{{ recipient.extra.picture }}" alt="A disc"></p>{% endif %}',
    )
    # Whoever reads the picture waits for it, and is killed, as by a system that has no memory left.
    pipe = campaign.file("pipe.svg")
    os.mkfifo(pipe)
    process = campaign.start("generate", "--jobs", "2")
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(OSError), open(pipe, "wb", buffering=0, opener=if_somebody_reads):
            # Open until the reader is found: else it would read an empty picture and go on.
            while not (found := readers(pipe, process.pid)) and process.poll() is None:
                assert time.monotonic() < deadline, "nobody holds the pipe"
            for reader in found:
                os.kill(reader, signal.SIGKILL)
        time.sleep(0.002)
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1, (out, err)
    assert f"{len(states) - 1} made, 0 unchanged, 1 held back" in out
    assert "the worker process ended while setting it" in err
    assert "invitation/BOL-head_of_state" in err
    assert entered(campaign) == Counter(
        f"{state}-head_of_state" for state in states if state != "BOL"
    )
    pipe.unlink()
    campaign.write("pipe.svg", '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')
    assert f"1 made, {len(states) - 1} unchanged" in campaign.ok("generate").out


def if_somebody_reads(path: str, flags: int) -> int:
    """Opens a pipe that somebody reads; fails where nobody does."""
    return os.open(path, flags | os.O_NONBLOCK)


def readers(pipe: Path, pid: int) -> list[int]:
    """The processes below ``pid`` that have the pipe open."""
    found = []
    for worker in below(pid):
        with contextlib.suppress(OSError):
            files = [entry.readlink() for entry in Path(f"/proc/{worker}/fd").iterdir()]
            if pipe in files:
                found.append(worker)
    return found


@pytest.mark.slow
def test_a_worker_makes_room_for_a_fresh_one(make_campaign: MakeCampaign) -> None:
    folder = make_campaign(*({"state": state} for state in STATES[:10])).path
    campaign = read_campaign(folder)
    plan = make_plan(campaign.letters.values(), campaign.recipients, campaign.settings, ())
    jobs = [RenderJob(number, planned) for number, planned in enumerate(plan.planned)]
    setters: list[set[int | None]] = []
    made: dict[int, bytes] = {}
    bench_plan = RendererConfig(folder, campaign.settings, campaign.letters)
    with LocalExecutor(bench_plan, 2, letters=3) as workers:
        for result in workers.make(jobs):
            assert result.typeset is not None, result
            made[result.number] = result.typeset.pdf
            setters.append({process.pid for process in active_children()})
    assert sorted(made) == list(range(10))
    assert len(set.union(*setters)) >= 4
    assert max(map(len, setters)) <= 4  # those that go, and those that come for them
    with LocalExecutor(bench_plan, 1) as workers:
        at_once = {r.number: r.typeset.pdf for r in workers.make(jobs) if r.typeset}
    assert at_once == made
