"""Reads from a letter's file who has signed and who is next; nothing is verified."""

from __future__ import annotations

import hashlib
import io
import logging
import re
from dataclasses import dataclass
from typing import Any

from asn1crypto import cms
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.sign.validation.generic_cms import validate_sig_integrity

from outreach_merge.sign.signing_errors import (
    AlreadySigned,
    ChangedBeforeSigning,
    NotOurLetter,
    OutOfTurn,
)

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SignatureState:
    """Who has signed a letter, and who has not.

    :param fields: all signatories, in the order in which they sign.
    :param signed: those who have signed.
    """

    fields: tuple[str, ...]
    signed: tuple[str, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        return tuple(name for name in self.fields if name not in self.signed)


def signature_state(pdf: bytes) -> SignatureState:
    """Who has signed, according to the fields of the file.

    :raises NotOurLetter: it is not a PDF, or has no signature field.
    """
    return state_of(read_letter(pdf))


def read_letter(pdf: bytes) -> PdfFileReader:
    """pyHanko's reader of the letter.

    :raises NotOurLetter: when it cannot be read, or is encrypted.
    """
    try:
        reader = PdfFileReader(io.BytesIO(pdf))
        reader.root  # noqa: B018 - parses the cross-references
    except Exception as error:
        # The parser raises many kinds of errors for a file that is not a PDF.
        raise NotOurLetter(f"this is not a PDF that can be read: {error}") from None
    if reader.encrypted:
        raise NotOurLetter("the PDF is encrypted")
    return reader


def state_of(reader: PdfFileReader) -> SignatureState:
    """:raises NotOurLetter: the letter has no signature field."""
    fields = [(name, value) for name, value, _ in enumerate_sig_fields(reader)]
    if not fields:
        raise NotOurLetter("the PDF has no place for a signature")
    return SignatureState(
        fields=tuple(name for name, _ in fields),
        signed=tuple(name for name, value in fields if value is not None),
    )


def check_signing_order(state: SignatureState, signatory: str) -> None:
    """Check that this signatory is the next to sign.

    :raises NotOurLetter: the letter has no field for them.
    :raises AlreadySigned: they have signed.
    :raises OutOfTurn: somebody before them has not.
    """
    if signatory not in state.fields:
        raise NotOurLetter(
            f"the letter has no place for the signature of {signatory}; "
            f"it is signed by {', '.join(state.fields)}"
        )
    if signatory in state.signed:
        rest = f"{', '.join(state.missing)} is to sign next." if state.missing else ""
        raise AlreadySigned(f"{signatory} has signed this letter already", rest)
    if state.missing[0] != signatory:
        raise OutOfTurn(
            f"{state.missing[0]} signs before {signatory} and has not signed yet",
            f"Let {state.missing[0]} sign first.",
        )


_BYTE_RANGE = re.compile(rb"/ByteRange\s*\[\s*0\s+(\d+)\s+(\d+)\s+(\d+)\s*\]")


def check_latest_signature(pdf: bytes, signatory: str) -> None:
    """Check that the latest signature matches the file, since a further one would hide a change.

    Works on the bytes: pyHanko's reader takes 10 ms for it, longer than a signature. The
    certificate is not checked; ``verify`` does that.

    :raises ChangedBeforeSigning: the signature does not match.
    """
    ranges = list(_BYTE_RANGE.finditer(pdf))
    if ranges and _signature_fits(pdf, *(int(number) for number in ranges[-1].groups())):
        return
    raise ChangedBeforeSigning(
        f"the letter was changed after {signatory} signed it",
        "Generate it again, and let everybody sign again.",
    )


def _signature_fits(pdf: bytes, before: int, after: int, length: int) -> bool:
    if after + length != len(pdf) or not before < after:
        return False
    try:
        container = bytes.fromhex(pdf[before + 1 : after - 1].decode("ascii"))
        signed = cms.ContentInfo.load(container)["content"]
        info = signed["signer_infos"][0]
        algorithm = info["digest_algorithm"]["algorithm"].native
        digest = hashlib.new(algorithm, pdf[:before])
        digest.update(pdf[after:])
        intact, valid = validate_sig_integrity(
            info, _certificate_of(signed, info), "data", digest.digest()
        )
    except Exception as error:
        # The parser raises many kinds of errors for a damaged container.
        _LOG.debug("the latest signature cannot be read: %s", error)
        return False
    return intact and valid


def _certificate_of(signed: cms.SignedData, info: cms.SignerInfo) -> Any:
    signer_id = info["sid"].chosen
    return next(
        choice.chosen
        for choice in signed["certificates"]
        if choice.chosen.serial_number == signer_id["serial_number"].native
        and choice.chosen.issuer == signer_id["issuer"]
    )
