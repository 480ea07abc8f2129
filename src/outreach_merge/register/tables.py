"""The register's tables. ``register_letters`` is computed from ``register_events`` alone.

The column ``standing`` is :attr:`LetterRecord.status`.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
)
from sqlalchemy.types import TypeDecorator, TypeEngine

from outreach_merge.register.events import utc_text

HEAD = "0001"
"""The schema's newest migration."""

VERSION_TABLE = "register_version"

metadata = MetaData()


class UtcDateTime(TypeDecorator[dt.datetime]):
    """A moment in UTC: ``timestamptz`` on PostgreSQL, ISO text elsewhere."""

    impl = String(32)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(DateTime(timezone=True))
        return dialect.type_descriptor(String(32))

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> Any:
        if value is None or dialect.name == "postgresql":
            return value
        return utc_text(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> dt.datetime | None:
        if isinstance(value, str):
            value = dt.datetime.fromisoformat(value)
        return None if value is None else value.astimezone(dt.UTC)


versions = Table(
    VERSION_TABLE,
    metadata,
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name=f"{VERSION_TABLE}_pkc"),
)

campaigns = Table(
    "register_campaigns",
    metadata,
    Column("code", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("last_sequence", Integer, nullable=False),
    Column("last_hash", String(64), nullable=False),
    PrimaryKeyConstraint("code", name="register_campaigns_pk"),
)

events = Table(
    "register_events",
    metadata,
    Column("campaign", Text, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("entered_at", UtcDateTime, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("letter", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("document", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("happened_on", Date, nullable=False),
    Column("by", Text, nullable=False),
    Column("reference", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("file", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("pages", Integer, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("details", Text, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    PrimaryKeyConstraint("campaign", "sequence", name="register_events_pk"),
    ForeignKeyConstraint(
        ["campaign"], ["register_campaigns.code"], name="register_events_campaign_fk"
    ),
    Index("register_events_letter_ix", "campaign", "recipient", "letter"),
    Index("register_events_state_ix", "campaign", "state"),
    Index("register_events_digest_ix", "campaign", "digest"),
)

letters = Table(
    "register_letters",
    metadata,
    Column("campaign", Text, nullable=False),
    Column("letter", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("document", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("standing", String(16), key="status", nullable=False),
    Column("state", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("reference", Text, nullable=False),
    Column("file", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("generated_digest", Text, nullable=False),
    Column("pages", Integer, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("html_digest", Text, nullable=False),
    Column("facts", String(64), nullable=False),
    Column("existed_on", Date, nullable=False),
    Column("signed", Boolean, nullable=False),
    Column("approved", Boolean, nullable=False),
    Column("confidential", Boolean, nullable=False),
    Column("dispatched_on", Date),
    Column("delivered_on", Date),
    Column("acknowledged_on", Date),
    Column("returned_on", Date),
    Column("replied_on", Date),
    Column("current", Boolean, nullable=False),
    Column("sequence", Integer, nullable=False),
    PrimaryKeyConstraint(
        "campaign", "letter", "recipient", "document", "revision", name="register_letters_pk"
    ),
    ForeignKeyConstraint(
        ["campaign"], ["register_campaigns.code"], name="register_letters_campaign_fk"
    ),
)
