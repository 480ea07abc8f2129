"""The proof sheet: all forms of address, for review by a protocol officer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from outreach_merge.model import Gender, Kind, Problem, Recipient, Status, split_names
from outreach_merge.protocol import TEXT_KEYS, Protocol, ProtocolGap


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One addressee in one language: every form of address and every form of the state's name.

    ``forms`` holds style, title, call, salutation, you, its further forms, close and close_joint;
    ``short`` and ``formal`` the state's names with their grammatical forms.
    """

    recipient: str
    state: str
    language: str
    office: str
    gender: str
    address: tuple[str, ...]
    forms: Mapping[str, str]
    short: Mapping[str, str]
    formal: Mapping[str, str]


def sheet(
    protocol: Protocol, recipients: Iterable[Recipient], languages: Sequence[str]
) -> Iterator[SheetRow | Problem]:
    """A row for each recipient and language; a problem where a rule is missing.

    :param languages: blank: each recipient's own language.
    """
    for recipient in recipients:
        for language in languages or (recipient.language,):
            try:
                yield _row(protocol, recipient, language)
            except ProtocolGap as error:
                yield error.problem


def _row(protocol: Protocol, recipient: Recipient, language: str) -> SheetRow:
    state = protocol.state(recipient.state, language)
    address = protocol.address(recipient, language)
    return SheetRow(
        recipient=recipient.id,
        state=recipient.state,
        language=language,
        office=recipient.office,
        gender=recipient.gender.value,
        address=address.address,
        forms={**{key: getattr(address, key) for key in TEXT_KEYS}, **address.forms},
        short={"name": state.short.name, **state.short.forms},
        formal={"name": state.formal.name, **state.formal.forms},
    )


def office_holder(
    protocol: Protocol,
    state: str,
    office: str,
    *,
    name: str = "",
    gender: str = "",
    style: str = "",
) -> Recipient:
    """An invented recipient who holds ``office`` in ``state``, to show the forms of address.

    :param name: blank: addressed to the office; several separated by ``;``.
    :raises KeyError: no such state or office.
    """
    kinds = protocol.offices[office].kinds
    return Recipient(
        id=f"{state}-{office}",
        state=protocol.states[state].iso3,
        kind=Kind(kinds[0]),
        office=office,
        language="en",
        status=Status.NOT_JOINED,
        names=split_names(name),
        gender=Gender(gender),
        style=style,
    )
