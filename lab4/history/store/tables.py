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
from sqlalchemy.types import TypeEngine

METADATA = MetaData()


def _text(declared: int) -> TypeEngine[str]:
    """Text of any length: SQLite never kept to the length that the first migration declared."""
    return Text().with_variant(String(declared), "sqlite")


#: ``identity`` is the key of `lab4.domain.identity`, so that a run is there once, in whatever encoding it was added;
#: it is empty only in a row of an earlier lab4 that still runs. ``uid`` is the SHA-256 of the document, which is quick
#: to ask for. ``moment`` is the start in UTC, ISO 8601, for ordering; ``header`` is JSON of everything but the cells;
#: ``document`` the file itself, compressed, where no folder keeps it.
RUNS = Table(
    "runs",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("uid", String(64), nullable=False, unique=True),
    Column("moment", String(40), nullable=False),
    Column("hardware", _text(64), nullable=False),
    Column("profile", _text(64), nullable=False),
    Column("revision", _text(80)),
    Column("complete", Boolean, nullable=False),
    Column("source", Text, nullable=False),
    Column("header", Text, nullable=False),
    Column("document", LargeBinary),
    Column("identity", String(64)),
    Index("runs_by_moment", "moment"),
    Index("runs_by_identity", "identity", unique=True),
)

#: One row per cell and run; ``figures`` is JSON of what was measured, so that a new figure needs no new column.
CELLS = Table(
    "cells",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("run", Integer, ForeignKey("runs.id", ondelete="CASCADE"), nullable=False),
    Column("cell", _text(300), nullable=False),
    Column("figures", Text, nullable=False),
    UniqueConstraint("run", "cell", name="a_cell_once_a_run"),
    Index("cells_by_name", "cell"),
)
