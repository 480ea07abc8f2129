"""The variables of templates. ``docs/templates.md`` is generated from these classes.

Names are plain words, because people who do not program edit templates.
"""

# ruff: noqa: RUF009 - `_doc` makes a field, it is no default
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from outreach_merge.protocol import AddressForms, NameForms, StateForms


def _doc(text: str) -> Any:
    return field(metadata={"doc": text})


@dataclass(frozen=True, slots=True)
class RecipientVariables:
    """Whom the letter addresses."""

    name: str = _doc("The person's name in the letter's language; empty: addressed to the office.")
    style: str = _doc("The style before the name: His Excellency.")
    title: str = _doc("The office: President of the Republic.")
    call: str = _doc("How one calls the person: Monsieur le Président.")
    salutation: str = _doc("The opening line, with its punctuation. The layout prints it.")
    you: str = _doc("How the body speaks of the person: Your Excellency, Votre Majesté.")
    close: str = _doc("The complimentary close of matching rank. The layout prints it.")
    address: Sequence[str] = _doc("Lines of the inside address. The layout prints it.")
    body: str = _doc("Name of the parliament, mission or consulate.")
    city: str = _doc("City of the address.")
    gender: str = _doc("f, m or empty.")
    kind: str = _doc("head_of_state, parliament, mission, ...")
    office: str = _doc("Code of the office: president, king, speaker, ...")
    extra: Mapping[str, str] = _doc("Columns of your own: recipient.extra.<column>.")
    forms: AddressForms = _doc("Further forms of the language: recipient.you_dative, ...")

    def __getattr__(self, name: str) -> str:
        value: str = getattr(self.forms, name)
        return value


@dataclass(frozen=True, slots=True)
class StateVariables:
    """The state of the recipient."""

    name: str = _doc("Short name: Kenya.")
    formal: Any = _doc("Formal name, with the same forms: state.formal.of.")
    gender: str = _doc("Grammatical gender of the short name, where the language has one.")
    number: str = _doc("sg or pl, where the language marks it.")
    status: str = _doc("party, signatory or not_joined.")
    signatory: bool = _doc("True for a state that has signed but not ratified.")
    party: bool = _doc("True for a state party.")
    group: str = _doc("The state's group in the campaign.")
    region: str = _doc("Region of UN M49, in English: Africa, Americas, Asia, Europe, Oceania.")
    iso3: str = _doc("ISO 3166 alpha-3 code.")
    facts: Mapping[str, str] = _doc("What chose the state: state.joined.")
    forms: StateForms = _doc(
        "Forms of the short name: state.the, state.of, state.to, state.in, ..."
    )

    def __getattr__(self, name: str) -> str:
        if name in self.facts:
            return self.facts[name]
        value: str = getattr(self.forms, name)
        return value

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class SignatoryVariables:
    """One who signs."""

    name: str = _doc("Name in the letter's language.")
    office: str = _doc("Office in the letter's language.")
    image: str = _doc("Picture of the signature; empty: room for ink.")
    image_height_mm: float = _doc("Height of the picture in millimetres.")
    key: str = _doc("The signatory's key in campaign.toml.")


@dataclass(frozen=True, slots=True)
class StampVariables:
    """Stamp and initials, in place of signatures."""

    image: str = _doc("The picture.")
    description: str = _doc("What it shows.")
    height_mm: float = _doc("Height of the picture in millimetres.")


@dataclass(frozen=True, slots=True)
class LetterheadVariables:
    """Who writes."""

    lines: Sequence[str] = _doc("Lines of the letterhead.")
    emblem: str = _doc("Picture; empty for none.")
    emblem_description: str = _doc("What the emblem shows.")


