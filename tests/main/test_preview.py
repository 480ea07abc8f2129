"""``init``, ``preview``, ``variables``: what a newcomer types first."""

from __future__ import annotations

import json
import signal
import struct
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import IO

import pytest

from folders import ROOT, CampaignFolder, command, environment, pdf_text
from judges import require

MakeCampaign = Callable[..., CampaignFolder]
REFERENCE = "INV/2021/KEN-head_of_state"


def test_a_new_campaign_has_no_fault(tmp_path: Path) -> None:
    done = command("init", str(tmp_path / "new"))
    assert done.code == 0
    campaign = CampaignFolder(tmp_path / "new")
    assert str(campaign.file("campaign.toml")) in done.out
    assert "generate" in done.out
    checked = campaign.ok("check")
    assert checked.out.strip() == "3 letters planned, 0 recipients on hold, 0 errors, 0 warnings"
    assert checked.err == ""
    # Small enough to read in five minutes.
    words = sum(
        len(path.read_text(encoding="utf-8").split())
        for path in campaign.path.rglob("*")
        if path.is_file()
    )
    assert words < 500


def test_a_preview_is_a_draft_and_never_registered(campaign: CampaignFolder) -> None:
    require("pdftotext")
    (path,) = campaign.ok("preview", "invitation", "ke").out.splitlines()
    text = pdf_text(Path(path))
    assert REFERENCE in text
    assert "DRAFT" in text
    assert Path(path).is_relative_to(campaign.file("output/preview"))
    assert not campaign.file("register.sqlite").exists()
    assert campaign.pdfs() == []


def test_a_preview_as_text(campaign: CampaignFolder) -> None:
    out = campaign.ok("preview", "invitation", "KEN-head_of_state", "--text").out
    lines = out.replace("\u00a0", " ").splitlines()
    for line in (
        f"Reference: {REFERENCE}",
        "Geneva, 27 July 2021",
        "Mr. Uhuru Kenyatta",
        "A. Specimen",
        "Ambassador",
    ):
        assert line in lines
    assert not campaign.file("output/preview").exists()


def test_a_preview_as_a_page_for_the_browser(campaign: CampaignFolder) -> None:
    target = campaign.path.parent / "elsewhere" / "page.html"
    done = campaign.ok("preview", "invitation", "KEN", "--html", "--to", str(target))
    assert done.out.strip() == str(target)
    page = target.read_text(encoding="utf-8")
    assert "<style>" in page
    assert "@page" in page
    assert REFERENCE in page


def test_a_preview_as_pictures_one_a_page(campaign: CampaignFolder) -> None:
    long = "<p>{{ state.the }} takes part. </p>" * 60
    campaign.replace("templates/invitation/en.html", "{% block body %}", "{% block body %}" + long)
    campaign.write(
        "letters/invitation.toml", "pages = 9\n" + campaign.read("letters/invitation.toml")
    )
    paths = campaign.ok("preview", "invitation", "KEN", "--png").out.splitlines()
    assert len(paths) > 1
    for path in paths:
        header = Path(path).read_bytes()[:24]
        assert header.startswith(b"\x89PNG")
        width, height = struct.unpack(">II", header[16:24])
        assert height / width == pytest.approx(297 / 210, rel=0.01)


def test_a_preview_in_another_language(make_campaign: MakeCampaign) -> None:
    campaign = make_campaign({"state": "KEN", "language": "en", "gender": "m", "name": "X"})
    text = campaign.ok("preview", "invitation", "KEN", "--text", "--language", "fr").out.replace(
        "\u00a0", " "
    )
    assert "Genève, le 27 juillet 2021" in text
    assert "le Kenya" in text


def test_a_fault_of_another_row_does_not_stand_in_the_way(make_campaign: MakeCampaign) -> None:
    campaign = make_campaign({"state": "KEN"}, {"state": "Atlantis"})
    campaign.ok("preview", "invitation", "KEN", "--text")


@pytest.mark.parametrize(
    ("file", "old", "new", "code", "said"),
    [
        ("letters/invitation.toml", "signatories", "signatorys", 3, 'key "signatorys"'),
        ("templates/invitation/en.html", "state.the", "state.thee", 3, "en.html:3"),
    ],
)
def test_a_fault_of_this_letter_is_said(
    campaign: CampaignFolder, file: str, old: str, new: str, code: int, said: str
) -> None:
    campaign.replace(file, old, new)
    done = campaign("preview", "invitation", "KEN", "--text")
    assert done.code == code
    assert said in done.err
    assert "Traceback" not in done.err


class Watching:
    """A preview that watches. What it writes and says is waited for, however long it takes."""

    def __init__(self, campaign: CampaignFolder, *options: str) -> None:
        self.process = campaign.start("preview", "invitation", "KEN", "--watch", *options)
        self._patience = threading.Timer(120, self.process.kill)
        self._patience.start()
        self.file = Path(self._line(self.process.stdout))
        self.hear("watching")

    def __enter__(self) -> Watching:
        return self

    def __exit__(self, *about: object) -> None:
        self.process.send_signal(signal.SIGINT)
        self.process.communicate()
        self._patience.cancel()

    def hear(self, word: str) -> str:
        """Wait for a line on standard error with ``word`` in it."""
        while word not in (line := self._line(self.process.stderr)):
            pass
        return line

    def made_again(self) -> str:
        """Wait for the next draft; returns its words."""
        assert Path(self._line(self.process.stdout)) == self.file
        self.hear("made again")
        return pdf_text(self.file)

    @staticmethod
    def _line(stream: IO[str] | None) -> str:
        assert stream is not None
        line = stream.readline()
        assert line, "it ended"
        return line.rstrip("\n")


