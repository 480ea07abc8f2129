"""Keys that cannot be used, and the errors they cause."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import x25519
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID

from outreach_merge.sign.keys import FileKey, TokenKey, key_source
from outreach_merge.sign.opening import open_key
from outreach_merge.sign.passphrase import Passphrases, Secret
from outreach_merge.sign.signing_errors import (
    CertificateNotUsable,
    KeyNotUsable,
    PassphraseMissing,
    PassphraseWrong,
)
from outreach_merge.sign.specimen import Identity, p256_key, rsa_key
from sign.helpers import PASSPHRASE, Pki, given_passphrase

_PEM = serialization.Encoding.PEM
_PKCS8 = serialization.PrivateFormat.PKCS8
_OPEN = serialization.NoEncryption()


def write_p12(path: Path, identity: Identity, pki: Pki) -> FileKey:
    path.write_bytes(identity.pkcs12(pki.authority.certificate, Secret(PASSPHRASE)))
    return FileKey(path)


class Asked:
    """A person at a terminal who gives these answers."""

    def __init__(self, *answers: str) -> None:
        self._answers = iter(answers)
        self.attempts: list[tuple[str, int]] = []

    def __call__(self, signatory: str, attempt: int) -> Secret | None:
        self.attempts.append((signatory, attempt))
        answer = next(self._answers, None)
        return None if answer is None else Secret(answer)


# --- pass phrases ------------------------------------------------------------------------------


def test_person_is_asked_three_times(pki: Pki, now: Any) -> None:
    person = Asked("wrong", "wrong again", PASSPHRASE)
    with open_key(
        FileKey(pki.file("president")), "president", Passphrases(prompt=person), now=now
    ) as key:
        assert key.subject == "Ambassador Lansana Gberie - SPECIMEN"
    assert person.attempts == [("president", 1), ("president", 2), ("president", 3)]


def test_three_wrong_answers_are_an_error(pki: Pki, now: Any) -> None:
    person = Asked("a", "b", "c", PASSPHRASE)
    with pytest.raises(PassphraseWrong, match="does not open the key of president") as caught:
        open_key(FileKey(pki.file("president")), "president", Passphrases(prompt=person), now=now)
    assert len(person.attempts) == 3
    assert "Nothing was signed" in caught.value.remedy


def test_wrong_pass_phrase_without_a_terminal(pki: Pki, now: Any) -> None:
    with pytest.raises(PassphraseWrong):
        open_key(FileKey(pki.file("president")), "president", given_passphrase("wrong"), now=now)


def test_no_pass_phrase_without_a_terminal(pki: Pki, now: Any) -> None:
    with pytest.raises(PassphraseMissing) as caught:
        open_key(FileKey(pki.file("president")), "president", Passphrases(), now=now)
    assert "OUTREACH_PASSPHRASE_PRESIDENT" in caught.value.remedy


def test_each_signatory_has_a_variable_and_one_serves_all(pki: Pki, now: Any) -> None:
    environ = {
        "OUTREACH_PASSPHRASE": PASSPHRASE,
        "OUTREACH_PASSPHRASE_IPU": "not this one",
        "PATH": "/bin",
    }
    passphrases = Passphrases(environ=environ)
    open_key(FileKey(pki.file("president")), "president", passphrases, now=now).close()
    with pytest.raises(PassphraseWrong):
        open_key(FileKey(pki.file("ipu")), "ipu", passphrases, now=now)
    assert environ == {"PATH": "/bin"}, "no process started later inherits a pass phrase"


def test_line_for_each_signatory(pki: Pki, now: Any, tmp_path: Path) -> None:
    first = pki.authority.issue("First", p256_key())
    (tmp_path / "first.p12").write_bytes(
        first.pkcs12(pki.authority.certificate, Secret("first line"))
    )
    lines = [Secret("first line"), Secret(PASSPHRASE)]
    passphrases = Passphrases(lines=lines)
    with open_key(FileKey(tmp_path / "first.p12"), "first", passphrases, now=now) as key:
        assert key.subject == "First - SPECIMEN"
    with open_key(FileKey(pki.file("ipu")), "ipu", passphrases, now=now) as key:
        assert key.subject == "Martin Chungong - SPECIMEN"


def test_wrong_variable_then_a_person(pki: Pki, now: Any) -> None:
    person = Asked(PASSPHRASE)
    passphrases = Passphrases(environ={"OUTREACH_PASSPHRASE": "wrong"}, prompt=person)
    open_key(FileKey(pki.file("ipu")), "ipu", passphrases, now=now).close()
    assert person.attempts == [("ipu", 1)]


@pytest.fixture
def desktop_keyring() -> Iterator[Any]:
    """A keyring in memory, in the place of the desktop's."""
    keyring = pytest.importorskip("keyring")
    from keyring.backend import KeyringBackend

    class Memory(KeyringBackend):
        priority = 1

        def __init__(self) -> None:
            super().__init__()  # type: ignore[no-untyped-call]
            self._passwords: dict[tuple[str, str], str] = {}

        def get_password(self, service: str, username: str) -> str | None:
            return self._passwords.get((service, username))

        def set_password(self, service: str, username: str, password: str) -> None:
            self._passwords[service, username] = password

    before = keyring.get_keyring()
    keyring.set_keyring(Memory())
    yield keyring
    keyring.set_keyring(before)


