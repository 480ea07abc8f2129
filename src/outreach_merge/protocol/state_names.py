"""The name of a state, as people write it in any language of the program -> ISO 3166 alpha-3.

Names are compared whole, without regard to case, accents, punctuation, articles and conjunctions.
What a name means is looked up in three places; a later one takes the place of an earlier one:

1. CLDR's names and ISO 3166 codes of territories and regions that are none of the states, so that
   a message can say that the name is known;
2. the short and formal names of the states in every language (``languages/*/states.csv`` and CLDR);
3. ``state_aliases.csv``: further usual names, abbreviations and former names, names that several
   states or territories have, and names of what is no state, with the reason.
"""

from __future__ import annotations

import csv
import difflib
import logging
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path

from babel.core import get_global

from outreach_merge import catalogue
from outreach_merge.model import Problem
from outreach_merge.protocol.language import Language, ProtocolGap

logger = logging.getLogger(__name__)

TABLE = Path(__file__).parent / "state_aliases.csv"


_WHICH_STATES = (
    "The states are the members of the United Nations, the Holy See, the State of Palestine, "
    "the Cook Islands and Niue."
)
_SIMILAR_ENOUGH = 0.8

#: Letters that are written in more than one way and that Unicode does not decompose: Arabic ta
#: marbuta, alif maqsura and alif wasla, Persian ya and kaf, the Turkish dotless i. Tatweel and the
#: full stops of abbreviations are left out; letters used as apostrophes separate words.
_FOLDED = str.maketrans(
    {"ة": "ه", "ى": "ي", "ٱ": "ا", "ی": "ي", "ک": "ك", "ı": "i", "\u0640": "", ".": ""}
    | dict.fromkeys("\u02b9\u02bb\u02bc\u02be\u02bf", " ")
)
_SEPARATORS = re.compile(r"[\W_]+")
#: The Arabic article is a part of its word: السودان and سودان. In shorter words it is no article.
_ARABIC_ARTICLE = "ال"
_SHORTEST_WITH_ARTICLE = 5
#: "Korea, Republic of" and "Congo (Democratic Republic of the)": names as they stand in lists.
_INVERTED = re.compile(r"([^,،()]+)(?:[,،]([^,،()]+)|\(([^()]+)\)\s*)")


class NameUse(StrEnum):
    """What is said of a name in ``state_aliases.csv``."""

    USUAL = "usual"
    FORMER = "former"
    AMBIGUOUS = "ambiguous"
    NOT_A_STATE = "not_a_state"


@dataclass(frozen=True, slots=True)
class NameMeaning:
    """What a name means; a row of ``state_aliases.csv``.

    :param states: ISO 3166 alpha-3 codes: of the one state that has a usual or former name, of the
        states or territories that share an ambiguous one, of the states that somebody may mean who
        writes a name of no state.
    :param note: of a name of no state, what it is: "a part of the United Kingdom".
    """

    name: str
    use: NameUse
    states: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class StateLookup:
    """What was found for a text that should name a state.

    :param iso3: the state's ISO 3166 alpha-3 code; empty unless the text names exactly one.
    :param problem: why there is no one state: its code is ``unknown-state``, ``ambiguous-state`` or
        ``not-a-state``; it has no file, row or column. ``None`` where a state was found.
    :param candidates: ISO 3166 alpha-3 codes of the states or territories that may be meant.
    """

    iso3: str = ""
    problem: Problem | None = None
    candidates: tuple[str, ...] = ()

    @property
    def is_known_name(self) -> bool:
        """The program knows the name, though it may not be the name of one state."""
        return self.problem is None or self.problem.code != catalogue.UNKNOWN_STATE.code


