"""What a run found out that the next one need not find out again. A cache: it may be removed.

A change of a template that leaves a letter's page as it was makes nothing new; but to know that,
the letter must be composed, and set when the build changed. Here is noted for which letters that
was done, so that the run after it is as fast as if nothing had changed. The register is no place
for it: nothing happened to them.
"""

from __future__ import annotations

import json
from pathlib import Path
from types import TracebackType

from outreach_merge.files import write_atomically
from outreach_merge.press.dependencies import InputDigest
from outreach_merge.register import LetterKey, LetterRecord

_NAME = ".unchanged.json"


class NoopCache:
    """Letters whose page was found unchanged. Use as a context manager.

    :param output: the output folder.
    """

    def __init__(self, output: Path) -> None:
        self._path = output / _NAME
        self._found: dict[str, list[str]] = {}
        self._new = False

    def __enter__(self) -> NoopCache:
        try:
            read = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            read = {}
        self._found = read if isinstance(read, dict) else {}
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._new:
            write_atomically(self._path, json.dumps(self._found).encode())

    def known(self, record: LetterRecord | None) -> tuple[InputDigest, ...]:
        """What the letter's file is known to show: as entered, and as found out since."""
        if record is None:
            return ()
        entered = InputDigest.parse(record.fingerprint)
        match self._found.get(str(record.key)) if self._found else None:
            case [str(inputs), record.digest]:
                return (entered, InputDigest.parse(inputs))
        return (entered,)

    def note(self, key: LetterKey, inputs: InputDigest, digest: str) -> None:
        """The file with this SHA-256 shows what the inputs stand for."""
        self._found[str(key)] = [str(inputs), digest]
        self._new = True
