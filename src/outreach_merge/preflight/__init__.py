"""What must be true of a letter before anyone signs it.

Cheap enough for every letter that is made: it reads the composed page's words and what the
typesetter knows of the pages, and not the PDF. The codes: ``catalogue.PREFLIGHT``.
"""

from __future__ import annotations

from dataclasses import replace

from outreach_merge.model import ComposedLetter, Problem
from outreach_merge.page_geometry import DocumentGeometry
from outreach_merge.preflight.expectations import Expectations
from outreach_merge.preflight.pages import page_findings
from outreach_merge.preflight.words import word_findings

__all__ = ["Expectations", "inspect"]


def inspect(
    composed: ComposedLetter, sheets: DocumentGeometry, expected: Expectations
) -> tuple[Problem, ...]:
    """Everything that is wrong with a letter just set; an ``error`` holds it back."""
    findings = (*page_findings(sheets, expected), *word_findings(composed.html, expected))
    return tuple(replace(finding, letter=composed.planned.key) for finding in findings)
