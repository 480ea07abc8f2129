"""The campaign for the commands of ``log``: settings, register, names of states."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

from outreach_merge.cli.context import Context

if TYPE_CHECKING:
    from outreach_merge.definitions import CampaignSettings
    from outreach_merge.protocol import Protocol, StateLookup
    from outreach_merge.register import Register


class LogContext:
    """A campaign of which only ``campaign.toml`` is read.

    The commands work while ``recipients.csv`` has errors.

    :raises CampaignError: ``campaign.toml`` is wrong.
    """

    def __init__(self, context: Context) -> None:
        from outreach_merge.campaign import read_settings

        self.context = context
        self.folder = context.folder
        self.settings: CampaignSettings = read_settings(context.folder)
        self.today = dt.datetime.now().astimezone().date()

    @contextmanager
    def register(self, *, create: bool = False) -> Iterator[Register]:
        """:raises RegisterError: it cannot be opened, or there is none and none is to be made."""
        from outreach_merge.register import Register

        where = self.settings.register_url or self.folder / "register.sqlite"
        with Register.open(where, self.settings.code, create=create) as register:
            yield register

    @cached_property
    def _protocol(self) -> Protocol:
        from outreach_merge.protocol import Protocol

        return Protocol.load(self.folder)

    def find_state(self, text: str) -> StateLookup:
        """The state of an ISO 3166 code, or of a name in any of the languages."""
        return self._protocol.find_state(text)

    def state_codes(self, texts: Iterable[str] | None) -> tuple[str, ...]:
        """:raises UsageError: a text that does not name one state."""
        return tuple(self._protocol.state_code(text) for text in texts or ())

    def state_name(self) -> Callable[[str], str]:
        """Names of states in English, by ISO 3166 alpha-3; empty where there is no name."""
        names: dict[str, str] = {}

        def name(iso3: str) -> str:
            if iso3 not in names:
                known = iso3 in self._protocol.states
                names[iso3] = self._protocol.state(iso3, "en").short.name if known else ""
            return names[iso3]

        return name
