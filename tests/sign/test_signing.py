"""Signed letters, as programs that share no code with us see them."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import time
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import cms
from cryptography.hazmat.primitives import hashes, serialization

from judges import require, run
from judges.verapdf import validate
from outreach_merge.sign.keys import FileKey
from outreach_merge.sign.passphrase import Secret
from outreach_merge.sign.signing import Level, LongTerm
from outreach_merge.sign.signing_errors import (
    AlreadySigned,
    CertificateNotUsable,
    ChangedBeforeSigning,
    NotOurLetter,
    OutOfTurn,
    TimestampUnavailable,
)
from outreach_merge.sign.specimen import p256_key, rsa_key
from outreach_merge.sign.state import signature_state
from outreach_merge.sign.timestamps import TimestampServer
from outreach_merge.sign.verdicts import Code
from outreach_merge.sign.verifying import verify
from sign.authority import Authority
from sign.helpers import PASSPHRASE, OpensslStamps, given_passphrase

_BYTE_RANGE = re.compile(rb"/ByteRange \[\s*0 (\d+) (\d+) (\d+)\s*\]")


def byte_ranges(pdf: bytes) -> list[tuple[int, int, int]]:
    """For each signature: where its place starts and ends, and the length of what follows."""
    return [
        (int(before), int(after), int(length)) for before, after, length in _BYTE_RANGE.findall(pdf)
    ]


def signed_parts(pdf: bytes) -> list[tuple[bytes, bytes]]:
    """For each signature, the bytes that were signed and the CMS container."""
    parts = []
    for before, after, length in byte_ranges(pdf):
        container = bytes.fromhex(pdf[before + 1 : after - 1].decode())
        parts.append((pdf[:before] + pdf[after : after + length], container))
    return parts


def last_digit_of_signature(pdf: bytes) -> int:
    """Where the last digit of the last signature's own value stands; padding follows."""
    _, container = signed_parts(pdf)[-1]
    start = byte_ranges(pdf)[-1][0] + 1
    return start + 2 * len(container.rstrip(b"\0")) - 1


def openssl_verifies(pdf: bytes, trust: Path, folder: Path) -> list[str]:
    """What ``openssl cms`` says of each signature."""
    said = []
    for number, (content, container) in enumerate(signed_parts(pdf)):
        data, cms = folder / f"{number}.bin", folder / f"{number}.der"
        data.write_bytes(content)
        cms.write_bytes(container)
        said.append(
            run(
                "openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", cms,
                "-content", data, "-CAfile", trust, "-purpose", "any", "-out", folder / "out.bin",
            )
        )  # fmt: skip
    return said


def pdfsig(path: Path, nss: Path) -> str:
    return run("pdfsig", "-nssdir", f"sql:{nss}", path)


def test_both_signatures_are_valid_to_other_programs(
    signed_joint: bytes, pki: Any, nss: Path, tmp_path: Path
) -> None:
    require("openssl", "qpdf")
    path = tmp_path / "joint.pdf"
    path.write_bytes(signed_joint)
    first, second = pdfsig(path, nss).split("Signature #2")
    for said in (first, second):
        assert "Signature is Valid" in said
        assert "Certificate is Trusted" in said
        assert "SHA-256" in said
        assert "ETSI.CAdES.detached" in said
    assert "Ambassador Lansana Gberie - SPECIMEN" in first
    assert "Not total document signed" in first
    assert "Martin Chungong - SPECIMEN" in second
    assert "\n  - Total document signed" in second
    verified = openssl_verifies(signed_joint, pki.trust_file, tmp_path)
    assert len(verified) == 2
    assert all("erification successful" in said for said in verified), verified
    assert "No syntax or stream encoding errors" in run("qpdf", "--check", path)


