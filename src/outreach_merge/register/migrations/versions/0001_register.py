"""Campaigns, events, and the table of where each letter stands."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sa.String(32).with_variant(sa.DateTime(timezone=True), "postgresql")
    op.create_table(
        "register_campaigns",
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("last_sequence", sa.Integer, nullable=False),
        sa.Column("last_hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("code", name="register_campaigns_pk"),
    )
    op.create_table(
        "register_events",
        sa.Column("campaign", sa.Text, nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("entered_at", moment, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("letter", sa.Text, nullable=False),
        sa.Column("recipient", sa.Text, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("happened_on", sa.Date, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("reference", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("file", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("pages", sa.Integer, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("details", sa.Text, nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("campaign", "sequence", name="register_events_pk"),
        sa.ForeignKeyConstraint(
            ["campaign"], ["register_campaigns.code"], name="register_events_campaign_fk"
        ),
    )
    op.create_index(
        "register_events_letter_ix", "register_events", ["campaign", "recipient", "letter"]
    )
    op.create_index("register_events_state_ix", "register_events", ["campaign", "state"])
    op.create_index("register_events_digest_ix", "register_events", ["campaign", "digest"])
    op.create_table(
        "register_letters",
        sa.Column("campaign", sa.Text, nullable=False),
        sa.Column("letter", sa.Text, nullable=False),
        sa.Column("recipient", sa.Text, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("standing", sa.String(16), nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("reference", sa.Text, nullable=False),
        sa.Column("file", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("generated_digest", sa.Text, nullable=False),
        sa.Column("pages", sa.Integer, nullable=False),
        sa.Column("fingerprint", sa.Text, nullable=False),
        sa.Column("html_digest", sa.Text, nullable=False),
        sa.Column("facts", sa.String(64), nullable=False),
        sa.Column("existed_on", sa.Date, nullable=False),
        sa.Column("signed", sa.Boolean, nullable=False),
        sa.Column("approved", sa.Boolean, nullable=False),
        sa.Column("confidential", sa.Boolean, nullable=False),
        sa.Column("dispatched_on", sa.Date),
        sa.Column("delivered_on", sa.Date),
        sa.Column("acknowledged_on", sa.Date),
        sa.Column("returned_on", sa.Date),
        sa.Column("replied_on", sa.Date),
        sa.Column("current", sa.Boolean, nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint(
            "campaign", "letter", "recipient", "document", "revision", name="register_letters_pk"
        ),
        sa.ForeignKeyConstraint(
            ["campaign"], ["register_campaigns.code"], name="register_letters_campaign_fk"
        ),
    )
