"""Many letters: what an unchanged run takes of a whole one, and whether memory stays flat.

``python -m benchmarks.scale`` makes English letters of one page and prints, for each number of
letters, the time of the first run, the time of a second that finds nothing changed, and the peak
memory of the process tree in each.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks.letters import make_campaign
from benchmarks.measure import measure


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.scale", description=__doc__)
    parser.add_argument("--letters", type=int, nargs="*", default=[1_000, 10_000, 20_000])
    options = parser.parse_args()
    print(
        "| letters | first run | a letter | peak memory | unchanged | of the first | its memory |"
    )
    print("|---:|---:|---:|---:|---:|---:|---:|")
    for count in options.letters:
        with tempfile.TemporaryDirectory() as temporary:
            folder = make_campaign(Path(temporary) / "campaign", {"en": count})
            command = [sys.executable, "-m", "outreach_merge", "-c", str(folder), "generate"]
            first, again = measure(command), measure(command)
        cells = [
            f"{count:,}",
            f"{first.seconds:.1f} s",
            f"{first.seconds / count * 1000:.1f} ms",
            f"{first.peak_mb:.0f} MB",
            f"{again.seconds:.1f} s",
            f"{again.seconds / first.seconds:.1%}",
            f"{again.peak_mb:.0f} MB",
        ]
        print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