def test_signed_letters_are_still_archivable_and_accessible(
    signed_joint: bytes, half_signed: bytes, single: bytes, signers: Any, tmp_path: Path
) -> None:
    require("verapdf")
    (tmp_path / "joint.pdf").write_bytes(signed_joint)
    (tmp_path / "half.pdf").write_bytes(half_signed)
    (tmp_path / "single.pdf").write_bytes(signers("president").sign(single).pdf)
    failed = validate(sorted(tmp_path.glob("*.pdf")))
    assert len(failed) == 3
    assert not any(failed.values()), failed


def test_second_signature_is_appended_to_the_first(half_signed: bytes, signed_joint: bytes) -> None:
    assert signed_joint.startswith(half_signed)
    assert signature_state(half_signed).missing == ("ipu",)
    assert signature_state(signed_joint).missing == ()


def test_letter_is_certified_and_closed_by_the_last_signature(
    half_signed: bytes, signed_joint: bytes, single: bytes, signers: Any
) -> None:
    """DocMDP: 2, only signatures may follow; 1, nothing may."""
    assert b"/DocMDP" in half_signed
    assert re.search(rb"/TransformParams <<[^>]*/P 2", half_signed)
    appended = signed_joint[len(half_signed) :]
    assert b"/FieldMDP" in appended
    assert re.search(rb"/TransformParams <<[^>]*/P 1", appended)
    alone = signers("president").sign(single).pdf
    assert not re.search(rb"/TransformParams <<[^>]*/P 2", alone)


def test_reader_is_shown_name_reason_and_place(single: bytes, signers: Any, tmp_path: Path) -> None:
    require("qpdf")
    signer = signers("president")
    signed = signer.sign(single, name="Лансана Гбери", reason="Joint letter", location="Geneva")
    path = tmp_path / "letter.pdf"
    path.write_bytes(signed.pdf)
    said = run("qpdf", "--json", path)
    assert '"/Reason": "u:Joint letter"' in said
    assert '"/Location": "u:Geneva"' in said
    assert '"/Name": "u:Лансана Гбери"' in said
    assert signed.subject == "Ambassador Lansana Gberie - SPECIMEN"
    assert signed.level is Level.B_B


def test_the_clock_given_is_the_time_of_signing(
    single: bytes, signers: Any, now: Any, tmp_path: Path
) -> None:
    require("pdfsig")
    signer = signers("president", clock=lambda: now + dt.timedelta(days=3))
    signed = signer.sign(single)
    assert signed.signed_at == now + dt.timedelta(days=3)
    (tmp_path / "letter.pdf").write_bytes(signed.pdf)
    said = run("pdfsig", "-nocert", tmp_path / "letter.pdf", env={"TZ": "UTC"})
    assert f"Signing Time: {signed.signed_at:%b %d %Y %H:%M:%S}" in said


def test_elliptic_curve_signs_first_and_rsa_second(
    joint: bytes, pki: Any, signers: Any, nss: Path, tmp_path: Path
) -> None:
    half = signers("president", source=FileKey(pki.file("ipu"))).sign(joint)
    full = signers("ipu", source=FileKey(pki.file("president"))).sign(half.pdf)
    path = tmp_path / "joint.pdf"
    path.write_bytes(full.pdf)
    assert pdfsig(path, nss).count("Signature is Valid") == 2


def test_many_letters_with_one_signer(
    bare: bytes, joint: bytes, single: bytes, signers: Any, pki: Any, now: Any
) -> None:
    """One signer signs several letters, each with the letter's own digest."""
    signer = signers("president")
    for letter in (single, joint, single):
        signed = signer.sign(letter).pdf
        assert verify(signed, trust=pki.trust, now=now).signatures[0].code is Code.OK


