"""The dispatch log: the register's events as rows, and the files they are exported to.

One row is one revision of a letter: a letter that left the office stays a row of its own for
ever, even where a later revision takes its place.
"""

from outreach_merge.dispatch_log.columns import (
    EVENT_COLUMNS,
    LETTER_COLUMNS,
    ExportTable,
    dictionary,
    events_table,
    letters_table,
)
from outreach_merge.dispatch_log.export_formats import Format, export
from outreach_merge.dispatch_log.lines import DispatchLog, Line, make_log, overdue

__all__ = [
    "EVENT_COLUMNS",
    "LETTER_COLUMNS",
    "DispatchLog",
    "ExportTable",
    "Format",
    "Line",
    "dictionary",
    "events_table",
    "export",
    "letters_table",
    "make_log",
    "overdue",
]
