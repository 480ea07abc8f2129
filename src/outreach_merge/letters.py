"""``letters/*.toml`` -> letters, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from outreach_merge.definitions import CampaignSettings, Letter, Text
from outreach_merge.files import is_safe_name
from outreach_merge.model import Problem
from outreach_merge.toml import read_definition


@dataclass(frozen=True, slots=True)
class LettersFolder:
    """The letters that can be used, by name, and every problem."""

    letters: Mapping[str, Letter]
    problems: tuple[Problem, ...]


def read_letters(folder: Path, settings: CampaignSettings) -> LettersFolder:
    """Read every ``*.toml`` in ``folder``."""
    letters: dict[str, Letter] = {}
    problems: list[Problem] = []
    paths = sorted(folder.glob("*.toml")) if folder.is_dir() else []
    if not paths:
        problems.append(
            Problem(
                "no-letter", "there is no letter.", "Write letters/<name>.toml.", file="letters"
            )
        )
    for path in paths:
        file = f"letters/{path.name}"
        if not is_safe_name(path.stem):
            problems.append(
                Problem("unsafe-name", "cannot be a folder's name.", "Rename it.", file=file)
            )
            continue
        definition = read_definition(path, Letter, file, {"name": path.stem})
        problems.extend(definition.problems)
        if definition.value is not None:
            letter = definition.value
            letters[path.stem] = letter
            problems.extend(_problems(letter, settings, file))
    return LettersFolder(letters, tuple(problems))


def _problems(letter: Letter, settings: CampaignSettings, file: str) -> Iterator[Problem]:
    yield from _unknown("letterhead", [letter.letterhead], settings.letterheads, file)
    yield from _unknown("signatories", letter.signatories, settings.signatories, file)
    yield from _unknown("enclosures", letter.enclosures, settings.enclosures, file)
    yield from _unknown("languages", letter.languages, settings.languages, file)
    yield from missing_translations(letter, settings, file)


def _unknown(
    key: str, names: Collection[str], known: Collection[str], file: str
) -> Iterator[Problem]:
    for name in names:
        if name not in known:
            yield Problem(
                code=f"unknown-{key}",
                message=f'"{name}" does not stand in campaign.toml.',
                remedy=f"Known: {', '.join(sorted(known)) or 'none'}.",
                file=file,
                column=key,
            )


def missing_translations(
    letter: Letter, settings: CampaignSettings, file: str
) -> Iterator[Problem]:
    """Texts of the definition that a language of the letter does not have."""
    texts: dict[str, Text] = {"place": letter.place, "subject": letter.subject}
    for language in letter.languages_of(settings):
        for key, text in texts.items():
            if text.get(language) is None:
                yield Problem(
                    code="missing-translation",
                    message=f'"{key}" has no text for "{language}".',
                    remedy=f"Add {language} to [{key}].",
                    file=file,
                    column=f"{key}.{language}",
                )
