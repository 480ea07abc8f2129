"""CSV, XLSX or ODS -> recipients, and everything that is wrong with the file."""

from outreach_merge.recipients.rows import COLUMNS, RecipientsFile, read_recipients
from outreach_merge.recipients.table import SourceTable, read_table

__all__ = ["COLUMNS", "RecipientsFile", "SourceTable", "read_recipients", "read_table"]
