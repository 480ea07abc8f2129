"""A letter is set a little smaller where that saves a page, whatever follows it in the file."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from pathlib import Path

import pytest

from outreach_merge.campaign import read_campaign
from outreach_merge.compose import Composer
from outreach_merge.definitions import CampaignSettings
from outreach_merge.model import ComposedLetter
from outreach_merge.press import Press
from outreach_merge.typeset import Typesetter

ROOT = Path(__file__).resolve().parents[2]
_LINE = "<p>A paragraph of one line.</p>"
#: More than a page, less than two.
_ANNEX = f'<section class="annex">{"<p>A line of the annex.</p>" * 60}</section>'


class Setter:
    """Sets a sample letter with as many paragraphs as a test asks for."""

    def __init__(self) -> None:
        campaign = read_campaign(ROOT)
        press = Press(campaign, "tests", lambda: dt.datetime(2021, 7, 27, tzinfo=dt.UTC))
        planned = next(
            one
            for one in press.plan.planned
            if (one.letter, one.language) == ("presidential", "en") and not one.translation
        )
        settings = campaign.settings
        composer = Composer(ROOT, settings, campaign.letters, campaign.protocol)
        self._letter = composer.compose(planned)
        self._usual = Typesetter(ROOT, settings)
        self._never = Typesetter(ROOT, _never_smaller(settings))

    def pages(self, paragraphs: int, annex: str = "", *, fit: bool = True) -> int:
        """Pages of the letter.

        :param fit: with the sample's ``[page] fit``; otherwise with 1.
        """
        setter = self._usual if fit else self._never
        return setter.typeset(self._with(paragraphs, annex)).letter.pages

    def _with(self, paragraphs: int, annex: str) -> ComposedLetter:
        html = re.sub(
            r"(<main\b[^>]*>).*(</main>)",
            lambda main: f"{main[1]}{_LINE * paragraphs}{main[2]}",
            self._letter.html,
            flags=re.DOTALL,
        )
        return replace(self._letter, html=html.replace("</body>", f"{annex}</body>"))


def _never_smaller(settings: CampaignSettings) -> CampaignSettings:
    return settings.model_copy(update={"page": settings.page.model_copy(update={"fit": 1})})


@pytest.fixture(scope="module")
def setter() -> Setter:
    return Setter()


@pytest.fixture(scope="module")
def little_too_much(setter: Setter) -> int:
    """Paragraphs that need a second page at the usual size."""
    return next(count for count in range(10, 60) if setter.pages(count, fit=False) == 2)


def test_a_smaller_type_saves_the_second_page(setter: Setter, little_too_much: int) -> None:
    assert setter.pages(little_too_much) == 1


def test_an_annex_of_two_pages_does_not_hinder_it(setter: Setter, little_too_much: int) -> None:
    assert setter.pages(little_too_much, _ANNEX, fit=False) == 4
    assert setter.pages(little_too_much, _ANNEX) == 3


def test_a_letter_that_fits_stays_as_large_as_before(setter: Setter, little_too_much: int) -> None:
    assert setter.pages(little_too_much - 1, _ANNEX) == setter.pages(
        little_too_much - 1, _ANNEX, fit=False
    )
