"""Where states stand with the treaty -> the figures on it. Pure: no file, no clock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from outreach_merge.model import Status
from outreach_merge.protocol import State
from outreach_merge.register import Event, EventKind
from outreach_merge.report.figures import TreatyFigures, row_order
from outreach_merge.report.treaty import TreatyRow


def _joined(events: Iterable[Event]) -> dict[str, int]:
    """State -> year in which it joined, from the register; the unnamed never join."""
    return {
        event.state: event.happened_on.year for event in events if event.kind is EventKind.JOINED
    }


def positions(treaty: Iterable[TreatyRow], events: Iterable[Event]) -> dict[str, TreatyRow]:
    """The treaty file, and over it what the register says has happened since."""
    rows = {row.state: row for row in treaty}
    for state, year in _joined(events).items():
        if state in rows and rows[state].status is not Status.PARTY:
            rows[state] = TreatyRow(state, Status.PARTY, year)
    return rows


def participation(
    treaty: Iterable[TreatyRow], events: Iterable[Event], states: Mapping[str, State]
) -> TreatyFigures:
    """The figures on the treaty.

    :param states: what is true of every state, by ISO 3166 alpha-3.
    """
    rows = tuple(positions(treaty, events).values())
    by_status = Counter(row.status for row in rows)
    by_region: dict[str, Counter[str]] = {}
    for row in rows:
        by_region.setdefault(states[row.state].region, Counter())[row.status.value] += 1
    outside = {
        region: counts[Status.SIGNATORY] + counts[Status.NOT_JOINED]
        for region, counts in by_region.items()
    }
    years = Counter(row.year for row in rows if row.year is not None)
    latest = max(years, default=None)
    span = range(min(years), max(years) + 1) if years else ()
    most = max(outside.values(), default=0)
    return TreatyFigures(
        total=len(rows),
        parties=by_status[Status.PARTY],
        signatories=by_status[Status.SIGNATORY],
        others=by_status[Status.NOT_JOINED],
        outside=len(rows) - by_status[Status.PARTY],
        outside_by_region=dict(sorted(outside.items(), key=row_order)),
        status_by_region={
            region: {status.value: counts[status] for status in Status}
            for region, counts in sorted(by_region.items())
        },
        joined_by_year={year: years[year] for year in span},
        latest_year=latest,
        latest=tuple(sorted(row.state for row in rows if latest and row.year == latest)),
        least_joined=tuple(sorted(r for r, n in outside.items() if n == most)) if most else (),
    )
