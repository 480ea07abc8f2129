"""Composed -> typeset letter. The only room that knows WeasyPrint."""

from outreach_merge.typeset.styles import stylesheets
from outreach_merge.typeset.typesetter import Attached, SetLetter, TypesetDocument, Typesetter

__all__ = ["Attached", "SetLetter", "TypesetDocument", "Typesetter", "stylesheets"]
