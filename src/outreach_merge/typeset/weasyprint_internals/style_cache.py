"""Computed styles kept between letters.

WeasyPrint matches every selector with every element and computes every property anew for each
document, though the letters of a campaign differ in their words and hardly in their styles. Here
a computed style is kept under what it was computed from: the style of its parent, the rules that
match, and the declarations of the element's own ``style``, ``lang`` and ``id`` attributes. A
document whose elements and attributes are those of one before it is not even matched again.

WeasyPrint writes into styles while it lays out a document (the position of a marker, the counters
of a page). So every document gets copies of the kept styles, and two of its elements share a copy
where ``StyleFor`` would let them share a style.

Overrides ``HTML.render``, ``Document._build_layout_context`` and ``StyleFor``.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import inf
from typing import Any

import weasyprint
from weasyprint.css import (
    AnonymousStyle,
    ComputedStyle,
    InitialStyle,
    StyleFor,
    declaration_precedence,
    find_style_attributes,
)
from weasyprint.css import preprocess_declarations as preprocess
from weasyprint.css.computed_values import COMPUTER_FUNCTIONS
from weasyprint.css.properties import INITIAL_NOT_COMPUTED, INITIAL_VALUES
from weasyprint.css.targets import TargetCollector
from weasyprint.document import Document
from weasyprint.html import UA_STYLESHEET
from weasyprint.layout import LayoutContext

from outreach_merge.typeset.weasyprint_internals.image_cache import ImageCache

#: Units relative to the size of the page, which is not known when a style is computed for the
#: cache (CSS Values 4, 6.1.2).
_PAGE_RELATIVE_UNIT = re.compile(r"\d(?:[sdl]?v(?:w|h|i|b|min|max)|p(?:w|h|i|b|min|max))\b")
#: Properties that have a computed value: the logical ones (``margin-block-start``) only have
#: specified values, from which the physical ones are computed.
_COMPUTED = tuple(
    name
    for name in INITIAL_VALUES
    if name not in INITIAL_NOT_COMPUTED or name in COMPUTER_FUNCTIONS
)
#: Rules whose styles are applied by iterating over the properties computed so far, which depends
#: on what was laid out before (``inline.first_letter_to_box``).
_PARTLY_COMPUTED = re.compile(r":first-l(?:etter|ine)\b", re.IGNORECASE)
#: Styles, and structures of documents, that are kept before the cache is emptied.
_CAPACITY = 4000


class KeptStyle:
    """A style with the value of every property, and the anonymous style that inherits from it.

    Neither is handed to WeasyPrint, which would write into them: it gets copies.
    """

    def __init__(self, style: Any) -> None:
        self._style = style
        self.anchor = style["anchor"]

    @property
    def parent_of_others(self) -> Any:
        """The style that kept styles inherit from."""
        return self._style

    @cached_property
    def anonymous(self) -> Any:
        style = AnonymousStyle(self._style)
        _complete(style)
        return style

    @cached_property
    def _is_complete(self) -> bool:
        return _complete(self._style)

    def copy(self, parent: Any, root: Any, page_sizes: dict[str, Any]) -> Any:
        """The style for one document.

        A style of which a property cannot be computed without a message or an exception is
        computed by the document, as far as the document needs it.

        :param parent: the style that it inherits from in that document; ``None`` for the root.
        :param root: the style of the root element in that document; ``None`` for the root itself.
        :param page_sizes: ``StyleFor.initial_page_sizes`` of that document.
        """
        style = self._style
        root_style = style.root_style if root is None else root
        if not self._is_complete:
            return ComputedStyle(
                parent, style.cascaded, style.pseudo_type, root_style, style.base_url,
                style.font_config, page_sizes,
            )  # fmt: skip
        copy = _StyleCopy.__new__(_StyleCopy)
        copy.__dict__.update(style.__dict__)
        copy.update(style)
        copy.specified = dict(style.specified)
        copy.parent_style, copy.initial_page_sizes = parent, page_sizes
        copy.root_style = root_style
        copy.kept = self
        return copy


class _StyleCopy(ComputedStyle):  # type: ignore[misc]
    """A copy of a kept style, whose anonymous style is a copy as well."""

    kept: KeptStyle

    @cached_property
    def anonymous_style(self) -> Any:
        style = AnonymousStyle(self)
        style.update(self.kept.anonymous)
        return style


class _MessageCounter(logging.Filter):
    """Counts messages and drops them."""

    count = 0

    def filter(self, record: logging.LogRecord) -> bool:
        self.count += record.levelno >= logging.WARNING
        return False


def _complete(style: Any) -> bool:
    """Compute the value of every property; returns whether all could be, without a message."""
    counter, logger = _MessageCounter(), logging.getLogger("weasyprint")
    logger.addFilter(counter)
    try:
        for name in _COMPUTED:
            style[name]
    except Exception:
        return False
    finally:
        logger.removeFilter(counter)
    return not counter.count


@dataclass(frozen=True, slots=True)
class _StyledElement:
    """One style of a document's plan.

    :param elements: numbers, in document order, of the elements it belongs to.
    :param pseudo: the pseudo-element of that element which it belongs to.
    :param parent: number of the parent's style in the plan; ``None`` for the root.
    """

    style: KeptStyle
    elements: list[int]
    pseudo: str | None
    parent: int | None


class StyleCache:
    """Computed styles of one campaign in one process.

    :param sources: the text of every stylesheet of the campaign.
    """

    def __init__(self, sources: Iterable[str]) -> None:
        self._usable = not any(
            _PAGE_RELATIVE_UNIT.search(source) or _PARTLY_COMPUTED.search(source)
            for source in sources
        )
        self.styles: dict[tuple[Any, ...], KeptStyle] = {}
        self.plans: dict[tuple[Any, ...], Sequence[_StyledElement]] = {}

    def usable_for(self, html: CachedStylesHTML) -> bool:
        """Whether no style of the document depends on more than the cache's keys hold."""
        return self._usable and not any(
            element.tag in ("style", "link") or _PAGE_RELATIVE_UNIT.search(element.get("style", ""))
            for element in html.etree_element.iter()
        )

    def make_room(self) -> None:
        """Empty the cache if it is full; called between two documents."""
        if len(self.styles) > _CAPACITY or len(self.plans) > _CAPACITY:
            self.styles.clear()
            self.plans.clear()


