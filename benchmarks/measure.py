"""Runs a command and watches it: wall time, and the memory of its whole process tree."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

#: Seconds between two looks at the memory; each takes the processor some milliseconds.
_EVERY = 0.4


@dataclass(frozen=True, slots=True)
class Measured:
    """:param seconds: wall time. :param peak_mb: proportional set size of the tree, megabytes."""

    seconds: float
    peak_mb: float


class Failed(Exception):
    """The command did not end well."""


def measure(command: Sequence[str], *, memory: bool = True) -> Measured:
    """Run ``command`` to its end.

    :param memory: watch it; reading the kernel's tables takes a little of the processor.
    :raises Failed: with the last of what it said.
    """
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    peak = 0.0
    while True:
        try:
            said, _ = process.communicate(timeout=_EVERY if memory else None)
            break
        except subprocess.TimeoutExpired:
            peak = max(peak, _tree_mb(process.pid))
    seconds = time.perf_counter() - started
    if process.returncode:
        raise Failed(said.decode(errors="replace")[-400:])
    return Measured(seconds, peak)


def _tree_mb(root: int) -> float:
    pids, total = [root], 0
    while pids:
        pid = pids.pop()
        try:
            rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
            total += next(int(x.split()[1]) for x in rollup.splitlines() if x.startswith("Pss:"))
            for task in Path(f"/proc/{pid}/task").iterdir():
                pids += map(int, (task / "children").read_text().split())
        except (OSError, StopIteration):
            continue
    return total / 1024
