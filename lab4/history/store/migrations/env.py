"""Alembic's entry: run the migrations on the connection that lab4 opened."""

from alembic import context

from lab4.history.store.tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
with context.begin_transaction():
    context.run_migrations()
