"""Keys on a PKCS#11 token: SoftHSM, through its own library."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from judges import require, run, softhsm_module
from outreach_merge.sign.keys import TokenKey, key_source
from outreach_merge.sign.opening import open_key
from outreach_merge.sign.passphrase import Passphrases, Secret
from outreach_merge.sign.signing_errors import (
    KeyNotUsable,
    PassphraseMissing,
    PassphraseWrong,
    TokenNotUsable,
)
from outreach_merge.sign.specimen import p256_key, rsa_key
from sign.helpers import Pki, given_passphrase
from sign.test_keys import Asked
from sign.test_signing import openssl_verifies, pdfsig

PIN = "864209"


@dataclass(frozen=True)
class Token:
    """A SoftHSM token with the keys ``president`` (RSA) and ``ipu`` (P-256)."""

    module: str
    label: str
    environ: dict[str, str]
    certificates: dict[str, x509.Certificate]

    def add(self, label: str, key_id: str, private: Any, folder: Path) -> None:
        path = folder / f"{key_id}.pem"
        path.write_bytes(
            private.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        subprocess.run(
            [
                *("softhsm2-util", "--import", path, "--token", self.label),
                *("--label", label, "--id", key_id, "--pin", PIN),
            ],
            check=True,
            capture_output=True,
            env=self.environ,
        )
        path.unlink()

    def key(self, label: str, /, **changes: Any) -> TokenKey:
        named = {"module": Path(self.module), "token": self.label, "label": label, **changes}
        return TokenKey(**named)


@pytest.fixture(scope="module")
def hsm(tmp_path_factory: pytest.TempPathFactory, pki: Pki) -> Iterator[Token]:
    require("softhsm")
    pkcs11 = pytest.importorskip("pkcs11", reason="the package python-pkcs11 is not installed")
    module = softhsm_module()
    assert module is not None
    folder = tmp_path_factory.mktemp("softhsm")
    (folder / "tokens").mkdir()
    (folder / "softhsm2.conf").write_text(
        f"directories.tokendir = {folder}/tokens\nobjectstore.backend = file\nlog.level = ERROR\n"
    )
    before = os.environ.get("SOFTHSM2_CONF")
    os.environ["SOFTHSM2_CONF"] = str(folder / "softhsm2.conf")
    token = Token(module, "Presidency", dict(os.environ), {})
    for label in ("Presidency", "Twin", "Twin"):
        subprocess.run(
            [
                *("softhsm2-util", "--init-token", "--free", "--label", label),
                *("--so-pin", "12345678", "--pin", PIN),
            ],
            check=True,
            capture_output=True,
            env=token.environ,
        )
    keys: dict[str, Any] = {"president": rsa_key(), "ipu": p256_key()}
    for number, (name, private) in enumerate(keys.items()):
        identity = pki.authority.issue(f"{name} on a token", private)
        token.add(name, f"0{number + 1}", identity.private, folder)
        token.certificates[name] = identity.certificate
    token.add("twins", "11", p256_key(), folder)
    token.add("twins", "12", p256_key(), folder)
    token.add("lonely", "13", p256_key(), folder)
    library = pkcs11.lib(module)
    library.reinitialize()
    session = next(library.get_tokens(token_label="Presidency")).open(rw=True, user_pin=PIN)
    for number, (name, certificate) in enumerate(token.certificates.items()):
        session.create_object(
            {
                pkcs11.Attribute.CLASS: pkcs11.ObjectClass.CERTIFICATE,
                pkcs11.Attribute.CERTIFICATE_TYPE: pkcs11.CertificateType.X_509,
                pkcs11.Attribute.TOKEN: True,
                pkcs11.Attribute.LABEL: name,
                pkcs11.Attribute.ID: bytes([number + 1]),
                pkcs11.Attribute.SUBJECT: certificate.subject.public_bytes(),
                pkcs11.Attribute.VALUE: certificate.public_bytes(serialization.Encoding.DER),
            }
        )
    session.close()
    yield token
    if before is None:
        del os.environ["SOFTHSM2_CONF"]
    else:
        os.environ["SOFTHSM2_CONF"] = before


def test_joint_letter_signed_with_a_token_is_valid_to_other_programs(
    hsm: Token, joint: bytes, signers: Any, pki: Pki, nss: Path, tmp_path: Path
) -> None:
    require("openssl")
    signed = joint
    for name in ("president", "ipu"):
        uri = f"pkcs11:token=Presidency;object={name}?module-path={hsm.module}"
        signer = signers(
            name, source=key_source(uri, folder=tmp_path), passphrases=given_passphrase(PIN)
        )
        signed = signer.sign(signed).pdf
        signer.close()
    path = tmp_path / "joint.pdf"
    path.write_bytes(signed)
    said = pdfsig(path, nss)
    assert said.count("Signature is Valid") == 2
    assert said.count("Certificate is Trusted") == 2
    verified = openssl_verifies(signed, pki.trust_file, tmp_path)
    assert len(verified) == 2
    assert all("erification successful" in one for one in verified), verified
    assert "ipu on a token - SPECIMEN" in run("pdfsig", "-nocert", path)


def test_second_signature_from_a_token_the_first_from_a_file(
    hsm: Token, half_signed: bytes, signers: Any, nss: Path, tmp_path: Path
) -> None:
    path = tmp_path / "joint.pdf"
    signer = signers("ipu", source=hsm.key("ipu"), passphrases=given_passphrase(PIN))
    path.write_bytes(signer.sign(half_signed).pdf)
    assert pdfsig(path, nss).count("Signature is Valid") == 2


def test_wrong_pin(hsm: Token, now: Any) -> None:
    person = Asked("1111", "2222", "3333", PIN)
    with pytest.raises(PassphraseWrong):
        open_key(hsm.key("ipu"), "ipu", Passphrases(prompt=person), now=now)
    assert len(person.attempts) == 3


def test_pin_right_at_the_second_attempt(hsm: Token, now: Any) -> None:
    person = Asked("1111", PIN)
    with open_key(hsm.key("ipu"), "ipu", Passphrases(prompt=person), now=now) as key:
        assert key.certificate == hsm.certificates["ipu"]


def test_no_pin(hsm: Token, now: Any) -> None:
    with pytest.raises(PassphraseMissing):
        open_key(hsm.key("ipu"), "ipu", Passphrases(), now=now)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"module": Path("/nowhere/libp11.so")}, "library /nowhere/libp11.so is not there"),
        ({"module": Path(__file__)}, "does not work"),
        ({"token": "Gone"}, "token 'Gone' is not there"),
        ({"token": "Twin"}, "there are 2 tokens that answer to token 'Twin'"),
        ({"label": "gone"}, "has no private key named 'gone'"),
        ({"label": "twins"}, "has 2 private keys named 'twins'"),
    ],
)
def test_token_or_key_that_is_not_there_once(
    hsm: Token, now: Any, changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(TokenNotUsable, match=re.escape(said)) as caught:
        open_key(hsm.key("ipu", **changes), "ipu", given_passphrase(PIN), now=now)
    assert caught.value.remedy or "work" in said


def test_two_keys_of_one_label_are_told_apart_by_their_id(hsm: Token, now: Any) -> None:
    with pytest.raises(TokenNotUsable) as caught:
        open_key(hsm.key("twins"), "ipu", given_passphrase(PIN), now=now)
    assert "id=%11" in caught.value.remedy
    assert "id=%12" in caught.value.remedy
    with pytest.raises(KeyNotUsable, match="no certificate for the key"):
        open_key(hsm.key("twins", id=b"\x11"), "ipu", given_passphrase(PIN), now=now)


def test_certificate_of_another_key(hsm: Token, now: Any, pki: Pki) -> None:
    beside = hsm.key("lonely", certificate=pki.trust_file)
    with pytest.raises(KeyNotUsable, match="does not belong to the certificate of SPECIMEN Auth"):
        open_key(beside, "ipu", given_passphrase(PIN), now=now)


def test_pin_is_not_shown(hsm: Token, now: Any) -> None:
    with open_key(hsm.key("ipu"), "ipu", Passphrases(lines=[Secret(PIN)]), now=now) as key:
        assert PIN not in repr(key)
