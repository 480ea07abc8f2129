"""The report as JSON, Markdown, HTML and PDF."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt

from outreach_merge.campaign import Campaign
from outreach_merge.compose import Documents
from outreach_merge.report.data_tables import ReportTable, tables
from outreach_merge.report.figures import Figures
from outreach_merge.report.page import chart_figures
from outreach_merge.report.update import OutreachUpdate, Wording

_LAYOUT = Path(__file__).parent.parent / "layout"
#: Of digits and codes in charts: beside EB Garamond, whose figures are old-style by default and
#: and cannot be switched within an SVG; the same font in every language.
_DIGITS = "Amiri"
_NUMBERED_LIST = re.compile(r'<ol start="(\d+)">')


@dataclass(frozen=True, slots=True)
class Report:
    """Everything a format is made from."""

    campaign: Campaign
    figures: Figures
    update: OutreachUpdate
    wording: Wording
    documents: Documents


def as_json(report: Report) -> str:
    """The figures, every one under the name ``docs/report.md`` explains, and the update's text."""
    figures = report.figures
    document = {
        "campaign": report.campaign.settings.code,
        "restricted": figures.named,
        **_plain(figures),
        "update": {
            "language": report.update.language,
            "title": report.update.title,
            "paragraphs": list(report.update.paragraphs),
            "numbers": list(report.update.numbers),
        },
    }
    del document["named"]
    if figures.treaty is not None:
        document["treaty"]["parties_by_year"] = _plain(figures.treaty.parties_by_year)
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _plain(value: object) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {item.name: _plain(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, Mapping):
        return {str(_plain(key)): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, Enum):
        return value.value
    return value.isoformat() if isinstance(value, dt.date) else value


def as_markdown(report: Report) -> str:
    """The update, and after it the figures as tables."""
    wording = report.wording
    parts = [report.update.markdown]
    if report.figures.named:
        parts.insert(0, f"**{wording.word('headings', 'restricted')}**\n")
    found = tables(report.figures, wording)
    if found:
        parts.append(f"## {wording.word('headings', 'figures')}\n")
    parts.extend(map(_markdown_table, found))
    if report.figures.confidential:
        parts.append(f"### {wording.word('columns', 'confidential')}\n")
        parts.append("\n".join(f"- {name}" for name in report.figures.confidential) + "\n")
    return "\n".join(parts)


def _markdown_table(table: ReportTable) -> str:
    def line(cells: tuple[str, ...]) -> str:
        return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"

    align = "|---|" + "--:|" * (len(table.head) - 1)
    lines = [f"### {table.title}", "", line(table.head), align, *map(line, table.rows), ""]
    return "\n".join(lines)


def as_html(report: Report) -> str:
    """One self-contained page: text, charts, tables and stylesheet."""
    from outreach_merge.typeset import stylesheets

    campaign = report.campaign
    styles = [*stylesheets(campaign.folder, campaign.settings), report_stylesheet()]
    return _page(report, tables=tables(report.figures, report.wording), styles="\n".join(styles))


def page_for_print(report: Report) -> str:
    """The page the PDF is set from: the text and the charts; the tables are left to HTML."""
    return _page(report, tables=(), styles="")


def report_stylesheet() -> str:
    """CSS of the report, read after the letters'."""
    return (_LAYOUT / "report.css").read_text(encoding="utf-8")


def _page(report: Report, *, tables: tuple[ReportTable, ...], styles: str) -> str:
    campaign, wording = report.campaign, report.wording
    title = campaign.settings.title.get(wording.language) or campaign.settings.code
    head, text = _split_head(_to_html(report.update.markdown))
    return report.documents.render(
        "report.html",
        {
            "language": wording.language,
            "direction": wording.direction,
            "title": report.update.title or title,
            "campaign": {"title": title},
            "as_of": wording.word(
                "headings", "as_of", date=wording.dates.date(report.figures.as_of)
            ),
            "created": report.figures.as_of.isoformat(),
            "restricted": wording.word("headings", "restricted") if report.figures.named else "",
            "names": report.figures.confidential,
            "names_title": wording.word("columns", "confidential"),
            "head": head,
            "text": text,
            "charts": chart_figures(report.figures, wording, _DIGITS),
            "figures_title": wording.word("headings", "figures"),
            "tables": tables,
            "styles": styles,
        },
    )


def _to_html(markdown: str) -> str:
    """HTML of the update; tags in the text are escaped."""
    reader = MarkdownIt("commonmark", {"html": False})
    tokens = reader.parse(markdown)
    for before, token, end, after in zip(tokens, tokens[1:], tokens[3:], tokens[4:], strict=False):
        alone = before.type == "list_item_open" and after.type == "list_item_close"
        if alone and token.type == "paragraph_open":
            token.hidden = end.hidden = True  # an item has no paragraph of its own
    html = str(reader.renderer.render(tokens, reader.options, {}))
    return _NUMBERED_LIST.sub(_count_on, html)


def _count_on(start: re.Match[str]) -> str:
    """A list that goes on counting also where ``start`` is not read: the typesetter's."""
    return f'<ol start="{start[1]}" style="counter-reset: list-item {int(start[1]) - 1}">'


def _split_head(html: str) -> tuple[str, str]:
    """The title with the line below it, and the text from its first heading on."""
    start = html.find("<h2")
    first = html.find("<ol")
    cut = min((place for place in (start, first) if place >= 0), default=len(html))
    return html[:cut], html[cut:]
