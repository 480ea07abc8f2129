"""Measures letters made through a Dask cluster: ``python -m benchmarks.cluster``.

What is counted is processor time, by process: the workers', the main process's, the scheduler's,
between the moment when the first letters are there and that when nearly all are. From this follow
the time and the core-hours of any number of letters on any number of workers: ``docs/scale.md``.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from distributed import Client

from benchmarks.letters import make_campaign
from outreach_merge.files import write_atomically

LANGUAGES = ("en", "ar", "zh")
_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Spent:
    """Seconds: of the clock, and of processors; and how many letters there are.

    :param worker_mb: the most memory that one worker had.
    """

    letters: int
    clock: float
    main: float
    workers: float
    scheduler: float
    worker_mb: float

    def a_letter(self, before: Spent) -> Spent:
        """What one letter cost since ``before``."""
        letters = self.letters - before.letters
        return Spent(
            1,
            (self.clock - before.clock) / letters,
            (self.main - before.main) / letters,
            (self.workers - before.workers) / letters,
            (self.scheduler - before.scheduler) / letters,
            self.worker_mb,
        )


@dataclass(frozen=True)
class Cluster:
    """A scheduler and its workers, each a process of its own."""

    address: str
    scheduler: int
    workers: tuple[int, ...]


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.cluster", description=__doc__)
    parser.add_argument("--letters", type=int, default=1000)
    parser.add_argument("--workers", type=int, nargs="*", default=[1, 2])
    parser.add_argument("--languages", nargs="*", default=LANGUAGES)
    options = parser.parse_args()
    print(
        f"{'':10}{'workers':>8}{'a worker':>12}{'main':>10}{'scheduler':>11}"
        f"{'clock':>10}{'start':>8}{'memory':>9}"
    )
    each = []
    for count in options.workers:
        for language in options.languages:
            first, last, before = run(language, options.letters, count)
            cost = last.a_letter(first)
            start = (first.workers - before - first.letters * cost.workers) / count
            each.append(cost)
            print(
                f"{language:10}{count:8}{cost.workers * 1e3:9.1f} ms{cost.main * 1e3:7.1f} ms"
                f"{cost.scheduler * 1e3:8.1f} ms{cost.clock * 1e3:7.1f} ms{start:6.1f} s"
                f"{cost.worker_mb:6.0f} MB",
                flush=True,
            )
    _conclude(each)


def _conclude(each: Sequence[Spent]) -> None:
    """What follows for many letters and many workers."""
    worker, main, scheduler = (
        statistics.fmean(getattr(cost, name) for cost in each)
        for name in ("workers", "main", "scheduler")
    )
    with tempfile.TemporaryDirectory(prefix="cluster-") as folder:
        disk = _disk_wait(Path(folder))
    own = main + disk
    print(
        f"on average {worker * 1e3:.1f} ms of a worker, {main * 1e3:.1f} of the main process, "
        f"{scheduler * 1e3:.1f} of the scheduler; the disk takes {disk * 1e3:.1f} ms a file\n"
        f"one main process keeps {worker / own:.0f} workers busy: {1 / own:.0f} letters a second"
    )
    for letters in (46_000, 1_000_000):
        hours = letters * (worker + main + scheduler) / 3600
        for workers in (2, 8, 16, 32):
            minutes = letters * max(worker / workers, own) / 60
            print(
                f"{letters:9,} letters, {workers:2} workers: {minutes:6.1f} minutes, "
                f"{hours:.1f} core-hours"
            )


def _disk_wait(folder: Path, files: int = 300) -> float:
    """Seconds that the main process waits for the disk with each letter.

    Of the quickest tenth, since the others may have waited for a processor.
    """
    content = os.urandom(40_000)
    times = []
    for number in range(files):
        started, busy = time.perf_counter(), time.process_time()
        write_atomically(folder / f"{number}.pdf", content)
        times.append(time.perf_counter() - started - (time.process_time() - busy))
    return max(0.0, statistics.quantiles(times, n=10)[0])


def run(language: str, letters: int, workers: int) -> tuple[Spent, Spent, float]:
    """Make letters on a new cluster.

    :returns: what was spent when the first letters were there, when nearly all were, and what the
        workers had spent before there was anything to do.
    """
    with (
        tempfile.TemporaryDirectory(prefix="cluster-") as folder,
        cluster(Path(folder), workers) as machines,
    ):
        campaign = make_campaign(Path(folder) / "campaign", {language: letters})
        before = sum(map(_seconds, machines.workers))
        process = subprocess.Popen(
            [
                sys.executable, "-m", "outreach_merge", "--campaign", str(campaign),
                "generate", "--scheduler", machines.address,
            ],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        output = campaign / "output" / "bench"
        moments = [
            _at(count, output, process, machines) for count in (letters // 10, letters * 9 // 10)
        ]
        said, _ = process.communicate()
        if process.returncode:
            raise SystemExit(said)
        return moments[0], moments[1], before


def _at(count: int, output: Path, process: subprocess.Popen[str], machines: Cluster) -> Spent:
    """What is spent when there are so many letters."""
    while (letters := _letters(output)) < count:
        if process.poll() is not None:
            raise SystemExit(process.communicate()[0])
        time.sleep(0.05)
    return Spent(
        letters,
        time.perf_counter(),
        _seconds(process.pid),
        sum(map(_seconds, machines.workers)),
        _seconds(machines.scheduler),
        max(map(_peak_mb, machines.workers)),
    )


def _letters(output: Path) -> int:
    return len(list(output.glob("*.pdf")))


@contextmanager
def cluster(folder: Path, workers: int) -> Iterator[Cluster]:
    """A scheduler and workers as their own command lines start them."""
    file = folder / "scheduler.json"
    where = ["--scheduler-file", str(file), "--no-dashboard"]
    started = [_start("scheduler", "--host", "127.0.0.1", "--port", "0", *where)]
    try:
        while not file.exists():
            time.sleep(0.1)
        own = ["--nthreads", "1", "--nworkers", str(workers), "--local-directory", str(folder)]
        started.append(_start("worker", *own, *where))
        address = json.loads(file.read_text())["address"]
        with Client(address) as client:
            client.wait_for_workers(workers)
            pids = tuple(client.run(os.getpid).values())
        yield Cluster(address, started[0].pid, pids)
    finally:
        for process in reversed(started):
            process.terminate()
            process.wait()


def _start(kind: str, *arguments: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", f"distributed.cli.dask_{kind}", *arguments]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _seconds(pid: int) -> float:
    """Processor time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICK


def _peak_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(x.split()[1]) for x in status.splitlines() if x.startswith("VmHWM")) / 1024


if __name__ == "__main__":
    main()
