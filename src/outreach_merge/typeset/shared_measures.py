"""Measures that boxes share: margins, paddings, borders, sizes and line heights, found once.

WeasyPrint resolves twenty percentages for every box, and again each time the box is laid out. Boxes
of one style in containers of one size come to the same values; since styles are shared between
letters (``shared_styles.py``), so are the values, which are kept on the style. So is the height of
a line (the strut).

As ``shared_lines.py`` does, this replaces functions of WeasyPrint for as long as a letter is set,
and ``tests/typeset`` compares pages set with it and without.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from weasyprint.formatting_structure.boxes import Box, PageBox
from weasyprint.layout import absolute, block, column, float, grid, inline, table

#: The modules that resolve percentages of boxes; pages and their margins are few.
RESOLVERS = (absolute, block, column, float, grid, inline, table)
_SIDES = ("top", "right", "bottom", "left")
#: What ``resolve_percentages`` sets on a box.
_USED = (
    *(f"margin_{side}" for side in _SIDES),
    *(f"padding_{side}" for side in _SIDES),
    *(f"border_{side}_width" for side in _SIDES),
    *(f"{least}{axis}" for least in ("", "min_", "max_") for axis in ("width", "height")),
)  # fmt: skip
#: Positions of what stands where the text puts it (CSS 2, 9.3).
_IN_FLOW = frozenset({"static", "relative"})
#: Containers of different sizes that one style is kept for.
_MOST = 64


def _resolver(original: Callable[[Any, Any], None]) -> Callable[[Any, Any], None]:
    def resolve_percentages(box: Any, containing_block: Any) -> None:
        style = box.style
        # Borders of a table that collapse are the box's own.
        if isinstance(box, PageBox) or style["border_collapse"] == "collapse":
            original(box, containing_block)
            return
        if isinstance(containing_block, Box):
            size = containing_block.width, containing_block.height
        else:
            size = tuple(containing_block)
        known = style.__dict__.setdefault("_used_values", {})
        values = known.get(size)
        if values is not None:
            box.__dict__.update(values)
            return
        original(box, containing_block)
        if len(known) >= _MOST:
            known.clear()
        known[size] = {name: getattr(box, name) for name in _USED}

    return resolve_percentages


def _strut(original: Callable[[Any], tuple[float, float]]) -> Callable[[Any], tuple[float, float]]:
    def strut(style: Any) -> tuple[float, float]:
        known: tuple[float, float] | None = style.__dict__.get("_known_strut")
        if known is None:
            known = style._known_strut = original(style)
        return known

    return strut


def is_in_normal_flow(box: Any) -> bool:
    """What ``Box.is_in_normal_flow`` asks in five questions, in one."""
    return box.style["float"] == "none" and box.style["position"] in _IN_FLOW


@contextmanager
def remember_measures() -> Iterator[None]:
    """Within, used values are taken from the style where it has them."""
    replaced: list[tuple[Any, str, Any]] = [
        *(
            (place, "resolve_percentages", _resolver(place.resolve_percentages))
            for place in RESOLVERS
        ),
        (inline, "strut", _strut(inline.strut)),
        (Box, "is_in_normal_flow", is_in_normal_flow),
    ]
    originals = [getattr(place, name) for place, name, _ in replaced]
    for place, name, ours in replaced:
        setattr(place, name, ours)
    try:
        yield
    finally:
        for (place, name, _), original in zip(replaced, originals, strict=True):
            setattr(place, name, original)
