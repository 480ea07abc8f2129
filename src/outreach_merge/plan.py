"""Recipients x letters -> planned letters and skipped recipients. Pure: no file, no clock."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from outreach_merge.definitions import CampaignSettings, Letter, RecipientFilter
from outreach_merge.model import PlannedLetter, Problem, Recipient, SkippedRecipient

_PLACEHOLDER = re.compile(r"\{([^}]*)\}")


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be made, what would not and why, and what is wrong with it."""

    planned: tuple[PlannedLetter, ...]
    skipped: tuple[SkippedRecipient, ...]
    problems: tuple[Problem, ...]


def make_plan(
    letters: Iterable[Letter], recipients: Sequence[Recipient], settings: CampaignSettings
) -> Plan:
    """Decide who gets which letter.

    The order is the file's; a letter's identity and reference come from the recipient's id,
    never from its place, so adding a row changes no other letter.
    """
    planned: list[PlannedLetter] = []
    skipped: list[SkippedRecipient] = []
    problems: list[Problem] = []
    for letter in letters:
        for recipient in recipients:
            if not _passes(recipient, letter.recipients):
                continue
            if recipient.hold:
                skipped.append(SkippedRecipient(letter.name, recipient, recipient.hold))
                continue
            missing = list(_missing_language(letter, recipient, settings))
            problems.extend(missing)
            if not missing:
                planned.extend(_plan_one(letter, recipient))
    problems.extend(_duplicate_references(planned))
    return Plan(tuple(planned), tuple(skipped), tuple(problems))


def _passes(recipient: Recipient, wanted: RecipientFilter) -> bool:
    return (
        _one_of(recipient.kind, wanted.kind)
        and _one_of(recipient.status, wanted.status)
        and _one_of(recipient.group, wanted.group)
        and _one_of(recipient.state, wanted.state)
        and _one_of(recipient.channel, wanted.channel)
        and all(_one_of(recipient.extra.get(c, ""), cells) for c, cells in wanted.where.items())
    )


def _one_of(value: object, wanted: Sequence[object]) -> bool:
    return not wanted or value in wanted


def _missing_language(
    letter: Letter, recipient: Recipient, settings: CampaignSettings
) -> Iterator[Problem]:
    for column in ("language", "courtesy_language"):
        language = getattr(recipient, column)
        if language and language not in letter.languages_of(settings):
            yield Problem(
                code="language-not-in-letter",
                message=f'the letter "{letter.name}" is not written in "{language}".',
                remedy=f"Add it to languages in letters/{letter.name}.toml, or change the cell.",
                file=settings.recipients,
                row=recipient.row,
                column=column,
                letter=f"{letter.name}/{recipient.id}",
            )


def _plan_one(letter: Letter, recipient: Recipient) -> Iterator[PlannedLetter]:
    original = PlannedLetter(
        letter=letter.name,
        recipient=recipient,
        language=recipient.language,
        reference=reference_of(letter, recipient),
        date=letter.date,
        channel=recipient.channel or letter.channel,
    )
    yield original


def reference_of(letter: Letter, recipient: Recipient) -> str:
    """The letter's reference: its pattern filled from the recipient."""
    values = {
        "id": recipient.id,
        "state": recipient.state,
        "kind": recipient.kind.value,
        "group": recipient.group,
        "year": str(letter.date.year),
    }
    return _PLACEHOLDER.sub(lambda match: values.get(match[1], match[0]), letter.reference)


def _duplicate_references(planned: Sequence[PlannedLetter]) -> Iterator[Problem]:
    first: dict[str, PlannedLetter] = {}
    for letter in planned:
        if letter.courtesy:
            continue  # it carries the reference of its original
        other = first.setdefault(letter.reference, letter)
        if other is not letter:
            yield Problem(
                code="duplicate-reference",
                message=f'"{letter.reference}" is also the reference of {other.key}.',
                remedy="Use {id} in the reference pattern.",
                file=f"letters/{letter.letter}.toml",
                column="reference",
                letter=letter.key,
            )
