"""The server that workers are forked from: it loads the engines once, while the campaign is read.

Forked, not spawned, where the system can: a worker is there within milliseconds.
"""

from __future__ import annotations

import multiprocessing
from multiprocessing import forkserver
from multiprocessing.context import ForkServerContext, SpawnContext

#: Loaded once, in the server.
_LOADED_BEFORE = [
    "outreach_merge.press.warm",
    "outreach_merge.press.fields",
    "outreach_merge.press.preload",
]


def start_method() -> SpawnContext | ForkServerContext:
    """How workers are started here."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_LOADED_BEFORE)
    return context


def start() -> None:
    """Let the server load what workers need, beside what this process does next.

    It ends with this process, also when no worker was asked for.
    """
    if isinstance(start_method(), ForkServerContext):
        forkserver.ensure_running()
