"""A history: runs added once, read in the order in which they were measured."""

import gzip
import hashlib
import zlib
from collections.abc import Container, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError

from lab4.domain.errors import HistoryError, RecordError
from lab4.domain.figures import CellFigures, RunFigures
from lab4.domain.identity import completeness, identity
from lab4.history.store.address import Address, place_of, source_in
from lab4.history.store.engines import Transactions
from lab4.history.store.plain import cell_of, rows_of, run_of
from lab4.history.store.tables import (
    CELLS,
    RUNS,
    copy_of,
    in_chunks,
    insert_missing,
    insert_run,
    part_of,
    remove_runs,
    replace_run,
)
from lab4.storage.atomic import output_errors

#: The greatest number of a run, and of runs.
_MOST = 2**31 - 1
#: Names the lock on a server.
_HELD = 22
#: How often a run is looked for again that another writer adds or removes meanwhile.
_ATTEMPTS = 5
_NEWEST_FIRST = (RUNS.c.moment.desc(), RUNS.c.id.desc())


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """A run in the history, without its figures; ``number`` names it on the command line.

    ``digest`` is the SHA-256 of its file and ``identity`` the key of `lab4.domain.identity`, both in hexadecimal.
    """

    number: int
    started_at: str
    hardware: str
    revision: str | None
    complete: bool
    source: str
    cells: int
    digest: str
    identity: str


@dataclass(frozen=True, slots=True)
class Point:
    """A cell in one run of the history."""

    number: int
    started_at: str
    hardware: str
    revision: str | None
    figures: CellFigures


