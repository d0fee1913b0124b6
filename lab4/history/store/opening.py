"""From an address to a store whose tables are there, made or brought up to date."""

import sqlite3
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path

from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import DBAPIError

from lab4.domain.errors import HistoryError
from lab4.history.store.address import Address, address_of, first_line
from lab4.history.store.engines import WAIT_S, WRITES, copy_in_memory, database_engine, misaddressed, reason
from lab4.history.store.store import Store


def open_store(written: str | None = None, note: Callable[[str], None] = lambda _: None) -> Store:
    """Open a history by a folder or a URL, and make it where there is none.

    ``note`` gets a sentence where that waits for another process. Raises `HistoryError` if the address is no address,
    nothing answers or can be written there, or its tables are of a newer lab4.
    """
    address = address_of(written)
    if address.folder is not None:
        try:
            address.folder.mkdir(parents=True, exist_ok=True)
        except (OSError, ValueError) as error:  # ValueError: a path that no system has, with a NUL in it
            raise HistoryError(f"cannot make {address.folder}: {getattr(error, 'strerror', None) or error}") from None
    engine = database_engine(address)
    with ExitStack() as undo:
        undo.callback(engine.dispose)
        try:
            upgrade(engine, address, note)
        except DBAPIError as error:
            raise HistoryError(f"{address.name} does not answer: {reason(address, error.orig)}") from None
        except (ValueError, TypeError, OverflowError) as error:  # of the driver, for what the address asks of it
            raise misaddressed(address, error) from None
        undo.pop_all()
    return Store(engine, address)


def open_copy(written: str | None = None) -> Store:
    """Open a copy in memory of a history in SQLite, for reading: nothing is written to its place.

    Raises `HistoryError` as `open_store`.
    """
    address = address_of(written)
    engine = copy_in_memory(address)
    with ExitStack() as undo:
        undo.callback(engine.dispose)
        try:
            upgrade(engine, address, lambda _: None, shared=False)
        except DBAPIError as error:
            why, index = reason(address, error.orig), "; it may be deleted, and is made again" if address.folder else ""
            raise HistoryError(f"{address.name} cannot be read: {why}{index}") from None
        undo.pop_all()
    return Store(engine, address, is_copy=True)


def require_history(written: str | None) -> None:
    """Refuse a file of SQLite that is no history, before anything makes tables in it; raises `HistoryError`.

    A file that is not there is none of something else.
    """
    address = address_of(written)
    if address.folder is not None or address.file is None or not address.file.exists():
        return
    path = address.file
    try:
        with path.open("rb") as file:
            begin = file.read(len(_SQLITE))
        if begin != _SQLITE:
            raise HistoryError(f"{path} is not a history of lab4; name a history")
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    except sqlite3.OperationalError:  # where nothing can be written it may be read as a copy
        return
    except (OSError, sqlite3.Error) as error:
        raise HistoryError(f"cannot read {path}: {getattr(error, 'strerror', None) or error}") from None
    if not names >= _TABLES:
        raise HistoryError(f"{path} is not a history of lab4; name a history")


def can_be_copied(written: str | None) -> bool:
    """Whether the history is in SQLite; raises `HistoryError` for what is no address."""
    return address_of(written).file is not None


def is_there(written: str | None) -> bool:
    """Whether there is a history to read; asking a server takes opening it. Raises as `can_be_copied`."""
    address = address_of(written)
    place = address.folder or address.file
    return place is None or place.exists()


#: What every database of SQLite begins with, and tables that every history has.
_SQLITE, _TABLES = b"SQLite format 3\0", frozenset({"alembic_version", "runs", "cells"})
#: The newest migration. Asked first, since Alembic takes a third of a second to say that there is nothing to do.
_HEAD = "0003"
#: A package and a folder in it: a path could hold a percent sign, which a configuration's value must not.
_MIGRATIONS = "lab4.history.store:migrations"


def upgrade(engine: Engine, address: Address, note: Callable[[str], None], *, shared: bool = True) -> None:
    """Make the tables, or bring them up to date; ``shared`` is of a database that other processes may open as well.

    ``note`` gets a sentence where that waits for another process. Raises `HistoryError` if they are of a newer lab4 or
    of something else, or cannot be written.
    """
    with engine.connect() as connection:
        known = inspect(connection).has_table("alembic_version")
        version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar() if known else None
    if version == _HEAD:
        return
    if version is not None and version.isdigit() and version > _HEAD:
        raise HistoryError(f"{address.name} was written by a newer lab4 (migration {version}); upgrade lab4")
    if address.file is None or not shared:
        _upgrade(engine, address)
        return
    from lab4.storage.locks import LockTimeoutError, locked  # not needed to read

    lock = Path(f"{address.file}.lock")
    try:
        # Two that open a new database at once: the second waits, and finds the tables made.
        with locked(lock, limit_s=WAIT_S, waiting=note):
            _upgrade(engine, address)
    except LockTimeoutError as error:
        raise HistoryError(f"{address.name} cannot be upgraded: {error}; try again when it has ended") from None
    except OSError as error:
        raise HistoryError(f"{address.name} does not answer: {reason(address, error)}") from None


def _upgrade(engine: Engine, address: Address) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", _MIGRATIONS)
    try:
        with engine.connect().execution_options(**{WRITES: True}) as connection, connection.begin():
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(4)"))  # as the file's lock
            config.attributes.update(connection=connection, folder=address.folder)
            command.upgrade(config, "head")
    except CommandError as error:
        raise HistoryError(
            f"{address.name} has tables that no lab4 made ({first_line(error)}); name another history"
        ) from None
    except DBAPIError as error:
        raise HistoryError(f"{address.name} cannot be upgraded: {reason(address, error.orig)}") from None
