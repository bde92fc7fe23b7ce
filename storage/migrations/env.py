"""Alembic's entry: runs the revisions on the connection that `storage.database` hands over."""

from alembic import context
from sqlalchemy import Connection

from storage.schema import METADATA


def run(connection: Connection) -> None:
    """The caller holds the transaction, so a migration happens wholly or not at all."""
    context.configure(connection=connection, target_metadata=METADATA, render_as_batch=True)
    context.run_migrations()


run(context.config.attributes["connection"])
