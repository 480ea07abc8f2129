"""Composed -> typeset letter. The only room that knows WeasyPrint.

The page states PDF/A-3a and PDF/UA-1 in one file. WeasyPrint writes the one; the other is added to
the same RDF with its extension schema, which PDF/A asks for (ISO 19005-3, 6.6.2.3).
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pydyf
import weasyprint
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher

from outreach_merge.definitions import CampaignSettings
from outreach_merge.files import sha256
from outreach_merge.model import ComposedLetter, Problem, Severity, TypesetLetter

LAYOUT = Path(__file__).parent / "layout"

_PDFUA = b"""<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">\
<pdfuaid:part>1</pdfuaid:part></rdf:Description>\
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" \
xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" \
xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#"><pdfaExtension:schemas><rdf:Bag>\
<rdf:li rdf:parseType="Resource"><pdfaSchema:schema>PDF/UA identification</pdfaSchema:schema>\
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>\
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix><pdfaSchema:property><rdf:Seq>\
<rdf:li rdf:parseType="Resource"><pdfaProperty:name>part</pdfaProperty:name>\
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>\
<pdfaProperty:category>internal</pdfaProperty:category>\
<pdfaProperty:description>Part of ISO 14289 the file conforms to</pdfaProperty:description>\
</rdf:li></rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas>\
</rdf:Description>"""

#: What WeasyPrint's warnings mean for a letter: pattern -> code, remedy, severity.
_WARNINGS: Mapping[str, tuple[str, str, Severity]] = {
    r"\.notdef": (
        "missing-glyph",
        "Name a font that has the character, or correct the text.",
        Severity.ERROR,
    ),
    r"Failed to load image": (
        "missing-picture",
        "Put the picture below the campaign folder; nothing else is read.",
        Severity.ERROR,
    ),
    r"Failed to load stylesheet": (
        "missing-stylesheet",
        "Put the stylesheet below the campaign folder; nothing else is read.",
        Severity.ERROR,
    ),
}
_IGNORED = re.compile(r"^Ignored `")


class CampaignFetcher(URLFetcher):  # type: ignore[misc]
    """Reads files below the campaign folder and the program's layout, and nothing else."""

    def __init__(self, roots: tuple[Path, ...]) -> None:
        super().__init__(allowed_protocols=("file",), allow_redirects=False)
        self._roots = tuple(root.resolve() for root in roots)

    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> Any:
        path = Path(unquote(urlsplit(url).path)).resolve()
        if urlsplit(url).scheme == "file" and any(
            path.is_relative_to(root) for root in self._roots
        ):
            return super().fetch(url, headers)
        raise ValueError("only files below the campaign folder are read")


class _Notices(logging.Handler):
    """Collects what WeasyPrint says while it sets one letter."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


class Typesetter:
    """Sets letters of one campaign; made once a process, since fonts are costly to load.

    :param folder: the campaign folder; pictures are looked up from there.
    """

    def __init__(self, folder: Path, settings: CampaignSettings) -> None:
        self._folder = folder
        self._fonts = FontConfiguration()
        self._images: dict[str, Any] = {}
        self._fetcher = CampaignFetcher((folder, LAYOUT))
        self._stylesheets = [
            weasyprint.CSS(string=css, font_config=self._fonts, url_fetcher=self._fetcher)
            for css in stylesheets(folder, settings)
        ]

    def typeset(self, composed: ComposedLetter) -> TypesetLetter:
        """The letter as PDF; what the typesetter noticed is in its findings."""
        with _listening() as notices:
            document = weasyprint.HTML(
                string=composed.html,
                base_url=f"{self._folder.resolve().as_uri()}/",
                url_fetcher=self._fetcher,
            ).render(
                font_config=self._fonts,
                stylesheets=self._stylesheets,
                pdf_variant="pdf/a-3a",
                cache=self._images,
            )
            pdf: bytes = document.write_pdf(
                finisher=_state_pdf_ua, pdf_variant="pdf/a-3a", cache=self._images
            )
        findings = tuple(_findings(notices.messages, composed.planned.key))
        return TypesetLetter(composed.planned, pdf, len(document.pages), sha256(pdf), findings)


def stylesheets(folder: Path, settings: CampaignSettings) -> list[str]:
    """The program's stylesheet, the campaign's variables, the campaign's own stylesheet."""
    variables = "".join(f"--{name}:{value};" for name, value in settings.page.variables.items())
    sheets = [
        (LAYOUT / "letter.css").read_text(encoding="utf-8"),
        f":root{{{variables}}}@page{{size:{settings.page.size}}}",
    ]
    own = folder / "templates" / "letter.css"
    if own.is_file():
        sheets.append(own.read_text(encoding="utf-8"))
    return sheets


@contextmanager
def _listening() -> Iterator[_Notices]:
    logger = logging.getLogger("weasyprint")
    notices = _Notices()
    propagate = logger.propagate
    logger.addHandler(notices)
    logger.propagate = False
    try:
        yield notices
    finally:
        logger.removeHandler(notices)
        logger.propagate = propagate


def _findings(messages: list[str], key: str) -> Iterator[Problem]:
    for message in dict.fromkeys(messages):
        if _IGNORED.match(message):
            continue
        code, remedy, severity = "typesetter", "", Severity.WARNING
        for pattern, meaning in _WARNINGS.items():
            if re.search(pattern, message):
                code, remedy, severity = meaning
                break
        yield Problem(code, message.rstrip(".") + ".", remedy, severity, letter=key)


def _state_pdf_ua(document: object, pdf: pydyf.PDF) -> None:
    """Add the PDF/UA-1 identification to the RDF that PDF/A made."""
    number = int(pdf.catalog["Metadata"].split()[0])
    stream = pdf.objects[number]
    stream.stream = [part.replace(b"</rdf:RDF>", _PDFUA + b"</rdf:RDF>") for part in stream.stream]
