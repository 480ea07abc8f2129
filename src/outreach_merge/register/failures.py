"""Errors of the register as a whole, each with a remedy."""

from __future__ import annotations

from collections.abc import Sequence

from outreach_merge import catalogue
from outreach_merge.errors import ExitCode, RegisterError
from outreach_merge.model import Problem

RECOVERY = catalogue.DATABASE_DAMAGED.remedy
"""What to do about a damaged register."""


class EntriesRefused(RegisterError):
    """The register refuses entries; nothing of the batch was entered.

    :param refusals: the position of each refused event in the batch, and why.
    """

    def __init__(self, refusals: Sequence[tuple[int, Problem]]) -> None:
        self.refusals = tuple(refusals)
        lines = "; ".join(str(problem) for _, problem in self.refusals[:3])
        more = f"; and {len(self.refusals) - 3} more" if len(self.refusals) > 3 else ""
        super().__init__(
            f"The register refuses {len(self.refusals)} "
            f"{'entry' if len(self.refusals) == 1 else 'entries'}: {lines}{more}",
            "Nothing was entered. Correct what is named and record again.",
        )

    @property
    def problems(self) -> tuple[Problem, ...]:
        return tuple(problem for _, problem in self.refusals)


class RegisterMissing(RegisterError):
    """There is no register yet, and reading does not create one."""


class RegisterUnavailable(RegisterError):
    """The register cannot be reached or written now: locked, server down, disk full."""

    exit_code = ExitCode.MACHINE


class RegisterDamaged(RegisterError):
    """The database cannot be read as a register; it is left as it is."""

    exit_code = ExitCode.VERIFICATION


def damaged_cell(what: str) -> RegisterDamaged:
    """The error for a cell whose value the register cannot have written."""
    return RegisterDamaged(
        f"Cannot read {what}: something other than this program changed it.", RECOVERY
    )
