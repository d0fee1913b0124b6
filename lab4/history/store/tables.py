"""The tables of a history. A change here needs a migration in ``migrations/versions``."""

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

__all__ = ["CELLS", "METADATA", "RUNS"]

METADATA = MetaData()

#: ``uid`` is the SHA-256 of the document, so that a run is there once. ``moment`` is the start in UTC, ISO 8601, for
#: ordering; ``header`` is JSON of everything but the cells; ``document`` the file itself, compressed, where
#: no folder keeps it.
RUNS = Table(
    "runs",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("uid", String(64), nullable=False, unique=True),
    Column("moment", String(40), nullable=False),
    Column("hardware", String(64), nullable=False),
    Column("profile", String(64), nullable=False),
    Column("revision", String(80)),
    Column("complete", Boolean, nullable=False),
    Column("source", Text, nullable=False),
    Column("header", Text, nullable=False),
    Column("document", LargeBinary),
    Index("runs_by_moment", "moment"),
)

#: A row a cell and run; ``figures`` is JSON of what was measured, so that a new figure needs no new column.
CELLS = Table(
    "cells",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("run", Integer, ForeignKey("runs.id", ondelete="CASCADE"), nullable=False),
    Column("cell", String(300), nullable=False),
    Column("figures", Text, nullable=False),
    UniqueConstraint("run", "cell", name="a_cell_once_a_run"),
    Index("cells_by_name", "cell"),
)
