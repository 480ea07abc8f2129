"""Every command of docs/sign.md, run in the order in which it stands there."""

from __future__ import annotations

import csv
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from folders import ROOT, CampaignFolder, as_csv, environment

GUIDE = ROOT / "docs" / "sign.md"


def blocks(language: str) -> list[str]:
    found: list[str] = re.findall(
        rf"```{language}\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL
    )
    return found


def sample(folder: Path) -> CampaignFolder:
    """The sample campaign with Kenya alone, changed as the guide says."""
    folder.mkdir()
    for name in ("letters", "templates"):
        shutil.copytree(ROOT / name, folder / name)
    campaign = CampaignFolder(folder)
    for name in ("presidential", "ipu-joint"):
        campaign.replace(f"letters/{name}.toml", 'signature = "image"', blocks("toml")[0].strip())
    for path in (folder / "letters").glob("*.toml"):
        if path.stem not in ("presidential", "ipu-joint"):
            path.unlink()
    with (ROOT / "recipients.csv").open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["state"] == "KEN"]
    campaign.write("recipients.csv", as_csv(*rows))
    keys = next(block for block in blocks("toml") if "specimen-authority.pem" in block)
    campaign.write(
        "campaign.toml", f"{(ROOT / 'campaign.toml').read_text(encoding='utf-8')}\n{keys}"
    )
    return campaign


@pytest.mark.slow
def test_commands_of_the_guide(tmp_path: Path) -> None:
    campaign = sample(tmp_path / "campaign")
    program = tmp_path / "bin" / "outreach-merge"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m outreach_merge "$@"\n')
    program.chmod(0o755)
    env = {**environment(), "PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}"}
    shown = [
        block.replace("/tmp", str(tmp_path))  # the reader's, not the machine's
        for block in blocks("bash")
    ]
    assert sum(block.count("outreach-merge ") for block in shown) >= 8
    for block in shown:
        done = subprocess.run(
            ["bash", "-e", "-c", block],
            cwd=campaign.path,
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, (block, done.stdout, done.stderr)
    assert {path.parent.name for path in campaign.pdfs()} == {"ipu-joint", "presidential"}
    for path in campaign.pdfs():
        campaign.ok("verify", str(path))


def test_every_verdict_is_explained() -> None:
    from outreach_merge.sign.verdicts import Code

    table = GUIDE.read_text(encoding="utf-8").split("The verdicts, the gravest first:")[1]
    explained = re.findall(r"^\| `([a-z-]+)` \|", table, re.MULTILINE)
    assert explained == [code.value for code in Code]
