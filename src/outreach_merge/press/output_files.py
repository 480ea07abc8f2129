"""The letters that stand in the output folder."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from outreach_merge.model import PlannedLetter

_REVISION = re.compile(r"-r(\d+)$")


def made_files(
    output: Path, planned: Iterable[PlannedLetter]
) -> Iterator[tuple[PlannedLetter, Path]]:
    """The newest revision of each planned letter that was made; the others are left out."""
    for letter in planned:
        first = output / letter.relative_path
        revisions = [
            path
            for path in first.parent.glob(f"{first.stem}-r*.pdf")
            if _REVISION.search(path.stem)
        ]
        found = max(revisions, key=_revision, default=first)
        if found.is_file():
            yield letter, found


def _revision(path: Path) -> int:
    match = _REVISION.search(path.stem)
    return int(match[1]) if match else 1
