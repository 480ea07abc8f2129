"""Plan and register -> the letters that the report counts. Pure: no file, no clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from outreach_merge.definitions import LetterDefinition
from outreach_merge.model import Channel, PlannedLetter
from outreach_merge.plan import Plan
from outreach_merge.register import (
    Event,
    EventKind,
    LetterKey,
    LetterRecord,
    LetterStatus,
    effective_events,
    fold,
)
from outreach_merge.report.figures import DeliveryRoute

PLANNED = "planned"
"""The status of a letter that is not in the register yet."""

_THROUGH = (Channel.THROUGH_MISSION.value, Channel.THROUGH_CONSULATE.value)
_NEVER_SENT = (LetterStatus.SUPERSEDED, LetterStatus.WITHDRAWN)


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
    def way(self) -> DeliveryRoute:
        if self.handed_over:
            return DeliveryRoute.HANDED_OVER
        if self.through:
            return DeliveryRoute.THROUGH
        return DeliveryRoute.OTHERWISE if self.sent else DeliveryRoute.NOT_SENT


def letter_facts(
    plan: Plan, letters: Mapping[str, LetterDefinition], events: Iterable[Event]
) -> tuple[LetterFact, ...]:
    """The letters that count: those planned, and those dispatched and no longer planned.

    A dispatched letter is counted with the facts of its dispatch, not of the CSV of today.
    """
    entered = tuple(events)
    revisions = fold(entered)
    generated = _generated(effective_events(entered))
    chosen = {name: letter.issues_for_groups for name, letter in letters.items()}
    planned = {letter.letter_key: letter for letter in plan.planned if not letter.courtesy}
    facts = []
    for key in (*planned, *(key for key in revisions if key not in planned)):
        if key.document != "letter":
            continue
        record = _record_that_counts(revisions.get(key, {}))
        if record is not None and record.dispatched:
            event = generated.get((key, record.revision))
            facts.append(_fact_of_record(record, event, planned.get(key), chosen))
        elif key in planned and (record is None or record.status not in _NEVER_SENT):
            facts.append(_fact_of_plan(planned[key], chosen, record))
    return tuple(facts)


def _record_that_counts(revisions: Mapping[int, LetterRecord]) -> LetterRecord | None:
    """The last dispatched revision, else the current one."""
    sent = [number for number, record in revisions.items() if record.dispatched]
    return revisions[max(sent or revisions)] if revisions else None


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
        standing=record.status.value if record else PLANNED,
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
        standing=record.status.value,
        sent=True,
        delivered=record.delivered_on is not None,
        confidential=record.confidential,
        issues=_issues_taken_up(
            record.letter, detail("group"), details.get("issues", ()), planned, chosen
        ),
    )
