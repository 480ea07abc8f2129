"""A throw-away authority and certificates for samples and tests.

Everything in it says SPECIMEN, so that nobody takes a sample for a letter. The authority's
key is forgotten with the object: nothing more can be issued in its name.
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
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

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
        """A .p12 file with the chain in it, locked with ``secret``."""
        return pkcs12.serialize_key_and_certificates(
            label.encode(),
            self.private,
            self.certificate,
            [authority],
            serialization.BestAvailableEncryption(secret.encoded()),
        )


class SpecimenAuthority:
    """A certificate authority that exists for one run.

    :param now: from a day before this moment, the authority is valid for two years.
    :param crl_url: where the certificates say that the revocation list is.
    :param ocsp_url: where they say that an OCSP server is.
    """

    def __init__(self, now: dt.datetime, *, crl_url: str = "", ocsp_url: str = "") -> None:
        self._now = now
        self._crl_url = crl_url
        self._ocsp_url = ocsp_url
        self._private = p256_key()
        self._revoked: list[x509.RevokedCertificate] = []
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
            .add_extension(_usage(certificates=True), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .sign(self._private, hashes.SHA256())
        )

    def issue(
        self,
        name: str,
        private: PrivateKey,
        *,
        not_before: dt.datetime | None = None,
        not_after: dt.datetime | None = None,
        purpose: x509.ObjectIdentifier | None = None,
        signing: bool = True,
    ) -> Identity:
        """A certificate for ``name``, to which SPECIMEN is added where it lacks it.

        :param not_before: a day before now when left out.
        :param not_after: a year after now when left out.
        :param purpose: an extended key usage.
        :param signing: whether the key usage allows signing.
        """
        public = private.public_key()
        builder = (
            x509.CertificateBuilder()
            .subject_name(_name(_marked(name)))
            .issuer_name(self.certificate.subject)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(not_before or self._now - _DAY)
            .not_valid_after(not_after or self._now + 365 * _DAY)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signing=signing), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._private.public_key()),
                critical=False,
            )
        )
        if purpose is not None:
            is_stamping = purpose == ExtendedKeyUsageOID.TIME_STAMPING
            builder = builder.add_extension(
                # RFC 3161, 2.3: critical for a time-stamp server.
                x509.ExtendedKeyUsage([purpose]),
                critical=is_stamping,
            )
        if self._crl_url:
            place = x509.UniformResourceIdentifier(self._crl_url)
            point = x509.DistributionPoint([place], None, None, None)
            builder = builder.add_extension(x509.CRLDistributionPoints([point]), critical=False)
        if self._ocsp_url:
            access = x509.AccessDescription(
                AuthorityInformationAccessOID.OCSP,
                x509.UniformResourceIdentifier(self._ocsp_url),
            )
            builder = builder.add_extension(
                x509.AuthorityInformationAccess([access]), critical=False
            )
        return Identity(builder.sign(self._private, hashes.SHA256()), private)

    def revoke(self, certificate: x509.Certificate, *, at: dt.datetime) -> None:
        """Put a certificate on the revocation list."""
        self._revoked.append(
            x509.RevokedCertificateBuilder()
            .serial_number(certificate.serial_number)
            .revocation_date(at)
            .build()
        )

    def crl(self) -> bytes:
        """The revocation list, DER."""
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.certificate.subject)
            .last_update(self._now - dt.timedelta(hours=1))
            .next_update(self._now + 30 * _DAY)
            .add_extension(x509.CRLNumber(1 + len(self._revoked)), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._private.public_key()),
                critical=False,
            )
        )
        for entry in self._revoked:
            builder = builder.add_revoked_certificate(entry)
        signed = builder.sign(self._private, hashes.SHA256())
        return signed.public_bytes(serialization.Encoding.DER)


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

    :param folder: made where it is not there; files in it are not overwritten.
    :param signatories: names by key.
    :param secret: locks the keys.
    :raises FileExistsError: when one of the files is there already; nothing is written.
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


def _usage(*, certificates: bool = False, signing: bool = True) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=signing and not certificates,
        content_commitment=signing and not certificates,
        key_encipherment=not signing,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=certificates,
        crl_sign=certificates,
        encipher_only=False,
        decipher_only=False,
    )
