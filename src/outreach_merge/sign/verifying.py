"""Verifies the signatures of a letter: who signed, what was changed since, who is missing.

A PDF reader verifies the signatures it finds. A letter without its last signature is still a valid
file, so the signatures are also compared with who was to sign, and the file with the digests in the
register.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import io
import logging
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from asn1crypto import cms
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import (
    CatalogModificationRule,
    DocInfoRule,
    DSSCompareRule,
    FormUpdatingRule,
    MetadataUpdateRule,
    ModificationLevel,
    ObjectStreamRule,
    SigFieldModificationRule,
    StandardDiffPolicy,
    XrefStreamRule,
)
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.errors import NoDSSFoundError
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko.sign.validation.status import PdfSignatureStatus
from pyhanko_certvalidator import ValidationContext

from outreach_merge.sign.certificates import as_asn1, common_name
from outreach_merge.sign.verdicts import (
    Code,
    ExpectedSignatory,
    FileVerdict,
    Finding,
    SignatureVerdict,
)

_LOG = logging.getLogger(__name__)


def verify(
    pdf: bytes,
    *,
    trust: Sequence[x509.Certificate],
    now: dt.datetime,
    expected: Sequence[ExpectedSignatory] | None = None,
    recorded_digests: Collection[str] | None = None,
    recorded_at: dt.datetime | None = None,
    crls: Sequence[bytes] = (),
) -> FileVerdict:
    """Verify a file; whatever is wrong with it is a finding, not an exception.

    :param trust: certificates of the authorities that are trusted.
    :param now: with a time zone.
    :param expected: who was to sign, in order; ``None``: those the file has fields for; empty:
        nobody.
    :param recorded_digests: SHA-256, hexadecimal, of the files the register knows; ``None``
        when there is no register.
    :param recorded_at: when the register recorded this file: the moment at which certificates
        must be valid, unless a time stamp proves another.
    :param crls: revocation lists (DER), beside those in the file.
    """
    digest = hashlib.sha256(pdf).hexdigest()
    names = tuple(one.key for one in expected or ())
    known = recorded_digests is None or digest in recorded_digests
    unknown = () if known else (Finding(Code.UNKNOWN_FILE, "the register does not know this file"),)
    try:
        reader, fields, signatures = _open(pdf)
    except _Unreadable as error:
        finding = _unreadable(pdf, error)
        return FileVerdict(digest, names, (), (finding, *unknown))
    # A letter signed in ink has no expected signatory.
    must_be_signed = expected is None or len(expected) > 0
    if expected is None:
        expected = [ExpectedSignatory(name) for name in fields]
        names = tuple(fields)
    moment = recorded_at if recorded_at is not None and known else now
    verifier = _SignatureVerifier(pdf, reader, trust, now, moment, crls)
    by_key = {one.key: one for one in expected}
    verdicts = tuple(
        verifier.signature(signature, by_key.get(signature.field_name)) for signature in signatures
    )
    findings = [
        *_missing_signatures(names, verdicts, must_be_signed=must_be_signed),
        *verifier.appended_bytes(signatures),
        *unknown,
    ]
    return FileVerdict(digest, names, verdicts, tuple(findings))


class _Unreadable(Exception):
    """The PDF cannot be read; the message says why."""


_Opened = tuple[PdfFileReader, list[str], list[EmbeddedPdfSignature]]


def _open(pdf: bytes) -> _Opened:
    """The reader, the names of the signature fields, and the signatures in their order.

    When bytes after the last signature make the file unreadable, it is read up to there.
    """
    try:
        return _read(pdf)
    except _Unreadable:
        signed = max((sum(map(int, found)) for found in _BYTE_RANGE.findall(pdf)), default=0)
        if not 0 < signed < len(pdf):
            raise
        return _read(pdf[:signed])


# Captures the offset and the length of the signed bytes that follow the signature.
_BYTE_RANGE = re.compile(rb"/ByteRange\s*\[\s*0\s+\d+\s+(\d+)\s+(\d+)\s*\]")


def _read(pdf: bytes) -> _Opened:
    try:
        reader = PdfFileReader(io.BytesIO(pdf))
        fields = [str(name) for name, _, _ in enumerate_sig_fields(reader)]
        return reader, fields, list(reader.embedded_regular_signatures)
    except Exception as error:
        # The parser raises many kinds of errors for a damaged file.
        raise _Unreadable(str(error)) from error


def _unreadable(pdf: bytes, error: Exception) -> Finding:
    if b"/ByteRange" in pdf:
        return Finding(
            Code.CHANGED, f"the file was signed and is damaged: it cannot be read ({error})"
        )
    return Finding(Code.UNREADABLE, f"this is not a PDF that can be read ({error})")


def _missing_signatures(
    names: Sequence[str], verdicts: Sequence[SignatureVerdict], *, must_be_signed: bool
) -> list[Finding]:
    if not verdicts:
        return [Finding(Code.NOT_SIGNED, "nobody has signed this file")] if must_be_signed else []
    signed = [verdict.signatory for verdict in verdicts]
    findings = [
        Finding(Code.MISSING_SIGNATURE, f"the signature of {name} is not there")
        for name in names
        if name not in signed
    ]
    in_order = [name for name in names if name in signed]
    found = [name for name in signed if name in names]
    if found != in_order:
        findings.append(
            Finding(
                Code.WRONG_ORDER,
                f"signed in the order {', '.join(found)} instead of {', '.join(in_order)}",
            )
        )
    return findings


# Between two signatures only existing fields may be signed; pyHanko's default policy also allows
# new fields with appearances.
_ONLY_SIGNATURES = StandardDiffPolicy(
    global_rules=[
        CatalogModificationRule(),  # type: ignore[no-untyped-call]
        *(
            rule.as_qualified(ModificationLevel.LTA_UPDATES)
            for rule in (
                DocInfoRule(),
                XrefStreamRule(),
                ObjectStreamRule(),
                DSSCompareRule(),
                MetadataUpdateRule(),  # type: ignore[no-untyped-call]
            )
        ),
    ],
    form_rule=FormUpdatingRule(field_rules=[SigFieldModificationRule()]),
)

_FOR_SIGNING = KeyUsageConstraints(
    key_usage={"digital_signature", "non_repudiation"}, match_all_key_usages=False
)


@dataclass(slots=True)
class _SignatureVerifier:
    pdf: bytes
    reader: PdfFileReader
    trust: Sequence[x509.Certificate]
    now: dt.datetime
    moment: dt.datetime
    crls: Sequence[bytes]
    _roots: list[Any] = field(init=False)

    def __post_init__(self) -> None:
        self._roots = [as_asn1(root) for root in self.trust]

    def signature(
        self, embedded: EmbeddedPdfSignature, expected: ExpectedSignatory | None
    ) -> SignatureVerdict:
        name = str(embedded.field_name)
        try:
            certificate = x509.load_der_x509_certificate(embedded.signer_cert.dump())
            status = self._status(embedded, self._within(self.moment, certificate))
        except Exception as error:
            # The parser raises many kinds of errors for a damaged container.
            _LOG.debug("the signature of %s cannot be read", name, exc_info=True)
            finding = Finding(Code.CHANGED, f"the signature of {name} is damaged ({error})")
            return SignatureVerdict(name, "", "", "", None, False, False, False, False, (finding,))
        stamped_at = _stamped_at(status)
        if stamped_at is not None:
            status = self._status(embedded, self._within(stamped_at, certificate))
        whole = status.intact and status.valid and self._is_canonical(embedded)
        findings = [
            *self._changes(name, status, whole),
            *_owner(name, certificate, expected),
            *_validity(certificate, stamped_at or self.moment, status.signer_reported_dt),
            *self._revocation(certificate, stamped_at or self.moment),
            *_trust(certificate, status),
        ]
        return SignatureVerdict(
            signatory=name,
            subject=common_name(certificate.subject),
            issuer=common_name(certificate.issuer),
            fingerprint=hashlib.sha256(embedded.signer_cert.dump()).hexdigest(),
            signed_at=stamped_at or status.signer_reported_dt,
            stamped=stamped_at is not None,
            trusted=status.trusted,
            whole=whole,
            covers_file=self._end_of(embedded) == len(self.pdf),
            findings=tuple(findings),
        )

    def appended_bytes(self, signatures: Sequence[EmbeddedPdfSignature]) -> list[Finding]:
        """A finding when bytes follow the last signature, since nobody signed them."""
        ends = [self._end_of(one) for one in signatures]
        rest = len(self.pdf) - max(ends, default=len(self.pdf))
        if rest <= 0:
            return []
        return [
            Finding(
                Code.APPENDED_REVISION,
                f"{rest} bytes were added to the file after the last signature",
            )
        ]

    @staticmethod
    def _within(moment: dt.datetime, certificate: x509.Certificate) -> dt.datetime:
        """``moment``, moved into the certificate's validity: trust is judged apart from expiry."""
        return min(max(moment, certificate.not_valid_before_utc), certificate.not_valid_after_utc)

    def _status(self, embedded: EmbeddedPdfSignature, moment: dt.datetime) -> PdfSignatureStatus:
        return asyncio.run(
            async_validate_pdf_signature(
                embedded,
                signer_validation_context=self._context(moment),
                ts_validation_context=self._context(self.now),
                diff_policy=_ONLY_SIGNATURES,
                key_usage_settings=_FOR_SIGNING,
            )
        )

    def _context(self, moment: dt.datetime) -> ValidationContext:
        settings: dict[str, Any] = {
            "trust_roots": self._roots,
            "moment": moment,
            "allow_fetching": False,
            "revocation_mode": "soft-fail",
            "crls": list(self.crls),
            # A list issued after the moment counts too.
            "retroactive_revinfo": True,
        }
        try:
            store = DocumentSecurityStore.read_dss(self.reader)
        except NoDSSFoundError:
            return ValidationContext(**settings)
        return store.as_validation_context(settings)

    def _revocation(self, certificate: x509.Certificate, moment: dt.datetime) -> list[Finding]:
        """Revocations in the given lists; the validator ignores lists no certificate refers to."""
        for data in self.crls:
            crl = x509.load_der_x509_crl(data)
            entry = crl.get_revoked_certificate_by_serial_number(certificate.serial_number)
            if entry is None or crl.issuer != certificate.issuer or not self._is_genuine(crl):
                continue
            if entry.revocation_date_utc <= moment:
                who = common_name(certificate.subject)
                when = f"{entry.revocation_date_utc:%Y-%m-%d}"
                return [Finding(Code.REVOKED, f"the certificate of {who} was revoked on {when}")]
        return []

    def _is_genuine(self, crl: x509.CertificateRevocationList) -> bool:
        return any(
            root.subject == crl.issuer and crl.is_signature_valid(root.public_key())  # type: ignore[arg-type]
            for root in self.trust
        )

    @staticmethod
    def _end_of(embedded: EmbeddedPdfSignature) -> int:
        return int(embedded.byte_range[-2]) + int(embedded.byte_range[-1])

    def _is_canonical(self, embedded: EmbeddedPdfSignature) -> bool:
        """Whether the signature's value, which no digest covers, is DER with zero padding."""
        _, length, start, _ = (int(number) for number in embedded.byte_range)
        place = self.pdf[length:start]
        try:
            content = bytes.fromhex(place[1:-1].decode("ascii"))
        except ValueError:
            return False
        container = cms.ContentInfo.load(content).dump()
        digits = place[1:-1]
        return (
            place[:1] == b"<"
            and place[-1:] == b">"
            and digits in (content.hex().encode(), content.hex().upper().encode())
            and content.startswith(container)
            and not content[len(container) :].strip(b"\0")
        )

    def _changes(self, name: str, status: PdfSignatureStatus, whole: bool) -> list[Finding]:
        if not whole:
            return [Finding(Code.CHANGED, f"the file was changed after {name} signed it")]
        if not status.docmdp_ok and not self.appended_bytes(
            list(self.reader.embedded_regular_signatures)
        ):
            return [
                Finding(
                    Code.CHANGED,
                    f"between the signature of {name} and the next, more was changed than a "
                    "signature changes",
                )
            ]
        return []


