"""The campaign for the commands of ``log``: settings, register, names of states."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

from outreach_merge.cli.context import Context
from outreach_merge.errors import UsageError

if TYPE_CHECKING:
    from outreach_merge.definitions import CampaignSettings
    from outreach_merge.protocol import Protocol
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

    def find_state(self, text: str) -> str | None:
        """A code or a name in common use -> ISO 3166 alpha-3."""
        from outreach_merge.recipients.states import StateFinder

        return StateFinder(self._protocol.states).find(text.strip())

    def state_codes(self, texts: Iterable[str] | None) -> tuple[str, ...]:
        """:raises UsageError: a text that names no state."""
        codes = []
        for text in texts or ():
            code = self.find_state(text)
            if code is None:
                raise UsageError(f'there is no state "{text}".', "Use its ISO 3166 code.")
            codes.append(code)
        return tuple(codes)

    def state_name(self) -> Callable[[str], str]:
        """Names of states in English, by ISO 3166 alpha-3; empty where there is no name."""
        names: dict[str, str] = {}

        def name(iso3: str) -> str:
            if iso3 not in names:
                known = iso3 in self._protocol.states
                names[iso3] = self._protocol.state(iso3, "en").short.name if known else ""
            return names[iso3]

        return name
