"""What is sent with a letter: listed, attached or appended; and what cannot be sent."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pikepdf
import pytest

from folders import CampaignFolder, pdf_text
from judges import require

TOOLKIT = "letters/enclosures/toolkit/en.pdf"


def attached(path: Path) -> list[str]:
    """The PDFs within a letter's file."""
    done = subprocess.run(["pdfdetach", "-list", str(path)], capture_output=True, text=True)
    names = [line.split(": ", 1)[1] for line in done.stdout.splitlines() if ": " in line]
    return [name for name in names if name.endswith(".pdf")]


def pages(path: Path) -> int:
    done = subprocess.run(["pdfinfo", str(path)], capture_output=True, text=True, check=True)
    return int(done.stdout.split("Pages:")[1].split()[0])


@pytest.fixture(scope="module")
def enclosed(tmp_path_factory: pytest.TempPathFactory) -> CampaignFolder:
    """Letters with enclosures: the President's with attachments, the joint one with pages."""
    from letters.conftest import FEW, copy_sample

    folder = copy_sample(tmp_path_factory.mktemp("enclosed") / "sample", (*FEW, "BLR"))
    folder.replace("letters/ipu-joint.toml", 'channel = "email"', 'enclosures_travel = "pages"')
    # nothing in Spanish: the campaign's fallback languages decide
    folder.replace("campaign.toml", 'es = "letters/enclosures/toolkit/es.pdf"\n', "")
    folder.ok(
        "generate", "presidential", "ipu-joint", "--with-enclosures",
        "--state", "CUB", "--state", "BLR", "--jobs", "1",
    )  # fmt: skip
    return folder


def test_attachments_in_the_letters_language(enclosed: CampaignFolder) -> None:
    path = enclosed.file("output/presidential/BLR-head_of_state-ru.pdf")
    assert attached(path) == ["toolkit-ru.pdf", "welcome-pack-ru.pdf"]
    with pikepdf.open(path) as pdf:
        data = pdf.attachments["toolkit-ru.pdf"].get_file().read_bytes()
        associated = [str(file.UF) for file in pdf.Root.AF]
    assert set(associated) >= {"toolkit-ru.pdf", "welcome-pack-ru.pdf"}
    assert data == enclosed.file("letters/enclosures/toolkit/ru.pdf").read_bytes()


def test_one_enclosure_stands_on_the_line_as_the_language_writes_it(sample: CampaignFolder) -> None:
    for language, line in {
        "en": "Enclosure: ATT Universalization Toolkit",
        "fr": "Pièce jointe\N{NO-BREAK SPACE}: Boîte à outils pour",
        "zh": "附件：《〈武器贸易条约〉普遍加入工具包》",
    }.items():
        shown = sample.ok("preview", "ipu-joint", "AGO", "--language", language, "--text").out
        assert line in shown


def test_several_enclosures_are_a_list_below_their_heading(sample: CampaignFolder) -> None:
    shown = sample.ok("preview", "presidential", "FJI", "--language", "en", "--text").out
    heading, *titles = shown[shown.index("Enclosures:") :].splitlines()[:3]
    assert heading == "Enclosures:"
    assert "ATT Universalization Toolkit" in titles[0]
    assert "Welcome Pack for New States Parties" in titles[1]


def test_the_fallback_language_and_the_letter_says_so(enclosed: CampaignFolder) -> None:
    path = enclosed.file("output/presidential/CUB-head_of_state-es.pdf")
    assert attached(path) == ["toolkit-en.pdf", "welcome-pack-es.pdf"]
    words = pdf_text(path)
    assert "Caja de herramientas para la universalización del TCA (en inglés)" in words
    assert "Paquete de bienvenida para los nuevos Estados Partes (en" not in words


def test_pages_after_the_letter(enclosed: CampaignFolder) -> None:
    path = enclosed.file("output/ipu-joint/CUB-parliament-es.pdf")
    assert attached(path) == []
    words = pdf_text(path)
    assert words.index("Caja de herramientas") < words.index("This page is a placeholder")
    with pikepdf.open(path) as pdf:
        (document,) = pdf.Root.StructTreeRoot.K
        part = document.K[-1]
        assert (str(part.S), str(part.Lang)) == ("/Part", "en")
        numbers = [int(page.obj.StructParents) for page in pdf.pages]
        assert numbers == sorted(set(numbers))


