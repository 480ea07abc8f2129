"""Forms of address: how an office-holder is written to, by language, gender and rank.

The rules are data (``languages/<code>/offices.toml``) with their sources beside them; this
module only resolves them. A key is looked up in the office, then in its rank, then in the
language's default. A style named in the recipient's row outranks the office: a president who is
a Highness is written to as a Highness.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from outreach_merge import catalogue
from outreach_merge.model import Kind, Recipient
from outreach_merge.protocol.grammar import StateForms, UnknownPlaceholder, fill, fill_line
from outreach_merge.protocol.language import Language, ProtocolGap

#: Keys of ``offices.toml`` that become attributes of :class:`AddressForms` as text.
TEXT_KEYS = ("style", "title", "call", "salutation", "you", "close", "close_joint")

_SEVERAL, _UNKNOWN = "p", "n"


@dataclass(frozen=True, slots=True)
class Office:
    """Facts of an office that are the same in every language.

    :param rank: code of the style before the name, and of the rank's table in ``offices.toml``.
    :param plural: several persons hold it together and may be written to in one letter.
    :param gender: ``f`` or ``m`` where the office determines it (a king), else empty.
    """

    code: str
    kinds: tuple[Kind, ...]
    rank: str
    plural: bool = False
    gender: str = ""


@dataclass(frozen=True, slots=True)
class AddressForms:
    """How a letter addresses its recipient, in one language.

    A template reads them as ``{{ recipient.salutation }}`` and so on; a language's further
    forms of ``you`` (``you_dative``) are attributes as well.
    """

    #: The person's name as the letter writes it; empty when addressed to the office.
    name: str
    #: "His Excellency"
    style: str
    #: The office: "President of the Republic"
    title: str
    #: How one calls the person: "Monsieur le Président"
    call: str
    #: The opening line, with its punctuation.
    salutation: str
    #: How the body speaks of the person: "Your Excellency"
    you: str
    #: The complimentary close of matching rank, one signatory.
    close: str
    #: The same for two or more signatories.
    close_joint: str
    #: Lines of the inside address.
    address: tuple[str, ...]
    #: Name of the parliament, mission or consulate; empty for a person.
    body: str
    #: The office as a letter to somebody else names it: "the President of the Republic of Kenya".
    addressee: str
    forms: Mapping[str, str] = field(repr=False)

    def __getattr__(self, form: str) -> str:
        try:
            return self.forms[form]
        except KeyError:
            raise AttributeError(form) from None


class AddressRules:
    """The forms of address of one language.

    :param offices: the offices by code.
    """

    def __init__(self, language: Language, offices: Mapping[str, Office]) -> None:
        self._language = language
        self._offices = offices
        self._file = language.folder / "offices.toml"

    @property
    def code(self) -> str:
        """The language's code."""
        return self._language.code

    def office(self, code: str) -> Office:
        """The office with this code.

        :raises ProtocolGap: when there is no such office.
        """
        if code not in self._offices:
            raise ProtocolGap(catalogue.NO_OFFICE.at("offices.toml", column=code))
        return self._offices[code]

    def resolve(self, recipient: Recipient, state: StateForms) -> AddressForms:
        """All forms for this recipient.

        :raises ProtocolGap: when the language has no rule for the office, gender or style.
        """
        return _Resolution(self, recipient, state).forms()

    def tables(self, office: str, style: str) -> tuple[Mapping[str, Any], ...]:
        """The tables in which a key is looked up, first match wins."""
        offices, ranks = self._language.offices["offices"], self._language.offices["ranks"]
        if office not in offices:
            raise ProtocolGap(catalogue.NO_OFFICE_RULE.at(self._file, column=office))
        own, default = offices[office], self._language.offices.get("default", {})
        rank = ranks.get(self.office(office).rank, {})
        if not style:
            return own, rank, default
        if style not in ranks:
            raise ProtocolGap(catalogue.NO_STYLE_RULE.at(self._file, style=style))
        return {"title": own["title"]}, ranks[style], own, rank, default

    def style_text(self, office: str, style: str) -> Any:
        code = style or self.office(office).rank
        return self._language.settings.get("styles", {}).get(code, "")

    def honorific(self, code: str, gender: str) -> str:
        known = self._language.settings.get("honorifics", {})
        if code not in known:
            file, listed = self._language.folder / "language.toml", ", ".join(sorted(known))
            raise ProtocolGap(catalogue.NO_HONORIFIC.at(file, column=code, known=listed))
        return str(self.by_gender(known[code], gender, f"honorific {code}"))

    def by_gender(self, value: Any, gender: str, what: str) -> Any:
        """The variant of ``value`` for ``gender``; several holders fall back to no gender."""
        if not isinstance(value, Mapping):
            return value
        genders = (gender, _UNKNOWN) if gender == _SEVERAL else (gender,)
        for key in genders:
            if key in value:
                return value[key]
        known, none = ", ".join(value), catalogue.NO_FORM_FOR_GENDER
        raise ProtocolGap(none.at(self._file, what=what, gender=gender, known=known))

    @property
    def extra_forms(self) -> Sequence[str]:
        return tuple(self._language.address_forms)

    @property
    def name_separator(self) -> str:
        return " " if self._language.settings["script"] not in ("Hans", "Hant") else ""

    def several(self, names: Sequence[str]) -> str:
        return self._language.list_of(names)

    def missing_placeholder(self, name: str, key: str) -> Exception:
        unknown = catalogue.UNKNOWN_PLACEHOLDER_IN_KEY
        return ProtocolGap(unknown.at(self._file, name=name, key=key))

    def missing_key(self, office: str, key: str) -> Exception:
        return ProtocolGap(catalogue.NO_KEY_FOR_OFFICE.at(self._file, column=key, office=office))


