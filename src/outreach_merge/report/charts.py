"""Charts as SVG, drawn with svg.py.

A chart contains shapes, digits and ISO codes only. Words are set beside it by the page, because the
letters of an SVG are placed one by one, which breaks Arabic. The title is the alternative text.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path

import svg

from outreach_merge.model import Status
from outreach_merge.report.figures import DeliveryRoute

_TILES = Path(__file__).with_name("tiles.csv")

#: From dark to light, so that the order is visible in black and white.
WAY_COLOURS: Mapping[str, str] = {
    DeliveryRoute.HANDED_OVER.value: "#1d4d3a",
    DeliveryRoute.THROUGH.value: "#6d9a83",
    DeliveryRoute.OTHERWISE.value: "#d8c48a",
    DeliveryRoute.NOT_SENT.value: "#ececec",
}
STATUS_COLOURS: Mapping[str, str] = {
    Status.PARTY.value: "#1d4d3a",
    Status.SIGNATORY.value: "#6d9a83",
    Status.NOT_JOINED.value: "#d8c48a",
}
PARTY_TILE = "#f4f1e8"
OTHER_TILE = "#ffffff"
_RULE = "#b9a46a"
_INK = "#111111"
_LIGHT = "#ffffff"
_QUIET = "#4a4a4a"
_DARK_COLOURS = frozenset({"#1d4d3a"})
_CAP_HEIGHT = 0.33  # of the size of the type: how far below the middle its baseline stands


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its segments from the inside out, each with its colour."""

    segments: tuple[tuple[int, str], ...]

    @property
    def total(self) -> int:
        return sum(count for count, _ in self.segments)


@dataclass(frozen=True, slots=True)
class Style:
    """What charts of one page have in common.

    :param font: families of the digits, as CSS names them.
    :param rtl: bars and years run from right to left.
    """

    font: str
    rtl: bool = False


class _Sheet:
    """An SVG in millimetres; mirrored for scripts that run from right to left."""

    def __init__(self, width: float, height: float, alt: str, style: Style, mirror: bool) -> None:
        self._width, self._height, self._alt, self._style = width, height, alt, style
        self._mirror = mirror
        self._elements: list[svg.Element] = []

    def rect(
        self, x: float, y: float, width: float, height: float, fill: str, stroke: str = "none"
    ) -> None:
        x = self._width - x - width if self._mirror else x
        self._elements.append(
            svg.Rect(
                x=_r(x), y=_r(y), width=_r(width), height=_r(height),
                fill=fill, stroke=stroke, stroke_width=0.15 if stroke != "none" else None,
            )
        )  # fmt: skip

    def text(
        self, x: float, y: float, text: str, size: float, fill: str = _INK, anchor: str = "middle"
    ) -> None:
        """Digits or a code; ``y`` is the middle of the line."""
        if self._mirror:
            x = self._width - x
            anchor = {"start": "end", "end": "start"}.get(anchor, anchor)
        self._elements.append(
            svg.Text(
                x=_r(x), y=_r(y + size * _CAP_HEIGHT), text=escape(text), fill=fill,
                font_size=size, font_family=self._style.font,
                text_anchor=anchor,  # type: ignore[arg-type]
            )
        )  # fmt: skip

    def line(self, x1: float, y1: float, x2: float, y2: float) -> None:
        if self._mirror:
            x1, x2 = self._width - x1, self._width - x2
        self._elements.append(
            svg.Line(x1=_r(x1), y1=_r(y1), x2=_r(x2), y2=_r(y2), stroke=_RULE, stroke_width=0.2)
        )

    def __str__(self) -> str:
        title = svg.Title(text=escape(self._alt))
        drawing = svg.SVG(
            width=svg.Length(_r(self._width), "mm"),
            height=svg.Length(_r(self._height), "mm"),
            viewBox=svg.ViewBoxSpec(0, 0, _r(self._width), _r(self._height)),
            elements=[title, *self._elements],
            # Digits run from left to right, and anchors mean left and right, in every script.
            extra={"role": "img", "direction": "ltr"},
        )
        return str(drawing)


def _r(value: float) -> float:
    return round(value, 2)


