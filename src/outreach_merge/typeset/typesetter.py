"""Sets letters: HTML in, PDF out."""

from __future__ import annotations

import datetime as dt
import io
import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import weasyprint
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher

from outreach_merge.definitions import CampaignSettings
from outreach_merge.files import Stamp, sha256, stamp_of
from outreach_merge.font_subsets import FontSubsets
from outreach_merge.model import ComposedLetter, Problem, Severity, TypesetLetter
from outreach_merge.page_geometry import DocumentGeometry, Typeface
from outreach_merge.typeset.archive import finish
from outreach_merge.typeset.fonts import families_of
from outreach_merge.typeset.styles import LAYOUT, stylesheets, tighter
from outreach_merge.typeset.weasyprint_internals.box_reader import (
    BoxReader,
    direction,
    font_families,
    height_in_use,
    page_area_height,
)
from outreach_merge.typeset.weasyprint_internals.cjk_justification import cjk_justification
from outreach_merge.typeset.weasyprint_internals.font_cache import FontCache
from outreach_merge.typeset.weasyprint_internals.image_cache import ImageCache
from outreach_merge.typeset.weasyprint_internals.line_cache import LineCache
from outreach_merge.typeset.weasyprint_internals.stream_writer import StreamWriter
from outreach_merge.typeset.weasyprint_internals.style_cache import CachedStylesHTML, StyleCache

_VARIANT = "pdf/a-3a"
#: What a smaller type gains in height, as a share of the text's: lines are lower, and fewer.
_GAIN = 2.2

