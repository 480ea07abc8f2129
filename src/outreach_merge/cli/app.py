"""The Typer application, and the exit code of each error."""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from outreach_merge.cli.context import Context, Interrupted
from outreach_merge.cli.lazy import LazyGroup
from outreach_merge.errors import CampaignError, ExitCode, OutreachError

app = typer.Typer(
    cls=LazyGroup,
    name="outreach-merge",
    help="Letters that must be right: one CSV of recipients, one signed PDF a recipient.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _print_version(requested: bool) -> None:
    if requested:
        from outreach_merge import __version__

        typer.echo(f"outreach-merge {__version__}")
        raise typer.Exit


@app.callback()
def _start(
    ctx: typer.Context,
    campaign: Annotated[
        Path,
        typer.Option("--campaign", "-c", envvar="OUTREACH_CAMPAIGN", help="The campaign's folder."),
    ] = Path(),
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Say what is done.")] = False,
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    logging.basicConfig(
        level=logging.INFO if verbose else logging.ERROR,
        format="%(levelname)s %(name)s: %(message)s",
    )
    ctx.obj = Context(campaign.resolve(), verbose)


def run(arguments: list[str]) -> int:
    """Run one command; returns the exit code. An :class:`OutreachError` prints no traceback."""
    try:
        result = app(arguments, standalone_mode=False)
        if result == ExitCode.INTERRUPTED:  # typer returns it after Ctrl-C
            typer.echo("interrupted; what was finished is kept", err=True)
        return int(result) if isinstance(result, int) else ExitCode.DONE
    except typer.Exit as end:
        return end.exit_code
    except Interrupted as end:
        if str(end):
            typer.echo(str(end), err=True)
        return ExitCode.INTERRUPTED
    except KeyboardInterrupt:
        typer.echo("interrupted", err=True)
        return ExitCode.INTERRUPTED
    except typer.Abort:
        typer.echo("interrupted", err=True)
        return ExitCode.INTERRUPTED
    except CampaignError as error:
        Context(Path.cwd()).show_problems(error.problems)
        typer.echo(f"{error.message}; nothing was made", err=True)
        return error.exit_code
    except OutreachError as error:
        typer.echo(f"error  {error.advice}", err=True)
        return error.exit_code
    except BrokenPipeError:
        # The reader of a pipe has closed it (`| head`): not a failure.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.DONE
    except OSError as error:
        from outreach_merge.files import cannot_write

        typer.echo(f"error  {cannot_write(Path(error.filename or '?'), error).advice}", err=True)
        return ExitCode.MACHINE
    except Exception as error:
        if not hasattr(error, "format_message"):
            raise
        typer.echo(f"error  {error.format_message()}", err=True)  # a usage error of the parser
        return ExitCode.USAGE
