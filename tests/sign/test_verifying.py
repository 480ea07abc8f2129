"""Verdicts on letters: whole ones, tampered ones, and ones that lack something."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
from collections.abc import Callable
from typing import Any

import pikepdf
import pytest
from cryptography.hazmat.primitives import serialization

from outreach_merge.sign.fields import prepare_fields
from outreach_merge.sign.keys import FileKey
from outreach_merge.sign.passphrase import Secret
from outreach_merge.sign.specimen import p256_key, rsa_key
from outreach_merge.sign.verdicts import Code, ExpectedSignatory, FileVerdict
from outreach_merge.sign.verifying import verify
from sign.authority import Authority
from sign.helpers import FIELDS, PASSPHRASE, Pki
from sign.test_signing import byte_ranges, last_digit_of_signature, signed_parts

_DER = serialization.Encoding.DER
EXPECTED = (ExpectedSignatory("president"), ExpectedSignatory("ipu"))


@pytest.fixture
def judge(pki: Pki, now: Any, signed_joint: bytes) -> Callable[..., FileVerdict]:
    """Verify against the register's knowledge of the joint letter."""

    def judge(pdf: bytes, **options: Any) -> FileVerdict:
        settings = {"trust": pki.trust, "now": now, "expected": EXPECTED, **options}
        return verify(pdf, **settings)

    return judge


def codes(verdict: FileVerdict) -> set[Code]:
    return {finding.code for finding in verdict.all_findings}


def rewrite(pdf: bytes, change: Callable[[pikepdf.Pdf], None]) -> bytes:
    """The file opened in an editor, changed and saved as a new one."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        change(document)
        out = io.BytesIO()
        document.save(out)
    return out.getvalue()


def append(pdf: bytes, change: Callable[[Any], None]) -> bytes:
    """The file changed by an incremental update, as a form editor does it."""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    change(writer)
    out = io.BytesIO()
    writer.write(out)  # type: ignore[no-untyped-call]
    return out.getvalue()


def flip(pdf: bytes, place: int) -> bytes:
    changed = bytearray(pdf)
    changed[place] ^= 0x01
    return bytes(changed)


# --- whole letters -----------------------------------------------------------------------------


def test_letter_with_both_signatures(
    judge: Callable[..., FileVerdict], signed_joint: bytes, pki: Pki, now: Any
) -> None:
    digest = hashlib.sha256(signed_joint).hexdigest()
    verdict = judge(signed_joint, recorded_digests=[digest])
    assert verdict.ok
    assert verdict.all_findings == ()
    first, second = verdict.signatures
    assert (first.signatory, first.subject) == (
        "president",
        "Ambassador Lansana Gberie - SPECIMEN",
    )
    assert first.issuer == "SPECIMEN Authority (not a real one)"
    assert (first.whole, first.trusted, first.covers_file) == (True, True, False)
    assert (second.whole, second.trusted, second.covers_file) == (True, True, True)
    assert second.signed_at == now
    assert not second.stamped
    report = verdict.as_dict()
    assert report["verdict"] == "ok"
    assert report["sha256"] == digest
    assert [one["verdict"] for one in report["signatures"]] == ["ok", "ok"]


def test_certificates_the_register_recorded(
    judge: Callable[..., FileVerdict], signed_joint: bytes
) -> None:
    found = judge(signed_joint).signatures
    pinned = [ExpectedSignatory(one.signatory, frozenset({one.fingerprint})) for one in found]
    assert judge(signed_joint, expected=pinned).ok


# --- tampering ---------------------------------------------------------------------------------


def test_byte_of_the_page_is_flipped(
    judge: Callable[..., FileVerdict], signed_joint: bytes
) -> None:
    changed = flip(signed_joint, signed_joint.index(b"stream\n", 4000) + 40)
    verdict = judge(changed)
    assert verdict.code is Code.CHANGED
    assert not any(one.whole for one in verdict.signatures)


def test_byte_of_the_signature_is_flipped(
    judge: Callable[..., FileVerdict], signed_joint: bytes
) -> None:
    place = last_digit_of_signature(signed_joint)
    changed = bytearray(signed_joint)
    changed[place] = ord("0") if changed[place] != ord("0") else ord("1")
    verdict = judge(bytes(changed))
    assert verdict.code is Code.CHANGED
    assert [one.code for one in verdict.signatures] == [Code.OK, Code.CHANGED]


def test_byte_after_the_first_signature_is_flipped(
    judge: Callable[..., FileVerdict], signed_joint: bytes, half_signed: bytes
) -> None:
    """The reason and the time of the second signature: the first is whole, the second is not."""
    place = signed_joint.index(b"/Filter /Adobe.PPKLite", len(half_signed)) + 10
    verdict = judge(flip(signed_joint, place))
    assert verdict.code is Code.CHANGED
    assert verdict.signatures[0].whole
    assert not verdict.signatures[1].whole


def test_padding_of_the_signature_is_used(
    judge: Callable[..., FileVerdict], signed_joint: bytes
) -> None:
    """No digest covers a signature's own place: what is hidden there no PDF reader sees."""
    place = last_digit_of_signature(signed_joint) + 20
    changed = signed_joint[:place] + b"c0ffee" + signed_joint[place + 6 :]
    assert judge(changed).code is Code.CHANGED


