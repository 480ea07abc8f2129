"""Letters to sign, signed ones, and an authority that says SPECIMEN."""

from __future__ import annotations

import datetime as dt
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from judges import require
from outreach_merge.sign.fields import prepare_fields
from outreach_merge.sign.passphrase import Secret
from outreach_merge.sign.specimen import p256_key, rsa_key
from sign.authority import Authority
from sign.helpers import FIELDS, PASSPHRASE, OpensslStamps, Pki, Server, Signers, typeset


@pytest.fixture(scope="session")
def now() -> dt.datetime:
    """The judges judge by the machine's clock, so the certificates start from it."""
    return dt.datetime.now(dt.UTC).replace(microsecond=0)


@pytest.fixture(scope="session")
def bare() -> bytes:
    """A typeset letter without a place for signatures."""
    return typeset()


@pytest.fixture(scope="session")
def joint(bare: bytes) -> bytes:
    """A letter that two sign."""
    return prepare_fields(bare, FIELDS)


@pytest.fixture(scope="session")
def single(bare: bytes) -> bytes:
    """A letter that one signs."""
    return prepare_fields(bare, FIELDS[:1])


@pytest.fixture(scope="session")
def pki(tmp_path_factory: pytest.TempPathFactory, now: dt.datetime) -> Pki:
    """An authority, the two signatories (RSA-2048 and P-256) and their PKCS#12 files."""
    folder = tmp_path_factory.mktemp("pki")
    authority = Authority(now)
    identities = {
        "president": authority.issue("Ambassador Lansana Gberie", rsa_key()),
        "ipu": authority.issue("Martin Chungong", p256_key()),
    }
    for name, identity in identities.items():
        (folder / f"{name}.p12").write_bytes(
            identity.pkcs12(authority.certificate, Secret(PASSPHRASE))
        )
    result = Pki(authority, identities, folder)
    result.trust_file.write_bytes(authority.certificate.public_bytes(serialization.Encoding.PEM))
    return result


@pytest.fixture
def signers(pki: Pki, now: dt.datetime) -> Iterator[Signers]:
    result = Signers(pki, now)
    yield result
    result.close()


@pytest.fixture(scope="session")
def half_signed(joint: bytes, pki: Pki, now: dt.datetime) -> bytes:
    """The joint letter with the first signature."""
    opened = Signers(pki, now)
    try:
        return opened("president").sign(joint).pdf
    finally:
        opened.close()


@pytest.fixture(scope="session")
def signed_joint(half_signed: bytes, pki: Pki, now: dt.datetime) -> bytes:
    """The same letter with both signatures."""
    opened = Signers(pki, now)
    try:
        return opened("ipu").sign(half_signed).pdf
    finally:
        opened.close()


@pytest.fixture
def server() -> Iterator[Server]:
    result = Server()
    yield result
    result.close()


@pytest.fixture
def stamps(tmp_path: Path, pki: Pki) -> OpensslStamps:
    return OpensslStamps(tmp_path, pki.authority)


@pytest.fixture
def nss(tmp_path: Path, pki: Pki) -> Path:
    """A certificate database that trusts our authority, for ``pdfsig``."""
    require("pdfsig", "certutil")
    folder = tmp_path / "nss"
    folder.mkdir()
    base = ["certutil", "-d", f"sql:{folder}"]
    subprocess.run([*base, "-N", "--empty-password"], check=True, capture_output=True)
    subprocess.run(
        [*base, "-A", "-n", "specimen", "-t", "CT,C,C", "-i", str(pki.trust_file)],
        check=True,
        capture_output=True,
    )
    return folder