@dataclass(frozen=True, slots=True)
class LetterVariables:
    """The letter itself."""

    name: str = _doc("Name of the definition: presidential.")
    reference: str = _doc("The number on the letter.")
    date: str = _doc("Date as the language writes it.")
    created: str = _doc("The same date as machines write it: 2021-07-27.")
    place: str = _doc("Where it is written.")
    subject: str = _doc("Subject in the letter's language.")
    enclosures: Sequence[str] = _doc("Titles of what is enclosed.")
    signatories: Sequence[SignatoryVariables] = _doc("Who signs, in order.")
    signatures_stand: str = _doc("beside or below: how two signatures stand to each other.")
    stamp: StampVariables | None = _doc("Stamp and initials of a note; none: not there.")
    third_person: bool = _doc("True for a note, whose text holds its own courtesies.")
    letterhead: LetterheadVariables = _doc("Head of the page.")
    courtesy: bool = _doc("True in a courtesy translation, which is not signed.")
    digital: bool = _doc("True when the letter is signed digitally.")
    draft: bool = _doc("True in a preview.")


@dataclass(frozen=True, slots=True)
class TransmittedVariables:
    """The letter that this one transmits; only where the definition says ``carries``."""

    reference: str = _doc("Its reference.")
    date: str = _doc("Its date.")
    addressee: str = _doc("Whom it addresses: the President of the Republic of Kenya.")
    subject: str = _doc("Its subject.")


@dataclass(frozen=True, slots=True)
class MeetingVariables:
    """The meeting that the letter invites to; only where the definition has ``[meeting]``."""

    date: str = _doc("The day.")
    time: str = _doc("The hour at the place of the meeting.")
    end_time: str = _doc("The hour it ends there.")
    local_time: str = _doc(
        "The hour in the capital of the recipient's state, with the day where it is another."
    )
    registration: str = _doc("Whom to write to in order to take part.")
    location: str = _doc("Where it is held; empty where the definition does not say.")
    forms: Callable[[], str] = _doc("Looks the capital up.")

    @property
    def capital(self) -> str:
        """The capital; looked up on access, since not every state has one."""
        return self.forms()


@dataclass(frozen=True, slots=True)
class ReviewVariables:
    """The review of the state; only where the definition has ``[review]``."""

    session: str = _doc("The session, as the column names it: 39.")
    date: str = _doc("The dates of the session.")


#: Variables and functions that belong to no class.
GLOBALS: Mapping[str, str] = {
    "state.joined": "The day the state joined, where the definition chooses states by it.",
    "meeting.capital": "The capital of the recipient's state.",
    "issues": "Codes of the issues the letter takes up, in the state's order of weight.",
    "language": "Code of the letter's language.",
    "direction": "ltr or rtl.",
    "terms": "The glossary of the language: terms.treaty, terms.conference, ...",
    "campaign": "The campaign: campaign.title.",
    "date(day)": "A date as the language writes it.",
    "date_range(start, end)": "Two dates as a range.",
    "list_of(items)": "a, b and c.",
    '_("text")': "A short string of the layout in the letter's language.",
    "text|put(name=value)": "The text with {name} replaced by the value.",
    "text|capitalize_first": "The text with its first letter in upper case, the rest as it is.",
}

_CLASSES: Mapping[str, type[Any]] = {
    "recipient": RecipientVariables,
    "state": StateVariables,
    "letter": LetterVariables,
    "letter.signatories[]": SignatoryVariables,
    "letter.stamp": StampVariables,
    "letter.letterhead": LetterheadVariables,
    "transmitted": TransmittedVariables,
    "meeting": MeetingVariables,
    "review": ReviewVariables,
}


def view_name(value: object) -> str:
    """``state`` for the state's variables; empty for other values."""
    if isinstance(value, NameForms):
        return "state.formal"
    return next((name for name, view in _CLASSES.items() if isinstance(value, view)), "")


def reference() -> list[tuple[str, str]]:
    """Every variable a template may use, with what it holds."""
    rows = [
        (f"{prefix}.{entry.name}", str(entry.metadata["doc"]))
        for prefix, view in _CLASSES.items()
        for entry in fields(view)
        if entry.name not in ("forms", "facts")
    ]
    return rows + list(GLOBALS.items())
