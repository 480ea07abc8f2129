"""The stylesheets of a campaign, in the order in which they are read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from outreach_merge.definitions import CampaignSettings, Page

LAYOUT = Path(__file__).parent.parent / "layout"


def stylesheets(folder: Path, settings: CampaignSettings) -> list[str]:
    """The program's stylesheet, the campaign's variables, the campaign's own stylesheet."""
    return list(_stylesheets(folder, settings.page))


def tighter(scale: float) -> str:
    """A stylesheet that sets the text smaller.

    :param scale: 1 is the size the campaign asks for.
    """
    return f":root{{--fit:{scale:g}}}"


def _stylesheets(folder: Path, page: Page) -> Iterator[str]:
    yield (LAYOUT / "letter.css").read_text(encoding="utf-8")
    window = page.window.area_mm
    if window is not None:
        yield (LAYOUT / "window.css").read_text(encoding="utf-8")
        yield _window(window)
    variables = "".join(f"--{name}:{value};" for name, value in page.variables.items())
    yield f":root{{{variables}}}@page{{size:{page.size}}}"
    own = folder / "templates" / "letter.css"
    if own.is_file():
        yield own.read_text(encoding="utf-8")


def _window(area_mm: tuple[float, float, float, float]) -> str:
    """The variables of ``window.css``; reference and date stand on the window's other side."""
    left, top, width, height = area_mm
    beside = "calc(100% - 70mm)" if left < _MIDDLE_MM else "0"
    return (
        f":root{{--window-left:{left:g}mm;--window-top:{top:g}mm;--window-width:{width:g}mm;"
        f"--window-height:{height:g}mm;--particulars-left:{beside}}}"
    )


#: Of A4 and US Letter, roughly.
_MIDDLE_MM = 100
