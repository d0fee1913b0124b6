"""What is asked of the tables."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from sqlalchemy import Connection, func, select

from lab4.domain.figures import CellFigures
from lab4.history.store.entries import HistoryEntry, Point
from lab4.history.store.plain import cell_of
from lab4.history.store.tables import CELLS, RUNS

#: So many values are in one statement: old releases of SQLite take 999, PostgreSQL 65,535.
_CHUNK = 500


def in_chunks(numbers: Iterable[int]) -> Iterator[list[int]]:
    """The numbers in lists that are short enough for one statement."""
    rest = iter(numbers)
    while chunk := list(islice(rest, _CHUNK)):
        yield chunk


def entries(connection: Connection, last: int | None) -> list[HistoryEntry]:
    """All runs, or the last so many, oldest first."""
    counts = select(CELLS.c.run, func.count().label("cells")).group_by(CELLS.c.run).subquery()
    query = (
        select(
            RUNS.c.id,
            RUNS.c.moment,
            RUNS.c.hardware,
            RUNS.c.revision,
            RUNS.c.complete,
            RUNS.c.source,
            func.coalesce(counts.c.cells, 0),
            RUNS.c.uid,
            func.coalesce(RUNS.c.identity, ""),
        )
        .join(counts, counts.c.run == RUNS.c.id, isouter=True)
        .order_by(RUNS.c.moment.desc(), RUNS.c.id.desc())
        .limit(last)
    )
    return [HistoryEntry(*row) for row in connection.execute(query)][::-1]


def numbers_of(connection: Connection, last: int | None, hardware: str | None, profile: str | None) -> list[int]:
    """The numbers of runs, oldest first: the last so many, of one machine or profile where it is named."""
    query = select(RUNS.c.id).order_by(RUNS.c.moment.desc(), RUNS.c.id.desc()).limit(last)
    if hardware is not None:
        query = query.where(RUNS.c.hardware == hardware)
    if profile is not None:
        query = query.where(RUNS.c.profile == profile)
    return list(connection.execute(query).scalars())[::-1]


def cells_of(connection: Connection, numbers: Sequence[int], name: str) -> dict[int, dict[str, CellFigures]]:
    """The cells of a chunk of runs; ``name`` is the history's, for an error."""
    cells: dict[int, dict[str, CellFigures]] = {number: {} for number in numbers}
    query = select(CELLS.c.run, CELLS.c.cell, CELLS.c.figures).where(CELLS.c.run.in_(numbers))
    for number, key, figures in connection.execute(query.order_by(CELLS.c.id)):
        cells[number][key] = cell_of(figures, f"{key} in run {number} of {name}")
    return cells


def points(connection: Connection, cell: str, name: str) -> list[Point]:
    """A cell through all runs that have it, oldest first; ``name`` is the history's, for an error."""
    query = (
        select(RUNS.c.id, RUNS.c.moment, RUNS.c.hardware, RUNS.c.revision, CELLS.c.figures)
        .join(CELLS, CELLS.c.run == RUNS.c.id)
        .where(CELLS.c.cell == cell)
        .order_by(RUNS.c.moment, RUNS.c.id)
    )
    return [
        Point(row[0], row[1], row[2], row[3], cell_of(row[4], f"{cell} in run {row[0]} of {name}", with_bits=False))
        for row in connection.execute(query)
    ]
