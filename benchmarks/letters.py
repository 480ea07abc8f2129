"""The letters that are measured: a campaign, and the same letters as plain files for the peers."""

from __future__ import annotations

import csv
import datetime as dt
import json
import shutil
from pathlib import Path

from outreach_merge.campaign import read_campaign
from outreach_merge.compose import Composer, plain_text
from outreach_merge.press import Press
from outreach_merge.protocol import Protocol
from outreach_merge.typeset import stylesheets

CAMPAIGN = Path(__file__).parent / "campaign"
_NAMES = {
    "en": (
        "Amara Tomas Ingrid Rafael Mercy Edwin Sofia Viktor Naledi Pita",
        "Okello Lindqvist Moreau Tanaka Haidari Ferreira Novak Banda Kealoha Ortiz",
    ),
    "ar": (
        "سالم ليلى يوسف مريم خالد هدى عمر نادية طارق سعاد",
        "الحداد المنصور النجار القاسم الشريف العمري البكري الهاشمي الفارس الزهراني",
    ),
    "zh": (
        "阿马拉 托马斯 英格丽 拉斐尔 梅西 埃德温 索菲娅 维克托 纳莱迪 皮塔",
        "奥凯洛 林德奎斯特 莫罗 田中 海达里 费雷拉 诺瓦克 班达 凯阿洛哈 奥尔蒂斯",
    ),
}


def make_campaign(folder: Path, counts: dict[str, int]) -> Path:
    """A campaign with so many recipients in each language; every letter is to somebody else."""
    shutil.copytree(CAMPAIGN, folder)
    states = sorted(Protocol.load().states)
    with (folder / "recipients.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "state", "kind", "office", "name", "gender", "language", "status"])
        for language, count in counts.items():
            first, last = (names.split() for names in _NAMES[language])
            between = "·" if language == "zh" else " "
            for n in range(count):
                name = first[n % 10] + between + last[n // 10 % 10]
                writer.writerow(
                    [
                        f"{language}-{n:06}", states[n % len(states)], "head_of_state",
                        "president", name, "fm"[n % 2], language, "not_joined",
                    ]
                )  # fmt: skip
    return folder


def write_for_peers(campaign: Path, folder: Path) -> int:
    """``html/``, ``style.css`` and ``typst/`` with the letters of ``campaign``; returns how many.

    The HTML is the very page that ours is set from; for Typst, which has a language of its own,
    its paragraphs.
    """
    pages = write_pages(campaign, folder)
    (folder / "typst").mkdir()
    for picture in ("emblems/sierra-leone.svg", "signatures/specimen-president.svg"):
        shutil.copy(CAMPAIGN / "templates" / picture, folder / "typst")
    base = f'<base href="{campaign.resolve().as_uri()}/">'
    style = (folder / "style.css").read_text(encoding="utf-8")
    for number, (language, html) in pages.items():
        page = html.replace("</head>", f"{base}<style>{style}</style></head>", 1)
        (folder / "html" / f"{number:06}.html").write_text(page, encoding="utf-8")
        content = {"language": language, "lines": plain_text(html).splitlines()}
        (folder / "typst" / f"{number:06}.json").write_text(
            json.dumps(content, ensure_ascii=False), encoding="utf-8"
        )
    return len(pages)


def write_pages(campaign: Path, folder: Path, every: int = 1) -> dict[int, tuple[str, str]]:
    """``html/<number>.body`` and ``style.css``: the HTML that ours is set from, for a plain loop.

    :param every: write one letter in so many.
    :returns: number -> language and HTML of each letter that was written.
    """
    read = read_campaign(campaign)
    press = Press(read, "benchmark", lambda: dt.datetime(2021, 7, 27, tzinfo=dt.UTC))
    composer = Composer(campaign, read.settings, read.letters, read.protocol)
    (folder / "html").mkdir(parents=True)
    style = "\n".join(stylesheets(campaign, read.settings))
    (folder / "style.css").write_text(style, encoding="utf-8")
    pages = {
        number: (planned.language, composer.compose(planned).html)
        for number, planned in enumerate(press.plan.planned)
        if number % every == 0
    }
    for number, (_, html) in pages.items():
        (folder / "html" / f"{number:06}.body").write_text(html, encoding="utf-8")
    return pages
