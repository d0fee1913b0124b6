"""The journal of a run: a line per cell and round as it ends, so that a crash costs one of them and not the run.

Each line says by a checksum whether it is as it was written.
"""

import os
import zlib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab4.domain.errors import OutputError, RecordError
from lab4.domain.outcome import Measurement
from lab4.domain.rounds import Round
from lab4.history.json_text import parse, read_bytes, written
from lab4.history.packing import SampleLimit, count_samples
from lab4.history.plain import (
    header_from_plain,
    header_of,
    measurement_of,
    record_of,
    round_of,
    round_to_plain,
    to_plain,
)
from lab4.history.run_schema import CellKey, Codec
from lab4.storage.atomic import output_errors, set_aside, write_atomically

_CHECKSUM = "crc32"
_PARTS = ("key", "lab4", "row")
_CELL_LINE: Codec[tuple[str, dict[str, Any], dict[str, Any] | None]] = Codec(
    tuple[CellKey, dict[str, Any], dict[str, Any] | None]
)


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """A cell that ended: its measurement, the same as plain data, and pytest-benchmark's row if it made one.

    The row contains the plain data as ``extra_info["lab4"]``.
    """

    measurement: Measurement
    plain: dict[str, Any]
    row: dict[str, Any] | None


class Journal:
    """JSON lines: the run's header, then an entry per cell and round. Make one with `create` or `resume`.

    ``header`` is what the run knew before its first cell; ``entries`` holds the last entry of every cell that
    ended, by cell key, in the order they first ended; ``rounds`` those of the measurement session, in order.
    """

    def __init__(self, path: Path, header: dict[str, Any], size: int) -> None:
        self.path = path
        self.header = header
        self.entries: dict[str, JournalEntry] = {}
        self.rounds: list[Round] = []
        self.damaged: tuple[str, ...] = ()
        self._open(size)

    def _open(self, size: int) -> None:
        self._size = size
        with output_errors(self.path):
            # Unbuffered: one line is one write, and is either on the disk or known not to be.
            self._file = self.path.open("r+b", buffering=0)
            self._rewind()

    @classmethod
    def create(cls, path: Path, header: dict[str, Any]) -> "Journal":
        """Start a journal; one that is there already is moved to the folder ``earlier``.

        Raises `OutputError` if it cannot be written; and `RecordError` if ``header`` is not what
        `lab4.history.plain.header_of` makes.
        """
        line = header_line(header)
        set_aside(path)
        write_atomically(path, line)
        return cls(path, header, len(line))

    @classmethod
    def resume(cls, path: Path) -> "Journal":
        """Open the journal of a run that was interrupted; half a line at its end is cut off.

        A damaged line costs its own cell or round: it is left out and reported in ``damaged``. Raises `RecordError` if
        there is none, or its header is damaged or of a newer schema; and `OutputError` if it cannot be written.
        """
        lines = read_bytes(path).splitlines(keepends=True)
        try:
            whole = _whole(lines)
            header = header_of(*header_from_plain(parse(whole[0])))
        except RecordError as error:
            raise RecordError(f"cannot resume {path}: {error}") from None
        journal = cls(path, header, sum(len(line) for line in whole))
        limit = SampleLimit()
        for number, line in enumerate(whole[1:], start=2):
            try:
                journal._take(read_line(line, limit))
            except RecordError as error:  # noqa: PERF203  # a line is a cell or round: there are few
                journal.damaged += (f"line {number} is damaged: {error}",)
        return journal

    def _take(self, found: JournalEntry | Round) -> None:
        if isinstance(found, JournalEntry):
            self.entries[found.measurement.cell.key] = found
        else:
            self.rounds.append(found)

    def append(self, measurement: Measurement, row: dict[str, Any] | None) -> None:
        """Keep a cell that ended; when this returns, it is on the disk.

        Raises `OutputError` if it cannot be written; the journal is then as it was; and `RecordError` if
        ``measurement`` holds values that no record may have.
        """
        line, entry = cell_line(measurement, row)
        self._write(line)
        self._take(entry)

    def append_round(self, found: Round) -> None:
        """Keep a round that ended; when this returns, it is on the disk. Raises as `append`."""
        self._write(round_line(found))
        self._take(found)

    @property
    def is_there(self) -> bool:
        """Whether the file of this name is still this journal, and was not removed or replaced by another program."""
        try:
            return os.path.samestat(self.path.stat(), os.fstat(self._file.fileno()))
        except OSError:
            return False

    def move_to(self, path: Path) -> None:
        """Write all that is known to another place, or to the same after its removal; raises `OutputError`."""
        cells = [cell_line(entry.measurement, entry.row)[0] for entry in self.entries.values()]
        lines = [header_line(self.header), *(round_line(each) for each in self.rounds), *cells]
        write_atomically(path, b"".join(lines))
        self.close()
        self.path = path
        self._open(sum(map(len, lines)))

    def close(self) -> None:
        """Let go of the file; a second time does nothing."""
        self._file.close()

    def _write(self, line: bytes) -> None:
        with output_errors(self.path):
            try:
                taken = self._file.write(line)
                os.fsync(self._file.fileno())
            except OSError:
                self._rewind()
                raise
            if taken != len(line):  # a disk that fills up takes half a line, and says so by the count only
                self._rewind()
                raise OutputError(f"cannot write {self.path}: no space left for a line of {len(line)} bytes")
        self._size += len(line)

    def _rewind(self) -> None:
        self._file.truncate(self._size)
        self._file.seek(self._size)


