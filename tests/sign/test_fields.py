"""Empty signature fields: what the typeset letter is given before anyone signs."""

from __future__ import annotations

import io
import time
from pathlib import Path

import pikepdf
import pytest

from judges import require, run
from judges.verapdf import validate
from outreach_merge.sign.fields import SignatureField, prepare_fields
from outreach_merge.sign.signing_errors import NotOurLetter
from outreach_merge.sign.state import signature_state

FIELDS = (
    SignatureField("president", "Signature of the President", -1, (70, 300, 270, 365)),
    SignatureField("ipu", "توقيع الأمين العام", -1, None, "ar"),
)


def test_same_letter_gives_the_same_bytes(bare: bytes) -> None:
    first = prepare_fields(bare, FIELDS)
    time.sleep(1.1)  # an identifier made from the clock would change with the second
    assert prepare_fields(bare, FIELDS) == first


def test_fields_stand_in_the_order_of_the_signatories(bare: bytes) -> None:
    state = signature_state(prepare_fields(bare, FIELDS))
    assert state.fields == ("president", "ipu")
    assert state.signed == ()
    assert state.missing == ("president", "ipu")


def test_letter_without_signatories_stays_as_it_is(bare: bytes) -> None:
    assert prepare_fields(bare, ()) == bare


def test_field_says_what_it_is_in_the_letters_language(bare: bytes) -> None:
    with pikepdf.open(io.BytesIO(prepare_fields(bare, FIELDS))) as document:
        first, second = document.Root.AcroForm.Fields
        assert str(first.TU) == "Signature of the President"
        assert [float(side) for side in first.Rect] == [70, 300, 270, 365]
        assert str(second.TU) == "توقيع الأمين العام"
        elements = [
            kid for kid in document.Root.StructTreeRoot.K[0].K if str(kid.get("/S")) == "/Form"
        ]
        assert [
            element.K.Obj.T == field.T
            for element, field in zip(elements, (first, second), strict=True)
        ]
        assert str(elements[1].Lang) == "ar"


@pytest.mark.slow
def test_letter_with_fields_is_still_archivable_and_accessible(bare: bytes, tmp_path: Path) -> None:
    require("verapdf", "qpdf")
    (tmp_path / "bare.pdf").write_bytes(bare)
    (tmp_path / "one.pdf").write_bytes(prepare_fields(bare, FIELDS[:1]))
    (tmp_path / "two.pdf").write_bytes(prepare_fields(bare, FIELDS))
    failed = validate(sorted(tmp_path.glob("*.pdf")))
    assert len(failed) == 3
    assert not any(failed.values()), failed
    assert "No syntax or stream encoding errors" in run("qpdf", "--check", tmp_path / "two.pdf")


@pytest.mark.slow
def test_the_judge_finds_an_untagged_field(bare: bytes, tmp_path: Path) -> None:
    """The judge is not blind: the same field without its tag and tooltip fails."""
    require("verapdf")
    with pikepdf.open(io.BytesIO(prepare_fields(bare, FIELDS[:1]))) as document:
        field = document.Root.AcroForm.Fields[0]
        del field.TU
        del document.Root.StructTreeRoot.K[0].K[-1]
        document.save(tmp_path / "untagged.pdf")
    rules = validate([tmp_path / "untagged.pdf"])[tmp_path / "untagged.pdf"]
    assert any("7.18" in rule for rule in rules), rules


@pytest.mark.parametrize("name", ["", "a.b", "the president", "é"])
def test_name_that_cannot_be_a_field(bare: bytes, name: str) -> None:
    with pytest.raises(ValueError, match="cannot be named"):
        prepare_fields(bare, [SignatureField(name, "x")])


def test_two_fields_of_one_name(bare: bytes) -> None:
    with pytest.raises(ValueError, match="same name"):
        prepare_fields(bare, [FIELDS[0], FIELDS[0]])


@pytest.mark.parametrize("page", [0, 2, -2])
def test_page_that_is_not_there(bare: bytes, page: int) -> None:
    with pytest.raises(ValueError, match=f"page {page} of 1"):
        prepare_fields(bare, [SignatureField("president", "x", page)])


def test_letter_that_has_fields_already(joint: bytes) -> None:
    with pytest.raises(NotOurLetter, match="form fields already"):
        prepare_fields(joint, FIELDS)


def test_pdf_that_is_not_tagged() -> None:
    document = pikepdf.new()
    document.add_blank_page()
    out = io.BytesIO()
    document.save(out)
    with pytest.raises(NotOurLetter, match="structure tree"):
        prepare_fields(out.getvalue(), FIELDS)
