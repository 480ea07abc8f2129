"""Plan, recipients and register events -> the figures of the report. Pure: no file, no clock.

``docs/report.md`` says for every figure how it is counted; the two change together.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from operator import attrgetter

from outreach_merge.definitions import Letter
from outreach_merge.model import Channel, PlannedLetter, Status
from outreach_merge.plan import Plan
from outreach_merge.protocol import State
from outreach_merge.register import (
    UNNAMED_STATE,
    Event,
    EventKind,
    LetterKey,
    LetterRecord,
    Standing,
    fold,
    standing_events,
)
from outreach_merge.report.treaty import TreatyRow

PLANNED = "planned"
"""Where a letter stands that the register does not know yet."""

UNDISCLOSED = "undisclosed"
"""The row of a table under which confidential letters are counted."""

UNKNOWN = "unknown"
"""The row of a table for letters of which the property is not known."""

_THROUGH = (Channel.THROUGH_MISSION.value, Channel.THROUGH_CONSULATE.value)
_WITHIN_THE_OFFICE = frozenset({EventKind.GENERATED, EventKind.SIGNED, EventKind.APPROVED})
_NEVER_SENT = (Standing.SUPERSEDED, Standing.WITHDRAWN)

Counts = Mapping[str, int]


class Dimension(StrEnum):
    """What letters are counted by."""

    REGION = "region"
    SUBREGION = "subregion"
    GROUP = "group"
    KIND = "kind"
    CHANNEL = "channel"
    LANGUAGE = "language"
    STATUS = "status"
    STANDING = "standing"


class Way(StrEnum):
    """How a letter reached a state; the order is that of nearness."""

    HANDED_OVER = "handed_over"
    THROUGH = "through"
    OTHERWISE = "otherwise"
    NOT_SENT = "not_sent"


@dataclass(frozen=True, slots=True)
class LetterFact:
    """One letter to one recipient as the report counts it."""

    letter: str
    recipient: str
    state: str
    region: str
    subregion: str
    group: str
    kind: str
    channel: str
    language: str
    status: str
    standing: str
    sent: bool
    delivered: bool
    confidential: bool
    issues: tuple[str, ...] = ()

    @property
    def handed_over(self) -> bool:
        """It was delivered by hand."""
        return self.delivered and self.channel == Channel.BY_HAND

    @property
    def through(self) -> bool:
        """It was sent through a mission or a consulate."""
        return self.sent and self.channel in _THROUGH

    @property
    def way(self) -> Way:
        if self.handed_over:
            return Way.HANDED_OVER
        if self.through:
            return Way.THROUGH
        return Way.OTHERWISE if self.sent else Way.NOT_SENT


@dataclass(frozen=True, slots=True)
class LetterFigures:
    """The figures of one kind of letter, or of all.

    :param total: letters planned, and letters no longer planned that have left the office.
    :param states: states they are addressed to.
    :param sent: letters that have left the office.
    :param states_sent: states to which at least one has left.
    :param handed_over: delivered by hand.
    :param through: sent through a mission or a consulate.
    :param by: dimension -> value -> letters.
    :param sent_by: the same for the letters that have left the office.
    :param handed_over_by_region: region -> letters handed over.
    :param ways_by_region: region -> way -> letters.
    """

    letter: str
    title: str
    total: int
    states: int
    sent: int
    states_sent: int
    handed_over: int
    through: int
    confidential: int
    by: Mapping[str, Counts]
    sent_by: Mapping[str, Counts]
    handed_over_by_region: Counts
    ways_by_region: Mapping[str, Counts]

    @property
    def not_sent(self) -> int:
        return self.total - self.sent


@dataclass(frozen=True, slots=True)
class MeetingFigures:
    """A meeting to which a letter invited.

    :param states: states invited that may be named, by code.
    """

    letter: str
    title: str
    on: dt.date
    invited: int
    sent: int
    states: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FloorFigures:
    """Who took the floor.

    :param total: states, those that may not be named among them.
    :param states: states that may be named, by code.
    """

    total: int
    states: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class IssueFigures:
    """How often an issue was raised, and how many letters take it up."""

    issue: str
    states_raising: int
    letters: int


@dataclass(frozen=True, slots=True)
class EngagementFigures:
    """Meetings and conversations with single states.

    :param confidential: among them, those with a state that is not to be named.
    :param states: states that may be named, by code.
    """

    total: int
    confidential: int
    states: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TreatyFigures:
    """Participation in the treaty.

    :param outside_by_region: states that are no party, region by region, most first.
    :param status_by_region: region -> status -> states.
    :param joined_by_year: every year since the first -> states that joined in it.
    :param latest_year: the last year in which a state joined.
    :param latest: the states that joined in it, by code.
    :param least_joined: the region (or regions) with most states that are no party.
    """

    total: int
    parties: int
    signatories: int
    others: int
    outside: int
    outside_by_region: Counts
    status_by_region: Mapping[str, Counts]
    joined_by_year: Mapping[int, int]
    latest_year: int | None
    latest: tuple[str, ...]
    least_joined: tuple[str, ...]

    @property
    def parties_by_year(self) -> Mapping[int, int]:
        """Year -> parties at its end: the trend."""
        total, running = 0, {}
        for year, joined in self.joined_by_year.items():
            total += joined
            running[year] = total
        return running

    def joined_in(self, year: int) -> int:
        return self.joined_by_year.get(year, 0)


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything the report says in numbers.

    :param as_of: the campaign's day of facts, or if it is later the last day on which a letter
        travelled or something happened with a state.
    :param letters: letter -> figures, in the order of their dates.
    :param received: state -> the nearest way in which a letter reached it.
    :param named: confidential recipients and states are named (``--include-confidential``).
    :param confidential: what is confidential, by name: letters as ``letter/recipient``, states by
        code; empty unless ``named``.
    """

    as_of: dt.date
    letters: Mapping[str, LetterFigures]
    all_letters: LetterFigures
    meetings: tuple[MeetingFigures, ...]
    invited: int
    floor: FloorFigures
    issues: tuple[IssueFigures, ...]
    engagements: EngagementFigures
    replies: int
    treaty: TreatyFigures | None
    received: Mapping[str, Way]
    status: Mapping[str, Status]
    named: bool = False
    confidential: tuple[str, ...] = ()