def test_cross_references_are_damaged(
    judge: Callable[..., FileVerdict], signed_joint: bytes
) -> None:
    changed = signed_joint.replace(b"startxref\n", b"startxrfe\n")
    assert judge(changed).code is Code.CHANGED


@pytest.mark.parametrize("rest", [b"\n", b"\n% a word more\n", b"%%EOF\n", bytes(4096)])
def test_trailing_bytes(
    judge: Callable[..., FileVerdict], signed_joint: bytes, rest: bytes
) -> None:
    verdict = judge(signed_joint + rest)
    assert verdict.code is Code.APPENDED_REVISION
    assert f"{len(rest)} bytes" in verdict.findings[0].message


def test_page_added_by_an_editor(judge: Callable[..., FileVerdict], signed_joint: bytes) -> None:
    changed = rewrite(signed_joint, lambda document: document.pages.append(document.pages[0]))
    assert judge(changed).code is Code.CHANGED


def test_page_added_by_an_appended_revision(
    judge: Callable[..., FileVerdict], signed_joint: bytes
) -> None:
    from pyhanko.pdf_utils.generic import StreamObject
    from pyhanko.pdf_utils.writer import PageObject

    def add(writer: Any) -> None:
        content = writer.add_object(StreamObject(stream_data=b"BT ET"))
        page = PageObject(  # type: ignore[no-untyped-call]
            contents=content, media_box=(0, 0, 595, 842)
        )
        writer.insert_page(page)

    changed = append(signed_joint, add)
    assert changed.startswith(signed_joint)
    verdict = judge(changed)
    assert verdict.code is Code.APPENDED_REVISION
    assert all(one.whole for one in verdict.signatures), "the signed bytes are untouched"


def test_text_replaced_by_an_appended_revision(
    judge: Callable[..., FileVerdict], signed_joint: bytes
) -> None:
    from pyhanko.pdf_utils.generic import StreamObject

    def replace(writer: Any) -> None:
        page = writer.root["/Pages"]["/Kids"][0]
        page["/Contents"] = writer.add_object(StreamObject(stream_data=b"BT ET"))
        writer.update_container(page)

    assert judge(append(signed_joint, replace)).code is Code.APPENDED_REVISION


def test_text_replaced_by_an_editor(judge: Callable[..., FileVerdict], signed_joint: bytes) -> None:
    def replace(document: pikepdf.Pdf) -> None:
        page = document.pages[0]
        page.Contents = document.make_stream(page.Contents.read_bytes().replace(b"Tf", b"TL"))

    assert judge(rewrite(signed_joint, replace)).code is Code.CHANGED


def test_second_signature_removed_by_cutting_it_off(
    judge: Callable[..., FileVerdict], signed_joint: bytes, half_signed: bytes
) -> None:
    """What is left is a valid file; every tool that does not know who was to sign says so."""
    verdict = judge(signed_joint[: len(half_signed)])
    assert verdict.code is Code.MISSING_SIGNATURE
    assert verdict.findings[0].message == "the signature of ipu is not there"
    assert [one.code for one in verdict.signatures] == [Code.OK]


def test_second_signature_is_missed_without_the_register_too(
    judge: Callable[..., FileVerdict], half_signed: bytes
) -> None:
    assert judge(half_signed, expected=None).code is Code.MISSING_SIGNATURE


def test_second_signature_removed_by_an_editor(
    judge: Callable[..., FileVerdict], signed_joint: bytes
) -> None:
    def remove(document: pikepdf.Pdf) -> None:
        del document.Root.AcroForm.Fields[1].V

    assert codes(judge(rewrite(signed_joint, remove))) >= {
        Code.CHANGED,
        Code.MISSING_SIGNATURE,
    }


