"""The press on many machines: a Dask cluster makes the letters. The only place that knows Dask.

A worker sees neither the campaign's folder nor the register nor a key. It is sent one bundle with
what its bench reads, then letters by the handful; what it sends back the main process writes.

A letter is the same to the byte wherever it is made. So a worker on which the program, a library
or a font is another is refused; and since no list of what matters is ever whole, each worker
first sets one letter of every language that this machine has set too, and they are compared.
"""

from __future__ import annotations

import logging
import pickle
import tempfile
import time
import uuid
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Any

import dask
from dask.utils import parse_timedelta
from distributed import Client, Future, KilledWorker, Worker, WorkerPlugin, as_completed, get_worker
from distributed.comm import get_address_host_port
from distributed.security import Security

from outreach_merge.errors import MachineError, OutreachError, UsageError
from outreach_merge.model import Recipient
from outreach_merge.press.bundle import Bundle, pack
from outreach_merge.press.dependencies import build_environment, differences
from outreach_merge.press.local_executor import LocalExecutor
from outreach_merge.press.renderer import RendererConfig, RenderJob, RenderResult
from outreach_merge.press.worker_state import WorkerState

logger = logging.getLogger(__name__)

_PACKAGE = __name__.partition(".")[0]
#: Letters of one task: what a task costs beside its letters is shared, and little is lost with it.
_TOGETHER = 8
#: Tasks a worker has: one in hand, one to go on with, one whose letters are fetched and written.
_AHEAD = 3
#: Seconds between two looks at who works.
_LOOK_EVERY = 2.0
_POLL = 0.005
#: Seconds that is waited for the campaign's files to be removed; less after Ctrl-C.
_LEAVE, _LEAVE_AT_ONCE = 3.0, 0.3
_RUN_AGAIN = "What was finished is kept: run the command again for the rest."
_ALIKE = (
    "Install the same versions and fonts on all machines (one image for all is the simplest), "
    "or stop that worker, and run the command again."
)
_WAIT = "distributed.comm.timeouts.connect"


