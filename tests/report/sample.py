"""The sample campaign with a register in which everything documented has happened."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import shlex
import shutil
from pathlib import Path

from folders import CampaignFolder
from outreach_merge.campaign import read_campaign
from outreach_merge.press import Press
from outreach_merge.register import EventKind, NewEvent, Register

ROOT = Path(__file__).resolve().parents[2]
LANGUAGES = ("en", "fr", "es", "ar", "ru", "zh")
_FILES = ("campaign.toml", "recipients.csv", "treaty-status.csv")
_FOLDERS = ("letters", "templates", "docs")


def copy_of_sample(folder: Path) -> CampaignFolder:
    """The sample's files, without its register and letters."""
    folder.mkdir()
    for name in _FILES:
        shutil.copy(ROOT / name, folder / name)
    for name in _FOLDERS:
        shutil.copytree(ROOT / name, folder / name)
    return CampaignFolder(folder)


def documented_commands() -> list[list[str]]:
    """The commands that ``docs/dispatch-log.md`` gives for the sample campaign."""
    text = (ROOT / "docs" / "dispatch-log.md").read_text(encoding="utf-8")
    section = text[text.index("### The sample campaign") :]
    block = re.search(r"```sh\n(.*?)```", section, re.DOTALL)
    assert block
    lines = block[1].replace("\\\n", " ").strip().splitlines()
    return [shlex.split(line)[1:] for line in lines]


def run_documented_commands(campaign: CampaignFolder, *, letters_too: bool = False) -> None:
    """Run them one after another.

    :param letters_too: really make the letters; else they are entered as if they had been made,
        since their pages are nobody's concern here.
    """
    for arguments in documented_commands():
        if arguments[0] == "generate" and not letters_too:
            enter_planned_letters(campaign.path)
            continue
        full = [str(campaign.path / a) if a.startswith("docs/") else a for a in arguments]
        campaign.ok(*full)


def enter_planned_letters(folder: Path) -> None:
    """Every planned letter as the register has it once it was made."""
    campaign = read_campaign(folder)
    now = dt.datetime(2021, 8, 15, 10, 30, tzinfo=dt.UTC)
    planned = Press(campaign, "test", lambda: now).plan.planned
    events = [
        NewEvent(
            kind=EventKind.GENERATED,
            happened_on=letter.date,
            by="test",
            letter=letter.letter,
            recipient=letter.recipient.id,
            document=letter.document,
            state=letter.recipient.state,
            language=letter.language,
            reference=letter.reference,
            channel=letter.channel.value if letter.channel else "",
            file=f"output/{letter.relative_path.as_posix()}",
            digest=hashlib.sha256(letter.key.encode()).hexdigest(),
            pages=1,
            details={
                "date": letter.date.isoformat(),
                "kind": letter.recipient.kind.value,
                "region": letter.recipient.region,
                "subregion": letter.recipient.subregion,
                "group": letter.recipient.group,
                "status": letter.recipient.status.value,
                "issues": list(letter.recipient.issues),
                "confidential": letter.recipient.confidential,
            },
        )
        for letter in planned
    ]
    with Register.open(campaign.register_url, campaign.settings.code, lambda: now) as register:
        register.append(events)
