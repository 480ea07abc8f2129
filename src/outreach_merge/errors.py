"""Exceptions that end a command, and the exit code of each.

What is wrong with the user's *files* is not an exception but a
:class:`~outreach_merge.model.Problem`: problems are collected and shown all at once.
:class:`CampaignError` carries them to the command line.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from outreach_merge.model import Problem


class ExitCode(IntEnum):
    """The exit codes of the command line."""

    DONE = 0
    HELD_BACK = 1
    USAGE = 2
    CAMPAIGN = 3
    VERIFICATION = 4
    MACHINE = 5
    INTERRUPTED = 130

    @property
    def meaning(self) -> str:
        return _MEANINGS[self]


_MEANINGS = {
    ExitCode.DONE: "all done",
    ExitCode.HELD_BACK: "done, but some letters were held back by problems",
    ExitCode.USAGE: "wrong usage of the command",
    ExitCode.CAMPAIGN: "the campaign's files are wrong; nothing was made",
    ExitCode.VERIFICATION: "a signature or the register fails verification",
    ExitCode.MACHINE: "the machine failed us: disk full, no permission, no such font",
    ExitCode.INTERRUPTED: "interrupted",
}


class OutreachError(Exception):
    """Base of all errors a user can act on.

    :param message: what happened, one sentence.
    :param remedy: what to do about it; may be empty.
    """

    exit_code = ExitCode.MACHINE

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    @property
    def sentence(self) -> str:
        """The message, ending with a full stop."""
        return self.message if self.message.endswith((".", "!", "?")) else f"{self.message}."

    @property
    def advice(self) -> str:
        """Message and remedy as one text."""
        return f"{self.sentence} {self.remedy}".rstrip()


class UsageError(OutreachError):
    """The command was asked for something that does not exist or cannot be combined."""

    exit_code = ExitCode.USAGE


class CampaignError(OutreachError):
    """The campaign's files are wrong; carries every problem found."""

    exit_code = ExitCode.CAMPAIGN

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(f"{len(problems)} problem(s) in the campaign's files")
        self.problems = tuple(problems)


class MachineError(OutreachError):
    """Disk full, no permission, a font or a library that is not installed."""

    exit_code = ExitCode.MACHINE


class RegisterError(OutreachError):
    """The register cannot be opened or refuses an entry; nothing was entered."""

    exit_code = ExitCode.CAMPAIGN


class SigningError(OutreachError):
    """A letter could not be signed; it stays as it was."""

    exit_code = ExitCode.CAMPAIGN
