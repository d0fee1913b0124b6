"""Accepted changes on disk: a file of JSON lines beside the saved runs, to be committed with the code."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from lab4.domain.blessing import Blessing
from lab4.domain.earlier_names import current_key
from lab4.domain.errors import OutputError, RecordError
from lab4.history.codec import Codec
from lab4.history.json_text import parse, read_bytes, written
from lab4.history.packing import unpacked_bits
from lab4.history.samples import pack_bits
from lab4.storage.atomic import output_errors, write_atomically
from lab4.storage.locks import LockTimeoutError, locked

__all__ = ["BLESSINGS_FILE", "add_blessings", "blessings_in", "read_blessings"]

BLESSINGS_FILE = Path("lab4-blessings.jsonl")
#: Figures that do not vary: accepted as what they became. A timed one is accepted by its factor: of no time or memory
#: there is no logarithm to judge by.
_BY_VALUE = frozenset({"accuracy", "gzip_size", "size", "sparsity"})
#: How long to wait for others that add approvals, in seconds.
_LOCK_LIMIT_S = 30.0


_BLESSING: Codec[Blessing] = Codec(Blessing)


def read_blessings(path: Path) -> list[Blessing]:
    """Read every line; none where there is no file.

    Raises:
        RecordError: one sentence naming the file and the line.
    """
    return blessings_in(read_bytes(path), str(path)) if path.exists() else []


def blessings_in(data: bytes, source: str) -> list[Blessing]:
    """Read what stands in such a file, which ``source`` names; raises `RecordError` as `read_blessings`."""
    found = []
    for number, line in enumerate(data.splitlines(), 1):
        if line.strip():
            try:
                found.append(_blessing(parse(line)))
            except RecordError as error:
                raise RecordError(f"cannot read {source}, line {number}: {error}") from None
    return found


def add_blessings(path: Path, blessings: list[Blessing], waiting: Callable[[str], None] = lambda _: None) -> None:
    """Add lines; the file is at any time whole, and several processes may add to it at once.

    ``waiting`` gets a sentence where that waits for another process.

    Raises:
        RecordError: if the file cannot be read, or a line would not be.
        OutputError: if it cannot be written, or another process keeps it locked.
    """
    for each in blessings:  # a line that cannot be read again would close the file to everybody
        _blessing(_plain(each))
    with _locked(path, waiting):
        everything = [*read_blessings(path), *blessings]
        write_atomically(path, b"".join(written(_plain(each)) for each in everything))


@contextmanager
def _locked(path: Path, waiting: Callable[[str], None]) -> Iterator[None]:
    """Hold the lock of the file: a hidden file next to it, as all who may write it see that place, and no other.

    The lock file is removed before it is released, so that a repository is clean afterwards.
    """
    place = Path(os.path.realpath(path))
    lock = place.with_name(f".{place.name}.lock")
    with output_errors(path):
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            with locked(lock, limit_s=_LOCK_LIMIT_S, waiting=waiting):
                try:
                    yield
                finally:
                    with suppress(OSError):  # a system may refuse to remove an open file: then it stays
                        lock.unlink(missing_ok=True)
        except LockTimeoutError as error:
            raise OutputError(f"cannot write {path}: {error}; try again when it has ended") from None


def _plain(each: Blessing) -> dict[str, Any]:
    plain = {name: value for name, value in asdict(each).items() if value is not None}
    if each.correct is not None:
        plain["correct"] = {"count": len(each.correct), "data": pack_bits(each.correct)}
    return plain


def _blessing(plain: object) -> Blessing:
    """Read back what `_plain` wrote; raises `RecordError` if it is damaged."""
    if isinstance(plain, dict) and plain.get("correct") is not None:
        plain = plain | {"correct": unpacked_bits(plain["correct"], "correct", encoding=None)}
    found = _BLESSING.read(plain)
    if found.value is not None and found.figure not in _BY_VALUE:
        raise RecordError(f"{found.figure} is accepted by a factor, not by a value; remove the line and bless again")
    return replace(found, cell=current_key(found.cell))
