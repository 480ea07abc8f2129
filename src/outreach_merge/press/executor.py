"""Chooses where letters are rendered: in processes of this machine, or on a cluster."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Protocol

from outreach_merge.errors import MachineError
from outreach_merge.model import Recipient
from outreach_merge.press.local_executor import LocalExecutor
from outreach_merge.press.renderer import RendererConfig, RenderJob, RenderResult


class Executor(Protocol):
    """Renders letters. Use as a context manager."""

    def __enter__(self) -> Executor: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    def make(self, jobs: Iterable[RenderJob]) -> Iterator[RenderResult]:
        """Results as they come, one for each job, in any order.

        Jobs are taken as they can be made, and few results are held at a time.
        """


def open_executor(
    config: RendererConfig, recipients: Iterable[Recipient], *, count: int, scheduler: str = ""
) -> Executor:
    """The executor that renders the letters of one run.

    :param count: processes of this machine.
    :param scheduler: address of a Dask cluster that makes the letters instead.
    :raises MachineError: the libraries that a cluster needs are not installed.
    """
    if not scheduler:
        return LocalExecutor(config, count)
    try:
        from outreach_merge.press.cluster import DaskExecutor
    except ImportError as error:
        raise MachineError(
            "--scheduler needs Dask, which is not installed.",
            'Install it: pip install "outreach-merge[dask]".',
        ) from error
    return DaskExecutor(config, recipients, scheduler)
