"""Entries by key: built once, whatever the number of processes, and whole or not there."""

import errno
import os
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from filelock import FileLock, Timeout

from lab4.cache.folder import BUILDING, ENTRIES, LOCKS, bytes_in, cache_errors, check_ours, make_ours, require_space
from lab4.cache.manifest import damage, read_manifest, write_manifest
from lab4.domain.errors import CacheError

__all__ = ["Cache", "CacheEntry", "Hit"]

_KEY = re.compile(r"[0-9a-f]{64}")
#: A content key; in ``building`` with a suffix. Nothing else in the folder is ours to list or remove.
_OURS = re.compile(rf"{_KEY.pattern}(-.*)?")


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry's folder; whether it was built just now; and, if it had to be repaired, why."""

    path: Path
    built: bool
    repaired_reason: str | None = None


@dataclass(frozen=True, slots=True)
class CacheEntry:
    """An entry as `Cache.list` tells it; ``created_at`` is ISO 8601."""

    key: str
    kind: str
    description: str
    disk_bytes: int
    created_at: str


class Cache:
    """A folder of entries. Nothing is made before it is used."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._verified: set[str] = set()
        self._swept = False

    def check_writable(self, needed_bytes: int) -> None:
        """Raise `CacheError` unless the folder can be written and so much is free."""
        require_space(self.folder, needed_bytes)

    def get_or_build(
        self, key: str, kind: str, description: str, build: Callable[[Path], None], *, rebuild: bool = False
    ) -> Hit:
        """Return the entry ``key``; where it is missing, damaged or to be rebuilt, ``build`` fills a new folder.

        ``key`` is what `content_key` made. Files are compared with their checksums once a process. What ``build``
        raises passes through, and leaves nothing behind.

        Raises:
            CacheError: if the folder cannot be read or written, or the disk was full before the build was done.
        """
        if not _KEY.fullmatch(key):
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

    def _damage(self, key: str, entry: Path) -> str | None:
        if not entry.exists() or (key in self._verified and entry.is_dir()):
            return None
        reason = damage(entry) if entry.is_dir() else "it is not a folder"
        if reason is None:
            self._verified.add(key)
        return reason

    def _build(self, entry: Path, kind: str, description: str, build: Callable[[Path], None]) -> None:
        temporary = self.folder / BUILDING / f"{entry.name}-{uuid4().hex[:8]}"
        try:
            with cache_errors(self.folder):
                temporary.mkdir(parents=True)
            self._run(build, temporary, description)
            with cache_errors(self.folder):
                write_manifest(temporary, kind, description)
                entry.parent.mkdir(exist_ok=True)
                if entry.exists():
                    # Out of the way in one step; a reader sees the old entry, none, or the new one.
                    entry.rename(self.folder / BUILDING / f"{entry.name}-old-{uuid4().hex[:8]}")
                temporary.rename(entry)
        finally:
            self._sweep(entry.name)

    def _run(self, build: Callable[[Path], None], into: Path, description: str) -> None:
        try:
            build(into)
        except Exception as error:
            # By its words: shutil, native libraries and other processes hand on the sentence without the number.
            full = next((each for each in map(os.strerror, (errno.ENOSPC, errno.EDQUOT)) if each in str(error)), None)
            if full is None:
                raise
            raise CacheError(
                f"{description} could not be built in the cache {self.folder} ({full}); "
                "make room, or choose another folder with --lab4-cache DIR"
            ) from error

    def _sweep(self, key: str) -> None:
        """Remove what builds left behind: of this key, whose lock we hold, and once what killed processes left."""
        if not self._swept:
            self._swept = True
            with suppress(OSError, CacheError):
                for left in self._folders(BUILDING):
                    if left.name.partition("-")[0] != key:
                        self._remove(left)
        with suppress(OSError):
            for left in (self.folder / BUILDING).glob(f"{key}-*"):
                if left.is_dir():
                    shutil.rmtree(left, ignore_errors=True)
                else:
                    left.unlink()

    @contextmanager
    def _locked(self, key: str, *, wait: bool = True) -> Iterator[bool]:
        """Hold the key's lock against other processes; yields whether it was to be had."""
        with cache_errors(self.folder):
            (self.folder / LOCKS).mkdir(parents=True, exist_ok=True)
            lock = FileLock(self.folder / LOCKS / f"{key}.lock")
            with suppress(Timeout):
                lock.acquire(timeout=-1 if wait else 0)
        try:
            yield lock.is_locked
        finally:
            lock.release()

    def list(self) -> list[CacheEntry]:
        """Every entry, oldest first; one that does not say what it is is listed as damaged."""
        found = []
        with cache_errors(self.folder):
            for entry in self._folders(ENTRIES):
                manifest = read_manifest(entry)
                kind, description, created_at = (
                    ("damaged", "", "")
                    if manifest is None
                    else (manifest.kind, manifest.description, manifest.created_at)
                )
                found.append(CacheEntry(entry.name, kind, description, bytes_in(entry), created_at))
        return sorted(found, key=lambda each: (each.created_at, each.key))

    def _folders(self, place: str) -> Sequence[Path]:
        found = sorted((self.folder / place).glob("*"))
        return [each for each in found if _OURS.fullmatch(each.name) and each.is_dir() and not each.is_symlink()]

    def clear(self) -> int:
        """Remove every entry that nobody is building right now; returns the bytes freed.

        The locks stay, which are empty: another process may be waiting for one.

        Raises:
            CacheError: if the folder is not marked as a cache, or something in it cannot be removed.
        """
        with cache_errors(self.folder):
            if not self.folder.exists() or (self.folder.is_dir() and not any(self.folder.iterdir())):
                return 0
        check_ours(self.folder)
        freed = 0
        for place in (ENTRIES, BUILDING):
            with cache_errors(self.folder):
                folders = self._folders(place)
            for folder in folders:
                freed += self._remove(folder)
        self._verified.clear()
        return freed

    def _remove(self, folder: Path) -> int:
        with self._locked(folder.name.partition("-")[0], wait=False) as ours:
            # Another process is building it, or has removed it a moment ago.
            if not ours or not folder.exists():
                return 0
            size = bytes_in(folder)
            with cache_errors(self.folder):
                shutil.rmtree(folder)
            return size
