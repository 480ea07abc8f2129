"""Adds documents to a letter's file: as attachments, or as further pages.

A letter conforms to PDF/A-3a and PDF/UA-1. With attachments it still does: they are associated
files (ISO 19005-3, 6.8). With further pages it does if the document conforms too; its structure
tree is appended to the letter's. Otherwise the metadata of the letter's file is reduced to
the claims that hold for both.
"""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Pdf

from outreach_merge import catalogue
from outreach_merge.model import Problem

_MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Document:
    """A document to add.

    :param title: in the letter's language.
    :param file_name: name of the attachment.
    :param language: language of the document.
    """

    title: str
    file_name: str
    language: str
    pdf: bytes


@dataclass(frozen=True, slots=True)
class _Claims:
    """The conformance that a file claims in its metadata."""

    archive_part: str
    archive_level: str
    accessible: bool

    @property
    def is_tagged_archive(self) -> bool:
        return bool(self.archive_part) and self.archive_level.upper() == "A" and self.accessible


def file_problem(path: Path, largest_mb: float) -> Problem | None:
    """Why a file cannot be enclosed; ``None`` when it can. The caller adds file and key."""
    size = path.stat().st_size / _MEGABYTE
    if size > largest_mb:
        return catalogue.ENCLOSURE_TOO_LARGE.at(name=path.name, size=size, largest=largest_mb)
    try:
        with pikepdf.open(path) as pdf:
            encrypted, pages = pdf.is_encrypted, len(pdf.pages)
    except pikepdf.PasswordError:
        encrypted, pages = True, 1
    except pikepdf.PdfError:
        return catalogue.ENCLOSURE_NOT_PDF.at(name=path.name)
    if encrypted:
        return catalogue.ENCLOSURE_ENCRYPTED.at(name=path.name)
    if not pages:
        return catalogue.ENCLOSURE_WITHOUT_PAGE.at(name=path.name)
    return None


def attach(letter: bytes, documents: Sequence[Document], day: dt.date) -> bytes:
    """The letter with the documents as attachments, beside those it has.

    :param day: modification date of the attachments: the letter's date, so that the same letter
        gives the same bytes.
    """
    moment = f"D:{day:%Y%m%d}000000Z"
    with pikepdf.open(io.BytesIO(letter)) as pdf:
        associated = pdf.Root.get("/AF", Array())
        for document in documents:
            spec = pikepdf.AttachedFileSpec(
                pdf,
                document.pdf,
                description=document.title,
                filename=document.file_name,
                mime_type="application/pdf",
                relationship=Name.Supplement,
                creation_date=moment,
                mod_date=moment,
            )
            pdf.attachments[document.file_name] = spec
            associated.append(pdf.attachments[document.file_name].obj)
        pdf.Root.AF = associated
        return _saved(pdf)


def append(letter: bytes, documents: Sequence[Document]) -> bytes:
    """The letter followed by the pages of the documents."""
    with pikepdf.open(io.BytesIO(letter)) as pdf:
        claims = _claims(pdf)
        for document in documents:
            with pikepdf.open(io.BytesIO(document.pdf)) as other:
                claims = _weaker(claims, _claims(other))
                _append_one(pdf, other, document)
        if not claims.is_tagged_archive:
            _state_less(pdf, claims)
        return _saved(pdf)


def page_count(pdf: bytes) -> int:
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        return len(opened.pages)


def _append_one(pdf: Pdf, other: Pdf, document: Document) -> None:
    first = len(pdf.pages)
    for page in other.pages:
        pdf.pages.append(page)
    if "/StructTreeRoot" in pdf.Root and "/StructTreeRoot" in other.Root:
        # After the pages, because the copied tags refer to the copied pages.
        tags = pdf.copy_foreign(other.Root.StructTreeRoot)
        _join_tags(pdf, tags, list(pdf.pages)[first:], document)


