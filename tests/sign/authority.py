"""A certificate authority with what tests need beyond specimens: any validity, revocation."""

from __future__ import annotations

import datetime as dt

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import ExtendedKeyUsageOID

from outreach_merge.sign.specimen import Identity, PrivateKey, SpecimenAuthority, key_usage

_DAY = dt.timedelta(days=1)


class Authority(SpecimenAuthority):
    """An authority that revokes certificates and issues unusual ones.

    :param now: as for :class:`SpecimenAuthority`.
    :param crl_url: where the certificates say that the revocation list is.
    """

    def __init__(self, now: dt.datetime, *, crl_url: str = "") -> None:
        super().__init__(now)
        self._crl_url = crl_url
        self._revoked: list[x509.RevokedCertificate] = []

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
        """A certificate for ``name``.

        :param not_before: a day before now when left out.
        :param not_after: a year after now when left out.
        :param purpose: an extended key usage.
        :param signing: whether the key usage allows signing; if not, only encryption.
        """
        usages = ("digital_signature", "content_commitment") if signing else ("key_encipherment",)
        builder = (
            self._builder(name, private)
            .not_valid_before(not_before or self._now - _DAY)
            .not_valid_after(not_after or self._now + 365 * _DAY)
            .add_extension(key_usage(*usages), critical=True)
        )
        if purpose is not None:
            builder = builder.add_extension(
                # RFC 3161, 2.3: critical for a time-stamp server.
                x509.ExtendedKeyUsage([purpose]),
                critical=purpose == ExtendedKeyUsageOID.TIME_STAMPING,
            )
        if self._crl_url:
            place = x509.UniformResourceIdentifier(self._crl_url)
            point = x509.DistributionPoint([place], None, None, None)
            builder = builder.add_extension(x509.CRLDistributionPoints([point]), critical=False)
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
        return builder.sign(self._private, hashes.SHA256()).public_bytes(serialization.Encoding.DER)
