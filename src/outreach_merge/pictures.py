"""Renders pages of a PDF as pictures, text and contact sheets, with pdfium."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

import pypdfium2
from PIL import Image, ImageChops, ImageDraw, ImageFilter

#: Difference of grey levels (of 255) above which a pixel differs by more than anti-aliasing.
_NOTICEABLE = 48
#: Fine enough to show a comma that moved.
_COMPARED_DPI = 70
_MARK = (190, 30, 30)


@dataclass(frozen=True, slots=True)
class Frame:
    """The place of a page of another PDF on a contact sheet.

    :param sheet: page of the contact sheet, from 0.
    :param left, bottom, width, height: points from the sheet's lower left corner.
    :param pdf: the other PDF, and ``page`` of it, from 0.
    """

    sheet: int
    left: float
    bottom: float
    width: float
    height: float
    pdf: bytes
    page: int


def pages_as_png(pdf: bytes, dpi: float) -> list[bytes]:
    """Every page as a PNG picture.

    :param dpi: resolution in dots per inch.
    """
    return [_png(picture) for picture in _pictures(pdf, dpi)]


def page_count(pdf: bytes) -> int:
    """How many pages a PDF has."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return len(document)
    finally:
        document.close()


def page_texts(pdf: bytes) -> list[str]:
    """The text of every page, line by line."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [page.get_textpage().get_text_bounded().replace("\r\n", "\n") for page in document]
    finally:
        document.close()


def marked_differences(before: bytes, after: bytes, dpi: float) -> list[tuple[bytes, bytes]]:
    """Pairs of PNG pictures of the pages that differ, with the differences framed.

    A page that only one PDF has is paired with an empty one.
    """
    old, new = _pictures(before, dpi), _pictures(after, dpi)
    found = []
    for number in range(max(len(old), len(new))):
        left = old[number] if number < len(old) else Image.new("RGB", new[number].size, "white")
        right = new[number] if number < len(new) else Image.new("RGB", left.size, "white")
        boxes = _different_areas(left, right)
        if boxes:
            found.append((_png(_framed(left, boxes)), _png(_framed(right, boxes))))
    return found


def look_and_read_alike(before: bytes, after: bytes) -> bool:
    """Whether two PDFs show the same pages: words, pictures, and the files attached by name."""
    if page_texts(before) != page_texts(after) or _attachments(before) != _attachments(after):
        return False
    return not marked_differences(before, after, _COMPARED_DPI)


def with_pages(sheets: bytes, frames: Iterable[Frame]) -> bytes:
    """A contact sheet: pages of other PDFs, as small drawings, in the frames of ``sheets``.

    :param frames: grouped by sheet.
    """
    target = pypdfium2.PdfDocument(sheets)
    try:
        for sheet, placed in groupby(frames, key=lambda frame: frame.sheet):
            page = target[sheet]
            for frame in placed:
                _place(target, page, frame)
            page.gen_content()
        stream = io.BytesIO()
        target.save(stream)
        return stream.getvalue()
    finally:
        target.close()


def _place(target: pypdfium2.PdfDocument, sheet: pypdfium2.PdfPage, frame: Frame) -> None:
    source = pypdfium2.PdfDocument(frame.pdf)
    try:
        width, height = source[frame.page].get_size()
        drawn = source.page_as_xobject(frame.page, target)
        placed = drawn.as_pageobject()
        scale = min(frame.width / width, frame.height / height)
        placed.set_matrix(
            pypdfium2.PdfMatrix().scale(scale, scale).translate(frame.left, frame.bottom)
        )
        sheet.insert_obj(placed)
        drawn.close()
    finally:
        source.close()


def _attachments(pdf: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(pdf)
    try:
        count = document.count_attachments()
        return [document.get_attachment(number).get_name() for number in range(count)]
    finally:
        document.close()


def _pictures(pdf: bytes, dpi: float) -> list[Image.Image]:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [page.render(scale=dpi / 72).to_pil().convert("RGB") for page in document]
    finally:
        document.close()


def _different_areas(left: Image.Image, right: Image.Image) -> list[tuple[int, int, int, int]]:
    """Boxes (left, top, right, bottom; pixels) around the rows in which two pictures differ."""
    size = (max(left.width, right.width), max(left.height, right.height))
    difference = ImageChops.difference(_on_white(left, size), _on_white(right, size)).convert("L")
    mask = difference.point(lambda grey: 255 if grey > _NOTICEABLE else 0)
    mask = mask.filter(ImageFilter.MaxFilter(7))
    rows = [bool(value) for value in _row_maxima(mask)]
    bands, start = [], None
    for row, changed in enumerate([*rows, False]):
        if changed and start is None:
            start = row
        elif not changed and start is not None:
            box = mask.crop((0, start, mask.width, row)).getbbox()
            if box:
                bands.append((box[0], start, box[2], row))
            start = None
    return bands


def _row_maxima(mask: Image.Image) -> bytes:
    """The greatest value of each row."""
    width, height = mask.size
    data = mask.tobytes()
    return bytes(max(data[row * width : (row + 1) * width]) for row in range(height))


def _on_white(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    sheet = Image.new("RGB", size, "white")
    sheet.paste(picture)
    return sheet


def _framed(picture: Image.Image, boxes: list[tuple[int, int, int, int]]) -> Image.Image:
    framed = picture.copy()
    draw = ImageDraw.Draw(framed)
    for left, top, right, bottom in boxes:
        draw.rectangle((left - 2, top - 1, right + 1, bottom), outline=_MARK, width=2)
    return framed


def _png(picture: Image.Image) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, format="PNG")
    return stream.getvalue()
