"""The signed attributes of a PAdES signature, for pyHanko's ``Signer.signed_attr_prov_spec``.

A PAdES baseline signature has three: the content type and the digest of the letter, which pyHanko
adds itself, and a reference to the certificate (ETSI EN 319 142-1, 6.3, table 1).
"""

from __future__ import annotations

from asn1crypto import tsp, x509
from pyhanko.sign.attributes import (
    CMSAttributeProvider,
    SignedAttributeProviderSpec,
    SigningCertificateV2Provider,
)
from pyhanko.sign.general import as_signing_certificate_v2


class PadesSignedAttributes(SignedAttributeProviderSpec):
    """The attributes that pyHanko does not add itself, the same for every letter.

    :param certificate: of the key that signs.
    """

    def __init__(self, certificate: x509.Certificate) -> None:
        self._certificate = _EncodedSigningCertificate(certificate)

    def signed_attr_providers(
        self, data_digest: bytes, digest_algorithm: str
    ) -> tuple[CMSAttributeProvider, ...]:
        return (self._certificate,)


class _EncodedSigningCertificate(SigningCertificateV2Provider):
    """pyHanko's reference to the certificate, encoded once.

    asn1crypto encodes a value made of Python objects again for every level it is nested in, which
    takes longer than the rest of a signature; a value loaded from DER it copies.
    """

    def __init__(self, signing_cert: x509.Certificate) -> None:
        super().__init__(signing_cert)
        self._encoded: bytes = as_signing_certificate_v2(signing_cert).dump()

    async def build_attr_value(self, dry_run: bool = False) -> tsp.SigningCertificateV2:
        return tsp.SigningCertificateV2.load(self._encoded)
