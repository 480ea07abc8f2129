"""The caches change no page: compared with pages that WeasyPrint sets as it is."""

from __future__ import annotations

import datetime as dt
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from folders import CampaignFolder
from outreach_merge.campaign import read_campaign
from outreach_merge.compose import Composer
from outreach_merge.definitions import CampaignSettings
from outreach_merge.model import ComposedLetter
from outreach_merge.pictures import page_texts, pages_as_png
from outreach_merge.press import Press
from outreach_merge.typeset import TypesetResult, Typesetter
from outreach_merge.typeset.weasyprint_internals.line_cache import KEY_PROPERTIES, LineCache
from typeset.generated_pages import PROPERTIES, GeneratedPage, has_two_values, page, pairs_of_pages

ROOT = Path(__file__).resolve().parents[2]
_FEW = settings(
    max_examples=int(os.environ.get("TYPESET_EXAMPLES", "8")),
    deadline=None,
    database=None,
    phases=(Phase.generate,),
    derandomize="TYPESET_EXAMPLES" not in os.environ,
    suppress_health_check=list(HealthCheck),
)


class Desk:
    """A campaign folder whose stylesheet and pages the tests write."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "templates").mkdir(parents=True)
        campaign = read_campaign(ROOT)
        self.settings: CampaignSettings = campaign.settings
        press = Press(campaign, "tests", lambda: dt.datetime(2021, 7, 27, tzinfo=dt.UTC))
        composer = Composer(ROOT, campaign.settings, campaign.letters, campaign.protocol)
        self.letter: ComposedLetter = composer.compose(press.plan.planned[0])
        shutil.copy(ROOT / "templates" / "emblems" / "sierra-leone.svg", folder / "emblem.svg")

    def typesetter(self, stylesheet: str, *, plain: bool = False) -> Typesetter:
        """A fresh one."""
        (self.folder / "templates" / "letter.css").write_text(stylesheet, encoding="utf-8")
        return Typesetter(self.folder, self.settings, plain=plain)

    def set(self, typesetter: Typesetter, html: str) -> TypesetResult | str:
        """The page; or the name of the exception that WeasyPrint raises for it."""
        try:
            return typesetter.typeset(replace(self.letter, html=html))
        except Exception as error:
            return type(error).__name__


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return Desk(tmp_path_factory.mktemp("plain") / "campaign")


def seen(result: TypesetResult | str) -> object:
    """Everything that is seen and read of a page, and what was noticed about it."""
    if isinstance(result, str):
        return result
    pdf = result.letter.pdf
    return (
        result.letter.pages,
        page_texts(pdf),
        pages_as_png(pdf, 72),
        result.sheets.pages,
        result.letter.findings,
    )


def same_bytes(one: TypesetResult | str, other: TypesetResult | str) -> bool:
    if isinstance(one, str) or isinstance(other, str):
        return one == other
    return one.letter.pdf == other.letter.pdf


def test_every_property_has_values_to_draw() -> None:
    assert [name for name in PROPERTIES if not has_two_values(name)] == []


@_FEW
@given(pair=pairs_of_pages())
def test_a_page_is_the_same_plain_cold_and_warm(
    desk: Desk, pair: tuple[GeneratedPage, GeneratedPage]
) -> None:
    before, after = pair
    warm = desk.typesetter(after.stylesheet)
    desk.set(warm, before.html)
    set_warm = desk.set(warm, after.html)
    set_cold = desk.set(desk.typesetter(after.stylesheet), after.html)
    set_plain = desk.set(desk.typesetter(after.stylesheet, plain=True), after.html)
    assert seen(set_cold) == seen(set_plain)
    assert same_bytes(set_warm, set_cold)


WORDS = "notwithstanding internationally acknowledged responsibilities "


@pytest.mark.parametrize(
    ("name", "value", "width"),
    [
        ("word-break", "break-all", 20),
        ("letter-spacing", "2px", 60),
        ("font-size", "20px", 60),
        ("hyphens", "none", 60),
    ],
)
def test_a_property_left_out_of_the_key_sets_a_wrong_page(
    desk: Desk, name: str, value: str, width: int
) -> None:
    before, after = (
        page(f'<p style="width:{width}px;{style}">{WORDS * 3}</p>')
        for style in ("", f"{name}:{value}")
    )
    right, wrong = desk.typesetter(""), desk.typesetter("")
    left_out = [one for one in KEY_PROPERTIES if one != name.replace("-", "_")]
    wrong._lines = LineCache(wrong._font_cache, left_out)
    for typesetter in (right, wrong):
        desk.set(typesetter, before)
    cold = desk.set(desk.typesetter(""), after)
    assert same_bytes(desk.set(right, after), cold)
    assert not same_bytes(desk.set(wrong, after), cold)


def test_a_missing_picture_is_noticed_in_every_letter(desk: Desk) -> None:
    typesetter = desk.typesetter("")
    html = page('<p>x <img src="no.png" alt="no"></p>')
    for _ in range(2):
        result = desk.set(typesetter, html)
        assert isinstance(result, TypesetResult)
        assert [finding.code for finding in result.letter.findings] == ["missing-picture"]


def test_what_is_laid_out_leaves_no_trace_in_kept_styles(desk: Desk) -> None:
    """WeasyPrint writes into the styles of markers, first letters and footnotes."""
    css = "@page{counter-increment:page 2;@bottom-center{content:counter(page)}}"
    html = page(
        '<ul><li>one</li><li lang="fr">deux</li></ul>'
        '<p>x<span style="float:footnote">note</span></p>'
        '<table style="border-collapse:collapse"><tr><td>1</td></tr></table>'
    )
    typesetter = desk.typesetter(css)
    first, second = desk.set(typesetter, html), desk.set(typesetter, html)
    assert same_bytes(first, second)
    assert seen(first) == seen(desk.set(desk.typesetter(css, plain=True), html))


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "fr", "es", "ar", "ru", "zh"])
def test_letters_of_the_sample_campaign_are_the_same_plain_cold_and_warm(language: str) -> None:
    campaign = read_campaign(ROOT)
    press = Press(campaign, "tests", lambda: dt.datetime(2021, 7, 27, tzinfo=dt.UTC))
    composer = Composer(ROOT, campaign.settings, campaign.letters, campaign.protocol)
    planned = [one for one in press.plan.planned if one.language == language and not one.courtesy]
    letters = {one.letter: one for one in planned}.values()
    composed = [composer.compose(one) for one in letters]
    warm, backwards = (Typesetter(ROOT, campaign.settings) for _ in range(2))
    plain = Typesetter(ROOT, campaign.settings, plain=True)
    there = [warm.typeset(one) for one in composed]
    back = [backwards.typeset(one) for one in reversed(composed)][::-1]
    for one, forth, again in zip(composed, there, back, strict=True):
        assert forth.letter.pdf == again.letter.pdf
        assert seen(forth) == seen(plain.typeset(one))


def test_generate_plain_makes_the_same_pages(make_campaign: Callable[..., CampaignFolder]) -> None:
    rows = ({"state": "KEN"}, {"state": "CIV", "language": "fr"})
    cached, plain = make_campaign(*rows), make_campaign(*rows)
    cached.ok("generate", "--jobs", "1")
    plain.ok("generate", "--jobs", "1", "--plain")
    files = sorted((cached.path / "output").rglob("*.pdf"))
    assert len(files) == 2
    for file in files:
        one, other = (
            (folder / file.relative_to(cached.path)).read_bytes()
            for folder in (cached.path, plain.path)
        )
        assert pages_as_png(one, 72) == pages_as_png(other, 72)
        assert page_texts(one) == page_texts(other)
