"""Charts with their captions, labels and legends, worded in a language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from outreach_merge.model import Status
from outreach_merge.report import charts
from outreach_merge.report.charts import Bar, Style
from outreach_merge.report.figures import DeliveryRoute, Figures, TreatyFigures
from outreach_merge.report.update import Wording

_WIDTH = 172.0  # of the page's text, in mm
_LABELS = 76.0  # of the names beside the bars of the widest chart
_ROW = 5.1


@dataclass(frozen=True, slots=True)
class Legend:
    """What a colour means."""

    colour: str
    label: str
    outlined: bool = False


@dataclass(frozen=True, slots=True)
class ChartFigure:
    """A chart as the page shows it.

    :param name: what it is, for the stylesheet.
    :param labels: names of its rows; the page sets them, each ``row_height`` mm high.
    """

    name: str
    title: str
    svg: str
    labels: tuple[str, ...] = ()
    row_height: float = _ROW
    legend: tuple[Legend, ...] = ()


def chart_figures(figures: Figures, wording: Wording, font: str) -> tuple[ChartFigure, ...]:
    """The charts that have something to show.

    :param font: families for digits and codes, as CSS names them.
    """
    style = Style(font, wording.direction == "rtl")
    made = []
    if figures.status:
        made.append(_map(figures, wording, style))
    if figures.all_letters.total:
        made += [_letters(figures, wording, style), _regions(figures, wording, style)]
    if figures.treaty:
        made.append(_participation(figures.treaty, wording, style))
    if figures.treaty and figures.treaty.joined_by_year:
        made.append(_timeline(figures.treaty, wording, style))
    return tuple(made)


def _clauses(wording: Wording, title: str, items: Iterable[tuple[str, int]]) -> str:
    """The chart in words: its alternative text."""
    said = [
        wording.word("", "item_colon", item=item, n=wording.plurals.number(count))
        for item, count in items
    ]
    return f"{title}. {wording.word('', 'clause_separator').join(said)}"


def _map(figures: Figures, wording: Wording, style: Style) -> ChartFigure:
    title = wording.word("charts", "map")
    ways = [way for way in DeliveryRoute if way is not DeliveryRoute.NOT_SENT]
    counts = [
        (wording.word("ways", way), sum(1 for w in figures.received.values() if w is way))
        for way in ways
    ]
    rest = [
        state for state in figures.status if state not in figures.received
    ]  # who received nothing
    parties = sum(figures.status[state] is Status.PARTY for state in rest)
    others = len(rest) - parties
    counts += [(wording.word("map", "party"), parties), (wording.word("map", "other"), others)]
    used = set(figures.received.values())
    legend = [
        Legend(charts.WAY_COLOURS[way], wording.word("ways", way)) for way in ways if way in used
    ]
    if parties:
        legend.append(Legend(charts.PARTY_TILE, wording.word("map", "party"), outlined=True))
    if others:
        legend.append(Legend(charts.OTHER_TILE, wording.word("map", "other"), outlined=True))
    drawing = charts.tile_map(
        figures.received,
        figures.status,
        style,
        alt=_clauses(wording, title, [item for item in counts if item[1]]),
        width=_WIDTH,
    )
    return ChartFigure("map", title, drawing, legend=tuple(legend))


def _bar_chart(
    name: str,
    wording: Wording,
    style: Style,
    rows: Sequence[tuple[str, Mapping[str, int]]],
    colours: Mapping[str, str],
    words: str,
    width: float,
) -> ChartFigure:
    """Stacked bars, one a row, with the legend of the colours that occur."""
    title = wording.word("charts", name)
    used = [key for key in colours if any(counts.get(key) for _, counts in rows)]
    items: list[tuple[str, int]] = []
    for label, counts in rows:
        items.append((label, sum(counts.values())))
        parts = [(wording.word(words, key), counts[key]) for key in used if counts.get(key)]
        items += parts if len(parts) > 1 else []
    drawing = charts.bars(
        [Bar(tuple((counts.get(k, 0), colours[k]) for k in used)) for _, counts in rows],
        style,
        alt=_clauses(wording, title, items),
        width=width,
        row_height=_ROW,
    )
    legend = tuple(Legend(colours[key], wording.word(words, key)) for key in used)
    return ChartFigure(name, title, drawing, tuple(label for label, _ in rows), _ROW, legend)


def _letters(figures: Figures, wording: Wording, style: Style) -> ChartFigure:
    rows = []
    for name, letter in figures.letters.items():
        ways: dict[str, int] = {}
        for counts in letter.ways_by_region.values():
            for way, count in counts.items():
                ways[way] = ways.get(way, 0) + count
        rows.append((wording.letter(name), ways))
    return _bar_chart(
        "letters", wording, style, rows, charts.WAY_COLOURS, "ways", _WIDTH - _LABELS - 2
    )


def _regions(figures: Figures, wording: Wording, style: Style) -> ChartFigure:
    rows = [
        (wording.value("region", region), counts)
        for region, counts in figures.all_letters.ways_by_region.items()
    ]
    chart = _bar_chart("regions", wording, style, rows, charts.WAY_COLOURS, "ways", 58)
    return replace(chart, legend=())  # it stands above, beside the letters by kind


def _participation(treaty: TreatyFigures, wording: Wording, style: Style) -> ChartFigure:
    rows = [
        (wording.value("region", region), counts)
        for region, counts in treaty.status_by_region.items()
    ]
    return _bar_chart(
        "participation", wording, style, rows, charts.STATUS_COLOURS, "statuses_short", 58
    )


def _timeline(treaty: TreatyFigures, wording: Wording, style: Style) -> ChartFigure:
    title = wording.word("charts", "timeline")
    parties = treaty.parties_by_year
    items = [(f"{year} (+{new})", parties[year]) for year, new in treaty.joined_by_year.items()]
    drawing = charts.timeline(
        treaty.joined_by_year, style, alt=_clauses(wording, title, items), width=_WIDTH, height=36
    )
    legend = (
        Legend(charts.STATUS_COLOURS["not_joined"], wording.word("timeline", "before")),
        Legend(charts.STATUS_COLOURS["party"], wording.word("timeline", "new")),
    )
    return ChartFigure("timeline", title, drawing, legend=legend)
