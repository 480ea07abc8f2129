"""Runs planned letters through the stages, many at once; yields outcomes, prints nothing.

What a name needs is loaded when it is asked for: the workers' server starts before all of it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from outreach_merge.press.outcomes import (
        Failed,
        HeldBack,
        Made,
        Outcome,
        Unchanged,
        Withdrawn,
    )
    from outreach_merge.press.press import Press
    from outreach_merge.press.previewer import Previewer
    from outreach_merge.press.selection import Selection

__all__ = [
    "Failed",
    "HeldBack",
    "Made",
    "Outcome",
    "Press",
    "Previewer",
    "Selection",
    "Unchanged",
    "Withdrawn",
]

_ELSEWHERE = {"Press": "press", "Previewer": "previewer", "Selection": "selection"}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = import_module(f"{__name__}.{_ELSEWHERE.get(name, 'outcomes')}")
    found = globals()[name] = getattr(module, name)  # once: some are asked for with every letter
    return found
