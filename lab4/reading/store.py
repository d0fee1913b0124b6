"""Opens histories by their address, and adds documents to them: to the index, and to pytest-benchmark's own folder."""

import hashlib
import os
import re
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from lab4.analysis.trend import TrendSample
from lab4.domain.errors import HistoryError, RecordError
from lab4.domain.figures import RunFigures
from lab4.domain.identity import identity
from lab4.reading.runs import figures_in
from lab4.storage.atomic import create_first_free, output_errors

if TYPE_CHECKING:
    from lab4.history.store import HistoryEntry, Store


def opened(address: str | None, note: Callable[[str], None], *, read_only: bool = False) -> "Store":
    """Open the history; files in an embedded history's folder that its index lacks are added to the index.

    With ``read_only`` nothing needs to be writable, and no history is created: the index may be a copy in memory, and
    a file of something else is refused.
    ``note`` gets a sentence about each file that is skipped, and about a wait for another process. Raises
    `HistoryError` if it cannot be opened, or a required package is not installed.
    """
    try:
        from lab4.history.store import can_be_copied, is_there, open_copy, open_store, require_history
    except ImportError as error:
        raise HistoryError(
            f"histories need {error.name}, which is not installed; run: pip install 'lab4[history]'"
        ) from None
    place = address or os.environ.get("LAB4_HISTORY")
    if read_only:
        require_history(place)
    if not read_only or is_there(place):
        try:
            return _indexed(open_store(place, note), note)
        except HistoryError:
            if not read_only or not can_be_copied(place):
                raise
    return _indexed(open_copy(place), note)


def samples_of(store: "Store", cell: str) -> list[TrendSample]:
    """A cell through all runs of a history that have it, oldest first."""
    return [
        TrendSample(point.number, point.started_at, point.hardware, point.revision, point.figures)
        for point in store.points(cell)
    ]


def trend_samples(
    address: str | None, note: Callable[[str], None], is_chosen: Callable[[str], bool]
) -> dict[str, list[TrendSample]]:
    """The chosen cells of a history, each through its runs; raises `HistoryError` if it cannot be opened."""
    with closing(opened(address, note, read_only=True)) as store:
        return {cell: samples_of(store, cell) for cell in store.cells() if is_chosen(cell)}


def _indexed(store: "Store", note: Callable[[str], None]) -> "Store":
    """Add the folder's files that the index lacks; close the store if that fails."""
    try:
        if store.folder is not None:
            known = store.files()
            for path in saved_files(store.folder):
                if path.resolve() not in known:
                    _index(store, path, note)
    except BaseException:
        store.close()
        raise
    return store


def _index(store: "Store", path: Path, note: Callable[[str], None]) -> None:
    try:
        data = path.read_bytes()
        if not store.has(data):  # a copy
            store.add(figures_in(data, str(path)), data, str(path))
    except HistoryError:  # of the index, not of the file
        raise
    except FileNotFoundError:  # another command removed it
        return
    except (RecordError, OSError) as error:
        note(f"skipped: {error}")
    except Exception as error:  # noqa: BLE001  # a bad file must not keep the others from being read
        note(f"skipped: {path}: {error!r}")


def add_document(store: "Store", data: bytes, source: str) -> int | None:
    """Add a file to the history and its folder, if it has one; ``None`` where it has an equally complete copy.

    Raises `RecordError`, `HistoryError` and `OutputError`. A file that was saved before an error of the index stays,
    and the next command adds it to the index.
    """
    if store.is_copy:
        raise HistoryError(f"{store.name} was opened for reading; nothing can be added to it")
    run = figures_in(data, source)
    if store.folder is None:
        return store.add(run, data, source)
    if store.has_as_good(run):  # checked before it is saved
        return None
    path = save_in(store.folder, run, data)
    try:
        number = store.add(run, data, str(path))
    except HistoryError:
        with suppress(HistoryError):  # the file stays if the index cannot be read
            _remove_where_superfluous(store, run, path)
        raise
    return _remove_where_superfluous(store, run, path) if number is None else number


def _remove_where_superfluous(store: "Store", run: RunFigures, path: Path) -> int | None:
    """Remove a file that was saved for a run which the index has from another file.

    Returns the run's number if the index has it from this file, because a concurrent reader added it first.
    """
    number, place = store.entry_file(run)
    if place is None:
        return None
    if place.resolve() == path.resolve():
        return number
    with output_errors(path):
        path.unlink(missing_ok=True)
    return None


def remove_entries(store: "Store", entries: Sequence["HistoryEntry"]) -> None:
    """Remove runs, and every file of them in an embedded history's folder, in any encoding.

    Raises `HistoryError` if the index cannot be written; and `OutputError` if a file cannot be deleted; the index then
    still has the runs.
    """
    if store.folder is not None:  # files first: a concurrent reader would add them again
        _remove_files(store, store.folder, entries)
    store.remove([each.number for each in entries])


def _remove_files(store: "Store", folder: Path, entries: Sequence["HistoryEntry"]) -> None:
    kept = store.files(without={each.number for each in entries})
    digests, keys = {each.digest for each in entries}, {each.identity for each in entries}
    for path in saved_files(folder):
        if path.resolve() not in kept:
            with output_errors(path), suppress(FileNotFoundError):  # another command may remove it too
                data = path.read_bytes()
                if hashlib.sha256(data).hexdigest() in digests or _key_of(data) in keys:
                    path.unlink()


def _key_of(data: bytes) -> str | None:
    try:
        return identity(figures_in(data, "a file")).key
    except Exception:  # noqa: BLE001  # an unreadable file is not in the index
        return None


def save_in(folder: Path, run: RunFigures, document: bytes) -> Path:
    """Write a run under the next free number of its machine's folder; it is whole or not there.

    Raises `OutputError` if there is no space or permission.
    """
    place = folder / run.machine.hardware_id
    revision = re.sub(r"[^\w.-]", "_", run.commit.revision or "unversioned")[:40]
    revision += "_uncommitted-changes" if run.commit.dirty else ""
    moment = run.started_at[:19].replace("-", "").replace(":", "").replace("T", "_")
    numbers = (path.name.partition("_")[0] for path in place.glob("*.json"))
    first = max((int(number) for number in numbers if number.isdigit()), default=0) + 1
    names = (f"{number:04d}_{revision}_{moment}.json" for number in count(first))
    return create_first_free(place, names, document)


def saved_files(folder: Path) -> list[Path]:
    """Every saved run in the folder, in the order of their machines and numbers."""
    return sorted(path for path in folder.rglob("*.json") if not path.name.startswith("."))
