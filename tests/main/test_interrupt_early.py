"""Ctrl-C while the program is being loaded: it ends at once, and says nothing."""

from __future__ import annotations

import signal
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from folders import ROOT, CampaignFolder, environment

#: Modules of which each is loaded after the first statement of ours, in this order. What comes
#: before (the interpreter, the package itself) answers Ctrl-C as any Python program does.
MOMENTS = (
    "outreach_merge.errors",
    "outreach_merge.cli.context",
    "outreach_merge.cli.app",
    "outreach_merge.campaign",
)
#: Seconds after which a slow machine is a broken one.
PATIENCE = 120


def installed_command(folder: Path) -> Path:
    """The script that an installer writes for the command."""
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    module, function = scripts["outreach-merge"].split(":")
    script = folder / "outreach-merge"
    script.write_text(f"import sys\nfrom {module} import {function}\nsys.exit({function}())\n")
    return script


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("way", ["module", "command"])
def test_interrupted_while_it_is_loaded(
    campaign: CampaignFolder, tmp_path: Path, way: str, moment: str
) -> None:
    program = ["-m", "outreach_merge"] if way == "module" else [str(installed_command(tmp_path))]
    # Watching ends with Ctrl-C alone: the process cannot have ended before.
    order = ["--campaign", str(campaign.path), "preview", "invitation", "KEN", "--html", "--watch"]
    process = subprocess.Popen(
        [sys.executable, *program, *order],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        # Python tells on standard error of each module when it is loaded.
        env={**environment(), "PYTHONPROFILEIMPORTTIME": "1"},
    )
    assert process.stderr is not None
    for line in process.stderr:
        if line.split("|")[-1].strip() == moment:
            break
    else:
        pytest.fail(f"{moment} was never loaded")
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=PATIENCE)
    assert "Traceback" not in err
    assert process.returncode == 130
