"""The docs are true: what is made from the code is up to date, and every command shown runs."""

from __future__ import annotations

import csv
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from outreach_merge.protocol import Protocol
from outreach_merge.recipients import read_recipients

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```(?:console|sh)\n(.*?)^```", re.DOTALL | re.MULTILINE)
PROGRAM = "outreach-merge"
FRESH = "<!-- on a fresh campaign -->"

#: States the docs speak of; the campaign that the commands run on is cut down to them.
STATES = set(
    re.findall(r"\w{3}", "AGO ARE CHN COG COL CUB FJI JOR KEN MAR MYS NAM PHL SGP TLS TUR TZA ZWE")
)


#: Commands that end otherwise here than where their reader stands, and how.
ENDS = {"corrected 57": 3}  # this register has no entry 57 that could be corrected


def stories(page: Path) -> list[list[str]]:
    """The commands in the page's blocks, parted where the page begins anew."""
    return [list(commands(part)) for part in page.read_text(encoding="utf-8").split(FRESH)]


def commands(text: str) -> Iterator[str]:
    """Every command of the program in the blocks, continuation lines joined."""
    for block in BLOCK.findall(text):
        for line in block.replace("\\\n", " ").splitlines():
            shown = line.strip().removeprefix("$ ")
            if shown.startswith(f"{PROGRAM} "):
                yield shown


def pages_with_commands() -> list[Path]:
    return [page for page in PAGES if any(stories(page))]


def make_campaign(folder: Path) -> Path:
    """The sample campaign, cut down to the states the docs speak of."""
    folder.mkdir()
    for name in ("campaign.toml", "treaty-status.csv"):
        shutil.copy(ROOT / name, folder)
    for name in ("letters", "templates", "docs"):
        shutil.copytree(ROOT / name, folder / name)
    with (ROOT / "recipients.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    state = rows[0].index("state")
    with (folder / "recipients.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(row for row in rows if row[state] in ("state", *STATES))
    (folder / "scans").mkdir()
    (folder / "scans" / "KEN.pdf").write_bytes(b"%PDF-1.4 a scan\n%%EOF\n")
    (folder / "deliveries.csv").write_text(
        "event,letter,recipient,on,by\n"
        "dispatched,presidential,COL,2021-07-28,Ambassador Lansana Gberie\n",
        encoding="utf-8",
    )
    run("outreach-merge generate presidential --state KEN --state COL --state JOR", folder)
    return folder


def run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """The command as its reader would type it, standing in the campaign's folder."""
    words = shlex.split(command, comments=True)
    # Opening a window and waiting for the next change are for a reader to see.
    words = [word for word in words if word not in ("--open", "--watch")]
    if "record" in words and not {"--yes", "--dry-run"} & set(words):
        words.append("--yes")  # on a terminal the reader is asked
    return subprocess.run(
        [sys.executable, "-m", "outreach_merge", *words[1:]],
        capture_output=True,
        text=True,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), "OUTREACH_PASSPHRASE": "specimen"},
        stdin=subprocess.DEVNULL,
        check=False,
        timeout=300,
    )


@contextmanager
def cluster_for(story: list[str]) -> Iterator[str]:
    """The address of a cluster, where a command wants one; the reader's is elsewhere."""
    if not any("--scheduler " in command for command in story):
        yield ""
        return
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=1,
        threads_per_worker=1,
        host="127.0.0.1",
        dashboard_address=":0",
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
    ) as cluster:
        yield cluster.scheduler_address


def test_parts_made_from_the_code_are_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "write_docs.py"), "--check"],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}{done.stderr}: run `make docs`"


def test_every_link_between_pages_leads_somewhere() -> None:
    for page in [*PAGES, ROOT / "ARCHITECTURE.md", ROOT / "CONTRIBUTING.md"]:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_the_rows_shown_first_are_read_without_fault(tmp_path: Path) -> None:
    (shown,) = re.findall(r"^```csv\n(.*?)^```", PAGES[0].read_text(encoding="utf-8"), re.S | re.M)
    path = tmp_path / "recipients.csv"
    path.write_text(shown, encoding="utf-8")
    found = read_recipients(path, Protocol.load(), languages=("en", "ar"), issues=())
    assert found.problems == ()
    assert len(found.recipients) == len(shown.splitlines()) - 1


@pytest.mark.slow
@pytest.mark.parametrize("page", pages_with_commands(), ids=lambda page: page.stem)
def test_every_command_shown_runs(page: Path, tmp_path: Path) -> None:
    for number, story in enumerate(stories(page)):
        campaign = make_campaign(tmp_path / str(number))
        with cluster_for(story) as address:
            for command in story:
                done = run(re.sub(r"(?<=--scheduler )\S+", address, command), campaign)
                expected = next((code for part, code in ENDS.items() if part in command), 0)
                assert done.returncode == expected, f"{command}\n{done.stdout}{done.stderr}"
                assert "Traceback" not in done.stderr, command
