"""The list of functions that a recipient passes, in ARCHITECTURE.md, is true and short."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from folders import ROOT, environment

MOST = 40


@pytest.mark.slow
def test_the_list_is_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "recipients_way.py"), "--check"],
        capture_output=True,
        text=True,
        check=False,
        env=environment(),
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr


def test_the_list_is_short() -> None:
    page = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    _, _, way = page.partition("## A recipient's way")
    numbers = re.findall(r"^(\d+)\. `", way.partition("## Decisions")[0], re.MULTILINE)
    assert 0 < len(numbers) <= MOST
