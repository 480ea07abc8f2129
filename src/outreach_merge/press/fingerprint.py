"""What a letter depends on, in one digest: equal, and the letter need not be made again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import fields
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from outreach_merge import __version__
from outreach_merge.definitions import CampaignSettings, LetterDefinition
from outreach_merge.files import sha256_of_file
from outreach_merge.model import PlannedLetter

#: Fields of a recipient that no letter shows.
_NOT_SHOWN = {"row", "email", "bearer", "hold", "confidential"}
#: Settings that no letter shows.
_NOT_ON_THE_PAGE = {"register_url", "output", "recipients", "signing"}
_ENGINES = ("weasyprint", "jinja2", "babel", "pydyf")
_LAYOUT = Path(__file__).parent.parent / "layout"


class Fingerprints:
    """Digests of letters; files are read once."""

    def __init__(self, folder: Path, settings: CampaignSettings) -> None:
        self._materials = _digest(
            settings.model_dump(mode="json", exclude=_NOT_ON_THE_PAGE),
            _files_below(folder / "templates"),
            _files_below(folder / "languages"),
            _files_below(_LAYOUT),
            _files_below(_LAYOUT.parent / "protocol"),
            [__version__, *map(_version, _ENGINES)],
        )
        self._letters: dict[str, str] = {}
        self._enclosed: dict[Path, str] = {}

    def of(
        self, planned: PlannedLetter, letter: LetterDefinition, enclosed: Sequence[Path] = ()
    ) -> str:
        """The letter's fingerprint, SHA-256 in hexadecimal.

        :param enclosed: files that go into the letter's own.
        """
        if letter.name not in self._letters:
            self._letters[letter.name] = _digest(letter.model_dump(mode="json"))
        for path in enclosed:
            if path not in self._enclosed:
                self._enclosed[path] = sha256_of_file(path)
        return _digest(
            self._materials,
            self._letters[letter.name],
            _shown(planned),
            [self._enclosed[path] for path in enclosed],
        )


def looks(folder: Path, settings: CampaignSettings) -> str:
    """A digest of what a page shows beyond its HTML: pictures, stylesheets, the engines."""
    return _digest(
        settings.page.model_dump(mode="json"),
        [entry for entry in _files_below(folder / "templates") if not _in_html(entry[0])],
        [entry for entry in _files_below(_LAYOUT) if not _in_html(entry[0])],
        [__version__, *map(_version, _ENGINES)],
    )


def _digest(*parts: Any) -> str:
    text = json.dumps(parts, sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _in_html(file: str) -> bool:
    return file.endswith((".html", ".toml"))


def _shown(planned: PlannedLetter) -> list[Any]:
    """What the page can show of the plan, also of a letter that is carried or follows."""
    recipient = {
        entry.name: _plain(getattr(planned.recipient, entry.name))
        for entry in fields(planned.recipient)
        if entry.name not in _NOT_SHOWN
    }
    related = [other for other in (planned.carries, planned.translation) if other]
    return [
        recipient,
        [planned.language, planned.reference, str(planned.date), planned.courtesy],
        planned.details,
        [_shown(other) for other in related],
    ]


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
