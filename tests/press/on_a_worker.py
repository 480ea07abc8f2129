"""What befalls the workers of the tests' cluster. Dask loads this file in each (``preload``).

No file below the folder named by ``FORBIDDEN`` can be opened there: whatever a letter needs of it
must have been sent. The folder ``FATE`` holds what else happens, as files to be made and removed.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

FORBIDDEN = os.environ["FORBIDDEN"]
FATE = Path(os.environ["FATE"])


def _opened(event: str, arguments: tuple[Any, ...]) -> None:
    if event != "open" or not isinstance(arguments[0], str | os.PathLike):
        return
    path = Path(arguments[0])
    if path.is_absolute() and path.is_relative_to(FORBIDDEN):
        raise PermissionError(13, "this is another machine", str(path))
    if path.name == "fatal.svg" and "r" in str(arguments[1]):  # the page is set that shows it
        once = FATE / "once"
        if once.exists():
            once.unlink()
            os.kill(os.getpid(), signal.SIGKILL)
        if (FATE / "always").exists():
            os.kill(os.getpid(), signal.SIGKILL)
        while (FATE / "wait").exists():
            time.sleep(0.05)


sys.addaudithook(_opened)
