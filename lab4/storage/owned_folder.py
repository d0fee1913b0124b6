"""A folder that one process at a time fills."""

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from lab4.domain.errors import OutputError
from lab4.storage.atomic import output_errors
from lab4.storage.locks import holder_of, try_lock

if TYPE_CHECKING:
    from filelock import BaseFileLock

_LOCK = ".lab4.lock"


class OwnedFolder:
    """A folder and the lock in it, held from `claim` to `release`, however the process ends."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock: BaseFileLock | None = None
        self._identity: tuple[int, int] | None = None

    def claim(self) -> None:
        """Make the folder and own it; a second time does nothing.

        Raises:
            OutputError: if another process owns it, or it cannot be written.
        """
        if self._lock is not None:
            return
        with output_errors(self.path):
            self.path.mkdir(parents=True, exist_ok=True)
            lock = try_lock(self.path / _LOCK)
            if lock is None:
                raise OutputError(
                    f"{self.path} is in use: {holder_of(self.path / _LOCK)} writes its results there; "
                    "wait for its end, or choose another folder with --lab4-output"
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


def _identity_of(path: Path) -> tuple[int, int] | None:
    try:
        facts = path.stat()
    except OSError:
        return None
    return facts.st_dev, facts.st_ino
