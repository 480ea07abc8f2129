"""Plan, recipients and register events -> the figures of the report. Pure: no file, no clock.

``docs/report.md`` says for every figure how it is counted; the two change together.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import attrgetter

from outreach_merge.definitions import LetterDefinition
from outreach_merge.model import Status
from outreach_merge.plan import Plan
from outreach_merge.protocol import State
from outreach_merge.register import (
    UNNAMED_STATE,
    Event,
    EventKind,
    effective_events,
)
from outreach_merge.report.facts import LetterFact, letter_facts
from outreach_merge.report.figures import (
    UNDISCLOSED,
    UNKNOWN,
    Counts,
    DeliveryRoute,
    Dimension,
    EngagementFigures,
    Figures,
    FloorFigures,
    IssueFigures,
    LetterFigures,
    MeetingFigures,
    is_last,
    row_order,
)
from outreach_merge.report.participation import participation, positions
from outreach_merge.report.treaty import TreatyRow

_WITHIN_THE_OFFICE = frozenset({EventKind.GENERATED, EventKind.SIGNED, EventKind.APPROVED})


def make_figures(
    plan: Plan,
    letters: Mapping[str, LetterDefinition],
    events: Iterable[Event],
    treaty: Sequence[TreatyRow],
    states: Mapping[str, State],
    facts_as_of: dt.date,
    *,
    include_confidential: bool = False,
) -> Figures:
    """The figures.

    :param events: the register's, in its order; what was corrected is left out here.
    :param treaty: rows of ``treaty-status.csv``; none: no figures on the treaty.
    :param states: what is true of every state, by ISO 3166 alpha-3.
    :param include_confidential: name what is confidential, for use within the office.
    """
    entered = tuple(events)
    counted = tuple(effective_events(entered))
    facts = letter_facts(plan, letters, entered)
    shown = _Disclosure(include_confidential)
    order = sorted(letters.values(), key=lambda letter: (letter.date, letter.name))
    names = [letter.name for letter in order]
    names += sorted({fact.letter for fact in facts} - set(names))
    by_letter = {
        name: _letter_figures(
            name,
            letters[name].title if name in letters else name,
            [fact for fact in facts if fact.letter == name],
            shown,
        )
        for name in names
    }
    # A confidential event of joining is left out: counting it would disclose the state.
    disclosed = [event for event in counted if shown(_is_secret(event))]
    open_facts = [fact for fact in facts if shown(fact.confidential)]
    meetings = _meetings(order, facts, shown)
    invited = {fact.state for fact in facts if _invites(letters, fact.letter)}
    return Figures(
        as_of=_as_of(facts_as_of, counted),
        letters={name: found for name, found in by_letter.items() if found.total},
        all_letters=_letter_figures("", "", facts, shown),
        meetings=meetings,
        invited=len(invited),
        floor=_floor(counted, shown),
        issues=_issues(counted, facts, shown),
        engagements=_engagements(counted, shown),
        replies=len({event.key for event in counted if event.kind is EventKind.REPLIED}),
        treaty=participation(treaty, disclosed, states) if treaty else None,
        received=_received(open_facts),
        status=_statuses(treaty, disclosed, open_facts),
        named=include_confidential,
        confidential=_names(facts, counted) if include_confidential else (),
    )


def _as_of(facts_as_of: dt.date, events: Iterable[Event]) -> dt.date:
    """The day of the last thing that happened outside the office, the day of facts at least."""
    outside = (event.happened_on for event in events if event.kind not in _WITHIN_THE_OFFICE)
    return max([facts_as_of, *outside])


class _Disclosure:
    """Whether something may be shown: always, or only when it is not confidential."""

    def __init__(self, include_confidential: bool) -> None:
        self._all = include_confidential

    def __call__(self, confidential: bool) -> bool:
        return self._all or not confidential


def _names(facts: Iterable[LetterFact], events: Iterable[Event]) -> tuple[str, ...]:
    """The names of confidential recipients and states."""
    letters = sorted(f"{f.letter}/{f.recipient}" for f in facts if f.confidential)
    return (
        *letters,
        *_codes(e.state for e in events if e.state and _is_secret(e) and not e.letter),
    )


def _letter_figures(
    name: str, title: str, facts: Sequence[LetterFact], shown: _Disclosure
) -> LetterFigures:
    def keyed(get: Callable[[LetterFact], str], among: Iterable[LetterFact]) -> Counts:
        rows = Counter(
            (get(fact) or UNKNOWN) if shown(fact.confidential) else UNDISCLOSED for fact in among
        )
        return dict(sorted(rows.items(), key=row_order))

    def by(among: Sequence[LetterFact]) -> Mapping[str, Counts]:
        return {
            dimension.value: keyed(attrgetter(dimension.value), among) for dimension in Dimension
        }

    handed = [fact for fact in facts if fact.handed_over]
    ways: dict[str, Counter[str]] = {}
    for fact in facts:
        region = (fact.region or UNKNOWN) if shown(fact.confidential) else UNDISCLOSED
        ways.setdefault(region, Counter())[fact.way.value] += 1
    return LetterFigures(
        letter=name,
        title=title,
        total=len(facts),
        states=len({fact.state for fact in facts}),
        sent=sum(fact.sent for fact in facts),
        states_sent=len({fact.state for fact in facts if fact.sent}),
        handed_over=len(handed),
        through=sum(fact.through for fact in facts),
        confidential=sum(fact.confidential for fact in facts),
        by=by(facts),
        sent_by=by([fact for fact in facts if fact.sent]),
        handed_over_by_region=keyed(lambda fact: fact.region, handed),
        ways_by_region={
            region: {way.value: counts[way.value] for way in DeliveryRoute if counts[way.value]}
            for region, counts in sorted(ways.items(), key=lambda item: (is_last(item[0]), item[0]))
        },
    )


# Meetings and what was said there


def _invites(letters: Mapping[str, LetterDefinition], name: str) -> bool:
    return name in letters and letters[name].meeting is not None


def _meetings(
    letters: Iterable[LetterDefinition], facts: Sequence[LetterFact], shown: _Disclosure
) -> tuple[MeetingFigures, ...]:
    found = []
    for letter in letters:
        invited = [fact for fact in facts if fact.letter == letter.name]
        if letter.meeting is None or not invited:
            continue
        found.append(
            MeetingFigures(
                letter=letter.name,
                title=letter.title,
                on=letter.meeting.start.date(),
                invited=len({fact.state for fact in invited}),
                sent=len({fact.state for fact in invited if fact.sent}),
                states=_codes(fact.state for fact in invited if shown(fact.confidential)),
            )
        )
    return tuple(sorted(found, key=lambda meeting: (meeting.on, meeting.letter)))


def _codes(states: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(states) - {UNNAMED_STATE}))


def _is_secret(event: Event) -> bool:
    return event.details.get("confidential") is True


def _floor(events: Sequence[Event], shown: _Disclosure) -> FloorFigures:
    spoke = [event for event in events if event.kind is EventKind.SPOKE]
    return FloorFigures(
        total=_distinct(spoke), states=_codes(e.state for e in spoke if shown(_is_secret(e)))
    )


def _distinct(events: Sequence[Event]) -> int:
    """States concerned; an event with a state that is not named even here counts as one."""
    unnamed = sum(event.state == UNNAMED_STATE for event in events)
    return unnamed + len({event.state for event in events} - {UNNAMED_STATE})


def _engagements(events: Sequence[Event], shown: _Disclosure) -> EngagementFigures:
    met = [event for event in events if event.kind is EventKind.MET]
    return EngagementFigures(
        total=len(met),
        confidential=sum(map(_is_secret, met)),
        states=_codes(event.state for event in met if shown(_is_secret(event))),
    )


def _issues(
    events: Sequence[Event], facts: Sequence[LetterFact], shown: _Disclosure
) -> tuple[IssueFigures, ...]:
    raised: dict[str, set[str]] = {}
    for event in events:
        if event.kind in (EventKind.SPOKE, EventKind.MET) and shown(_is_secret(event)):
            issues = event.details.get("issues", ())
            for issue in issues if isinstance(issues, (list, tuple)) else ():
                raised.setdefault(str(issue), set()).add(event.state)
    letters = Counter(issue for fact in facts if shown(fact.confidential) for issue in fact.issues)
    figures = [
        IssueFigures(issue, len(raised.get(issue, ())), letters[issue])
        for issue in {*raised, *letters}
    ]
    return tuple(sorted(figures, key=lambda f: (-f.states_raising, -f.letters, f.issue)))


# The map


def _received(facts: Iterable[LetterFact]) -> dict[str, DeliveryRoute]:
    """The most direct route by which a letter reached each state."""
    order = list(DeliveryRoute)
    ways: dict[str, DeliveryRoute] = {}
    for fact in facts:
        known = ways.get(fact.state, DeliveryRoute.NOT_SENT)
        ways[fact.state] = min(known, fact.way, key=order.index)
    return {state: way for state, way in sorted(ways.items()) if way is not DeliveryRoute.NOT_SENT}


def _statuses(
    treaty: Iterable[TreatyRow], events: Iterable[Event], facts: Iterable[LetterFact]
) -> dict[str, Status]:
    """Status of every state that is shown: from the treaty file, else from its letters."""
    found = {fact.state: Status(fact.status) for fact in facts if fact.status}
    return found | {state: row.status for state, row in positions(treaty, events).items()}
