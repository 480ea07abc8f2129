"""The result of verifying a file and each of its signatures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Code(StrEnum):
    """Verdicts on a file or a signature, the gravest first."""

    UNREADABLE = "unreadable"
    CHANGED = "changed"
    FOREIGN_SIGNER = "foreign-signer"
    REVOKED = "revoked-certificate"
    APPENDED_REVISION = "appended-revision"
    NOT_SIGNED = "not-signed"
    MISSING_SIGNATURE = "missing-signature"
    WRONG_ORDER = "wrong-order"
    UNTRUSTED = "untrusted"
    EXPIRED = "expired-certificate"
    NOT_YET_VALID = "not-yet-valid"
    UNKNOWN_FILE = "unknown-file"
    OK = "ok"

    @property
    def gravity(self) -> int:
        """0 is the gravest."""
        return list(Code).index(self)


_REMEDIES = {
    Code.UNREADABLE: "Ask for the file again.",
    Code.CHANGED: "Do not rely on it. Ask the sender for the original.",
    Code.FOREIGN_SIGNER: "Do not rely on it. Ask the signatory whether the certificate is theirs.",
    Code.REVOKED: "Ask the signatory when and why the certificate was revoked.",
    Code.APPENDED_REVISION: "Do not rely on what the file shows. Ask the sender for the original.",
    Code.NOT_SIGNED: "Sign it: outreach-merge sign",
    Code.MISSING_SIGNATURE: "If it was complete, ask for the original; if not: outreach-merge sign",
    Code.WRONG_ORDER: "Generate it again and let the signatories sign in their order.",
    Code.UNTRUSTED: "Name the certificate of the signatory's authority: --trust FILE",
    Code.EXPIRED: "A signature with a time stamp outlives its certificate: set timestamp_url.",
    Code.NOT_YET_VALID: "See that the clocks are right.",
    Code.UNKNOWN_FILE: "Compare it with the file under output/, or verify with its own campaign.",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One verdict, and why."""

    code: Code
    message: str

    @property
    def remedy(self) -> str:
        return _REMEDIES.get(self.code, "")


@dataclass(frozen=True, slots=True)
class ExpectedSignatory:
    """Somebody who was to sign.

    :param key: the signatory's key in the campaign, which is the name of the field.
    :param fingerprints: SHA-256, hexadecimal, of the certificates that are theirs; empty when
        they are not known, and any certificate of a trusted authority is accepted.
    """

    key: str
    fingerprints: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class SignatureVerdict:
    """The result for one signature.

    :param subject: the name in the certificate; empty when it cannot be read.
    :param signed_at: by the time stamp where there is a trusted one, else by the signer's clock.
    :param stamped: whether ``signed_at`` is a trusted time stamp's.
    :param trusted: whether the certificate comes from a trusted authority.
    :param whole: whether the signed bytes are unchanged.
    :param covers_file: whether the signed bytes are the whole file.
    """

    signatory: str
    subject: str
    issuer: str
    fingerprint: str
    signed_at: dt.datetime | None
    stamped: bool
    trusted: bool
    whole: bool
    covers_file: bool
    findings: tuple[Finding, ...]

    @property
    def code(self) -> Code:
        return gravest(self.findings)


@dataclass(frozen=True, slots=True)
class FileVerdict:
    """The result for a file.

    :param digest: SHA-256, hexadecimal.
    :param expected: who was to sign, in order.
    :param findings: those of the file as a whole.
    """

    digest: str
    expected: tuple[str, ...]
    signatures: tuple[SignatureVerdict, ...]
    findings: tuple[Finding, ...]

    @property
    def all_findings(self) -> tuple[Finding, ...]:
        """Those of the file and of its signatures, the gravest first."""
        inner = [finding for signature in self.signatures for finding in signature.findings]
        return tuple(sorted([*self.findings, *inner], key=lambda finding: finding.code.gravity))

    @property
    def code(self) -> Code:
        return gravest(self.all_findings)

    @property
    def ok(self) -> bool:
        return self.code is Code.OK

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "verdict": self.code.value,
            "sha256": self.digest,
            "expected": list(self.expected),
            "findings": [_finding_dict(finding) for finding in self.all_findings],
            "signatures": [
                {
                    "signatory": one.signatory,
                    "verdict": one.code.value,
                    "subject": one.subject,
                    "issuer": one.issuer,
                    "certificate_sha256": one.fingerprint,
                    "signed_at": one.signed_at and one.signed_at.isoformat(),
                    "time_stamped": one.stamped,
                    "trusted": one.trusted,
                    "whole": one.whole,
                    "covers_file": one.covers_file,
                }
                for one in self.signatures
            ],
        }


def _finding_dict(finding: Finding) -> dict[str, str]:
    return {
        "code": finding.code.value,
        "message": finding.message,
        "remedy": finding.remedy,
    }


def gravest(findings: Collection[Finding]) -> Code:
    return min((finding.code for finding in findings), key=lambda c: c.gravity, default=Code.OK)
