"""An executor whose workers are those of a Dask cluster."""

from __future__ import annotations

import logging
import pickle
import time
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import replace
from itertools import islice

import dask
from dask.utils import parse_timedelta
from distributed import Client, Future, KilledWorker, as_completed
from distributed.comm import get_address_host_port
from distributed.security import Security

from outreach_merge.errors import MachineError, OutreachError, UsageError
from outreach_merge.model import Recipient
from outreach_merge.press.cluster.campaign_archive import CampaignArchive
from outreach_merge.press.cluster.worker import LetterWorkerPlugin, environment, render_batch
from outreach_merge.press.local_executor import LocalExecutor
from outreach_merge.press.renderer import RendererConfig, RenderJob, RenderResult

logger = logging.getLogger(__name__)

#: Letters of one task: what a task costs beside its letters is shared, and little is lost with it.
_BATCH = 8
#: Tasks under way. It bounds the results that are held.
_UNDER_WAY = 64
#: Seconds between two polls for a result.
_POLL = 0.005
#: Seconds that is waited for the campaign's files to be removed from the workers.
_CLEANUP_TIMEOUT = 3.0
_TIMEOUT = "distributed.comm.timeouts.connect"
_RUN_AGAIN = "What was finished is kept: run the command again for the rest."


class DaskExecutor:
    """The workers of a Dask cluster. Use as a context manager.

    :param recipients: all of the campaign.
    :param scheduler: its address: ``tcp://host:port``, ``tls://host:port``.
    """

    def __init__(
        self, config: RendererConfig, recipients: Iterable[Recipient], scheduler: str
    ) -> None:
        self._config = config
        self._archive = CampaignArchive.pack(config, recipients)
        self._address = scheduler
        self._timeout: float = parse_timedelta(dask.config.get(_TIMEOUT))
        self._plugin = f"outreach-merge-{uuid.uuid4().hex}"
        self._stack = ExitStack()

    def __enter__(self) -> DaskExecutor:
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    def make(self, jobs: Iterable[RenderJob]) -> Iterator[RenderResult]:
        """Results as they come; what a lost worker had in hand is rendered by another.

        Dask gives a task up when several workers died that had it. The cause may be any letter of
        the batch, or another task of these workers: each letter is tried again at the end,
        alone in the cluster.

        :raises MachineError: the cluster cannot be reached or is lost, it has no workers, or one
            of them would make other files of the same letters.
        :raises UsageError: the address is not one of a scheduler.
        """
        jobs, suspects = list(jobs), list[RenderJob]()
        batches = [jobs[first : first + _BATCH] for first in range(0, len(jobs), _BATCH)]
        try:
            self._client = self._connect()
            self._wait_for_workers()
            self._prepare_workers(jobs)
            for batch, results in self._run(batches, _UNDER_WAY):
                if results is None:
                    logger.warning("workers died while they rendered %d letters", len(batch))
                    suspects.extend(batch)
                else:
                    yield from results
            for (job,), results in self._run([[job] for job in suspects], under_way=1):
                failure = "the worker process ended while setting it"
                yield from results or [RenderResult(job.number, failure=failure)]
        except OutreachError:
            raise
        except Exception as error:  # Dask has no error that all of its errors are
            raise MachineError(
                f"the cluster {self._address} failed or was lost: {type(error).__name__}: {error}.",
                "See the logs of its scheduler and workers, and that outreach-merge is installed "
                f"on all machines, in the version that is here. {_RUN_AGAIN}",
            ) from error

    def _connect(self) -> Client:
        if not logger.isEnabledFor(logging.INFO):  # --verbose shows Dask's messages as well
            for name in ("distributed", "distributed.client", "tornado.application", "asyncio"):
                noisy = logging.getLogger(name)
                self._stack.callback(noisy.setLevel, noisy.level)
                noisy.setLevel(logging.CRITICAL)
        # Looked at beforehand: a client that cannot start fails once more when it is collected.
        try:
            get_address_host_port(self._address, strict=True)
        except ValueError as error:
            raise UsageError(
                f'"{self._address}" is not the address of a scheduler: {error}.',
                "Write tcp://host:8786, or tls://host:8786.",
            ) from error
        tls = self._address.startswith("tls:")
        try:
            if tls and not Security().get_connection_args("client")["ssl_context"]:
                raise OSError("Dask's settings name no certificates")
            client = Client(self._address, timeout=self._timeout, set_as_default=False)
        except OSError as error:
            raise MachineError(
                f"the scheduler {self._address} could not be reached: {error}.",
                "Start one (dask scheduler), or check address and network, and for tls:// the "
                "certificates in Dask's settings (distributed.comm.tls.ca-file, .client.cert, "
                f".client.key; see docs/scale.md). How long is waited is its setting {_TIMEOUT}.",
            ) from error
        return self._stack.enter_context(client)

    def _wait_for_workers(self) -> None:
        """:raises MachineError: there is none in time."""
        try:
            self._client.wait_for_workers(1, timeout=self._timeout)
        except TimeoutError as error:
            raise MachineError(
                f"the scheduler {self._address} had no worker within {self._timeout:g} s.",
                f"Start workers: dask worker --nthreads 1 {self._address}. {_RUN_AGAIN}",
            ) from error

    def _prepare_workers(self, jobs: Sequence[RenderJob]) -> None:
        """Send what letters are rendered from; compare a letter of each language."""
        first = {job.planned.language: job for job in reversed(jobs)}
        samples = [replace(job, known="", keep=True) for job in first.values()]
        with LocalExecutor(self._config, 1) as local:
            expected = environment(self._config, local.make(samples))
        logger.info("each worker is sent %.1f MB", len(self._archive.content) / 1e6)
        self._stack.callback(self._remove_files)
        plugin = LetterWorkerPlugin(self._archive, samples, expected)
        self._client.register_plugin(plugin, self._plugin)

    def _remove_files(self) -> None:
        with suppress(Exception):  # where the cluster is lost, they are removed as workers end
            self._client.sync(
                self._client.scheduler.unregister_worker_plugin,
                name=self._plugin,
                callback_timeout=_CLEANUP_TIMEOUT,
            )

    def _run(
        self, batches: Iterable[Sequence[RenderJob]], under_way: int
    ) -> Iterator[tuple[Sequence[RenderJob], list[RenderResult] | None]]:
        """Batches as they are finished, with their results; ``None`` when their workers died.

        :param under_way: batches that the cluster has at a time.
        """
        source, pending = iter(batches), dict[Future, Sequence[RenderJob]]()
        finished = as_completed(loop=self._client.loop)
        while True:
            for batch in islice(source, under_way - len(pending)):
                jobs = pickle.dumps(batch)
                future = self._client.submit(render_batch, self._plugin, jobs, pure=False)
                pending[future] = batch
                finished.add(future)
            if not pending:
                return
            self._wait_for_one(finished)
            future = next(finished)
            try:
                results = future.result()
            except KilledWorker:
                results = None
            yield pending.pop(future), results

    def _wait_for_one(self, finished: as_completed) -> None:
        """:raises MachineError: the workers left, and none came in time."""
        looked = time.monotonic()
        while not finished.has_ready():
            time.sleep(_POLL)
            if time.monotonic() - looked > self._timeout:
                self._wait_for_workers()
                looked = time.monotonic()
