"""A run into the tables, once, and the better copy of it; and out of them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import Connection, delete, insert, or_, select, update

from lab4.domain.errors import HistoryError
from lab4.history.store.plain import cell_of
from lab4.history.store.tables import CELLS, RUNS

#: So many values are in one statement: old releases of SQLite take 999, PostgreSQL 65,535.
_CHUNK = 500


def in_chunks(numbers: Iterable[int]) -> Iterator[list[int]]:
    """The numbers in lists that are short enough for one statement."""
    rest = iter(numbers)
    while chunk := list(islice(rest, _CHUNK)):
        yield chunk


@dataclass(frozen=True, slots=True)
class Copy:
    """The copy of a run that the history has; ``completeness`` is as in `lab4.domain.identity`."""

    number: int
    source: str
    completeness: tuple[bool, int]


def copy_of(connection: Connection, row: Mapping[str, Any]) -> Copy | None:
    """The run that has the identity or the very document of ``row``; it stays as it is until the transaction ends."""
    same = or_(RUNS.c.identity == row["identity"], RUNS.c.uid == row["uid"])
    found = connection.execute(
        select(RUNS.c.id, RUNS.c.source, RUNS.c.complete).where(same).order_by(RUNS.c.id).with_for_update()
    ).first()
    if found is None:
        return None
    return Copy(found.id, found.source, (found.complete, ended_cells(connection, found.id)))


def ended_cells(connection: Connection, number: int) -> int:
    """How many cells of a run were not interrupted; a damaged one counts as if it was."""
    texts = connection.execute(select(CELLS.c.figures).where(CELLS.c.run == number)).scalars()
    return sum(map(_has_ended, texts))


def _has_ended(text: str) -> bool:
    try:
        return cell_of(text, "a cell", with_bits=False).state != "interrupted"
    except HistoryError:
        return False


def insert_run(connection: Connection, row: Mapping[str, Any], cells: Sequence[Mapping[str, Any]]) -> int:
    """Add a run with its cells; returns its number."""
    number = int(connection.execute(insert(RUNS).values(row).returning(RUNS.c.id)).scalar_one())
    _insert_cells(connection, number, cells)
    return number


def replace_run(
    connection: Connection, number: int, row: Mapping[str, Any], cells: Sequence[Mapping[str, Any]]
) -> None:
    """Put a better copy in the place of a run, under the same number."""
    connection.execute(delete(CELLS).where(CELLS.c.run == number))
    connection.execute(update(RUNS).where(RUNS.c.id == number).values(row))
    _insert_cells(connection, number, cells)


def remove_runs(connection: Connection, numbers: Iterable[int]) -> None:
    """Remove runs with all of their cells."""
    for chunk in in_chunks(numbers):
        connection.execute(delete(CELLS).where(CELLS.c.run.in_(chunk)))
        connection.execute(delete(RUNS).where(RUNS.c.id.in_(chunk)))


def _insert_cells(connection: Connection, number: int, cells: Sequence[Mapping[str, Any]]) -> None:
    if cells:
        connection.execute(insert(CELLS), [{**each, "run": number} for each in cells])