class CachedStylesHTML(weasyprint.HTML):  # type: ignore[misc]
    """An HTML page that is laid out with cached styles and pictures."""

    def __init__(
        self, string: str, *, styles: StyleCache, images: ImageCache, base_url: str, fetcher: Any
    ) -> None:
        super().__init__(string=string, base_url=base_url, url_fetcher=fetcher)
        self.styles, self.images = styles, images

    def render(self, font_config: Any = None, **options: Any) -> Document:
        return _CachedStylesDocument._render(
            self, font_config, None, None, {**weasyprint.DEFAULT_OPTIONS, **options}
        )


class _CachedStylesDocument(Document):  # type: ignore[misc]
    @classmethod
    def _build_layout_context(
        cls,
        html: CachedStylesHTML,
        font_config: Any,
        counter_style: Any,
        color_profiles: Any,
        options: Mapping[str, Any],
    ) -> LayoutContext:
        if html.styles.usable_for(html) and not options["presentational_hints"]:
            return cls._cached_context(html, font_config, counter_style, options)
        return super()._build_layout_context(
            html, font_config, counter_style, color_profiles, options
        )

    @staticmethod
    def _cached_context(
        html: CachedStylesHTML, font_config: Any, counter_style: Any, options: Mapping[str, Any]
    ) -> LayoutContext:
        html.styles.make_room()
        for style in html._ua_counter_style():
            counter_style.update(style)
        sheets = [(UA_STYLESHEET, "user agent", None)]
        sheets += [(sheet, "user", None) for sheet in options["stylesheets"] or ()]
        targets = TargetCollector()
        style_for = _CachedStyleFor(html, sheets, font_config, targets)
        get_image = html.images.loader(html.url_fetcher, options)
        return LayoutContext(style_for, get_image, font_config, counter_style, targets)


