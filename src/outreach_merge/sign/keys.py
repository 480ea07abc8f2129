"""Where a signatory's key is, and the key once it is opened."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING
from urllib.parse import unquote, unquote_to_bytes

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from pyhanko.sign.signers import Signer

from outreach_merge.sign.certificates import common_name
from outreach_merge.sign.signing_errors import KeyNotUsable

if TYPE_CHECKING:
    import pkcs11


@dataclass(frozen=True, slots=True)
class FileKey:
    """A key in a PKCS#12 or PEM file.

    :param certificate: PEM or DER file of the certificate and its chain, where the key's file
        has none.
    """

    path: Path
    certificate: Path | None = None


@dataclass(frozen=True, slots=True)
class TokenKey:
    """A key on a PKCS#11 token, named by a URI (RFC 7512).

    :param certificate: as for :class:`FileKey`, where the token has none.
    """

    module: Path
    token: str = ""
    serial: str = ""
    label: str = ""
    id: bytes = b""
    certificate: Path | None = None

    def __str__(self) -> str:
        return f"token {self.token or self.serial!r}"


KeySource = FileKey | TokenKey


def key_source(text: str, *, folder: Path, certificate: Path | None = None) -> KeySource:
    """What a campaign's ``key = "..."`` names: a file, or a ``pkcs11:`` URI.

    :param folder: relative paths start here.
    :raises KeyNotUsable: for a ``pkcs11:`` URI that names no module or no key.
    """
    beside = None if certificate is None else folder / certificate
    if text.startswith("pkcs11:"):
        return _token_key(text, folder, beside)
    return FileKey(folder / Path(text).expanduser(), beside)


def _token_key(uri: str, folder: Path, certificate: Path | None) -> TokenKey:
    path, _, query = uri.removeprefix("pkcs11:").partition("?")
    attributes = dict(part.partition("=")[::2] for part in path.split(";") if part)
    questions = dict(part.partition("=")[::2] for part in query.split("&") if part)
    if "pin-value" in questions or "pin-source" in questions:
        raise KeyNotUsable(
            "the pkcs11 URI carries a PIN",
            "Take it out: the PIN comes from the environment, a file descriptor, the keyring, "
            "or is asked for.",
        )
    if "module-path" not in questions:
        raise KeyNotUsable(
            "the pkcs11 URI names no module",
            "Add the path of the token's library: "
            "pkcs11:token=NAME;object=KEY?module-path=/usr/lib/softhsm/libsofthsm2.so",
        )
    if not attributes.get("object") and not attributes.get("id"):
        raise KeyNotUsable("the pkcs11 URI names no key", "Add object=LABEL or id=%01 to the URI.")
    return TokenKey(
        module=folder / unquote(questions["module-path"]),
        token=unquote(attributes.get("token", "")),
        serial=unquote(attributes.get("serial", "")),
        label=unquote(attributes.get("object", "")),
        id=unquote_to_bytes(attributes.get("id", "")),
        certificate=certificate,
    )


@dataclass(slots=True)
class SigningKey:
    """A signatory's opened key. Use it as a context manager, or close it.

    :param signatory: the signatory's key in the campaign.
    :param certificate: the certificate of this key.
    :param chain: further certificates, up to the authority.
    """

    signatory: str
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]
    signer: Signer = field(repr=False)
    session: pkcs11.Session | None = field(default=None, repr=False)

    @property
    def subject(self) -> str:
        """The name in the certificate."""
        return common_name(self.certificate.subject)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate, hexadecimal."""
        return self.certificate.fingerprint(hashes.SHA256()).hex()

    def close(self) -> None:
        if self.session is not None:
            self.session.close()
            self.session = None

    def __enter__(self) -> SigningKey:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
