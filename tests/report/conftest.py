"""The sample campaign, after the documented commands."""

from __future__ import annotations

from typing import Any

import pytest

from folders import CampaignFolder
from report.sample import LANGUAGES, copy_of_sample, run_documented_commands


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> CampaignFolder:
    """Read it; do not change it."""
    folder = copy_of_sample(tmp_path_factory.mktemp("sample") / "campaign")
    run_documented_commands(folder)
    return folder


@pytest.fixture(scope="session")
def reports(sample: CampaignFolder) -> dict[str, Any]:
    """The report as JSON, by language."""
    return {
        language: sample.ok("report", "--format", "json", "--language", language).json()
        for language in LANGUAGES
    }
