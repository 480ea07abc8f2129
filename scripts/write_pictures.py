"""Writes the pictures of docs/pictures/ from the sample campaign as it is now."""

from __future__ import annotations

import datetime as dt
import io
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from outreach_merge.campaign import read_campaign
from outreach_merge.pictures import pages_as_png
from outreach_merge.press import Press
from outreach_merge.press.renderer import LetterRenderer, RendererConfig, RenderJob

ROOT = Path(__file__).parents[1]
PICTURES = ROOT / "docs" / "pictures"
DPI = 84
GAP = 14
GROUND = "#9aa3a0"

MONOSPACE = "DejaVuSansMono.ttf"

#: What is typed into the terminal of ``terminal.png``.
TYPED = (
    "init my-campaign",
    "--campaign my-campaign check",
    "--campaign my-campaign generate",
    "--campaign my-campaign generate",
    "--campaign my-campaign preview invitation KENYA",
    "--campaign my-campaign preview invitation KEN --text",
)

#: Picture -> the letters on it, side by side: letter, recipient, language.
SHEETS: dict[str, list[tuple[str, str, str]]] = {
    "letters.png": [
        ("presidential", "KEN", "en"),
        ("presidential", "MAR", "ar"),
        ("presidential", "SGP", "zh"),
    ],
    "languages.png": [
        ("presidential", "COG", "fr"),
        ("presidential", "CUB", "es"),
        ("presidential", "BLR", "ru"),
    ],
    "joint.png": [("ipu-joint", "COL-parliament", "es"), ("ipu-joint", "JOR", "ar")],
}


#: Picture -> letters of which the head and the first lines are shown enlarged, one above the other.
DETAILS: dict[str, list[tuple[str, str, str]]] = {
    "details.png": [
        ("presidential", "COG", "fr"),
        ("presidential", "BLR", "ru"),
        ("presidential", "MAR", "ar"),
        ("presidential", "SGP", "zh"),
    ],
}
#: Part of the page's height that a detail shows.
_DETAIL = (0.03, 0.33)


def first_page(
    press: Press, bench: LetterRenderer, letter: str, recipient: str, language: str, dpi: int = DPI
) -> Image.Image:
    """The letter's first page, without the draft mark."""
    planned = press.find(letter, recipient, language)
    typeset = bench.make(RenderJob(0, planned, keep=True)).typeset
    assert typeset is not None, planned.key
    return Image.open(io.BytesIO(pages_as_png(typeset.pdf, dpi)[0])).convert("RGB")


def details(pages: list[Image.Image]) -> Image.Image:
    """The upper parts of four pages, two by two."""
    cut = [
        page.crop((0, round(page.height * _DETAIL[0]), page.width, round(page.height * _DETAIL[1])))
        for page in pages
    ]
    width, height = cut[0].size
    sheet = Image.new("RGB", (2 * width + 3 * GAP, 2 * height + 3 * GAP), GROUND)
    for number, part in enumerate(cut):
        row, column = divmod(number, 2)
        sheet.paste(part, (GAP + column * (width + GAP), GAP + row * (height + GAP)))
    return sheet


def side_by_side(pages: list[Image.Image]) -> Image.Image:
    width = sum(page.width for page in pages) + GAP * (len(pages) + 1)
    sheet = Image.new("RGB", (width, max(page.height for page in pages) + 2 * GAP), GROUND)
    left = GAP
    for page in pages:
        sheet.paste(page, (left, GAP))
        left += page.width + GAP
    return sheet


def terminal() -> Image.Image:
    """What a newcomer's terminal shows: a new campaign, checked, made, and made again."""
    with tempfile.TemporaryDirectory() as folder:
        lines: list[str] = []
        for command in TYPED:
            lines.append(f"$ outreach-merge {command}")
            done = subprocess.run(
                [sys.executable, "-m", "outreach_merge", *command.split()],
                capture_output=True,
                text=True,
                cwd=folder,
                check=True,
            )
            shown = (done.stdout + done.stderr).replace(f"{Path(folder).resolve()}/", "")
            lines += shown.splitlines()
    font = ImageFont.truetype(MONOSPACE, 15)
    width = max(round(font.getlength(line)) for line in lines) + 40
    picture = Image.new("RGB", (width, 22 * len(lines) + 32), "#17211e")
    draw = ImageDraw.Draw(picture)
    for number, line in enumerate(lines):
        colour = "#e9c46a" if line.startswith("$") else "#dfe6e3"
        draw.text((20, 16 + 22 * number), line, font=font, fill=colour)
    return picture


def _save(picture: Image.Image, name: str) -> None:
    picture.quantize(256, method=Image.Quantize.FASTOCTREE).save(PICTURES / name, optimize=True)


def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    _save(terminal(), "terminal.png")
    campaign = read_campaign(ROOT)
    press = Press(campaign, "docs", lambda: dt.datetime.now(dt.UTC))
    bench = LetterRenderer(RendererConfig(campaign.folder, campaign.settings, campaign.letters))
    for name, letters in SHEETS.items():
        sheet = side_by_side([first_page(press, bench, *letter) for letter in letters])
        _save(sheet, name)
    for name, letters in DETAILS.items():
        _save(details([first_page(press, bench, *letter, dpi=110) for letter in letters]), name)


if __name__ == "__main__":
    main()
