"""Writes the pictures of docs/pictures/ from the sample campaign as it is now."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path

from PIL import Image

from outreach_merge.campaign import read_campaign
from outreach_merge.pictures import pages_as_png
from outreach_merge.press import Press
from outreach_merge.press.bench import Bench, BenchPlan

ROOT = Path(__file__).parents[1]
PICTURES = ROOT / "docs" / "pictures"
DPI = 84
GAP = 14
GROUND = "#9aa3a0"

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


def first_page(
    press: Press, bench: Bench, letter: str, recipient: str, language: str
) -> Image.Image:
    """The letter's first page, without the draft mark."""
    typeset = bench.typeset(bench.compose(press.find(letter, recipient, language)))
    return Image.open(io.BytesIO(pages_as_png(typeset.pdf, DPI)[0])).convert("RGB")


def side_by_side(pages: list[Image.Image]) -> Image.Image:
    width = sum(page.width for page in pages) + GAP * (len(pages) + 1)
    sheet = Image.new("RGB", (width, max(page.height for page in pages) + 2 * GAP), GROUND)
    left = GAP
    for page in pages:
        sheet.paste(page, (left, GAP))
        left += page.width + GAP
    return sheet


def main() -> None:
    campaign = read_campaign(ROOT)
    press = Press(campaign, "docs", lambda: dt.datetime.now(dt.UTC))
    bench = Bench(BenchPlan(campaign.folder, campaign.settings, campaign.letters))
    for name, letters in SHEETS.items():
        sheet = side_by_side([first_page(press, bench, *letter) for letter in letters])
        sheet.quantize(64).save(PICTURES / name, optimize=True)


if __name__ == "__main__":
    main()
