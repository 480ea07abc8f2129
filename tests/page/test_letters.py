"""The page as other programs see it: valid for archives and screen readers, small, repeatable."""

from __future__ import annotations

import io
import json
import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from PIL import Image, ImageChops, ImageCms

from folders import CampaignFolder
from judges import require, run
from judges.verapdf import validate
from outreach_merge.press.letter_metadata import LetterMetadata
from page.conftest import Sample, language_of, make

FAMILIES = {
    "zh": {"Noto-Serif-CJK-SC"},
    "ar": {"Amiri"},
}
LATIN = {"EB-Garamond"}


def faces(path: Path) -> list[tuple[str, str, str]]:
    """Name, embedded and subset of each font, as pdffonts has them."""
    lines = run("pdffonts", path).splitlines()[2:]
    found = []
    for line in lines:
        name = line.split()[0]
        embedded, subset, _ = line[line.index("Identity-H") + len("Identity-H") :].split()[:3]
        found.append((name, embedded, subset))
    return found


def test_validators_pass_every_language(sample: Sample) -> None:
    require("verapdf")
    assert {language_of(path) for path in sample.letters} >= {"en", "fr", "es", "ar", "ru", "zh"}
    assert {path: rules for path, rules in validate(sample.letters).items() if rules} == {}


def test_only_the_named_families_are_embedded(sample: Sample) -> None:
    require("pdffonts")
    for path in sample.letters:
        allowed = FAMILIES.get(language_of(path), LATIN)
        if "-pages" in path.stem:
            continue
        for name, embedded, subset in faces(path):
            assert (embedded, subset) == ("yes", "yes"), (path, name)
            family = re.sub(r"-(Bold|Italic|Small-Caps|Regular)\b", "", name.split("+")[1])
            assert any(family.startswith(one) for one in allowed), (path, name)


def test_the_colour_profile_is_srgb(sample: Sample) -> None:
    with pikepdf.open(sample.letters[0]) as pdf:
        stated = pdf.Root.OutputIntents[0].DestOutputProfile.read_bytes()
    # LittleCMS judges: colours of every hue and lightness are the same in both profiles.
    colours = Image.new("RGB", (16, 256))
    steps = range(0, 256, 17)
    colours.putdata([(r, g, b) for r in steps for g in steps for b in steps])
    seen = ImageCms.profileToProfile(
        colours, io.BytesIO(stated), ImageCms.createProfile("sRGB"), outputMode="RGB"
    )
    assert seen is not None
    assert max(ImageChops.difference(colours, seen).tobytes()) <= 1


def test_the_file_is_sound(sample: Sample) -> None:
    require("qpdf")
    for path in sample.letters:
        assert "No syntax or stream encoding errors" in run("qpdf", "--check", path), path


@pytest.mark.parametrize(
    ("languages", "most"),
    [(("en", "fr", "es", "pt"), 25_600), (("ru",), 25_600), (("ar",), 25_600), (("zh",), 81_920)],
    ids=["Latin", "Cyrillic", "Arabic", "Chinese"],
)
def test_letters_are_small(sample: Sample, languages: tuple[str, ...], most: int) -> None:
    sizes = [path.stat().st_size for one in languages for path in sample.of(one)]
    assert sizes
    assert sum(sizes) / len(sizes) <= most


@pytest.mark.parametrize("state", ["KWT", "COM", "BLR", "CUB"])
def test_a_letter_that_takes_up_no_issue_has_one_page(sample: Sample, state: str) -> None:
    (path,) = (
        path
        for path in sample.letters
        if path.parent.name == "presidential" and path.name.startswith(state)
    )
    with pikepdf.open(path) as pdf:
        assert len(pdf.pages) == 1


@pytest.mark.parametrize("language", ["en", "fr", "es", "ru", "pt"])
def test_letterhead_and_office_break_only_where_the_campaign_breaks_them(
    sample: Sample, language: str
) -> None:
    settings = tomllib.loads(sample.campaign.read("campaign.toml"))
    offices = [settings["signatories"][key]["office"][language] for key in ("conference", "ipu")]
    heads = [
        set(head["lines"][language].casefold().strip().splitlines())
        for head in settings["letterheads"].values()
    ]
    joint = next(path for path in sample.of(language) if path.parent.name == "ipu-joint")
    for office in offices:
        assert set(office.casefold().strip().splitlines()) <= lines_of_first_page(joint)
    for path in sample.of(language):
        assert any(head <= lines_of_first_page(path) for head in heads), path


def lines_of_first_page(path: Path) -> set[str]:
    """Its lines of text, as they stand on the page."""
    text = run("pdftotext", "-raw", "-l", "1", path, "-").casefold()
    return {line.strip() for line in text.splitlines()}


