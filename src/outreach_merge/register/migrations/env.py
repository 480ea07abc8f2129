"""Alembic's environment: migrates over the connection the register hands over."""

from __future__ import annotations

from alembic import context

from outreach_merge.register.tables import VERSION_TABLE, metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    transactional_ddl=False,  # the register holds the transaction
)
context.run_migrations()
