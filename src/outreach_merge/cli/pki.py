"""``pki``: keys for samples and tests."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from outreach_merge.cli.context import Context, context_of
from outreach_merge.cli.passphrases import PassphraseFd, passphrases_from
from outreach_merge.errors import UsageError

if TYPE_CHECKING:
    from outreach_merge.sign.passphrase import Secret

app = typer.Typer(
    name="pki", help="Keys for samples and tests.", no_args_is_help=True, rich_markup_mode=None
)


@app.callback()
def _pki() -> None:
    """Keys for samples and tests."""


@app.command("specimen")
def specimen(
    ctx: typer.Context,
    folder: Annotated[
        Path | None, typer.Argument(help="Where to; default: pki/ in the campaign's folder.")
    ] = None,
    passphrase_fd: PassphraseFd = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Make a throw-away authority and a key for each signatory; every name says SPECIMEN."""
    from outreach_merge.sign.specimen import write_specimen_pki

    context = context_of(ctx)
    where = folder or context.folder / "pki"
    signatories = _signatories(context)
    secret = _new_passphrase(passphrase_fd)
    try:
        files = write_specimen_pki(where, signatories, secret, now=dt.datetime.now(dt.UTC))
    except FileExistsError as error:
        raise UsageError(f"{error}.", "Name another folder, or remove the old keys.") from None
    if as_json:
        context.print_json(
            {
                "authority": str(files.authority),
                "keys": {name: str(path) for name, path in files.keys.items()},
                "certificates": {name: str(path) for name, path in files.certificates.items()},
            }
        )
        return
    for path in (files.authority, *files.keys.values(), *files.certificates.values()):
        typer.echo(f"  {path}")
    typer.echo("For campaign.toml:\n")
    typer.echo(f'[signing]\ntrust = ["{_relative(context, files.authority)}"]')
    for name, path in files.keys.items():
        typer.echo(f'\n[signing.keys.{name}]\nkey = "{_relative(context, path)}"')


def _signatories(context: Context) -> dict[str, str]:
    """The campaign's signatories; outside a campaign, two specimens."""
    from outreach_merge.campaign import SETTINGS_FILE, read_settings

    if not (context.folder / SETTINGS_FILE).is_file():
        return {"first": "First signatory", "second": "Second signatory"}
    settings = read_settings(context.folder)
    return {
        key: next(
            (
                text
                for language in ("en", *settings.fallback_languages, *settings.languages)
                if (text := signatory.name.get(language))
            ),
            key,
        )
        for key, signatory in settings.signatories.items()
    }


def _new_passphrase(descriptor: int | None) -> Secret:
    """:raises UsageError: no pass phrase is given and there is no terminal."""
    from outreach_merge.sign.passphrase import Secret

    given = next(passphrases_from(descriptor, ask=False).candidates("specimen"), None)
    if given is not None:
        return given
    if not sys.stdin.isatty():
        raise UsageError(
            "the new keys need a pass phrase.",
            "Set OUTREACH_PASSPHRASE, or give it through --passphrase-fd.",
        )
    return Secret(
        typer.prompt("New pass phrase", hide_input=True, confirmation_prompt=True, err=True)
    )


def _relative(context: Context, path: Path) -> str:
    resolved = path.resolve()
    inside = resolved.is_relative_to(context.folder)
    return (resolved.relative_to(context.folder) if inside else resolved).as_posix()
