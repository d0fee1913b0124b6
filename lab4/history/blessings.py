"""Accepted changes on disk: a file of JSON lines beside the saved runs, to be committed with the code."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from pydantic import Field

from lab4.domain.blessing import Blessing
from lab4.domain.errors import RecordError
from lab4.history.checked import checked
from lab4.history.fields import Record, Seconds, Text, Timestamp
from lab4.history.files import write_atomically
from lab4.history.json_text import parse, read_bytes, written
from lab4.history.samples import pack_bits, unpack_bits

__all__ = ["BLESSINGS_FILE", "add_blessings", "blessings_in", "read_blessings"]

BLESSINGS_FILE = Path("lab4-blessings.jsonl")


class _Bits(Record):
    count: int = Field(ge=0)
    data: Text


class _BlessingRecord(Record):
    """One line."""

    cell: Text
    figure: Text
    started_at: Timestamp
    reason: Text
    by: Text
    factor: float | None = Field(default=None, gt=0)
    value: Seconds | None = None
    correct: _Bits | None = None


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
                found.append(_blessing(checked(_BlessingRecord, parse(line))))
            except RecordError as error:
                raise RecordError(f"cannot read {source}, line {number}: {error}") from None
    return found


def add_blessings(path: Path, blessings: list[Blessing]) -> None:
    """Add lines; the file is at any time whole. Raises `RecordError` and `OutputError`."""
    everything = [*read_blessings(path), *blessings]
    write_atomically(path, b"".join(written(_plain(each)) for each in everything))


def _plain(each: Blessing) -> dict[str, Any]:
    plain = {name: value for name, value in asdict(each).items() if value is not None}
    if each.correct is not None:
        plain["correct"] = {"count": len(each.correct), "data": pack_bits(each.correct)}
    return plain


def _blessing(record: _BlessingRecord) -> Blessing:
    plain = record.model_dump()
    if record.correct is not None:
        plain["correct"] = unpack_bits(record.correct.data, record.correct.count)
    return Blessing(**plain)
