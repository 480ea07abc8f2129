"""Checks of a typeset letter before it is signed.

In: the composed HTML and the geometry of the pages, not the PDF, so that a check takes a few
milliseconds. Out: problems; their codes are ``catalogue.PREFLIGHT``.
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
    composed: ComposedLetter, document: DocumentGeometry, expected: Expectations
) -> tuple[Problem, ...]:
    """The problems of a typeset letter; an ``error`` holds it back.

    :param document: the geometry of its pages, as the typesetter returned it.
    :param expected: what the letter must contain.
    """
    findings = (*page_findings(document, expected), *word_findings(composed.html, expected))
    return tuple(replace(finding, letter=composed.planned.key) for finding in findings)
