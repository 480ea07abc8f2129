"""What is sent to the workers of a cluster, and what is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from folders import CampaignFolder
from outreach_merge.campaign import read_campaign
from outreach_merge.errors import UsageError
from outreach_merge.press.bundle import Bundle, pack
from outreach_merge.press.renderer import RendererConfig

TEMPLATE = "templates/invitation/en.html"


def packed(campaign: CampaignFolder, *, with_enclosures: bool = False) -> Bundle:
    read = read_campaign(campaign.path)
    plan = RendererConfig(read.folder, read.settings, read.letters, with_enclosures=with_enclosures)
    return pack(plan, read.recipients)


def test_what_a_letter_can_show_is_sent(campaign: CampaignFolder) -> None:
    campaign.rows({"state": "KEN", "picture": "portraits/KEN.png"})
    for name in ("views/KEN.svg", "views/notes.txt", "portraits/KEN.png", "scans/KEN.png"):
        campaign.write(name, "x")
    campaign.write("languages/pt/language.toml", "x")
    campaign.replace(
        TEMPLATE, "{% block body %}", '{% block body %}<img src="views/{{ state.iso3 }}.svg">'
    )
    files = packed(campaign).files
    assert {TEMPLATE, "views/KEN.svg", "portraits/KEN.png", "languages/pt/language.toml"} <= set(
        files
    )
    assert not {"views/notes.txt", "scans/KEN.png"} & set(files)


def test_no_key_no_register_no_list_of_recipients(made: CampaignFolder) -> None:
    made.write("keys/ambassador.p12", "a key")
    settings = made.read("campaign.toml")
    made.write(
        "campaign.toml",
        'register_url = "postgresql://office:secret@db/register"\n'
        f'{settings}\n[signing.keys.ambassador]\nkey = "keys/ambassador.p12"\n',
    )
    bundle = packed(made)
    assert all(name.startswith("templates/") for name in bundle.files)
    assert "secret" not in repr(bundle.plan)
    assert "ambassador.p12" not in repr(bundle.plan)


def test_enclosures_only_where_they_travel_with_the_letters(campaign: CampaignFolder) -> None:
    campaign.write("enclosures/toolkit.pdf", "%PDF-1.7")
    campaign.write(
        "campaign.toml",
        campaign.read("campaign.toml")
        + '\n[enclosures.toolkit]\ntitle = "Toolkit"\nfiles = { en = "enclosures/toolkit.pdf" }\n',
    )
    assert "enclosures/toolkit.pdf" not in packed(campaign).files
    assert "enclosures/toolkit.pdf" in packed(campaign, with_enclosures=True).files


def test_a_link_that_leads_elsewhere(campaign: CampaignFolder, tmp_path: Path) -> None:
    (tmp_path / "elsewhere.html").write_text("x")
    campaign.file("templates/letter.html").symlink_to(tmp_path / "elsewhere.html")
    with pytest.raises(UsageError, match=r"templates/letter\.html is a link"):
        packed(campaign)


def test_a_link_within_the_campaign_is_followed(campaign: CampaignFolder) -> None:
    campaign.write("shared/close.html", "x")
    campaign.file("templates/shared").symlink_to(campaign.file("shared"))
    campaign.file("shared/again").symlink_to(campaign.file("templates"))
    assert packed(campaign).files["templates/shared/close.html"] == b"x"


def test_unpacked_it_is_what_was_packed(campaign: CampaignFolder, tmp_path: Path) -> None:
    bundle = packed(campaign)
    plan = bundle.unpack(tmp_path)
    assert plan.folder.is_relative_to(tmp_path / bundle.digest[:16])
    found = {
        p.relative_to(plan.folder).as_posix(): p for p in plan.folder.rglob("*") if p.is_file()
    }
    assert {name: path.read_bytes() for name, path in found.items()} == bundle.files
    campaign.replace(TEMPLATE, "honour", "great honour")
    assert packed(campaign).digest != bundle.digest
