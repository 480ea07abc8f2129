"""Frozen pydantic models of ``campaign.toml`` and ``letters/*.toml``, and their JSON Schema."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, RootModel

from outreach_merge.model import Channel, Kind, SignatureMode, Status


def _inside_campaign(path: str) -> str:
    pure = PurePosixPath(path)
    if pure.is_absolute() or ".." in pure.parts:
        raise ValueError("must be a path inside the campaign folder, without '..'")
    return path


CampaignPath = Annotated[str, AfterValidator(_inside_campaign)]


def _one_css_value(value: str) -> str:
    if set(value) & set(";{}"):
        raise ValueError("must be one CSS value, without ';', '{' and '}'")
    return value


CssValue = Annotated[str, AfterValidator(_one_css_value)]


class LocalizedText(RootModel[str | dict[str, str]]):
    """A text that is the same in every language, or a table of it by language."""

    model_config = ConfigDict(frozen=True)

    def get(self, language: str) -> str | None:
        """The text for ``language``; ``None`` when the table does not have it."""
        return self.root if isinstance(self.root, str) else self.root.get(language)


class _Definition(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Letterhead(_Definition):
    """The head of the page: who writes."""

    lines: LocalizedText = Field(
        description="Lines of the letterhead by language, one under the other."
    )
    emblem: CampaignPath | None = Field(None, description="Picture above the lines (SVG or PNG).")
    emblem_description: LocalizedText | None = Field(
        None, description="What the emblem shows, for readers who cannot see it."
    )


class Signatory(_Definition):
    """Who signs: name and office as each language writes them."""

    name: LocalizedText
    office: LocalizedText
    image: CampaignPath | None = Field(None, description="Picture of the signature.")
    image_height_mm: float = Field(16.0, gt=0, le=60)


class Stamp(_Definition):
    """Stamp and initials of an office: what a note in the third person bears for a signature."""

    image: CampaignPath = Field(description="Picture of stamp and initials (SVG or PNG).")
    description: LocalizedText = Field(description="What it shows, for readers who cannot see it.")
    height_mm: float = Field(30.0, gt=0, le=80)


class Enclosure(_Definition):
    """A document sent with letters."""

    title: LocalizedText
    files: Mapping[str, CampaignPath] = Field(
        default_factory=dict,
        description="PDF by language, relative to the campaign folder; a recipient whose "
        "language has none gets that of the campaign's first fallback language that has one.",
    )


class Window(StrEnum):
    """The window of the envelope through which the address is read."""

    NONE = "none"
    DIN_5008_A = "din-5008-a"
    DIN_5008_B = "din-5008-b"
    C5_6_LEFT = "c5-6-left"
    C5_6_RIGHT = "c5-6-right"

    @property
    def area_mm(self) -> tuple[float, float, float, float] | None:
        """Left, top, width and height of what shows wherever the folded sheet lies in the
        envelope, in millimetres from the paper's upper left corner; ``None``: no window.

        DIN 5008:2020, forms A and B: a field of 85 x 45 mm, 20 mm from the left edge and 27 or
        45 mm from the top; the text keeps 5 mm from its left and 2 mm from its top. C5/6 and DL
        with A4 folded in three: a window of 45 x 90 mm, 20 mm from one side of the envelope and
        15 mm from its foot, the sheet having 11 mm of play upwards and 13 mm sideways.
        """
        return {
            Window.NONE: None,
            Window.DIN_5008_A: (25.0, 29.0, 75.0, 41.0),
            Window.DIN_5008_B: (25.0, 47.0, 75.0, 41.0),
            Window.C5_6_LEFT: (33.0, 52.0, 75.0, 33.0),
            Window.C5_6_RIGHT: (105.0, 52.0, 78.0, 33.0),
        }[self]


class Page(_Definition):
    """Paper and looks; every colour and measure of the stylesheet is a CSS variable."""

    size: str = Field("A4", pattern=r"^(A4|letter)$")
    window: Window = Field(
        Window.NONE, description="Place the address for the window of an envelope."
    )
    fit: float = Field(
        0.955,
        ge=0.9,
        le=1,
        description="How much smaller the type may be set (1: never) where that saves a last "
        "page on which little more than the signature would stand.",
    )
    variables: Mapping[str, CssValue] = Field(
        default_factory=dict, description='CSS variables by name without dashes: accent = "#123".'
    )


class SignatoryKey(_Definition):
    """Where a signatory's key is; the key itself never is in the campaign's files."""

    key: str = Field(
        min_length=1,
        description="PKCS#12 or PEM file, relative to the campaign folder or absolute; or a "
        "pkcs11: URI of a token.",
    )
    certificate: str | None = Field(
        None, description="PEM or DER file of the certificate, where the key has none with it."
    )


class Signing(_Definition):
    """How letters are signed digitally, and whom ``verify`` trusts."""

    keys: Mapping[str, SignatoryKey] = Field(
        default_factory=dict, description="By signatory. Only those who sign on this machine."
    )
    timestamp_url: str = Field("", description="RFC 3161 server; blank: no time stamp (B-B).")
    timestamp_timeout: float = Field(10.0, gt=0, le=120, description="Seconds for an answer.")
    long_term: bool = Field(
        False, description="Put revocation information into the file (B-LT); needs timestamp_url."
    )
    trust: tuple[str, ...] = Field(
        (), description="PEM or DER files of the authorities that are trusted."
    )


class CampaignSettings(_Definition):
    """``campaign.toml``."""

    code: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$", description="Key of the register.")
    title: LocalizedText
    facts_as_of: dt.date = Field(description="The day on which the recipients' facts are true.")
    languages: tuple[str, ...] = Field(min_length=1)
    fallback_languages: tuple[str, ...] = ("en",)
    issues: tuple[str, ...] = Field((), description="Codes the column `issues` may hold.")
    recipients: CampaignPath = "recipients.csv"
    output: CampaignPath = "output"
    register_url: str = Field("", description="Database URL; blank: register.sqlite here.")
    page: Page = Page()
    letterheads: Mapping[str, Letterhead] = Field(default_factory=dict)
    signatories: Mapping[str, Signatory] = Field(default_factory=dict)
    stamps: Mapping[str, Stamp] = Field(default_factory=dict)
    enclosures: Mapping[str, Enclosure] = Field(default_factory=dict)
    signing: Signing = Signing()
    enclosure_max_mb: float = Field(
        10.0, gt=0, description="A larger file of an enclosure is a problem (megabytes)."
    )

    def languages_to_try(self, language: str) -> tuple[str, ...]:
        """``language``, then the fallback languages in their order."""
        return tuple(dict.fromkeys((language, *self.fallback_languages)))

    def enclosure_file(self, key: str, language: str) -> tuple[str, str] | None:
        """Language and path of the file of an enclosure that a letter in ``language`` gets."""
        files = self.enclosures[key].files
        for code in self.languages_to_try(language):
            if code in files:
                return code, files[code]
        return None

    def enclosure_files(self, keys: Iterable[str], language: str) -> list[str]:
        """Paths of the files that a letter in ``language`` gets, of those enclosures that have."""
        found = (self.enclosure_file(key, language) for key in keys)
        return [file for _, file in filter(None, found)]


class GrammaticalPerson(StrEnum):
    """Who speaks in a letter."""

    FIRST = "first"
    THIRD = "third"


class SignatureArrangement(StrEnum):
    """How the signatures of a letter stand to each other."""

    BESIDE = "beside"
    BELOW = "below"


class CourtesyForm(StrEnum):
    """What becomes of the column ``courtesy_language``."""

    DOCUMENT = "document"
    PAGES = "pages"
    NONE = "none"


class EnclosureForm(StrEnum):
    """How ``generate --with-enclosures`` puts the enclosures into the letter's file."""

    ATTACHMENTS = "attachments"
    PAGES = "pages"


