"""Which of the planned letters are meant."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from outreach_merge.model import PlannedLetter, Recipient, SkippedRecipient


@dataclass(frozen=True, slots=True)
class Selection:
    """Filters of the command line; an empty one lets all through.

    :param limit: at most so many letters; ``None`` for all.
    """

    letters: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    limit: int | None = None

    def of(self, planned: Iterable[PlannedLetter]) -> tuple[PlannedLetter, ...]:
        """The letters that pass all filters, in their order."""
        return tuple(islice(filter(self.passes, planned), self.limit))

    def passes(self, planned: PlannedLetter) -> bool:
        return (
            self._means(planned.letter, planned.recipient)
            and _one_of(planned.language, self.languages)
            and _one_of(planned.channel.value if planned.channel else "", self.channels)
        )

    def skipped(self, skipped: Iterable[SkippedRecipient]) -> list[SkippedRecipient]:
        """Those of the skipped recipients that the filters mean."""
        return [one for one in skipped if self._means(one.letter, one.recipient)]

    def _means(self, letter: str, recipient: Recipient) -> bool:
        return (
            _one_of(letter, self.letters)
            and _one_of(recipient.state, self.states)
            and _one_of(recipient.region, self.regions)
            and _one_of(recipient.group, self.groups)
            and _one_of(recipient.kind.value, self.kinds)
        )


def _one_of(value: str, wanted: tuple[str, ...]) -> bool:
    return not wanted or value in wanted
