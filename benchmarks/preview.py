"""Measures one preview from a cold start: ``python -m benchmarks.preview``.

Ours takes turns with a script that imports WeasyPrint and sets the same page with the same
stylesheets to the same PDF/A-3a, and does nothing else. Both are processes of their own; the median
of the runs counts.
"""

from __future__ import annotations

import argparse
import datetime as dt
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.measure import measure
from outreach_merge.campaign import read_campaign
from outreach_merge.press import Press
from outreach_merge.typeset import stylesheets

HERE = Path(__file__).parent
SAMPLE = HERE.parent
#: Letters of the sample campaign: a page in English, Arabic, Chinese.
RECIPIENTS = ("presidential/KEN", "presidential/JOR", "welcome/CHN")


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.preview", description=__doc__)
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--campaign", type=Path, default=SAMPLE)
    parser.add_argument("letters", nargs="*", default=RECIPIENTS, help="letter/recipient")
    options = parser.parse_args()
    print(f"{'letter':24} {'preview':>9} {'alone':>9}  ratio")
    for name in options.letters:
        letter, _, recipient = name.partition("/")
        with tempfile.TemporaryDirectory() as folder:
            alone = _prepare(options.campaign, letter, recipient, Path(folder))
            ours = _preview(options.campaign, letter, recipient, Path(folder) / "ours.pdf")
            times = [(_seconds(ours), _seconds(alone)) for _ in range(options.runs + 1)]
        first, second = zip(*times[1:], strict=True)  # the first filled the machine's caches
        preview, plain = statistics.median(first), statistics.median(second)
        print(f"{name:24} {preview:7.3f} s {plain:7.3f} s   {preview / plain:.2f}", flush=True)


def _prepare(campaign: Path, letter: str, recipient: str, folder: Path) -> list[str]:
    """Write the draft's page and its stylesheets; returns what sets it."""
    read = read_campaign(campaign)
    press = Press(read, "benchmark", lambda: dt.datetime(2021, 7, 27, tzinfo=dt.UTC))
    composed = press.compose_draft(press.find(letter, recipient))
    (folder / "html").mkdir()
    (folder / "out").mkdir()
    (folder / "html" / "letter.body").write_text(composed.html, encoding="utf-8")
    styles = "\n".join(stylesheets(campaign, read.settings))
    (folder / "style.css").write_text(styles, encoding="utf-8")
    base = f"{campaign.resolve().as_uri()}/"
    return [sys.executable, str(HERE / "peers" / "plain.py"), str(folder), base]


def _preview(campaign: Path, letter: str, recipient: str, to: Path) -> list[str]:
    program = [sys.executable, "-m", "outreach_merge", "-c", str(campaign)]
    return [*program, "preview", letter, recipient, "--to", str(to)]


def _seconds(command: Sequence[str]) -> float:
    return measure(command, memory=False).seconds


if __name__ == "__main__":
    main()
