"""Fonts cut once for a campaign show the same pages as the fonts they were cut from."""

from __future__ import annotations

import datetime as dt
import pickle
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pypdfium2
import pytest

from outreach_merge.campaign import read_campaign
from outreach_merge.compose import Composer
from outreach_merge.font_subsets import subset_fonts
from outreach_merge.model import ComposedLetter
from outreach_merge.press import Press
from outreach_merge.typeset import Typesetter, stylesheets

ROOT = Path(__file__).resolve().parents[2]
LETTERS = ("presidential", "ipu-joint")
LANGUAGES = ("en", "fr", "es", "ar", "ru", "zh")


class Sample:
    """Two letters of each kind in each language, from the sample campaign."""

    def __init__(self) -> None:
        self.campaign = read_campaign(ROOT)
        settings = self.campaign.settings
        composer = Composer(ROOT, settings, self.campaign.letters, self.campaign.protocol)
        press = Press(self.campaign, "tests", lambda: dt.datetime(2021, 7, 27, tzinfo=dt.UTC))
        self.letters: dict[tuple[str, str], list[ComposedLetter]] = {}
        for name in LETTERS:
            planned = [p for p in press.plan.planned if p.letter == name and not p.courtesy]
            for language in LANGUAGES:
                own = [p for p in planned if p.language == language] or planned
                two = [replace(p, language=language, translation=None) for p in own[:2]]
                self.letters[name, language] = [composer.compose(p) for p in two]

    def __iter__(self) -> Iterator[ComposedLetter]:
        return (letter for two in self.letters.values() for letter in two)

    def typesetter(self) -> Typesetter:
        return Typesetter(ROOT, self.campaign.settings)


@pytest.fixture(scope="module")
def sample() -> Sample:
    return Sample()


def pictures(pdf: bytes) -> list[tuple[bytes, str]]:
    """Every page as it is seen, and its text."""
    document = pypdfium2.PdfDocument(pdf)
    return [
        (page.render(scale=1.5).to_numpy().tobytes(), page.get_textpage().get_text_bounded())
        for page in document
    ]


def test_cut_fonts_show_the_same_page(sample: Sample, tmp_path: Path) -> None:
    settings = sample.campaign.settings
    prepared = subset_fonts(stylesheets(ROOT, settings), [], tmp_path)
    if prepared is None:
        pytest.skip("no large font is installed")
    typesetter = Typesetter(ROOT, settings, prepared)
    for letter in (*sample.letters["presidential", "zh"], *sample.letters["presidential", "en"]):
        whole = sample.typesetter().typeset(letter).letter.pdf
        cut = typesetter.typeset(letter).letter.pdf
        assert pictures(cut) == pictures(whole)


def test_a_character_that_was_cut_away_is_set_from_the_large_font(
    sample: Sample, tmp_path: Path
) -> None:
    settings = sample.campaign.settings
    prepared = subset_fonts(stylesheets(ROOT, settings), [], tmp_path)
    if prepared is None:
        pytest.skip("no large font is installed")
    letter = sample.letters["presidential", "zh"][0]
    rare = replace(letter, html=letter.html.replace("</main>", "<p>喆䶮</p></main>"))
    assert not prepared.cover(rare.html)
    cut = Typesetter(ROOT, settings, prepared).typeset(rare).letter
    whole = sample.typesetter().typeset(rare).letter
    assert cut.pdf == whole.pdf


def test_fonts_are_cut_once_and_anew_for_new_characters(sample: Sample, tmp_path: Path) -> None:
    sheets = stylesheets(ROOT, sample.campaign.settings)
    first = subset_fonts(sheets, ["喆"], tmp_path)
    if first is None:
        pytest.skip("no large font is installed")
    stamp = first.config.stat().st_mtime_ns
    again = subset_fonts(sheets, ["喆", "abc"], tmp_path)
    assert again == first
    assert again.config.stat().st_mtime_ns == stamp
    other = subset_fonts(sheets, ["喆", "䶮"], tmp_path)
    assert other is not None
    assert other.config != first.config
    assert pickle.loads(pickle.dumps(first)) == first, "it travels to the workers"


def test_no_font_nothing_to_prepare(tmp_path: Path) -> None:
    assert subset_fonts(['html{font-family:"No Such Face"}'], ["abc"], tmp_path) is None
