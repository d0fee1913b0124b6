"""What the file system of a folder can do: asked once per process and folder, not assumed."""

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from uuid import uuid4

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
