"""Fonts cut to what a campaign can show."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from outreach_merge.definitions import CampaignSettings
from outreach_merge.font_subsets import FontSubsets, subset_fonts
from outreach_merge.model import Recipient

_PACKAGE = Path(__file__).parent.parent
_TEXTS = (".html", ".toml", ".csv", ".po")


def campaign_fonts(
    folder: Path, settings: CampaignSettings, recipients: Iterable[Recipient]
) -> FontSubsets | None:
    """The fonts for all letters of a campaign; ``None`` when none is worth cutting.

    The characters are those of everything a letter can be made from, whichever letters are made:
    so a letter's file is the same alone and among others.
    """
    from outreach_merge.typeset import stylesheets

    return subset_fonts(
        stylesheets(folder, settings), _texts(folder, settings, recipients), cache_folder()
    )


def cache_folder() -> Path:
    """Where cut fonts are kept: a folder of the user's that may be removed at any time."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "outreach-merge" / "fonts"


def _texts(
    folder: Path, settings: CampaignSettings, recipients: Iterable[Recipient]
) -> Iterator[str]:
    yield settings.model_dump_json()
    for place in (folder / "templates", folder / "letters", folder / "languages"):
        yield from _files_below(place)
    for language in settings.languages:
        yield from _files_below(_PACKAGE / "protocol" / "languages" / language)
    yield from _files_below(_PACKAGE / "layout")
    for one in recipients:
        cells = (*one.names, *one.address, one.body, one.city, *one.localized.values())
        yield "".join((*cells, *one.extra.values()))


def _files_below(folder: Path) -> Iterator[str]:
    for path in sorted(folder.rglob("*")):
        if path.suffix in _TEXTS and path.is_file():
            yield path.read_text(encoding="utf-8", errors="replace")
