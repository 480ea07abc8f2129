"""What became of each planned letter."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from outreach_merge.model import PlannedLetter, Problem


@dataclass(frozen=True, slots=True)
class Made:
    """The letter was typeset, written and entered in the register."""

    planned: PlannedLetter
    path: Path
    pages: int
    digest: str
    revision: int
    findings: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Unchanged:
    """What is on the disk and in the register is still right."""

    planned: PlannedLetter
    path: Path


@dataclass(frozen=True, slots=True)
class HeldBack:
    """Problems keep the letter from being made."""

    planned: PlannedLetter
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Failed:
    """The machine failed the letter: it can be tried again as it is."""

    planned: PlannedLetter
    reason: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """The recipient is no longer in the campaign: the letter's file was removed."""

    letter: str
    recipient: str
    path: Path


Outcome = Made | Unchanged | HeldBack | Failed | Withdrawn
