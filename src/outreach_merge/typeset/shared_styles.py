"""Styles that letters share: computed for the first of them, kept for the others.

WeasyPrint computes every property of every element anew for each document, though the letters of a
campaign differ in their words and hardly in their styles. Here a computed style is kept as long
as the process lives, under what it was computed from: the parent's style, the rules that match
and the element's own ``style``, ``lang`` and ``id``. That is the key under which WeasyPrint itself
shares styles within one document. Where a whole letter is built as one before it, element by
element, not even the rules are matched again.

WeasyPrint has no door for this. This file overrides ``HTML.render``, ``Document._render`` by way of
``_build_layout_context``, and ``StyleFor``; ``tests/typeset`` compares pages with and without.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from math import inf
from typing import Any

import cssselect2
import weasyprint
from weasyprint.css import StyleFor, declaration_precedence, find_style_attributes
from weasyprint.css import preprocess_declarations as preprocess
from weasyprint.css.targets import TargetCollector
from weasyprint.document import Document
from weasyprint.html import UA_STYLESHEET
from weasyprint.images import get_image_from_uri
from weasyprint.layout import LayoutContext
from weasyprint.layout.page import PageType

from outreach_merge.typeset.quick_parser import parse

#: Sizes of the page enter a style by these; such styles are not shared.
_OF_THE_PAGE = re.compile(r"\d(?:[sdl]?v(?:w|h|i|b|min|max)|p(?:w|h|i|b|min|max))\b")
#: More styles than any campaign has; beyond, something in a template makes a new one each time.
_MOST = 4000


class SharedStyles:
    """The computed styles of one campaign in one process.

    :param sources: the text of every stylesheet of the campaign.
    """

    def __init__(self, sources: Iterable[str]) -> None:
        self.usable = not any(_OF_THE_PAGE.search(source) for source in sources)
        self.known: dict[tuple[Any, ...], Any] = {}
        self.built: dict[tuple[Any, ...], Sequence[tuple[tuple[str | None, Any], ...]]] = {}

    def begin(self) -> None:
        """A letter begins."""
        if len(self.known) > _MOST or len(self.built) > _MOST:
            self.known.clear()
            self.built.clear()


@lru_cache(maxsize=64)
def _compiled(selector: str) -> tuple[Any, ...]:
    return tuple(cssselect2.compile_selector_list(selector))


class _Elements(cssselect2.ElementWrapper):  # type: ignore[misc]
    """Elements that are asked the same questions letter after letter."""

    def query_all(self, *selectors: str) -> Any:
        return super().query_all(*(test for one in selectors for test in _compiled(one)))


class LetterHTML(weasyprint.HTML):  # type: ignore[misc]
    """A letter whose styles are shared with those before it.

    :param styles: where they are kept.
    """

    def __init__(
        self, string: str, *, styles: SharedStyles, base_url: str, url_fetcher: Any
    ) -> None:
        root = parse(string)
        if root is None:
            super().__init__(string=string, base_url=base_url, url_fetcher=url_fetcher)
        else:
            self.base_url = base_url
            self.url_fetcher = url_fetcher
            self.media_type = "print"
            self.wrapper_element = _Elements.from_html_root(root)
            self.etree_element = root
        self.shared_styles = styles

    def render(self, font_config: Any = None, **options: Any) -> Document:
        return _LetterDocument._render(
            self, font_config, None, None, {**weasyprint.DEFAULT_OPTIONS, **options}
        )

    @property
    def brings_styles(self) -> bool:
        """Whether the letter has stylesheets of its own."""
        return any(element.tag in ("style", "link") for element in self.etree_element.iter())


class _LetterDocument(Document):  # type: ignore[misc]
    @classmethod
    def _build_layout_context(
        cls,
        html: LetterHTML,
        font_config: Any,
        counter_style: Any,
        color_profiles: Any,
        options: Mapping[str, Any],
    ) -> LayoutContext:
        shared = html.shared_styles
        if not shared.usable or html.brings_styles or options["presentational_hints"]:
            alone = {**options, "cache": {}}
            return super()._build_layout_context(
                html, font_config, counter_style, color_profiles, alone
            )
        shared.begin()
        for style in html._ua_counter_style():
            counter_style.update(style)
        sheets = [(UA_STYLESHEET, "user agent", None)]
        sheets += [(sheet, "user", None) for sheet in options["stylesheets"] or ()]
        targets = TargetCollector()
        styles = _LetterStyles(html, sheets, font_config, targets)

        def image(url: str, **more: Any) -> Any:
            get_image_from_uri(options["cache"], html.url_fetcher, options, url, **more)
            return options["cache"][url]

        return LayoutContext(styles, image, font_config, counter_style, targets)


class _LetterStyles(StyleFor):  # type: ignore[misc]
    """``style_for`` of one letter; what it computes goes to ``known``."""

    def __init__(
        self,
        html: LetterHTML,
        sheets: Sequence[tuple[Any, str, Any]],
        font_config: Any,
        targets: TargetCollector,
    ) -> None:
        self._cascaded_styles: dict[tuple[Any, Any], Any] = {}
        self._computed_styles: dict[tuple[Any, Any], Any] = {}
        self.initial_page_sizes = {"box": None, "area": None}
        self._sheets = sheets
        self.font_config = font_config
        self._known = html.shared_styles.known
        nodes = list(html.etree_element.iter())
        form = (*(id(sheet) for sheet, _, _ in sheets), *map(_form, nodes))
        built = html.shared_styles.built.get(form)
        if built is None:
            own = _own_declarations(html)
            for element in html.wrapper_element.iter_subtree():
                self._style(html, element, own.get(element.etree_element, ()))
            self._cascaded_styles.clear()
            styles: dict[Any, list[tuple[str | None, Any]]] = {}
            for (node, pseudo), style in self._computed_styles.items():
                styles.setdefault(node, []).append((pseudo, style))
            built = [tuple(styles.get(node, ())) for node in nodes]
            html.shared_styles.built[form] = built
        for node, found in zip(nodes, built, strict=True):
            for pseudo, style in found:
                if pseudo is None and node.tag in ("html", "body"):
                    style.pop("overflow", None)  # the layout hands it from here to the page
                self._computed_styles[node, pseudo] = style
                if style["anchor"]:
                    targets.collect_anchor(style["anchor"])

    def set_computed_styles(
        self,
        element: Any,
        parent: Any,
        root: Any = None,
        pseudo_type: str | None = None,
        base_url: str | None = None,
        target_collector: TargetCollector | None = None,
    ) -> None:
        """As the base class; the styles of pages and their margins are shared as well."""
        if not isinstance(element, PageType):
            super().set_computed_styles(
                element, parent, root, pseudo_type, base_url, target_collector
            )
            return
        above = self._computed_styles[parent, None]
        key = (
            "page", id(above), element.side, element.blank, element.name, element.index,
            repr(element.groups), pseudo_type,
        )  # fmt: skip
        if key not in self._known:
            super().set_computed_styles(
                element, parent, root, pseudo_type, base_url, target_collector
            )
            self._known[key] = self._computed_styles[element, pseudo_type]
        self._computed_styles[element, pseudo_type] = self._known[key]

    def _style(
        self,
        html: LetterHTML,
        element: Any,
        own: Sequence[tuple[Any, Any]],
    ) -> None:
        """Styles of an element and of its pseudo-elements."""
        node = element.etree_element
        parent = element.parent.etree_element if element.parent else None
        matches: dict[str | None, list[Any]] = {None: []}
        for sheet, origin, sheet_specificity in self._sheets:
            for specificity, _, pseudo, (declarations, layer) in sheet.matcher.match(element):
                order = inf if layer is None else sheet.layers.index(layer)
                matches.setdefault(pseudo, []).append(
                    (origin, order, sheet_specificity or specificity, declarations)
                )
        for pseudo, found in matches.items():
            above = parent if pseudo is None else node
            attributes = own if pseudo is None else ()
            key = (
                id(self._computed_styles[above, None]) if above is not None else 0,
                pseudo,
                tuple(declaration.serialize() for _, group in attributes for declaration in group),
                tuple((order, weight, id(rules)) for _, order, weight, rules in found),
            )
            style = self._known.get(key)
            if style is None:
                self._cascaded_styles[node, pseudo] = _cascade(html.base_url, attributes, found)
                self.set_computed_styles(
                    node, above, html.etree_element, pseudo, html.base_url, None
                )
                style = self._known[key] = self._computed_styles[node, pseudo]
            self._computed_styles[node, pseudo] = style


def _form(node: Any) -> tuple[Any, ...]:
    """All that a selector can ask of an element, its words apart."""
    attributes = () if node.tag == "meta" else tuple(node.attrib.items())
    return node.tag, attributes, len(node), bool(node.text), bool(node.tail)


def _own_declarations(html: LetterHTML) -> dict[Any, list[tuple[Any, Any]]]:
    """``style``, ``lang`` and the like of each element that has them."""
    own: dict[Any, list[tuple[Any, Any]]] = {}
    attributes = find_style_attributes(html.etree_element, False, html.base_url)
    for specificity, element, declarations, _ in attributes:
        own.setdefault(element, []).append((specificity, tuple(declarations)))
    return own


def _cascade(base_url: str, own: Sequence[tuple[Any, Any]], found: Sequence[Any]) -> dict[str, Any]:
    """The declarations that win, by property."""
    style: dict[str, Any] = {}
    rules = [
        ("author", inf, specificity, preprocess(base_url, declarations))
        for specificity, declarations in own
    ]
    for origin, order, specificity, declarations in (*rules, *found):
        for name, values, importance in declarations:
            weight = (declaration_precedence(origin, importance), order, specificity)
            old = style.get(name)
            if old is None or old[1] <= weight:
                style[name] = values, weight
    return style
