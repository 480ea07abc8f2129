"""Measures ``preview --watch``, from a saved file to the new PDF: ``python -m benchmarks.watch``.

A copy of the sample campaign is watched. Each kind of file is saved again and again with another
text, as editors do it: now into the file, now into another that is then renamed. What is measured
is the time from the end of the save until the new PDF stands in its folder.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

SAMPLE = Path(__file__).parent.parent
#: Letters of the sample campaign: pages in English, Arabic, Chinese.
LETTERS = ("presidential/KEN", "presidential/JOR", "welcome/CHN")
#: What belongs to a campaign; the sample's folder holds the program too.
_PARTS = ("campaign.toml", "recipients.csv", "letters", "templates", "treaty-status.csv")
_PATIENCE = 20.0


def _with(text: str, number: int, old: str, new: str) -> str:
    if old not in text:
        raise SystemExit(f"the sample campaign has no {old!r}")
    return text.replace(old, new.format(number=number), 1)


def _in_definition(text: str, number: int) -> str:
    return _with(text, number, 'reference = "', 'reference = "{number}/')


def _in_template(text: str, number: int) -> str:
    return _with(text, number, "{% block body %}", "{{% block body %}}<p>{number}</p>")


def _in_picture(text: str, number: int) -> str:
    return _with(text, number, "<svg ", "<svg data-n='{number}' ")


def _at_the_top(text: str, number: int) -> str:
    return f"# {number}\n{text}"


def _as_row(text: str, number: int) -> str:
    return f"{text.rstrip()}\nwatched-{number},FRA,mission,permanent_representative\n"


def _as_rule(text: str, number: int) -> str:
    return f"{text}\np {{ margin-top: {number / 10}mm }}\n"


#: Kind of file -> its path and how its text changes with each save.
CHANGES: Mapping[str, tuple[str, Callable[[str, int], str]]] = {
    "template": ("templates/{letter}/{language}.html", _in_template),
    "glossary": ("templates/glossary/{language}.toml", _at_the_top),
    "letter's definition": ("letters/{letter}.toml", _in_definition),
    "recipients": ("recipients.csv", _as_row),
    "campaign": ("campaign.toml", _at_the_top),
    "stylesheet": ("templates/letter.css", _as_rule),
    "picture": ("templates/emblems/sierra-leone.svg", _in_picture),
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.watch", description=__doc__)
    parser.add_argument("--saves", type=int, default=10, help="of each kind of file")
    parser.add_argument("letters", nargs="*", default=LETTERS, help="letter/recipient")
    options = parser.parse_args()
    print(f"{'ms, median (most)':22}" + "".join(f"{name:>22}" for name in options.letters))
    columns = [_measure(name, options.saves) for name in options.letters]
    for kind in CHANGES:
        cells = (f"{statistics.median(c[kind]):.0f} ({max(c[kind]):.0f})" for c in columns)
        print(f"{kind:22}" + "".join(f"{cell:>22}" for cell in cells))


def _measure(name: str, saves: int) -> dict[str, list[float]]:
    """Milliseconds of each save, by kind of file."""
    letter, _, recipient = name.partition("/")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "campaign"
        copy_sample(folder)
        command = [sys.executable, "-m", "outreach_merge", "-c", str(folder)]
        process = subprocess.Popen(
            [*command, "preview", letter, recipient, "--watch"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            pdf = Path(process.stdout.readline().strip())
            while "watching" not in process.stderr.readline():
                pass
            time.sleep(1.5)  # the watcher says nothing when its eyes are open
            language = pdf.stem.rpartition("-")[2]
            return {
                kind: _save(
                    folder / path.format(letter=letter, language=language), pdf, change, saves
                )
                for kind, (path, change) in CHANGES.items()
            }
        finally:
            process.terminate()
            process.communicate()


def copy_sample(folder: Path) -> None:
    """Copy the sample campaign, without the program that its folder holds too."""
    folder.mkdir()
    for part in _PARTS:
        source = SAMPLE / part
        if source.is_dir():
            shutil.copytree(source, folder / part)
        else:
            shutil.copy(source, folder / part)


def _save(path: Path, pdf: Path, change: Callable[[str, int], str], saves: int) -> list[float]:
    sound = path.read_text(encoding="utf-8") if path.exists() else ""
    times = []
    for number in range(1, saves + 1):
        text, before = change(sound, number), pdf.stat().st_mtime_ns
        if number % 2:
            path.write_text(text, encoding="utf-8")
        else:
            other = path.with_name(f".{path.name}.new")
            other.write_text(text, encoding="utf-8")
            other.replace(path)
        times.append(_wait(pdf, before, time.perf_counter(), path))
        time.sleep(0.2)
    path.write_text(sound, encoding="utf-8")
    time.sleep(1)
    return times


def _wait(pdf: Path, before: int, started: float, path: Path) -> float:
    while pdf.stat().st_mtime_ns == before:
        if time.perf_counter() - started > _PATIENCE:
            raise SystemExit(f"{path.name} was saved, and nothing came of it")
        time.sleep(0.001)
    return (time.perf_counter() - started) * 1000


if __name__ == "__main__":
    main()
