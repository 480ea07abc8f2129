"""The options for pass phrases, which are never arguments."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from outreach_merge.errors import UsageError

if TYPE_CHECKING:
    from outreach_merge.sign.passphrase import Passphrases, Secret

PassphraseFd = Annotated[
    int | None,
    typer.Option(
        "--passphrase-fd",
        min=0,
        help="Read pass phrases from this file descriptor: one line for all, or one each.",
    ),
]
Keyring = Annotated[
    bool, typer.Option("--keyring", help="Ask the system's keyring for pass phrases.")
]


def passphrases_from(
    descriptor: int | None, keyring: bool = False, *, ask: bool = True
) -> Passphrases:
    """The sources of pass phrases; those in the environment are removed from it.

    Call it before any process is started, so that none inherits pass phrases.

    :param descriptor: file descriptor to read pass phrases from.
    :param ask: prompt for them too, when there is a terminal.

    :raises UsageError: when the descriptor cannot be read.
    """
    from outreach_merge.sign.passphrase import Passphrases, read_descriptor

    try:
        lines = [] if descriptor is None else read_descriptor(descriptor)
    except (OSError, UnicodeDecodeError):
        raise UsageError(
            f"the file descriptor {descriptor} cannot be read.",
            "Open it in the shell: outreach-merge sign --passphrase-fd 3 3< FILE",
        ) from None
    return Passphrases(
        lines=lines,
        environ=os.environ,
        keyring=keyring,
        prompt=_ask if ask and sys.stdin.isatty() else None,
    )


def _ask(signatory: str, attempt: int) -> Secret | None:
    from outreach_merge.sign.passphrase import Secret

    if attempt > 1:
        typer.echo("That does not open the key.", err=True)
    return Secret(
        typer.prompt(f"Pass phrase for the key of {signatory}", hide_input=True, err=True)
    )