def test_both_signatures_removed(judge: Callable[..., FileVerdict], signed_joint: bytes) -> None:
    def remove(document: pikepdf.Pdf) -> None:
        for signature in document.Root.AcroForm.Fields:
            del signature.V

    assert judge(rewrite(signed_joint, remove)).code is Code.NOT_SIGNED


def test_letter_without_its_second_place_signed_again(
    judge: Callable[..., FileVerdict], single: bytes, signers: Any
) -> None:
    """A letter for one signatory in the place of the joint one: valid, and not what was sent."""
    alone = signers("president").sign(single).pdf
    assert judge(alone, expected=None).ok
    assert judge(alone).code is Code.MISSING_SIGNATURE


def test_change_between_the_signatures(
    judge: Callable[..., FileVerdict], half_signed: bytes, pki: Pki, now: Any
) -> None:
    """Added after the first signature and covered by the second: both digests are right."""
    from pyhanko.pdf_utils.generic import StreamObject
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import signers

    writer = IncrementalPdfFileWriter(io.BytesIO(half_signed))
    page = writer.root["/Pages"]["/Kids"][0]
    page["/Contents"] = writer.add_object(StreamObject(stream_data=b"BT ET"))
    writer.update_container(page)
    signer = signers.SimpleSigner.load_pkcs12(  # type: ignore[no-untyped-call]
        pki.file("ipu"), passphrase=PASSPHRASE.encode()
    )
    out = io.BytesIO()
    signers.sign_pdf(writer, signers.PdfSignatureMetadata(field_name="ipu"), signer, output=out)
    verdict = judge(out.getvalue())
    assert all(one.whole for one in verdict.signatures)
    assert verdict.code is Code.CHANGED
    assert "between the signature of president and the next" in verdict.all_findings[0].message


# --- other people's signatures ------------------------------------------------------------------


def test_another_persons_certificate_of_the_same_authority(
    judge: Callable[..., FileVerdict], joint: bytes, pki: Pki, signers: Any
) -> None:
    """IPU's key in the president's place: trusted, and not the president's."""
    forged = signers("president", source=FileKey(pki.file("ipu"))).sign(joint).pdf
    president = hashlib.sha256(
        pki.identities["president"].certificate.public_bytes(_DER)
    ).hexdigest()
    pinned = [ExpectedSignatory("president", frozenset({president}))]
    verdict = judge(forged, expected=pinned)
    assert verdict.code is Code.FOREIGN_SIGNER
    assert "that of Martin Chungong - SPECIMEN" in verdict.all_findings[0].message


def test_another_authoritys_certificate_of_the_same_name(
    judge: Callable[..., FileVerdict], single: bytes, signers: Any, now: Any, tmp_path: Any
) -> None:
    elsewhere = Authority(now)
    forger = elsewhere.issue("Ambassador Lansana Gberie", rsa_key())
    path = tmp_path / "forger.p12"
    path.write_bytes(forger.pkcs12(elsewhere.certificate, Secret(PASSPHRASE)))
    forged = signers("president", source=FileKey(path)).sign(single).pdf
    verdict = judge(forged, expected=EXPECTED[:1])
    assert verdict.code is Code.UNTRUSTED
    assert not verdict.signatures[0].trusted
    assert verdict.signatures[0].whole


def test_somebody_who_was_not_to_sign(
    judge: Callable[..., FileVerdict], signed_joint: bytes
) -> None:
    verdict = judge(signed_joint, expected=EXPECTED[:1])
    assert verdict.code is Code.FOREIGN_SIGNER


def test_no_authority_is_named(judge: Callable[..., FileVerdict], signed_joint: bytes) -> None:
    verdict = judge(signed_joint, trust=[])
    assert codes(verdict) == {Code.UNTRUSTED}
    assert "--trust" in verdict.all_findings[0].remedy


def test_signed_in_another_order(
    judge: Callable[..., FileVerdict], bare: bytes, signers: Any
) -> None:
    turned = prepare_fields(bare, FIELDS[::-1])
    signed = signers("president").sign(signers("ipu").sign(turned).pdf).pdf
    verdict = judge(signed)
    assert verdict.code is Code.WRONG_ORDER
    assert (
        verdict.findings[0].message == "signed in the order ipu, president instead of "
        "president, ipu"
    )


# --- certificates in time -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "code"),
    [(0, Code.OK), (400, Code.EXPIRED), (-3, Code.NOT_YET_VALID)],
)
def test_certificate_at_the_time_of_verification(
    judge: Callable[..., FileVerdict], signed_joint: bytes, now: Any, days: int, code: Code
) -> None:
    assert judge(signed_joint, now=now + dt.timedelta(days=days)).code is code


