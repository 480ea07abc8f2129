"""The figures of the report: what they are. ``counting.py`` makes them.

``docs/report.md`` says for every figure how it is counted; the two change together.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from outreach_merge.model import Status

UNDISCLOSED = "undisclosed"
"""The row of a table under which confidential letters are counted."""

UNKNOWN = "unknown"
"""The row of a table for letters of which the property is not known."""

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


class DeliveryRoute(StrEnum):
    """How a letter reached a state, the most direct route first."""

    HANDED_OVER = "handed_over"
    THROUGH = "through"
    OTHERWISE = "otherwise"
    NOT_SENT = "not_sent"


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
    """The states that took the floor.

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
    received: Mapping[str, DeliveryRoute]
    status: Mapping[str, Status]
    named: bool = False
    confidential: tuple[str, ...] = ()


def row_order(row: tuple[str, int]) -> tuple[bool, int, str]:
    """Most first; what is not known or not disclosed last."""
    name, count = row
    return is_last(name), -count, name


def is_last(name: str) -> bool:
    """Whether a row stands after all others: what it counts is not known or not disclosed."""
    return name in (UNKNOWN, UNDISCLOSED)
