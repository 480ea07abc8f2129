"""Runs a command and watches it: time, and the memory of its whole process tree."""

from __future__ import annotations

import ctypes
import os
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

#: Seconds between two looks at the memory; each takes the processor some milliseconds.
_EVERY = 0.4
_PR_SET_CHILD_SUBREAPER = 36


@dataclass(frozen=True, slots=True)
class Measured:
    """
    :param seconds: wall time.
    :param peak_mb: proportional set size of the tree, megabytes.
    :param cpu_seconds: processor time of the tree.
    """

    seconds: float
    peak_mb: float
    cpu_seconds: float = 0.0


class Failed(Exception):
    """The command did not end well."""


def measure(command: Sequence[str], *, memory: bool = True) -> Measured:
    """Run ``command`` to its end.

    :param memory: watch it; reading the kernel's tables takes a little of the processor.
    :raises Failed: with the last of what it said.
    """
    _adopt_orphans()
    before = _cpu_seconds()
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
    _wait_for_orphans()
    if process.returncode:
        raise Failed(said.decode(errors="replace")[-400:])
    return Measured(seconds, peak, _cpu_seconds() - before)


def _adopt_orphans() -> None:
    """Make processes whose parent ends before them children of this one (prctl(2), Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _wait_for_orphans() -> None:
    with suppress(ChildProcessError):
        while True:
            os.wait()


def _cpu_seconds() -> float:
    """Processor time of all processes that this one waited for, and of those they waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


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
