"""Used values that boxes share: margins, paddings, borders and sizes, resolved once.

WeasyPrint resolves twenty percentages for every box, and again each time the box is laid out. Boxes
of one style in containers of one size come to the same values; since styles are shared between
letters (``shared_styles.py``), so are the values, which are kept on the style.

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


@contextmanager
def remember_measures() -> Iterator[None]:
    """Within, used values are taken from the style where it has them."""
    originals = [module.resolve_percentages for module in RESOLVERS]
    for module, original in zip(RESOLVERS, originals, strict=True):
        module.resolve_percentages = _resolver(original)
    try:
        yield
    finally:
        for module, original in zip(RESOLVERS, originals, strict=True):
            module.resolve_percentages = original