@pytest.mark.parametrize("name", ["president", "ipu"])
def test_signed_attributes_are_those_of_pades(
    joint: bytes, single: bytes, signers: Any, pki: Any, name: str
) -> None:
    """ETSI EN 319 142-1, 6.3: content type, digest, certificate; no time of signing (5.3)."""
    signer = signers("president", source=FileKey(pki.file(name)))
    certificate = pki.identities[name].certificate
    for letter in (joint, single):
        [(content, container)] = signed_parts(signer.sign(letter).pdf)
        [info] = cms.ContentInfo.load(container)["content"]["signer_infos"]
        signed = {one["type"].native: one["values"].native for one in info["signed_attrs"]}
        assert set(signed) == {"content_type", "message_digest", "signing_certificate_v2"}
        assert signed["content_type"] == ["data"]
        assert signed["message_digest"] == [hashlib.sha256(content).digest()]
        [reference] = signed["signing_certificate_v2"][0]["certs"]
        assert reference["cert_hash"] == certificate.fingerprint(hashes.SHA256())
        assert reference["issuer_serial"]["serial_number"] == certificate.serial_number


# --- what cannot be signed -------------------------------------------------------------------


def test_second_signatory_cannot_go_first(joint: bytes, signers: Any) -> None:
    with pytest.raises(OutOfTurn, match="president signs before ipu") as caught:
        signers("ipu").sign(joint)
    assert caught.value.remedy == "Let president sign first."


def test_nobody_signs_twice(half_signed: bytes, signers: Any) -> None:
    with pytest.raises(AlreadySigned, match="president has signed") as caught:
        signers("president").sign(half_signed)
    assert "ipu is to sign next" in caught.value.remedy


def test_letter_without_a_place_for_this_signatory(single: bytes, signers: Any) -> None:
    with pytest.raises(NotOurLetter, match="no place for the signature of ipu"):
        signers("ipu").sign(single)


def test_letter_without_any_place(bare: bytes, signers: Any) -> None:
    with pytest.raises(NotOurLetter, match="no place for a signature") as caught:
        signers("president").sign(bare)
    assert "outreach-merge generate" in caught.value.remedy


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7\n", b"not a PDF", b"PK\3\4" + bytes(99)])
def test_file_that_is_no_pdf(data: bytes, signers: Any) -> None:
    with pytest.raises(NotOurLetter, match="not a PDF"):
        signers("president").sign(data)


@pytest.mark.parametrize("how", ["flip", "trailing", "signature"])
def test_second_signature_does_not_cover_up_a_change(
    half_signed: bytes, signers: Any, how: str
) -> None:
    changed = bytearray(half_signed)
    if how == "flip":
        place = half_signed.index(b"/XYZ") if b"/XYZ" in half_signed else 1500
        changed[place] ^= 1
    elif how == "trailing":
        changed += b"\n% added\n"
    else:
        place = last_digit_of_signature(half_signed)
        changed[place] = ord("0") if changed[place] != ord("0") else ord("1")
    with pytest.raises((ChangedBeforeSigning, NotOurLetter)) as caught:
        signers("ipu").sign(bytes(changed))
    assert caught.value.remedy


def test_key_expires_between_opening_and_signing(single: bytes, signers: Any, now: Any) -> None:
    times = iter([now, now + dt.timedelta(days=4000)])
    signer = signers("president", clock=lambda: next(times))
    with pytest.raises(CertificateNotUsable, match="expired on"):
        signer.sign(single)


# --- time stamps -----------------------------------------------------------------------------


def test_time_stamp_is_in_the_signature(
    joint: bytes,
    signers: Any,
    server: Any,
    stamps: Any,
    pki: Any,
    nss: Path,
    tmp_path: Path,
    now: Any,
) -> None:
    require("verapdf")
    server.answers["/tsa"] = stamps
    stamp = TimestampServer(server.url("/tsa"))
    half = signers("president", timestamp=stamp).sign(joint)
    full = signers("ipu", timestamp=stamp).sign(half.pdf)
    assert (half.level, full.level) == (Level.B_T, Level.B_T)
    path = tmp_path / "letter.pdf"
    path.write_bytes(full.pdf)
    assert pdfsig(path, nss).count("Signature is Valid") == 2
    assert not validate([path])[path]
    verdict = verify(full.pdf, trust=pki.trust, now=now + dt.timedelta(minutes=5))
    assert verdict.code is Code.OK, verdict.findings
    assert all(one.stamped for one in verdict.signatures)


