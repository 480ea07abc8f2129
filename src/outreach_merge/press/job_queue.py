"""Hands jobs to workers so that each worker's jobs are alike."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from itertools import pairwise

from outreach_merge.press.renderer import RenderJob


class JobQueue:
    """Jobs that are not given to a worker yet.

    The jobs come sorted by language and letter. Each worker begins with a run of neighbours, so
    that templates, fonts and styles are loaded in as few processes as possible; a worker that has
    finished its run takes from the far end of the longest run that is left.

    :param jobs: neighbours are alike.
    :param workers: how many there are; they are numbered from 0.
    """

    def __init__(self, jobs: Iterable[RenderJob], workers: int) -> None:
        every = list(jobs)
        bounds = [len(every) * worker // workers for worker in range(workers + 1)]
        self._runs = [deque(every[start:end]) for start, end in pairwise(bounds)]
        self._returned: deque[RenderJob] = deque()

    def __bool__(self) -> bool:
        return bool(self._returned) or any(self._runs)

    def take(self, worker: int) -> RenderJob | None:
        """The next job for a worker; ``None`` when there is none left."""
        if self._returned:
            return self._returned.popleft()
        if self._runs[worker]:
            return self._runs[worker].popleft()
        longest = max(self._runs, key=len)
        return longest.pop() if longest else None

    def put_back(self, job: RenderJob) -> None:
        """A job that its worker did not finish; it is the next to be taken."""
        self._returned.appendleft(job)
