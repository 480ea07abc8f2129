"""Measures ``generate`` against what users would pick instead: ``python -m benchmarks``.

The same letters, the same text, one process tree each, start-up included; the programs take turns
within a run, and the median of the runs counts, so that a busy machine is the same for all.
"""

from __future__ import annotations

import argparse
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from benchmarks import sample
from benchmarks.letters import make_campaign, write_for_peers
from benchmarks.measure import Failed, Measured, measure

HERE = Path(__file__).parent
RESULTS = HERE / "RESULTS.md"
LANGUAGES = ("en", "ar", "zh")
#: What follows this line in RESULTS.md was measured by the other scripts, and stays.
OTHERS = "## Measured by the other scripts"


@dataclass(frozen=True)
class Program:
    """Something that makes the letters.

    :param missing: why it cannot be measured here; empty when it can.
    :param share: it makes one letter in so many: the slow ones would take the day.
    """

    name: str
    command: Callable[[Path], list[str]]
    version: str
    missing: str = ""
    share: int = 1


@dataclass
class Row:
    """What was measured of one program in one language."""

    times: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)
    size_kb: float = 0.0

    @property
    def time(self) -> float:
        return statistics.median(self.times)


def programs(python: str) -> list[Program]:
    """Ours first, then the peers; ``python`` has ``typst`` installed where it is measured."""
    soffice, chromium = shutil.which("soffice"), shutil.which("chromium")
    typst = subprocess.run([python, "-c", "import typst"], capture_output=True, check=False)
    no_typst = "" if typst.returncode == 0 else f"{python} has no module typst"
    return [
        Program("outreach-merge", _ours, f"WeasyPrint {version('weasyprint')}"),
        Program("plain WeasyPrint loop", _plain, version("weasyprint")),
        Program(
            "LibreOffice batch", _libreoffice, _said([soffice, "--version"]),
            "" if soffice else "soffice is not installed",
        ),
        Program(
            "Chromium kept open",
            lambda folder: [
                sys.executable, str(HERE / "peers" / "chromium.py"), str(folder), str(chromium)
            ],
            _said([chromium, "--version"]), "" if chromium else "chromium is not installed",
        ),
        Program(
            "Typst afresh",
            lambda folder: [python, str(HERE / "peers" / "typst_afresh.py"), str(folder)],
            _typst(python), no_typst,
        ),
        Program(
            "Typst warm",
            lambda folder: [python, str(HERE / "peers" / "typst_warm.py"), str(folder)],
            _typst(python), no_typst,
        ),
    ]  # fmt: skip


def _ours(folder: Path) -> list[str]:
    return [sys.executable, "-m", "outreach_merge", "-c", str(folder / "campaign"), "generate"]


def _plain(folder: Path) -> list[str]:
    base = (folder / "campaign").as_uri() + "/"
    return [sys.executable, str(HERE / "peers" / "plain.py"), str(folder), base]


def _libreoffice(folder: Path) -> list[str]:
    return [sys.executable, str(HERE / "peers" / "libreoffice.py"), str(folder)]


def _said(command: list[str | None]) -> str:
    if command[0] is None:
        return ""
    arguments = [part for part in command if part]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False)
    return (done.stdout.splitlines() or [""])[0].strip()


def _typst(python: str) -> str:
    code = "from importlib.metadata import version; print(version('typst'))"
    return _said([python, "-c", code])


