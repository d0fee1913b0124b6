"""Entries by key: built once, whatever the number of processes, and whole or not there."""

import hashlib
import json
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from lab4.cache.folder import (
    BUILDING,
    ENTRIES,
    LOCKS,
    bytes_in,
    cache_errors,
    check_folders,
    check_ours,
    check_tree,
    folders_in,
    full_disk_errors,
    is_key,
    make_ours,
    make_private,
    require_space,
    shut,
    why_not_usual,
)
from lab4.cache.manifest import Manifest, damage, read_manifest, write_manifest
from lab4.cache.packed import pack, unpack
from lab4.domain.errors import CacheError
from lab4.storage.atomic import lacking_in
from lab4.storage.locks import LockTimeoutError, locked, release, try_lock

#: Longer than any build takes.
_LIMIT_S = 600.0
#: What is listed of an entry that does not say what it is.
_DAMAGED = Manifest("damaged", "", "", {})


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry's folder; whether it was built just now; and, if it had to be repaired, why."""

    path: Path
    built: bool
    repaired_reason: str | None = None


@dataclass(frozen=True, slots=True)
class CacheEntry:
    """An entry as `Cache.list` returns it; ``created_at`` is ISO 8601."""

    key: str
    kind: str
    description: str
    disk_bytes: int
    created_at: str


