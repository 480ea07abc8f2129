"""Keys on PKCS#11 tokens: smart cards, USB tokens, hardware security modules.

The private key never leaves the token. python-pkcs11 is imported only when a token is used.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from outreach_merge.sign.certificates import as_asn1, common_name, read_certificates, verifies
from outreach_merge.sign.keys import SigningKey, TokenKey
from outreach_merge.sign.passphrase import Passphrases
from outreach_merge.sign.signing_errors import (
    KeyNotUsable,
    PassphraseWrong,
    TokenNotUsable,
    passphrase_missing,
    passphrase_wrong,
)

if TYPE_CHECKING:
    import pkcs11

_TRIAL = b"outreach-merge tries the key of a token"


def open_token_key(source: TokenKey, signatory: str, passphrases: Passphrases) -> SigningKey:
    """Open the key that ``source`` names.

    :raises TokenNotUsable: no such module, token or key, or several.
    :raises PassphraseWrong: the PIN is wrong, or the token is locked.
    :raises PassphraseMissing: there was no PIN to try.
    :raises KeyNotUsable: key and certificate do not match.
    """
    try:
        import pkcs11
    except ImportError:
        raise TokenNotUsable(
            "signing with a token needs the package python-pkcs11",
            "Install it: pip install python-pkcs11",
        ) from None
    token = _find_token(source)
    session = _log_in(token, source, signatory, passphrases)
    try:
        return _key_of(session, source, signatory)
    except pkcs11.PKCS11Error as error:
        session.close()
        raise TokenNotUsable(
            f"{source} did not answer as it should: {type(error).__name__}"
        ) from None
    except BaseException:
        session.close()
        raise


def _find_token(source: TokenKey) -> pkcs11.Token:
    import pkcs11

    if not source.module.exists():
        raise TokenNotUsable(
            f"the token's library {source.module} is not there",
            "Install it, or correct module-path in the pkcs11 URI.",
        )
    try:
        library = pkcs11.lib(str(source.module))
        # A token plugged in after the library was loaded is listed only after loading it again.
        library.reinitialize()
        tokens = [
            token
            for slot in library.get_slots(token_present=True)
            for token in [slot.get_token()]
            if pkcs11.TokenFlag.TOKEN_INITIALIZED in token.flags and _is_named(token, source)
        ]
    except (pkcs11.PKCS11Error, RuntimeError) as error:
        raise TokenNotUsable(
            f"the token's library {source.module} does not work: {type(error).__name__}"
        ) from None
    if not tokens:
        raise TokenNotUsable(f"{source} is not there", "Put it in, and see that its name is right.")
    if len(tokens) > 1:
        raise TokenNotUsable(
            f"there are {len(tokens)} tokens that answer to {source}",
            "Add serial=... to the pkcs11 URI; serial numbers: "
            + ", ".join(token.serial.decode("ascii", "replace") for token in tokens),
        )
    return tokens[0]


def _is_named(token: pkcs11.Token, source: TokenKey) -> bool:
    if source.token and token.label != source.token:
        return False
    serial: bytes = token.serial
    return not source.serial or serial.decode("ascii", "replace").strip() == source.serial


def _log_in(
    token: pkcs11.Token, source: TokenKey, signatory: str, passphrases: Passphrases
) -> pkcs11.Session:
    import pkcs11

    if pkcs11.TokenFlag.PROTECTED_AUTHENTICATION_PATH in token.flags:
        # The PIN is entered on the keypad of the card reader.
        return token.open(user_pin=pkcs11.PROTECTED_AUTH)
    tried = 0
    for secret in passphrases.candidates(signatory):
        tried += 1
        try:
            return token.open(user_pin=secret.reveal())
        except (pkcs11.exceptions.PinIncorrect, pkcs11.exceptions.PinLenRange):
            if pkcs11.TokenFlag.USER_PIN_FINAL_TRY in token.flags:
                raise PassphraseWrong(
                    f"the PIN is wrong, and {source} locks itself after one more wrong PIN",
                    "Try the PIN with the token's own program before you sign again.",
                ) from None
        except pkcs11.exceptions.PinLocked:
            raise PassphraseWrong(
                f"{source} has locked itself after too many wrong PINs",
                "Unlock it with the token's own program.",
            ) from None
        except pkcs11.PKCS11Error as error:
            raise TokenNotUsable(f"{source} cannot be opened: {type(error).__name__}") from None
    raise passphrase_wrong(signatory) if tried else passphrase_missing(signatory)


def _key_of(session: pkcs11.Session, source: TokenKey, signatory: str) -> SigningKey:
    import pkcs11
    from pyhanko.sign.pkcs11 import PKCS11Signer

    named: dict[Any, Any] = {}
    if source.label:
        named[pkcs11.Attribute.LABEL] = source.label
    if source.id:
        named[pkcs11.Attribute.ID] = source.id
    found = list(
        session.get_objects({pkcs11.Attribute.CLASS: pkcs11.ObjectClass.PRIVATE_KEY, **named})
    )
    key_name = source.label or source.id.hex()
    if not found:
        raise TokenNotUsable(
            f"{source} has no private key named {key_name!r}",
            "See what is on it: pkcs11-tool --module ... --list-objects --login",
        )
    if len(found) > 1:
        ids = ", ".join(f"id=%{key[pkcs11.Attribute.ID].hex('%')}" for key in found)
        raise TokenNotUsable(
            f"{source} has {len(found)} private keys named {key_name!r}",
            f"Add which one to the pkcs11 URI: {ids}",
        )
    key_id: bytes = found[0][pkcs11.Attribute.ID]
    resident = [
        x509.load_der_x509_certificate(one[pkcs11.Attribute.VALUE])
        for one in session.get_objects(
            {pkcs11.Attribute.CLASS: pkcs11.ObjectClass.CERTIFICATE, pkcs11.Attribute.ID: key_id}
        )
    ]
    beside = [] if source.certificate is None else read_certificates(source.certificate)
    certificates = [*resident, *beside]
    if not certificates:
        raise KeyNotUsable(
            f"{source} has no certificate for the key {key_name!r}",
            'Name its file: certificate = "..." beside key = "...".',
        )
    for certificate in certificates:
        chain = tuple(one for one in certificates if one != certificate)
        signer = PKCS11Signer(
            session,
            signing_cert=as_asn1(certificate),
            ca_chain=[as_asn1(one) for one in chain],
            key_label=source.label or None,
            key_id=key_id or None,
            # Every token signs a digest on an elliptic curve; not every one computes it too.
            use_raw_mechanism=isinstance(certificate.public_key(), ec.EllipticCurvePublicKey),
        )
        if _belongs(signer, certificate):
            return SigningKey(signatory, certificate, chain, signer, session)
    raise KeyNotUsable(
        f"the key {key_name!r} of {source} does not belong to the certificate of "
        f"{common_name(certificates[0].subject)}",
        "Name the certificate that was issued for this key.",
    )


def _belongs(signer: Any, certificate: x509.Certificate) -> bool:
    """Whether the token's key belongs to the certificate, found by a trial signature."""
    import pkcs11

    try:
        signature = asyncio.run(signer.async_sign_raw(_TRIAL, "sha256"))
    except pkcs11.exceptions.KeyTypeInconsistent:
        return False
    return verifies(certificate.public_key(), signature, _TRIAL, "sha256")
