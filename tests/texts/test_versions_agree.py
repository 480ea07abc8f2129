"""The versions of a text say the same thing, paragraph by paragraph."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

TEMPLATES = Path(__file__).parents[2] / "templates"
SIX = ("en", "fr", "es", "ar", "ru", "zh")
PART = re.compile(r'<p data-part="([a-z0-9-]+)">')
PARAGRAPH = re.compile(r"<p\b")


def bodies() -> list[Path]:
    """The English version of every letter."""
    return sorted(TEMPLATES.glob("*/en.html"))


def issues() -> Iterator[Path]:
    """The English version of every paragraph on an issue."""
    yield from sorted(TEMPLATES.glob("issues/en/*.html"))
    yield from sorted(TEMPLATES.glob("thanks/issues/en/*.html"))


def version(english: Path, language: str) -> Path:
    """The same text in another language: ``<letter>/fr.html``, ``issues/fr/<code>.html``."""
    if english.stem == "en":
        return english.with_stem(language)
    return english.parents[1] / language / english.name


@pytest.mark.parametrize("language", SIX)
@pytest.mark.parametrize("english", bodies(), ids=lambda path: path.parent.name)
def test_paragraphs_and_their_order_are_those_of_english(english: Path, language: str) -> None:
    text = version(english, language).read_text(encoding="utf-8")
    expected = PART.findall(english.read_text(encoding="utf-8"))
    assert PART.findall(text) == expected
    assert len(PARAGRAPH.findall(text)) == len(expected), "a paragraph without data-part"


@pytest.mark.parametrize("language", SIX)
def test_every_issue_stands_in_every_language(language: str) -> None:
    for english in issues():
        path = version(english, language)
        assert path.is_file(), path
        text = path.read_text(encoding="utf-8")
        assert set(PART.findall(text)) == set(PART.findall(english.read_text(encoding="utf-8")))


@pytest.mark.parametrize("language", SIX)
def test_an_issue_is_put_otherwise_to_a_signatory(language: str) -> None:
    """To ratify and to accede are different acts, so the texts branch on it."""
    for english in sorted(TEMPLATES.glob("issues/en/*.html")):
        text = version(english, language).read_text(encoding="utf-8")
        assert "{% if state.signatory %}" in text, (language, english.name)
        assert "{% else %}" in text, (language, english.name)


@pytest.mark.parametrize("language", SIX)
def test_glossaries_have_the_same_terms(language: str) -> None:
    def terms(code: str) -> set[str]:
        path = TEMPLATES / "glossary" / f"{code}.toml"
        return set(tomllib.loads(path.read_text(encoding="utf-8")))

    assert terms(language) == terms("en")


@pytest.mark.parametrize("language", SIX)
def test_the_figures_are_the_same_in_every_version(language: str) -> None:
    """Years, days and counts are written in digits in all versions of the two main letters."""
    for letter in ("presidential", "ipu-joint"):
        english = TEMPLATES / letter / "en.html"
        text = version(english, language).read_text(encoding="utf-8")
        for figure in ("2013", "2014", "2021", "110", "31"):
            here, there = (figure in t for t in (text, english.read_text(encoding="utf-8")))
            assert here == there, (letter, language, figure)
