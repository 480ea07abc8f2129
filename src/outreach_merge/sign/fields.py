"""Adds empty, tagged signature fields to a typeset letter.

A field that pyHanko creates while signing is not tagged, which breaks PDF/UA-1, and its appearance
is set in Helvetica, which breaks PDF/A. Fields made here are tagged and have an empty appearance;
the visible signature is drawn by the typesetter. Signing only fills in the field's value.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass

import pikepdf
from pikepdf import Array, Dictionary, Name, String

from outreach_merge.sign.signing_errors import NotOurLetter

_NAME = re.compile(r"[A-Za-z0-9_-]+")

# ISO 32000-1, table 165: Print (bit 3) is required by PDF/A, Locked (bit 8) keeps the field
# where it is.
_PRINT_AND_LOCKED = 0b1000_0100
# ISO 32000-1, table 219: the document contains signature fields.
_SIGNATURES_EXIST = 1
# ISO 32000-2, table 236: once the last signatory has signed, nothing may change.
_NO_CHANGES = 1


@dataclass(frozen=True, slots=True)
class SignatureField:
    """The field of one signatory.

    :param name: the signatory's key: letters, digits, ``_`` and ``-``.
    :param tooltip: alternative text of the field (``/TU``), in the letter's language.
    :param page: counted from 1; -1 is the last.
    :param rect: left, bottom, right, top in points from the page's lower left corner; ``None``
        for an invisible field.
    :param language: of ``tooltip`` (BCP 47); empty: the document's.
    """

    name: str
    tooltip: str
    page: int = -1
    rect: tuple[float, float, float, float] | None = None
    language: str = ""


def prepare_fields(pdf: bytes, signatories: Sequence[SignatureField]) -> bytes:
    """The letter with one empty, tagged signature field for each signatory, in their order.

    The same input gives the same bytes. A letter without signatories is returned as it is.

    :param pdf: a tagged PDF of one revision.
    :raises ValueError: a name is invalid or used twice, or the page does not exist.
    :raises NotOurLetter: the PDF is not tagged, or has form fields already.
    """
    if not signatories:
        return pdf
    _check_names(signatories)
    with pikepdf.open(io.BytesIO(pdf)) as document:
        root = document.Root
        if "/StructTreeRoot" not in root:
            raise NotOurLetter("the letter has no structure tree, so a field cannot be tagged")
        if "/AcroForm" in root:
            raise NotOurLetter("the letter has form fields already")
        fields = [
            _add_field(document, signatory, last=signatory is signatories[-1])
            for signatory in signatories
        ]
        root.AcroForm = document.make_indirect(
            Dictionary(Fields=Array(fields), SigFlags=_SIGNATURES_EXIST)
        )
        out = io.BytesIO()
        document.save(out, deterministic_id=True)
    return out.getvalue()


def _check_names(signatories: Sequence[SignatureField]) -> None:
    names = [signatory.name for signatory in signatories]
    for name in names:
        if not _NAME.fullmatch(name):
            raise ValueError(f"a signature field cannot be named {name!r}")
    if len(set(names)) < len(names):
        raise ValueError("two signature fields have the same name")


def _add_field(document: pikepdf.Pdf, signatory: SignatureField, *, last: bool) -> pikepdf.Object:
    page = _page(document, signatory)
    left, bottom, right, top = signatory.rect or (0.0, 0.0, 0.0, 0.0)
    widget = document.make_indirect(
        Dictionary(
            Type=Name.Annot,
            Subtype=Name.Widget,
            FT=Name.Sig,
            T=String(signatory.name),
            TU=String(signatory.tooltip),
            F=_PRINT_AND_LOCKED,
            Rect=Array([_points(side) for side in (left, bottom, right, top)]),
            P=page.obj,
        )
    )
    if signatory.rect is not None:
        widget.AP = Dictionary(N=_empty_appearance(document, right - left, top - bottom))
    if last:
        widget.Lock = document.make_indirect(
            Dictionary(Type=Name.SigFieldLock, Action=Name.All, P=_NO_CHANGES)
        )
    if "/Annots" not in page.obj:
        page.obj.Annots = Array()
    page.obj.Annots.append(widget)
    # ISO 14289-1, 7.18.3: the tab order of a page with annotations is that of the structure.
    page.obj.Tabs = Name.S
    _tag(document, widget, page, signatory.language)
    return widget


def _points(length: float) -> float | int:
    rounded = round(length, 2)
    return int(rounded) if rounded == int(rounded) else rounded


def _page(document: pikepdf.Pdf, signatory: SignatureField) -> pikepdf.Page:
    count = len(document.pages)
    number = signatory.page if signatory.page > 0 else count + 1 + signatory.page
    if signatory.page == 0 or not 1 <= number <= count:
        raise ValueError(
            f"the signature field {signatory.name!r} is on page {signatory.page} of {count}"
        )
    return document.pages[number - 1]


def _empty_appearance(document: pikepdf.Pdf, width: float, height: float) -> pikepdf.Object:
    """An empty appearance stream: a widget with an area must have one (ISO 19005-3, 6.3.3)."""
    appearance = document.make_stream(b"")
    appearance.Type = Name.XObject
    appearance.Subtype = Name.Form
    appearance.BBox = Array([0, 0, _points(width), _points(height)])
    appearance.Resources = Dictionary()
    return appearance


def _tag(document: pikepdf.Pdf, widget: pikepdf.Object, page: pikepdf.Page, language: str) -> None:
    """Put the widget into the structure tree as a ``Form`` element (ISO 14289-1, 7.18.4)."""
    tree = document.Root.StructTreeRoot
    parent = _top_element(tree)
    element = document.make_indirect(
        Dictionary(
            Type=Name.StructElem,
            S=Name.Form,
            P=parent,
            Pg=page.obj,
            # Not in an array: pyHanko looks for the widget here when it compares revisions.
            K=Dictionary(Type=Name.OBJR, Obj=widget, Pg=page.obj),
        )
    )
    if language:
        element.Lang = String(language)
    kids = parent.get("/K")
    if kids is None:
        parent.K = Array([element])
    elif isinstance(kids, Array):
        kids.append(element)
    else:
        parent.K = Array([kids, element])
    widget.StructParent = _next_key(tree)
    _append_to_parent_tree(document, tree, int(widget.StructParent), element)


def _top_element(tree: pikepdf.Object) -> pikepdf.Object:
    """The ``Document`` element of the structure tree; the tree itself when there is none."""
    kids = tree.get("/K")
    if isinstance(kids, Array):
        kids = kids[0] if len(kids) else None
    if kids is None:
        raise NotOurLetter("the letter's structure tree is empty")
    return kids


def _next_key(tree: pikepdf.Object) -> int:
    stated = int(tree.get("/ParentTreeNextKey", 0))
    if "/ParentTree" not in tree:
        return stated
    used = [int(key) for key in pikepdf.NumberTree(tree.ParentTree)]
    return max([stated, *(key + 1 for key in used)])


def _append_to_parent_tree(
    document: pikepdf.Pdf, tree: pikepdf.Object, key: int, element: pikepdf.Object
) -> None:
    if "/ParentTree" not in tree:
        tree.ParentTree = document.make_indirect(Dictionary(Nums=Array()))
    pikepdf.NumberTree(tree.ParentTree)[key] = element
    tree.ParentTreeNextKey = key + 1
