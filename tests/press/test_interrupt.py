"""Ctrl-C while letters are made: what is said, what is on the disk and what is entered agree."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Callable

import pytest

from folders import CampaignFolder
from outreach_merge.files import sha256_of_file

MakeCampaign = Callable[..., CampaignFolder]
#: So many that there are always some left when Ctrl-C comes.
COUNT = 80
#: Seconds after which a slow machine is a broken one.
PATIENCE = 120


def standing(campaign: CampaignFolder) -> dict[str, str]:
    """Files that the register knows, with their digests."""
    with campaign.register() as register:
        return {record.file: record.digest for record in register.letters().values()}


def on_disk(campaign: CampaignFolder) -> dict[str, str]:
    return {
        path.relative_to(campaign.path).as_posix(): sha256_of_file(path) for path in campaign.pdfs()
    }


@pytest.mark.slow
@pytest.mark.parametrize("letters", [1, 7, 20])
def test_interrupted(make_campaign: MakeCampaign, letters: int) -> None:
    campaign = make_campaign(*({"state": "KEN", "id": f"KEN-{n}"} for n in range(COUNT)))
    process = campaign.start("generate", "--jobs", "2")
    deadline = time.monotonic() + PATIENCE
    while len(campaign.pdfs()) < letters:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.002)
    # As a terminal does it: to the program and to all processes that it started.
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130, (out, err)
    assert "Traceback" not in out + err
    said = re.search(r"(\d+) made, 0 unchanged", out)
    left = re.search(r"interrupted: (\d+) letters? left\..*run the same command again", err)
    assert said, out
    assert left, err
    made = int(said[1])
    assert letters <= made
    assert made + int(left[1]) == COUNT
    assert len(on_disk(campaign)) == made
    assert on_disk(campaign) == standing(campaign)
    assert f"{COUNT - made} made, {made} unchanged" in campaign.ok("generate").out


@pytest.mark.slow
@pytest.mark.parametrize("later", [0, 0.05, 0.1, 0.15, 0.2, 0.3])
def test_interrupted_before_the_first_letter(campaign: CampaignFolder, later: float) -> None:
    """Also while workers are told what to do: none complains of having heard half of it."""
    process = campaign.start("--verbose", "generate")
    while not campaign.file("output/.being-made").exists():
        assert process.poll() is None, process.communicate()
        time.sleep(0.002)
    time.sleep(later)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=PATIENCE)
    assert "Traceback" not in out + err
    assert process.returncode in (0, 130)
    assert on_disk(campaign) == standing(campaign)
    campaign.ok("generate")
    assert len(campaign.pdfs()) == 1
