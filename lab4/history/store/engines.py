"""Connections to a history's database, and transactions whose errors are one sentence."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from sqlalchemy import Connection, Engine, StaticPool, create_engine, event
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, NoSuchModuleError, SQLAlchemyError

from lab4.domain.errors import HistoryError
from lab4.history.store.address import FORMS, Address, first_line

#: How long a writer waits for another, in seconds.
WAIT_S = 60
#: For a server: how long it may take to answer, and how soon an idle connection shows that it is alive, in seconds, so
#: that no network on the way forgets it while a fleet measures.
_SERVER = {"connect_timeout": 10, "keepalives_idle": 60, "keepalives_interval": 10, "keepalives_count": 6}
#: The execution option of a connection that is going to write.
WRITES = "lab4_writes"


def database_engine(address: Address) -> Engine:
    """Return what connects to the database; raises `HistoryError` where nothing can."""
    url = address.url
    is_sqlite = address.file is not None
    try:
        # A server may have been restarted since a connection was last used.
        engine = create_engine(
            url, connect_args={"timeout": WAIT_S} if is_sqlite else _SERVER, pool_pre_ping=not is_sqlite
        )
    except NoSuchModuleError:
        raise HistoryError(f"{address.name}: no such database here; {FORMS}") from None
    except ImportError as error:
        raise HistoryError(f"{address.name}: {error}; run: pip install 'lab4[history]'") from None
    except (SQLAlchemyError, ValueError, TypeError) as error:
        raise misaddressed(address, error) from None
    if is_sqlite:
        event.listen(engine, "connect", _set_up_file)
        event.listen(engine, "begin", _begin)
    return engine


def copy_in_memory(address: Address) -> Engine:
    """Return a connection to a copy of an SQLite database, empty where there is none; the file is only read.

    Raises `HistoryError` if it is there and cannot be read.
    """
    connection = sqlite3.connect(":memory:", check_same_thread=False)
    file = address.file
    if file is not None and file.exists():
        try:
            with closing(_opened_to_read(file)) as source:
                source.backup(connection)
        except sqlite3.Error as error:
            if address.folder is None or not isinstance(error, sqlite3.OperationalError):
                connection.close()
                raise HistoryError(f"{address.name} does not answer: {reason(address, error)}") from None
            # An index that cannot be read where nothing can be written: it is made anew from the folder's files.
    engine = create_engine("sqlite://", creator=lambda: connection, poolclass=StaticPool)
    event.listen(engine, "connect", _set_up)
    event.listen(engine, "begin", _begin)
    return engine


def misaddressed(address: Address, error: Exception) -> HistoryError:
    """Return the error for an address that asks for what its driver does not know."""
    return HistoryError(f"{address.name} is not an address of a history ({first_line(error)}); {FORMS}")


def reason(address: Address, error: BaseException | None) -> str:
    """Why a database does not answer, in words; in the driver's words where only the driver knows."""
    said = first_line(error)
    file = address.file
    if file is None:
        return said
    if not file.parent.is_dir():
        return f"there is no folder {file.parent}"
    if "locked" in said:
        return f"another process has been writing to it for {WAIT_S} s; try again when it has ended"
    if "file is not a database" not in said:
        for kind, place in (("folder", file.parent), ("file", file)):
            if place.exists() and not os.access(place, os.W_OK):
                return f"the {kind} {place} cannot be written"
    return said


def _opened_to_read(file: Path) -> sqlite3.Connection:
    """Open a database that may lie where nothing can be written; SQLite itself would write notes next to it."""
    place = file.absolute().as_uri()
    connection = sqlite3.connect(f"{place}?mode=ro", uri=True)
    try:
        connection.execute("SELECT count(*) FROM sqlite_master")
    except sqlite3.OperationalError:
        connection.close()
        log = file.with_name(f"{file.name}-wal")
        if log.exists() and log.stat().st_size:  # an immutable file is read without its log
            raise
        return sqlite3.connect(f"{place}?immutable=1", uri=True)
    return connection


def _set_up(connection: sqlite3.Connection, _: object) -> None:
    connection.isolation_level = None  # transactions begin in `_begin`: those of changed tables as well
    connection.execute("PRAGMA foreign_keys = ON")


def _set_up_file(connection: sqlite3.Connection, record: object) -> None:
    _set_up(connection, record)
    with suppress(sqlite3.OperationalError):  # another one has set it, or this is no file to write to
        connection.execute("PRAGMA journal_mode = WAL")  # readers do not wait for writers


def _begin(connection: Connection) -> None:
    """A writer waits for its turn when it begins: one that has read cannot wait any more."""
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


class Transactions:
    """Connections to one database, for the time of a transaction.

    They raise `HistoryError` for what the database cannot do now; ``DataError`` and ``IntegrityError``, which are about
    the values, are left to the caller.
    """

    def __init__(self, engine: Engine, address: Address) -> None:
        self._engine = engine
        self._address = address

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Yield a connection to read by."""
        with self._errors("read"), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def idle(self) -> Iterator[Connection]:
        """Yield a connection that may be kept for hours: it is in no transaction."""
        with self._errors("read"), self._engine.connect() as connection:
            yield connection.execution_options(isolation_level="AUTOCOMMIT")

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Yield a connection to write by; all is written where the block ends well, else nothing."""
        with (
            self._errors("write"),
            self._engine.connect().execution_options(**{WRITES: True}) as connection,
            connection.begin(),
        ):
            yield connection

    def reason(self, error: DBAPIError) -> str:
        """Why the database refused, in words."""
        return reason(self._address, error.orig)

    @contextmanager
    def _errors(self, what: str) -> Iterator[None]:
        try:
            yield
        except (DataError, IntegrityError):
            raise
        except DBAPIError as error:
            raise HistoryError(f"cannot {what} the history {self._address.name}: {self.reason(error)}") from None