def test_pass_phrase_from_the_systems_keyring(desktop_keyring: Any, pki: Pki, now: Any) -> None:
    desktop_keyring.set_password("outreach-merge", "ipu", PASSPHRASE)
    open_key(FileKey(pki.file("ipu")), "ipu", Passphrases(keyring=True), now=now).close()
    with pytest.raises(PassphraseMissing):
        open_key(FileKey(pki.file("ipu")), "ipu", Passphrases(keyring=False), now=now)


def test_keyring_that_does_not_answer_is_passed_over(pki: Pki, now: Any) -> None:
    keyring = pytest.importorskip("keyring")
    from keyring.backends.fail import Keyring

    before = keyring.get_keyring()
    keyring.set_keyring(Keyring())  # type: ignore[no-untyped-call]
    try:
        person = Asked(PASSPHRASE)
        passphrases = Passphrases(keyring=True, prompt=person)
        open_key(FileKey(pki.file("ipu")), "ipu", passphrases, now=now).close()
    finally:
        keyring.set_keyring(before)
    assert person.attempts


def test_key_that_is_not_locked_asks_nobody(pki: Pki, now: Any, tmp_path: Path) -> None:
    identity = pki.authority.issue("Open", p256_key())
    pem = identity.private.private_bytes(_PEM, _PKCS8, _OPEN)
    (tmp_path / "open.pem").write_bytes(pem + identity.certificate.public_bytes(_PEM))
    person = Asked()
    passphrases = Passphrases(prompt=person)
    open_key(FileKey(tmp_path / "open.pem"), "open", passphrases, now=now).close()
    unlocked = pkcs12.serialize_key_and_certificates(
        b"", identity.private, identity.certificate, None, _OPEN
    )
    (tmp_path / "open.p12").write_bytes(unlocked)
    open_key(FileKey(tmp_path / "open.p12"), "open", passphrases, now=now).close()
    assert not person.attempts


# --- files -------------------------------------------------------------------------------------


def _no_key(pki: Pki) -> bytes:
    return pki.trust_file.read_bytes()


def _only_certificates(pki: Pki) -> bytes:
    return pkcs12.serialize_key_and_certificates(
        b"", None, None, [pki.authority.certificate], _OPEN
    )


def _key_alone(pki: Pki) -> bytes:
    return p256_key().private_bytes(_PEM, _PKCS8, _OPEN)


def _other_certificate(pki: Pki) -> bytes:
    return p256_key().private_bytes(_PEM, _PKCS8, _OPEN) + pki.identities[
        "ipu"
    ].certificate.public_bytes(_PEM)


def _other_kind(pki: Pki) -> bytes:
    return x25519.X25519PrivateKey.generate().private_bytes(_PEM, _PKCS8, _OPEN)


def _cut_short(pki: Pki) -> bytes:
    return rsa_key().private_bytes(_PEM, _PKCS8, _OPEN)[:900]


def _garbled(pki: Pki) -> bytes:
    return _key_alone(pki).replace(b"MI", b"MX", 1)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (lambda pki: b"", "neither a PKCS#12 nor a PEM file"),
        (lambda pki: b"hello, I am a key", "neither a PKCS#12 nor a PEM file"),
        (lambda pki: pki.file("ipu").read_bytes()[:300], "neither a PKCS#12 nor a PEM file"),
        (_no_key, "holds no private key"),
        (_only_certificates, "no private key"),
        (_key_alone, "there is no certificate with the key"),
        (_other_certificate, "does not belong to the certificate of Martin Chungong"),
        (_other_kind, "cannot sign letters"),
        (_cut_short, "is cut short"),
        (_garbled, "is no private key"),
    ],
)
def test_file_that_is_no_usable_key(
    content: Callable[[Pki], bytes], said: str, pki: Pki, now: Any, tmp_path: Path
) -> None:
    path = tmp_path / "signatory.p12"
    path.write_bytes(content(pki))
    with pytest.raises(KeyNotUsable, match=said) as caught:
        open_key(FileKey(path), "president", given_passphrase(), now=now)
    assert str(path) in caught.value.message


