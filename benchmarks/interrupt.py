"""Measures Ctrl-C while ``generate`` runs: ``python -m benchmarks.interrupt``.

The sample campaign's letters are made on a terminal (a pseudo-terminal), and Ctrl-C is typed at a
random moment of each run. What is measured is the time from the key to the end of the program; what
is checked, that it ends with 130 and that every letter on the disk is in the register.
"""

from __future__ import annotations

import argparse
import os
import pty
import random
import re
import select
import shutil
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.watch import copy_sample
from outreach_merge.errors import ExitCode
from outreach_merge.files import sha256_of_file
from outreach_merge.register import Register, RegisterMissing

_CTRL_C = b"\x03"
_CODE = "csp7-2021"
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@dataclass(frozen=True, slots=True)
class Run:
    """:param seconds: from Ctrl-C, or from the start where there was none, to the end."""

    code: int
    seconds: float
    said: str


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.interrupt", description=__doc__)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--seed", type=int, default=8)
    parser.add_argument("--show", action="store_true", help="what each run said at its end")
    options = parser.parse_args()
    dice, times = random.Random(options.seed), []
    with tempfile.TemporaryDirectory() as temporary:
        whole = _generate(_fresh(Path(temporary)), None)
        print(f"a whole run: {whole.seconds:.1f} s")
        for _ in range(options.runs):
            folder, moment = _fresh(Path(temporary)), dice.uniform(0.02, whole.seconds)
            run = _generate(folder, moment)
            if run.code == ExitCode.DONE:
                print(f"after {moment:5.2f} s: it had ended")
                continue
            times.append(run.seconds)
            entered, wrong = _compare(folder)
            print(
                f"after {moment:5.2f} s: {run.seconds * 1000:4.0f} ms, {entered} letters entered"
                + (f"; exit code {run.code}" if run.code != ExitCode.INTERRUPTED else "")
                + (f"; not entered: {', '.join(wrong)}" if wrong else ""),
                flush=True,
            )
            if options.show:
                print("    " + "\n    ".join(run.said.splitlines()[-4:]))
    median, worst = statistics.median(times), max(times)
    print(f"{len(times)} runs: median {median * 1000:.0f} ms, worst {worst * 1000:.0f} ms")


def _fresh(parent: Path) -> Path:
    folder = parent / "campaign"
    shutil.rmtree(folder, ignore_errors=True)
    copy_sample(folder)
    return folder


def _generate(folder: Path, moment: float | None) -> Run:
    """Run ``generate`` on a terminal of its own.

    :param moment: seconds after the start at which Ctrl-C is typed; ``None``: never.
    """
    command = [sys.executable, "-m", "outreach_merge", "-c", str(folder), "generate"]
    started = time.monotonic()
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(command[0], command)
    said, typed = b"", None
    while True:
        left = None if moment is None or typed else max(0.0, started + moment - time.monotonic())
        if select.select([terminal], [], [], left)[0]:
            try:
                said += os.read(terminal, 65536)
            except OSError:  # the other side is gone
                break
        elif typed is None:
            typed = time.monotonic()
            os.write(terminal, _CTRL_C)
    _, status = os.waitpid(pid, 0)
    ended = time.monotonic()
    os.close(terminal)
    text = _ESCAPES.sub("", said.decode(errors="replace")).replace("\r", "\n")
    return Run(os.waitstatus_to_exitcode(status), ended - (typed or started), text)


def _compare(folder: Path) -> tuple[int, list[str]]:
    """How many letters the register has, and the files that it does not know as they are."""
    try:
        with Register.open(folder / "register.sqlite", _CODE, create=False) as register:
            records = register.letters().values()
    except RegisterMissing:
        records = {}.values()
    known = {(record.file, record.digest) for record in records}
    there = {
        (path.relative_to(folder).as_posix(), sha256_of_file(path))
        for path in (folder / "output").glob("*/*.pdf")
    }
    return len(known), sorted(file for file, _ in known ^ there)


if __name__ == "__main__":
    main()
