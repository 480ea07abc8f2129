"""``verify``: the signatures of a file, and whether the register knows it."""

from __future__ import annotations

import datetime as dt
import logging
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from outreach_merge.cli.context import Context, context_of
from outreach_merge.errors import ExitCode, SigningError, UsageError

if TYPE_CHECKING:
    from cryptography import x509

    from outreach_merge.campaign import Campaign
    from outreach_merge.press.verification import RegisteredFile, Verifier
    from outreach_merge.sign.verdicts import SignatureVerdict


def verify(
    ctx: typer.Context,
    files: Annotated[list[Path], typer.Argument(help="PDF files.")],
    trust: Annotated[
        list[Path] | None,
        typer.Option("--trust", help="Certificate of an authority, PEM or DER; repeatable."),
    ] = None,
    crl: Annotated[
        list[Path] | None,
        typer.Option("--crl", help="Revocation list of an authority, PEM or DER; repeatable."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Say whose signatures are on a file, whether it is whole, and whether the register
    knows it."""
    # The library's messages on a damaged file are in the verdict.
    logging.getLogger("pyhanko").setLevel(logging.CRITICAL)
    logging.getLogger("pyhanko_certvalidator").setLevel(logging.CRITICAL)
    context = context_of(ctx)
    with ExitStack() as stack:
        verifier = _verifier(context, trust or [], crl or [], stack)
        found = [(path, _verify(verifier, path)) for path in files]
    if as_json:
        context.print_json([_as_json(path, known) for path, known in found])
    else:
        for path, known in found:
            _show(context, path, known)
    whole = all(known.verdict.ok for _, known in found)
    raise typer.Exit(ExitCode.DONE if whole else ExitCode.VERIFICATION)


def _verifier(context: Context, trust: list[Path], crl: list[Path], stack: ExitStack) -> Verifier:
    """A verifier that uses the campaign's register and authorities if there is a campaign."""
    from outreach_merge.press.verification import Verifier
    from outreach_merge.register import Register, RegisterMissing
    from outreach_merge.sign.certificates import read_certificates, read_crl

    now = dt.datetime.now(dt.UTC)
    try:
        crls = [read_crl(path) for path in crl]
        named = [certificate for path in trust for certificate in read_certificates(path)]
    except SigningError as error:
        raise UsageError(error.sentence) from None
    campaign = _campaign(context)
    if campaign is None:
        return Verifier(named, now, crls=crls)
    try:
        register = stack.enter_context(
            Register.open(campaign.register_url, campaign.settings.code, create=False)
        )
    except RegisterMissing:
        return Verifier(named + _trusted(campaign), now, campaign, crls=crls)
    return Verifier(named + _trusted(campaign), now, campaign, register, crls)


def _campaign(context: Context) -> Campaign | None:
    from outreach_merge.campaign import SETTINGS_FILE

    return context.campaign() if (context.folder / SETTINGS_FILE).is_file() else None


def _trusted(campaign: Campaign) -> list[x509.Certificate]:
    from outreach_merge.sign.certificates import read_certificates

    return [
        certificate
        for name in campaign.settings.signing.trust
        if (campaign.folder / name).is_file()
        for certificate in read_certificates(campaign.folder / name)
    ]


def _verify(verifier: Verifier, path: Path) -> RegisteredFile:
    try:
        return verifier.verify(path)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from None


def _show(context: Context, path: Path, known: RegisteredFile) -> None:
    from rich.text import Text

    verdict = known.verdict
    color = "green" if verdict.ok else "red"
    context.out.print(Text.assemble(f"{path}: ", (verdict.code.value, color)))
    if known.letter is not None:
        revision = f", revision {known.revision}" if known.revision > 1 else ""
        context.out.print(f"  letter {known.letter}{revision}", markup=False)
    for signature in verdict.signatures:
        context.out.print(f"  {_one_line(signature)}", markup=False)
    for finding in verdict.all_findings:
        context.out.print(
            f"  {finding.code.value}: {finding.message}. {finding.remedy}".rstrip(), markup=False
        )


def _one_line(signature: SignatureVerdict) -> str:
    when = f"{signature.signed_at:%Y-%m-%d %H:%M %Z}" if signature.signed_at else "no time"
    clock = "time stamp" if signature.stamped else "the signer's clock"
    trusted = "trusted" if signature.trusted else "not trusted"
    return (
        f"{signature.signatory}: {signature.subject}, {when} ({clock}), "
        f"certificate of {signature.issuer}, {trusted}"
    )


def _as_json(path: Path, known: RegisteredFile) -> dict[str, Any]:
    return {
        "file": str(path),
        "letter": known.letter.letter if known.letter else None,
        "recipient": known.letter.recipient if known.letter else None,
        "revision": known.revision or None,
        **known.verdict.as_dict(),
    }