class StateEventKind(StrEnum):
    """Events of the register that can choose a letter's recipients."""

    SPOKE = "spoke"
    MET = "met"
    JOINED = "joined"


class Joined(_Definition):
    """States that joined within a time, both days included."""

    column: str = Field("joined_on", description="Column of the CSV that holds the date.")
    since: dt.date | None = Field(None, description="The first day.")
    until: dt.date | None = Field(None, description="The last day.")


class RecipientFilter(_Definition):
    """Whom the letter goes to; a blank list lets all through.

    The rows of the CSV, unless ``carries`` or ``event`` chooses among them first.
    """

    kind: tuple[Kind, ...] = Field((), description="As the column `kind`.")
    status: tuple[Status, ...] = Field((), description="As the column `status`.")
    group: tuple[str, ...] = Field((), description="As the column `group`.")
    state: tuple[str, ...] = Field((), description="As the column `state`: codes or names.")
    channel: tuple[Channel, ...] = Field((), description="As the column `channel`.")
    where: Mapping[str, tuple[str, ...]] = Field(
        default_factory=dict, description="Column of your own -> the cells that are let through."
    )
    carries: str = Field(
        "",
        description="Name of another letter: each of its letters that travels through a mission "
        "or consulate is transmitted by this one, which goes to the mission or consulate.",
    )
    event: StateEventKind | None = Field(
        None, description="Only states on which the register holds such an event."
    )
    joined: Joined | None = Field(None, description="Only states that joined within a time.")


