"""The server that workers are forked from: it loads the engines once, while the campaign is read.

Forked, not spawned, where the system can: a worker is there within milliseconds.
"""

from __future__ import annotations

import multiprocessing
import signal
from multiprocessing import forkserver, resource_tracker
from multiprocessing.context import ForkServerContext, SpawnContext

#: Loaded once, in the server.
_LOADED_BEFORE = [
    "outreach_merge.press.worker_state",
    "outreach_merge.press.signature_fields",
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
    if not isinstance(start_method(), ForkServerContext):
        return
    resource_tracker.ensure_running()  # the server asks for it, and it lets Ctrl-C through again
    # Ctrl-C is for this process to answer: the server would show where it was while it loads.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
