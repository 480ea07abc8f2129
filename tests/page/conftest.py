"""Letters of the sample, made once: every language, one page and two, one signatory and two."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from folders import ROOT, CampaignFolder

#: Arabic, English, French, Russian and Spanish; Chinese and Portuguese as courtesy translations.
STATES = ("KWT", "KEN", "COM", "BLR", "CUB", "SGP", "AGO", "CHN")


@dataclass(frozen=True)
class Sample:
    """A copy of the sample campaign with some of its letters made."""

    campaign: CampaignFolder
    letters: tuple[Path, ...]

    def of(self, language: str) -> list[Path]:
        """The letters in a language, courtesy translations included."""
        return [path for path in self.letters if language_of(path) == language]

    def letter(self, name: str) -> Path:
        """The letter with this path below the output folder."""
        (path,) = (path for path in self.letters if path.as_posix().endswith(f"/{name}"))
        return path


def language_of(path: Path) -> str:
    parts = path.stem.split("-")
    return next(part for part in reversed(parts) if len(part) == 2 and part.islower())


@pytest.fixture(scope="session")
def copy_of_sample(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], CampaignFolder]:
    """Copies the sample campaign to a folder of its own."""

    def _copy() -> CampaignFolder:
        folder = tmp_path_factory.mktemp("sample") / "campaign"
        folder.mkdir()
        for name in ("campaign.toml", "recipients.csv", "letters", "templates"):
            source = ROOT / name
            (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / name)
        return CampaignFolder(folder)

    return _copy


def make(campaign: CampaignFolder, *arguments: str) -> Sample:
    campaign.ok("generate", *arguments)
    return Sample(campaign, tuple(campaign.pdfs()))


@pytest.fixture(scope="session")
def sample(copy_of_sample: Callable[[], CampaignFolder]) -> Sample:
    """Letters to some states. Read them; do not change them."""
    states = [part for state in STATES for part in ("--state", state)]
    return make(copy_of_sample(), *states)


@pytest.fixture(scope="session")
def whole_sample(copy_of_sample: Callable[[], CampaignFolder]) -> Sample:
    """Every letter of the sample."""
    return make(copy_of_sample())
