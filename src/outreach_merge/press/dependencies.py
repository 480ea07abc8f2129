"""What a letter's file depends on. Skipping, ``diff``, signing and a cluster's check all ask here.

A letter is made from the campaign's files (recipient, settings, definition, templates, languages,
pictures, enclosures) by a build: the program's own files, the libraries and the fonts. Both are
listed in this module and nowhere else.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any

from outreach_merge import __version__
from outreach_merge.campaign import files_named
from outreach_merge.definitions import CampaignSettings, LetterDefinition
from outreach_merge.files import sha256_of_file
from outreach_merge.model import PlannedLetter, Recipient

#: Fields of a recipient that no letter shows, and the others.
_NOT_SHOWN = {"row", "email", "bearer", "hold", "confidential"}
_SHOWN = tuple(entry.name for entry in fields(Recipient) if entry.name not in _NOT_SHOWN)
#: Settings that no letter shows.
_NOT_ON_THE_PAGE = {"register_url", "output", "recipients", "signing"}
_PACKAGE = Path(__file__).parent.parent
_JSON = json.JSONEncoder(sort_keys=True, default=str, ensure_ascii=False)
#: Bytes at the start of a font file that tell one font from another. An OpenType file begins with
#: a directory that holds the checksum of each of its tables (OpenType specification, "Organization
#: of an OpenType Font"), so that the rest, often megabytes, need not be read.
_FONT_DIRECTORY = 65_536
#: Differences between two builds that are named; of the rest, how many.
_NAMED = 3


@dataclass(frozen=True, slots=True)
class InputDigest:
    """What a letter is made from, known before anything is made.

    :param campaign: SHA-256, hexadecimal, of what the campaign's files say of the letter.
    :param build: SHA-256, hexadecimal, of program, libraries and fonts; the same for all letters.
    """

    campaign: str
    build: str

    def __str__(self) -> str:
        """As the register keeps it: both digests with a hyphen between them."""
        return f"{self.campaign}-{self.build}"

    @classmethod
    def parse(cls, text: str) -> InputDigest:
        """The digest that ``str`` wrote.

        Text without a hyphen was written before the build was part of the digest: it equals no
        digest of a letter.
        """
        campaign, _, build = text.partition("-")
        return cls(campaign, build)


class Dependencies:
    """Digests of what the letters of one campaign depend on. Files are read once.

    :param folder: the campaign folder.
    """

    def __init__(
        self, folder: Path, settings: CampaignSettings, letters: Mapping[str, LetterDefinition]
    ) -> None:
        self._folder = folder
        self._settings = settings
        self._letters = letters
        self._definitions: dict[str, str] = {}
        self._enclosures: dict[str, str] = {}

    @cached_property
    def build(self) -> str:
        """SHA-256, hexadecimal, of :func:`build_environment`."""
        return _digest(build_environment(self._folder, self._settings))

    @cached_property
    def page(self) -> str:
        """SHA-256, hexadecimal, of what every page shows beyond its HTML.

        That is the page's measures, stylesheets and pictures, and the build that sets it.
        """
        templates = _files_below(self._folder / "templates")
        return _digest(
            self._settings.page.model_dump(mode="json"),
            [entry for entry in templates if not entry[0].endswith((".html", ".toml"))],
            self._pictures,
            self.build,
        )

    def inputs(self, planned: PlannedLetter, *, with_enclosures: bool = False) -> InputDigest:
        """What the letter is made from.

        :param with_enclosures: the enclosures go into the letter's file.
        """
        if planned.letter not in self._definitions:
            definition = self._letters[planned.letter].model_dump(mode="json")
            self._definitions[planned.letter] = _digest(definition)
        campaign = _digest(
            self._campaign,
            self._definitions[planned.letter],
            _shown(planned),
            list(self._enclosed(planned)) if with_enclosures and not planned.courtesy else [],
        )
        return InputDigest(campaign, self.build)

    def possible_inputs(self, planned: PlannedLetter) -> Iterator[InputDigest]:
        """What the letter is made from, without its enclosures and with them."""
        yield self.inputs(planned)
        if all((self._folder / file).is_file() for file in self._enclosure_files(planned)):
            yield self.inputs(planned, with_enclosures=True)

    @cached_property
    def _campaign(self) -> str:
        """What all letters have in common."""
        return _digest(
            self._settings.model_dump(mode="json", exclude=_NOT_ON_THE_PAGE),
            _files_below(self._folder / "templates"),
            _files_below(self._folder / "languages"),
            self._pictures,
        )

    @cached_property
    def _pictures(self) -> list[tuple[str, str]]:
        """The pictures that ``campaign.toml`` names, wherever they are."""
        enclosures = {
            file for one in self._settings.enclosures.values() for file in one.files.values()
        }
        named = {name for _, name in files_named(self._settings)} - enclosures
        return [
            (name, sha256_of_file(self._folder / name))
            for name in sorted(named)
            if (self._folder / name).is_file()
        ]

    def _enclosed(self, planned: PlannedLetter) -> Iterator[str]:
        for file in self._enclosure_files(planned):
            if file not in self._enclosures:
                self._enclosures[file] = sha256_of_file(self._folder / file)
            yield self._enclosures[file]

    def _enclosure_files(self, planned: PlannedLetter) -> list[str]:
        keys = self._letters[planned.letter].enclosures
        return self._settings.enclosure_files(keys, planned.language)


def build_environment(folder: Path, settings: CampaignSettings) -> Mapping[str, str]:
    """Name -> version or digest of what this machine makes letters with.

    That is the program's own files, the libraries, and the fonts that the stylesheets name. Two
    machines on which all of it is the same make the same file of the same letter.
    """
    from outreach_merge.typeset import stylesheets
    from outreach_merge.typeset.libraries import libraries

    styles = "\n".join(stylesheets(folder, settings))
    program = _digest(_files_below(_PACKAGE))[:12]
    return {
        "outreach-merge": f"{__version__} ({program})",
        **libraries(),
        **{f"font {file}": _font_digest(file) for file in _fonts(styles)},
    }


def differences(ours: Mapping[str, str], theirs: Mapping[str, str]) -> str:
    """How another machine's build environment differs, in words; empty when all is the same."""
    found = list(_differences(ours, theirs))
    more = len(found) - _NAMED
    return ", ".join(found[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _differences(ours: Mapping[str, str], theirs: Mapping[str, str]) -> Iterator[str]:
    for name in sorted({*ours, *theirs}):
        here, there = ours.get(name, ""), theirs.get(name, "")
        if here == there:
            continue
        if not there:
            yield f"no {name}"
        elif not here:
            yield f"{name}, which is not here"
        elif name.startswith("font "):
            yield f"another {name}"
        else:
            yield f"{name} {there} instead of {here}"


def _fonts(styles: str) -> list[Path]:
    """Files of the machine's fonts whose family is named."""
    program = shutil.which("fc-list")
    if program is None:
        return []
    listing = subprocess.run(
        [program, "--format", "%{file}\t%{family}\n"], capture_output=True, text=True, check=False
    ).stdout
    pairs = (line.split("\t", 1) for line in listing.splitlines())
    return sorted(
        {Path(file) for file, names in pairs if any(name in styles for name in names.split(","))}
    )


def _font_digest(file: Path) -> str:
    with file.open("rb") as font:
        digest = hashlib.sha256(font.read(_FONT_DIRECTORY))
    digest.update(str(file.stat().st_size).encode())
    return digest.hexdigest()[:12]


def _digest(*parts: Any) -> str:
    return hashlib.sha256(_JSON.encode(parts).encode()).hexdigest()


def _shown(planned: PlannedLetter) -> list[Any]:
    """What the page can show of the plan, also of a letter that is carried or follows."""
    recipient = {name: _plain(getattr(planned.recipient, name)) for name in _SHOWN}
    related: Iterable[PlannedLetter] = filter(None, (planned.carries, planned.translation))
    return [
        recipient,
        [planned.language, planned.reference, str(planned.date), planned.courtesy],
        planned.details,
        [_shown(other) for other in related],
    ]


def _plain(value: Any) -> Any:
    """The value as JSON can write it: a mapping as sorted pairs."""
    if isinstance(value, dict):
        return sorted((str(key), item) for key, item in value.items())
    return value


def _files_below(folder: Path) -> list[tuple[str, str]]:
    """Path below ``folder`` and SHA-256 of every file in it, but for what Python compiled."""
    return [
        (path.relative_to(folder).as_posix(), sha256_of_file(path))
        for path in sorted(folder.rglob("*"))
        if path.suffix != ".pyc" and path.is_file()
    ]
