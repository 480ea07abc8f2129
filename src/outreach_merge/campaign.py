"""Reads a campaign folder: settings, recipients, letters, and every problem found in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from outreach_merge import catalogue
from outreach_merge.definitions import CampaignSettings, LetterDefinition, LocalizedText
from outreach_merge.errors import CampaignError, UsageError
from outreach_merge.letters import read_letters
from outreach_merge.model import Problem, Recipient
from outreach_merge.protocol import Protocol
from outreach_merge.recipients import read_recipients
from outreach_merge.toml import Definition, read_definition

SETTINGS_FILE = "campaign.toml"


@dataclass(frozen=True, slots=True)
class Campaign:
    """The content of a campaign folder, and the problems found in it."""

    folder: Path
    settings: CampaignSettings
    letters: Mapping[str, LetterDefinition]
    recipients: tuple[Recipient, ...]
    protocol: Protocol
    problems: tuple[Problem, ...] = ()

    @property
    def output(self) -> Path:
        return self.folder / self.settings.output

    @property
    def register_url(self) -> str | Path:
        """The register's database URL, or its file in the campaign folder."""
        return self.settings.register_url or self.folder / "register.sqlite"

    def letter(self, name: str) -> LetterDefinition:
        """:raises UsageError: when the campaign has no such letter."""
        try:
            return self.letters[name]
        except KeyError:
            known = ", ".join(sorted(self.letters)) or "none"
            raise UsageError(f'there is no letter "{name}".', f"Known: {known}.") from None


def read_settings(folder: Path) -> CampaignSettings:
    """``campaign.toml`` of the folder.

    :raises UsageError: when the folder has no ``campaign.toml``.
    :raises CampaignError: when the file is wrong.
    """
    definition = _definition(folder)
    if definition.value is None:
        raise CampaignError(definition.problems)
    return definition.value


def read_campaign(folder: Path, protocol: Protocol | None = None) -> Campaign:
    """Read all files of the campaign; problems of all but ``campaign.toml`` are in the result.

    A wrong ``campaign.toml`` is an exception, because a misspelt key may be that of the register or
    of the signing keys.

    :param protocol: the languages, if they were read before.
    :raises UsageError: when the folder has no ``campaign.toml``.
    :raises CampaignError: when ``campaign.toml`` is wrong; carries the problems of the other files
        as well.
    """
    definition = _definition(folder)
    campaign = _campaign(folder, definition, protocol)
    if definition.value is None:
        raise CampaignError(campaign.problems)
    return campaign


def read_to_check(folder: Path) -> Campaign:
    """As :func:`read_campaign`, but only to find problems.

    Wrong keys of ``campaign.toml`` are left out, and their problems are in the result.

    :raises UsageError: when the folder has no ``campaign.toml``.
    :raises CampaignError: when ``campaign.toml`` cannot be read without its wrong keys.
    """
    return _campaign(folder, _definition(folder), None)


def _definition(folder: Path) -> Definition[CampaignSettings]:
    path = folder / SETTINGS_FILE
    if not path.is_file():
        raise UsageError(
            f"{folder} is no campaign: there is no {SETTINGS_FILE}.",
            "Go to a campaign's folder, name it with --campaign, or make one: outreach-merge init.",
        )
    return read_definition(path, CampaignSettings, SETTINGS_FILE)


def _campaign(
    folder: Path, definition: Definition[CampaignSettings], protocol: Protocol | None
) -> Campaign:
    settings = definition.sound
    if settings is None:
        raise CampaignError(definition.problems)
    protocol = protocol or Protocol.load(folder)
    letters = read_letters(folder / "letters", settings, protocol)
    recipients = read_recipients(
        folder / settings.recipients,
        protocol,
        languages=settings.languages,
        issues=settings.issues,
    )
    problems = (
        *definition.problems,
        *_settings_problems(settings, protocol),
        *_missing_files(folder, settings),
        *letters.problems,
        *recipients.problems,
    )
    return Campaign(folder, settings, letters.letters, recipients.recipients, protocol, problems)


def _settings_problems(settings: CampaignSettings, protocol: Protocol) -> Iterator[Problem]:
    known = ", ".join(protocol.languages)
    named = {
        "languages": settings.languages,
        "fallback_languages": settings.fallback_languages,
    }
    for key, languages in named.items():
        for language in dict.fromkeys(languages):
            if language not in protocol.languages:
                place = (SETTINGS_FILE, None, key)
                yield catalogue.UNKNOWN_LANGUAGE.at(*place, cell=language, known=known)
    for where, text in _texts(settings):
        for language in settings.languages:
            if text.get(language) is None:
                place = (SETTINGS_FILE, None, f"{where}.{language}")
                yield catalogue.MISSING_TRANSLATION.at(*place, key=where, language=language)


def _texts(settings: CampaignSettings) -> Iterator[tuple[str, LocalizedText]]:
    for key, head in settings.letterheads.items():
        yield f"letterheads.{key}.lines", head.lines
        if head.emblem_description is not None:
            yield f"letterheads.{key}.emblem_description", head.emblem_description
    for key, signatory in settings.signatories.items():
        yield f"signatories.{key}.name", signatory.name
        yield f"signatories.{key}.office", signatory.office
    for key, stamp in settings.stamps.items():
        yield f"stamps.{key}.description", stamp.description
    for key, enclosure in settings.enclosures.items():
        yield f"enclosures.{key}.title", enclosure.title


def _missing_files(folder: Path, settings: CampaignSettings) -> Iterator[Problem]:
    for where, path in files_named(settings):
        if not (folder / path).is_file():
            is_pdf = path.endswith(".pdf")
            missing = catalogue.MISSING_ENCLOSURE if is_pdf else catalogue.MISSING_PICTURE
            yield missing.at(SETTINGS_FILE, column=where, path=path)


def files_named(settings: CampaignSettings) -> Iterator[tuple[str, str]]:
    """Key and path of each picture and enclosure that ``campaign.toml`` names."""
    for key, head in settings.letterheads.items():
        if head.emblem:
            yield f"letterheads.{key}.emblem", head.emblem
    for key, signatory in settings.signatories.items():
        if signatory.image:
            yield f"signatories.{key}.image", signatory.image
    for key, stamp in settings.stamps.items():
        yield f"stamps.{key}.image", stamp.image
    for key, enclosure in settings.enclosures.items():
        for language, path in enclosure.files.items():
            yield f"enclosures.{key}.files.{language}", path