def run_once(
    program: Program, campaign: Path, letters: int, *, memory: bool
) -> tuple[Measured, float]:
    """One run in a fresh folder; returns what was measured and the mean size of a letter (kB)."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "work"
        folder.mkdir()
        shutil.copytree(campaign, folder / "campaign")
        (folder / "out").mkdir()
        write_for_peers(folder / "campaign", folder)
        shutil.copy(HERE / "peers" / "letter.typ", folder / "typst")
        measured = measure(program.command(folder), memory=memory)
        made = [*(folder / "out").glob("*.pdf"), *(folder / "campaign" / "output").rglob("*.pdf")]
        if len(made) != letters:
            raise Failed(f"{len(made)} of {letters} letters were made")
        return measured, sum(path.stat().st_size for path in made) / len(made) / 1000


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--letters", type=int, default=100, help="a language")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--languages", nargs="*", default=LANGUAGES)
    parser.add_argument("--only", nargs="*", help="programs, by the beginning of their names")
    parser.add_argument("--python", default=sys.executable, help="one that has typst installed")
    parser.add_argument("--to", type=Path, default=RESULTS)
    options = parser.parse_args()
    chosen = [
        program
        for program in programs(options.python)
        if not options.only or program.name.startswith(tuple(options.only))
    ]
    rows: dict[tuple[str, str], Row] = {}
    failures: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as temporary:
        for language in options.languages:
            folder = make_campaign(Path(temporary) / language, {language: options.letters})
            for run in range(options.runs):
                for program in chosen:
                    if program.missing or program.name in failures:
                        continue
                    try:
                        done, size = run_once(program, folder, options.letters, memory=run == 0)
                    except Failed as error:
                        failures[program.name] = str(error)
                        continue
                    row = rows.setdefault((program.name, language), Row(size_kb=size))
                    row.times.append(done.seconds / options.letters * 1000)
                    if done.peak_mb:
                        row.memory.append(done.peak_mb)
                    print(f"{language} {program.name}: {row.times[-1]:.1f} ms", flush=True)
    text = table(chosen, rows, failures, options.letters, options.runs, options.languages)
    sampled = sample.table([sample.run_round() for _ in range(options.runs)])
    text += f"\n## The sample campaign, 244 letters (`python -m benchmarks.sample`)\n\n{sampled}"
    before = options.to.read_text(encoding="utf-8") if options.to.is_file() else ""
    _, others, rest = before.partition(OTHERS)
    options.to.write_text(f"{text}\n{others}{rest}" if others else text, encoding="utf-8")
    print(text)


def table(
    chosen: list[Program],
    rows: Mapping[tuple[str, str], Row],
    failures: Mapping[str, str],
    letters: int,
    runs: int,
    languages: tuple[str, ...],
) -> str:
    """The results as Markdown."""
    head = [f"{language}: ms a letter | ours is faster | size kB" for language in languages]
    lines = [
        "# Results",
        "",
        f"Made by `python -m benchmarks --letters {letters} --runs {runs}`: one-page letters, no",
        "signature, wall time with start-up, medians; the programs took turns within each run.",
        "Ours makes PDF/A-3a with PDF/UA-1, checks each letter, writes it and enters it in the",
        "register; the plain loop makes PDF/A-3a, Typst PDF/A-3a, the others plain PDF.",
        "",
        f"{_machine()}; Python {platform.python_version()}.",
        "",
        f"| program | version | {' | '.join(head)} | peak memory MB |",
        "|---|---|" + "---:|---:|---:|" * len(languages) + "---:|",
    ]
    for program in chosen:
        if program.missing or program.name in failures:
            continue
        cells = [program.name, program.version]
        memory = []
        for language in languages:
            row, ours = rows[program.name, language], rows.get(("outreach-merge", language))
            ratio = f"{row.time / ours.time:.1f} x" if ours else ""
            cells += [f"{row.time:.1f}", ratio, f"{row.size_kb:.0f}"]
            memory += row.memory
        cells.append(f"{max(memory):.0f}" if memory else "")
        lines.append(f"| {' | '.join(cells)} |")
    for program in chosen:
        why = program.missing or failures.get(program.name)
        if why:
            lines += ["", f"Not measured: {program.name}: {' '.join(why.split())}."]
    return "\n".join(lines) + "\n"


def _machine() -> str:
    names = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    ]
    model = names[0] if names else platform.machine()
    return f"{len(names) or 1} cores, {model}, {platform.system()}"


if __name__ == "__main__":
    main()
