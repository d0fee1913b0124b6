"""What a site is made of, from a history as people name it: its runs by number, and the whole runs for reports."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from lab4.domain.errors import HistoryError, RecordError
from lab4.domain.identity import identity
from lab4.domain.run import Run
from lab4.history.host_file import is_of_host
from lab4.history.json_text import parse_file, read_bytes
from lab4.history.run_file import run_of
from lab4.reading.runs import json_files
from lab4.reading.store import opened

if TYPE_CHECKING:
    from lab4.history.store import HistoryEntry, Store


def history_at(written: str | None, note: Callable[[str], None]) -> "Store":
    """Open a history to read: an SQLite file by its path or address, an address of PostgreSQL, or a folder of runs.

    Without a name it is `$LAB4_HISTORY`, or pytest-benchmark's folder. Raises `HistoryError` where there is none, or it
    cannot be read; a database of something else is left as it is.
    """
    named = written or os.environ.get("LAB4_HISTORY") or None
    path = (
        None
        if named is None or ("://" in named and not named.startswith("sqlite:///"))
        else Path(named.removeprefix("sqlite:///"))
    )
    if path is None:
        return opened(named, note, read_only=True)
    if not path.exists():
        raise HistoryError(
            f"there is no history at {path}; name an SQLite file, a folder of run.json files or postgresql://..."
        )
    if path.is_dir():
        return opened(str(path), note, read_only=True)
    if path.suffix == ".json":
        raise HistoryError(f"{path} is not a history of lab4; to show one run, name the folder that it is in")
    return opened(f"sqlite:///{path}", note, read_only=True)


def whole_runs(
    store: "Store", numbers: Iterable[int], folder: Path | None, note: Callable[[str], None]
) -> Iterator[tuple[int, Run]]:
    """The whole runs of these numbers, where they are at hand: in the history, or in a file of ``folder``.

    ``note`` gets a sentence about a file that is damaged. Files of plain pytest-benchmark are no whole runs. Raises
    `HistoryError` if there is no such folder.
    """
    wanted = set(numbers)
    elsewhere = _Files(folder, note) if folder is not None else None
    for entry in store.entries():
        if entry.number in wanted:
            data = _document(store, entry) or (elsewhere.of(entry) if elsewhere else None)
            run = None if data is None else _run(data, f"run {entry.number}", note)
            if run is not None:
                yield entry.number, run


def _document(store: "Store", entry: "HistoryEntry") -> bytes | None:
    try:
        return store.document(entry.number)
    except HistoryError:  # its file is gone or damaged: its figures are still there
        return None


def _run(data: bytes, source: str, note: Callable[[str], None]) -> Run | None:
    try:
        document = parse_file(data, source)
        return None if is_of_host(document) else run_of(document, source)
    except RecordError as error:
        note(f"no report: {error}")
        return None


class _Files:
    """The files of a folder, by the digest of their bytes and, where that is of no entry, by the run in them."""

    def __init__(self, folder: Path, note: Callable[[str], None]) -> None:
        if not folder.exists():
            raise HistoryError(f"--runs: there is no folder {folder}")
        self._note = note
        self._by_digest = {sha256(data).hexdigest(): path for path, data in self._read(json_files([folder]))}
        self._by_identity: Mapping[str, Path] | None = None

    def _read(self, paths: Iterable[Path]) -> Iterator[tuple[Path, bytes]]:
        found = ((path, self._bytes_of(path)) for path in paths)
        return ((path, data) for path, data in found if data is not None)

    def _bytes_of(self, path: Path) -> bytes | None:
        try:
            return read_bytes(path)
        except RecordError as error:
            self._note(f"skipped: {error}")
            return None

    def of(self, entry: "HistoryEntry") -> bytes | None:
        """The file of an entry; ``None`` where there is none."""
        path = self._by_digest.get(entry.digest)
        if path is None:
            if self._by_identity is None:
                self._by_identity = dict(self._identified())
            path = self._by_identity.get(entry.identity)
        return None if path is None else self._bytes_of(path)

    def _identified(self) -> Iterator[tuple[str, Path]]:
        for path, data in self._read(self._by_digest.values()):
            with suppress(RecordError):
                document = parse_file(data, str(path))
                if not is_of_host(document):
                    yield identity(run_of(document, str(path))).key, path
