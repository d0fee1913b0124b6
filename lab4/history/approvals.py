"""The approvals file: JSON lines, to be committed with the code."""

from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from lab4.domain.errors import RecordError
from lab4.domain.figures import Approval
from lab4.domain.pattern import current_key
from lab4.history.json_text import parse, read_bytes, written
from lab4.history.packing import pack_bits, unpacked_bits
from lab4.history.run_schema import Codec
from lab4.storage.atomic import write_atomically

APPROVALS_FILE = Path("lab4-approvals.jsonl")
#: Its earlier name, which is still read and written for one release.
EARLIER_FILE = Path("lab4-blessings.jsonl")
#: Figures that do not vary: approved by their value. A timed one is approved by its factor, because zero has no
#: logarithm to judge by.
_BY_FACTOR = frozenset(
    ("latency", "p50", "throughput", "p90", "p99", "training", "memory", "memory_with_garbage", "load", "energy")
)
#: How long to wait for other processes that add approvals, in seconds.
_LOCK_LIMIT_S = 30.0
_APPROVAL: Codec[Approval] = Codec(Approval)


def read_approvals(path: Path) -> list[Approval]:
    """Read every line of the file; none where there is no file.

    Raises `RecordError`: one sentence naming the file and the line.
    """
    return approvals_in(read_bytes(path), str(path)) if path.exists() else []


def approvals_in(data: bytes, source: str) -> list[Approval]:
    """Read the contents of such a file, which ``source`` names; raises `RecordError` as `read_approvals`."""
    approvals = []
    for number, line in enumerate(data.splitlines(), 1):
        if line.strip():
            with RecordError.prefixed(f"cannot read {source}, line {number}: "):
                approvals.append(_approval(parse(line)))
    return approvals


def add_approvals(path: Path, approvals: list[Approval], waiting: Callable[[str], None] = lambda _: None) -> None:
    """Add lines. The file is complete at any time, and several processes may add to it at once.

    ``waiting`` gets a sentence when it waits for another process. Raises `RecordError` if the file, or a new line,
    cannot be read; and `OutputError` if it cannot be written, or another process keeps it locked.
    """
    for approval in approvals:  # a line that cannot be read again would make the whole file unreadable
        _approval(_plain(approval))
    from lab4.storage.locks import locked_file  # not needed to read

    with locked_file(path, waiting, limit_s=_LOCK_LIMIT_S):
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


def _plain(approval: Approval) -> dict[str, Any]:
    plain = {name: value for name, value in asdict(approval).items() if value is not None}
    if approval.correct is not None:
        plain["correct"] = {"count": len(approval.correct), "data": pack_bits(approval.correct)}
    return plain


def _approval(plain: object) -> Approval:
    if isinstance(plain, dict) and plain.get("correct") is not None:
        plain = plain | {"correct": unpacked_bits(plain["correct"], "correct", encoding=None)}
    approval = _APPROVAL.read(plain)
    if approval.value is not None and approval.figure in _BY_FACTOR:
        raise RecordError(f"{approval.figure} is approved by a factor, not a value; remove the line and approve again")
    return replace(approval, cell=current_key(approval.cell))
