"""The plan and the register -> figures, and the outreach update in a language."""

from outreach_merge.report.counting import make_figures
from outreach_merge.report.figures import Figures
from outreach_merge.report.formats import (
    Report,
    as_html,
    as_json,
    as_markdown,
    page_for_print,
    report_stylesheet,
)
from outreach_merge.report.treaty import disagreements, read_treaty_status
from outreach_merge.report.update import OutreachUpdate, Wording, write_update

__all__ = [
    "Figures",
    "OutreachUpdate",
    "Report",
    "Wording",
    "as_html",
    "as_json",
    "as_markdown",
    "disagreements",
    "make_figures",
    "page_for_print",
    "read_treaty_status",
    "report_stylesheet",
    "write_update",
]
