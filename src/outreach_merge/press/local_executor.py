"""Renders letters in worker processes, each with a renderer that is loaded once.

Processes, not threads: the typesetter holds the interpreter.
"""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from types import TracebackType

from outreach_merge.errors import MachineError
from outreach_merge.press.interrupts import uninterrupted
from outreach_merge.press.job_queue import JobQueue
from outreach_merge.press.renderer import RendererConfig, RenderJob, RenderResult
from outreach_merge.press.server import start, start_method
from outreach_merge.press.worker_state import WorkerState

logger = logging.getLogger(__name__)

#: Jobs a worker holds: one in hand and one to go on with while the result is fetched.
_AHEAD = 2
_ATTEMPTS = 2
#: Workers that die one after the other, for each that there may be, before the machine is to blame.
_DEATHS = 3
#: Letters after which a worker makes room for a fresh one: WeasyPrint never frees what it tells
#: Pango of a line's font features, which is some kilobytes a letter.
_LETTERS = 1_000


def cores() -> int:
    """The processor cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def workers_for(letters: int, jobs: int | None) -> int:
    """How many worker processes serve so many letters.

    :param jobs: at most so many; ``None``: as many as there are cores.
    """
    return max(1, min(jobs or cores(), (letters + 3) // 4))


@dataclass(slots=True)
class _Worker:
    process: BaseProcess
    pipe: Connection
    jobs: list[RenderJob] = field(default_factory=list)
    given: int = 0


class LocalExecutor:
    """Processes that render letters. Use as a context manager.

    :param count: how many.
    :param letters: how many one of them makes before a fresh one takes its place.
    """

    def __init__(self, config: RendererConfig, count: int, letters: int = _LETTERS) -> None:
        start()
        self._context = start_method()
        self._config = config
        self._letters = letters
        self._deaths = 0
        self._workers = [self._start() for _ in range(count)]

    def __enter__(self) -> LocalExecutor:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for worker in self._workers:
            worker.pipe.close()
            if kind is not None:
                worker.process.terminate()
        for worker in self._workers:
            worker.process.join(timeout=5)

    def make(self, jobs: Iterable[RenderJob]) -> Iterator[RenderResult]:
        """Results as they come; a worker that dies is replaced and its letters are tried again.

        :raises MachineError: one worker after the other dies and none makes a letter.
        """
        waiting = JobQueue(jobs, len(self._workers))
        attempts: dict[int, int] = {}
        while True:
            for position, worker in enumerate(self._workers):
                if worker.given >= self._letters and not worker.jobs:
                    worker.pipe.close()  # it ends when it has nobody to listen to
                    worker = self._workers[position] = self._start()
                while len(worker.jobs) < _AHEAD and worker.given < self._letters:
                    job = waiting.take(position)
                    if job is None:
                        break
                    worker.jobs.append(job)
                    worker.given += 1
                    try:
                        worker.pipe.send(job)
                    except (BrokenPipeError, ConnectionError):
                        yield from self._replace(position, waiting, attempts)
                        break
            busy = {worker.pipe: i for i, worker in enumerate(self._workers) if worker.jobs}
            if not busy and not waiting:
                return
            for pipe in wait(list(busy)):
                position = busy[pipe]  # type: ignore[index]
                worker = self._workers[position]
                try:
                    result: RenderResult = worker.pipe.recv()
                except (EOFError, ConnectionError):
                    yield from self._replace(position, waiting, attempts)
                    continue
                self._deaths = 0
                worker.jobs = [job for job in worker.jobs if job.number != result.number]
                yield result

    def _start(self) -> _Worker:
        for _ in range(_DEATHS):
            ours, theirs = self._context.Pipe()
            process = self._context.Process(target=_work, args=(theirs, self._config), daemon=True)
            try:
                with uninterrupted():  # a worker whose start is interrupted shows a traceback
                    process.start()
            except (BrokenPipeError, ConnectionError, EOFError):
                ours.close()  # it ended before it received its configuration
                theirs.close()
                continue
            theirs.close()
            return _Worker(process, ours)
        raise _they_end()

    def _replace(
        self, position: int, waiting: JobQueue, attempts: dict[int, int]
    ) -> Iterator[RenderResult]:
        """Start another worker; the first job was in hand, so it may be what killed it."""
        lost = self._workers[position]
        lost.process.join(timeout=5)
        logger.warning("a worker ended with code %s; starting another", lost.process.exitcode)
        self._deaths += 1
        if self._deaths > _DEATHS * len(self._workers):
            raise _they_end(f" (code {lost.process.exitcode})")
        self._workers[position] = self._start()
        for index, job in enumerate(lost.jobs):
            if index == 0:
                attempts[job.number] = attempts.get(job.number, 0) + 1
            if attempts.get(job.number, 0) >= _ATTEMPTS:
                yield RenderResult(job.number, failure="the worker process ended while setting it")
            else:
                waiting.put_back(job)


def _they_end(how: str = "") -> MachineError:
    return MachineError(
        f"the worker processes end as they start{how}.",
        "See that there is memory left, and that the program is installed whole.",
    )


def _work(pipe: Connection, config: RendererConfig) -> None:
    """A worker's life: jobs in, results out, until the pipe closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the main process to answer
    state = WorkerState(config)
    while True:
        try:
            job: RenderJob = pipe.recv()
        except EOFError:
            return
        result = state.make(job)
        try:
            pipe.send(result)
        except (BrokenPipeError, ConnectionError):
            return