def _stamped_at(status: PdfSignatureStatus) -> dt.datetime | None:
    stamp = status.timestamp_validity
    if stamp is None or not (stamp.valid and stamp.intact and stamp.trusted):
        return None
    moment: dt.datetime = stamp.timestamp
    return moment


def _owner(
    name: str, certificate: x509.Certificate, expected: ExpectedSignatory | None
) -> list[Finding]:
    who = common_name(certificate.subject)
    if expected is None:
        return [Finding(Code.FOREIGN_SIGNER, f"{who} signed as {name}, who was not to sign")]
    if not expected.fingerprints:
        return []
    fingerprint = hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest()
    if fingerprint in expected.fingerprints:
        return []
    return [
        Finding(
            Code.FOREIGN_SIGNER,
            f"the signature of {name} was made with another certificate, that of {who}",
        )
    ]


def _validity(
    certificate: x509.Certificate, moment: dt.datetime, claimed: dt.datetime | None
) -> list[Finding]:
    """The proven and the claimed time of signing must be within the certificate's validity."""
    who = common_name(certificate.subject)
    start, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    moments = [moment] if claimed is None else [moment, claimed]
    if any(one > end for one in moments):
        return [Finding(Code.EXPIRED, f"the certificate of {who} expired on {end:%Y-%m-%d}")]
    if any(one < start for one in moments):
        return [
            Finding(
                Code.NOT_YET_VALID, f"the certificate of {who} is not valid before {start:%Y-%m-%d}"
            )
        ]
    return []


def _trust(certificate: x509.Certificate, status: PdfSignatureStatus) -> list[Finding]:
    who = common_name(certificate.subject)
    if status.revoked:
        details = status.revocation_details
        when = f" on {details.revocation_date:%Y-%m-%d}" if details is not None else ""
        return [Finding(Code.REVOKED, f"the certificate of {who} was revoked{when}")]
    if status.valid and status.intact and not status.trusted:
        return [
            Finding(
                Code.UNTRUSTED,
                f"the certificate of {who} comes from {common_name(certificate.issuer)}, which is "
                "not trusted",
            )
        ]
    return []
