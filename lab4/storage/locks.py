"""Locks between processes, which say whom they wait for and for how long."""

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep

from filelock import BaseFileLock, FileLock, SoftFileLock, Timeout

from lab4.domain.errors import OutputError
from lab4.storage.atomic import abilities_of, output_errors

#: A wait that is shorter than this is not worth a word.
_SILENT_S = 1.0
#: How often a lock of the other kind is looked at.
_POLL_S = 0.05


class LockTimeoutError(Exception):
    """Another process held the lock for the whole time limit; the message names it."""


def _lock_at(path: Path) -> BaseFileLock:
    """The kind of lock that the file system of ``path`` can do; each kind has a file of its own.

    A lock file of the one kind would look to the other like a lock that is held for ever.
    """
    if abilities_of(path.parent).locks:
        return FileLock(path)
    return SoftFileLock(_marker(path))


def _marker(path: Path) -> Path:
    return path.with_name(f"{path.name}.marker")


def _sign(lock: BaseFileLock) -> None:
    """Write who holds the lock into its file; a marker file says it by itself."""
    if isinstance(lock, FileLock):
        with suppress(OSError):
            Path(lock.lock_file).write_text(f"{os.getpid()}\n{socket.gethostname()}\n", encoding="utf-8")


def release(lock: BaseFileLock) -> None:
    """Let go of a lock that `try_lock` returned; its file no longer names this process."""
    if isinstance(lock, FileLock):
        with suppress(OSError):  # a file that was removed is not made again
            os.truncate(lock.lock_file, 0)
    with suppress(OSError):
        lock.release()


def _signature(place: Path) -> tuple[int, str] | None:
    """The number and the host of the process that wrote a lock file or marker; ``None`` where it does not say."""
    with suppress(OSError, UnicodeDecodeError, ValueError):
        pid, host = place.read_text(encoding="utf-8").split("\n")[:2]
        if pid.isdigit() and host.isprintable():
            return int(pid), host
    return None


def holder_of(path: Path) -> str:
    """Who holds the lock of this path, in words."""
    found = _signature(_marker(path)) or _signature(path)
    if found is None:
        return "another process"
    pid, host = found
    return f"process {pid}" if host == socket.gethostname() else f"process {pid} on {host}"


def try_lock(path: Path) -> BaseFileLock | None:
    """Take the lock at once, or ``None`` where another process holds it; `release` what is returned.

    Raises `OSError` if the folder of ``path`` cannot be written.
    """
    lock = _lock_at(path)
    if not _acquired_at_once(lock):
        return None
    if _is_held_otherwise(lock, path):
        lock.release()
        return None
    _sign(lock)
    return lock


def _is_held_otherwise(lock: BaseFileLock, path: Path) -> bool:
    """Whether a living process holds the other kind of lock: it sees the same file system with or without locks."""
    return _is_marked(path) if isinstance(lock, FileLock) else _is_signed(path)


def _is_marked(path: Path) -> bool:
    """Whether a living process, to which the file system has no locks, holds the lock by a marker."""
    marker = _marker(path)
    if not marker.exists():
        return False
    lock = SoftFileLock(marker)
    is_free = _acquired_at_once(lock)  # takes the marker of a dead process
    lock.release()
    return not is_free


def _is_signed(path: Path) -> bool:
    """Whether a living process of this host, to which the file system has locks, has signed the lock's file."""
    found = _signature(path)
    if found is None or found[1] != socket.gethostname() or found[0] == os.getpid():
        return False
    try:
        os.kill(found[0], 0)
    except OSError as error:  # any other: it lives, and belongs to another user
        return not isinstance(error, ProcessLookupError)
    return True


def _acquired_at_once(lock: BaseFileLock) -> bool:
    """Whether the lock could be taken without waiting; a first attempt may only remove the marker of a dead process."""
    for _ in range(2):
        with suppress(Timeout):
            lock.acquire(timeout=0)
            return True
    return False


@contextmanager
def locked(
    path: Path,
    *,
    limit_s: float,
    waiting: Callable[[str], None] = lambda _: None,
    ended: Callable[[], bool] = lambda: False,
) -> Iterator[None]:
    """Hold the lock, after waiting for ``limit_s`` seconds at most, and no longer than until the wait is ``ended``.

    ``waiting`` receives a sentence that names the holder, once and only if the wait is noticeable. Raises
    `LockTimeoutError` if another process held the lock all the time; and `OSError` if the folder of ``path`` cannot be
    written.
    """
    lock = _lock_at(path)
    silent_s = min(_SILENT_S, limit_s)
    if not _acquired(lock, path, silent_s, ended):
        if not ended():
            waiting(f"waiting for {holder_of(path)}, which holds {path}, for at most {limit_s:g} s")
        if not _acquired(lock, path, limit_s - silent_s, ended):
            held = f"holds {path}" if ended() else f"has held {path} for {limit_s:g} s"
            raise LockTimeoutError(f"{holder_of(path)} {held}")
    try:
        _sign(lock)
        yield
    finally:
        release(lock)


@contextmanager
def locked_file(path: Path, waiting: Callable[[str], None], *, limit_s: float) -> Iterator[None]:
    """Hold the lock of a file that is read and written again: a hidden file next to it, which every writer can see.

    It is removed before it is released, so that a repository is clean afterwards. Raises `OutputError` if it cannot be
    written, or another process held it for ``limit_s`` seconds.
    """
    target = Path(os.path.realpath(path))
    lock = target.with_name(f".{target.name}.lock")
    with output_errors(path):
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            with locked(lock, limit_s=limit_s, waiting=waiting):
                try:
                    yield
                finally:
                    with suppress(OSError):  # a system may refuse to remove an open file: then it stays
                        lock.unlink(missing_ok=True)
        except LockTimeoutError as error:
            raise OutputError(f"cannot write {path}: {error}; try again when it has ended") from None


def _acquired(lock: BaseFileLock, path: Path, limit_s: float, ended: Callable[[], bool]) -> bool:
    """Whether the lock could be taken within the time, from holders of both kinds."""
    deadline = monotonic() + limit_s
    while True:
        with suppress(Timeout):
            lock.acquire(timeout=max(0.0, deadline - monotonic()), cancel_check=ended)
            if not _is_held_otherwise(lock, path):
                return True
            lock.release()
        if monotonic() >= deadline or ended():
            return False
        sleep(min(_POLL_S, max(0.0, deadline - monotonic())))
