"""Hypothesis strategies for pages: texts in six languages, CSS of every property WeasyPrint knows."""

from __future__ import annotations

import ast
import html
import inspect
from dataclasses import dataclass
from functools import cache
from itertools import islice

import tinycss2
import weasyprint.css.computed_values
from hypothesis import strategies as st
from weasyprint.css.validation import PREFIX, PROPRIETARY, expanders, preprocess_declarations
from weasyprint.css.validation import properties as validators

#: Every longhand and shorthand that WeasyPrint validates, as a declaration names it.
PROPERTIES = tuple(
    sorted(
        f"{PREFIX}{name}" if name in PROPRIETARY else name
        for name in {*validators.PROPERTIES, *expanders.EXPANDERS}
    )
)

#: Values that are not one keyword of WeasyPrint's validators.
_VALUES = (
    "0", "1", "2", "3", "0.5", "1.3", "400", "700", "-1", "0px", "3px", "9px", "-2px", "14pt",
    "60px", "150px", "1em", "1.5em", "2rem", "4mm", "20%", "60%", "100%", "1fr", "90deg",
    "calc(1em + 2px)", "calc(1rem + 5%)", "3px 9px", "2 2", "1 1 30%", "0.5 1 auto", "5 2 3",
    "red", "#1a6", "rgb(20 40 200 / 60%)", "currentcolor", "1px solid", "2px dashed red",
    "3px double #369", "2px 4px 3px gray", "linear-gradient(red, #369)", "'a'", "'x' 'y'", "'«' '»'",
    "'A' attr(class)", "counter(page)", "counters(list-item, '.')", "content(text)", "attr(class)",
    "'liga' 0", "'smcp' 1", "'wght' 500", "small-caps 1.2em/1.4 serif", "italic bold 14px sans-serif",
    "'EB Garamond'", "Amiri", "'Noto Serif CJK SC'", "monospace", "underline overline",
    "underline dotted red", "line-through 2px", "rotate(3deg)", "translate(4px, 2mm)", "scale(0.9)",
    "page 1", "item 2", "repeat(2, 1fr)", "1fr 2fr", "'a b' 'c d'", "span 2", "1 / 3", "a5",
    "200mm 250mm", "running(title)", "string", "chapter content(text)", "leader('.')", "en", "fr",
    "upper-roman inside", "2 auto", "3px 2em", "from-image", "90deg flip", "left 10% top 3px",
    "url(emblems/none.svg)", "common-ligatures", "lining-nums", "no-contextual",
    "oldstyle-nums small-caps", "crop cross", "thin solid", "row wrap", "avoid-page", "inherit",
    "initial", "unset",
)  # fmt: skip
_TEXTS = {
    "en": "The Government has the honour to inform Excellency of non-proliferation, thirty-two "
    "notwithstanding internationally-recognized arrangements office affluent 1234567890",
    "fr": "« Le Président » a l’honneur d’informer Votre Excellence : reçu à Genève, où naïveté "
    "œuvre ; anticonstitutionnellement ! extra­ordinaire",
    "es": "¿Tendría Su Excelencia a bien? ¡El año próximo! señalar corazón lingüística "
    "desarme-internacional constitucionalmente vergüenza",
    "ru": "Правительство имеет честь сообщить Вашему Превосходительству о нераспространении "
    "— достопримечательность объём «ёлка» 2021 года",
    "ar": "تتشرف حكومة الجمهورية بأن تحيط سعادتكم علماً بأن المؤتمر سيعقد في جنيف، ٢٠٢١ "
    "والمسؤوليات الاستثنائية؛ لله",
    "zh": "外交部向阁下致意，并荣幸地通知：“武器贸易条约”第七次缔约国会议将于二〇二一年 "
    "在日内瓦举行。 ATT 谨此奉达……",
}
_SELECTORS = (
    "html", "body", "p", "div", "span", "li", "ul", "td", "table", "img", ".a", ".b", ".a .b",
    "p:first-child", ":lang(ar)", "p::first-letter", "p::first-line", "li::marker", ".a::before",
    ".b::after", "@page", "@page :first",
)  # fmt: skip
_TAGS = ("p", "p", "p", "div", "h2", "ul", "table", "row", "footnote")