@pytest.mark.slow
@pytest.mark.judge
def test_they_stay_archivable_and_accessible(enclosed: CampaignFolder) -> None:
    require("verapdf")
    from judges import verapdf

    files = sorted(enclosed.file("output").glob("*/*.pdf"))
    assert len(files) == 4
    assert verapdf.validate(files) == {path: [] for path in files}


def test_only_with_the_option_and_only_what_changed(sample: CampaignFolder) -> None:
    path = sample.file("output/presidential/CUB-head_of_state-es.pdf")
    order = ("generate", "presidential", "--state", "CUB", "--jobs", "1")
    sample.ok(*order)
    assert attached(path) == []
    sample.ok(*order, "--with-enclosures")
    assert len(attached(path)) == 2
    again = sample.ok(*order, "--with-enclosures", "--json").json()
    assert [letter["outcome"] for letter in again["letters"]] == ["unchanged"]
    sample.write(
        "letters/enclosures/toolkit/es.pdf",
        sample.file("letters/enclosures/toolkit/fr.pdf").read_bytes(),
    )
    changed = sample.ok(*order, "--with-enclosures", "--json").json()
    assert [letter["outcome"] for letter in changed["letters"]] == ["made"]


def test_pages_that_state_less_make_the_file_state_less(sample: CampaignFolder) -> None:
    plain = pikepdf.new()
    plain.add_blank_page()
    plain.save(sample.file("letters/enclosures/welcome-pack/zh.pdf"))
    sample.replace("letters/welcome.toml", 'channel = "post"', 'enclosures_travel = "pages"')
    sample.ok("generate", "welcome", "--state", "CHN", "--with-enclosures", "--jobs", "1")
    path = sample.file("output/welcome/CHN-foreign_minister-zh.pdf")
    assert pages(path) == 2
    with pikepdf.open(path) as pdf, pdf.open_metadata() as metadata:
        assert "pdfaid:part" not in metadata
        assert "pdfuaid:part" not in metadata


# ------------------------------------------------------------------ what cannot be sent


def test_a_missing_file(sample: CampaignFolder) -> None:
    sample.file(TOOLKIT).unlink()
    assert sample.problem("missing-enclosure")["column"] == "enclosures.toolkit.files.en"
    assert sample("generate", "presidential", "--limit", "1").code == 3


def test_no_language_that_fits(sample: CampaignFolder) -> None:
    text = sample.read("campaign.toml")
    for language in ("en", "fr"):
        text = text.replace(f'{language} = "letters/enclosures/toolkit/{language}.pdf"\n', "")
    sample.write("campaign.toml", text)
    found = [problem for problem in sample.problems() if problem["code"] == "missing-enclosure"]
    assert {problem["column"] for problem in found} == {"enclosures.toolkit.files"}
    assert len(found) == 2  # one for letters in English, one for those in French
    done = sample("generate", "upr", "--with-enclosures", "--limit", "1")
    assert done.code == 3
    assert 'the enclosure "toolkit" has no file in "en"' in done.said.replace("\n", " ")


def test_no_pdf_encrypted_or_too_large(sample: CampaignFolder) -> None:
    sample.write("letters/enclosures/toolkit/fr.pdf", b"a text, not a PDF")
    with pikepdf.open(sample.file(TOOLKIT)) as pdf:
        secret = pikepdf.Encryption(owner="owner", user="user")
        pdf.save(sample.file("letters/enclosures/toolkit/es.pdf"), encryption=secret)
    sample.replace("campaign.toml", "code =", "enclosure_max_mb = 0.2\ncode =")
    found = {problem["code"]: problem["column"] for problem in sample.problems()}
    assert found["enclosure-no-pdf"] == "enclosures.toolkit.files.fr"
    assert found["enclosure-encrypted"] == "enclosures.toolkit.files.es"
    assert found["enclosure-too-large"].endswith(".zh")
    done = sample("generate", "presidential", "--limit", "1", "--with-enclosures")
    assert done.code == 3
    assert not sample.pdfs()
