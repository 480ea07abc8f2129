"""What is sent to the workers of a cluster, and what is not."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest

from folders import CampaignFolder
from outreach_merge.campaign import read_campaign
from outreach_merge.errors import UsageError
from outreach_merge.press.cluster.campaign_archive import CampaignArchive
from outreach_merge.press.renderer import RendererConfig

TEMPLATE = "templates/invitation/en.html"


def packed(campaign: CampaignFolder, *, with_enclosures: bool = False) -> CampaignArchive:
    read = read_campaign(campaign.path)
    config = RendererConfig(
        read.folder, read.settings, read.letters, with_enclosures=with_enclosures
    )
    return CampaignArchive.pack(config, read.recipients)


def files(archive: CampaignArchive) -> dict[str, bytes]:
    """Content by path below the campaign's folder."""
    with ZipFile(BytesIO(archive.content)) as content:
        return {name.removeprefix("campaign/"): content.read(name) for name in content.namelist()}


def test_what_a_letter_can_show_is_sent(campaign: CampaignFolder) -> None:
    campaign.rows({"state": "KEN", "picture": "portraits/KEN.png"})
    for name in ("views/KEN.svg", "views/notes.txt", "portraits/KEN.png", "scans/KEN.png"):
        campaign.write(name, "x")
    campaign.write("languages/pt/language.toml", "x")
    campaign.replace(
        TEMPLATE, "{% block body %}", '{% block body %}<img src="views/{{ state.iso3 }}.svg">'
    )
    found = set(files(packed(campaign)))
    assert {TEMPLATE, "views/KEN.svg", "portraits/KEN.png", "languages/pt/language.toml"} <= found
    assert not {"views/notes.txt", "scans/KEN.png"} & found


def test_no_key_no_register_no_list_of_recipients(made: CampaignFolder) -> None:
    made.write("keys/ambassador.p12", "a key")
    settings = made.read("campaign.toml")
    made.write(
        "campaign.toml",
        'register_url = "postgresql://office:secret@db/register"\n'
        f'{settings}\n[signing.keys.ambassador]\nkey = "keys/ambassador.p12"\n',
    )
    archive = packed(made)
    assert all(name.startswith("templates/") for name in files(archive))
    assert "secret" not in repr(archive.config)
    assert "ambassador.p12" not in repr(archive.config)


def test_enclosures_only_where_they_travel_with_the_letters(campaign: CampaignFolder) -> None:
    campaign.write("enclosures/toolkit.pdf", "%PDF-1.7")
    campaign.write(
        "campaign.toml",
        campaign.read("campaign.toml")
        + '\n[enclosures.toolkit]\ntitle = "Toolkit"\nfiles = { en = "enclosures/toolkit.pdf" }\n',
    )
    assert "enclosures/toolkit.pdf" not in files(packed(campaign))
    assert "enclosures/toolkit.pdf" in files(packed(campaign, with_enclosures=True))


def test_a_link_that_leads_elsewhere(campaign: CampaignFolder, tmp_path: Path) -> None:
    (tmp_path / "elsewhere.html").write_text("x")
    campaign.file("templates/letter.html").symlink_to(tmp_path / "elsewhere.html")
    with pytest.raises(UsageError, match=r"templates/letter\.html is a link"):
        packed(campaign)


def test_a_link_within_the_campaign_is_followed(campaign: CampaignFolder) -> None:
    campaign.write("shared/close.html", "x")
    campaign.file("templates/shared").symlink_to(campaign.file("shared"))
    campaign.file("shared/again").symlink_to(campaign.file("templates"))
    assert files(packed(campaign))["templates/shared/close.html"] == b"x"


def test_unpacked_it_is_what_was_packed(campaign: CampaignFolder, tmp_path: Path) -> None:
    archive = packed(campaign)
    folder = archive.unpack(tmp_path / "worker").folder
    assert folder.is_relative_to(tmp_path / "worker")
    found = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*")}
    unpacked = {name: path.read_bytes() for name, path in found.items() if path.is_file()}
    assert unpacked == files(archive)
