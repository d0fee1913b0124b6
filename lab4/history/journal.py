"""The journal of a run: a line for every cell as it ends, so that a crash costs one cell and not the run."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab4.domain.errors import OutputError, RecordError
from lab4.domain.outcome import Measurement
from lab4.history.checked import check_version, checked
from lab4.history.earlier import upgraded
from lab4.history.json_text import parse, read_bytes, written
from lab4.history.plain import from_plain, to_plain
from lab4.history.run_schema import JournalHeader, JournalLine
from lab4.history.sample_limit import SampleLimit
from lab4.storage.atomic import output_errors, set_aside, write_atomically

__all__ = ["Entry", "Journal"]


@dataclass(frozen=True, slots=True)
class Entry:
    """A cell that ended: its measurement, the same as plain data, and pytest-benchmark's row if it made one."""

    measurement: Measurement
    plain: dict[str, Any]
    row: dict[str, Any] | None


class Journal:
    """JSON lines: the run's header, then an entry a cell. Make one with `create` or `resume`.

    ``header`` is what the run knew before its first cell; ``entries`` holds the last entry of every cell that
    ended, by cell key, in the order they first ended.
    """

    def __init__(self, path: Path, header: dict[str, Any], entries: dict[str, Entry], size: int) -> None:
        self.path = path
        self.header = header
        self.entries = entries
        self.damaged: tuple[str, ...] = ()
        self._size = size
        with output_errors(path):
            # Unbuffered: one line is one write, and is either on the disk or known not to be.
            self._file = path.open("r+b", buffering=0)
            self._rewind()

    @classmethod
    def create(cls, path: Path, header: dict[str, Any]) -> "Journal":
        """Start a journal; one that is there already is moved to the folder ``earlier``.

        Raises:
            OutputError: if it cannot be written.
            RecordError: if ``header`` is not what `lab4.history.plain_run.header_of` makes.
        """
        line = written(_header(header))
        set_aside(path)
        write_atomically(path, line)
        return cls(path, header, {}, len(line))

    @classmethod
    def resume(cls, path: Path) -> "Journal":
        """Open the journal of a run that was interrupted; half a line at its end is cut off.

        A damaged line costs its own cell: it is left out of ``entries`` and told in ``damaged``.

        Raises:
            RecordError: if there is none, or its header is damaged or of a newer schema.
            OutputError: if it cannot be written.
        """
        lines = read_bytes(path).splitlines(keepends=True)
        try:
            whole = _whole(lines)
            header = _header(parse(whole[0]))
        except RecordError as error:
            raise RecordError(f"cannot resume {path}: {error}; start anew without --lab4-resume") from None
        journal = cls(path, header, {}, sum(len(line) for line in whole))
        limit = SampleLimit()
        for number, line in enumerate(whole[1:], start=2):
            try:
                key, entry = _entry(line, number, limit)
            except RecordError as error:  # noqa: PERF203  # a line is a cell: there are few
                journal.damaged += (str(error),)
            else:
                journal.entries[key] = entry
        return journal

    def append(self, measurement: Measurement, row: dict[str, Any] | None) -> None:
        """Keep a cell that ended; when this returns, it is on the disk.

        Raises:
            OutputError: if it cannot be written; the journal is then as it was.
            RecordError: if ``measurement`` holds values that no record may hold.
        """
        plain, key = to_plain(measurement), measurement.cell.key
        line = written({"key": key, "lab4": plain, "row": row})
        with output_errors(self.path):
            self._write(line)
        self._size += len(line)
        self.entries[key] = Entry(measurement, plain, row)

    def close(self) -> None:
        """Let go of the file; a second time does nothing."""
        self._file.close()

    def _write(self, line: bytes) -> None:
        try:
            taken = self._file.write(line)
            os.fsync(self._file.fileno())
        except OSError:
            self._rewind()
            raise
        if taken != len(line):  # a disk that fills up takes half a line, and says so by the count only
            self._rewind()
            raise OutputError(f"cannot write {self.path}: no space left for a line of {len(line)} bytes")

    def _rewind(self) -> None:
        self._file.truncate(self._size)
        self._file.seek(self._size)


def _header(header: object) -> dict[str, Any]:
    check_version(header)
    return checked(JournalHeader, upgraded(header)).model_dump(mode="json")


def _whole(lines: list[bytes]) -> list[bytes]:
    """Drop the last line if it was not written to its end; raises `RecordError` where not even a header is left."""
    whole = lines if not lines or _is_whole(lines[-1]) else lines[:-1]
    if not whole:
        raise RecordError("it has no header, so no cell can have ended")
    return whole


def _is_whole(line: bytes) -> bool:
    try:
        parse(line)
    except RecordError:
        return False
    return line.endswith(b"\n")


def _entry(line: bytes, number: int, limit: SampleLimit) -> tuple[str, Entry]:
    try:
        record = checked(JournalLine, parse(line))
        measurement = from_plain(record.lab4, limit)
        _agree(record.key, measurement)
    except RecordError as error:
        raise RecordError(f"line {number} is damaged: {error}") from None
    return record.key, Entry(measurement, record.lab4, record.row)


def _agree(key: str, measurement: Measurement) -> None:
    if measurement.cell.key != key:
        raise RecordError(f"its key {key!r} contradicts its record, of {measurement.cell.key!r}")