def test_time_stamp_server_that_is_down(single: bytes, signers: Any) -> None:
    signer = signers("president", timestamp=TimestampServer("http://127.0.0.1:9/tsa", timeout=2))
    with pytest.raises(TimestampUnavailable, match=r"127\.0\.0\.1:9/tsa did not stamp") as caught:
        signer.sign(single)
    assert "not signed" in caught.value.remedy


def test_time_stamp_server_that_is_slow(single: bytes, signers: Any, server: Any) -> None:
    def slow(body: bytes) -> tuple[str, bytes]:
        time.sleep(1.5)
        return "application/timestamp-reply", b""

    server.answers["/tsa"] = slow
    signer = signers("president", timestamp=TimestampServer(server.url("/tsa"), timeout=0.3))
    with pytest.raises(TimestampUnavailable, match=r"did not answer within 0\.3 s"):
        signer.sign(single)


@pytest.mark.parametrize(
    "answer",
    [
        ("text/html", b"<h1>Service Unavailable</h1>"),
        ("application/timestamp-reply", b""),
        ("application/timestamp-reply", b"\x30\x03\x02\x01\x02"),
        ("application/timestamp-reply", bytes.fromhex("30053003020102")),
    ],
)
def test_time_stamp_server_that_talks_nonsense(
    single: bytes, signers: Any, server: Any, answer: tuple[str, bytes]
) -> None:
    server.answers["/tsa"] = lambda body: answer
    signer = signers("president", timestamp=TimestampServer(server.url("/tsa")))
    with pytest.raises(TimestampUnavailable):
        signer.sign(single)


def test_time_stamp_of_something_else_is_refused(
    single: bytes, signers: Any, server: Any, stamps: Any
) -> None:
    """A server that stamps another digest would make a worthless stamp, found out years later."""

    def elsewhere(body: bytes) -> tuple[str, bytes]:
        from asn1crypto import tsp

        request = tsp.TimeStampReq.load(body)
        request["message_imprint"]["hashed_message"] = bytes(32)
        answer: tuple[str, bytes] = stamps(request.dump(force=True))
        return answer

    server.answers["/tsa"] = elsewhere
    signer = signers("president", timestamp=TimestampServer(server.url("/tsa")))
    with pytest.raises(TimestampUnavailable, match="time stamp of something else"):
        signer.sign(single)


# --- for the long term -----------------------------------------------------------------------


class Revocable:
    """An authority with a revocation list on a server, a signatory and a time-stamp server."""

    def __init__(self, server: Any, folder: Path, now: dt.datetime, tsa: Any) -> None:
        self.authority = Authority(now, crl_url=server.url("/crl"))
        self.identity = self.authority.issue("President", rsa_key())
        self.file = folder / "president.p12"
        self.file.write_bytes(self.identity.pkcs12(self.authority.certificate, Secret("long term")))
        server.answers["/crl"] = lambda body: ("application/pkix-crl", self.authority.crl())
        server.answers["/tsa"] = tsa(folder, self.authority)
        self.stamp = TimestampServer(server.url("/tsa"))
        self.long_term = LongTerm(roots=(self.authority.certificate,))

    def signer(self, signers: Any, **options: Any) -> Any:
        return signers(
            "president",
            source=FileKey(self.file),
            passphrases=given_passphrase("long term"),
            timestamp=self.stamp,
            **options,
        )


@pytest.fixture
def revocable(server: Any, tmp_path: Path, now: Any) -> Revocable:
    return Revocable(server, tmp_path, now, OpensslStamps)


