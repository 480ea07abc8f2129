"""Another state of the program: ``generate`` and ``diff`` agree on what it changes."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from pathlib import Path

import pytest

from folders import CAMPAIGN_CODE, ROOT, CampaignFolder
from outreach_merge.files import sha256_of_file
from outreach_merge.register import EventKind, NewEvent, Register

MakeCampaign = Callable[..., CampaignFolder]
#: Changes of the program, appended to a file of it.
NO_TRACE = ("typeset/styles.py", "\n# A remark.\n")
OTHER_COLOUR = (
    "typeset/styles.py",
    "\n_before = stylesheets\n\n\n"
    "def stylesheets(folder, settings):\n"
    '    return [*_before(folder, settings), "p{color:#a00}"]\n',
)
OTHER_BYTES = ("layout/letter.html", "\n<!-- A remark in the page. -->\n")


@dataclass(frozen=True)
class ChangedProgram:
    """A copy of the program with a change in it."""

    source: Path
    folder: CampaignFolder

    def __call__(self, *arguments: str) -> str:
        """Run a command of it on the campaign; returns what it prints."""
        done = subprocess.run(
            [sys.executable, "-m", "outreach_merge", "-c", str(self.folder.path), *arguments],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "PYTHONPATH": str(self.source)},
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture
def change(tmp_path: Path, made: CampaignFolder) -> Callable[[str, str], ChangedProgram]:
    """Makes a program with text appended to one of its files."""

    def _change(file: str, text: str) -> ChangedProgram:
        source = tmp_path / "changed"
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / "src", source, ignore=ignored)
        with (source / "outreach_merge" / file).open("a", encoding="utf-8") as changed:
            changed.write(text)
        return ChangedProgram(source, made)

    return _change


def digests(folder: CampaignFolder) -> dict[str, str]:
    return {path.name: sha256_of_file(path) for path in folder.pdfs()}


def forget_how_it_was_made(folder: CampaignFolder) -> None:
    """Make the register one whose digests this version cannot compare, as older ones are."""
    with folder.register() as register:
        events = list(register.events())
    folder.file("register.sqlite").unlink()
    older = []
    for event in events:
        values = {item.name: getattr(event, item.name) for item in fields(NewEvent)}
        new = NewEvent(**values)
        if event.kind is EventKind.GENERATED:
            forgotten = {name: hashlib.sha256(name.encode()).hexdigest() for name in
                         ("fingerprint", "html_digest")}  # fmt: skip
            new = replace(new, details={**event.details, **forgotten})
        older.append(new)
    with Register.open(folder.file("register.sqlite"), CAMPAIGN_CODE) as register:
        register.append(older)


def dispatch(folder: CampaignFolder) -> None:
    folder.ok("log", "record", "dispatched", "invitation", "KEN", "--yes")


def test_a_change_without_a_trace_makes_nothing(
    made: CampaignFolder, change: Callable[..., ChangedProgram]
) -> None:
    before, events = digests(made), made.log("events")
    changed = change(*NO_TRACE)
    assert "0 letters differ, 1 is the same" in changed("diff")
    assert "0 made, 1 unchanged" in changed("generate")
    assert "0 letters differ, 1 is the same" in changed("diff")
    assert digests(made) == before
    assert made.log("events") == events


def test_a_change_of_the_page_is_made_and_shown(
    made: CampaignFolder, change: Callable[..., ChangedProgram]
) -> None:
    changed = change(*OTHER_COLOUR)
    assert "1 letter differs, 0 are the same" in changed("diff")
    assert "1 made, 0 unchanged" in changed("generate")
    assert "0 letters differ, 1 is the same" in changed("diff")
    assert "0 made, 1 unchanged" in changed("generate")
    assert len(made.pdfs()) == 1


def test_a_letter_that_left_is_kept_whatever_the_change(
    made: CampaignFolder, change: Callable[..., ChangedProgram]
) -> None:
    dispatch(made)
    before = digests(made)
    changed = change(*OTHER_COLOUR)
    assert "0 letters differ, 1 is the same" in changed("diff")
    assert "0 made, 1 unchanged" in changed("generate")
    assert digests(made) == before


def test_a_letter_of_an_older_register_is_kept_when_it_is_made_the_same(
    made: CampaignFolder,
) -> None:
    forget_how_it_was_made(made)
    before, events = digests(made), made.log("events")
    assert "0 letters differ, 1 is the same" in made.ok("diff").out
    assert "0 made, 1 unchanged" in made.ok("generate").out
    assert digests(made) == before
    assert made.log("events") == events


def test_a_letter_of_an_older_register_that_left_is_kept_when_its_page_looks_the_same(
    made: CampaignFolder, change: Callable[..., ChangedProgram]
) -> None:
    forget_how_it_was_made(made)
    dispatch(made)
    before = digests(made)
    changed = change(*OTHER_BYTES)
    assert "0 letters differ, 1 is the same" in changed("diff")
    assert "0 made, 1 unchanged" in changed("generate")
    assert digests(made) == before


def test_a_letter_of_an_older_register_that_is_here_still_is_made_in_its_place(
    made: CampaignFolder, change: Callable[..., ChangedProgram]
) -> None:
    forget_how_it_was_made(made)
    before = digests(made)
    changed = change(*OTHER_BYTES)
    assert "1 letter differs" in changed("diff")
    assert "1 made, 0 unchanged" in changed("generate")
    assert digests(made).keys() == before.keys()
    assert digests(made) != before