def _join_tags(pdf: Pdf, tags: Object, pages: Sequence[pikepdf.Page], document: Document) -> None:
    """Append the structure tree of the appended pages to the letter's."""
    ours = pdf.Root.StructTreeRoot
    numbers = pikepdf.NumberTree(ours.ParentTree)
    offset = max((int(key) for key in numbers), default=-1) + 1
    for holder in _holders_of_numbers(pages):
        for name in ("/StructParents", "/StructParent"):
            if name in holder:
                holder[name] = int(holder[name]) + offset
    for number, element in pikepdf.NumberTree(tags.ParentTree).items():
        numbers[int(number) + offset] = element
    ours.ParentTreeNextKey = max(int(key) for key in numbers) + 1
    top = ours.K[0] if isinstance(ours.K, Array) else ours.K
    part = pdf.make_indirect(
        Dictionary(
            Type=Name.StructElem, S=Name.Part, P=top, Lang=document.language, T=document.title
        )
    )
    children = Array(list(_elements(tags.K)))
    for child in children:
        child.P = part
    part.K = children
    if not isinstance(top.K, Array):
        top.K = Array([top.K])
    top.K.append(part)
    for table in ("/RoleMap", "/ClassMap"):
        if table in tags:
            mapping = ours.get(table, Dictionary())
            for key, value in tags[table].items():
                if key not in mapping:
                    mapping[key] = value
            ours[table] = mapping


def _elements(kids: Object) -> Iterator[Object]:
    """The top-level elements, or those within a ``Document`` element."""
    for kid in kids if isinstance(kids, Array) else [kids]:
        if kid.get("/S") == Name.Document and "/K" in kid:
            within = kid.K if isinstance(kid.K, Array) else [kid.K]
            yield from (element for element in within if isinstance(element, Dictionary))
        else:
            yield kid


def _holders_of_numbers(pages: Sequence[pikepdf.Page]) -> Iterator[Object]:
    """Every object on the pages with a key into the parent tree, each once."""
    seen: set[tuple[int, int]] = set()
    for page in pages:
        yield page.obj
        drawn = page.obj.get("/Resources", Dictionary()).get("/XObject", Dictionary())
        for holder in (*page.obj.get("/Annots", ()), *(value for _, value in drawn.items())):
            if holder.objgen == (0, 0) or holder.objgen not in seen:
                seen.add(holder.objgen)
                yield holder


def _claims(pdf: Pdf) -> _Claims:
    if "/Metadata" not in pdf.Root or "/StructTreeRoot" not in pdf.Root:
        return _Claims("", "", False)
    xmp = pdf.Root.Metadata.read_bytes().decode("utf-8", "replace")
    return _Claims(
        _stated(xmp, "pdfaid:part"), _stated(xmp, "pdfaid:conformance"), "pdfuaid:part" in xmp
    )


def _stated(xmp: str, name: str) -> str:
    """The value of an XMP property, written as an element or as an attribute."""
    found = re.search(rf"{name}(?:>|=[\"'])\s*(\w+)", xmp)
    return found[1] if found else ""


def _weaker(one: _Claims, other: _Claims) -> _Claims:
    if not one.archive_part or not other.archive_part:
        return _Claims("", "", False)
    level = "A" if one.archive_level.upper() == other.archive_level.upper() == "A" else "B"
    return _Claims(one.archive_part, level, one.accessible and other.accessible)


def _state_less(pdf: Pdf, claims: _Claims) -> None:
    """Remove the claims from the metadata that no longer hold."""
    with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as metadata:
        if not claims.accessible:
            del metadata["pdfuaid:part"]
        if not claims.archive_part:
            del metadata["pdfaid:part"]
            del metadata["pdfaid:conformance"]
        else:
            metadata["pdfaid:conformance"] = claims.archive_level


def _saved(pdf: Pdf) -> bytes:
    out = io.BytesIO()
    pdf.save(out, deterministic_id=True)
    return out.getvalue()
