"""The program: ``python -m outreach_merge`` and the installed command."""

import atexit
import os
import signal
import sys
from collections.abc import Callable
from types import FrameType

#: ``ExitCode.INTERRUPTED``, which takes longer to load than Ctrl-C may have to wait.
_INTERRUPTED = 130


def main() -> None:
    """Run the command line and exit with a code of :class:`~outreach_merge.errors.ExitCode`.

    Ctrl-C ends the program without a traceback while it is loaded and while it ends, too.
    """
    _at_interrupt(_end)
    interrupted: list[int] = []
    atexit.register(_leave, interrupted)  # the first to be registered is the last to be called
    from outreach_merge.cli.app import run

    try:
        _at_interrupt(signal.default_int_handler)
        code = run(sys.argv[1:])
    except KeyboardInterrupt:  # in an instant in which the command line does not heed it
        code = _INTERRUPTED
    _at_interrupt(_end)
    if code == _INTERRUPTED:
        interrupted.append(code)
    sys.exit(code)


def _at_interrupt(handler: Callable[[int, FrameType | None], object]) -> None:
    """Let ``handler`` answer Ctrl-C, unless we are a job that a shell keeps from heeding it."""
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, handler)


def _leave(codes: list[int]) -> None:
    """Leave with the code there is, if any.

    CPython ends itself by the signal, whatever its code is to be, after a Ctrl-C that came while
    text was executed (as dataclasses do), even though it was heeded
    (``_Py_UnhandledKeyboardInterrupt`` in ``Python/pythonrun.c``).
    """
    for code in codes:
        os._exit(code)


def _end(number: int, frame: FrameType | None) -> None:
    """An exception could be swallowed by what is being loaded, and there is nothing to tidy."""
    os._exit(_INTERRUPTED)


if __name__ == "__main__":
    main()
