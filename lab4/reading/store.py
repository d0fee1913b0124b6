"""Addresses to histories, and documents into them."""

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from lab4.domain.errors import HistoryError, RecordError
from lab4.history.saved_folder import save_in, saved_files
from lab4.reading.runs import figures_in

if TYPE_CHECKING:
    from lab4.history.store import Store

__all__ = ["add_document", "opened"]


def opened(address: str | None, note: Callable[[str], None]) -> "Store":
    """Open the history; files in an embedded one's folder that its index does not have are added to it.

    Raises:
        HistoryError: if it cannot be opened, or what histories need is not installed.
    """
    try:
        from lab4.history.store import open_store
    except ImportError as error:
        raise HistoryError(
            f"histories need {error.name}, which is not here; run: pip install 'lab4[history]'"
        ) from None
    store = open_store(address or os.environ.get("LAB4_HISTORY"))
    if store.folder is not None:
        known = store.files()
        for path in saved_files(store.folder):
            if path.resolve() not in known:
                try:
                    data = path.read_bytes()
                    if not store.has(data):  # a copy
                        store.add(figures_in(data, str(path)), data, str(path))
                except HistoryError:  # of the index, not of the file
                    raise
                except (RecordError, OSError) as error:
                    note(f"passed over: {error}")
                except Exception as error:  # noqa: BLE001  # whatever is wrong with a file, the others can be read
                    note(f"passed over: {path}: {error!r}")
    return store


def add_document(store: "Store", data: bytes, source: str) -> int | None:
    """Add a file to the history, kept in its folder if it has one; ``None`` where it was there already.

    Where it cannot be added, nothing of it stays. Raises `RecordError`, `HistoryError` and `OutputError`.
    """
    run = figures_in(data, source)
    if store.has(data):
        return None
    if store.folder is None:
        return store.add(run, data, source)
    store.check(run)  # before it is saved: an end between the two leaves nothing that cannot be indexed
    path = save_in(store.folder, run, data)
    number = None
    try:
        number = store.add(run, data, str(path))
    finally:
        if number is None:  # it failed, or another writer was first
            path.unlink(missing_ok=True)
    return number
