"""Every undocumented part of WeasyPrint and pydyf that this folder touches, and how."""

from __future__ import annotations

from collections.abc import Mapping

#: Functions and classes that are replaced, subclassed or copied in part: dotted name -> how. The
#: tests hold a digest of the source of each.
OVERRIDDEN: Mapping[str, str] = {
    "pydyf.Dictionary.data": "serialized anew by stream_writer",
    "pydyf.Array.data": "serialized anew by stream_writer",
    "pydyf.Object": "subclassed by stream_writer",
    "pydyf.Stream.data": "serialized anew by stream_writer",
    "pydyf._to_bytes": "serialized anew by stream_writer",
    "weasyprint.HTML.render": "overridden by style_cache",
    "weasyprint.css.AnonymousStyle": "copied by style_cache",
    "weasyprint.css.ComputedStyle": "subclassed by style_cache",
    "weasyprint.css.InitialStyle": "made by style_cache",
    "weasyprint.css.StyleFor": "subclassed by style_cache",
    "weasyprint.css.find_style_attributes": "called by style_cache",
    "weasyprint.css.get_all_computed_styles": "written anew by style_cache",
    "weasyprint.document.Document._build_layout_context": "overridden by style_cache",
    "weasyprint.document.Document._render": "called by style_cache",
    "weasyprint.draw.text.draw_first_line": "called with a recording stream by line_cache",
    "weasyprint.draw.text.draw_text": "replaced by line_cache",
    "weasyprint.images.SVGImage": "wrapped by image_cache",
    "weasyprint.images.get_image_from_uri": "called by image_cache",
    "weasyprint.layout.inline.count_expandable_spaces": "replaced by cjk_justification",
    "weasyprint.pdf.fonts.Font": "subclassed by font_cache",
    "weasyprint.pdf.stream.Stream": "recorded by line_cache and image_cache",
    "weasyprint.text.fonts.get_pango_font_key": "called by font_cache",
    "weasyprint.text.line_break.Layout": "copied by line_cache, set_text replaced by "
    "cjk_justification",
    "weasyprint.text.line_break.split_first_line": "replaced by line_cache",
}

#: Attributes that are read or written, by class.
ATTRIBUTES: Mapping[str, frozenset[str]] = {
    "HTML": frozenset({"_ua_counter_style"}),
    "Page": frozenset({"_page_box"}),
    "Stream": frozenset({"_fonts", "_resources"}),
    "StyleFor": frozenset({"_cascaded_styles", "_computed_styles", "_sheets"}),
    "Document": frozenset({"_build_layout_context", "_render"}),
    "Style": frozenset({"_line_cache_key"}),
}

#: Modules whose undocumented names are imported.
MODULES = frozenset(
    {
        "weasyprint.css",
        "weasyprint.css.computed_values",
        "weasyprint.css.properties",
        "weasyprint.css.targets",
        "weasyprint.document",
        "weasyprint.draw",
        "weasyprint.draw.text",
        "weasyprint.formatting_structure",
        "weasyprint.formatting_structure.boxes",
        "weasyprint.html",
        "weasyprint.images",
        "weasyprint.layout",
        "weasyprint.layout.inline",
        "weasyprint.layout.preferred",
        "weasyprint.matrix",
        "weasyprint.pdf.fonts",
        "weasyprint.pdf.stream",
        "weasyprint.text.ffi",
        "weasyprint.text.fonts",
        "weasyprint.text.line_break",
    }
)
