"""What a user writes in ``campaign.toml`` and ``letters/*.toml``, and the schema of it.

Pydantic models, frozen: they cross the rooms' doors as they are.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, RootModel

from outreach_merge.model import Channel, Kind, SignatureMode, Status


def _inside_campaign(path: str) -> str:
    pure = PurePosixPath(path)
    if pure.is_absolute() or ".." in pure.parts:
        raise ValueError("must be a path inside the campaign folder, without '..'")
    return path


CampaignPath = Annotated[str, AfterValidator(_inside_campaign)]


class Text(RootModel[str | dict[str, str]]):
    """A text that is the same in every language, or a table of it by language."""

    model_config = ConfigDict(frozen=True)

    def get(self, language: str) -> str | None:
        """The text for ``language``; ``None`` when the table does not have it."""
        return self.root if isinstance(self.root, str) else self.root.get(language)


class _Definition(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Letterhead(_Definition):
    """The head of the page: who writes."""

    lines: Text = Field(description="Lines of the letterhead by language, one under the other.")
    emblem: CampaignPath | None = Field(None, description="Picture above the lines (SVG or PNG).")
    emblem_description: Text | None = Field(
        None, description="What the emblem shows, for readers who cannot see it."
    )


class Signatory(_Definition):
    """Who signs: name and office as each language writes them."""

    name: Text
    office: Text
    image: CampaignPath | None = Field(None, description="Picture of the signature.")
    image_height_mm: float = Field(16.0, gt=0, le=60)


class Enclosure(_Definition):
    """A document sent with letters."""

    title: Text
    files: Mapping[str, CampaignPath] = Field(
        default_factory=dict, description="PDF by language, relative to the campaign folder."
    )


class Page(_Definition):
    """Paper and looks; every colour and measure of the stylesheet is a CSS variable."""

    size: str = Field("A4", pattern=r"^(A4|letter)$")
    variables: Mapping[str, str] = Field(
        default_factory=dict, description='CSS variables by name without dashes: accent = "#123".'
    )


class CampaignSettings(_Definition):
    """``campaign.toml``."""

    code: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$", description="Key of the register.")
    title: Text
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
    enclosures: Mapping[str, Enclosure] = Field(default_factory=dict)


class RecipientFilter(_Definition):
    """Which rows of the CSV get the letter; a blank list lets all through."""

    kind: tuple[Kind, ...] = ()
    status: tuple[Status, ...] = ()
    group: tuple[str, ...] = ()
    state: tuple[str, ...] = Field((), description="ISO 3166 alpha-3 codes.")
    channel: tuple[Channel, ...] = ()
    where: Mapping[str, tuple[str, ...]] = Field(
        default_factory=dict, description="Column of your own -> the cells that are let through."
    )


class Letter(_Definition):
    """``letters/<name>.toml``: a kind of letter."""

    name: str = Field("", exclude=True, description="The file's name; not written in the file.")
    title: str = Field(description="What this letter is, for lists and reports.")
    templates: str = Field("", description="Folder below templates/; blank: the letter's name.")
    languages: tuple[str, ...] = Field((), description="Blank: all of the campaign.")
    reference: str = Field(
        description="Pattern of the number on the letter: {state} {id} {kind} {group} {year}."
    )
    date: dt.date
    place: Text
    subject: Text
    letterhead: str
    signatories: tuple[str, ...] = ()
    signature: SignatureMode = SignatureMode.WET
    enclosures: tuple[str, ...] = ()
    channel: Channel | None = Field(None, description="For rows whose channel is blank.")
    issues_for_groups: tuple[str, ...] = Field(
        (), description="Groups whose letters take up the state's issues."
    )
    recipients: RecipientFilter = RecipientFilter()
    pages: int = Field(2, ge=1, description="More pages than this is a finding.")

    @property
    def template_folder(self) -> str:
        return self.templates or self.name

    def languages_of(self, campaign: CampaignSettings) -> tuple[str, ...]:
        return self.languages or campaign.languages


def schema(model: type[BaseModel]) -> dict[str, Any]:
    """JSON Schema of a definition, for editors that complete and check TOML."""
    return model.model_json_schema()
