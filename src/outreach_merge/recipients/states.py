"""A cell that names a state -> ISO 3166 alpha-3.

Codes are looked up in the project's own table; names in common use ("Ivory Coast", "Türkiye")
by country_converter, which is loaded only when a cell holds a name.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from outreach_merge.wording import nearest

if TYPE_CHECKING:
    from outreach_merge.protocol import State


class StateFinder:
    """Finds states by code or name.

    :param states: the states that can be written to, by ISO 3166 alpha-3.
    """

    def __init__(self, states: Mapping[str, State]) -> None:
        self._states = states
        self._by_iso2 = {state.iso2: iso3 for iso3, state in states.items()}
        self._found: dict[str, str | None] = {}

    def find(self, cell: str) -> str | None:
        """The state's ISO 3166 alpha-3 code, or ``None``."""
        code = cell.upper()
        if code in self._states:
            return code
        if code in self._by_iso2:
            return self._by_iso2[code]
        if cell not in self._found:
            self._found[cell] = self._by_name(cell)
        return self._found[cell]

    def advice(self, cell: str) -> str:
        """What to write instead of ``cell``, which names no state."""
        names = [str(name) for name in self._converter.data["name_short"]]
        near = nearest(cell.title(), names, cutoff=0.7)
        return f'Did you mean "{near}"?' if near else "Write its ISO 3166 code, as KEN or KE."

    def _by_name(self, cell: str) -> str | None:
        found = self._converter.convert(cell, to="ISO3", not_found=None)
        return found if isinstance(found, str) and found in self._states else None

    @cached_property
    def _converter(self) -> Any:
        import country_converter

        logging.getLogger("country_converter").setLevel(logging.CRITICAL)
        return country_converter.CountryConverter()