def test_a_preview_made_again_on_every_change(campaign: CampaignFolder) -> None:
    require("pdftotext")
    template = "templates/invitation/en.html"
    sound = campaign.read(template)
    with Watching(campaign) as watching:
        campaign.write(template, sound.replace("honour", "great honour"))
        assert "great honour" in watching.made_again()
        # An editor that saves by renaming.
        other = campaign.write(".en.html.new", sound.replace("honour", "pleasure"))
        other.replace(campaign.file(template))
        assert "the pleasure" in watching.made_again()
        before = watching.file.read_bytes()
        for half_saved, said in (("{% blo", "en.html:"), ("{{ nothing }}", "nothing")):
            campaign.write(template, sound.replace("meeting", half_saved))
            assert said in watching.hear("en.html")
            watching.hear("not made again")
            assert watching.file.read_bytes() == before, "the last draft stands"
        campaign.file(template).unlink()
        watching.hear("not made again")
        campaign.write(template, sound)
        assert "I have the honour" in watching.made_again()
        campaign.rows({"state": "KEN", "name": "Amina Mohamed", "gender": "f"})
        assert "Amina Mohamed" in watching.made_again()
        campaign.replace("campaign.toml", '"A. Specimen"', '"B. Specimen"')
        assert "B. Specimen" in watching.made_again()
        campaign.write("templates/glossary/en.toml", 'meeting = "our first meeting"')
        watching.made_again()
        campaign.write(template, sound.replace("our meeting", "{{ terms.meeting }}"))
        assert "our first meeting" in watching.made_again()
    assert watching.process.returncode == 130


def test_a_preview_made_again_with_another_picture(campaign: CampaignFolder) -> None:
    square = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9" fill="{}"/></svg>'
    drawing = campaign.write("marks/mark.svg", square.format("red"))
    page = "{% block body %}<img src='marks/mark.svg' alt='Mark'>"
    campaign.replace("templates/invitation/en.html", "{% block body %}", page)
    with Watching(campaign) as watching:
        drafts = [watching.file.read_bytes()]
        drawing.write_text(square.format("blue"))
        watching.made_again()
        drafts.append(watching.file.read_bytes())
        campaign.write("templates/letter.css", "p { letter-spacing: 1mm }")
        watching.made_again()
        drafts.append(watching.file.read_bytes())
        # What is kept from earlier drafts leaves no trace: made afresh, the same bytes.
        campaign.ok("preview", "invitation", "KEN", "--to", str(campaign.file("afresh.pdf")))
        assert campaign.file("afresh.pdf").read_bytes() == drafts[-1]
    assert len(set(drafts)) == 3


def test_a_preview_waits_for_what_is_wrong_from_the_beginning(campaign: CampaignFolder) -> None:
    campaign.replace("templates/invitation/en.html", "state.the", "state.thee")
    process = campaign.start("preview", "invitation", "KEN", "--html", "--watch")
    assert process.stdout is not None
    assert process.stderr is not None
    patience = threading.Timer(120, process.kill)
    patience.start()
    try:
        assert "state.thee" in process.stderr.readline()
        assert "watching" in process.stderr.readline()
        campaign.replace("templates/invitation/en.html", "state.thee", "state.the")
        page = Path(process.stdout.readline().strip())
        assert REFERENCE in page.read_text(encoding="utf-8")
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate()
        patience.cancel()


def test_every_variable_is_listed_with_its_meaning(campaign: CampaignFolder) -> None:
    listed = campaign.ok("variables", "--json").json()
    assert {"recipient.salutation", "state.iso3", "letter.reference", "issues"} <= listed.keys()
    assert all(listed.values())
    printed = campaign.ok("variables").out
    assert all(name in printed for name in listed)


def test_a_reader_that_goes_away_is_no_failure(campaign: CampaignFolder) -> None:
    process = subprocess.run(
        [
            "bash",
            "-o",
            "pipefail",
            "-c",
            '"$@" | head -n 1',
            "-",
            *campaign._command(("variables",)),
        ],
        capture_output=True,
        text=True,
        env=environment(),
        timeout=120,
    )
    assert process.stderr == ""
    assert process.stdout.startswith("recipient.")


def test_json_stands_alone_on_standard_output(generated: CampaignFolder) -> None:
    done = generated.ok("generate", "--json")
    result = json.loads(done.out)
    assert {letter["outcome"] for letter in result["letters"]} == {"unchanged"}
    assert all(Path(letter["file"]).is_file() for letter in result["letters"])


@pytest.mark.slow
def test_a_preview_of_the_sample_from_a_cold_start(tmp_path: Path) -> None:
    sample = CampaignFolder(ROOT)
    done = sample.apart("preview", "presidential", "KEN", "--to", str(tmp_path / "one.pdf"))
    assert done.returncode == 0, done.stderr