def make_figures(
    plan: Plan,
    letters: Mapping[str, Letter],
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
    counted = tuple(standing_events(entered))
    facts = letter_facts(plan, letters, entered)
    shown = _Discretion(include_confidential)
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
        treaty=_treaty(treaty, counted, states) if treaty else None,
        received=_received(open_facts),
        status=_statuses(treaty, counted, open_facts),
        named=include_confidential,
        confidential=_names(facts, counted) if include_confidential else (),
    )


def _as_of(facts_as_of: dt.date, events: Iterable[Event]) -> dt.date:
    """The day of the last thing that happened outside the office, the day of facts at least."""
    outside = (event.happened_on for event in events if event.kind not in _WITHIN_THE_OFFICE)
    return max([facts_as_of, *outside])


class _Discretion:
    """Whether something may be shown: always, or only when it is not confidential."""

    def __init__(self, include_confidential: bool) -> None:
        self._all = include_confidential

    def __call__(self, confidential: bool) -> bool:
        return self._all or not confidential


def _names(facts: Iterable[LetterFact], events: Iterable[Event]) -> tuple[str, ...]:
    """What must not leave the office, by name."""
    letters = sorted(f"{f.letter}/{f.recipient}" for f in facts if f.confidential)
    return (
        *letters,
        *_codes(e.state for e in events if e.state and _is_secret(e) and not e.letter),
    )


# Letters


