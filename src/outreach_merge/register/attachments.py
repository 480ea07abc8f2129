"""Scans of receipts, stored below the campaign folder under their digest."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from outreach_merge import catalogue
from outreach_merge.errors import MachineError, UsageError
from outreach_merge.files import sha256, sha256_of_file, write_atomically
from outreach_merge.model import Problem
from outreach_merge.register.events import Event, LetterRecord

FOLDER = "register-files"
_LARGEST = 50 * 1024 * 1024  # bytes


def receipt_problem(source: Path) -> str:
    """Why a scan cannot be stored; empty when it can."""
    if not source.is_file():
        return f"there is no file {source}."
    size = source.stat().st_size
    if not size:
        return f"{source} is empty."
    if size > _LARGEST:
        return f"{source} is larger than {_LARGEST // 1024 // 1024} MB."
    return ""


def keep_receipt(source: Path, campaign_folder: Path) -> tuple[str, str]:
    """Copy a scan below the campaign folder; returns its path there and its SHA-256.

    The file is named by the digest, so the same scan is stored once.

    :raises UsageError: no such file, an empty one, or a larger one than 50 MB.
    :raises MachineError: it cannot be read or written.
    """
    if problem := receipt_problem(source):
        raise UsageError(f"The receipt cannot be kept: {problem}", "Name another file.")
    try:
        data = source.read_bytes()
    except OSError as error:
        raise MachineError(f"Cannot read {source}: {error.strerror}.") from error
    digest = sha256(data)
    relative = Path(FOLDER) / f"{digest}{_ending(source)}"
    target = campaign_folder / relative
    if not target.is_file():
        write_atomically(target, data)
    return relative.as_posix(), digest


def _ending(source: Path) -> str:
    ending = source.suffix.lower()
    return ending if ending[1:].isalnum() and ending.isascii() else ""


def check_receipts(events: Iterable[Event], campaign_folder: Path) -> list[Problem]:
    """A problem for each scan that is missing or differs from what was attached."""
    findings = []
    for event in events:
        path, digest = event.details.get("receipt"), event.details.get("receipt_sha256")
        if isinstance(path, str) and isinstance(digest, str):
            what = f"The receipt of entry {event.sequence} ({path})"
            findings += _compare(campaign_folder / path, digest, what, event.subject)
    return findings


def check_files(records: Iterable[LetterRecord], campaign_folder: Path) -> list[Problem]:
    """A problem for each letter whose file is missing or differs from the one entered."""
    findings = []
    for record in records:
        what = f"The letter {record.key}, revision {record.revision} ({record.file})"
        findings += _compare(campaign_folder / record.file, record.digest, what, str(record.key))
    return findings


def _compare(path: Path, digest: str, what: str, letter: str) -> list[Problem]:
    try:
        found = sha256_of_file(path)
    except FileNotFoundError:
        return [catalogue.FILE_MISSING.at(letter=letter, what=what)]
    except OSError as error:
        return [catalogue.FILE_UNREADABLE.at(letter=letter, what=what, reason=error.strerror)]
    return [] if found == digest else [catalogue.FILE_CHANGED.at(letter=letter, what=what)]