def test_signed_by_a_clock_outside_the_certificate(
    judge: Callable[..., FileVerdict],
    single: bytes,
    pki: Pki,
    signers: Any,
    now: Any,
    tmp_path: Any,
) -> None:
    """The signer's clock says a time at which the certificate did not exist yet."""
    young = pki.authority.issue("President", p256_key(), not_before=now - dt.timedelta(hours=1))
    path = tmp_path / "young.p12"
    path.write_bytes(young.pkcs12(pki.authority.certificate, Secret(PASSPHRASE)))
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner

    class Backdating(PdfSigner):
        def init_signing_session(self, *args: Any, **options: Any) -> Any:
            session = super().init_signing_session(*args, **options)
            session.system_time = now - dt.timedelta(days=30)
            return session

    signer = SimpleSigner.load_pkcs12(  # type: ignore[no-untyped-call]
        path, passphrase=PASSPHRASE.encode()
    )
    out = io.BytesIO()
    Backdating(PdfSignatureMetadata(field_name="president"), signer).sign_pdf(
        IncrementalPdfFileWriter(io.BytesIO(single)), output=out
    )
    assert judge(out.getvalue(), expected=EXPECTED[:1]).code is Code.NOT_YET_VALID


def test_certificate_revoked_since(
    judge: Callable[..., FileVerdict], single: bytes, signers: Any, now: Any, tmp_path: Any
) -> None:
    """Revoked before the moment that counts, the signature falls; revoked after it, it stands."""
    authority = Authority(now)
    identity = authority.issue("President", p256_key())
    path = tmp_path / "president.p12"
    path.write_bytes(identity.pkcs12(authority.certificate, Secret(PASSPHRASE)))
    signed = signers("president", source=FileKey(path)).sign(single).pdf
    authority.revoke(identity.certificate, at=now - dt.timedelta(minutes=10))
    settings: dict[str, Any] = {
        "expected": EXPECTED[:1],
        "trust": [authority.certificate],
        "crls": [authority.crl()],
    }
    assert judge(signed, **{**settings, "crls": ()}).ok
    assert judge(signed, **settings).code is Code.REVOKED
    earlier = now - dt.timedelta(hours=2)
    assert judge(signed, **settings, recorded_at=earlier).ok


# --- files nobody knows ----------------------------------------------------------------------------


def test_file_the_register_does_not_know(
    judge: Callable[..., FileVerdict], signed_joint: bytes
) -> None:
    verdict = judge(signed_joint, recorded_digests=["0" * 64])
    assert verdict.code is Code.UNKNOWN_FILE
    assert all(one.code is Code.OK for one in verdict.signatures)


def test_letter_that_nobody_signed(
    judge: Callable[..., FileVerdict], joint: bytes, bare: bytes
) -> None:
    assert judge(joint).code is Code.NOT_SIGNED
    assert judge(bare, expected=None).code is Code.NOT_SIGNED


@pytest.mark.parametrize("data", [b"", b"PK\3\4", b"%PDF-1.7\n%%EOF\n", b"<html></html>"])
def test_file_that_is_no_pdf(judge: Callable[..., FileVerdict], data: bytes) -> None:
    verdict = judge(data)
    assert verdict.code is Code.UNREADABLE
    assert verdict.as_dict()["signatures"] == []


@pytest.mark.slow
def test_every_byte_counts(judge: Callable[..., FileVerdict], signed_joint: bytes) -> None:
    """Bytes all over the file, flipped one at a time: not one is ``ok`` to the register, and
    outside the containers of the signatures not one is ``ok`` without it."""
    digest = hashlib.sha256(signed_joint).hexdigest()
    unsigned = _places_of_containers(signed_joint)
    for place in range(7, len(signed_joint), len(signed_joint) // 60):
        changed = flip(signed_joint, place)
        assert not judge(changed, recorded_digests=[digest]).ok, place
        if not any(start <= place < end for start, end in unsigned):
            assert not judge(changed).ok, place


def _places_of_containers(pdf: bytes) -> list[tuple[int, int]]:
    """From the first to the last digit of each container, without its padding."""
    places = []
    for number, (_, container) in enumerate(signed_parts(pdf)):
        start = byte_ranges(pdf)[number][0] + 1
        places.append((start, start + 2 * len(container.rstrip(b"\0"))))
    return places