def letter_facts(
    plan: Plan, letters: Mapping[str, Letter], events: Iterable[Event]
) -> tuple[LetterFact, ...]:
    """Every letter that counts: what is planned, and what left the office and no longer is.

    A letter that has left is counted as it was when it left, not as the CSV has it today.
    """
    entered = tuple(events)
    stories = fold(entered)
    told = _generated(standing_events(entered))
    chosen = {name: letter.issues_for_groups for name, letter in letters.items()}
    planned = {
        LetterKey(letter.letter, letter.recipient.id): letter
        for letter in plan.planned
        if not letter.courtesy
    }
    facts = []
    for key in (*planned, *(key for key in stories if key not in planned)):
        if key.document != "letter":
            continue
        record = _record_that_counts(stories.get(key, {}))
        if record is not None and record.dispatched:
            event = told.get((key, record.revision))
            facts.append(_fact_of_record(record, event, planned.get(key), chosen))
        elif key in planned and (record is None or record.standing not in _NEVER_SENT):
            facts.append(_fact_of_plan(planned[key], chosen, record))
    return tuple(facts)


def _record_that_counts(story: Mapping[int, LetterRecord]) -> LetterRecord | None:
    """The last revision that left the office, else the current one."""
    sent = [number for number, record in story.items() if record.dispatched]
    return story[max(sent or story)] if story else None


def _generated(events: Iterable[Event]) -> dict[tuple[LetterKey, int], Event]:
    return {
        (event.key, event.revision): event for event in events if event.kind is EventKind.GENERATED
    }


def _issues_taken_up(
    letter: str,
    group: str,
    of_state: object,
    planned: PlannedLetter | None,
    chosen: Mapping[str, Sequence[str]],
) -> tuple[str, ...]:
    """The issues a letter answers: those that chose it, else its state's where its group's do.

    :param of_state: the issues of the state.
    :param chosen: letter -> groups whose letters take up the state's issues.
    """
    own = planned.details.get("issues") if planned else None
    issues = own or (of_state if group in chosen.get(letter, ()) else ())
    return tuple(map(str, issues)) if isinstance(issues, (list, tuple)) else ()


def _fact_of_plan(
    planned: PlannedLetter, chosen: Mapping[str, Sequence[str]], record: LetterRecord | None
) -> LetterFact:
    recipient = planned.recipient
    return LetterFact(
        letter=planned.letter,
        recipient=recipient.id,
        state=recipient.state,
        region=recipient.region,
        subregion=recipient.subregion,
        group=recipient.group,
        kind=recipient.kind.value,
        channel=planned.channel.value if planned.channel else "",
        language=planned.language,
        status=recipient.status.value,
        standing=record.standing.value if record else PLANNED,
        sent=False,
        delivered=False,
        confidential=recipient.confidential or (record is not None and record.confidential),
        issues=_issues_taken_up(planned.letter, recipient.group, recipient.issues, planned, chosen),
    )


def _fact_of_record(
    record: LetterRecord,
    event: Event | None,
    planned: PlannedLetter | None,
    chosen: Mapping[str, Sequence[str]],
) -> LetterFact:
    details = event.details if event else {}

    def detail(name: str) -> str:
        return str(details.get(name, ""))

    return LetterFact(
        letter=record.letter,
        recipient=record.recipient,
        state=record.state,
        region=detail("region"),
        subregion=detail("subregion"),
        group=detail("group"),
        kind=detail("kind"),
        channel=record.channel,
        language=record.language,
        status=detail("status"),
        standing=record.standing.value,
        sent=True,
        delivered=record.delivered_on is not None,
        confidential=record.confidential,
        issues=_issues_taken_up(
            record.letter, detail("group"), details.get("issues", ()), planned, chosen
        ),
    )


def _letter_figures(
    name: str, title: str, facts: Sequence[LetterFact], shown: _Discretion
) -> LetterFigures:
    def keyed(get: Callable[[LetterFact], str], among: Iterable[LetterFact]) -> Counts:
        rows = Counter(
            (get(fact) or UNKNOWN) if shown(fact.confidential) else UNDISCLOSED for fact in among
        )
        return dict(sorted(rows.items(), key=_row_order))

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
            region: {way.value: counts[way.value] for way in Way if counts[way.value]}
            for region, counts in sorted(ways.items(), key=lambda item: _last(item[0]))
        },
    )


