"""The stylesheets of a campaign, in the order in which they are read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from outreach_merge.definitions import CampaignSettings, Page, Window

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
    if page.window is not Window.NONE:
        yield (LAYOUT / "window.css").read_text(encoding="utf-8")
        yield f":root{{{_WINDOWS[page.window]}}}"
    variables = "".join(f"--{name}:{value};" for name, value in page.variables.items())
    yield f":root{{{variables}}}@page{{size:{page.size}}}"
    own = folder / "templates" / "letter.css"
    if own.is_file():
        yield own.read_text(encoding="utf-8")


def _window(left: float, top: float, width: float, height: float) -> str:
    """Where the address shows, in millimetres from the paper's upper left corner.

    Reference and date stand on the other side.
    """
    beside = "auto" if left < 100 else "0"
    return (
        f"--window-left:{left}mm;--window-top:{top}mm;"
        f"--window-width:{width}mm;--window-height:{height}mm;--particulars-left:{beside};"
    )


#: The part of the window that shows in every position of the folded sheet within the envelope.
_WINDOWS = {
    # DIN 5008:2020, forms A and B: field of 85 x 45 mm, 20 mm from the left edge of the paper,
    # 27 or 45 mm from its top; the lowest 27.3 mm are the zone of the address, above it stands
    # the zone of remarks. We use the text's inset of 5 mm and 17.7 mm of remarks at most.
    Window.DIN_5008_A: _window(25, 29, 75, 41),
    Window.DIN_5008_B: _window(25, 47, 75, 41),
    # C5/6 and DL, A4 folded in three: window of 45 x 90 mm, 20 mm from one side and 15 mm from the
    # foot of the envelope (EN 13619 allows the sheet 11 mm of play upwards and 13 mm sideways).
    Window.C5_6_LEFT: _window(33, 52, 75, 33),
    Window.C5_6_RIGHT: _window(105, 52, 78, 33),
}
