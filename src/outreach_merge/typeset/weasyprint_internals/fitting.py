"""Decides from a letter's pages whether a slightly smaller type can save one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from outreach_merge.typeset.weasyprint_internals.box_reader import (
    flowing,
    height_in_use,
    page_area_height,
)

#: What a smaller type gains in height, as a share of the text's: lines are lower, and fewer.
_GAIN = 2.2
#: Values of ``break-before`` that begin a page (CSS Fragmentation 3, section 3.1).
_BEGINS_PAGE = frozenset({"page", "left", "right", "recto", "verso"})


def can_save_page(pages: Sequence[Any], scale: float) -> bool:
    """Whether it is worth while to lay the letter out again in a smaller type.

    Only text that runs on from one page to the next can draw back by a page; what begins a page,
    as an annex does, keeps it.

    :param pages: WeasyPrint's pages, laid out.
    :param scale: the smaller size; 1 is the size that the campaign asks for.
    """
    return scale < 1 and any(
        len(section) > 1 and _excess(section) <= _gain(section, scale)
        for section in _sections(pages)
    )


def _excess(section: Sequence[Any]) -> float:
    """What the last page holds beyond the room that the one before has left (CSS pixels)."""
    *_, full, last = section
    return height_in_use(last) - (page_area_height(full) - height_in_use(full))


def _gain(section: Sequence[Any], scale: float) -> float:
    return (1 - scale) * _GAIN * sum(map(height_in_use, section))


def _sections(pages: Sequence[Any]) -> list[list[Any]]:
    """The pages, parted where a page begins because the stylesheet says so."""
    sections: list[list[Any]] = []
    earlier: set[Any] = set()
    for page in pages:
        if not sections or _is_forced(page, earlier):
            sections.append([])
        sections[-1].append(page)
        earlier = {box.element for box in flowing(page._page_box)}
    return sections


def _is_forced(page: Any, earlier: set[Any]) -> bool:
    """Whether the first box on the page that is not on the page before asks for a page.

    :param earlier: the elements on the page before: one that is there goes on here.
    """
    return any(
        box.style["break_before"] in _BEGINS_PAGE and box.element not in earlier
        for box in _first_boxes(page._page_box)
    )


def _first_boxes(box: Any) -> Iterator[Any]:
    """The first box in the flow of ``box``, the first within that, and so on."""
    while True:
        found = next((child for child in flowing(box, deep=False)), None)
        if found is None:
            return
        yield found
        box = found
