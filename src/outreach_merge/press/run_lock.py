"""Letters that are written and not yet entered in the register.

A run that is killed leaves letters the register does not know. They stand in a journal in the
output folder, so that the next run takes them for its own and not for somebody's work. The
journal is locked while letters are made: two runs never write the same letters.
"""

from __future__ import annotations

import fcntl
from pathlib import Path
from types import TracebackType
from typing import IO

from outreach_merge.errors import MachineError
from outreach_merge.files import cannot_write

_NAME = ".being-made"


class RunLock:
    """The journal of one output folder. Use as a context manager.

    :raises MachineError: another run is at work, or the folder cannot be written.
    """

    def __init__(self, output: Path) -> None:
        self._path = output / _NAME
        self._file: IO[str] | None = None
        self._written: dict[str, set[str]] = {}

    def __enter__(self) -> RunLock:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._path.open("a+", encoding="utf-8")
        except OSError as error:
            raise cannot_write(self._path.parent, error) from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.close()
            raise MachineError(
                f"letters are already being made in {self._path.parent}.",
                "Wait until that run has ended, then run the command again.",
            ) from None
        self._file.seek(0)
        for line in self._file:
            digest, _, file = line.rstrip("\n").partition(" ")
            self._written.setdefault(file, set()).add(digest)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Keep only what was not entered, and let others work."""
        assert self._file is not None
        left = [f"{digest} {file}\n" for file, all_ in self._written.items() for digest in all_]
        try:
            self._file.truncate(0)
            self._file.writelines(left)
        finally:
            self._file.close()

    def note(self, file: str, digest: str) -> None:
        """Say, before it is written, what will stand in ``file``.

        The line survives the end of the process, not that of the machine: after a power cut a
        letter may be held back as unknown, which is on the safe side and spares a wait for the
        disk with every letter.
        """
        assert self._file is not None
        self._written.setdefault(file, set()).add(digest)
        try:
            self._file.write(f"{digest} {file}\n")
            self._file.flush()
        except OSError as error:
            raise cannot_write(self._path, error) from error

    def knows(self, file: str, digest: str) -> bool:
        """Whether a run of ours wrote ``file`` with this SHA-256 and did not enter it."""
        return digest in self._written.get(file, ())

    def entered(self, file: str) -> None:
        """The register knows ``file`` now."""
        self._written.pop(file, None)
