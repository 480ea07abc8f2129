"""The last touches to a PDF before it is written: what it states of itself, and its size."""

from __future__ import annotations

import logging
import re
import struct
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pydyf

from outreach_merge.typeset.colour import srgb_profile
from outreach_merge.typeset.fonts import compact_cff, compact_truetype, full_name_of
from outreach_merge.typeset.weasyprint_internals.stream_writer import serialized

logger = logging.getLogger(__name__)

_NUMBER_IN_TEXT = re.compile(rb">(-?\d*\.\d+)<")
_NOTHING_BETWEEN = re.compile(rb">0<|<>0?(?=<)")
_MATRIX = re.compile(rb"^[-.\d ]+ Tm$", re.MULTILINE)
_DIGITS_OF_PLACE = re.compile(rb"(\.\d\d)\d+")

# WeasyPrint states PDF/A; PDF/UA is added to the same RDF with its extension schema, which PDF/A
# asks for (ISO 19005-3, 6.6.2.3). A second RDF would be ignored by validators.
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


@dataclass(frozen=True, slots=True)
class _Embedded:
    """A font file within the PDF, and the fonts that are drawn from it."""

    file: pydyf.Stream
    name: bytes
    used: set[int]
    fonts: list[pydyf.Dictionary]
    descriptors: list[pydyf.Dictionary]


def finish(document: Any, pdf: pydyf.PDF) -> None:
    """A finisher of WeasyPrint's: state PDF/UA-1, make fonts, profile and text small."""
    _state_pdf_ua(pdf)
    _compact_fonts(document, pdf)
    if "AF" in pdf.catalog:  # WeasyPrint enters each file twice
        pdf.catalog["AF"] = pydyf.Array(dict.fromkeys(pdf.catalog["AF"]))
    for profile in document.color_profiles.values():
        _object(pdf, profile.pdf_reference).stream = [srgb_profile()]
    for stream in pdf.objects:
        if isinstance(stream, pydyf.Stream) and b"BT" in stream.stream:
            stream.stream = [_rounded(stream.stream)]


def _state_pdf_ua(pdf: pydyf.PDF) -> None:
    stream = _object(pdf, pdf.catalog["Metadata"])
    stream.stream = [part.replace(b"</rdf:RDF>", _PDFUA + b"</rdf:RDF>") for part in stream.stream]


def _rounded(operations: Iterable[Any]) -> bytes:
    """Places of text without digits that nobody sees: 1/1000 of the type's size, 1/100 point."""
    text = b"\n".join(map(serialized, operations))
    text = _NUMBER_IN_TEXT.sub(_whole, text)
    text = _NOTHING_BETWEEN.sub(b"", text)
    return _MATRIX.sub(_hundredths, text)


def _whole(number: re.Match[bytes]) -> bytes:
    return b">%d<" % round(float(number.group(1)))


def _hundredths(matrix: re.Match[bytes]) -> bytes:
    return _DIGITS_OF_PLACE.sub(rb"\1", matrix[0])


def _compact_fonts(document: Any, pdf: pydyf.PDF) -> None:
    """Keep of each font's outlines what the letter draws; a font we cannot read stays whole."""
    used: dict[bytes, set[int]] = defaultdict(set)
    for font in document.fonts.values():
        used[font.name].update(font.widths)
    outlines: dict[str, dict[bytes, _Embedded]] = defaultdict(dict)
    for number in range(len(pdf.objects)):
        font = pdf.objects[number]
        if not isinstance(font, dict) or not str(font.get("Subtype")).startswith("/CIDFontType"):
            continue
        descriptor = _object(pdf, font["FontDescriptor"])
        key = "FontFile3" if "FontFile3" in descriptor else "FontFile2"
        file = _object(pdf, descriptor[key])
        name = full_name_of(b"".join(file.stream)) or str(font["BaseFont"])
        known = outlines[name].setdefault(
            descriptor[key], _Embedded(file, font["BaseFont"], used[font["BaseFont"]], [], [])
        )
        known.fonts.append(font)
        known.descriptors.append(descriptor)
    for name, embedded in outlines.items():
        try:
            if next(iter(embedded.values())).file.extra.get("Subtype") == "/OpenType":
                _compact_cff(pdf, embedded)
            else:
                for font in embedded.values():
                    _compact_truetype(pdf, font)
        except (IndexError, KeyError, ValueError, struct.error) as error:
            logger.info("the font %s is embedded as it is: %s", name, error)


def _compact_cff(pdf: pydyf.PDF, embedded: dict[bytes, _Embedded]) -> None:
    """One file for all that is set in one face: its small capitals are glyphs of the same font."""
    reference, first = next(iter(embedded.items()))
    parts = ((b"".join(one.file.stream), frozenset(one.used)) for one in embedded.values())
    small = compact_cff(tuple(parts), first.name.lstrip(b"/"))
    for other, one in embedded.items():
        for descriptor in one.descriptors:
            descriptor["FontFile3"] = reference
        if other != reference:
            # Objects keep their numbers, so what nobody needs any more leaves an empty one.
            nothing = pydyf.Dictionary()
            nothing.number = one.file.number
            pdf.objects[one.file.number] = nothing
    first.file.stream, first.file.extra["Subtype"] = [small], "/CIDFontType0C"


def _compact_truetype(pdf: pydyf.PDF, embedded: _Embedded) -> None:
    small, to_gid = compact_truetype(b"".join(embedded.file.stream), frozenset(embedded.used))
    embedded.file.stream, embedded.file.extra["Length1"] = [small], len(small)
    mapping = pydyf.Stream([to_gid], compress=True)
    pdf.add_object(mapping)
    for font in embedded.fonts:
        font["CIDToGIDMap"] = mapping.reference


def _object(pdf: pydyf.PDF, reference: bytes) -> Any:
    return pdf.objects[int(reference.split()[0])]