@cache
def _keywords() -> tuple[str, ...]:
    """Every keyword that stands in the source of WeasyPrint's validators."""
    found: set[str] = set()
    for module in (validators, expanders, weasyprint.css.computed_values):
        for node in ast.walk(ast.parse(inspect.getsource(module))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
    return tuple(sorted(word for word in found if word.replace("-", "").isalpha()))


def is_valid(declaration: str) -> bool:
    """Whether WeasyPrint accepts a declaration."""
    parsed = tinycss2.parse_blocks_contents(declaration)
    try:
        return bool(list(preprocess_declarations("file:///", parsed)))
    except (AttributeError, IndexError, TypeError, ValueError):
        return False  # some validators fail for a value of another kind


@cache
def values_of(name: str) -> tuple[str, ...]:
    """The values of ``_VALUES`` and the keywords that WeasyPrint accepts for a property."""
    values = (*_VALUES, *_keywords())
    return tuple(dict.fromkeys(v for v in values if is_valid(f"{name}:{v}")))


def has_two_values(name: str) -> bool:
    """Whether there are at least two values to draw for a property."""
    valid = (v for v in (*_VALUES, *_keywords()) if is_valid(f"{name}:{v}"))
    return len(list(islice(valid, 2))) == 2


@dataclass(frozen=True)
class GeneratedPage:
    """HTML, and the stylesheet that is read after the program's."""

    html: str
    stylesheet: str


@dataclass(frozen=True)
class _Element:
    tag: str
    language: str
    name: str
    words: tuple[int, ...]
    span: tuple[int, int]


_elements = st.builds(
    _Element,
    st.sampled_from(_TAGS),
    st.sampled_from(sorted(_TEXTS)),
    st.sampled_from(("", "a", "b", "a b")),
    st.lists(st.integers(0, 30), min_size=1, max_size=45).map(tuple),
    st.tuples(st.integers(0, 10), st.integers(1, 10)),
)
_declarations = st.sampled_from(PROPERTIES).flatmap(
    lambda name: st.sampled_from(values_of(name)).map(lambda value: f"{name}:{value}")
)
_rules = st.tuples(st.sampled_from(_SELECTORS), st.lists(_declarations, min_size=1, max_size=4))


@st.composite
def pairs_of_pages(draw: st.DrawFn) -> tuple[GeneratedPage, GeneratedPage]:
    """Two pages with the same stylesheet, elements and texts, whose own styles may differ."""
    elements = draw(st.lists(_elements, min_size=1, max_size=14))
    stylesheet = "".join(
        f"{selector}{{{';'.join(rules)}}}" for selector, rules in draw(st.lists(_rules, max_size=4))
    )
    count = len(elements)
    style = st.lists(_declarations, max_size=3).map(";".join)
    styles = draw(st.lists(style, min_size=count, max_size=count))
    others = draw(
        st.lists(st.one_of(st.none(), style), min_size=count, max_size=count)
    )  # none: as in the other page
    before = [own if other is None else other for own, other in zip(styles, others, strict=True)]
    return (
        GeneratedPage(_page(elements, before), stylesheet),
        GeneratedPage(_page(elements, styles), stylesheet),
    )


def page(*blocks: str, language: str = "en") -> str:
    """A whole HTML page with these blocks."""
    return (
        f'<!DOCTYPE html><html lang="{language}"><head><meta charset="utf-8"><title>t</title>'
        f"</head><body>{''.join(blocks)}</body></html>"
    )


def _page(elements: list[_Element], styles: list[str]) -> str:
    blocks = (_block(one, style) for one, style in zip(elements, styles, strict=True))
    return page(*blocks, language=elements[0].language)


def _block(element: _Element, style: str) -> str:
    vocabulary = _TEXTS[element.language].split()
    words = [html.escape(vocabulary[n % len(vocabulary)]) for n in element.words]
    start, length = element.span
    words[start : start + length] = [
        f'<span class="b">{" ".join(words[start : start + length])}</span>'
    ]
    text = " ".join(words)
    attributes = f'class="{element.name}" lang="{element.language}" style="{html.escape(style)}"'
    match element.tag:
        case "ul":
            return f"<ul {attributes}><li>{text}</li><li {attributes}>{words[0]}</li></ul>"
        case "table":
            cells = f"<td {attributes}>{text}</td><td>{words[-1]}</td>"
            return f"<table {attributes}><tr>{cells}</tr><tr>{cells}</tr></table>"
        case "row":
            image = '<img src="emblem.svg" alt="emblem" style="width:12mm">'
            return (
                f'<div style="display:flex"><div {attributes}>{text}</div><p>{words[0]}</p>'
                f"{image}</div>"
            )
        case "footnote":
            return f'<p {attributes}>{text}<span style="float:footnote">{words[-1]}</span></p>'
        case tag:
            return f"<{tag} {attributes}>{text}</{tag}>"