class Cache:
    """A folder of entries. Nothing is made before it is used.

    Another process that holds an entry's lock is waited for, ``limit_s`` seconds at most, or until `end_waits`;
    ``waiting`` receives a sentence that names it.
    """

    def __init__(
        self, folder: Path, limit_s: float = _LIMIT_S, waiting: Callable[[str], None] = lambda _: None
    ) -> None:
        self.folder = folder
        self._limit_s = limit_s
        self._waiting = waiting
        self._ended = threading.Event()
        self._verified: set[str] = set()
        self._swept = False

    def end_waits(self) -> None:
        """Wait for no other process any more, in any thread; where an entry is locked, that is a `CacheError`."""
        self._ended.set()

    def check_writable(self, needed_bytes: int) -> tuple[str, ...]:
        """Check that the folder can be used and so much is free; returns what a user should know of it, in sentences.

        Raises `CacheError` if it cannot be used, others may write it, or it has too little free space.
        """
        require_space(self.folder, needed_bytes)
        with cache_errors(self.folder):
            lacking = lacking_in(self.folder)
        found = (why_not_usual(self.folder), lacking)
        return tuple(sentence for sentence in found if sentence)

    def get_or_build(
        self, key: str, kind: str, description: str, build: Callable[[Path], None], *, rebuild: bool = False
    ) -> Hit:
        """Return the entry ``key``; where it is missing, damaged or to be rebuilt, ``build`` fills a new folder.

        ``key`` is what `content_key` made. Files are compared with their checksums once per process. What ``build``
        raises passes through, and leaves nothing behind. Raises `CacheError` if the folder cannot be read or written,
        others may write it, another process has held the entry for the whole time limit, or the disk was full before
        the build was done.
        """
        if not is_key(key):
            raise CacheError(f"{key!r} cannot name an entry of the cache; make a key with content_key")
        make_ours(self.folder)
        entry = self.folder / ENTRIES / key
        with self._locked(key):
            with cache_errors(self.folder):
                reason = self._damage(key, entry)
            if entry.is_dir() and reason is None and not rebuild:
                return Hit(entry, built=False)
            self._build(entry, kind, description, build)
            self._verified.add(key)
        return Hit(entry, built=True, repaired_reason=reason)

    def packed(self, key: str) -> bytes:
        """An entry as bytes for another cache; raises `CacheError` where it is not there or is damaged."""
        with self._locked(key), cache_errors(self.folder):
            return pack(self.folder / ENTRIES / key)

    def put(self, key: str, packed: bytes) -> None:
        """Keep an entry that `packed` returned elsewhere, in the place of one of other content.

        Raises `CacheError` where it is damaged, or the folder cannot be written.
        """
        make_ours(self.folder)
        entry = self.folder / ENTRIES / key
        temporary = self.folder / BUILDING / f"{key}-{uuid4().hex[:8]}"
        with self._locked(key):
            try:
                with cache_errors(self.folder):
                    make_private(temporary)
                    unpack(packed, temporary)
                    if not self._has_same(key, entry, temporary):
                        self._move(temporary, entry)
                        self._verified.add(key)
            finally:
                self._sweep(key)

    def _has_same(self, key: str, entry: Path, other: Path) -> bool:
        ours, theirs = read_manifest(entry), read_manifest(other)
        is_same = ours is not None and theirs is not None and ours.files == theirs.files
        return is_same and self._damage(key, entry) is None

    def _damage(self, key: str, entry: Path) -> str | None:
        if not entry.exists() or (key in self._verified and entry.is_dir()):
            return None
        check_tree(self.folder, entry)
        reason = damage(entry) if entry.is_dir() else "it is not a folder"
        if reason is None:
            self._verified.add(key)
        return reason

    def _build(self, entry: Path, kind: str, description: str, build: Callable[[Path], None]) -> None:
        temporary = self.folder / BUILDING / f"{entry.name}-{uuid4().hex[:8]}"
        try:
            with cache_errors(self.folder):
                make_private(temporary)
            with full_disk_errors(self.folder, description):
                build(temporary)
            with cache_errors(self.folder):
                write_manifest(temporary, kind, description)
                self._move(temporary, entry)
        finally:
            self._sweep(entry.name)

    def _move(self, temporary: Path, entry: Path) -> None:
        shut(temporary)
        make_private(entry.parent)
        if entry.exists():
            # Out of the way in one step; a reader sees the old entry, none, or the new one.
            entry.rename(self.folder / BUILDING / f"{entry.name}-old-{uuid4().hex[:8]}")
        temporary.rename(entry)

    def _sweep(self, key: str) -> None:
        """Remove what builds left behind: of this key, whose lock we hold, and once what killed processes left."""
        if not self._swept:
            self._swept = True
            with suppress(OSError, CacheError):
                for left in folders_in(self.folder / BUILDING):
                    if left.name.partition("-")[0] != key:
                        self._remove(left)
        with suppress(OSError):
            for left in (self.folder / BUILDING).glob(f"{key}-*"):
                if left.is_dir():
                    shutil.rmtree(left, ignore_errors=True)
                else:
                    left.unlink()

    @contextmanager
    def _locked(self, key: str) -> Iterator[None]:
        with ExitStack() as held:
            with cache_errors(self.folder):
                try:
                    ended = self._ended.is_set
                    held.enter_context(
                        locked(self._lock(key), limit_s=self._limit_s, waiting=self._waiting, ended=ended)
                    )
                except LockTimeoutError as error:
                    raise CacheError(
                        f"{error}; end that process, or choose another folder with --lab4-cache DIR or LAB4_CACHE"
                    ) from None
            yield

    def _lock(self, key: str) -> Path:
        make_private(self.folder / LOCKS)
        return self.folder / LOCKS / f"{key}.lock"

    def list(self) -> list[CacheEntry]:
        """Every entry, oldest first; one that does not say what it is is listed as damaged.

        Raises `CacheError` if the folder cannot be read, or others may write it.
        """
        found = []
        with cache_errors(self.folder):
            check_folders(self.folder)
            for entry in folders_in(self.folder / ENTRIES):
                about = read_manifest(entry) or _DAMAGED
                size = bytes_in(entry)
                found.append(CacheEntry(entry.name, about.kind, about.description, size, about.created_at))
        return sorted(found, key=lambda entry: (entry.created_at, entry.key))

    def clear(self) -> int:
        """Remove every entry that is not being built right now; returns the bytes freed.

        The locks stay, which are empty: another process may be waiting for one. Raises `CacheError` if the folder is
        not marked as a cache, or something in it cannot be removed.
        """
        with cache_errors(self.folder):
            if not self.folder.exists() or (self.folder.is_dir() and not any(self.folder.iterdir())):
                return 0
            check_ours(self.folder)
            places = (self.folder / ENTRIES, self.folder / BUILDING)
            freed = sum(self._remove(folder) for place in places for folder in folders_in(place))
        self._verified.clear()
        return freed

    def _remove(self, folder: Path) -> int:
        lock = try_lock(self._lock(folder.name.partition("-")[0]))
        if lock is None:  # another process is building it
            return 0
        try:
            size = bytes_in(folder)
            if folder.exists():  # another process may have removed it a moment ago
                shutil.rmtree(folder)
            return size
        finally:
            release(lock)


def content_key(parts: Mapping[str, object]) -> str:
    """Name what is made of ``parts``: 64 hex digits that do not depend on the order of keys.

    Raises `CacheError` for a part that is not plain JSON, since its text could change from run to run.
    """
    try:
        _check_names(parts)
        text = json.dumps(parts, sort_keys=True, allow_nan=False, ensure_ascii=True)
    except (TypeError, ValueError, RecursionError) as error:
        raise CacheError(f"a content key is made of plain JSON only: {error}") from None
    return hashlib.sha256(text.encode()).hexdigest()


def _check_names(part: object) -> None:
    """JSON would write the keys 1 and "1" alike, and two different things would share an entry."""
    if isinstance(part, Mapping):
        for name, value in part.items():
            if not isinstance(name, str):
                raise CacheError(f"a content key is made of plain JSON only: the key {name!r} is not a text")
            _check_names(value)
    elif isinstance(part, list | tuple):
        for value in part:
            _check_names(value)