class StateNames:
    """Finds states by name; what the names are is read when the first is looked up.

    :param states: ISO 3166 alpha-3 -> alpha-2 of the states that can be written to.
    :param languages: the languages whose names are known; messages use the names of the first.
    """

    def __init__(self, states: Mapping[str, str], languages: Sequence[Language]) -> None:
        self._states = states
        self._languages = languages
        self._found: dict[str, StateLookup] = {}

    def find(self, text: str) -> StateLookup:
        """The one state that is called ``text``, or why there is none."""
        if text not in self._found:
            self._found[text] = self._find(text)
        return self._found[text]

    def _find(self, text: str) -> StateLookup:
        keys = [self._key(reading) for reading in _readings(text)]
        meaning = next((self._meanings[key] for key in keys if key in self._meanings), None)
        if meaning is None:
            return self._unknown(text, keys[0])
        if meaning.use is NameUse.NOT_A_STATE:
            return self._not_a_state(text, meaning)
        if meaning.use is NameUse.AMBIGUOUS:
            return self._ambiguous(text, meaning.states)
        return StateLookup(meaning.states[0], None, meaning.states)

    def _unknown(self, text: str, key: str) -> StateLookup:
        near = _nearest(key, self._names_of_one_state)
        meant = self._meanings[near] if near else None
        remedy = "Write its ISO 3166 code, as KEN or KE."
        if meant:
            english = self._english_name(meant.states[0])
            name = english if _nearest(key, [self._key(english)]) else meant.name
            remedy = f'Did you mean "{name}"?'
        problem = catalogue.UNKNOWN_STATE.at(cell=text, suggestion=remedy)
        return StateLookup("", problem, meant.states if meant else ())

    def _ambiguous(self, text: str, codes: tuple[str, ...]) -> StateLookup:
        listed = ", ".join(f"{self._english_name(code)} ({code})" for code in codes)
        states = [code for code in codes if code in self._states]
        remedy = f"Write {' or '.join(states)}." if states else _WHICH_STATES
        problem = catalogue.AMBIGUOUS_STATE.at(cell=text, listed=listed, suggestion=remedy)
        return StateLookup("", problem, codes)

    def _not_a_state(self, text: str, meaning: NameMeaning) -> StateLookup:
        reason = f": it is {meaning.note}" if meaning.note else ""
        also = "" if self._key(meaning.name) == self._key(text) else f" ({meaning.name})"
        states = " or ".join(meaning.states)
        remedy = f"If a state is meant, write {states}." if states else _WHICH_STATES
        problem = catalogue.NOT_A_STATE.at(cell=text, also=also, reason=reason, suggestion=remedy)
        return StateLookup("", problem, meaning.states)

    def _english_name(self, iso3: str) -> str:
        iso2 = self._states.get(iso3) or _alpha2(iso3)
        return next(self._languages[0].state_names(iso3, iso2), iso3)

    @cached_property
    def _meanings(self) -> Mapping[str, NameMeaning]:
        """Every name, by what it is compared by, and what it means."""
        meanings: dict[str, NameMeaning] = {}
        states: dict[str, NameMeaning] = {}
        for language in self._readable_languages:
            self._add_territories(meanings, language)
            self._add_states(states, language)
        for alpha3, codes in get_global("territory_aliases").items():
            if alpha3.isalpha() and len(codes) == 1 and codes[0].lower() in meanings:
                meanings.setdefault(alpha3.lower(), meanings[codes[0].lower()])
        rows = {self._key(row.name): row for row in table_of_names()}
        return meanings | states | rows

    @cached_property
    def _names_of_one_state(self) -> Sequence[str]:
        of_one = (NameUse.USUAL, NameUse.FORMER)
        return [key for key, meaning in self._meanings.items() if meaning.use in of_one]

    def _add_territories(self, meanings: dict[str, NameMeaning], language: Language) -> None:
        english = self._languages[0].locale.territories
        of_states = set(self._states.values())
        for code, name in language.locale.territories.items():
            if code in of_states:
                continue
            meaning = NameMeaning(english.get(code, name), NameUse.NOT_A_STATE)
            meanings.setdefault(self._key(name), meaning)
            meanings.setdefault(code.lower(), meaning)

    def _add_states(self, meanings: dict[str, NameMeaning], language: Language) -> None:
        for iso3, iso2 in self._states.items():
            for name in language.state_names(iso3, iso2):
                key = self._key(name)
                known = meanings.setdefault(key, NameMeaning(name, NameUse.USUAL, (iso3,)))
                if iso3 not in known.states:
                    both = (*known.states, iso3)
                    meanings[key] = NameMeaning(name, NameUse.AMBIGUOUS, both)

    def _key(self, text: str) -> str:
        """What a name is compared by: its words in one, without those that may be left out."""
        words = _words(text)
        kept = [_without_article(word) for word in words if word not in self._optional_words]
        return "".join(kept or words)

    @cached_property
    def _optional_words(self) -> frozenset[str]:
        return frozenset(
            word
            for language in self._readable_languages
            for text in language.optional_words
            for word in _words(text)
        )

    @cached_property
    def _readable_languages(self) -> Sequence[Language]:
        """Languages without a fault in their files.

        A fault is a problem of the letters in that language; here it is only logged.
        """
        readable: list[Language] = []
        for language in self._languages:
            try:
                if language.settings and language.states():
                    readable.append(language)
            except ProtocolGap as error:
                logger.warning("Names of states in %s are not known: %s", language.code, error)
        return readable


def table_of_names() -> Iterator[NameMeaning]:
    """The rows of ``state_aliases.csv``."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            states = tuple(row["states"].split())
            yield NameMeaning(row["name"], NameUse(row["use"]), states, row["note"])


def _readings(text: str) -> Iterator[str]:
    """The text as it stands, then with what follows a comma or stands in brackets put first."""
    yield text
    if match := _INVERTED.fullmatch(unicodedata.normalize("NFKC", text)):
        yield f"{match[2] or match[3]} {match[1]}"


def _words(text: str) -> list[str]:
    """The words of a name, in small letters and without accents."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    if not folded.isascii():
        decomposed = unicodedata.normalize("NFD", folded)
        folded = "".join(char for char in decomposed if not unicodedata.combining(char))
    return [word for word in _SEPARATORS.split(folded.translate(_FOLDED)) if word]


def _without_article(word: str) -> str:
    return word.removeprefix(_ARABIC_ARTICLE) if len(word) >= _SHORTEST_WITH_ARTICLE else word


def _nearest(name: str, names: Sequence[str]) -> str:
    """The name most like ``name``; empty where none is much like it."""
    return next(iter(difflib.get_close_matches(name, names, n=1, cutoff=_SIMILAR_ENOUGH)), "")


def _alpha2(iso3: str) -> str:
    """ISO 3166 alpha-2 of a territory that is no state; empty where CLDR knows none."""
    codes: list[str] = get_global("territory_aliases").get(iso3, [])
    return codes[0] if len(codes) == 1 else ""