class DaskExecutor:
    """Workers of a Dask cluster, at the disposal of one run. Use as a context manager.

    :param recipients: all of the campaign.
    :param scheduler: its address: ``tcp://host:port``, ``tls://host:port``.
    """

    def __init__(
        self, plan: RendererConfig, recipients: Iterable[Recipient], scheduler: str
    ) -> None:
        self._plan = plan
        self._recipients = recipients
        self._address = scheduler
        self._wait: float = parse_timedelta(dask.config.get(_WAIT))
        self._name = ""
        self._workers = 1
        self._looked = self._seen = 0.0
        self._leave = _LEAVE
        self._stack = ExitStack()

    def __enter__(self) -> DaskExecutor:
        """
        :raises MachineError: the scheduler cannot be reached, it has no workers, or one of them
            differs from this machine.
        :raises UsageError: the address is none.
        """
        with ExitStack() as stack:
            stack.enter_context(_quiet())
            self._client = self._connect()
            stack.callback(self._close)
            self._await_workers()
            self._check_workers()
            bundle = pack(self._plan, self._recipients)
            ours = build_environment(self._plan.folder, self._plan.settings)
            self._name = f"{_PACKAGE}-{bundle.digest[:16]}-{uuid.uuid4().hex[:8]}"
            stack.callback(self._dismiss)
            self._equip(bundle, ours)
            self._compare()
            self._looked = self._seen = time.monotonic()
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # What was asked for is done by the scheduler also when nobody waits for it.
        self._leave = _LEAVE if kind is None else _LEAVE_AT_ONCE
        self._stack.close()

    def make(self, jobs: Iterable[RenderJob]) -> Iterator[RenderResult]:
        """Results as they come; what a lost worker had in hand is made by another.

        :raises MachineError: the cluster is lost, or a worker that came later differs.
        """
        finished = as_completed(loop=self._client.loop, with_results=True, raise_errors=False)
        handfuls = self._handfuls(jobs)
        under_way: dict[Future, _Task] = {}
        suspects: deque[RenderJob] = deque()
        proofs = _Proofs(self._plan)
        with proofs:
            while True:
                while len(under_way) < _AHEAD * self._workers:
                    handful = next(handfuls, None)
                    if handful is None:
                        break
                    self._submit(_Task(proofs.of(handful[0]), handful), under_way, finished)
                # One at a time: two of them could not be told apart on one worker.
                if suspects and not any(task.alone for task in under_way.values()):
                    job = suspects.popleft()
                    task = _Task(proofs.of(job), (job,), alone=True)
                    self._submit(task, under_way, finished)
                if not under_way:
                    return
                future, answer = self._next(finished)
                task = under_way.pop(future)
                # The answer, not the future's status: what has come stays true when its worker
                # is lost afterwards.
                if isinstance(answer, bytes):
                    yield from pickle.loads(answer)
                elif _killed(answer):
                    logger.warning("workers ended while setting %d letters", len(task.jobs))
                    if task.alone:
                        yield RenderResult(
                            task.jobs[0].number,
                            failure="the worker process ended while setting it",
                        )
                    else:
                        suspects.extend(task.jobs)
                else:
                    raise self._failure(answer)
                future.release()

    def _submit(self, task: _Task, under_way: dict[Future, _Task], finished: Any) -> None:
        # As bytes, so that the scheduler passes it on without unpacking it.
        content = pickle.dumps((task.proof, task.jobs), pickle.HIGHEST_PROTOCOL)
        key = f"letters-{uuid.uuid4().hex}"
        future = self._client.submit(_set_letters, self._name, content, key=key, pure=False)
        under_way[future] = task
        finished.add(future)

    def _handfuls(self, jobs: Iterable[RenderJob]) -> Iterator[tuple[RenderJob, ...]]:
        """Jobs of one language together; few at first, so that each worker has its share."""
        sent, handful = 0, list[RenderJob]()
        for job in jobs:
            full = len(handful) >= min(_TOGETHER, 1 + sent // (4 * self._workers))
            if handful and (full or handful[0].planned.language != job.planned.language):
                yield tuple(handful)
                sent += len(handful)
                handful.clear()
            handful.append(job)
        if handful:
            yield tuple(handful)

    def _next(self, finished: Any) -> tuple[Future, Any]:
        """What is finished next, and its answer: bytes, what was raised as ``sys.exc_info``
        gives it, or that it was cancelled. Looks now and then whether anybody works at all.
        """
        while not finished.has_ready():
            self._look()
            time.sleep(_POLL)
        found: tuple[Future, Any] = next(finished)
        return found

    def _look(self) -> None:
        now = time.monotonic()
        if now - self._looked < _LOOK_EVERY:
            return
        self._looked = now
        with self._or_lost():
            count = len(self._client.nthreads())
        if count:
            self._workers, self._seen = count, now
        elif now - self._seen > self._wait:
            raise MachineError(
                f"the scheduler {self._address} has had no worker for {self._wait:g} s.",
                f"Start workers: dask worker --nthreads 1 {self._address}. {_RUN_AGAIN}",
            )

    # ------------------------------------------------------------------ before the first letter

    def _connect(self) -> Client:
        # Looked at beforehand: a client that is made half says so in its own words at the end.
        try:
            get_address_host_port(self._address, strict=True)
        except ValueError as error:
            raise UsageError(
                f'"{self._address}" is no address of a scheduler: {error}.',
                "Write tcp://host:8786, or tls://host:8786.",
            ) from error
        encrypted = self._address.startswith("tls:")
        if encrypted and not Security().get_connection_args("client")["ssl_context"]:
            raise MachineError(
                "tls:// needs certificates, and Dask's settings name none.",
                "Set distributed.comm.tls.ca-file, .client.cert, .client.key; see docs/scale.md.",
            )
        try:
            return Client(self._address, timeout=self._wait, set_as_default=False, name=_PACKAGE)
        except (OSError, RuntimeError, TypeError) as error:
            logger.info("the scheduler cannot be reached", exc_info=True)
            raise MachineError(
                f"the scheduler {self._address} could not be reached within {self._wait:g} s.",
                "Start one (dask scheduler), or check address, network and, for tls://, the "
                f"certificates. How long is waited is Dask's setting {_WAIT}.",
            ) from error

    def _await_workers(self) -> None:
        with self._or_lost():
            try:
                self._client.wait_for_workers(1, timeout=self._wait)
            except TimeoutError as error:
                raise MachineError(
                    f"the scheduler {self._address} had no worker within {self._wait:g} s.",
                    f"Start workers: dask worker --nthreads 1 {self._address}.",
                ) from error

    def _check_workers(self) -> None:
        """That the program is there, and that a process sets one letter at a time."""
        with self._or_lost():
            threads: Mapping[str, int] = self._client.nthreads()
            found: dict[str, Any] = self._client.run(find_spec, _PACKAGE, on_error="return")
            found[f"scheduler {self._address}"] = self._client.run_on_scheduler(find_spec, _PACKAGE)
        self._workers = len(threads)
        for where, spec in found.items():
            if spec is None or isinstance(spec, Exception):
                raise MachineError(
                    f"outreach-merge is not installed for {_worker(where)}.",
                    "Install it on all machines of the cluster, in the version that is here.",
                )
        for where, count in threads.items():
            if count > 1:
                raise MachineError(
                    f"{_worker(where)} has {count} threads, and letters are set one at a time "
                    "in a process.",
                    "Start workers with --nthreads 1, and as many of them as there are cores.",
                )

    def _equip(self, bundle: Bundle, ours: Mapping[str, str]) -> None:
        logger.info(
            "%d workers get %.1f MB each with what letters are made from",
            self._workers, bundle.size / 1e6,
        )  # fmt: skip
        with self._or_lost():
            try:
                self._client.register_plugin(_Place(bundle, ours), self._name)
            except OSError as error:
                raise MachineError(
                    f"a worker could not be sent what letters are made from: {error}.",
                    "See its log, and that its local directory has room.",
                ) from error

    def _compare(self) -> None:
        with self._or_lost():
            found = self._client.run(_examine, self._name, on_error="return")
        for where, answer in found.items():
            if answer:
                raise _refusal(where, str(answer))

    # ------------------------------------------------------------------ what may go wrong later

    def _failure(self, answer: Any) -> OutreachError:
        """Why a task has no letters, where no letter is to blame."""
        if not isinstance(answer, tuple):
            return self._lost()
        error = answer[1]
        if isinstance(error, WorkerDiffers):
            return _refusal(error.worker, error.differences)
        return MachineError(
            f"the cluster failed: {type(error).__name__}: {error}.",
            f"See the logs of its workers. {_RUN_AGAIN}",
        )

    def _lost(self) -> MachineError:
        return MachineError(
            f"the connection to the scheduler {self._address} was lost.",
            f"See that it runs. {_RUN_AGAIN}",
        )

    @contextmanager
    def _or_lost(self) -> Iterator[None]:
        """Whatever Dask raises where the scheduler no longer answers."""
        try:
            yield
        except OutreachError:
            raise
        except Exception as error:
            logger.info("the scheduler does not answer", exc_info=True)
            raise self._lost() from error

    def _close(self) -> None:
        with suppress(Exception):  # the scheduler notices by itself that nobody is there
            self._client.close(timeout=_LEAVE)

    def _dismiss(self) -> None:
        """Take the campaign's files off the cluster."""
        with suppress(Exception):
            self._client.sync(
                self._client.scheduler.unregister_worker_plugin,
                name=self._name,
                callback_timeout=self._leave,
            )


class WorkerDiffers(Exception):
    """A worker would make other bytes of the same letter.

    :param worker: its address.
    :param differences: in words.
    """

    def __init__(self, worker: str, differences: str) -> None:
        super().__init__(worker, differences)
        self.worker = worker
        self.differences = differences


@dataclass(frozen=True, slots=True)
class _Proof:
    """A letter, and the digest of the file that this machine made of it."""

    job: RenderJob
    digest: str


@dataclass(frozen=True, slots=True)
class _Task:
    """Letters that are sent together.

    :param alone: one that may have killed its worker, so that it is sent by itself.
    """

    proof: _Proof | None
    jobs: tuple[RenderJob, ...]
    alone: bool = False


class _Proofs:
    """One letter of each language, set by this machine, in a process of its own."""

    def __init__(self, plan: RendererConfig) -> None:
        self._workers = LocalExecutor(plan, 1)
        self._found: dict[str, _Proof | None] = {}

    def __enter__(self) -> _Proofs:
        self._workers.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._workers.__exit__(kind, error, trace)

    def of(self, job: RenderJob) -> _Proof | None:
        """The proof for the job's language; ``None`` when its first letter cannot be set."""
        language = job.planned.language
        if language not in self._found:
            first = replace(job, known="", keep=True)
            made = next(self._workers.make([first])).typeset
            self._found[language] = _Proof(first, made.digest) if made else None
        return self._found[language]


# ---------------------------------------------------------------------- on the worker


class _Place(WorkerPlugin):  # type: ignore[misc]
    """A bench on a worker, while one run lasts; Dask makes it on workers that come later too."""

    def __init__(self, bundle: Bundle, ours: Mapping[str, str]) -> None:
        self._bundle: Bundle | None = bundle
        self._ours = ours
        self._proven: set[str] = set()
        self._differences: str | None = None

    def setup(self, worker: Worker) -> None:
        assert self._bundle is not None
        self._worker = worker.address
        self._folder = tempfile.TemporaryDirectory(
            prefix="outreach-merge-", dir=worker.local_directory, ignore_cleanup_errors=True
        )
        self._plan = self._bundle.unpack(Path(self._folder.name))
        self._bundle = None
        self._bench = WorkerState(self._plan)

    def teardown(self, worker: Worker) -> None:
        self._bench.put_away()
        self._folder.cleanup()

    @property
    def differences(self) -> str:
        """What is otherwise here than on the main process's machine; empty for nothing."""
        if self._differences is None:
            theirs = build_environment(self._plan.folder, self._plan.settings)
            self._differences = differences(self._ours, theirs)
        return self._differences

    def make(self, proof: _Proof | None, jobs: Sequence[RenderJob]) -> list[RenderResult]:
        """:raises WorkerDiffers: nothing is made here."""
        if self.differences:
            raise WorkerDiffers(self._worker, self.differences)
        if proof is not None:
            self._prove(proof)
        return [self._bench.make(job) for job in jobs]

    def _prove(self, proof: _Proof) -> None:
        planned = proof.job.planned
        if planned.language in self._proven:
            return
        made = self._bench.make(proof.job).typeset
        if made is None or made.digest != proof.digest:
            raise WorkerDiffers(
                self._worker, f"it sets the letter {planned.key} otherwise, of the same versions"
            )
        self._proven.add(planned.language)


def _set_letters(name: str, content: bytes) -> bytes:
    """The task: letters in, results out, both as bytes.

    :param name: of the bench's place among the worker's plugins.
    """
    proof, jobs = pickle.loads(content)
    place: _Place = get_worker().plugins[name]
    return pickle.dumps(place.make(proof, jobs), pickle.HIGHEST_PROTOCOL)


def _examine(name: str, dask_worker: Worker) -> str:
    place: _Place = dask_worker.plugins[name]
    return place.differences


# ---------------------------------------------------------------------- words


def _killed(answer: Any) -> bool:
    return isinstance(answer, tuple) and isinstance(answer[1], KilledWorker)


def _worker(where: str) -> str:
    return where if where.startswith("scheduler") else f"worker {where}"


def _refusal(worker: str, found: str) -> MachineError:
    return MachineError(
        f"worker {worker} differs from this machine, so its letters could differ: {found}.", _ALIKE
    )


@contextmanager
def _quiet() -> Iterator[None]:
    """Dask tells its own story on the terminal; with ``--verbose`` it may."""
    if logging.getLogger().isEnabledFor(logging.INFO):
        yield
        return
    names = ("distributed", "distributed.client", "tornado.application", "asyncio")
    before = {name: logging.getLogger(name).level for name in names}
    for name in names:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for name, level in before.items():
            logging.getLogger(name).setLevel(level)
