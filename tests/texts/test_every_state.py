"""Both letters to every state not party, in every language: read by rules a proof-reader has.

The languages here are those of the United Nations; what is looked for are the slips that a mail
merge makes: an article before a name that takes none, two prepositions that should have melted
into one, a word of another language, a space where none belongs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from outreach_merge.campaign import Campaign, read_campaign
from outreach_merge.compose import Composer, plain_text
from outreach_merge.model import Kind, PlannedLetter, Recipient, Status

ROOT = Path(__file__).parents[2]
LETTERS = ("presidential", "ipu-joint")

#: What must not be read anywhere in a text of the language.
SLIPS = {
    "en": [r"\bthe the\b", r"\bof of\b", r"\ba [aeio]\w", r"\bthe (Kenya|Fiji|Cuba|India)\b"],
    "fr": [
        r"\b(de|à) les?\b", r"\b[lL]’[bcdfgjklmnpqrstvwxz]", r"\b(le|la|de|que) [aeéèêiîoôuà]\w*",
        r"[^\u00a0\u202f][:;?!](?!//)", r"« (?!\u00a0)", r"\ble Kenya de\b", r"\b(the|and|of)\b",
    ],
    "es": [
        r"\b(de|a) el (?!Salvador)", r"\bde de\b", r"\by [iI]\w", r"\bo o\w", r"\b(the|and|of)\b",
    ],
    "ar": [r"[,;?]", r"\bلال", r"\bبال ", r" و "],
    "ru": [r"\bв (Вьетнам|Влад)", r"\b(в|на) (в|на)\b", r"[\"]", r" -- "],
    "zh": [r"[,;:?!()]", r"[\u4e00-\u9fff] [\u4e00-\u9fff]", r"的的", r"。。"],
}  # fmt: skip
ANYWHERE = [r"  ", r" [,.،。]", r"\.\.", r"[{}<>]", r"\bNone\b", r"\( ?\)", r",,", r"\bnan\b"]

#: Words that look like slips and are none.
RIGHT = {
    "fr": {"la une", "le onze"},
}


@pytest.fixture(scope="module")
def campaign() -> Campaign:
    return read_campaign(ROOT)


def addressees(campaign: Campaign) -> Iterator[Recipient]:
    """Of each state not party its head of state or parliament; every row that gets a letter."""
    for recipient in campaign.recipients:
        if recipient.status is not Status.PARTY and recipient.kind in (
            Kind.HEAD_OF_STATE,
            Kind.HEAD_OF_GOVERNMENT,
            Kind.PARLIAMENT,
        ):
            yield recipient


def texts(campaign: Campaign, language: str) -> Iterator[tuple[str, Recipient, str]]:
    composer = Composer(campaign.folder, campaign.settings, campaign.letters, campaign.protocol)
    for name in LETTERS:
        letter = campaign.letters[name]
        for recipient in addressees(campaign):
            if (recipient.kind is Kind.PARLIAMENT) != (name == "ipu-joint"):
                continue
            planned = PlannedLetter(
                letter=name,
                recipient=replace(recipient, group="1", issues=campaign.settings.issues),
                language=language,
                reference="ATT-0001",
                date=letter.date,
                channel=None,
            )
            yield name, recipient, plain_text(composer.compose(planned).html)


def test_every_state_not_party_is_written_to(campaign: Campaign) -> None:
    assert len({recipient.state for recipient in addressees(campaign)}) == 85


@pytest.mark.parametrize("language", list(SLIPS))
def test_no_slip_in_any_letter(campaign: Campaign, language: str) -> None:
    patterns = [re.compile(pattern) for pattern in (*SLIPS[language], *ANYWHERE)]
    found = []
    for name, recipient, text in texts(campaign, language):
        own = [*recipient.names, *recipient.localized.values(), recipient.city]
        for word in filter(None, own):
            text = text.replace(word, "◻")
        for pattern in patterns:
            for match in pattern.finditer(text):
                if match[0] in RIGHT.get(language, ()):
                    continue
                around = text[max(0, match.start() - 30) : match.end() + 30].replace("\n", "|")
                found.append(f"{name} {recipient.id}: {pattern.pattern!r} in {around!r}")
    assert not found, "\n".join([f"{len(found)} slips", *found[:40]])


@pytest.mark.parametrize("language", ["ar", "zh"])
def test_latin_letters_stand_only_in_names_and_references(
    campaign: Campaign, language: str
) -> None:
    found = set()
    for name, recipient, text in texts(campaign, language):
        for word in (*recipient.names, "ATT-0001"):
            text = text.replace(word, "")
        for match in re.finditer(r"[A-Za-z][A-Za-z .'-]*", text):
            found.add(f"{name} {recipient.id}: {match[0]!r}")
    assert not found, "\n".join(sorted(found)[:40])


@pytest.mark.parametrize("language", list(SLIPS))
def test_the_state_is_named_in_every_letter(campaign: Campaign, language: str) -> None:
    for name, recipient, text in texts(campaign, language):
        state = campaign.protocol.state(recipient.state, language)
        names = {state.short.name, state.formal.name, *state.short.forms.values()}
        names |= set(state.formal.forms.values())
        assert any(form in text for form in names), (name, recipient.id)