#: What WeasyPrint's warnings mean for a letter: pattern -> code, remedy, severity.
_WARNINGS: Mapping[str, tuple[str, str, Severity]] = {
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
#: What is said elsewhere, or to nobody's use.
_IGNORED = re.compile(r"^Ignored `|has no required alt description")
_BRINGS_FONTS = re.compile(r"@(font-|import)", re.IGNORECASE)
_FAILED = re.compile(r"^Failed to load (image|stylesheet) at '?([^' ]+)'?.*", re.DOTALL)
_MISSING_GLYPH = re.compile(r'^\.notdef glyph .*"(.*)" \(U\+([0-9A-F]+)\)', re.DOTALL)


def warm_up() -> None:
    """Set a page that nobody sees: what WeasyPrint prepares for its first is there for others."""
    page = '<html lang="en"><p>A<table><tr><td>B</table><div style="display:flex">C</div>'
    weasyprint.HTML(string=page).write_pdf(pdf_variant=_VARIANT)


@dataclass(frozen=True, slots=True)
class Attached:
    """A file within the PDF, associated as PDF/A-3 asks.

    :param relationship: of the file to the letter: ``Data``, ``Source`` (ISO 32000-2, 7.11.3).
    """

    name: str
    content: bytes
    description: str
    date: dt.date
    relationship: str = "Data"


@dataclass(frozen=True, slots=True)
class TypesetResult:
    """The letter as PDF, and what the typesetter knows of its pages."""

    letter: TypesetLetter
    sheets: DocumentGeometry


@dataclass(frozen=True, slots=True)
class TypesetDocument:
    """A document that is no letter, as PDF."""

    pdf: bytes
    pages: int
    findings: tuple[Problem, ...] = ()


class CampaignFetcher(URLFetcher):  # type: ignore[misc]
    """Reads files below the campaign folder and the program's layout, and nothing else."""

    def __init__(self, roots: tuple[Path, ...]) -> None:
        super().__init__(allowed_protocols=("file",), allow_redirects=False)
        self._roots = tuple(root.resolve() for root in roots)
        #: What was asked for, with its stamp before it was read.
        self.read: dict[Path, Stamp | None] = {}

    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> Any:
        path = Path(unquote(urlsplit(url).path)).resolve()
        if urlsplit(url).scheme == "file" and any(
            path.is_relative_to(root) for root in self._roots
        ):
            self.read[path] = stamp_of(path)
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
    """Sets letters of one campaign; made once a process, with its caches.

    :param folder: the campaign folder; pictures are looked up from there.
    :param prepared: large fonts cut to the campaign's characters; they are used where they
        cover a letter.
    :param before: one for the same campaign, whose stylesheets or pictures were others; its fonts
        and lines are taken over.
    :param plain: set every letter by WeasyPrint as it is, without caches and cut fonts.
    """

    def __init__(
        self,
        folder: Path,
        settings: CampaignSettings,
        prepared: FontSubsets | None = None,
        before: Typesetter | None = None,
        *,
        plain: bool = False,
    ) -> None:
        self._folder = folder
        self._settings = settings
        self._fit = settings.page.fit
        self._plain = plain
        self._prepared = prepared = None if plain else prepared
        self._images = ImageCache()
        self._fetcher = CampaignFetcher((folder, LAYOUT))
        sources = stylesheets(folder, settings)
        # Fonts that a stylesheet brings stay in a configuration for good.
        self._brings_fonts = any(_BRINGS_FONTS.search(source) for source in sources)
        if before is None or self._brings_fonts or before._brings_fonts:
            parsed: Mapping[str, Any] = {}
            with prepared.in_use() if prepared else nullcontext():
                self._fonts = FontConfiguration()
            self._font_cache, self._writer = FontCache(), StreamWriter()
            self._lines = LineCache(self._font_cache)
        else:
            parsed = before._parsed
            self._fonts, self._font_cache = before._fonts, before._font_cache
            self._lines, self._writer = before._lines, before._writer
        texts = [*sources, tighter(self._fit)]
        self._parsed: Mapping[str, Any] = {css: parsed.get(css) or self._css(css) for css in texts}
        self._tighter = [self._parsed[css] for css in texts]
        self._stylesheets = self._tighter[:-1]
        same = before is not None and self._parsed == before._parsed
        self._styles: StyleCache = before._styles if before and same else StyleCache(sources)

    @property
    def files_read(self) -> Mapping[Path, Stamp | None]:
        """The pictures and stylesheets that pages named so far, each as it was when it was read."""
        return self._fetcher.read

    @cached_property
    def _with_large_fonts(self) -> Typesetter:
        return Typesetter(self._folder, self._settings)

    def typeset(self, composed: ComposedLetter, attached: Sequence[Attached] = ()) -> TypesetResult:
        """The letter as PDF; what the typesetter noticed is in its findings.

        The same letter gives the same bytes, wherever the campaign's folder is.
        """
        if self._prepared and not self._prepared.cover(composed.html):
            return self._with_large_fonts.typeset(composed, attached)
        with _listening() as notices, cjk_justification(), self._caches_in_use():
            document = self._fitted(composed.html)
            pdf = self._pdf(document, attached)
        findings = tuple(_findings(notices.messages, composed.planned.key, self._base))
        letter = TypesetLetter(composed.planned, pdf, len(document.pages), sha256(pdf), findings)
        return TypesetResult(letter, _sheets(document, notices.messages))

    def typeset_document(self, html: str, stylesheet: str) -> TypesetDocument:
        """A document that is no letter, on the letters' paper and in their type.

        :param stylesheet: CSS that is read after the letters'.
        """
        with _listening() as notices, cjk_justification():
            page = weasyprint.HTML(string=html, base_url=self._base, url_fetcher=self._fetcher)
            document = page.render(
                font_config=self._fonts,
                stylesheets=[*self._stylesheets, self._css(stylesheet)],
                pdf_variant=_VARIANT,
            )
            pdf = self._pdf(document)
        findings = (
            *_missing_glyphs(notices.messages),
            *_findings(notices.messages, "", self._base),
        )
        return TypesetDocument(pdf, len(document.pages), findings)

    def _fitted(self, html: str) -> Any:
        """The letter, a little smaller where that saves a page on which little would stand."""
        document = self._render(html, self._stylesheets)
        if self._fit >= 1 or len(document.pages) < 2:
            return document
        *full, last = document.pages
        area = page_area_height(full[-1])
        too_much = height_in_use(last) - (area - height_in_use(full[-1]))
        gain = (1 - self._fit) * _GAIN * sum(height_in_use(page) for page in document.pages)
        if too_much > gain:
            return document
        smaller = self._render(html, self._tighter)
        return smaller if len(smaller.pages) < len(document.pages) else document

    def _render(self, html: str, styles: list[Any]) -> Any:
        if self._plain:
            page = weasyprint.HTML(string=html, base_url=self._base, url_fetcher=self._fetcher)
        else:
            page = CachedStylesHTML(
                html,
                styles=self._styles,
                images=self._images,
                base_url=self._base,
                fetcher=self._fetcher,
            )
        return page.render(font_config=self._fonts, stylesheets=styles, pdf_variant=_VARIANT)

    @contextmanager
    def _caches_in_use(self) -> Iterator[None]:
        if self._plain:
            yield
        else:
            with self._font_cache.in_use(), self._lines.in_use():
                yield

    def _pdf(self, document: Any, attached: Sequence[Attached] = ()) -> bytes:
        pdf: bytes = document.write_pdf(
            finisher=self._finish,
            pdf_variant=_VARIANT,
            attachments=[_attachment(file, self._fetcher) for file in attached],
        )
        return pdf

    def _finish(self, document: Any, pdf: Any) -> None:
        finish(document, pdf)
        if not self._plain:
            self._writer.finish(pdf)

    @property
    def _base(self) -> str:
        return f"{self._folder.resolve().as_uri()}/"

    def _css(self, text: str) -> Any:
        return weasyprint.CSS(string=text, font_config=self._fonts, url_fetcher=self._fetcher)


def _attachment(file: Attached, fetcher: CampaignFetcher) -> Any:
    moment = dt.datetime.combine(file.date, dt.time(), dt.UTC)
    return weasyprint.Attachment(
        file_obj=io.BytesIO(file.content),
        name=file.name,
        description=file.description,
        created=moment,
        modified=moment,
        relationship=file.relationship,
        url_fetcher=fetcher,
    )


def _sheets(document: Any, messages: list[str]) -> DocumentGeometry:
    reader = BoxReader()
    pages = tuple(reader.sheet(page) for page in document.pages)
    first = document.pages[0]
    missing = {}
    for message in messages:
        found = _MISSING_GLYPH.match(message)
        if found:
            missing[chr(int(found.group(2), 16))] = ", ".join(font_families(first))
    faces = tuple(
        Typeface(families_of(font.file_content) | {font.family}, "".join(font.to_unicode.values()))
        for font in document.fonts.values()
    )
    return DocumentGeometry(pages, direction(first), frozenset(reader.families), faces, missing)


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


def _findings(messages: list[str], key: str, base: str) -> Iterator[Problem]:
    """What the preflight does not know better: characters without a glyph are in the sheets.

    :param base: address of the campaign's folder, which a message need not say.
    """
    for message in dict.fromkeys(messages):
        if _IGNORED.search(message) or _MISSING_GLYPH.match(message):
            continue
        code, remedy, severity = "typesetter", "", Severity.WARNING
        for pattern, meaning in _WARNINGS.items():
            if re.search(pattern, message):
                code, remedy, severity = meaning
                break
        if failed := _FAILED.match(message):
            message = f"the {failed[1]} {failed[2].removeprefix(base)} cannot be read"
        yield Problem(code, message.rstrip(".") + ".", remedy, severity, letter=key)


def _missing_glyphs(messages: list[str]) -> Iterator[Problem]:
    """Characters that no font of the page has; a letter's are found by its preflight."""
    found = [match for message in messages if (match := _MISSING_GLYPH.match(message))]
    for character, code in dict.fromkeys((match[1], match[2]) for match in found):
        yield Problem(
            "missing-glyph",
            f'no font of the page has "{character}" (U+{code}).',
            "Name a font that has it, or correct the text.",
        )