def _row_order(row: tuple[str, int]) -> tuple[bool, int, str]:
    """Most first; what is not known or not disclosed last."""
    name, count = row
    return _last(name)[0], -count, name


def _last(name: str) -> tuple[bool, str]:
    return name in (UNKNOWN, UNDISCLOSED), name


# Meetings and what was said there


def _invites(letters: Mapping[str, Letter], name: str) -> bool:
    return name in letters and letters[name].meeting is not None


def _meetings(
    letters: Iterable[Letter], facts: Sequence[LetterFact], shown: _Discretion
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


def _floor(events: Sequence[Event], shown: _Discretion) -> FloorFigures:
    spoke = [event for event in events if event.kind is EventKind.SPOKE]
    return FloorFigures(
        total=_distinct(spoke), states=_codes(e.state for e in spoke if shown(_is_secret(e)))
    )


def _distinct(events: Sequence[Event]) -> int:
    """States concerned; an event with a state that is not named even here counts as one."""
    unnamed = sum(event.state == UNNAMED_STATE for event in events)
    return unnamed + len({event.state for event in events} - {UNNAMED_STATE})


def _engagements(events: Sequence[Event], shown: _Discretion) -> EngagementFigures:
    met = [event for event in events if event.kind is EventKind.MET]
    return EngagementFigures(
        total=len(met),
        confidential=sum(map(_is_secret, met)),
        states=_codes(event.state for event in met if shown(_is_secret(event))),
    )


def _issues(
    events: Sequence[Event], facts: Sequence[LetterFact], shown: _Discretion
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


# The treaty


def _joined(events: Iterable[Event]) -> dict[str, int]:
    """State -> year in which it joined, from the register; the unnamed never join."""
    return {
        event.state: event.happened_on.year for event in events if event.kind is EventKind.JOINED
    }


def _positions(treaty: Iterable[TreatyRow], events: Iterable[Event]) -> dict[str, TreatyRow]:
    """The treaty file, and over it what the register says has happened since."""
    rows = {row.state: row for row in treaty}
    for state, year in _joined(events).items():
        if state in rows and rows[state].status is not Status.PARTY:
            rows[state] = TreatyRow(state, Status.PARTY, year)
    return rows


def _treaty(
    treaty: Iterable[TreatyRow], events: Iterable[Event], states: Mapping[str, State]
) -> TreatyFigures:
    rows = tuple(_positions(treaty, events).values())
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
        outside_by_region=dict(sorted(outside.items(), key=_row_order)),
        status_by_region={
            region: {status.value: counts[status] for status in Status}
            for region, counts in sorted(by_region.items())
        },
        joined_by_year={year: years[year] for year in span},
        latest_year=latest,
        latest=tuple(sorted(row.state for row in rows if latest and row.year == latest)),
        least_joined=tuple(sorted(r for r, n in outside.items() if n == most)) if most else (),
    )


# The map


def _received(facts: Iterable[LetterFact]) -> dict[str, Way]:
    """The nearest way in which a letter reached each state."""
    order = list(Way)
    ways: dict[str, Way] = {}
    for fact in facts:
        known = ways.get(fact.state, Way.NOT_SENT)
        ways[fact.state] = min(known, fact.way, key=order.index)
    return {state: way for state, way in sorted(ways.items()) if way is not Way.NOT_SENT}


def _statuses(
    treaty: Iterable[TreatyRow], events: Iterable[Event], facts: Iterable[LetterFact]
) -> dict[str, Status]:
    """Status of every state that is shown: from the treaty file, else from its letters."""
    found = {fact.state: Status(fact.status) for fact in facts if fact.status}
    return found | {state: row.status for state, row in _positions(treaty, events).items()}
