"""Composed -> typeset letter. The only room that knows WeasyPrint.

WeasyPrint is loaded when a typesetter is asked for, not when the styles are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from outreach_merge.typeset.styles import stylesheets

if TYPE_CHECKING:
    from outreach_merge.typeset.typesetter import (
        Attached,
        TypesetDocument,
        TypesetResult,
        Typesetter,
        warm_up,
    )

__all__ = ["Attached", "TypesetDocument", "TypesetResult", "Typesetter", "stylesheets", "warm_up"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from outreach_merge.typeset.weasyprint_internals import library_loading

    library_loading.load()
    from outreach_merge.typeset import typesetter

    found = globals()[name] = getattr(typesetter, name)
    return found
