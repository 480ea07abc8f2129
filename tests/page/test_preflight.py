"""One fault of each kind: each is found, under its code, and nothing else is."""

from __future__ import annotations

import io
import os
import shlex
import stat
import sys
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from PIL import Image

from folders import ROOT, CampaignFolder, make_folder
from judges import require
from outreach_merge.catalogue import PREFLIGHT
from outreach_merge.preflight.validators import validate

TEXT = "<p>I write to {{ recipient.you }} about {{ state.the }}, as my predecessor did.</p>"
ADDRESS = '{% block address %}<section class="address"><p>LINE</p></section>{% endblock %}'


@dataclass(frozen=True)
class Fault:
    """A letter with one fault in it.

    :param body: the paragraphs; ``before`` stands outside them.
    """

    body: str = TEXT
    before: str = ""
    pages: int = 2
    signatories: tuple[str, ...] = ("ambassador",)
    more: str = ""

    def template(self) -> str:
        return (
            '{% extends "letter.html" %}\n'
            f"{self.before}\n{{% block body %}}\n{self.body}\n{{% endblock %}}\n"
        )

    def definition(self, name: str) -> str:
        signatories = ", ".join(f'"{name}"' for name in self.signatories)
        return (
            f'title = "A fault"\nreference = "{name}/{{id}}"\ndate = 2021-07-27\nplace = "Geneva"\n'
            f'subject = "A matter"\nletterhead = "mission"\nsignatories = [{signatories}]\n'
            f'pages = {self.pages}\n{self.more}\n[recipients]\nkind = ["head_of_state"]\n'
        )


FAULTS = {
    "missing-glyph": Fault(TEXT + "<p>This \u0378 is no character at all.</p>"),
    "font-substituted": Fault(TEXT + "<p>They call it საქართველო there.</p>"),
    "off-page": Fault(
        TEXT + f'<p style="white-space: nowrap">{"This line does not end. " * 9}</p>'
    ),
    "text-overlap": Fault(TEXT + '<p style="margin-top: -18pt">And this stands upon that.</p>'),
    "address-outside-window": Fault(
        before=ADDRESS.replace("LINE", "{{ recipient.name }}<br>" + "A further line<br>" * 8)
    ),
    "too-many-pages": Fault(TEXT * 45, pages=1),
    "signature-alone": Fault(TEXT + '<p style="break-after: page">This was the last of it.</p>'),
    "signature-split": Fault(
        signatories=("ambassador", "second"),
        more='signatures_stand = "below"',
        before="{% block head %}<style>.closing { break-inside: auto }"
        ".signature + .signature { break-before: page }</style>{% endblock %}",
    ),
    "wrong-direction": Fault(
        TEXT + '<p dir="rtl">This sentence is written from the wrong side.</p>'
    ),
    # A note to oneself that was never replaced: the fault is in the letter, not in this file.
    "leftover-marker": Fault(TEXT + "<p>The meeting is on TODO.</p>"),
    "name-missing": Fault(before=ADDRESS.replace("LINE", "The President of {{ state.the }}")),
    "state-missing": Fault(
        "<p>I write to {{ recipient.you }} about your country, as my predecessor did.</p>",
        before=ADDRESS.replace("LINE", "{{ recipient.name }}"),
    ),
    "untranslated": Fault(
        TEXT + "<p>Les parties sont convenues de ce qui suit pour une durée de dix ans.</p>"
    ),
    "doubled-space": Fault(TEXT + "<p>On the 30&nbsp; August they met.</p>"),
    "doubled-punctuation": Fault(TEXT + "<p>They met,, and they parted.</p>"),
    "empty-paragraph": Fault(TEXT + "<p> </p>" + TEXT),
    "coarse-picture": Fault(
        TEXT + '<p><img src="templates/coarse.png" alt="A square" style="width: 40mm"></p>'
    ),
    "picture-undescribed": Fault(TEXT + '<p><img src="templates/fine.svg" style="width: 9mm"></p>'),
    "missing-picture": Fault(TEXT + '<p><img src="templates/none.svg" alt="Nothing"></p>'),
}
#: Found by other programs, or not by the preflight.
ELSEWHERE = {"not-pdf-a", "damaged-file"}
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>'


