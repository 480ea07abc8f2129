"""What every test may use: small campaigns, and the command line."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from folders import CampaignFolder, make_folder

KENYA = {"state": "KEN", "name": "Uhuru Kenyatta", "gender": "m"}


def pytest_configure() -> None:
    # What a shell starts in the background ignores Ctrl-C, and so do the programs under test.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--run-slow", action="store_true", help="run the tests marked slow too")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--run-slow") or os.environ.get("CI") == "true":
        return
    skip = pytest.mark.skip(reason="slow: run with --run-slow")
    for item in items:
        if "slow" in item.keywords:
            item.add_marker(skip)


@pytest.fixture
def make_campaign(tmp_path: Path) -> Callable[..., CampaignFolder]:
    """Makes a campaign folder from the starter: ``make_campaign({"state": "KEN"}, ...)``."""
    made: list[CampaignFolder] = []

    def _make(*rows: dict[str, str]) -> CampaignFolder:
        name = "campaign" if not made else f"campaign-{len(made) + 1}"
        made.append(make_folder(tmp_path / name, *rows))
        return made[-1]

    return _make


@pytest.fixture
def campaign(make_campaign: Callable[..., CampaignFolder]) -> CampaignFolder:
    """A campaign with one recipient: the President of Kenya, in English."""
    return make_campaign(KENYA)


@pytest.fixture(scope="session")
def _one_letter(tmp_path_factory: pytest.TempPathFactory) -> CampaignFolder:
    folder = make_folder(tmp_path_factory.mktemp("one") / "campaign", KENYA)
    folder.ok("generate")
    return folder


@pytest.fixture
def made(_one_letter: CampaignFolder, tmp_path: Path) -> CampaignFolder:
    """A campaign whose one letter, to the President of Kenya, was generated. Change it freely."""
    shutil.copytree(_one_letter.path, tmp_path / "made")
    return CampaignFolder(tmp_path / "made")


@pytest.fixture(scope="session")
def generated(tmp_path_factory: pytest.TempPathFactory) -> CampaignFolder:
    """A campaign whose three letters were generated. Read it; do not change it."""
    folder = make_folder(
        tmp_path_factory.mktemp("generated") / "campaign",
        KENYA,
        {"state": "CI", "name": "Alassane Ouattara", "gender": "m", "language": "fr"},
        {"state": "NA", "kind": "foreign_minister", "office": "foreign_minister"},
    )
    folder.ok("generate", "--jobs", "1")
    return folder
