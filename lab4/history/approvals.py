"""The approvals file: JSON lines, to be committed with the code."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pydantic import Field, model_validator

from lab4.domain.approval import Approval
from lab4.domain.earlier_names import current_key
from lab4.domain.errors import OutputError, RecordError
from lab4.history.checked import checked
from lab4.history.fields import Record, Text, Timestamp
from lab4.history.json_text import parse, read_bytes, written
from lab4.history.samples import pack_bits, unpack_bits
from lab4.storage.atomic import output_errors, write_atomically
from lab4.storage.locks import LockTimeoutError, locked

__all__ = ["APPROVALS_FILE", "EARLIER_FILE", "add_approvals", "approvals_at", "approvals_in", "read_approvals"]

APPROVALS_FILE = Path("lab4-approvals.jsonl")
#: Its name before version 0.2, which is still read and written for one release.
EARLIER_FILE = Path("lab4-blessings.jsonl")
#: Figures that do not vary are approved by their value. A timed one is approved by its factor, because zero has no
#: logarithm to judge by.
_BY_VALUE = frozenset({"accuracy", "gzip_size", "size", "sparsity"})
#: No change of code is a billionfold; a figure times a smaller factor may round to zero.
_MIN_FACTOR, _MAX_FACTOR = 1e-9, 1e9
#: The largest number of bytes in a record.
_MAX_VALUE = 2.0**63
#: How long to wait for other processes that add approvals, in seconds.
_LOCK_LIMIT_S = 30.0


class _Bits(Record):
    count: int = Field(ge=0)
    data: Text


class _ApprovalRecord(Record):
    """One line."""

    cell: Text
    figure: Text
    started_at: Timestamp
    reason: Text
    by: Text
    factor: float | None = Field(default=None, ge=_MIN_FACTOR, le=_MAX_FACTOR)
    value: float | None = Field(default=None, ge=0, le=_MAX_VALUE)
    correct: _Bits | None = None

    @model_validator(mode="after")
    def _value_only_for_exact_figures(self) -> "_ApprovalRecord":
        if self.value is not None and self.figure not in _BY_VALUE:
            raise ValueError(
                f"{self.figure} is approved by a factor, not by a value; remove the line and approve again"
            )
        return self


def read_approvals(path: Path) -> list[Approval]:
    """Read every line of the file; none where there is no file.

    Raises:
        RecordError: one sentence naming the file and the line.
    """
    return approvals_in(read_bytes(path), str(path)) if path.exists() else []


def approvals_in(data: bytes, source: str) -> list[Approval]:
    """Read the contents of such a file, which ``source`` names; raises `RecordError` as `read_approvals`."""
    approvals = []
    for number, line in enumerate(data.splitlines(), 1):
        if line.strip():
            try:
                approvals.append(_approval(checked(_ApprovalRecord, parse(line))))
            except RecordError as error:
                raise RecordError(f"cannot read {source}, line {number}: {error}") from None
    return approvals


def add_approvals(path: Path, approvals: list[Approval], waiting: Callable[[str], None] = lambda _: None) -> None:
    """Add lines. The file is complete at any time, and several processes may add to it at once.

    ``waiting`` gets a sentence when it waits for another process.

    Raises:
        RecordError: if the file, or a new line, cannot be read.
        OutputError: if it cannot be written, or another process keeps it locked.
    """
    for approval in approvals:  # a line that cannot be read again would make the whole file unreadable
        checked(_ApprovalRecord, _plain(approval))
    with _locked(path, waiting):
        everything = [*read_approvals(path), *approvals]
        write_atomically(path, b"".join(written(_plain(approval)) for approval in everything))


def approvals_at(folder: Path, note: Callable[[str], None]) -> Path:
    """The approvals file of a project folder, which need not exist; ``note`` gets a sentence about an earlier name."""
    current, earlier = folder / APPROVALS_FILE, folder / EARLIER_FILE
    if not earlier.exists():
        return current
    if current.exists():
        note(f"{earlier} is not read, because there is {current}; move its lines there and delete it")
        return current
    note(f"{earlier} is now called {current.name}; rename it (the next release does not read the old name)")
    return earlier


@contextmanager
def _locked(path: Path, waiting: Callable[[str], None]) -> Iterator[None]:
    """Hold the lock of the file: a hidden file next to it, the one place that every writer can see.

    The lock file is removed before it is released, so that a repository is clean afterwards.
    """
    target = Path(os.path.realpath(path))
    lock = target.with_name(f".{target.name}.lock")
    with output_errors(path):
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            with locked(lock, limit_s=_LOCK_LIMIT_S, waiting=waiting):
                try:
                    yield
                finally:
                    with suppress(OSError):  # a system may refuse to remove an open file: then it stays
                        lock.unlink(missing_ok=True)
        except LockTimeoutError as error:
            raise OutputError(f"cannot write {path}: {error}; try again when it has ended") from None


def _plain(approval: Approval) -> dict[str, Any]:
    plain = {name: value for name, value in asdict(approval).items() if value is not None}
    if approval.correct is not None:
        plain["correct"] = {"count": len(approval.correct), "data": pack_bits(approval.correct)}
    return plain


def _approval(record: _ApprovalRecord) -> Approval:
    plain = record.model_dump()
    if record.correct is not None:
        plain["correct"] = unpack_bits(record.correct.data, record.correct.count)
    return Approval(**plain | {"cell": current_key(record.cell)})