def test_revocation_lists_are_in_the_file(
    single: bytes, signers: Any, revocable: Revocable, server: Any, tmp_path: Path, now: Any
) -> None:
    require("verapdf")
    signer = revocable.signer(signers, long_term=revocable.long_term)
    signed = signer.sign(single)
    assert (signed.level, signed.shortfall) == (Level.B_LT, "")
    assert "/crl" in server.asked
    assert b"/DSS" in signed.pdf
    assert b"/CRLs" in signed.pdf
    path = tmp_path / "letter.pdf"
    path.write_bytes(signed.pdf)
    assert not validate([path])[path]
    verdict = verify(signed.pdf, trust=[revocable.authority.certificate], now=now)
    assert verdict.code is Code.OK, verdict.findings
    assert verdict.signatures[0].covers_file


def test_stamped_signature_outlives_its_certificate(
    single: bytes, signers: Any, server: Any, pki: Any, stamps: Any, now: Any, tmp_path: Path
) -> None:
    """A week on the certificate has expired. Only the stamp proves that it had not when signed."""
    identity = pki.authority.issue("President", rsa_key(), not_after=now + dt.timedelta(days=3))
    file = tmp_path / "short.p12"
    file.write_bytes(identity.pkcs12(pki.authority.certificate, Secret(PASSPHRASE)))
    server.answers["/tsa"] = stamps
    stamp = TimestampServer(server.url("/tsa"))
    stamped = signers("president", source=FileKey(file), timestamp=stamp).sign(single).pdf
    plain = signers("president", source=FileKey(file)).sign(single).pdf
    later = now + dt.timedelta(days=7)
    assert verify(plain, trust=pki.trust, now=now).code is Code.OK
    assert verify(plain, trust=pki.trust, now=later).code is Code.EXPIRED
    assert verify(stamped, trust=pki.trust, now=later).code is Code.OK
    recorded = verify(plain, trust=pki.trust, now=later, recorded_at=now)
    assert recorded.code is Code.OK, "the register recorded the file while it was valid"


def test_no_revocation_list_to_be_had(
    single: bytes, signers: Any, revocable: Revocable, server: Any
) -> None:
    del server.answers["/crl"]
    signed = revocable.signer(signers, long_term=revocable.long_term).sign(single)
    assert signed.level is Level.B_T
    assert signed.shortfall


def test_revoked_certificate_does_not_sign(
    single: bytes, signers: Any, revocable: Revocable, now: Any
) -> None:
    revocable.authority.revoke(revocable.identity.certificate, at=now - dt.timedelta(minutes=30))
    signer = revocable.signer(signers, long_term=revocable.long_term)
    with pytest.raises(CertificateNotUsable, match="revoked"):
        signer.sign(single)


def test_long_term_needs_a_time_stamp(signers: Any, pki: Any) -> None:
    with pytest.raises(ValueError, match="time-stamp"):
        signers("president", long_term=LongTerm(roots=tuple(pki.trust)))


# --- keys in other places ----------------------------------------------------------------------


@pytest.mark.parametrize("make", [rsa_key, p256_key])
def test_pem_key_locked_with_a_pass_phrase(
    make: Any, single: bytes, signers: Any, pki: Any, nss: Path, tmp_path: Path
) -> None:
    identity = pki.authority.issue("President", make())
    pem = serialization.Encoding.PEM
    (tmp_path / "president.key").write_bytes(
        identity.private.private_bytes(
            pem,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(PASSPHRASE.encode()),
        )
    )
    (tmp_path / "president.pem").write_bytes(
        identity.certificate.public_bytes(pem) + pki.authority.certificate.public_bytes(pem)
    )
    source = FileKey(tmp_path / "president.key", tmp_path / "president.pem")
    path = tmp_path / "letter.pdf"
    path.write_bytes(signers("president", source=source).sign(single).pdf)
    assert "Signature is Valid" in pdfsig(path, nss)
