"""Pages of a PDF as pictures. The only room that knows pdfium."""

from __future__ import annotations

import io

import pypdfium2


def pages_as_png(pdf: bytes, dpi: float) -> list[bytes]:
    """Every page as a PNG picture.

    :param dpi: resolution in dots per inch.
    """
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [_png(page, dpi) for page in document]
    finally:
        document.close()


def _png(page: pypdfium2.PdfPage, dpi: float) -> bytes:
    stream = io.BytesIO()
    page.render(scale=dpi / 72).to_pil().save(stream, format="PNG")
    return stream.getvalue()
