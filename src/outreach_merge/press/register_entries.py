"""The register's entries that a run makes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from outreach_merge.definitions import LetterDefinition
from outreach_merge.model import PlannedLetter
from outreach_merge.press.decide import Keep
from outreach_merge.press.dependencies import InputDigest
from outreach_merge.register import EventKind, LetterRecord, NewEvent
from outreach_merge.register.events import facts_digest


@dataclass(frozen=True, slots=True)
class EntryWriter:
    """Makes the entries of one run.

    :param by: who is entered as having made the letters.
    :param clock: tells the day.
    """

    by: str
    clock: Callable[[], dt.datetime]

    def generated(
        self,
        planned: PlannedLetter,
        letter: LetterDefinition,
        inputs: InputDigest,
        page_digest: str,
        *,
        file: str,
        digest: str,
        pages: int,
        revision: int,
    ) -> NewEvent:
        """A letter was made.

        :param file: its path below the campaign folder, and ``digest`` the file's SHA-256.
        """
        recipient = planned.recipient
        return NewEvent(
            kind=EventKind.GENERATED,
            happened_on=self.clock().date(),
            by=self.by,
            letter=planned.letter,
            recipient=recipient.id,
            document=planned.document,
            state=recipient.state,
            language=planned.language,
            reference=planned.reference,
            channel=planned.channel.value if planned.channel else "",
            file=file,
            digest=digest,
            pages=pages,
            revision=revision,
            details={
                "fingerprint": str(inputs),
                "html_digest": page_digest,
                "date": planned.date.isoformat(),
                "kind": recipient.kind.value,
                "office": recipient.office,
                "name": "; ".join(recipient.names),
                "region": recipient.region,
                "subregion": recipient.subregion,
                "group": recipient.group,
                "status": recipient.status.value,
                "issues": list(recipient.issues),
                "bearer": recipient.bearer,
                "confidential": recipient.confidential,
                "signatories": list(letter.signatories),
                "enclosures": list(letter.enclosures),
            },
        )

    def updated(self, kept: Keep, letter: LetterDefinition) -> NewEvent | None:
        """What the register says of a letter that is kept is out of date; ``None`` if it is not.

        What was true of a letter when it left the office stays as it is, but for the wish that
        it be confidential.
        """
        planned, record = kept.planned, kept.record
        if record.closed and record.confidential == planned.recipient.confidential:
            return None
        event = self.generated(
            planned,
            letter,
            kept.inputs,
            record.html_digest,
            file=record.file,
            digest=record.digest,
            pages=record.pages,
            revision=record.revision,
        )
        # Inputs that left no trace on the page are no reason for an entry.
        facts = {**event.details, "fingerprint": record.fingerprint}
        current = (facts_digest(facts), event.channel, event.reference)
        recorded = (record.facts, record.channel, record.reference)
        return None if current == recorded else event

    def withdrawn(self, record: LetterRecord) -> NewEvent:
        """A letter's recipient is gone."""
        return NewEvent(
            kind=EventKind.WITHDRAWN,
            happened_on=self.clock().date(),
            by=self.by,
            letter=record.letter,
            recipient=record.recipient,
            document=record.document,
            revision=record.revision,
            details={"note": "no longer among the recipients"},
        )

    def reinstated(self, record: LetterRecord) -> NewEvent:
        """The recipient of a letter that was withdrawn is there again."""
        return NewEvent(
            kind=EventKind.CORRECTED,
            happened_on=self.clock().date(),
            by=self.by,
            letter=record.letter,
            recipient=record.recipient,
            document=record.document,
            revision=record.revision,
            details={"entry": record.sequence, "note": "among the recipients again"},
        )
