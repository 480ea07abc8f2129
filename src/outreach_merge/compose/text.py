"""The text of a composed letter without markup."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_BLOCKS = {"p", "h1", "h2", "h3", "li", "tr", "section", "header", "div", "main"}
_SILENT = {"style", "title", "script"}
_VOID = {"br", "img", "meta", "link", "base", "hr", "col"}


class _Text(HTMLParser):
    """Collects the text, without elements hidden from screen readers (``aria-hidden``)."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._hidden: list[bool] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BLOCKS or tag == "br":
            self.parts.append("\n")
        if tag not in _VOID:
            self._hidden.append(tag in _SILENT or ("aria-hidden", "true") in attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag in _VOID:
            return
        if self._hidden:
            self._hidden.pop()
        if tag in _BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not any(self._hidden):
            self.parts.append(re.sub(r"[ \t\r\n]+", " ", data))


def plain_text(html: str) -> str:
    """The text of the page, a line for each paragraph."""
    parser = _Text()
    parser.feed(html)
    lines = (line.strip(" ") for line in "".join(parser.parts).split("\n"))
    return "\n".join(line for line in lines if line)
