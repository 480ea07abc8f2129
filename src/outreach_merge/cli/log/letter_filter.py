"""The filters on letters of the register."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from outreach_merge.errors import UsageError
from outreach_merge.register import LetterStatus
from outreach_merge.wording import suggest

if TYPE_CHECKING:
    from outreach_merge.dispatch_log import Line

LetterOption = Annotated[list[str] | None, typer.Option("--letter", help="Letter; repeatable.")]
StateOption = Annotated[
    list[str] | None, typer.Option("--state", help="State, by code or name; repeatable.")
]
RegionOption = Annotated[list[str] | None, typer.Option("--region", help="Region of UN M49.")]
GroupOption = Annotated[list[str] | None, typer.Option("--group", help="Group of the state.")]
KindOption = Annotated[list[str] | None, typer.Option("--kind", help="Kind of recipient.")]
LanguageOption = Annotated[
    list[str] | None, typer.Option("--language", help="Language of the letter.")
]
StandingOption = Annotated[
    list[LetterStatus] | None, typer.Option("--standing", help="Where it stands; repeatable.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


@dataclass(frozen=True, slots=True)
class LetterFilter:
    """Selects letters of the register; an empty list accepts every value.

    :param states: ISO 3166 alpha-3.
    """

    letters: Sequence[str] = ()
    states: Sequence[str] = ()
    regions: Sequence[str] = ()
    groups: Sequence[str] = ()
    kinds: Sequence[str] = ()
    languages: Sequence[str] = ()
    channels: Sequence[str] = ()
    standings: Sequence[LetterStatus] = ()

    def of(self, lines: Sequence[Line]) -> list[Line]:
        """The letters that pass all filters.

        :raises UsageError: the register holds no letter of a given name.
        """
        known = sorted({line.record.letter for line in lines})
        for name in self.letters:
            if name not in known:
                hint = suggest(name, known, f"It holds: {', '.join(known)}.")
                raise UsageError(
                    f'the register holds no letter "{name}".',
                    hint if known else "Letters are entered by `generate`.",
                )
        return [line for line in lines if self._passes(line)]

    def _passes(self, line: Line) -> bool:
        record = line.record
        return all(
            not accepted or value in accepted
            for value, accepted in (
                (record.letter, self.letters),
                (record.state, self.states),
                (line.fact("region"), self.regions),
                (line.fact("group"), self.groups),
                (line.fact("kind"), self.kinds),
                (record.language, self.languages),
                (record.channel, self.channels),
                (record.status, self.standings),
            )
        )

    @property
    def is_empty(self) -> bool:
        return self == LetterFilter()