def test_chinese_is_justified_by_the_character(sample: Sample) -> None:
    path = sample.letter("presidential/SGP-head_of_state-zh-courtesy.pdf")
    ends = right_ends(path)
    within = [end for end in ends if end > max(ends) - 12]  # others end a paragraph
    assert len(within) > 10
    # A share of a point: the blank within the last mark of punctuation is the font's.
    assert max(ends) - min(within) < 1


def right_ends(path: Path) -> list[float]:
    """Where each line of the first page ends, in points."""
    boxes = run("pdftotext", "-bbox-layout", "-l", "1", path, "-")
    return [float(right) for right in re.findall(r'<line [^>]*xMax="([\d.]+)"', boxes)]


def test_the_file_says_what_it_is(sample: Sample) -> None:
    with pikepdf.open(sample.letter("presidential/COM-head_of_state-fr.pdf")) as pdf:
        info = pdf.docinfo
        assert str(info["/Title"]) == "Universalisation du Traité sur le commerce des armes"
        assert str(info["/Author"]) == "Julius Maada Bio"
        assert "ATT/CSP7/PRES/2021/COM" in str(info["/Subject"])
        assert "ATT/CSP7/PRES/2021/COM" in str(info["/Keywords"])
        assert str(pdf.Root.Lang) == "fr"
        with pdf.open_metadata() as metadata:
            assert metadata.pdfa_status == "3A"
            assert metadata["pdfuaid:part"] == "1"


def test_a_machine_reads_the_letter(sample: Sample) -> None:
    with pikepdf.open(sample.letter("presidential/KEN-head_of_state-en.pdf")) as pdf:
        (associated,) = pdf.Root.AF
        assert associated.AFRelationship == pikepdf.Name.Data
        (name,) = pdf.attachments
        content = pdf.attachments[name].get_file().read_bytes()
    assert name == "letter.json"
    data = LetterMetadata.model_validate_json(content)
    assert data.reference == "ATT/CSP7/PRES/2021/KEN"
    assert data.recipient.state == "KEN"
    assert data.language == "en"
    assert [one.key for one in data.signatories] == ["president"]
    assert data.issues
    with pikepdf.open(sample.letter("ipu-joint/KEN-parliament-en.pdf")) as pdf:
        joint = LetterMetadata.model_validate_json(pdf.attachments[name].get_file().read_bytes())
    assert joint.signatories[1].office == "Secretary General of the Inter-Parliamentary Union"
    # What only the office knows is not in it.
    said = json.loads(content)
    assert not {"group", "bearer", "channel", "confidential", "hold"} & (
        said.keys() | said["recipient"].keys()
    )


def test_the_published_schema_is_the_one_in_use() -> None:
    import outreach_merge

    folder = Path(outreach_merge.__file__).parent / "schemas"
    published = json.loads((folder / "letter.schema.json").read_text(encoding="utf-8"))
    assert published == json.loads(json.dumps(LetterMetadata.model_json_schema()))


def test_the_same_letter_gives_the_same_bytes(
    sample: Sample, copy_of_sample: Callable[[], CampaignFolder]
) -> None:
    # In another folder, by one worker, in another order and without those set before it.
    other = make(copy_of_sample(), "presidential", "ipu-joint", "--state", "SGP", "--jobs", "1")
    again = make(other.campaign, "presidential", "--state", "KEN", "--state", "KWT", "--jobs", "1")
    assert len(again.letters) >= 5
    for path in again.letters:
        name = f"{path.parent.name}/{path.name}"
        assert path.read_bytes() == sample.letter(name).read_bytes(), name


def test_no_path_of_this_machine_is_in_the_file(sample: Sample, tmp_path: Path) -> None:
    require("qpdf")
    for path in sample.letters[:6]:
        plain = tmp_path / "plain.pdf"
        run("qpdf", "--stream-data=uncompress", "--object-streams=disable", path, plain)
        content = plain.read_bytes()
        assert str(sample.campaign.path).encode() not in content
        assert b"file://" not in content


@pytest.mark.slow
def test_validators_pass_the_whole_sample(whole_sample: Sample) -> None:
    require("verapdf")
    assert len(whole_sample.letters) > 140
    assert {path: rules for path, rules in validate(whole_sample.letters).items() if rules} == {}


@pytest.mark.slow
def test_the_preflight_finds_nothing_in_the_sample(
    copy_of_sample: Callable[[], CampaignFolder],
) -> None:
    assert copy_of_sample()("check", "--deep", "--json").json() == []


def test_a_draft_has_the_pages_of_its_letter(sample: Sample) -> None:
    """Its mark takes no room. This letter fits on a page by a slightly smaller type."""
    drawn = sample.campaign.path / "draft.pdf"
    sample.campaign.ok("preview", "ipu-joint", "BLR", "--to", str(drawn))
    for path in (drawn, sample.letter("ipu-joint/BLR-parliament-ru.pdf")):
        with pikepdf.open(path) as pdf:
            assert len(pdf.pages) == 1
