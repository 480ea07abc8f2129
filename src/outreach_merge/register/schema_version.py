"""The schema of a database: created, migrated when it is older, refused when it is newer."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, insert, inspect, select

from outreach_merge.errors import RegisterError
from outreach_merge.register.tables import HEAD, VERSION_TABLE, events, metadata, versions

MIGRATIONS = Path(__file__).parent / "migrations"


def is_current(connection: Connection) -> bool:
    """Whether the schema is the one this program writes; reads only.

    :raises RegisterError: the register was written by a newer version of this program.
    """
    if not inspect(connection).has_table(VERSION_TABLE):
        return False
    found = list(connection.scalars(select(versions.c.version_num)))
    if found == [HEAD]:
        return True
    unknown = sorted(set(found) - set(known_revisions()))
    if unknown:
        raise RegisterError(
            f"The register was written by a newer version of outreach-merge "
            f"(its schema is {', '.join(unknown)}; this version knows {HEAD}).",
            "Upgrade outreach-merge; the register was left as it is.",
        )
    return False


def bring_up_to_date(connection: Connection) -> None:
    """Create or migrate the schema, inside the transaction that ``connection`` holds.

    Other processes wait until that transaction ends.
    """
    if connection.dialect.name == "postgresql":
        # Of two first runs at once, one creates the tables and the other waits here.
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7202107)")
    if is_current(connection):
        return  # another process was faster
    inspector = inspect(connection)
    if inspector.has_table(VERSION_TABLE):
        migrate(connection)
        return
    if inspector.has_table(events.name):
        raise RegisterError(
            f"The database has a table {events.name} but no {VERSION_TABLE}: "
            "it is not a register this program wrote.",
            "Name another file or database for the register.",
        )
    metadata.create_all(connection)
    connection.execute(insert(versions).values(version_num=HEAD))


def migrate(connection: Connection, target: str = "head") -> None:
    """Run alembic's migrations up to ``target``; alembic is imported only here."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, target)


def known_revisions() -> tuple[str, ...]:
    """The migrations in this package."""
    return tuple(
        sorted(path.name.split("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))
    )
