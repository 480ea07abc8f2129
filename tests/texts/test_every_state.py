"""Both letters to all 85 states not party, in every language: read by rules a proof-reader has.

A state whose head the campaign does not write to has the President's letter composed to the office
alone; every state is written to as a signatory and as one that never signed.

The languages here are those of the United Nations; what is looked for are the slips that a mail
merge makes: an article before a name that takes none, two prepositions that should have melted
into one, a word of another language, a space where none belongs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest

from outreach_merge.campaign import Campaign, read_campaign
from outreach_merge.compose import Composer, plain_text
from outreach_merge.model import Kind, PlannedLetter, Recipient, Status

ROOT = Path(__file__).parents[2]
HEADS = (Kind.HEAD_OF_STATE, Kind.HEAD_OF_GOVERNMENT)
#: Heads of state whom the campaign does not write to and who are no presidents.
OTHER_OFFICES = {
    "PRK": "president_of_state_affairs",
    "QAT": "emir",
    "SAU": "king",
    "SLB": "governor_general",
}

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


def heads_and_parliaments(campaign: Campaign) -> tuple[list[Recipient], list[Recipient]]:
    """Of each state not party its head and its parliament, on hold or not."""
    recipients = [r for r in campaign.recipients if r.status is not Status.PARTY]
    parliaments = [r for r in recipients if r.kind is Kind.PARLIAMENT]
    heads = {r.state: r for r in recipients if r.kind in HEADS}
    for parliament in parliaments:
        state = parliament.state
        if state not in heads:
            heads[state] = replace(
                parliament,
                id=f"{state}-head_of_state",
                kind=Kind.HEAD_OF_STATE,
                office=OTHER_OFFICES.get(state, "president"),
                body="",
                localized={},
            )
    return list(heads.values()), parliaments


Texts = Callable[[str], list[tuple[str, Recipient, str]]]


@pytest.fixture(scope="module")
def texts(campaign: Campaign) -> Texts:
    """All letters in a language, composed once: the letter's name, its recipient, its words."""
    composer = Composer(campaign.folder, campaign.settings, campaign.letters, campaign.protocol)
    heads, parliaments = heads_and_parliaments(campaign)
    known: dict[str, list[tuple[str, Recipient, str]]] = {}

    def compose(language: str) -> Iterator[tuple[str, Recipient, str]]:
        written = [("presidential", r) for r in heads] + [("ipu-joint", r) for r in parliaments]
        for (name, recipient), status in product(written, (Status.SIGNATORY, Status.NOT_JOINED)):
            planned = PlannedLetter(
                letter=name,
                recipient=replace(
                    recipient, status=status, group="1", issues=campaign.settings.issues
                ),
                language=language,
                reference="ATT-0001",
                date=campaign.letters[name].date,
                channel=None,
            )
            yield name, recipient, plain_text(composer.compose(planned).html)

    def in_language(language: str) -> list[tuple[str, Recipient, str]]:
        if language not in known:
            known[language] = list(compose(language))
        return known[language]

    return in_language


def test_every_state_not_party_is_written_to(campaign: Campaign) -> None:
    for recipients in heads_and_parliaments(campaign):
        assert len({recipient.state for recipient in recipients}) == 85


@pytest.mark.parametrize("language", list(SLIPS))
def test_no_slip_in_any_letter(texts: Texts, language: str) -> None:
    patterns = [re.compile(pattern) for pattern in (*SLIPS[language], *ANYWHERE)]
    found = []
    for name, recipient, text in texts(language):
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


@pytest.mark.parametrize("language", ["ar", "ru", "zh"])
def test_latin_letters_stand_only_in_names_and_references(texts: Texts, language: str) -> None:
    found = set()
    for name, recipient, text in texts(language):
        for word in (*recipient.names, "ATT-0001"):
            text = text.replace(word, "")
        for match in re.finditer(r"[A-Za-z][A-Za-z .'-]*", text):
            found.add(f"{name} {recipient.id}: {match[0]!r}")
    assert not found, "\n".join(sorted(found)[:40])


@pytest.mark.parametrize("language", list(SLIPS))
def test_the_state_is_named_in_every_letter(
    campaign: Campaign, texts: Texts, language: str
) -> None:
    for name, recipient, text in texts(language):
        state = campaign.protocol.state(recipient.state, language)
        names = {state.short.name, state.formal.name, *state.short.forms.values()}
        names |= set(state.formal.forms.values())
        assert any(form in text for form in names), (name, recipient.id)
