"""Adds one signature to a letter: PAdES B-B, B-T or B-LT.

The first signature certifies the letter (DocMDP): as long as somebody else is to sign, only
signatures may follow; after the last, nothing may. Every further signature is appended, so
the ones before it stay valid.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import io
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from types import TracebackType
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.general import SigningError as PyHankoSigningError
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes
from pyhanko.sign.signers.pdf_signer import DSSContentSettings, SigDSSPlacementPreference
from pyhanko.stamp import BaseStampStyle
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.errors import (
    PathBuildingError,
    PathValidationError,
    RevokedError,
)

from outreach_merge.sign.attributes import PadesSignedAttributes
from outreach_merge.sign.certificates import as_asn1, check_certificate
from outreach_merge.sign.keys import SigningKey
from outreach_merge.sign.signing_errors import (
    CertificateNotUsable,
    NotOurLetter,
    TimestampUnavailable,
)
from outreach_merge.sign.state import (
    SignatureState,
    check_latest_signature,
    check_signing_order,
    read_letter,
    state_of,
)
from outreach_merge.sign.timestamps import TimeStamper, TimestampServer

_LOG = logging.getLogger(__name__)

Clock = Callable[[], dt.datetime]
"""The time, with its time zone."""

# Bytes to reserve for a CMS container beside the certificates, and for a time stamp with its chain;
# without them pyHanko signs twice to learn the size.
_CONTAINER_BYTES = 1_536
_TIMESTAMP_BYTES = 12_288


class Level(StrEnum):
    """The PAdES baseline level (ETSI EN 319 142-1, 6) of a signature."""

    B_B = "B-B"
    B_T = "B-T"
    B_LT = "B-LT"


@dataclass(frozen=True, slots=True)
class LongTerm:
    """Sources of revocation information for a long-term signature (B-LT).

    :param roots: trusted authorities, including that of the time stamp.
    :param others: intermediate certificates.
    :param fetch: query the OCSP and CRL servers named in the certificates.
    :param crls: revocation lists, DER.
    :param ocsps: OCSP responses, DER.
    """

    roots: tuple[x509.Certificate, ...]
    others: tuple[x509.Certificate, ...] = ()
    fetch: bool = True
    crls: tuple[bytes, ...] = field(default=(), repr=False)
    ocsps: tuple[bytes, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class SignedPdf:
    """A letter with a further signature.

    :param signatory: who signed.
    :param level: the level reached.
    :param shortfall: why the level is not B-LT although that was asked for; else empty.
    :param signed_at: by the signer's clock.
    :param subject: the name in the certificate.
    :param fingerprint: SHA-256 of the certificate, hexadecimal.
    :param missing: the signatories who have yet to sign, in their order.
    """

    pdf: bytes = field(repr=False)
    signatory: str
    level: Level
    shortfall: str
    signed_at: dt.datetime
    subject: str
    fingerprint: str
    missing: tuple[str, ...]

    @property
    def digest(self) -> str:
        """SHA-256 of the file, hexadecimal."""
        return hashlib.sha256(self.pdf).hexdigest()


def system_clock() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@dataclass(frozen=True, slots=True)
class _Labels:
    """Texts of the signature dictionary that PDF readers show beside the certificate."""

    name: str
    reason: str
    location: str


class LetterSigner:
    """Signs letters with one signatory's key.

    :param key: an opened key; closed together with the signer.
    :param timestamp: the server for time stamps; ``None`` for B-B.
    :param long_term: for B-LT; without revocation information the signature is B-T, and
        :attr:`SignedPdf.shortfall` says why.
    :raises ValueError: for ``long_term`` without ``timestamp``.
    """

    def __init__(
        self,
        key: SigningKey,
        *,
        timestamp: TimestampServer | None = None,
        long_term: LongTerm | None = None,
        clock: Clock = system_clock,
    ) -> None:
        if long_term is not None and timestamp is None:
            raise ValueError("a signature for the long term (B-LT) needs a time-stamp server")
        self.key = key
        key.signer.signed_attr_prov_spec = PadesSignedAttributes(as_asn1(key.certificate))
        self._clock = clock
        self._stamper = None if timestamp is None else TimeStamper(timestamp)
        self._long_term = long_term
        self._context: ValidationContext | None = None
        # One event loop for all letters: starting one for each takes longer than signing.
        self._runner = asyncio.Runner()

    def __repr__(self) -> str:
        return f"LetterSigner({self.key.signatory!r}, {self.key.subject!r})"

    def __enter__(self) -> LetterSigner:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        if self._context is not None:
            self._runner.run(self._context.aclose())  # type: ignore[no-untyped-call]
            self._context = None
        self._runner.close()
        self.key.close()

    def sign(
        self, pdf: bytes, *, name: str = "", reason: str = "", location: str = ""
    ) -> SignedPdf:
        """The letter with this signatory's signature; the bytes given are not changed.

        :param name: the signatory's name, as readers show it.
        :raises NotOurLetter: not a PDF, or without a field for this signatory.
        :raises AlreadySigned: this signatory has signed.
        :raises OutOfTurn: a signatory before this one has not signed.
        :raises ChangedBeforeSigning: an earlier signature does not match the file.
        :raises CertificateNotUsable: expired, not yet valid or revoked.
        :raises TimestampUnavailable: the server gave no time stamp; nothing is signed.
        """
        now = self._clock()
        check_certificate(self.key.certificate, now=now)
        reader = read_letter(pdf)
        state = state_of(reader)
        check_signing_order(state, self.key.signatory)
        if state.signed:
            check_latest_signature(pdf, state.signed[-1])
        labels = _Labels(name, reason, location)
        level = Level.B_B if self._stamper is None else Level.B_T
        shortfall = ""
        signed = None
        if self._long_term is not None:
            try:
                signed = self._write(reader, state, labels, now, self._validation_context(now))
                level = Level.B_LT
            except _NoRevocationInformation as error:
                shortfall = str(error)
                _LOG.warning("the signature of %s is B-T only: %s", self.key.signatory, error)
                reader = read_letter(pdf)
        if signed is None:
            signed = self._write(reader, state, labels, now, None)
        return SignedPdf(
            pdf=signed,
            signatory=self.key.signatory,
            level=level,
            shortfall=shortfall,
            signed_at=now,
            subject=self.key.subject,
            fingerprint=self.key.fingerprint,
            missing=state.missing[1:],
        )

    def _validation_context(self, now: dt.datetime) -> ValidationContext:
        long_term = self._long_term
        assert long_term is not None
        if self._context is None:
            self._context = ValidationContext(
                trust_roots=[as_asn1(root) for root in long_term.roots],
                other_certs=[as_asn1(other) for other in long_term.others],
                allow_fetching=long_term.fetch,
                crls=list(long_term.crls),
                ocsps=list(long_term.ocsps),
                revocation_mode="require",
                # certvalidator does not fetch for a moment other than now.
                moment=None if long_term.fetch else now,
            )
        return self._context

    def _write(
        self,
        reader: PdfFileReader,
        state: SignatureState,
        labels: _Labels,
        now: dt.datetime,
        context: ValidationContext | None,
    ) -> bytes:
        is_last = len(state.missing) == 1
        metadata = PdfSignatureMetadata(
            field_name=self.key.signatory,
            subfilter=SigSeedSubFilter.PADES,
            name=labels.name or None,
            reason=labels.reason or None,
            location=labels.location or None,
            certify=not state.signed,
            docmdp_permissions=MDPPerm.NO_CHANGES if is_last else MDPPerm.FILL_FORMS,
            embed_validation_info=context is not None,
            validation_context=context,
            signer_key_usage=set(),
            dss_settings=DSSContentSettings(
                # In the signature's own revision, so that the last signature covers the file.
                placement=SigDSSPlacementPreference.TOGETHER_WITH_SIGNATURE,
                include_vri=False,
            ),
        )
        signer = PdfSigner(
            metadata, self.key.signer, timestamper=self._stamper, stamp_style=_EmptyAppearance()
        )
        return self._runner.run(
            self._fill(signer, IncrementalPdfFileWriter.from_reader(reader), now)
        )

    async def _fill(
        self, signer: PdfSigner, writer: IncrementalPdfFileWriter, now: dt.datetime
    ) -> bytes:
        """``PdfSigner.async_sign_pdf`` with the injected clock instead of the system's."""
        session = signer.init_signing_session(writer, existing_fields_only=True)
        session.system_time = now
        try:
            information = await session.perform_presign_validation(writer)
        except (PyHankoSigningError, PathBuildingError, PathValidationError) as error:
            raise _long_term_error(error) from None
        document = session.prepare_tbs_document(
            validation_info=information,
            bytes_reserved=self._bytes_reserved(),
        )
        output = io.BytesIO()
        prepared, _ = document.digest_tbs_document(output=output)
        try:
            after = await document.perform_signature(
                document_digest=prepared.document_digest,
                pdf_cms_signed_attrs=PdfCMSSignedAttributes(signing_time=now),
            )
        except ValueError as error:
            raise NotOurLetter(f"the signature does not fit into its place: {error}") from None
        await after.post_signature_processing(output)
        return output.getvalue()

    def _bytes_reserved(self) -> int:
        """Hexadecimal digits to reserve for the signature."""
        certificates = (self.key.certificate, *self.key.chain)
        length = _CONTAINER_BYTES + sum(len(one.public_bytes(Encoding.DER)) for one in certificates)
        return 2 * (length + (_TIMESTAMP_BYTES if self._stamper else 0))


class _NoRevocationInformation(Exception):
    """There is no revocation information; the message says why."""


def _long_term_error(error: Exception) -> Exception:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, RevokedError):
            return CertificateNotUsable(
                f"a certificate needed for this signature was revoked: {cause}",
                "Nothing is signed with it. Ask the authority for a new one.",
            )
        if isinstance(cause, TimestampUnavailable):
            return cause
        last, cause = cause, cause.__cause__
    return _NoRevocationInformation(str(last))


class _EmptyAppearance(BaseStampStyle):
    """Leaves the field's appearance empty: the typesetter has drawn the visible signature."""

    def create_stamp(self, writer: Any, box: Any, text_params: Any) -> None:
        return None
