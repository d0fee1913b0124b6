"""Files that are either whole or not there, and never lost to a newer one; and what their file system can do.

That is asked once per process and folder, not assumed.
"""

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import cache
from itertools import count
from pathlib import Path
from uuid import uuid4

from lab4.domain.errors import OutputError

if sys.platform != "win32":
    import fcntl


@dataclass(frozen=True, slots=True)
class Abilities:
    """Whether a file system has advisory locks (``flock``) and hard links."""

    locks: bool
    links: bool

    @property
    def lacking(self) -> str:
        """What it lacks and what lab4 does in its place, in one sentence; empty where it lacks nothing."""
        lacks = []
        if not self.locks:
            lacks.append("has no file locks (marker files replace them)")
        if not self.links:
            lacks.append("has no hard links (reserved names replace them)")
        return f"the file system {' and '.join(lacks)}" if lacks else ""


def abilities_of(folder: Path) -> Abilities:
    """Ask by trying, in a file of its own that is removed again; raises `OSError` if ``folder`` cannot be written."""
    return _abilities(os.path.realpath(folder))


def lacking_in(folder: Path) -> str:
    """What the folder's file system lacks, and the folder; empty where it lacks nothing. Raises as `abilities_of`."""
    lacking = abilities_of(folder).lacking
    return f"{lacking}: {folder}" if lacking else ""


@cache
def _abilities(folder: str) -> Abilities:
    probe, other = (Path(folder, f".lab4-probe-{uuid4().hex}") for _ in range(2))
    descriptor = os.open(probe, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        locks = sys.platform == "win32" or _works(fcntl.flock, descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return Abilities(locks, _works(os.link, probe, other))
    finally:
        os.close(descriptor)
        for path in (probe, other):
            with suppress(OSError):
                path.unlink()


def _works(function: Callable[..., object], *arguments: object) -> bool:
    try:
        function(*arguments)
    except OSError:
        return False
    return True


@contextmanager
def output_errors(path: Path) -> Iterator[None]:
    """Turn what the system says about writing ``path`` into an `OutputError` of one sentence."""
    try:
        yield
    except (OSError, ValueError) as error:  # ValueError: a path that no system has, with a NUL in it
        reason = getattr(error, "strerror", None) or error
        raise OutputError(f"cannot write {path}: {reason}") from None


def write_atomically(path: Path, data: bytes, *, keep_earlier: bool = False) -> None:
    """Write ``data`` so that ``path`` holds, at any time, all of it or what it held before.

    Missing folders are made. A link stays one, and what it leads to is written; a pipe or device is written into. With
    ``keep_earlier`` a file of other content is moved aside first (`set_aside`); the same content is left alone. Raises
    `OutputError` if there is no space or permission; what was saved is then still there.
    """
    with output_errors(path):
        if path.exists() and not (path.is_file() or path.is_dir()):
            path.write_bytes(data)
            return
        place = Path(os.path.realpath(path)) if path.is_symlink() else path
        if keep_earlier and place.is_file() and place.read_bytes() == data:
            return
        with _next_to(place, data) as temporary:
            if keep_earlier:
                set_aside(place)
            temporary.replace(place)


def create_first_free(folder: Path, names: Iterable[str], data: bytes) -> Path:
    """Write ``data`` under the first of ``names`` that no file in ``folder`` has; it is whole or not there.

    Several processes may do so at once: none replaces another's file. Raises `OutputError` if there is no space or
    permission, or all names are taken.
    """
    with output_errors(folder), _next_to(folder / "any", data) as temporary:
        for name in names:
            if _move_to_free(temporary, folder / name):
                return folder / name
    raise OutputError(f"cannot write to {folder}: every name is taken")


def _move_to_free(temporary: Path, final: Path) -> bool:
    """Give a whole file its name, unless that is taken; a rename alone would replace another's file."""
    if abilities_of(final.parent).links:
        try:
            os.link(temporary, final)
        except FileExistsError:
            return False
        return True
    # Without hard links the name is reserved first: one process only can make the reservation.
    reservation = final.with_name(f".{final.name}.reserved")
    try:
        reservation.touch(exist_ok=False)
    except FileExistsError:
        return False
    try:
        if final.exists():
            return False
        temporary.rename(final)
        return True
    finally:
        reservation.unlink(missing_ok=True)


def set_aside(path: Path) -> Path | None:
    """Move a file to ``earlier/NAME-TIME.SUFFIX`` in its folder, where TIME (UTC) is when it was last written.

    Returns where it is now; ``None`` where there was no file. Raises `OutputError` if it cannot be moved; it is then
    where it was.
    """
    with output_errors(path):
        if not path.is_file():
            return None
        written = datetime.fromtimestamp(path.stat().st_mtime, tz=timezone.utc)
        folder = path.parent / "earlier"
        folder.mkdir(exist_ok=True)
        place = _reserved(folder, f"{path.stem}-{written:%Y%m%dT%H%M%S}", path.suffix)
        try:
            path.replace(place)
        except OSError:
            place.unlink()
            raise
        return place


def _reserved(folder: Path, stem: str, suffix: str) -> Path:
    """Make an empty file of a free name, so that no other process takes it meanwhile."""
    for number in count(1):
        place = folder / f"{stem}{'' if number == 1 else f'-{number}'}{suffix}"
        with suppress(FileExistsError):
            place.touch(exist_ok=False)
            return place
    raise AssertionError  # count() does not end


@contextmanager
def _next_to(path: Path, data: bytes) -> Iterator[Path]:
    """Write ``data`` to a temporary file in the folder of ``path``; it is gone when the block ends."""
    if path.is_dir():
        raise OSError(0, "there is a folder of this name")
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.parent / f".{uuid4().hex[:12]}.tmp"
    try:
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        yield temporary
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
