"""What runs on the workers of the cluster."""

from __future__ import annotations

import pickle
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from distributed import Worker, WorkerPlugin, get_worker

from outreach_merge.errors import MachineError
from outreach_merge.press.cluster.campaign_archive import CampaignArchive
from outreach_merge.press.dependencies import build_environment, differences
from outreach_merge.press.renderer import RendererConfig, RenderJob, RenderResult
from outreach_merge.press.worker_state import WorkerState


def environment(
    config: RendererConfig, samples: Iterable[RenderResult], threads: int = 1
) -> Mapping[str, str]:
    """What must be the same on every machine: name -> version, digest or number.

    :param samples: letters rendered there. No list of what matters is ever whole: where they are
        the same to the byte, so are the others.
    :param threads: of a worker process, in which letters are rendered one at a time.
    """
    letters = [result.typeset for result in samples if result.typeset]
    return {
        **build_environment(config.folder, config.settings),
        **{f"letter {letter.planned.key}": letter.digest[:12] for letter in letters},
        "--nthreads": str(threads),
    }


class LetterWorkerPlugin(WorkerPlugin):  # type: ignore[misc]
    """Renders the letters of one run on a worker; set up on those that join later as well.

    :param samples: letters that are rendered to compare the environment.
    :param expected: the environment of the main process.
    """

    def __init__(
        self, archive: CampaignArchive, samples: Sequence[RenderJob], expected: Mapping[str, str]
    ) -> None:
        self._archive = archive
        self._samples = samples
        self._expected = expected
        self._differences = "the campaign's files could not be unpacked"

    def setup(self, worker: Worker) -> None:
        """:raises MachineError: the worker would make other files of the same letters."""
        self._address = worker.address
        self._folder = tempfile.TemporaryDirectory(
            prefix="outreach-merge-", dir=worker.local_directory, ignore_cleanup_errors=True
        )
        config = self._archive.unpack(Path(self._folder.name))
        del self._archive  # some megabytes that are no longer needed
        self._state = WorkerState(config)
        samples = map(self._state.make, self._samples)
        found = environment(config, samples, worker.state.nthreads)
        self._differences = differences(self._expected, found)
        self._refuse_differences()

    def teardown(self, worker: Worker) -> None:
        self._state.put_away()
        self._folder.cleanup()

    def render(self, jobs: Iterable[RenderJob]) -> list[RenderResult]:
        """:raises MachineError: as ``setup``, whose errors Dask only logs where a worker joins."""
        self._refuse_differences()
        return [self._state.make(job) for job in jobs]

    def _refuse_differences(self) -> None:
        if self._differences:
            raise MachineError(
                f"worker {self._address} differs from this machine, so its letters could differ: "
                f"{self._differences}.",
                "Install the same versions and fonts on all machines (one image for all is the "
                "simplest), start workers with --nthreads 1, and run the command again.",
            )


def render_batch(plugin: str, jobs: bytes) -> list[RenderResult]:
    """The task that a worker is given.

    :param plugin: the name of the run's worker plugin.
    :param jobs: pickled, so that the scheduler need not unpack them.
    """
    worker_plugin: LetterWorkerPlugin = get_worker().plugins[plugin]
    return worker_plugin.render(pickle.loads(jobs))
