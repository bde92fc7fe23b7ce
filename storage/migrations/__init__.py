"""Alembic migrations, run by `storage.database.open_database`; revisions stand in `versions/`."""