class _Resolution:
    """One recipient's lookups; placeholders may name other keys, each resolved once."""

    def __init__(self, rules: AddressRules, recipient: Recipient, state: StateForms) -> None:
        self._rules, self._recipient, self._state = rules, recipient, state
        self._tables = rules.tables(recipient.office, recipient.style)
        self._language = rules.code
        self._names = recipient.names_in(self._language)
        self._body = self._cell("body")
        self._gender = self._grammatical_gender()

    def _cell(self, column: str) -> str:
        """``body`` or ``city`` as the language writes it.

        The plain column is in the letter's own language; in another one only a column such as
        ``city_zh`` can say it, and without it the line is left out rather than mixed.
        """
        own = self._recipient.localized.get((column, self._language), "")
        if own or self._language != self._recipient.language:
            return own
        return str(getattr(self._recipient, column))

    def _name_form(self, form: str) -> str:
        """The name in a case, from a column such as ``name_dative_ru``; else as it is.

        A foreign surname cannot be declined by rule; without such a column it is not changed.
        """
        own = self._recipient.localized.get((form, self._language), "")
        return own or self._placeholder("name")

    def _honorifics(self) -> str:
        codes = self._recipient.honorifics
        return self._rules.name_separator.join(
            self._rules.honorific(code, self._gender) for code in codes
        )

    def _grammatical_gender(self) -> str:
        office = self._rules.office(self._recipient.office)
        if len(self._names) > 1 or (not self._names and office.plural):
            return _SEVERAL
        return self._recipient.gender.value or office.gender or _UNKNOWN

    def forms(self) -> AddressForms:
        rules = self._rules
        texts = {key: self._text(key) for key in TEXT_KEYS}
        return AddressForms(
            name=self._placeholder("name"),
            address=self._address_lines(),
            body=self._placeholder("body"),
            addressee=self._text("addressee", "title"),
            forms={form: self._text(form, "you") for form in rules.extra_forms},
            **texts,
        )

    def _value(self, key: str) -> Any:
        for table in self._tables:
            if key in table:
                what = f"{self._recipient.office}.{key}"
                return self._rules.by_gender(table[key], self._gender, what)
        if key == "style":
            value = self._rules.style_text(self._recipient.office, self._recipient.style)
            return self._rules.by_gender(value, self._gender, "style")
        return None

    def _text(self, key: str, fallback: str = "") -> str:
        value = self._value(key)
        if value is None and fallback:
            value = self._value(fallback)
        if value is None:
            raise self._rules.missing_key(self._recipient.office, key)
        return self._fill(str(value), key, fill)

    def _address_lines(self) -> tuple[str, ...]:
        key = "address" if self._names else "address_office"
        patterns = self._value(key)
        if patterns is None:
            raise self._rules.missing_key(self._recipient.office, key)
        office = (self._fill(pattern, key, fill_line) for pattern in patterns)
        city_is_set = any("{city}" in pattern for pattern in patterns)
        lines = (*office, *self._recipient.address, "" if city_is_set else self._cell("city"))
        return tuple(line for line in lines if line)

    def _fill(self, pattern: str, key: str, how: Callable[[str, Callable[[str], str]], str]) -> str:
        try:
            return how(pattern, self._placeholder)
        except UnknownPlaceholder as error:
            raise self._rules.missing_placeholder(str(error.args[0]), key) from error

    def _placeholder(self, name: str) -> str:
        match name:
            case "name":
                return self._rules.several(self._names) if self._names else ""
            case "honorific":
                return self._honorifics()
            case "courtesy" if self._recipient.honorifics:
                return self._honorifics()  # "Dr. Chakwera", not "Mr. Dr. Chakwera"
            case "city":
                return self._cell("city")
            case _ if name.startswith("name_"):
                return self._name_form(name)
            case "body":
                pattern = self._value("body_name")
                return self._body or (self._fill(str(pattern), name, fill) if pattern else "")
            case _ if name.partition(".")[0] in ("state", "formal"):
                return self._state.placeholder(name)
            case _:
                value = self._value(name)
                if value is None:
                    raise KeyError(name)
                return self._fill(str(value), name, fill)
