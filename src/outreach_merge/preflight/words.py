"""Checks of a letter's text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache
from html.parser import HTMLParser

from outreach_merge import catalogue
from outreach_merge.model import Problem
from outreach_merge.preflight.expectations import Expectations

_BLOCKS = frozenset({"p", "h1", "h2", "h3", "h4", "li", "td", "th", "figcaption", "blockquote"})
_SILENT = frozenset({"style", "title", "script", "head"})
_VOID = frozenset({"br", "img", "hr", "meta", "link", "input", "col", "wbr"})
#: Parts in which an empty block is a fault, not intended space.
_TEXT_PARTS = frozenset({"main", "address", "annex"})

_MARKERS = re.compile(
    r"\{\{|\}\}|\{%|%\}|\[\[|\]\]|<<|>>|&(?:amp|nbsp|lt|gt|quot|#\d+);"
    r"|\bTODO\b|\bFIXME\b|\bTBD\b|\bXXX+\b|\?\?\?|\bLorem ipsum\b|\bMERGEFIELD\b"
    r"|\bUndefined\b|\bNaN\b|\bnan\b|<built-in|\bNone\b(?=\s*[,.;]?\s*$)"
)
#: A no-break space beside another space is not collapsed on the page.
_SPACES = re.compile(r"[ \u00a0\u2007\u2009\u202f\u3000]{2,}")
_PUNCTUATION = re.compile(
    r"([,;:!?،؛؟，；：！？、。])\s*\1|(?<!\.)\.\s?\.(?!\.)|[,;:،؛，；]\s*[,;:،؛，；。]"
)

_LATIN_WORDS = re.compile(r"(?<![\w@./])[A-Za-z][a-z]+(?:[ ,]+[A-Za-z][a-z]+){2,}")
_OTHER_SCRIPT = re.compile(
    "[\u0370-\u03ff\u0400-\u052f\u0590-\u06ff\u0750-\u077f\u3040-\u30ff\u4e00-\u9fff]{3,}"
)
#: Frequent words by language, none of which is a word of another of these languages.
_TELLTALES = {
    "en": "the of and with which this that shall would has have been from their",
    "fr": "les des une est dans pour aux sur cette qui leur ont sont avec votre",
    "es": "los las del una para por con esta sus han como que se este ser",
    "pt": "os das dos uma para por com esta seus não como que são pela este",
}
_LEAST_TELLTALES = 4
_WORDS = re.compile(r"[^\W\d_]+")


@dataclass
class _Block:
    part: str
    pieces: list[str] = field(default_factory=list)
    pictures: int = 0
    foreign: bool = False

    @cached_property
    def text(self) -> str:
        """The text of the whole block, with spaces collapsed."""
        # Spaces collapse on the page, also across markup.
        return re.sub(" {2,}", " ", "".join(self.pieces)).strip(" \n\t\r")


def word_findings(html: str, expected: Expectations) -> Iterator[Problem]:
    """Findings on the text of a composed letter."""
    reader = _Reader(expected.language)
    reader.feed(html)
    reader.close()
    for block in reader.blocks:
        yield from _faults(block, expected)
    for source in reader.undescribed:
        yield catalogue.PICTURE_UNDESCRIBED.at(name=source or "a picture")
    text = _joined(reader)
    for name in expected.names:
        if not all(_stem(word) in text for word in name.split()):
            yield catalogue.NAME_MISSING.at(name=name)
    if expected.state_forms and not _names_the_state(text, expected):
        yield catalogue.STATE_MISSING.at(name=min(expected.state_forms, key=len))


def _joined(reader: _Reader) -> str:
    return _plain(" ".join(block.text for block in reader.blocks))


def _names_the_state(text: str, expected: Expectations) -> bool:
    forms = (_plain(form) for form in expected.state_forms)
    if expected.script not in ("Latn", "Cyrl"):
        return any(form in text for form in forms)
    # Whole words: "Kenyatta" does not name Kenya.
    return any(
        form in text and re.search(rf"(?<!\w){re.escape(form)}(?!\w)", text) for form in forms
    )


def _stem(word: str) -> str:
    """A word without an ending that may be declined: Александр, Александру."""
    return word[: max(3, len(word) - 2)]


def _plain(text: str) -> str:
    return " ".join(text.split())


def _faults(block: _Block, expected: Expectations) -> tuple[Problem, ...]:
    if not block.text:
        if block.part not in _TEXT_PARTS or block.pictures:
            return ()
        place = _WHERE[block.part]
        return (catalogue.EMPTY_PARAGRAPH.at(column=_column_of(block.part), where=place),)
    own_words = "" if block.foreign else expected.language
    return _faults_of(block.text, block.part, own_words, expected.script, expected.untranslated)


def _column_of(part: str) -> str:
    """The cell of the recipient that a part of the letter is made from; empty for none."""
    return part if part == "address" else ""


# Cached, because most paragraphs recur in the next letter.
@lru_cache(maxsize=1024)
def _faults_of(
    text: str, part: str, language: str, script: str, untranslated: frozenset[str]
) -> tuple[Problem, ...]:
    """:param language: that the text must be in; empty for a text in another."""
    where, column = _WHERE.get(part, "the page"), _column_of(part)
    faults = []
    if found := _MARKERS.search(text):
        around = _around(text, found)
        faults.append(catalogue.LEFTOVER_MARKER.at(column=column, where=where, text=around))
    if found := _SPACES.search(text):
        around = _around(text, found)
        faults.append(catalogue.DOUBLED_SPACE.at(column=column, where=where, text=around))
    if found := _PUNCTUATION.search(text):
        around, twice = _around(text, found), catalogue.DOUBLED_PUNCTUATION
        faults.append(twice.at(column=column, where=where, mark=found[0], text=around))
    if language and (foreign := _untranslated(text, language, script, untranslated)):
        other = catalogue.UNTRANSLATED
        faults.append(other.at(column=column, where=where, text=foreign, language=language))
    return tuple(faults)


_WHERE = {
    "main": "the text", "address": "the address", "subject": "the subject",
    "letterhead": "the letterhead", "enclosures": "the enclosures",
    "signatures": "the signatures", "salutation": "the salutation", "closing": "the close",
    "annex": "the annex", "particulars": "reference and date",
}  # fmt: skip


def _untranslated(text: str, language: str, script: str, untranslated: frozenset[str]) -> str:
    """A piece of the text that is in another language; empty where there is none."""
    if text in untranslated:
        return text
    if script != "Latn":
        found = _LATIN_WORDS.search(text)
        return found[0] if found else ""
    if found := _OTHER_SCRIPT.search(text):
        return found[0]
    words = set(_WORDS.findall(text.lower()))
    own = len(words & _frequent_words(language))
    least = max(_LEAST_TELLTALES, own + 1)
    if any(len(words & strange) >= least for strange in _frequent_words_of_others(language)):
        return _short(text)
    return ""


@cache
def _frequent_words(language: str) -> frozenset[str]:
    return frozenset(_TELLTALES.get(language, "").split())


@cache
def _frequent_words_of_others(language: str) -> tuple[frozenset[str], ...]:
    """The frequent words of each other language."""
    own = _frequent_words(language)
    return tuple(_frequent_words(other) - own for other in _TELLTALES if other != language)


def _around(text: str, found: re.Match[str]) -> str:
    start, end = max(0, found.start() - 18), min(len(text), found.end() + 18)
    return " ".join(text[start:end].split())


def _short(text: str) -> str:
    return text if len(text) <= 50 else f"{text[:49]}…"


class _Reader(HTMLParser):
    """The blocks of a composed letter, each with the part it stands in."""

    def __init__(self, language: str) -> None:
        super().__init__()
        self._language = language
        self._open: list[tuple[str, str, bool]] = [("", "", False)]
        self._current: _Block | None = None
        self._silent = 0
        self.blocks: list[_Block] = []
        self.undescribed: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if tag == "img":
            self._picture(attributes)
        if tag in _VOID:
            if tag == "br" and self._current:
                self._current.pieces.append("\n")
            return
        _, part, foreign = self._open[-1]
        classes = (attributes.get("class") or "").split()
        part = next((name for name in classes if name in _WHERE), part)
        part = "main" if tag == "main" else part
        language = attributes.get("lang")
        foreign = foreign or bool(language and language != self._language)
        self._open.append((tag, part, foreign))
        self._silent += tag in _SILENT
        if tag in _BLOCKS:
            self._current = _Block(part, foreign=foreign)
            self.blocks.append(self._current)

    def handle_endtag(self, tag: str) -> None:
        if len(self._open) > 1 and tag not in _VOID:
            closed = self._open.pop()[0]
            self._silent -= closed in _SILENT
        if tag in _BLOCKS:
            self._current = None

    def handle_data(self, data: str) -> None:
        if self._silent:
            return
        _, part, foreign = self._open[-1]
        if self._current is None:
            if not data.strip():
                return
            self.blocks.append(_Block(part, [re.sub(r"[ \t\r\n]+", " ", data)], foreign=foreign))
            return
        self._current.foreign = self._current.foreign or foreign
        self._current.pieces.append(re.sub(r"[ \t\r\n]+", " ", data))

    def _picture(self, attributes: dict[str, str | None]) -> None:
        if self._current:
            self._current.pictures += 1
        if attributes.get("alt") is None:
            self.undescribed.append(attributes.get("src") or "")
