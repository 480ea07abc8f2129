"""Errors of signing, each with a remedy."""

from __future__ import annotations

from outreach_merge.errors import ExitCode, SigningError


class NotOurLetter(SigningError):
    """The PDF is not one this program prepared for signing."""

    def __init__(self, message: str) -> None:
        super().__init__(message, "Sign the file that `outreach-merge generate` made.")


class AlreadySigned(SigningError):
    """The signatory has signed this letter already, or everybody has."""


class OutOfTurn(SigningError):
    """Somebody who signs before this signatory has not signed yet."""


class ChangedBeforeSigning(SigningError):
    """The letter was changed after an earlier signature; a further one would hide that."""


class KeyNotUsable(SigningError):
    """The key file cannot be read, or its key and certificate do not belong together."""


class CertificateNotUsable(SigningError):
    """The certificate has expired, is not valid yet, or is not for signing documents."""


class PassphraseWrong(SigningError):
    """The pass phrase does not open the key."""


class PassphraseMissing(SigningError):
    """The key is encrypted and no source has a pass phrase for it."""


class TokenNotUsable(SigningError):
    """The token is absent, or holds no key or several keys of that name."""

    exit_code = ExitCode.MACHINE


class TimestampUnavailable(SigningError):
    """The time-stamp server did not answer in time, or not with a time stamp."""

    exit_code = ExitCode.MACHINE


def passphrase_missing(signatory: str) -> PassphraseMissing:
    variable = f"OUTREACH_PASSPHRASE_{signatory.upper().replace('-', '_')}"
    return PassphraseMissing(
        f"the key of {signatory} is locked and there is no pass phrase for it",
        f"Run the command on a terminal, or set {variable}, or use --passphrase-fd or --keyring.",
    )


def passphrase_wrong(signatory: str) -> PassphraseWrong:
    return PassphraseWrong(
        f"the pass phrase does not open the key of {signatory}",
        "Nothing was signed with it. Try again with the right one.",
    )
