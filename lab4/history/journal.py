"""The journal of a run: a line per cell and round as it ends, so that a crash costs one of them and not the run."""

import os
from pathlib import Path
from typing import Any

from lab4.domain.errors import OutputError, RecordError
from lab4.domain.outcome import Measurement
from lab4.domain.rounds import Round
from lab4.history.journal_lines import JournalEntry, cell_line, header_line, header_of_line, read_line, round_line
from lab4.history.json_text import parse, read_bytes
from lab4.history.sample_limit import SampleLimit
from lab4.storage.atomic import output_errors, set_aside, write_atomically


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

        Raises:
            OutputError: if it cannot be written.
            RecordError: if ``header`` is not what `lab4.history.plain_run.header_of` makes.
        """
        line = header_line(header)
        set_aside(path)
        write_atomically(path, line)
        return cls(path, header, len(line))

    @classmethod
    def resume(cls, path: Path) -> "Journal":
        """Open the journal of a run that was interrupted; half a line at its end is cut off.

        A damaged line costs its own cell or round: it is left out and reported in ``damaged``.

        Raises:
            RecordError: if there is none, or its header is damaged or of a newer schema.
            OutputError: if it cannot be written.
        """
        lines = read_bytes(path).splitlines(keepends=True)
        try:
            whole = _whole(lines)
            header = header_of_line(whole[0])
        except RecordError as error:
            raise RecordError(f"cannot resume {path}: {error}; start anew without --lab4-resume") from None
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

        Raises:
            OutputError: if it cannot be written; the journal is then as it was.
            RecordError: if ``measurement`` holds values that no record may have.
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
