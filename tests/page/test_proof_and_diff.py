"""What a reviewer looks at: the batch on one sheet, and what is new in it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from PIL import Image, ImageChops

from folders import CampaignFolder, pdf_text
from judges import require, run
from outreach_merge.pictures import marked_differences, pages_as_png
from page.conftest import Sample

ENGLISH = "templates/invitation/en.html"


@pytest.fixture
def made(make_campaign: Callable[..., CampaignFolder], generated: CampaignFolder) -> CampaignFolder:
    """A campaign of our own to change, with its letters made."""
    campaign = make_campaign()
    shutil.rmtree(campaign.path)
    shutil.copytree(generated.path, campaign.path)
    return campaign


def test_the_proof_shows_every_page_with_its_state(made: CampaignFolder, tmp_path: Path) -> None:
    require("pdftotext", "qpdf")
    target = tmp_path / "proof.pdf"
    assert made.ok("proof", "--to", str(target)).out.strip() == str(target)
    said = pdf_text(target)
    for state in ("Kenya (KEN)", "Namibia (NAM)", "(CIV)"):
        assert state in said
    assert "invitation" in said
    assert "group 1" in said
    # The letters themselves are on the sheet, to be read when it is enlarged.
    assert "assurances of my highest consideration" in said
    assert "No syntax or stream encoding errors" in run("qpdf", "--check", target)
    with pikepdf.open(target) as pdf:
        assert len(pdf.pages) == 1


def test_a_page_is_drawn_within_its_frame(made: CampaignFolder, tmp_path: Path) -> None:
    target = tmp_path / "proof.pdf"
    made.ok("proof", "--state", "KEN", "--to", str(target))
    with Image.open(_as_file(pages_as_png(target.read_bytes(), 72)[0], tmp_path)) as sheet:
        ink = ImageChops.invert(sheet.convert("L"))
        inside = ink.crop((40, 56, 148, 210)).getbbox()
        right = ink.crop((160, 60, 590, 800)).getbbox()
    assert inside is not None
    assert right is None


def test_there_is_no_proof_of_nothing(campaign: CampaignFolder) -> None:
    assert campaign("proof").code == 2


def test_nothing_changed_is_said(made: CampaignFolder) -> None:
    assert made.ok("diff", "--jobs", "1", "--json").json() == []


def test_what_generate_would_change_is_shown(made: CampaignFolder, tmp_path: Path) -> None:
    made.replace(ENGLISH, "I have the honour", "I have the great honour")
    before = {path: path.read_bytes() for path in made.pdfs()}
    page = tmp_path / "diff.html"
    found = made.ok("diff", "--jobs", "1", "--json", "--to", str(page)).json()
    # The letter in French is not mentioned: a reviewer reads what is new.
    assert [one["letter"].split("/")[1][:3] for one in found] == ["KEN", "NAM"]
    assert [(edit["old"], edit["new"]) for edit in found[0]["edits"]] == [("", "great")]
    assert "<ins>great</ins>" in page.read_text(encoding="utf-8")
    assert "data:image/png;base64," in page.read_text(encoding="utf-8")
    assert {path: path.read_bytes() for path in made.pdfs()} == before


def test_two_runs_are_compared(made: CampaignFolder, tmp_path: Path) -> None:
    earlier = tmp_path / "earlier"
    shutil.copytree(made.file("output"), earlier)
    made.replace("recipients.csv", "Uhuru Kenyatta", "William Ruto")
    made.ok("generate", "--jobs", "1")
    (path,) = earlier.glob("*/NAM*.pdf")
    path.unlink()
    found = made.ok("diff", str(earlier), "--json").json()
    assert [(one["letter"].split("/")[1][:3], one["change"]) for one in found] == [
        ("KEN", "changed"),
        ("NAM", "new"),
    ]
    (edit,) = found[0]["edits"]
    assert (edit["old"], edit["new"]) == ("Uhuru Kenyatta", "William Ruto")


def test_a_folder_that_is_none_is_wrong_usage(made: CampaignFolder, tmp_path: Path) -> None:
    assert made("diff", str(tmp_path / "nowhere")).code == 2


def test_a_difference_is_framed_where_it_is(made: CampaignFolder, tmp_path: Path) -> None:
    (path,) = (path for path in made.pdfs() if path.name.startswith("KEN"))
    before = path.read_bytes()
    made.replace("recipients.csv", "Uhuru Kenyatta", "Uhuru Kenyarra")
    made.ok("generate", "--state", "KEN", "--jobs", "1")
    ((old, new),) = marked_differences(before, path.read_bytes(), 72)
    plain = pages_as_png(before, 72)[0]
    with (
        Image.open(_as_file(old, tmp_path, "old")) as marked,
        Image.open(_as_file(plain, tmp_path, "plain")) as unmarked,
    ):
        box = ImageChops.difference(marked.convert("RGB"), unmarked.convert("RGB")).getbbox()
    assert old != new
    assert box is not None
    # One line of the address, in the upper third of the page.
    assert box[3] - box[1] < 30
    assert box[3] < 842 / 3


def _as_file(picture: bytes, folder: Path, name: str = "page") -> Path:
    path = folder / f"{name}.png"
    path.write_bytes(picture)
    return path


@pytest.mark.slow
def test_letters_in_prepared_fonts_are_the_same(sample: Sample) -> None:
    """Chinese and Latin, set again as they were set; letters that were not made are new."""
    found = sample.campaign.ok("diff", "--json").json()
    assert "changed" not in {one["change"] for one in found}
