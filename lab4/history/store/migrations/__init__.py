"""Migrations of the history, which Alembic runs."""
