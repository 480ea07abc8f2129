"""Typeset letter -> signed letter. pyHanko lives in this room and nowhere else.

``prepare_fields`` makes the places for the signatures, ``open_key`` opens a signatory's key,
a ``Pen`` signs with it, ``verify`` says what is to be said of a file.
"""

from outreach_merge.sign.certificates import read_certificates
from outreach_merge.sign.errors import (
    AlreadySigned,
    CertificateNotUsable,
    ChangedBeforeSigning,
    KeyNotUsable,
    NotOurLetter,
    OutOfTurn,
    PassphraseMissing,
    PassphraseWrong,
    TimestampUnavailable,
    TokenNotUsable,
)
from outreach_merge.sign.fields import SignatureField, prepare_fields
from outreach_merge.sign.keys import FileKey, KeySource, SigningKey, TokenKey, key_source
from outreach_merge.sign.opening import open_key
from outreach_merge.sign.passphrase import Passphrases, Prompt, Secret, read_descriptor
from outreach_merge.sign.signing import (
    Level,
    LongTerm,
    Pen,
    SignatureState,
    SignedPdf,
    TimestampServer,
    signature_state,
)
from outreach_merge.sign.specimen import SpecimenAuthority, SpecimenFiles, write_specimen_pki
from outreach_merge.sign.verifying import (
    Code,
    ExpectedSignatory,
    FileVerdict,
    Finding,
    SignatureVerdict,
    verify,
)

__all__ = [
    "AlreadySigned",
    "CertificateNotUsable",
    "ChangedBeforeSigning",
    "Code",
    "ExpectedSignatory",
    "FileKey",
    "FileVerdict",
    "Finding",
    "KeyNotUsable",
    "KeySource",
    "Level",
    "LongTerm",
    "NotOurLetter",
    "OutOfTurn",
    "PassphraseMissing",
    "PassphraseWrong",
    "Passphrases",
    "Pen",
    "Prompt",
    "Secret",
    "SignatureField",
    "SignatureState",
    "SignatureVerdict",
    "SignedPdf",
    "SigningKey",
    "SpecimenAuthority",
    "SpecimenFiles",
    "TimestampServer",
    "TimestampUnavailable",
    "TokenKey",
    "TokenNotUsable",
    "key_source",
    "open_key",
    "prepare_fields",
    "read_certificates",
    "read_descriptor",
    "signature_state",
    "verify",
    "write_specimen_pki",
]
