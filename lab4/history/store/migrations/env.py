"""Alembic's entry: run the migrations on the connection that lab4 opened."""

from alembic import context

from lab4.history.store.tables import METADATA

__all__: list[str] = []

if config := getattr(context, "config", None):  # there while Alembic runs this file, and not where it is imported
    context.configure(
        connection=config.attributes["connection"],
        target_metadata=METADATA,
        folder=config.attributes["folder"],  # for a migration that needs the files
    )
    with context.begin_transaction():
        context.run_migrations()
