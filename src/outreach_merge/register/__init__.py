"""The dispatch register: the append-only record of what happened to each letter.

In: :class:`NewEvent`. Out: :class:`Event`, and a :class:`LetterRecord` for each revision.

SQLAlchemy and alembic live in this room only, and are loaded when a register is opened, not when
this package is imported.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from outreach_merge.model import LetterKey
from outreach_merge.register.events import (
    GENESIS,
    LETTER_EVENTS,
    STATE_EVENTS,
    UNNAMED_STATE,
    Event,
    EventKind,
    LetterRecord,
    LetterStatus,
    NewEvent,
)
from outreach_merge.register.failures import (
    EntriesRefused,
    RegisterDamaged,
    RegisterMissing,
    RegisterUnavailable,
)
from outreach_merge.register.ledger import LetterRevisions, effective_events, fold

if TYPE_CHECKING:
    from outreach_merge.register.register import Register

__all__ = [
    "GENESIS",
    "LETTER_EVENTS",
    "STATE_EVENTS",
    "UNNAMED_STATE",
    "EntriesRefused",
    "Event",
    "EventKind",
    "LetterKey",
    "LetterRecord",
    "LetterRevisions",
    "LetterStatus",
    "NewEvent",
    "Register",
    "RegisterDamaged",
    "RegisterMissing",
    "RegisterUnavailable",
    "effective_events",
    "fold",
]


def __getattr__(name: str) -> Any:
    if name == "Register":
        from outreach_merge.register.register import Register

        return Register
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
