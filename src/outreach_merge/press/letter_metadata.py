"""What a machine can read of a letter: the small file within its PDF."""

from __future__ import annotations

import datetime as dt

from pydantic import BaseModel, ConfigDict, Field

from outreach_merge.compose.composer import issues_of
from outreach_merge.definitions import CampaignSettings, LetterDefinition
from outreach_merge.model import ComposedLetter, Kind

#: The file's name within the PDF.
FILE_NAME = "letter.json"
FORMAT = "outreach-merge-letter-1"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SignatoryMetadata(_Part):
    """Who signs, as the letter names them."""

    key: str = Field(description="Key in the campaign's definitions.")
    name: str
    office: str


class RecipientMetadata(_Part):
    """Whom the letter is addressed to: the office, never more than the page shows."""

    id: str = Field(description="Key in the campaign's list of recipients.")
    state: str = Field(description="ISO 3166 alpha-3.", pattern=r"^[A-Z]{3}$")
    kind: Kind
    office: str


class LetterMetadata(_Part):
    """``letter.json``: what a letter is, for archives and registries.

    Nothing in it is said that the letter does not say itself: no group, no bearer, no channel.
    """

    format: str = Field(FORMAT, description="This format and its version.")
    campaign: str = Field(description="Code of the campaign.")
    letter: str = Field(description="Kind of letter, by its definition's name.")
    document: str = Field(description="letter, or courtesy for a courtesy translation.")
    reference: str = Field(description="The letter's reference, as on the page.")
    date: dt.date = Field(description="The date on the page, ISO 8601.")
    place: str = Field(description="The place beside the date, in the letter's language.")
    language: str = Field(description="BCP 47.")
    subject: str = Field(description="The subject line, in the letter's language.")
    sender: tuple[str, ...] = Field(description="Lines of the letterhead.")
    signatories: tuple[SignatoryMetadata, ...] = Field(
        description="Who signs, in order: key, name and office, as the letter names them."
    )
    recipient: RecipientMetadata = Field(
        description="The office that is addressed: id, state (ISO 3166 alpha-3), kind, office."
    )
    issues: tuple[str, ...] = Field(description="Codes of the issues the letter takes up.")
    enclosures: tuple[str, ...] = Field(description="Titles.")
    content_sha256: str = Field(
        description="SHA-256 of the composed page (HTML) from which the letter was set.",
        pattern=r"^[0-9a-f]{64}$",
    )

    def as_json(self) -> bytes:
        """The file's bytes: always the same for the same letter."""
        return self.model_dump_json().encode()


def letter_metadata(
    composed: ComposedLetter, letter: LetterDefinition, settings: CampaignSettings
) -> LetterMetadata:
    """The particulars of a composed letter."""
    planned, language = composed.planned, composed.planned.language
    head = settings.letterheads[letter.letterhead].lines.get(language) or ""
    signed = []
    for key in letter.signatories:
        signatory = settings.signatories[key]
        signed.append(
            SignatoryMetadata(
                key=key,
                name=signatory.name.get(language) or "",
                office=" ".join((signatory.office.get(language) or "").split()),
            )
        )
    return LetterMetadata(
        campaign=settings.code,
        letter=planned.letter,
        document=planned.document,
        reference=planned.reference,
        date=planned.date,
        place=letter.place.get(language) or "",
        language=language,
        subject=composed.title,
        sender=tuple(head.strip().splitlines()),
        signatories=tuple(signed),
        recipient=RecipientMetadata(
            id=planned.recipient.id,
            state=planned.recipient.state,
            kind=planned.recipient.kind,
            office=planned.recipient.office,
        ),
        issues=issues_of(planned, letter),
        enclosures=composed.enclosures,
        content_sha256=composed.digest,
    )