def bars(
    rows: Sequence[Bar], style: Style, *, alt: str, width: float, row_height: float, most: int = 0
) -> str:
    """Horizontal bars, one a row of ``row_height`` mm; the total stands behind each.

    :param most: what the full width stands for, where several charts share a scale.
    """
    sheet = _Sheet(width, max(1, len(rows)) * row_height, alt, style, style.rtl)
    size = row_height * 0.52
    scale = (width - 3 * size) / max(most or max((row.total for row in rows), default=1), 1)
    for number, row in enumerate(rows):
        top, x = number * row_height + row_height * 0.14, 0.0
        height, middle = row_height * 0.72, number * row_height + row_height / 2
        for count, colour in row.segments:
            length = count * scale
            sheet.rect(x, top, length, height, colour)
            if count != row.total and length > len(str(count)) * size * 0.62 + 1:
                ink = _LIGHT if colour in _DARK_COLOURS else _INK
                sheet.text(x + length / 2, middle, str(count), size * 0.86, ink)
            x += length
        sheet.text(x + 0.9, middle, str(row.total), size, _INK, "start")
    sheet.line(0, 0, 0, max(1, len(rows)) * row_height)
    return str(sheet)


def timeline(
    joined: Mapping[int, int], style: Style, *, alt: str, width: float, height: float
) -> str:
    """A column a year: parties at its beginning, and on top of them those that joined in it."""
    sheet = _Sheet(width, height, alt, style, style.rtl)
    size, foot, head = 2.9, 4.6, 4.2
    step = width / max(len(joined), 1)
    wide = min(step * 0.62, 14.0)
    scale = (height - foot - head) / max(sum(joined.values()), 1)
    before, ground = 0, height - foot
    for number, (year, new) in enumerate(joined.items()):
        x, middle = number * step + (step - wide) / 2, number * step + step / 2
        top = ground - (before + new) * scale
        sheet.rect(x, ground - before * scale, wide, before * scale, STATUS_COLOURS["not_joined"])
        sheet.rect(x, top, wide, new * scale, STATUS_COLOURS["party"])
        sheet.text(middle, top - 1.9, str(before + new), size)
        if not before:
            pass  # the total above shows it
        elif new * scale > size:
            sheet.text(middle, top + new * scale / 2, f"+{new}", size * 0.88, _LIGHT)
        elif new:
            sheet.text(middle, top + new * scale + size * 0.75, f"+{new}", size * 0.88)
        sheet.text(middle, ground + 2.6, str(year), size, _QUIET)
        before += new
    sheet.line(0, ground, width, ground)
    return str(sheet)


@cache
def tile_positions() -> Mapping[str, tuple[int, int]]:
    """State -> column and row of its tile."""
    with _TILES.open(encoding="utf-8", newline="") as file:
        return {row["state"]: (int(row["column"]), int(row["row"])) for row in csv.DictReader(file)}


def tile_map(
    received: Mapping[str, str], status: Mapping[str, str], style: Style, *, alt: str, width: float
) -> str:
    """One tile a state, coloured by the way in which a letter reached it.

    :param received: state -> way; a state that is missing received nothing.
    :param status: state -> status, of the states that are shown.
    """
    positions = {state: where for state, where in tile_positions().items() if state in status}
    columns = max((column for column, _ in tile_positions().values()), default=0) + 1
    rows = max((row for _, row in tile_positions().values()), default=0) + 1
    tile = width / columns
    sheet = _Sheet(width, rows * tile, alt, style, mirror=False)  # a map is not mirrored
    gap = tile * 0.05
    for state, (column, row) in sorted(positions.items()):
        way = received.get(state)
        party = status[state] == Status.PARTY
        fill = WAY_COLOURS[way] if way else PARTY_TILE if party else OTHER_TILE
        ink = _LIGHT if fill in _DARK_COLOURS else _INK if way else _QUIET
        stroke = "none" if way or party else _RULE
        x, y = column * tile, row * tile
        sheet.rect(x + gap, y + gap, tile - 2 * gap, tile - 2 * gap, fill, stroke)
        sheet.text(x + tile / 2, y + tile / 2, state, tile * 0.36, ink)
    return str(sheet)
