"""Pass phrases: their sources, and a type that keeps them out of logs and tracebacks.

A pass phrase is never an argument of a command (every user of the machine can read those),
never in the register, a log or a traceback. It lives in a :class:`Secret` until the moment a
library needs it.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, MutableMapping, Sequence
from typing import NoReturn

_LOG = logging.getLogger(__name__)

ENVIRONMENT = "OUTREACH_PASSPHRASE"
KEYRING_SERVICE = "outreach-merge"
ATTEMPTS = 3


class Secret:
    """A text that is not shown by accident.

    ``repr``, ``str`` and ``format`` hide it, and it cannot be pickled: so it cannot reach a
    worker process. :meth:`reveal` is called where the value is used, within the call, so that
    no frame keeps it in a variable.
    """

    __slots__ = ("__value",)

    def __init__(self, value: str) -> None:
        self.__value = value

    def reveal(self) -> str:
        return self.__value

    def encoded(self) -> bytes:
        return self.__value.encode("utf-8")

    def __bool__(self) -> bool:
        return bool(self.__value)

    def __repr__(self) -> str:
        return "<secret>"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return format(repr(self), spec)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret does not leave the process that was given it")


Prompt = Callable[[str, int], Secret | None]
"""Asks a person for a pass phrase: the key's name and the attempt, from 1, are given to it;
``None`` when nobody answers."""


class Passphrases:
    """The places a pass phrase may come from, asked in this order: a file descriptor, the
    environment, the system's keyring, a person.

    :param lines: what came through a file descriptor: one line for all signatories, or a line
        for each, in the order in which their keys are opened.
    :param environ: ``OUTREACH_PASSPHRASE_<SIGNATORY>`` (in capitals, ``-`` as ``_``), then
        ``OUTREACH_PASSPHRASE``. They are taken out of it at once, so that no process started
        later inherits them.
    :param keyring: whether to ask the system's keyring, service ``outreach-merge``, user: the
        signatory's key.
    :param prompt: asks a person; ``None`` where there is no terminal.
    """

    def __init__(
        self,
        *,
        lines: Sequence[Secret] = (),
        environ: MutableMapping[str, str] | None = None,
        keyring: bool = False,
        prompt: Prompt | None = None,
    ) -> None:
        self._lines = tuple(lines)
        self._asked: list[str] = []
        self._environ = _take(environ if environ is not None else {})
        self._keyring = keyring
        self._prompt = prompt

    def candidates(self, signatory: str) -> Iterator[Secret]:
        """The pass phrases to try: the first place that has one, then a person, three times."""
        found = self._without_asking(signatory)
        if found is not None:
            yield found
        if self._prompt is None:
            return
        for attempt in range(1, ATTEMPTS + 1):
            answer = self._prompt(signatory, attempt)
            if answer is None:
                return
            yield answer

    def _without_asking(self, signatory: str) -> Secret | None:
        for place in (self._from_lines, self._from_environment, self._from_keyring):
            found = place(signatory)
            if found is not None:
                return found
        return None

    def _from_lines(self, signatory: str) -> Secret | None:
        if signatory not in self._asked:
            self._asked.append(signatory)
        if len(self._lines) == 1:
            return self._lines[0]
        place = self._asked.index(signatory)
        return self._lines[place] if place < len(self._lines) else None

    def _from_environment(self, signatory: str) -> Secret | None:
        own = f"{ENVIRONMENT}_{signatory.upper().replace('-', '_')}"
        return self._environ.get(own, self._environ.get(ENVIRONMENT))

    def _from_keyring(self, signatory: str) -> Secret | None:
        if not self._keyring:
            return None
        # Imported here: keyring looks for the desktop's services while it is imported.
        import keyring
        import keyring.errors

        try:
            found = keyring.get_password(KEYRING_SERVICE, signatory)
        except keyring.errors.KeyringError as error:
            _LOG.debug("the system's keyring was not asked: %s", type(error).__name__)
            return None
        return None if found is None else Secret(found)


def _take(environ: MutableMapping[str, str]) -> dict[str, Secret]:
    names = [name for name in environ if name == ENVIRONMENT or name.startswith(f"{ENVIRONMENT}_")]
    return {name: Secret(environ.pop(name)) for name in names}


def read_descriptor(descriptor: int) -> list[Secret]:
    """The lines that come through a file descriptor, which is closed.

    :raises OSError: when the descriptor is not open for reading.
    """
    with os.fdopen(descriptor, "r", encoding="utf-8") as stream:
        return [Secret(line.rstrip("\r\n")) for line in stream]
