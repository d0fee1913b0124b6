"""Folders of one owner: those that a process fills, and temporary ones, which outlive no crash.

Temporary folders of dead processes are removed at the next start.
"""

import os
import shutil
from contextlib import suppress
from pathlib import Path
from tempfile import gettempdir, mkdtemp
from typing import TYPE_CHECKING, Final

from lab4.domain.errors import OutputError
from lab4.storage.atomic import output_errors
from lab4.storage.locks import LockTimeoutError, holder_of, locked, release, try_lock

if TYPE_CHECKING:
    from filelock import BaseFileLock

_PREFIX: Final = "lab4-"
_OWNER: Final = ".owner.lock"
_LOCK: Final = ".lab4.lock"


class TemporaryFolder:
    """A folder for the lifetime of this process at most; close it, or use it as a context.

    A lock in it says that its owner is alive. The first one that a process makes removes those of dead owners.
    """

    def __init__(self, purpose: str, parent: Path | None = None) -> None:
        """Make the folder, whose name contains ``purpose``, in ``parent`` (default: where the system has such folders).

        Raises `OutputError` where none can be made.
        """
        remove_abandoned(parent)
        try:
            hidden = Path(mkdtemp(prefix=f".{_PREFIX}{purpose}-", dir=parent))
            self._lock: BaseFileLock | None = try_lock(hidden / _OWNER)
            # Under its final name only when it is locked, so that no other process takes it for abandoned.
            self.path = hidden.rename(hidden.with_name(hidden.name.removeprefix(".")))
        except OSError as error:
            where = "" if parent is None else f" in {parent}"
            raise OutputError(f"no temporary folder can be made{where}: {error.strerror or error}") from None

    def close(self) -> None:
        """Remove the folder; a second time does nothing."""
        shutil.rmtree(self.path, ignore_errors=True)
        if self._lock is not None:
            release(self._lock)
            self._lock = None

    def __enter__(self) -> Path:
        return self.path

    def __exit__(self, *_: object) -> None:
        self.close()


def remove_abandoned(parent: Path | None = None) -> None:
    """Remove the temporary folders of this user whose owners are dead, in ``parent`` or the system's folder of them."""
    with suppress(OSError):
        for path in (parent or Path(gettempdir())).glob(f"{_PREFIX}*"):
            with suppress(OSError):
                mine = not hasattr(os, "geteuid") or path.lstat().st_uid == os.geteuid()  # Windows: a folder per user
                is_ours = mine and not path.is_symlink() and any(path.glob(f"{_OWNER}*"))
                lock = try_lock(path / _OWNER) if is_ours else None
                if lock is not None:
                    shutil.rmtree(path, ignore_errors=True)
                    release(lock)


class OwnedFolder:
    """A folder and the lock in it, held from `claim` to `release`, however the process ends."""

    def __init__(self, path: Path, option: str = "--lab4-output") -> None:
        """Make none yet; ``option`` is what names another folder."""
        self.path = path
        self._option = option
        self._lock: BaseFileLock | None = None
        self._identity: tuple[int, int] | None = None

    def claim(self) -> None:
        """Make the folder and own it; a second time does nothing.

        Raises `OutputError` if another process owns it, or it cannot be written.
        """
        if self._lock is not None:
            return
        with output_errors(self.path):
            self.path.mkdir(parents=True, exist_ok=True)
            lock = try_lock(self.path / _LOCK)
            if lock is None:
                raise OutputError(
                    f"{self.path} is in use: {holder_of(self.path / _LOCK)} writes its results there; "
                    f"wait for its end, or choose another folder with {self._option}"
                )
            self._lock, self._identity = lock, _identity_of(Path(lock.lock_file))

    @property
    def is_owned(self) -> bool:
        """Whether the folder of this name is still the one that was claimed, and not removed or replaced since."""
        return self._lock is not None and self._identity == _identity_of(Path(self._lock.lock_file))

    def release(self) -> None:
        """Let others have the folder; a second time does nothing."""
        if self._lock is None:
            return
        with suppress(OSError):
            if self.is_owned:
                Path(self._lock.lock_file).unlink()  # still locked: whoever waits for this file sees that it is gone
        with suppress(OSError):
            self._lock.release()
        self._lock = None


def is_owned(path: Path) -> bool:
    """Whether a process owns the folder; raises `OutputError` where that cannot be found out."""
    if not _has_lock(path):
        return False
    with output_errors(path):
        lock = try_lock(path / _LOCK)
        if lock is not None:
            release(lock)
        return lock is None


def _has_lock(path: Path) -> bool:
    """Whether there is the file of a lock, or what takes its place on file systems that have none."""
    return any(path.glob(f"{_LOCK}*"))


def wait_until_free(path: Path, limit_s: float) -> None:
    """Wait until no process owns the folder; raises `OutputError` where one has for so many seconds."""
    if not _has_lock(path):
        return
    with output_errors(path):
        try:
            with locked(path / _LOCK, limit_s=limit_s):
                return
        except LockTimeoutError as error:
            raise OutputError(f"{error}; end that process") from None


def _identity_of(path: Path) -> tuple[int, int] | None:
    try:
        facts = path.stat()
    except OSError:
        return None
    return facts.st_dev, facts.st_ino
