"""``log``: record what happened to letters, show it, export it, verify it.

One file for each command. The database is imported only when a command runs, so that ``--help`` and
usage errors are fast.
"""

from __future__ import annotations

import typer

from outreach_merge.cli.log.export import export_log
from outreach_merge.cli.log.record import record
from outreach_merge.cli.log.show import show
from outreach_merge.cli.log.verify_register import verify

app = typer.Typer(
    name="log",
    help="The dispatch register: record, show, export, verify.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.command("record")(record)
app.command("show")(show)
app.command("export")(export_log)
app.command("verify")(verify)
