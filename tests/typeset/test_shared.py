"""What letters share makes them faster, and changes nothing that is seen or read."""

from __future__ import annotations

import datetime as dt
import pickle
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pypdfium2
import pytest
import weasyprint
from outreach_merge.typeset.ideographs import justified_by_character
from outreach_merge.typeset.quick_parser import parse
from PIL import ImageChops, ImageStat
from weasyprint.text.fonts import FontConfiguration

from outreach_merge.campaign import read_campaign
from outreach_merge.compose import Composer
from outreach_merge.font_subsets import subset_fonts
from outreach_merge.model import ComposedLetter
from outreach_merge.press import Press
from outreach_merge.typeset import Typesetter, shared_measures, stylesheets

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

    def set_plainly(self, html: str) -> bytes:
        """The page as WeasyPrint sets it by itself, nothing shared."""
        fonts = FontConfiguration()
        sheets = stylesheets(ROOT, self.campaign.settings)
        page = weasyprint.HTML(string=html, base_url=f"{ROOT.as_uri()}/")
        with justified_by_character():
            pdf: bytes = page.write_pdf(
                stylesheets=[weasyprint.CSS(string=css, font_config=fonts) for css in sheets],
                font_config=fonts,
                pdf_variant="pdf/a-3a",
            )
        return pdf


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


def texts(pdf: bytes) -> list[str]:
    return [text for _, text in pictures(pdf)]


def difference(one: bytes, other: bytes) -> float:
    """The mean difference of two files' pages, from 0 to 255."""
    pages = zip(pypdfium2.PdfDocument(one), pypdfium2.PdfDocument(other), strict=True)
    pairs = [(a.render(scale=1.5).to_pil(), b.render(scale=1.5).to_pil()) for a, b in pages]
    means = [ImageStat.Stat(ImageChops.difference(a, b)).mean for a, b in pairs]
    return max(max(mean) for mean in means)


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", LETTERS)
def test_a_letter_looks_as_it_would_alone(sample: Sample, name: str, language: str) -> None:
    """The second letter is set from what the first left behind."""
    typesetter = sample.typesetter()
    for letter in sample.letters[name, language]:
        pdf = typesetter.typeset(letter).letter.pdf
        assert pdf == sample.typesetter().typeset(letter).letter.pdf
        plain = sample.set_plainly(letter.html)
        if len(texts(plain)) == len(texts(pdf)):  # else it was set smaller to save a page
            assert texts(pdf) == texts(plain)
            assert difference(pdf, plain) < 1.0  # of 255: outlines without hints, no more


@pytest.mark.slow
def test_the_same_bytes_after_any_other_letter(sample: Sample) -> None:
    """What was set before leaves no trace in a file."""
    letters = list(sample)
    forwards, backwards = sample.typesetter(), sample.typesetter()
    there = [forwards.typeset(letter).letter.pdf for letter in letters]
    back = [backwards.typeset(letter).letter.pdf for letter in reversed(letters)]
    assert there == back[::-1]


def test_plain_html_is_read_to_the_same_tree(sample: Sample) -> None:
    for letter in sample:
        quick = parse(letter.html)
        assert quick is not None, "the layout's page is no longer plain"
        root = weasyprint.HTML(string=letter.html).etree_element
        assert [_seen(node) for node in quick.iter()] == [_seen(node) for node in root.iter()]


@pytest.mark.parametrize(
    "body",
    [
        "<p>one<p>two</p>",
        "<p><div>a block in a paragraph</div></p>",
        "<div/>after",
        "<table><tr><td>cell</td></tr></table>",
        "<p><b>x<b>y</b></b></p>",
        "<p class=unquoted>x</p>",
        "<p>a & b</p>",
        "<P>upper case</P>",
        '<p title="two\nlines">x</p>',
        "<!-- a remark --><p>x</p>",
        "<ul>words<li>x</li></ul>",
        "<p>&#150;</p>",
        "<svg><title>x</title></svg>",
        '<a href="https://example.org">x</a>',
    ],
)
def test_what_is_not_plain_goes_to_the_full_parser(body: str) -> None:
    page = f"<!DOCTYPE html><html><head><title>t</title></head><body>{body}</body></html>"
    assert parse(page) is None


def test_entities_and_void_elements_are_plain() -> None:
    page = (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>a &amp; b</title>'
        '</head><body><p>Art.&nbsp;5<br>&lt;x&gt; <img src="a.svg" alt="x > y"></p></body></html>'
    )
    root = parse(page)
    assert root is not None
    full = weasyprint.HTML(string=page).etree_element
    assert [_seen(node) for node in root.iter()] == [_seen(node) for node in full.iter()]


def _seen(node: object) -> tuple[object, ...]:
    tag, attributes = getattr(node, "tag", None), dict(getattr(node, "attrib", {}))
    return tag, attributes, getattr(node, "text", "") or "", getattr(node, "tail", "") or ""


# fonts prepared once


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


# the names this relies on


def test_weasyprint_has_what_is_replaced() -> None:
    """One line for each name of WeasyPrint's that ``typeset`` overrides or reaches into."""
    import weasyprint.draw
    import weasyprint.layout.inline
    import weasyprint.layout.percent
    import weasyprint.layout.preferred
    from weasyprint.css import StyleFor
    from weasyprint.document import Document
    from weasyprint.pdf.fonts import Font
    from weasyprint.pdf.stream import Stream

    assert weasyprint.draw.draw_text is weasyprint.draw.text.draw_text
    for module in (weasyprint.layout.inline, weasyprint.layout.preferred):
        assert callable(module.split_first_line)
    for module in shared_measures.RESOLVERS:
        assert module.resolve_percentages is weasyprint.layout.percent.resolve_percentages
    assert callable(Document._build_layout_context)
    assert callable(StyleFor.set_computed_styles)
    assert callable(Font.clean)
    assert callable(Stream.clone)
    assert callable(Stream.add_font)