@pytest.fixture(scope="module")
def problems(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """What one ``check --deep`` says of a campaign with every fault in it."""
    folder = tmp_path_factory.mktemp("faulty") / "campaign"
    campaign = faulty(folder)
    done = campaign("check", "--deep", "--json", "--report", str(folder / "report.html"))
    assert done.code == 3
    found: list[dict[str, Any]] = done.json()
    return found


def faulty(path: Path, without: Collection[str] = ()) -> CampaignFolder:
    """A campaign with a letter for each fault."""
    campaign = make_folder(path, {"state": "KEN", "name": "Uhuru Kenyatta", "gender": "m"})
    for old in (*campaign.path.glob("letters/*"), *campaign.path.glob("templates/*/*")):
        old.unlink()
    settings = campaign.read("campaign.toml")
    (signatory,) = {
        line.split(".")[1].rstrip("]")
        for line in settings.splitlines()
        if line.startswith("[signatories.")
    }
    (letterhead,) = {
        line.split(".")[1].rstrip("]")
        for line in settings.splitlines()
        if line.startswith("[letterheads.")
    }
    campaign.write(
        "campaign.toml",
        settings
        + '\n[signatories.second]\nname = "B. Second"\noffice = "Second Secretary"\n'
        + ("" if "[page]" in settings else '\n[page]\nwindow = "din-5008-b"\n'),
    )
    if "[page]" in settings:
        campaign.replace("campaign.toml", "[page]", '[page]\nwindow = "din-5008-b"')
    for name, fault in FAULTS.items():
        if name in without:
            continue
        definition = fault.definition(name).replace('"mission"', f'"{letterhead}"')
        definition = definition.replace('"ambassador"', f'"{signatory}"')
        campaign.write(f"letters/{name}.toml", definition)
        campaign.write(f"templates/{name}/en.html", fault.template())
    campaign.write("templates/fine.svg", SVG)
    stream = io.BytesIO()
    Image.new("RGB", (60, 60), "green").save(stream, format="PNG")
    campaign.write("templates/coarse.png", stream.getvalue())
    return campaign


def test_every_code_has_its_fault() -> None:
    codes = {kind.code for kind in PREFLIGHT}
    assert FAULTS.keys() - {"missing-picture"} == codes - ELSEWHERE


@pytest.mark.parametrize("code", FAULTS)
def test_a_fault_is_found_and_nothing_else(problems: list[dict[str, Any]], code: str) -> None:
    own = [problem for problem in problems if problem["letter"].startswith(f"{code}/")]
    assert {problem["code"] for problem in own} == {code}
    for problem in own:
        assert problem["message"]
        assert problem["remedy"]
        # Where one goes to mend it: the recipient's cell, or the template.
        in_row = code == "address-outside-window"
        place = "recipients.csv" if in_row else f"templates/{code}/en.html"
        assert (problem["file"], problem["column"]) == (place, "address" if in_row else "")


def test_a_character_of_the_recipients_address_is_looked_for_in_their_row(
    tmp_path: Path,
) -> None:
    campaign = faulty(tmp_path / "campaign", FAULTS.keys() - {"doubled-space"})
    campaign.replace("recipients.csv", "Uhuru Kenyatta", "Uhuru Kenyatt\u0378")
    (problem,) = [
        one
        for one in campaign("check", "--deep", "--jobs", "1", "--json").json()
        if one["code"] == "missing-glyph"
    ]
    assert (problem["file"], problem["row"], problem["column"]) == ("recipients.csv", 2, "address")


def test_a_fault_of_a_template_is_said_once_for_all_its_letters(tmp_path: Path) -> None:
    kenya, ghana = ({"state": state, "kind": "head_of_state"} for state in ("KEN", "GHA"))
    campaign = make_folder(tmp_path / "campaign", kenya, ghana)
    (template,) = campaign.path.glob("templates/*/en.html")
    name = template.relative_to(campaign.path).as_posix()
    campaign.write(name, campaign.read(name).replace("<p>", "<p>They met,, and parted. ", 1))
    done = campaign("check", "--deep", "--jobs", "1")
    assert done.err.count("doubled-punctuation") + done.err.count('",,"') == 1
    assert "and 1 other letter" in done.err


def test_an_error_holds_the_letter_back(tmp_path: Path) -> None:
    campaign = faulty(tmp_path / "campaign")
    done = campaign("generate", "leftover-marker", "doubled-space", "--jobs", "1", "--json")
    outcomes = {one["letter"]: one["outcome"] for one in done.json()["letters"]}
    assert outcomes == {"leftover-marker": "held_back", "doubled-space": "made"}
    assert done.code == 1


def test_the_report_shows_the_pages(tmp_path: Path) -> None:
    campaign = faulty(tmp_path / "campaign", FAULTS.keys() - {"off-page"})
    report = tmp_path / "report.html"
    campaign("check", "--deep", "--jobs", "1", "--report", str(report))
    page = report.read_text(encoding="utf-8")
    assert "off-page" in page
    assert "data:image/png;base64," in page


def test_the_report_is_of_the_deep_check(campaign: CampaignFolder, tmp_path: Path) -> None:
    assert campaign("check", "--report", str(tmp_path / "x.html")).code == 2


# ------------------------------------------------------------------ validators


@pytest.fixture
def verapdf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """veraPDF under the command line it is published with, around the judge that is installed."""
    require("verapdf")
    judge = tmp_path / "judge.py"
    judge.write_text(
        f"import sys; sys.path.insert(0, {str(ROOT / 'tests')!r})\n"
        "from judges.verapdf import validate\n"
        "at = sys.argv.index('--flavour')\n"
        "for path, rules in validate(sys.argv[at + 2:], [sys.argv[at + 1]]).items():\n"
        "    print('FAIL' if rules else 'PASS', path, sys.argv[at + 1])\n"
        "    for rule in rules: print('  FAIL', rule)\n"
    )
    program = tmp_path / "verapdf"
    # Not the interpreter's own path after "#!": it may hold a space.
    command = shlex.join([sys.executable, str(judge)])
    program.write_text(f'#!/bin/sh\nexec {command} "$@"\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("VERAPDF", str(program))


@pytest.mark.slow
@pytest.mark.usefixtures("verapdf")
def test_what_validators_say_is_a_finding(generated: CampaignFolder, tmp_path: Path) -> None:
    good, other = generated.pdfs()[:2]
    bad = tmp_path / "bad.pdf"
    with pikepdf.open(other) as pdf:
        del pdf.Root.MarkInfo
        pdf.save(bad)
    verdicts = validate([good, bad])
    assert good not in verdicts
    assert {finding.code for finding in verdicts[bad]} == {"not-pdf-a"}
    assert any("PDF/UA-1" in finding.message for finding in verdicts[bad])


def test_a_damaged_file_is_a_finding(
    generated: CampaignFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    require("qpdf")
    monkeypatch.delenv("VERAPDF", raising=False)
    whole = generated.pdfs()[0].read_bytes()
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(whole[: len(whole) // 2])
    assert [finding.code for finding in validate([broken])[broken]][-1] == "damaged-file"
    assert os.environ.get("VERAPDF") is None
