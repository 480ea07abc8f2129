"""What a letter depends on, in one digest: equal, and the letter need not be made again."""

from __future__ import annotations

import hashlib
import json
from dataclasses import fields
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from outreach_merge import __version__
from outreach_merge.definitions import CampaignSettings, Letter
from outreach_merge.files import sha256_of_file
from outreach_merge.model import PlannedLetter

#: Fields of a recipient that no letter shows.
_NOT_SHOWN = {"row", "email", "bearer", "hold", "confidential"}
_ENGINES = ("weasyprint", "jinja2", "babel", "pydyf")
_LAYOUT = Path(__file__).parent.parent / "layout"


class Fingerprints:
    """Digests of letters; files are read once."""

    def __init__(self, folder: Path, settings: CampaignSettings) -> None:
        self._materials = self._digest(
            settings.model_dump(mode="json", exclude={"register_url", "output", "recipients"}),
            _files_below(folder / "templates"),
            _files_below(folder / "languages"),
            _files_below(_LAYOUT),
            _files_below(_LAYOUT.parent / "protocol"),
            [__version__, *map(_version, _ENGINES)],
        )
        self._letters: dict[str, str] = {}

    def of(self, planned: PlannedLetter, letter: Letter) -> str:
        """The letter's fingerprint, SHA-256 in hexadecimal."""
        if letter.name not in self._letters:
            self._letters[letter.name] = self._digest(letter.model_dump(mode="json"))
        recipient = {
            entry.name: _plain(getattr(planned.recipient, entry.name))
            for entry in fields(planned.recipient)
            if entry.name not in _NOT_SHOWN
        }
        return self._digest(
            self._materials,
            self._letters[letter.name],
            recipient,
            [planned.language, planned.reference, str(planned.date), planned.courtesy],
            planned.details,
        )

    @staticmethod
    def _digest(*parts: Any) -> str:
        text = json.dumps(parts, sort_keys=True, default=str, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return sorted((str(key), item) for key, item in value.items())
    return value


def _files_below(folder: Path) -> list[tuple[str, str]]:
    return [
        (path.relative_to(folder).as_posix(), sha256_of_file(path))
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".py"
    ]


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "unknown"
