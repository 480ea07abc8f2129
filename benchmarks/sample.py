"""Measures the repository's own campaign: ``python -m benchmarks.sample``.

244 letters of seven kinds in seven languages, most of two pages. ``generate`` makes all of them in
a fresh copy of the campaign, start-up included; a plain WeasyPrint loop sets every fifth from the
same HTML and stylesheets as the same kind of PDF. The two take turns, so that a busy machine is the
same for both. Then the accent colour is changed and ``generate`` makes all letters again.

Fonts that were cut for the campaign are taken from the user's cache, as in every run but the first.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.letters import write_pages
from benchmarks.measure import Failed, Measured, measure

HERE = Path(__file__).parent
#: What the campaign at the top of the repository consists of.
PARTS = ("campaign.toml", "recipients.csv", "treaty-status.csv", "letters", "templates")
#: The plain loop sets one letter in so many.
EVERY = 5
#: The accent colour, before and after.
ACCENTS = ('accent = "#1d4d3a"', 'accent = "#4d1d3a"')


@dataclass(frozen=True, slots=True)
class Round:
    """One round.

    :param ours: ``generate`` in a fresh copy.
    :param plain: the plain loop, for the letters it set.
    :param restyled: ``generate`` after the change of colour.
    :param scale: all letters to those that the plain loop set.
    """

    ours: Measured
    plain: Measured
    restyled: Measured
    scale: float

    def figures(self) -> tuple[float, ...]:
        """What a row of the table shows; seconds for all letters, but for the third."""
        plain, plain_cpu = self.plain.seconds * self.scale, self.plain.cpu_seconds * self.scale
        return (
            self.ours.seconds,
            plain,
            plain / self.ours.seconds,
            self.restyled.seconds,
            self.ours.cpu_seconds,
            plain_cpu,
            self.restyled.cpu_seconds,
        )


def copy_campaign(folder: Path) -> Path:
    """A fresh copy of the repository's campaign in ``folder``."""
    for name in PARTS:
        part = HERE.parent / name
        copy = shutil.copytree if part.is_dir() else shutil.copy2
        copy(part, folder / name)
    (folder / "output").mkdir()
    return folder


def run_round() -> Round:
    """Ours, then the plain loop, then ours after a change of colour.

    :raises Failed: a program failed, or did not make its letters.
    """
    with tempfile.TemporaryDirectory() as temporary:
        campaign, peer = Path(temporary) / "campaign", Path(temporary) / "peer"
        campaign.mkdir()
        copy_campaign(campaign)
        (peer / "out").mkdir(parents=True)
        part = len(write_pages(campaign, peer, EVERY))
        generate = [sys.executable, "-m", "outreach_merge", "-c", str(campaign), "generate"]
        loop = [
            sys.executable, str(HERE / "peers" / "plain.py"), str(peer), campaign.as_uri() + "/"
        ]  # fmt: skip
        ours = measure(generate, memory=False)
        letters = len(list((campaign / "output").rglob("*.pdf")))
        plain = measure(loop, memory=False)
        made = len(list((peer / "out").glob("*.pdf")))
        if made != part or not letters:
            raise Failed(f"{letters} letters, and {made} of {part} by the plain loop, were made")
        settings = campaign / "campaign.toml"
        text = settings.read_text(encoding="utf-8")
        settings.write_text(text.replace(*ACCENTS), encoding="utf-8")
        return Round(ours, plain, measure(generate, memory=False), letters / part)


def table(rounds: list[Round]) -> str:
    """The rounds and their medians as Markdown."""
    rows = {str(number): one.figures() for number, one in enumerate(rounds, 1)}
    rows["median"] = tuple(map(statistics.median, zip(*rows.values(), strict=True)))
    lines = [
        "| round | ours s | plain loop s | ours is faster | restyled s "
        "| processor time: ours s | plain loop s | restyled s |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for name, (ours, plain, ratio, restyled, *processor) in rows.items():
        cells = [f"{ours:.1f}", f"{plain:.1f}", f"{ratio:.1f} x", f"{restyled:.1f}"]
        lines.append(f"| {' | '.join([name, *cells, *(f'{one:.1f}' for one in processor)])} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.sample", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    print(table([run_round() for _ in range(options.rounds)]), end="")


if __name__ == "__main__":
    main()
