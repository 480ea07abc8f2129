"""How a state, an office and a date are written in a language.

The only package that imports Babel. Everything a linguist may want to correct is data under
``languages/<code>/``; a campaign may add languages of its own in its ``languages/`` folder.
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from outreach_merge import catalogue
from outreach_merge.errors import UsageError
from outreach_merge.model import Kind, Problem, Recipient
from outreach_merge.protocol.address import TEXT_KEYS, AddressForms, AddressRules, Office
from outreach_merge.protocol.dates import DateRules
from outreach_merge.protocol.grammar import NameForms, StateForms
from outreach_merge.protocol.language import Language, ProtocolGap
from outreach_merge.protocol.plurals import PluralRules
from outreach_merge.protocol.state_names import StateLookup, StateNames

__all__ = [
    "TEXT_KEYS",
    "AddressForms",
    "DateRules",
    "Language",
    "NameForms",
    "Office",
    "PluralRules",
    "Protocol",
    "ProtocolGap",
    "State",
    "StateForms",
    "StateLookup",
]

_HERE = Path(__file__).parent

#: The language of the layout's short strings, which every other translates.
LAYOUT_LANGUAGE = "en"


@dataclass(frozen=True, slots=True)
class State:
    """Facts of a state that are the same in every language.

    Region and subregion are those of UN M49; the time zone is its capital's (IANA name).
    """

    iso3: str
    iso2: str
    region: str
    subregion: str
    capital_time_zone: str


class Protocol:
    """The rules of every known language.

    :param folders: searched for folders of languages, first match wins.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = tuple(folders)
        self._languages: dict[str, Language] = {}
        self._states: dict[tuple[str, str], StateForms] = {}
        self._addresses: dict[str, AddressRules] = {}
        self._dates: dict[str, DateRules] = {}

    @classmethod
    def load(cls, campaign: Path | None = None) -> Protocol:
        """The languages of the program, and before them those of the campaign folder."""
        own = [campaign / "languages"] if campaign else []
        return cls([*own, _HERE / "languages"])

    @cached_property
    def states(self) -> Mapping[str, State]:
        """Every state that can be written to, by ISO 3166 alpha-3."""
        with (_HERE / "states.csv").open(encoding="utf-8", newline="") as file:
            return {row["iso3"]: State(**row) for row in csv.DictReader(file)}

    @cached_property
    def offices(self) -> Mapping[str, Office]:
        """Every office a recipient can hold, by code."""
        data = tomllib.loads((_HERE / "offices.toml").read_text(encoding="utf-8"))
        return {
            code: Office(
                code=code,
                kinds=tuple(map(Kind, entry["kinds"])),
                rank=entry["rank"],
                plural=entry.get("plural", False),
                gender=entry.get("gender", ""),
            )
            for code, entry in data.items()
        }

    @property
    def languages(self) -> tuple[str, ...]:
        """Codes of the languages that have a folder."""
        found = {
            path.name
            for folder in self._folders
            if folder.is_dir()
            for path in folder.iterdir()
            if path.is_dir()
        }
        return tuple(sorted(found))

    def language(self, code: str) -> Language:
        """:raises ProtocolGap: when there is no folder for the language."""
        if code not in self._languages:
            for folder in self._folders:
                if (folder / code).is_dir():
                    self._languages[code] = Language(folder / code)
                    break
            else:
                known = ", ".join(self.languages)
                gap = catalogue.NO_SUCH_LANGUAGE.at("languages", language=code, known=known)
                raise ProtocolGap(gap)
        return self._languages[code]

    def find_state(self, text: str) -> StateLookup:
        """The state of an ISO 3166 code, or of a name in any of the languages."""
        text = text.strip()
        code = self._by_iso2.get(text.upper(), text.upper())
        return StateLookup(code) if code in self.states else self._state_names.find(text)

    def state_code(self, text: str) -> str:
        """ISO 3166 alpha-3 of the state of a code or name, as :meth:`find_state`.

        :raises UsageError: when no state, or more than one, is called that.
        """
        found = self.find_state(text)
        if found.problem is not None:
            raise UsageError(found.problem.message, found.problem.remedy)
        return found.iso3

    @cached_property
    def _by_iso2(self) -> Mapping[str, str]:
        return {state.iso2: iso3 for iso3, state in self.states.items()}

    @cached_property
    def _state_names(self) -> StateNames:
        english = Language(_HERE / "languages" / LAYOUT_LANGUAGE)
        others = [self.language(code) for code in self.languages]
        languages = [english, *(one for one in others if one.folder != english.folder)]
        return StateNames({iso3: state.iso2 for iso3, state in self.states.items()}, languages)

    def state(self, iso3: str, language: str) -> StateForms:
        """:raises ProtocolGap: when the language has no row for the state."""
        key = (iso3, language)
        if key not in self._states:
            iso2 = self.states[iso3].iso2
            self._states[key] = self.language(language).state(iso3, iso2)
        return self._states[key]

    def address(self, recipient: Recipient, language: str) -> AddressForms:
        """:raises ProtocolGap: when the language has no rule for the recipient's office."""
        if language not in self._addresses:
            self._addresses[language] = AddressRules(self.language(language), self.offices)
        return self._addresses[language].resolve(recipient, self.state(recipient.state, language))

    def dates(self, language: str) -> DateRules:
        if language not in self._dates:
            self._dates[language] = DateRules(self.language(language))
        return self._dates[language]

    def problems(self, language: str, states: Iterable[str]) -> Iterator[Problem]:
        """What the language lacks for writing to ``states`` (ISO alpha-3)."""
        try:
            found = self.language(language)
        except ProtocolGap as error:
            yield error.problem
            return
        layout = Language(_HERE / "languages" / LAYOUT_LANGUAGE)
        codes = [(iso3, self.states[iso3].iso2) for iso3 in sorted(set(states))]
        yield from found.problems(codes, layout.short_strings)