class _CachedStyleFor(StyleFor):  # type: ignore[misc]
    """``StyleFor`` of one document, filled from the cache."""

    def __init__(
        self,
        html: CachedStylesHTML,
        sheets: Sequence[tuple[Any, str, Any]],
        font_config: Any,
        targets: TargetCollector,
    ) -> None:
        self._cascaded_styles: dict[tuple[Any, Any], Any] = {}
        self._computed_styles: dict[tuple[Any, Any], Any] = {}
        self.initial_page_sizes = {"box": None, "area": None}
        self._sheets = sheets
        self.font_config = font_config
        self._styles = html.styles.styles
        nodes = list(html.etree_element.iter())
        self._sheets_key = (html.base_url, *(sheet for sheet, _, _ in sheets))
        structure = (*self._sheets_key, *map(_structure, nodes))
        plan = html.styles.plans.get(structure)
        if plan is None:
            plan = html.styles.plans[structure] = self._plan(html, nodes)
        self._pseudo_elements: dict[tuple[Any, str], tuple[KeptStyle, Any]] = {}
        self._root = html.etree_element
        self._kept_root = plan[0].style
        self._kept_pages: dict[tuple[Any, str | None], KeptStyle] = {}
        copies: list[Any] = []
        for entry in plan:
            if entry.style.anchor:
                targets.collect_anchor(entry.style.anchor)
            parent = None if entry.parent is None else copies[entry.parent]
            if entry.pseudo is not None:
                self._pseudo_elements[nodes[entry.elements[0]], entry.pseudo] = entry.style, parent
                copies.append(None)
                continue
            copy = entry.style.copy(parent, copies[0] if copies else None, self.initial_page_sizes)
            copies.append(copy)
            for number in entry.elements:
                self._computed_styles[nodes[number], None] = copy

    def __call__(self, element: Any, pseudo_type: str | None = None) -> Any:
        """As the base class; most pseudo-elements are never asked for, and copied when they are."""
        waiting = self._pseudo_elements.pop((element, pseudo_type), None) if pseudo_type else None
        if waiting is not None:
            kept, parent = waiting
            self._computed_styles[element, pseudo_type] = kept.copy(
                parent, self._computed_styles[self._root, None], self.initial_page_sizes
            )
        return super().__call__(element, pseudo_type)

    def set_computed_styles(
        self,
        element: Any,
        parent: Any,
        root: Any = None,
        pseudo_type: str | None = None,
        base_url: str | None = None,
        target_collector: TargetCollector | None = None,
    ) -> None:
        """As the base class, for pages and their margins, whose styles are kept as well."""
        above = self._kept_pages.get((element, None)) if pseudo_type else self._kept_root
        cascaded = self._cascaded_styles.get((element, pseudo_type), {})
        rules = tuple((name, id(value), repr(weight)) for name, (value, weight) in cascaded.items())
        key = ("page", above, pseudo_type, base_url, rules)
        kept = self._kept(key, above, pseudo_type, base_url, lambda: cascaded)
        self._kept_pages[element, pseudo_type] = kept
        self._computed_styles[element, pseudo_type] = kept.copy(
            self._computed_styles[parent, None],
            self._computed_styles[root, None],
            self.initial_page_sizes,
        )

    def _kept(
        self,
        key: tuple[Any, ...],
        parent: KeptStyle | None,
        pseudo: str | None,
        base_url: str | None,
        cascade: Callable[[], dict[str, Any]],
    ) -> KeptStyle:
        """The style of this key, computed if the cache does not have it."""
        kept = self._styles.get(key)
        if kept is None:
            above = parent.parent_of_others if parent else None
            if above is None:
                root = InitialStyle(self.font_config)
            else:
                root = above if above.is_root_element else above.root_style
            style = ComputedStyle(
                above, cascade(), pseudo, root, base_url, self.font_config,
                {"box": None, "area": None},
            )  # fmt: skip
            kept = self._styles[key] = KeptStyle(style)
        return kept

    def _plan(self, html: CachedStylesHTML, nodes: Sequence[Any]) -> Sequence[_StyledElement]:
        """The styles of a document, parents before children, and the elements they belong to."""
        own = _own_declarations(html)
        numbers = {node: number for number, node in enumerate(nodes)}
        plan: list[_StyledElement] = []
        style_of: dict[Any, int] = {}
        shared: dict[tuple[KeptStyle, int | None], int] = {}
        for element in html.wrapper_element.iter_subtree():
            node = element.etree_element
            parent = style_of[element.parent.etree_element] if element.parent else None
            rules = self._matching_rules(element)
            for pseudo in (None, *(name for name in rules if name is not None)):
                attributes = own.get(node, ()) if pseudo is None else ()
                above = parent if pseudo is None else style_of[node]
                found = rules.get(pseudo, [])
                kept = self._style(html.base_url, plan, above, pseudo, attributes, found)
                # StyleFor lets elements share a style that only rules gave them.
                number = shared.get((kept, above)) if pseudo is None and not attributes else None
                if number is None:
                    number = len(plan)
                    plan.append(_StyledElement(kept, [], pseudo, above))
                    if pseudo is None and not attributes:
                        shared[kept, above] = number
                plan[number].elements.append(numbers[node])
                if pseudo is None:
                    style_of[node] = number
        return plan

    def _matching_rules(self, element: Any) -> dict[str | None, list[Any]]:
        """Pseudo-element -> (origin, layer, specificity, declarations) of the rules that match."""
        rules: dict[str | None, list[Any]] = {}
        for sheet, origin, sheet_specificity in self._sheets:
            for specificity, _, pseudo, (declarations, layer) in sheet.matcher.match(element):
                order = inf if layer is None else sheet.layers.index(layer)
                rules.setdefault(pseudo, []).append(
                    (origin, order, sheet_specificity or specificity, declarations)
                )
        return rules

    def _style(
        self,
        base_url: str,
        plan: Sequence[_StyledElement],
        parent: int | None,
        pseudo: str | None,
        attributes: Sequence[tuple[Any, Any]],
        rules: Sequence[Any],
    ) -> KeptStyle:
        above = None if parent is None else plan[parent].style
        key = (
            base_url,
            above,
            pseudo,
            tuple((weight, *(one.serialize() for one in group)) for weight, group in attributes),
            tuple((order, weight, id(declarations)) for _, order, weight, declarations in rules),
        )
        return self._kept(
            key, above, pseudo, base_url, lambda: _cascade(base_url, attributes, rules)
        )


def _structure(node: Any) -> tuple[Any, ...]:
    """All that a selector can ask of an element."""
    attributes = () if node.tag == "meta" else tuple(node.attrib.items())
    return node.tag, attributes, len(node), bool(node.text), bool(node.tail)


def _own_declarations(html: CachedStylesHTML) -> dict[Any, list[tuple[Any, Any]]]:
    """Element -> (specificity, declarations) of its ``style``, ``lang``, ``id`` and the like."""
    own: dict[Any, list[tuple[Any, Any]]] = {}
    attributes = find_style_attributes(html.etree_element, False, html.base_url)
    for specificity, element, declarations, _ in attributes:
        own.setdefault(element, []).append((specificity, tuple(declarations)))
    return own


def _cascade(base_url: str, own: Sequence[tuple[Any, Any]], found: Sequence[Any]) -> dict[str, Any]:
    """Property -> (value, weight) of the declaration that wins (CSS Cascade 4, 6)."""
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