class Store:
    """A history that `open_store` opened. ``folder`` keeps the files of an embedded one.

    ``is_copy`` is of a copy in memory, made for reading: what is added to it is gone with it.
    """

    def __init__(self, engine: Engine, address: Address, *, is_copy: bool = False) -> None:
        self.folder = address.folder
        self.name = address.name
        self.is_copy = is_copy
        self._file = address.file
        self._engine = engine
        self._transactions = Transactions(engine, address)

    def close(self) -> None:
        """Give back the connections."""
        self._engine.dispose()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Be the only one who adds the parts of runs, until the block ends.

        Raises `HistoryError` where another process is.
        """
        with ExitStack() as stack:
            holder = self._held_by_another(stack)
            if holder:
                raise HistoryError(
                    f"{holder} measures a fleet into the history {self.name}; wait for its end, or name another history"
                )
            yield

    def _held_by_another(self, stack: ExitStack) -> str:
        """Who holds the history; empty where this process does now, as long as ``stack`` lasts."""
        if self._file is None:  # the server lets go where the process or its machine dies
            connection = stack.enter_context(self._transactions.idle())
            if not connection.execute(select(func.pg_try_advisory_lock(_HELD))).scalar():
                return "another process"
            stack.callback(_let_go, connection)
            return ""
        from lab4.storage.locks import holder_of, release, try_lock  # not needed to read

        path = Path(f"{self._file}.fleet.lock")
        with output_errors(path):
            lock = try_lock(path)
        if lock is None:
            return holder_of(path)
        stack.callback(release, lock)
        return ""

    def add(self, run: RunFigures, document: bytes, source: str) -> int | None:
        """Add a run, whole or not at all, or put it in the place of a copy that is less complete.

        Returns its number, ``None`` where the history has a copy that is as good. ``source`` is where the file is from
        now on. Raises `HistoryError`, and `RecordError` where no history can keep the run.
        """
        row, cells = rows_of(run)
        row |= {
            "uid": _digest(document),
            "source": source_in(self.folder, source),
            "document": gzip.compress(document, mtime=0) if self.folder is None else None,
        }
        for _ in range(_ATTEMPTS):
            with suppress(IntegrityError):  # another writer added it meanwhile
                return self._put(run, row, cells)
        raise HistoryError(f"cannot write the history {self.name}: other writers change {run.source} all the time")

    def _put(self, run: RunFigures, row: Mapping[str, Any], cells: Sequence[Mapping[str, Any]]) -> int | None:
        try:
            with self._transactions.writing() as connection:
                copy = copy_of(connection, row)
                if copy is None:
                    return insert_run(connection, row, cells)
                if copy.is_as_good(completeness(run)):
                    return None
                replace_run(connection, copy.number, row, cells)
                return copy.number
        except DataError as error:  # which `rows_of` did not foresee
            raise RecordError(
                f"{run.source} cannot be kept in {self.name}: {self._transactions.reason(error)}"
            ) from None

    def add_part(self, run: RunFigures, source: str) -> int:
        """Add the cells of ``run`` that have ended, of a run that goes on; those that the history has stay.

        Returns the run's number. `add` puts the whole run in its place later; until then ``source`` is what its file is
        called. Raises as `add`.
        """
        ended = {key: cell for key, cell in run.cells.items() if cell.state != "interrupted"}
        row, cells = rows_of(replace(run, cells=ended, complete=False))
        row |= {"uid": row["identity"], "source": source_in(self.folder, source), "document": None}
        for _ in range(_ATTEMPTS):
            with suppress(IntegrityError), self._transactions.writing() as connection:
                number = part_of(connection, row["identity"])
                if number is None:
                    return insert_run(connection, row, cells)
                insert_missing(connection, number, cells)
                return number
        raise HistoryError(f"cannot write the history {self.name}: other writers change {run.source} all the time")

    def has(self, document: bytes) -> bool:
        """Whether this very document was added: a quick question, as it need not be read."""
        with self._transactions.reading() as connection:
            return connection.execute(select(RUNS.c.id).where(RUNS.c.uid == _digest(document))).first() is not None

    def has_as_good(self, run: RunFigures) -> bool:
        """Whether the history has this run, in a copy that is at least as complete; raises as `add`."""
        row = rows_of(run)[0] | {"uid": ""}
        with self._transactions.reading() as connection:
            copy = copy_of(connection, row)
        return copy is not None and copy.is_as_good(completeness(run))

    def entry_file(self, run: RunFigures) -> tuple[int | None, Path | None]:
        """The number of this run, and the very file in the folder that its entry names; ``None`` for either."""
        query = select(RUNS.c.id, RUNS.c.source).where(RUNS.c.identity == identity(run).key)
        with self._transactions.reading() as connection:
            row = connection.execute(query).first()
        if row is None or self.folder is None:
            return None if row is None else row.id, None
        place = self.folder / row.source
        return row.id, place if place.is_file() else None

    def files(self, without: Container[int] = ()) -> set[Path]:
        """The files of all entries that are in the folder; those of the numbers in ``without`` are left out."""
        with self._transactions.reading() as connection:
            rows = connection.execute(select(RUNS.c.id, RUNS.c.source)).all()
        places = (self._place(source) for number, source in rows if number not in without)
        return {place.resolve() for place in places if place is not None}

    def entries(self, last: int | None = None) -> list[HistoryEntry]:
        """All runs, or the last so many, oldest first."""
        counts = select(CELLS.c.run, func.count().label("cells")).group_by(CELLS.c.run).subquery()
        what = (RUNS.c.id, RUNS.c.moment, RUNS.c.hardware, RUNS.c.revision, RUNS.c.complete, RUNS.c.source)
        query = (
            select(*what, func.coalesce(counts.c.cells, 0), RUNS.c.uid, func.coalesce(RUNS.c.identity, ""))
            .join(counts, counts.c.run == RUNS.c.id, isouter=True)
            .order_by(*_NEWEST_FIRST)
        )
        with self._transactions.reading() as connection:
            rows = connection.execute(query.limit(self._limit(last))).all()
        return [HistoryEntry(*row) for row in reversed(rows)]

    def heads(self) -> list[tuple[int, RunFigures]]:
        """All runs without their cells, each with its number, oldest first; damaged ones are left out."""
        query = select(RUNS.c.id, RUNS.c.header, RUNS.c.complete, RUNS.c.source).order_by(RUNS.c.moment, RUNS.c.id)
        found = []
        with self._transactions.reading() as connection:
            for number, header, complete, source in connection.execute(query):
                with suppress(HistoryError):
                    found.append((number, run_of(header, {}, complete=complete, source=self._shown(source))))
        return found

    def runs(
        self, last: int | None = None, hardware: str | None = None, profile: str | None = None
    ) -> list[RunFigures]:
        """Runs with their figures, oldest first: all or the last so many, of one machine or profile if it is named."""
        return [run for _, run in self.numbered_runs(last, hardware, profile)]

    def numbered_runs(
        self,
        last: int | None = None,
        hardware: str | None = None,
        profile: str | None = None,
        *,
        with_packed: bool = True,
    ) -> list[tuple[int, RunFigures]]:
        """As `runs`, each with its number; without ``with_packed`` no single predictions and no answers are read."""
        query = select(RUNS.c.id).order_by(*_NEWEST_FIRST).limit(self._limit(last))
        for column, value in ((RUNS.c.hardware, hardware), (RUNS.c.profile, profile)):
            query = query if value is None else query.where(column == value)
        with self._transactions.reading() as connection:
            return self._runs(connection, list(connection.execute(query).scalars())[::-1], with_packed=with_packed)

    def run(self, number: int) -> RunFigures:
        """One run with its figures; raises `HistoryError` where there is none of this number."""
        with self._transactions.reading() as connection:
            found = self._runs(connection, [number] if 0 < number <= _MOST else [])
        if not found:
            raise self._no_run(number)
        return found[0][1]

    def _runs(
        self, connection: Connection, numbers: Sequence[int], *, with_packed: bool = True
    ) -> list[tuple[int, RunFigures]]:
        found = {}
        for chunk in in_chunks(numbers):
            cells: dict[int, dict[str, CellFigures]] = {number: {} for number in chunk}
            query = select(CELLS.c.run, CELLS.c.cell, CELLS.c.figures).where(CELLS.c.run.in_(chunk))
            for number, key, figures in connection.execute(query.order_by(CELLS.c.id)):
                name = f"{key} in run {number} of {self.name}"
                cells[number][key] = cell_of(figures, name, with_packed=with_packed)
            for row in connection.execute(select(RUNS).where(RUNS.c.id.in_(chunk))).mappings():
                number, source = row["id"], self._shown(row["source"])
                found[number] = run_of(row["header"], cells[number], complete=row["complete"], source=source)
        return [(number, found[number]) for number in numbers if number in found]

    def points(self, cell: str) -> list[Point]:
        """A cell through all runs that have it, oldest first."""
        query = (
            select(RUNS.c.id, RUNS.c.moment, RUNS.c.hardware, RUNS.c.revision, CELLS.c.figures)
            .join(CELLS, CELLS.c.run == RUNS.c.id)
            .where(CELLS.c.cell == cell)
            .order_by(RUNS.c.moment, RUNS.c.id)
        )
        with self._transactions.reading() as connection:
            return [
                Point(
                    number=row.id,
                    started_at=row.moment,
                    hardware=row.hardware,
                    revision=row.revision,
                    figures=cell_of(row.figures, f"{cell} in run {row.id} of {self.name}", with_packed=False),
                )
                for row in connection.execute(query)
            ]

    def cells(self) -> list[str]:
        """Every cell that any run has, sorted."""
        with self._transactions.reading() as connection:
            return sorted(connection.execute(select(CELLS.c.cell).distinct()).scalars())

    def document(self, number: int) -> bytes:
        """The file that was added; raises `HistoryError` where it is gone or damaged."""
        if not 0 < number <= _MOST:
            raise self._no_run(number)
        with self._transactions.reading() as connection:
            what = (RUNS.c.source, RUNS.c.document, RUNS.c.uid, RUNS.c.identity)
            row = connection.execute(select(*what).where(RUNS.c.id == number)).first()
        if row is None:
            raise self._no_run(number)
        if row.document is not None:
            try:
                return gzip.decompress(row.document)
            except (EOFError, OSError, zlib.error) as error:
                why = f"the file of run {number} in {self.name} is damaged ({error})"
                raise HistoryError(f"{why}; its figures are still there, and judged") from None
        source = self._shown(row.source)
        try:
            data = Path(source).read_bytes()
        except OSError as error:
            raise HistoryError(f"the file of run {number} cannot be read: {source}: {error.strerror}") from None
        if _digest(data) != row.uid:
            ended = "has another run by now" if row.uid != row.identity else "was not kept: the run had not ended"
            raise HistoryError(f"the file of run {number}, {source}, {ended}; its figures are still there")
        return data

    def remove(self, numbers: Sequence[int]) -> None:
        """Remove runs with all of their cells; raises `HistoryError`."""
        with self._transactions.writing() as connection:
            remove_runs(connection, numbers)

    def _place(self, source: str) -> Path | None:
        return None if self.folder is None else place_of(self.folder, source)

    def _shown(self, source: str) -> str:
        return str(self._place(source) or source)

    def _limit(self, last: int | None) -> int | None:
        if last is not None and last > _MOST:
            raise HistoryError(f"the history {self.name} has no such number of runs; name a smaller one")
        return last

    def _no_run(self, number: int) -> HistoryError:
        return HistoryError(f"{self.name} has no run {number}; see lab4 history list")


def _let_go(connection: Connection) -> None:
    """Give up the lock on a server, which has done so itself where the connection was cut meanwhile."""
    try:
        connection.execute(select(func.pg_advisory_unlock(_HELD)))
    except DBAPIError:
        connection.invalidate()


def _digest(document: bytes) -> str:
    return hashlib.sha256(document).hexdigest()
