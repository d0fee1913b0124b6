"""From an address to a store whose tables are there and of this lab4."""

from collections.abc import Callable
from contextlib import ExitStack

from sqlalchemy.exc import DBAPIError

from lab4.domain.errors import HistoryError
from lab4.history.store.address import address_of
from lab4.history.store.engines import copy_in_memory, database_engine, misaddressed, reason
from lab4.history.store.store import Store
from lab4.history.store.upgrading import upgrade


def open_store(written: str | None = None, note: Callable[[str], None] = lambda _: None) -> Store:
    """Open a history by a folder or a URL, and make it where there is none.

    ``note`` gets a sentence where that waits for another process.

    Raises:
        HistoryError: if the address is no address, nothing answers or can be written there, or its tables are of a
            newer lab4.
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

    Raises:
        HistoryError: as `open_store`.
    """
    address = address_of(written)
    engine = copy_in_memory(address)
    with ExitStack() as undo:
        undo.callback(engine.dispose)
        upgrade(engine, address, lambda _: None, shared=False)
        undo.pop_all()
    return Store(engine, address, is_copy=True)


def can_be_copied(written: str | None) -> bool:
    """Whether the history is in SQLite; raises `HistoryError` for what is no address."""
    return address_of(written).file is not None


def is_there(written: str | None) -> bool:
    """Whether there is a history to read; asking a server takes opening it. Raises as `can_be_copied`."""
    address = address_of(written)
    place = address.folder or address.file
    return place is None or place.exists()
