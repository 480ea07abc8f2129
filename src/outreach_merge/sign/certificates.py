"""Reads certificates and checks whether they may sign a letter."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier
from pyhanko_certvalidator.registry import SimpleCertificateStore

from outreach_merge.sign.signing_errors import CertificateNotUsable, KeyNotUsable

# What an extended key usage, where there is one, must allow for documents to be signed: document
# signing (RFC 9336), e-mail protection and "any" (RFC 5280, 4.2.1.12), and the purposes Adobe
# and Microsoft use for documents.
_FOR_DOCUMENTS = frozenset(
    {
        ObjectIdentifier("1.3.6.1.5.5.7.3.36"),
        ExtendedKeyUsageOID.EMAIL_PROTECTION,
        ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,
        ObjectIdentifier("1.2.840.113583.1.1.5"),
        ObjectIdentifier("1.3.6.1.4.1.311.10.3.12"),
    }
)
_SMALLEST_RSA_BITS = 2048


def read_certificates(path: Path) -> list[x509.Certificate]:
    """The certificates of a PEM or DER file.

    :raises KeyNotUsable: when it cannot be read or holds none.
    """
    data = read_file(path)
    try:
        if b"-----BEGIN " in data:
            return x509.load_pem_x509_certificates(data)
        return [x509.load_der_x509_certificate(data)]
    except ValueError:
        raise KeyNotUsable(f"{path} holds no certificate") from None


def read_crl(path: Path) -> bytes:
    """The revocation list of a PEM or DER file, as DER.

    :raises KeyNotUsable: when it cannot be read or is none.
    """
    data = read_file(path)
    load = x509.load_pem_x509_crl if b"-----BEGIN " in data else x509.load_der_x509_crl
    try:
        return load(data).public_bytes(serialization.Encoding.DER)
    except ValueError:
        raise KeyNotUsable(f"{path} holds no revocation list") from None


def read_file(path: Path) -> bytes:
    """The content of a key's or certificate's file.

    :raises KeyNotUsable: when it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise KeyNotUsable(
            f"{path} cannot be read: {error.strerror}",
            "Correct the path: on the command line, or under [signing] in campaign.toml.",
        ) from None


def common_name(name: x509.Name) -> str:
    """The common name; the whole name (RFC 4514) when it has none."""
    common = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(common[0].value) if common else name.rfc4514_string()


def check_certificate(certificate: x509.Certificate, *, now: dt.datetime) -> None:
    """Check validity, key usage and key size of a certificate.

    :param now: with a time zone.

    :raises CertificateNotUsable: with the reason.
    """
    who = common_name(certificate.subject)
    if now < certificate.not_valid_before_utc:
        raise CertificateNotUsable(
            f"the certificate of {who} is not valid before "
            f"{certificate.not_valid_before_utc:%Y-%m-%d %H:%M} UTC",
            "See that the clock of this machine is right, or wait.",
        )
    if now > certificate.not_valid_after_utc:
        raise CertificateNotUsable(
            f"the certificate of {who} expired on "
            f"{certificate.not_valid_after_utc:%Y-%m-%d %H:%M} UTC",
            "Ask the authority for a new one.",
        )
    if not may_sign_documents(certificate):
        raise CertificateNotUsable(
            f"the certificate of {who} is not for signing documents",
            "Ask the authority for one whose key usage is digital signature or non-repudiation.",
        )
    public = certificate.public_key()
    if isinstance(public, rsa.RSAPublicKey) and public.key_size < _SMALLEST_RSA_BITS:
        raise CertificateNotUsable(
            f"the key of {who} has {public.key_size} bits, which is too weak",
            "Ask the authority for RSA of 2048 bits or more, or an elliptic curve.",
        )


def may_sign_documents(certificate: x509.Certificate) -> bool:
    """Whether key usage and extended key usage, if present, allow it (RFC 5280, 4.2.1)."""
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        pass
    else:
        if not (usage.digital_signature or usage.content_commitment):
            return False
    try:
        purposes = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return True
    return not _FOR_DOCUMENTS.isdisjoint(purposes)


def as_asn1(certificate: x509.Certificate) -> asn1_x509.Certificate:
    """The certificate as the type of pyHanko."""
    return asn1_x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))


def store_of(certificates: Iterable[x509.Certificate]) -> SimpleCertificateStore:
    store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    store.register_multiple([as_asn1(certificate) for certificate in certificates])
    return store


def verifies(public: Any, signature: bytes, data: bytes, digest_algorithm: str) -> bool:
    """Whether ``signature`` is a raw signature of ``data`` by the private key of ``public``."""
    try:
        if isinstance(public, rsa.RSAPublicKey):
            public.verify(signature, data, padding.PKCS1v15(), digest(digest_algorithm))
        elif isinstance(public, ec.EllipticCurvePublicKey):
            public.verify(signature, data, ec.ECDSA(digest(digest_algorithm)))
        else:
            public.verify(signature, data)
    except InvalidSignature:
        return False
    return True


def digest(name: str) -> hashes.HashAlgorithm:
    """A digest algorithm by its name in pyHanko: ``sha256``, ``sha384``, ``sha512``."""
    algorithms: dict[str, type[hashes.SHA256 | hashes.SHA384 | hashes.SHA512]] = {
        "sha256": hashes.SHA256,
        "sha384": hashes.SHA384,
        "sha512": hashes.SHA512,
    }
    return algorithms[name]()
