"""The signed attributes of a CMS signature, encoded once for a key.

Under PAdES they are the same on every letter but for the digest of the letter; encoding them
anew takes pyHanko half the time of a signature.
"""

from __future__ import annotations

from typing import Any

from asn1crypto import cms
from pyhanko.sign.signers import Signer


class RememberingSigner(Signer):
    """A signer that puts the letter's digest into attributes it has encoded before."""

    _encoded: dict[str, tuple[bytes, bytes]] | None = None

    async def signed_attrs(
        self, data_digest: bytes, digest_algorithm: str, *args: Any, **options: Any
    ) -> cms.CMSAttributes:
        if self._encoded is None:
            self._encoded = {}
        if digest_algorithm not in self._encoded:
            fresh = await super().signed_attrs(data_digest, digest_algorithm, *args, **options)
            encoded = fresh.dump()
            is_pades = options.get("use_pades") and not options.get("dry_run")
            if not is_pades or encoded.count(data_digest) != 1:
                return fresh
            self._encoded[digest_algorithm] = (encoded, data_digest)
        encoded, digest = self._encoded[digest_algorithm]
        return cms.CMSAttributes.load(encoded.replace(digest, data_digest))