def _whole(lines: list[bytes]) -> list[bytes]:
    """Drop the last line if it was not written to its end; raises `RecordError` where not even a header is left."""
    *whole, last = lines or [b""]
    with suppress(RecordError):
        parse(last)
        whole += [last] if last.endswith(b"\n") else []
    if not whole:
        raise RecordError("it has no header, so no cell can have ended")
    return whole


def header_line(header: object) -> bytes:
    """The first line of a journal; raises `RecordError` for a header that could not be read back."""
    return written(header_of(*header_from_plain(header)))


def cell_line(measurement: Measurement, row: dict[str, Any] | None) -> tuple[bytes, JournalEntry]:
    """The line of a cell that ended, and the same as an entry; raises `RecordError` for values no record may hold."""
    plain = to_plain(measurement)
    line = _sealed({"key": measurement.cell.key, "lab4": plain, "row": _with_record(row, {})})
    return line, JournalEntry(measurement, plain, row)


def round_line(found: Round) -> bytes:
    """The line of a round that ended; raises `RecordError` for values that no record may have."""
    return _sealed({"round": round_to_plain(found)})


def read_line(line: bytes, limit: SampleLimit) -> JournalEntry | Round:
    """Read back what `cell_line` or `round_line` wrote; ``limit`` counts the samples of the whole journal.

    Raises `RecordError` if the line is damaged, or exceeds the limit.
    """
    plain = _unsealed(parse(line))
    if isinstance(plain, dict) and set(plain) == {"round"}:
        return round_of(plain["round"], limit)
    if not isinstance(plain, dict) or set(plain) != set(_PARTS):
        raise RecordError(f"it is neither a round nor a cell with {', '.join(_PARTS)}")
    key, record, row = _CELL_LINE.read(tuple(plain[part] for part in _PARTS))
    present = record_of(record)
    count_samples(present, limit)
    measurement = measurement_of(present)
    if measurement.cell.key != key:
        raise RecordError(f"its key {key!r} contradicts its record, of {measurement.cell.key!r}")
    return JournalEntry(measurement, record, _with_record(row, {"lab4": record}))


def _with_record(row: dict[str, Any] | None, record: dict[str, Any]) -> dict[str, Any] | None:
    """The row with this in place of our record, which a line holds once: of two copies only one would be checked."""
    if row is None or not isinstance(row.get("extra_info"), dict):
        return row
    return row | {"extra_info": {name: value for name, value in row["extra_info"].items() if name != "lab4"} | record}


def _sealed(plain: dict[str, Any]) -> bytes:
    text = written(plain)  # once: rounds are written between windows of timing
    return b'{"%b": %d, %b' % (_CHECKSUM.encode(), zlib.crc32(text), text[1:])


def _unsealed(plain: object) -> object:
    """The line without its checksum; a line of an earlier lab4 has none."""
    if not isinstance(plain, dict) or _CHECKSUM not in plain:
        return plain
    rest = {name: value for name, value in plain.items() if name != _CHECKSUM}
    if zlib.crc32(written(rest)) != plain[_CHECKSUM]:
        raise RecordError("its checksum does not match its content")
    return rest