def test_file_that_is_not_there(now: Any, tmp_path: Path) -> None:
    with pytest.raises(KeyNotUsable, match=r"cannot be read: No such file") as caught:
        open_key(FileKey(tmp_path / "gone.p12"), "president", given_passphrase(), now=now)
    assert "[signing]" in caught.value.remedy


def test_certificate_beside_the_key_that_is_none(pki: Pki, now: Any, tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_bytes(_key_alone(pki))
    (tmp_path / "certificate.pem").write_bytes(b"no")
    source = FileKey(tmp_path / "key.pem", tmp_path / "certificate.pem")
    with pytest.raises(KeyNotUsable, match="holds no certificate"):
        open_key(source, "president", given_passphrase(), now=now)


# --- certificates --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"not_before": -300, "not_after": -2}, "expired on"),
        ({"not_before": 2, "not_after": 300}, "not valid before"),
        ({"signing": False}, "not for signing documents"),
        ({"purpose": ExtendedKeyUsageOID.SERVER_AUTH}, "not for signing documents"),
        ({"purpose": ExtendedKeyUsageOID.TIME_STAMPING}, "not for signing documents"),
    ],
)
def test_certificate_that_cannot_sign_today(
    options: dict[str, Any], said: str, pki: Pki, now: Any, tmp_path: Path
) -> None:
    settings = {
        name: now + dt.timedelta(days=value) if name.startswith("not_") else value
        for name, value in options.items()
    }
    identity = pki.authority.issue("President", p256_key(), **settings)
    source = write_p12(tmp_path / "president.p12", identity, pki)
    with pytest.raises(CertificateNotUsable, match=said) as caught:
        open_key(source, "president", given_passphrase(), now=now)
    assert "President - SPECIMEN" in caught.value.message
    assert caught.value.remedy


@pytest.mark.parametrize(
    "purpose",
    [ExtendedKeyUsageOID.EMAIL_PROTECTION, x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36")],
)
def test_certificate_for_documents_or_mail(
    purpose: x509.ObjectIdentifier, pki: Pki, now: Any, tmp_path: Path
) -> None:
    identity = pki.authority.issue("President", p256_key(), purpose=purpose)
    source = write_p12(tmp_path / "president.p12", identity, pki)
    with open_key(source, "president", given_passphrase(), now=now) as key:
        assert key.subject == "President - SPECIMEN"


def test_weak_key(pki: Pki, now: Any, tmp_path: Path) -> None:
    identity = pki.authority.issue("President", rsa_key(1024))
    source = write_p12(tmp_path / "president.p12", identity, pki)
    with pytest.raises(CertificateNotUsable, match="1024 bits, which is too weak"):
        open_key(source, "president", given_passphrase(), now=now)


# --- names of keys -------------------------------------------------------------------------------


def test_key_named_by_a_path_in_the_campaign(tmp_path: Path) -> None:
    assert key_source("pki/president.p12", folder=tmp_path) == FileKey(
        tmp_path / "pki" / "president.p12"
    )


def test_key_named_by_a_pkcs11_uri(tmp_path: Path) -> None:
    uri = "pkcs11:token=The%20Presidency;object=president;id=%01%0a?module-path=/lib/p11.so"
    assert key_source(uri, folder=tmp_path, certificate=Path("president.pem")) == TokenKey(
        module=Path("/lib/p11.so"),
        token="The Presidency",
        label="president",
        id=b"\x01\x0a",
        certificate=tmp_path / "president.pem",
    )


@pytest.mark.parametrize(
    ("uri", "said"),
    [
        ("pkcs11:object=a?module-path=/x.so&pin-value=1234", "carries a PIN"),
        ("pkcs11:object=a?module-path=/x.so&pin-source=file:/pin", "carries a PIN"),
        ("pkcs11:object=a", "names no module"),
        ("pkcs11:token=a?module-path=/x.so", "names no key"),
    ],
)
def test_pkcs11_uri_that_cannot_be_used(uri: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(KeyNotUsable, match=said) as caught:
        key_source(uri, folder=tmp_path)
    assert "1234" not in str(caught.value)
    assert caught.value.remedy
