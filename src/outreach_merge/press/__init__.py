"""Runs planned letters through the stages, many at once; yields outcomes, prints nothing."""

from outreach_merge.press.outcomes import Failed, HeldBack, Made, Outcome, Unchanged, Withdrawn
from outreach_merge.press.press import Press
from outreach_merge.press.selection import Selection

__all__ = ["Failed", "HeldBack", "Made", "Outcome", "Press", "Selection", "Unchanged", "Withdrawn"]
