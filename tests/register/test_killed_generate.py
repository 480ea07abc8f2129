"""``generate`` killed at random moments: what was confirmed stays, nothing is there twice."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from folders import CAMPAIGN_CODE, CampaignFolder
from outreach_merge.files import sha256_of_file
from outreach_merge.register import EventKind, Register
from register.helpers import Place

KILLS = 25
STATES = ("KEN", "GHA", "NAM", "FJI", "SDN", "COL", "PER", "CUB", "NPL", "THA", "PHL", "ZWE")


@pytest.mark.slow
def test_killed_while_generating(
    place: Place, make_campaign: Callable[..., CampaignFolder], tmp_path: Path
) -> None:
    folder = make_campaign(*({"state": state} for state in STATES))
    if place.backend == "postgresql":
        settings = f'register_url = "{place.url}"\n{folder.read("campaign.toml")}'
        folder.write("campaign.toml", settings)
    where = place.url if place.backend == "postgresql" else folder.file("register.sqlite")
    dice = random.Random(11)
    started = time.monotonic()
    folder.ok("generate", "--jobs", "2")
    took = time.monotonic() - started
    entered = len(STATES)
    for turn in range(KILLS):
        # Another text each time, so that every run has letters to make.
        marker = f"<p>Turn {turn}.</p>"
        template = folder.read("templates/invitation/en.html").split("<p>Turn")[0]
        body = template.replace("{% endblock %}", "")
        folder.write("templates/invitation/en.html", f"{body}{marker}{{% endblock %}}\n")
        process = folder.start("generate", "--jobs", "2")
        time.sleep(dice.uniform(0.1, took))
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        with Register.open(where, CAMPAIGN_CODE) as register:
            assert register.verify() == []
            count = sum(1 for _ in register.events())
        assert count >= entered, "a confirmed entry is gone"
        entered = count
    folder.ok("generate", "--jobs", "2")
    with Register.open(where, CAMPAIGN_CODE) as register:
        assert register.verify() == []
        records = register.letters()
        events = [event for event in register.events() if event.kind is EventKind.GENERATED]
    assert len(records) == len(STATES)
    for record in records.values():
        assert sha256_of_file(folder.file(record.file)) == record.digest
    told = [(event.recipient, event.digest, str(event.details)) for event in events]
    assert len(set(told)) == len(told), "an entry stands twice"
    assert len(folder.pdfs()) == len(STATES)
