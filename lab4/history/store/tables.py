"""The tables of a history (a change needs a migration in ``migrations/versions``), and runs into them and out."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeEngine

from lab4.domain.errors import HistoryError
from lab4.history.store.plain import cell_of

METADATA = sa.MetaData()


def _text(declared: int) -> TypeEngine[str]:
    """Text of any length: SQLite never kept to the length that the first migration declared."""
    return sa.Text().with_variant(sa.String(declared), "sqlite")


#: ``identity`` is the key of `lab4.domain.identity`, so that a run is there once, in whatever encoding it was added;
#: it is empty only in a row of an earlier lab4 that still runs. ``uid`` is the SHA-256 of the document, which is quick
#: to ask for. ``moment`` is the start in UTC, ISO 8601, for ordering; ``header`` is JSON of everything but the cells;
#: ``document`` the file itself, compressed, where no folder keeps it.
RUNS = sa.Table(
    "runs",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("uid", sa.String(64), nullable=False, unique=True),
    sa.Column("moment", sa.String(40), nullable=False),
    sa.Column("hardware", _text(64), nullable=False),
    sa.Column("profile", _text(64), nullable=False),
    sa.Column("revision", _text(80)),
    sa.Column("complete", sa.Boolean, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("header", sa.Text, nullable=False),
    sa.Column("document", sa.LargeBinary),
    sa.Column("identity", sa.String(64)),
    sa.Index("runs_by_moment", "moment"),
    sa.Index("runs_by_identity", "identity", unique=True),
)

#: One row per cell and run; ``figures`` is JSON of what was measured, so that a new figure needs no new column.
CELLS = sa.Table(
    "cells",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("run", sa.Integer, sa.ForeignKey("runs.id", ondelete="CASCADE"), nullable=False),
    sa.Column("cell", _text(300), nullable=False),
    sa.Column("figures", sa.Text, nullable=False),
    sa.UniqueConstraint("run", "cell", name="a_cell_once_a_run"),
    sa.Index("cells_by_name", "cell"),
)


#: So many values are in one statement: old releases of SQLite take 999, PostgreSQL 65,535.
_CHUNK = 500


def in_chunks(numbers: Iterable[int]) -> Iterator[list[int]]:
    """The numbers in lists that are short enough for one statement."""
    rest = iter(numbers)
    while chunk := list(islice(rest, _CHUNK)):
        yield chunk


@dataclass(frozen=True, slots=True)
class Copy:
    """The copy of a run that the history has; ``completeness`` is as in `lab4.domain.identity`.

    ``is_part`` is of a run whose cells are added as they end: its file is yet to come.
    """

    number: int
    source: str
    completeness: tuple[bool, int]
    is_part: bool = False

    def is_as_good(self, completeness: tuple[bool, int]) -> bool:
        """Whether another copy, which is as complete as this, adds nothing."""
        return completeness < self.completeness or (completeness == self.completeness and not self.is_part)


def copy_of(connection: sa.Connection, row: Mapping[str, Any]) -> Copy | None:
    """The run that has the identity or the very document of ``row``; it stays as it is until the transaction ends."""
    same = sa.or_(RUNS.c.identity == row["identity"], RUNS.c.uid == row["uid"])
    found = connection.execute(
        sa.select(RUNS.c.id, RUNS.c.source, RUNS.c.complete, RUNS.c.uid, RUNS.c.identity)
        .where(same)
        .order_by(RUNS.c.id)
        .with_for_update()
    ).first()
    if found is None:
        return None
    completeness = (found.complete, ended_cells(connection, found.id))
    return Copy(found.id, found.source, completeness, is_part=found.uid == found.identity)


def ended_cells(connection: sa.Connection, number: int) -> int:
    """How many cells of a run were not interrupted; a damaged one counts as if it was."""
    texts = connection.execute(sa.select(CELLS.c.figures).where(CELLS.c.run == number)).scalars()
    return sum(map(_has_ended, texts))


def _has_ended(text: str) -> bool:
    try:
        return cell_of(text, "a cell", with_packed=False).state != "interrupted"
    except HistoryError:
        return False


def insert_run(connection: sa.Connection, row: Mapping[str, Any], cells: Sequence[Mapping[str, Any]]) -> int:
    """Add a run with its cells; returns its number."""
    number = int(connection.execute(sa.insert(RUNS).values(row).returning(RUNS.c.id)).scalar_one())
    _insert_cells(connection, number, cells)
    return number


def replace_run(
    connection: sa.Connection, number: int, row: Mapping[str, Any], cells: Sequence[Mapping[str, Any]]
) -> None:
    """Put a better copy in the place of a run, under the same number."""
    connection.execute(sa.delete(CELLS).where(CELLS.c.run == number))
    connection.execute(sa.update(RUNS).where(RUNS.c.id == number).values(row))
    _insert_cells(connection, number, cells)


def insert_missing(connection: sa.Connection, number: int, cells: Sequence[Mapping[str, Any]]) -> None:
    """Add the cells that a run does not have yet."""
    names = [each["cell"] for each in cells]
    query = sa.select(CELLS.c.cell).where(CELLS.c.run == number, CELLS.c.cell.in_(names))
    known = set(connection.execute(query).scalars())
    _insert_cells(connection, number, [each for each in cells if each["cell"] not in known])


def part_of(connection: sa.Connection, identity: str) -> int | None:
    """The number of a run, which no other writer changes until the transaction ends; ``None`` where it is not there."""
    query = sa.select(RUNS.c.id).where(RUNS.c.identity == identity).with_for_update()
    return connection.execute(query).scalar_one_or_none()


def remove_runs(connection: sa.Connection, numbers: Iterable[int]) -> None:
    """Remove runs with all of their cells."""
    for chunk in in_chunks(numbers):
        connection.execute(sa.delete(CELLS).where(CELLS.c.run.in_(chunk)))
        connection.execute(sa.delete(RUNS).where(RUNS.c.id.in_(chunk)))


def _insert_cells(connection: sa.Connection, number: int, cells: Sequence[Mapping[str, Any]]) -> None:
    if cells:
        connection.execute(sa.insert(CELLS), [{**each, "run": number} for each in cells])
