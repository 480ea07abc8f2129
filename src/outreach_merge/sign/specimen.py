"""A specimen certificate authority and its certificates, for the sample campaign.

Every subject says SPECIMEN, so that nobody takes a sample for a signed letter. The authority's
private key is not written to a file: nothing can be issued in its name later.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

from outreach_merge.sign.passphrase import Secret

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

_DAY = dt.timedelta(days=1)
_LONGEST_NAME = 64


def rsa_key(bits: int = 2048) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def p256_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@dataclass(frozen=True, slots=True)
class Identity:
    """A private key with its certificate."""

    certificate: x509.Certificate
    private: PrivateKey

    def __repr__(self) -> str:
        return f"<identity of {self.certificate.subject.rfc4514_string()}>"

    def pkcs12(self, authority: x509.Certificate, secret: Secret, label: str = "") -> bytes:
        """A PKCS#12 file with the key and its chain, encrypted with ``secret``."""
        return pkcs12.serialize_key_and_certificates(
            label.encode(),
            self.private,
            self.certificate,
            [authority],
            serialization.BestAvailableEncryption(secret.encoded()),
        )


class SpecimenAuthority:
    """A certificate authority whose key exists in memory only, for one run.

    :param now: the authority is valid for two years from a day before this moment.
    """

    def __init__(self, now: dt.datetime) -> None:
        self._now = now
        self._private = p256_key()
        name = _name("SPECIMEN Authority (not a real one)")
        public = self._private.public_key()
        self.certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - _DAY)
            .not_valid_after(now + 730 * _DAY)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(key_usage("key_cert_sign", "crl_sign"), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .sign(self._private, hashes.SHA256())
        )

    def issue(self, name: str, private: PrivateKey) -> Identity:
        """A certificate for ``name``, valid for a year from a day before now, to sign documents.

        :param name: the subject's common name; SPECIMEN is added where it lacks it.
        """
        builder = (
            self._builder(name, private)
            .not_valid_before(self._now - _DAY)
            .not_valid_after(self._now + 365 * _DAY)
            .add_extension(key_usage("digital_signature", "content_commitment"), critical=True)
        )
        return Identity(builder.sign(self._private, hashes.SHA256()), private)

    def _builder(self, name: str, private: PrivateKey) -> x509.CertificateBuilder:
        """A certificate without validity and key usage."""
        public = private.public_key()
        return (
            x509.CertificateBuilder()
            .subject_name(_name(_marked(name)))
            .issuer_name(self.certificate.subject)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._private.public_key()),
                critical=False,
            )
        )


@dataclass(frozen=True, slots=True)
class SpecimenFiles:
    """What was written.

    :param authority: PEM, for ``verify --trust``.
    :param keys: PKCS#12 by signatory.
    :param certificates: PEM by signatory.
    """

    authority: Path
    keys: Mapping[str, Path]
    certificates: Mapping[str, Path]


def write_specimen_pki(
    folder: Path, signatories: Mapping[str, str], secret: Secret, *, now: dt.datetime
) -> SpecimenFiles:
    """Make an authority and a key for each signatory, RSA-2048 and P-256 in turn.

    :param folder: created when it does not exist; files in it are not overwritten.
    :param signatories: names by key.
    :param secret: encrypts the keys.
    :raises FileExistsError: when one of the files exists; nothing is written.
    """
    authority = SpecimenAuthority(now)
    root = folder / "specimen-authority.pem"
    contents = {root: authority.certificate.public_bytes(serialization.Encoding.PEM)}
    keys: dict[str, Path] = {}
    certificates: dict[str, Path] = {}
    for number, (key, name) in enumerate(signatories.items()):
        identity = authority.issue(name, p256_key() if number % 2 else rsa_key())
        keys[key] = folder / f"{key}.p12"
        certificates[key] = folder / f"{key}.pem"
        contents[keys[key]] = identity.pkcs12(authority.certificate, secret, label=key)
        contents[certificates[key]] = identity.certificate.public_bytes(serialization.Encoding.PEM)
    for path in contents:
        if path.exists():
            raise FileExistsError(f"{path} is there already")
    folder.mkdir(parents=True, exist_ok=True)
    for path, data in contents.items():
        # Readable by its owner only, from the first byte on.
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
    return SpecimenFiles(root, keys, certificates)


def _marked(name: str) -> str:
    """The name with SPECIMEN at its end, whatever its length (RFC 5280: 64 characters)."""
    mark = " - SPECIMEN"
    return name[:_LONGEST_NAME] if "SPECIMEN" in name else name[: _LONGEST_NAME - len(mark)] + mark


def _name(common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "SPECIMEN - no legal effect"),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


_KEY_USAGES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


def key_usage(*allowed: str) -> x509.KeyUsage:
    """The key usage (RFC 5280, 4.2.1.3) that allows what is named and nothing else."""
    return x509.KeyUsage(**{usage: usage in allowed for usage in _KEY_USAGES})
