"""Workers that all end as they start: the machine is to blame, and that is said soon."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, cast

import pytest

from outreach_merge.errors import ExitCode, MachineError
from outreach_merge.press.local_executor import LocalExecutor
from outreach_merge.press.renderer import RendererConfig, RenderJob


class Deadly:
    """What ends the process that reads it."""

    def __reduce__(self) -> tuple[Callable[[int], Any], tuple[int]]:
        return os._exit, (3,)


@pytest.mark.slow
def test_it_gives_up() -> None:
    jobs = (RenderJob(number, cast(Any, None)) for number in range(1000))
    with (
        LocalExecutor(cast(RendererConfig, Deadly()), 2) as workers,
        pytest.raises(MachineError, match="end as they start") as error,
    ):
        list(workers.make(jobs))
    assert error.value.exit_code is ExitCode.MACHINE
    assert error.value.remedy
