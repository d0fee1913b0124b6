"""A history: runs added once, read in the order in which they were measured."""

import gzip
import hashlib
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, delete, func, insert, select
from sqlalchemy.exc import DBAPIError, IntegrityError

from lab4.domain.errors import HistoryError
from lab4.domain.figures import CellFigures, RunFigures
from lab4.history.store.places import place_of, source_in
from lab4.history.store.plain import cell_of, rows_of, run_of
from lab4.history.store.tables import CELLS, RUNS

__all__ = ["Entry", "Point", "Store"]


@dataclass(frozen=True, slots=True)
class Entry:
    """A run in the history, without its figures; ``number`` names it on the command line.

    ``digest`` is the SHA-256 of its file, in hexadecimal.
    """

    number: int
    started_at: str
    hardware: str
    revision: str | None
    complete: bool
    source: str
    cells: int
    digest: str


@dataclass(frozen=True, slots=True)
class Point:
    """A cell in one run of the history."""

    number: int
    started_at: str
    hardware: str
    revision: str | None
    figures: CellFigures


class Store:
    """A history that `open_store` opened. ``folder`` keeps the files of an embedded one."""

    def __init__(self, engine: Engine, folder: Path | None, name: str) -> None:
        self.folder = folder
        self.name = name
        self._engine = engine

    def close(self) -> None:
        """Give back the connections."""
        self._engine.dispose()

    @staticmethod
    def check(run: RunFigures) -> None:
        """Raise `RecordError` where no history can keep the run."""
        rows_of(run)

    def add(self, run: RunFigures, document: bytes, source: str) -> int | None:
        """Add a run, whole or not at all; ``None`` where the same document is there already.

        ``source`` is where the file is from now on. Raises `HistoryError`, and `RecordError` where `check` does.
        """
        row, cells = rows_of(run)
        row |= {
            "uid": hashlib.sha256(document).hexdigest(),
            "source": source if self.folder is None else source_in(self.folder, source),
            "document": gzip.compress(document, mtime=0) if self.folder is None else None,
        }
        try:
            with self._writing() as connection:
                number = int(connection.execute(insert(RUNS).values(row).returning(RUNS.c.id)).scalar_one())
                if cells:
                    connection.execute(insert(CELLS), [each | {"run": number} for each in cells])
                return number
        except IntegrityError:
            return None

    def has(self, document: bytes) -> bool:
        """Whether this very document was added."""
        uid = hashlib.sha256(document).hexdigest()
        with self._reading() as connection:
            return connection.execute(select(RUNS.c.id).where(RUNS.c.uid == uid)).first() is not None

    def files(self) -> set[Path]:
        """The files of all entries that are in the folder."""
        with self._reading() as connection:
            sources = connection.execute(select(RUNS.c.source)).scalars().all()
        places = (place_of(self.folder, source) for source in sources) if self.folder is not None else ()
        return {place.resolve() for place in places if place is not None}

    def entries(self, last: int | None = None) -> list[Entry]:
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
            )
            .join(counts, counts.c.run == RUNS.c.id, isouter=True)
            .order_by(RUNS.c.moment.desc(), RUNS.c.id.desc())
            .limit(last)
        )
        with self._reading() as connection:
            found = [Entry(*row) for row in connection.execute(query)]
        return found[::-1]

    def runs(
        self,
        last: int | None = None,
        hardware: str | None = None,
        profile: str | None = None,
        numbers: Sequence[int] | None = None,
    ) -> list[RunFigures]:
        """Runs with their figures, oldest first: the last so many, of one machine or profile, or those named."""
        query = select(RUNS).order_by(RUNS.c.moment.desc(), RUNS.c.id.desc()).limit(last)
        if hardware is not None:
            query = query.where(RUNS.c.hardware == hardware)
        if profile is not None:
            query = query.where(RUNS.c.profile == profile)
        if numbers is not None:
            query = query.where(RUNS.c.id.in_(numbers))
        with self._reading() as connection:
            rows = connection.execute(query).mappings().all()
            cells: dict[int, dict[str, CellFigures]] = {row["id"]: {} for row in rows}
            found = connection.execute(
                select(CELLS.c.run, CELLS.c.cell, CELLS.c.figures).where(CELLS.c.run.in_(cells)).order_by(CELLS.c.id)
            )
            for number, key, figures in found:
                cells[number][key] = cell_of(figures, f"{key} in run {number} of {self.name}")
        return [
            run_of(row["header"], cells[row["id"]], complete=row["complete"], source=self._shown(row["source"]))
            for row in reversed(rows)
        ]

    def points(self, cell: str) -> list[Point]:
        """A cell through all runs that have it, oldest first."""
        query = (
            select(RUNS.c.id, RUNS.c.moment, RUNS.c.hardware, RUNS.c.revision, CELLS.c.figures)
            .join(CELLS, CELLS.c.run == RUNS.c.id)
            .where(CELLS.c.cell == cell)
            .order_by(RUNS.c.moment, RUNS.c.id)
        )
        with self._reading() as connection:
            return [
                Point(
                    number,
                    moment,
                    hardware,
                    revision,
                    cell_of(figures, f"{cell} in run {number} of {self.name}", with_bits=False),
                )
                for number, moment, hardware, revision, figures in connection.execute(query)
            ]

    def cells(self) -> list[str]:
        """Every cell that any run has, sorted."""
        with self._reading() as connection:
            return sorted(connection.execute(select(CELLS.c.cell).distinct()).scalars())

    def document(self, number: int) -> bytes:
        """The file that was added; raises `HistoryError` where it is gone or damaged."""
        with self._reading() as connection:
            row = connection.execute(select(RUNS.c.source, RUNS.c.document).where(RUNS.c.id == number)).first()
        if row is None:
            raise HistoryError(f"{self.name} has no run {number}; see lab4 history list")
        if row.document is not None:
            try:
                return gzip.decompress(row.document)
            except (EOFError, OSError, zlib.error) as error:
                reason = f"the file of run {number} in {self.name} is damaged ({error})"
                raise HistoryError(f"{reason}; its figures are still there, and judged") from None
        source = self._shown(row.source)
        try:
            return Path(source).read_bytes()
        except OSError as error:
            raise HistoryError(f"the file of run {number} cannot be read: {source}: {error.strerror}") from None

    def remove(self, numbers: Sequence[int]) -> None:
        """Remove runs with all of their cells; raises `HistoryError`."""
        with self._writing() as connection:
            connection.execute(delete(CELLS).where(CELLS.c.run.in_(numbers)))
            connection.execute(delete(RUNS).where(RUNS.c.id.in_(numbers)))

    def _shown(self, source: str) -> str:
        place = None if self.folder is None else place_of(self.folder, source)
        return source if place is None else str(place)

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with self._errors("read"), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with self._errors("write"), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def _errors(self, what: str) -> Iterator[None]:
        try:
            yield
        except IntegrityError:
            raise
        except DBAPIError as error:
            said = str(error.orig).strip().partition("\n")[0]
            raise HistoryError(f"cannot {what} the history {self.name}: {said}") from None
        except OverflowError:  # of the driver: no database counts so far
            raise HistoryError(f"the history {self.name} has no such number of runs; name a smaller one") from None
