"""Planned letter -> composed letter (HTML), with Jinja; no other package imports it."""

from outreach_merge.compose.composer import Composer
from outreach_merge.compose.documents import Documents
from outreach_merge.compose.faults import ComposeError
from outreach_merge.compose.text import plain_text
from outreach_merge.compose.variables import reference

__all__ = ["ComposeError", "Composer", "Documents", "plain_text", "reference"]
