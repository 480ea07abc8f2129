"""Writes the campaign of ``init`` and the letter of ``new-letter``."""

from __future__ import annotations

from pathlib import Path

from outreach_merge.errors import UsageError
from outreach_merge.files import write_atomically

_SOURCE = Path(__file__).parent / "campaign"


def make_campaign(folder: Path) -> list[Path]:
    """Write the starter campaign into ``folder``; returns the files written.

    :raises UsageError: when the folder is a file or holds anything.
    :raises MachineError: when it cannot be written.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder} is not an empty folder.", "Name a new one.")
    written = []
    for source in sorted(path for path in _SOURCE.rglob("*") if path.is_file()):
        target = folder / source.relative_to(_SOURCE)
        write_atomically(target, source.read_bytes())
        written.append(target)
    return written
