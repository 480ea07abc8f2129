"""Keys in PKCS#12 and PEM files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from asn1crypto import pkcs12 as asn1_pkcs12
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from pyhanko.sign.signers import Signer

from outreach_merge.sign.certificates import (
    as_asn1,
    common_name,
    digest,
    read_certificates,
    read_file,
    store_of,
)
from outreach_merge.sign.keys import FileKey, SigningKey
from outreach_merge.sign.passphrase import Passphrases, Secret
from outreach_merge.sign.signing_errors import KeyNotUsable, passphrase_missing, passphrase_wrong

PrivateKey = (
    rsa.RSAPrivateKey
    | ec.EllipticCurvePrivateKey
    | ed25519.Ed25519PrivateKey
    | ed448.Ed448PrivateKey
)


def open_file_key(source: FileKey, signatory: str, passphrases: Passphrases) -> SigningKey:
    data = read_file(source.path)
    if b"-----BEGIN " in data:
        private, inside = _open_pem(data, source, signatory, passphrases)
    else:
        private, inside = _open_pkcs12(data, source, signatory, passphrases)
    certificates = [*inside]
    if source.certificate is not None:
        certificates += read_certificates(source.certificate)
    own = next((one for one in certificates if _same_key(one.public_key(), private)), None)
    if not certificates:
        raise KeyNotUsable(
            f"there is no certificate with the key {source.path}",
            'Name its file: certificate = "..." beside key = "...".',
        )
    if own is None:
        raise KeyNotUsable(
            f"the key {source.path} does not belong to the certificate of "
            f"{common_name(certificates[0].subject)}",
            "Name the certificate that was issued for this key.",
        )
    chain = tuple(one for one in certificates if one != own)
    return SigningKey(signatory, own, chain, _MemorySigner(private, own, chain))


def _open_pkcs12(
    data: bytes, source: FileKey, signatory: str, passphrases: Passphrases
) -> tuple[PrivateKey, list[x509.Certificate]]:
    try:
        asn1_pkcs12.Pfx.load(data, strict=True)["auth_safe"].native  # noqa: B018 - parses all
    except (ValueError, TypeError):
        raise KeyNotUsable(
            f"{source.path} is neither a PKCS#12 nor a PEM file",
            "Export the key again as .p12.",
        ) from None
    for secret in _unlocked_first(passphrases, signatory):
        try:
            store = pkcs12.load_pkcs12(data, None if secret is None else secret.encoded())
        except UnsupportedAlgorithm as error:
            raise KeyNotUsable(
                f"{source.path} is locked in a way we do not know: {error}"
            ) from None
        except ValueError:
            continue
        if store.key is None:
            raise KeyNotUsable(
                f"{source.path} holds a certificate but no private key",
                "Export it again together with its private key.",
            )
        certificates = [store.cert] if store.cert else []
        certificates += store.additional_certs
        return _known_kind(store.key, source), [one.certificate for one in certificates]
    raise AssertionError("unreachable: the last attempt raises")


def _open_pem(
    data: bytes, source: FileKey, signatory: str, passphrases: Passphrases
) -> tuple[PrivateKey, list[x509.Certificate]]:
    if b" PRIVATE KEY--" not in data:
        raise KeyNotUsable(f"{source.path} holds no private key")
    inside = x509.load_pem_x509_certificates(data) if b"BEGIN CERTIFICATE" in data else []
    block = re.search(rb"-----BEGIN ([A-Z ]*PRIVATE KEY)-{5}.*?-----END \1-{5}", data, re.S)
    if block is None:
        raise KeyNotUsable(f"{source.path} is cut short")
    locked = b"ENCRYPTED" in block[0]
    candidates: Iterable[Secret | None] = (
        _only_locked(passphrases, signatory) if locked else (None,)
    )
    for secret in candidates:
        try:
            private = serialization.load_pem_private_key(
                block[0] + b"\n", None if secret is None else secret.encoded()
            )
        except UnsupportedAlgorithm as error:
            raise KeyNotUsable(
                f"{source.path} is locked in a way we do not know: {error}"
            ) from None
        except ValueError:
            if not locked:
                raise KeyNotUsable(f"{source.path} is no private key") from None
            continue
        return _known_kind(private, source), inside
    raise AssertionError("unreachable: the last attempt raises")


def _unlocked_first(passphrases: Passphrases, signatory: str) -> Iterator[Secret | None]:
    """``None`` for a file that is not locked, then the pass phrases."""
    yield None
    yield from _only_locked(passphrases, signatory)


def _only_locked(passphrases: Passphrases, signatory: str) -> Iterator[Secret]:
    """The pass phrases to try.

    :raises PassphraseMissing: when there was none.
    :raises PassphraseWrong: when none of them was right.
    """
    tried = 0
    for secret in passphrases.candidates(signatory):
        tried += 1
        yield secret
    if not tried:
        raise passphrase_missing(signatory)
    raise passphrase_wrong(signatory)


def _known_kind(private: object, source: FileKey) -> PrivateKey:
    if not isinstance(private, PrivateKey):
        raise KeyNotUsable(
            f"{source.path} is a key of a kind that cannot sign letters",
            "Use RSA of 2048 bits or more, or an elliptic curve.",
        )
    return private


def _same_key(public: Any, private: PrivateKey) -> bool:
    return bool(public == private.public_key())


class _MemorySigner(Signer):
    """Signs with a key that was loaded once (pyHanko's own loads it twice a signature)."""

    def __init__(
        self,
        private: PrivateKey,
        certificate: x509.Certificate,
        chain: Iterable[x509.Certificate],
    ) -> None:
        super().__init__(signing_cert=as_asn1(certificate), cert_registry=store_of(chain))
        self._private = private

    def __repr__(self) -> str:
        return "<signer in memory>"

    async def async_sign_raw(
        self, data: bytes, digest_algorithm: str, dry_run: bool = False
    ) -> bytes:
        return sign_raw(self._private, data, digest_algorithm)


def sign_raw(private: PrivateKey, data: bytes, digest_algorithm: str) -> bytes:
    """The bare signature of ``data``; RSA with PKCS#1 v1.5 padding, which every reader knows."""
    if isinstance(private, rsa.RSAPrivateKey):
        return private.sign(data, padding.PKCS1v15(), digest(digest_algorithm))
    if isinstance(private, ec.EllipticCurvePrivateKey):
        return private.sign(data, ec.ECDSA(digest(digest_algorithm)))
    return private.sign(data)
