"""The sample campaign in a folder of its own, and a few of its letters made."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection
from pathlib import Path

import pytest

from folders import ROOT, CampaignFolder

EVENTS = ROOT / "docs" / "sample-events.csv"

#: States whose letters are made: one for each thing a letter can be.
MADE = ("AGO", "BLR", "FJI", "STP", "TON")


#: States of the smaller sample: each kind of letter has a recipient, each session a state.
FEW = ("AGO", "CHN", "CUB", "FJI", "HTI", "KEN", "NAM", "STP", "THA")


def copy_sample(path: Path, states: Collection[str] = ()) -> CampaignFolder:
    """The sample campaign, or what of it concerns some states."""
    path.mkdir(parents=True)
    for name in ("campaign.toml", "recipients.csv"):
        shutil.copy(ROOT / name, path)
    for name in ("letters", "templates"):
        shutil.copytree(ROOT / name, path / name)
    campaign = CampaignFolder(path)
    if states:
        header, *rows = campaign.read("recipients.csv").splitlines(keepends=True)
        kept = [row for row in rows if row.split(",")[1] in states]
        campaign.write("recipients.csv", header + "".join(kept))
    return campaign


@pytest.fixture
def sample(tmp_path: Path) -> CampaignFolder:
    """A copy of a part of the sample campaign to change."""
    return copy_sample(tmp_path / "sample", FEW)


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> CampaignFolder:
    """A copy in which the events of July 2021 are entered and some letters made. Only read it."""
    folder = copy_sample(tmp_path_factory.mktemp("written") / "sample")
    folder.ok("log", "record", "--from", str(EVENTS), "--yes")
    letters = sorted(path.stem for path in folder.file("letters").glob("*.toml"))
    letters.remove("ipu-joint")
    states = [part for state in MADE for part in ("--state", state)]
    folder.ok("generate", *letters, *states, "--jobs", "2")
    return folder


@pytest.fixture
def with_letter(
    make_campaign: Callable[..., CampaignFolder],
) -> Callable[..., CampaignFolder]:
    """A small campaign whose only letter is ``letters/<name>.toml`` with these lines in it."""

    def _make(name: str, definition: str, *rows: dict[str, str], body: str = "") -> CampaignFolder:
        campaign = make_campaign(*(rows or ({"state": "KEN"},)))
        for path in campaign.file("letters").glob("*.toml"):
            path.unlink()
        campaign.write(f"letters/{name}.toml", HEAD + definition)
        for language in ("en", "fr"):
            campaign.write(f"templates/{name}/{language}.html", BODY.replace("@", body))
        return campaign

    return _make


HEAD = """\
title = "A letter"
reference = "REF/{id}"
date = 2021-07-27
place = "Geneva"
subject = "Subject"
letterhead = "office"
"""
BODY = '{% extends "letter.html" %}{% block body %}<p>@ {{ recipient.you }}</p>{% endblock %}'