class Meeting(_Definition):
    """A meeting to which the letter invites; a calendar file is written beside each PDF."""

    start: dt.datetime = Field(description="Day and hour at the place of the meeting.")
    time_zone: str = Field("Europe/Zurich", description="IANA name: Europe/Zurich for Geneva.")
    minutes: int = Field(gt=0, le=7 * 24 * 60, description="How long it lasts.")
    registration: LocalizedText = Field(description="Whom to write to in order to take part.")
    location: LocalizedText | None = Field(None, description="Where it is held, for calendars.")

    @property
    def moment(self) -> dt.datetime:
        """The start with its time zone.

        :raises LookupError: there is no such time zone.
        """
        zone = ZoneInfo(self.time_zone)
        return self.start.astimezone(zone) if self.start.tzinfo else self.start.replace(tzinfo=zone)

    @property
    def is_skipped_by_clock(self) -> bool:
        """The clocks are put forward over the start: it never happens."""
        if self.start.tzinfo:
            return False
        moment = self.moment
        return moment.astimezone(dt.UTC).astimezone(moment.tzinfo) != moment

    @property
    def happens_twice(self) -> bool:
        """The clocks are put back over the start: it is not said which of two hours is meant."""
        moment = self.moment
        later = moment.replace(fold=1)
        return (
            not self.start.tzinfo
            and not self.is_skipped_by_clock
            and moment.utcoffset() != later.utcoffset()
        )


class Session(_Definition):
    """A session of a review."""

    start: dt.date = Field(description="Its first day.")
    end: dt.date = Field(description="Its last day.")


class Review(_Definition):
    """A periodic review: the states under review are named by a column of the CSV."""

    column: str = Field(description="Column that names the session at which a state is reviewed.")
    sessions: Mapping[str, Session] = Field(
        min_length=1, description="Cell of the column -> the session's dates."
    )


class LetterDefinition(_Definition):
    """``letters/<name>.toml``: a kind of letter."""

    name: str = Field("", exclude=True, description="The file's name; not written in the file.")
    title: str = Field(description="What this letter is, for lists and reports.")
    templates: str = Field("", description="Folder below templates/; blank: the letter's name.")
    languages: tuple[str, ...] = Field((), description="Blank: all of the campaign.")
    reference: str = Field(
        description="Pattern of the number on the letter: {state} {id} {kind} {group} {year}."
    )
    date: dt.date = Field(description="The date on the letter.")
    place: LocalizedText = Field(description="Where it is written; one text, or one by language.")
    subject: LocalizedText = Field(description="Subject; it may name variables as a template does.")
    person: GrammaticalPerson = Field(
        GrammaticalPerson.FIRST,
        description="first: salutation and close by the rules of the language; third: a note, "
        "whose text holds its own courtesies.",
    )
    letterhead: str = Field(description="Of [letterheads] in campaign.toml.")
    signatories: tuple[str, ...] = Field(
        (), description="Of [signatories] in campaign.toml, in the order in which they sign."
    )
    signature: SignatureMode = Field(
        SignatureMode.WET, description="wet (room for ink), image, digital, or image+digital."
    )
    signatures_stand: SignatureArrangement = Field(
        SignatureArrangement.BESIDE,
        description="Two or more signatures: beside or below each other.",
    )
    stamp: str = Field(
        "", description="Of [stamps] in campaign.toml: stamp and initials in place of signatures."
    )
    enclosures: tuple[str, ...] = Field(
        (), description="Of [enclosures] in campaign.toml; listed at the foot of the letter."
    )
    enclosures_travel: EnclosureForm = Field(
        EnclosureForm.ATTACHMENTS,
        description="With --with-enclosures: within the file as attachments, or as further pages.",
    )
    courtesy: CourtesyForm = Field(
        CourtesyForm.DOCUMENT,
        description="A courtesy translation: a document of its own, further pages, or none.",
    )
    channel: Channel | None = Field(None, description="For rows whose channel is blank.")
    issues_for_groups: tuple[str, ...] = Field(
        (), description="Groups whose letters take up the state's issues."
    )
    recipients: RecipientFilter = Field(RecipientFilter(), description="Whom it goes to.")
    meeting: Meeting | None = Field(None, description="A meeting to which it invites.")
    review: Review | None = Field(None, description="A periodic review of states it follows.")
    pages: int = Field(2, ge=1, description="More pages than this is a finding.")

    @property
    def template_folder(self) -> str:
        return self.templates or self.name

    def languages_of(self, campaign: CampaignSettings) -> tuple[str, ...]:
        return self.languages or campaign.languages


def schema(model: type[BaseModel]) -> dict[str, Any]:
    """JSON Schema of a definition, for editors that complete and check TOML.

    What the program fills in itself is not part of it.
    """
    made = model.model_json_schema()
    made["properties"] = {
        name: entry
        for name, entry in made["properties"].items()
        if not model.model_fields[name].exclude
    }
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made}
