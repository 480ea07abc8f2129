"""The figures as tables, worded in a language; Markdown and HTML print the same ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from outreach_merge.report.figures import Dimension, Figures, LetterFigures, TreatyFigures
from outreach_merge.report.update import Wording


@dataclass(frozen=True, slots=True)
class ReportTable:
    """A table: the first column holds words, the others mostly numbers."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def tables(figures: Figures, wording: Wording) -> tuple[ReportTable, ...]:
    """Every table of the report that has a row."""
    made = (
        _letters(figures, wording),
        *(_by(figures, dimension, wording) for dimension in Dimension),
        _meetings(figures, wording),
        _issues(figures, wording),
        *(_treaty(figures.treaty, wording) if figures.treaty else ()),
    )
    return tuple(table for table in made if table.rows)


def _numbers(wording: Wording, *values: int) -> tuple[str, ...]:
    return tuple(wording.plurals.number(value) for value in values)


def _columns(wording: Wording, *keys: str) -> tuple[str, ...]:
    return tuple(wording.word("columns", key) for key in keys)


def _letters(figures: Figures, wording: Wording) -> ReportTable:
    def row(title: str, letter: LetterFigures) -> tuple[str, ...]:
        return (
            title,
            *_numbers(
                wording, letter.total, letter.states, letter.sent, letter.handed_over,
                letter.through, letter.confidential,
            ),
        )  # fmt: skip

    rows = [row(wording.letter(name), letter) for name, letter in figures.letters.items()]
    if len(rows) > 1:
        rows.append(row(wording.word("rows", "all"), figures.all_letters))
    keys = ("letter", "total", "states", "sent", "handed_over", "through", "confidential")
    return ReportTable(wording.word("headings", "letters"), _columns(wording, *keys), tuple(rows))


def _by(figures: Figures, dimension: Dimension, wording: Wording) -> ReportTable:
    """One row a value, one column a letter."""
    name = wording.word("dimensions", dimension)
    every = figures.all_letters.by[dimension]
    rows = [
        (
            wording.value(dimension, value),
            *_numbers(
                wording, *(f.by[dimension].get(value, 0) for f in figures.letters.values()), count
            ),
        )
        for value, count in every.items()
    ]
    head = (*map(wording.letter, figures.letters), wording.word("rows", "all"))
    title = wording.word("headings", "by", dimension=name)
    return ReportTable(title, (_capital(name), *head), tuple(rows))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _meetings(figures: Figures, wording: Wording) -> ReportTable:
    rows = tuple(
        (
            wording.meeting(meeting.letter),
            wording.dates.date(meeting.on),
            *_numbers(wording, meeting.invited),
        )
        for meeting in figures.meetings
    )
    head = _columns(wording, "meeting", "date", "invited")
    return ReportTable(wording.word("headings", "meetings"), head, rows)


def _issues(figures: Figures, wording: Wording) -> ReportTable:
    rows = tuple(
        (wording.issue(issue.issue), *_numbers(wording, issue.states_raising, issue.letters))
        for issue in figures.issues
    )
    head = _columns(wording, "issue", "states_raising", "letters")
    return ReportTable(wording.word("headings", "issues"), head, rows)


def _treaty(treaty: TreatyFigures, wording: Wording) -> Iterator[ReportTable]:
    regions = [
        (
            _capital(wording.value("region", region)),
            *_numbers(wording, *counts.values(), sum(counts.values())),
        )
        for region, counts in treaty.status_by_region.items()
    ]
    every = (treaty.parties, treaty.signatories, treaty.others, treaty.total)
    regions.append((wording.word("rows", "all"), *_numbers(wording, *every)))
    statuses = [_capital(wording.word("statuses_short", s)) for s in _keys(treaty)]
    head = (
        wording.word("columns", "region"), *statuses, wording.word("columns", "states_total"),
    )  # fmt: skip
    yield ReportTable(wording.word("headings", "treaty"), head, tuple(regions))
    parties = treaty.parties_by_year
    years = tuple(
        (str(year), *_numbers(wording, joined, parties[year]))
        for year, joined in treaty.joined_by_year.items()
    )
    head = _columns(wording, "year", "joined", "parties")
    yield ReportTable(wording.word("headings", "joined"), head, years)


def _keys(treaty: TreatyFigures) -> Iterable[str]:
    return next(iter(treaty.status_by_region.values()), {})
