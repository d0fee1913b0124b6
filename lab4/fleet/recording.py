"""What comes from nodes, kept on the driver's disk and in the history: each cell once, in whatever order it comes."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lab4.analysis.figures import figures_of
from lab4.domain.errors import RecordError
from lab4.domain.outcome import Measured, is_cut_short
from lab4.history.journal import Journal, JournalEntry, read_line
from lab4.history.json_text import parse, parse_file
from lab4.history.packing import SampleLimit
from lab4.history.plain import header_from_plain, header_of
from lab4.history.run_file import run_document, run_of, write_run
from lab4.history.run_folder import JOURNAL
from lab4.reading.store import add_document

if TYPE_CHECKING:
    from lab4.domain.figures import RunFigures
    from lab4.domain.run import Run
    from lab4.history.store import Store

RUN_FILE = "run.json"


class RunRecord:
    """The driver's copy of one run on a node, in a folder of its own; ``ended`` are the keys of its ended cells.

    ``commit`` is pytest-benchmark's information about the project's revision, which a node does not know.
    """

    def __init__(self, folder: Path, store: "Store", commit: Mapping[str, Any] | None) -> None:
        """Read what an earlier driver has kept in the folder; raises `Lab4Error` where that is damaged."""
        self._folder, self._store, self._commit = folder, store, commit
        self._journal: Journal | None = None
        self._limit = SampleLimit()
        self._facts: Run | None = None
        self.ended: set[str] = set()
        self._filed: set[str] = set()
        self.figures: RunFigures | None = None
        if (folder / RUN_FILE).is_file():
            self._read(self._file.read_bytes())
        if (folder / JOURNAL).is_file():
            self._journal = Journal.resume(folder / JOURNAL)
            self._add(list(self._journal.entries.values()))

    @property
    def _file(self) -> Path:
        return self._folder / RUN_FILE

    def take(self, lines: Sequence[bytes]) -> None:
        """Keep lines of the node's journal, which may have come before; raises `Lab4Error` where they cannot be."""
        entries = [entry for line in lines if (entry := self._taken(line)) is not None]
        self._add(entries)

    def _taken(self, line: bytes) -> JournalEntry | None:
        """The cell in a line, once it is on the disk; ``None`` where it has been, or the line is of another kind."""
        if self._journal is None:
            if not self._file.is_file():  # else the run has ended, and this is a copy that comes late
                self._folder.mkdir(parents=True, exist_ok=True)
                self._journal = Journal.create(self._folder / JOURNAL, header_of(*header_from_plain(parse(line))))
            return None
        with suppress(RecordError):  # its first line, once more
            header_from_plain(parse(line))
            return None
        entry = read_line(line, self._limit)
        if not isinstance(entry, JournalEntry) or entry.measurement.cell.key in self.ended:
            return None
        self._journal.append(entry.measurement, entry.row)
        return entry

    def _add(self, entries: list[JournalEntry]) -> None:
        """Add cells to the history, each as it ends."""
        ended = [each for each in entries if not is_cut_short(each.measurement.outcome)]
        if self._journal is None or not ended:
            return
        if self._facts is None:
            self._facts = run_of(self._document(self._journal, []), str(self._file))
        run = replace(self._facts, measurements=tuple(each.measurement for each in ended))
        self._store.add_part(figures_of(run), str(self._file))
        self.ended |= {each.measurement.cell.key for each in ended}

    def _document(self, journal: Journal, entries: list[JournalEntry]) -> dict[str, Any]:
        rows = [e.row for e in entries if e.row is not None and isinstance(e.measurement.outcome, Measured)]
        unmeasured = [e.plain for e in entries if not isinstance(e.measurement.outcome, Measured)]
        return run_document({}, self._commit, rows, journal.header, unmeasured)

    @property
    def is_behind(self) -> bool:
        """Whether cells have ended that the run's file does not have."""
        return not self.ended <= self._filed

    def end(self, content: bytes | None) -> None:
        """Keep the run's file, or make it of what has come, without one or where that is more.

        Raises `Lab4Error` where it cannot be kept. The journal stays until the file is complete.
        """
        document = None if content is None else parse_file(content, str(self._file)) | {"commit_info": self._commit}
        if self._journal is not None and (document is None or self._has_more_than(document)):
            document = self._document(self._journal, list(self._journal.entries.values()))
        if document is not None and (document["benchmarks"] or document["lab4"]["unmeasured"] or content is not None):
            write_run(self._file, document)
            data = self._file.read_bytes()
            is_complete = self._read(data)
            add_document(self._store, data, str(self._file))
            if is_complete and self._journal is not None:
                self._journal.close()
                self._journal.path.unlink(missing_ok=True)
                self._journal = None

    def _has_more_than(self, document: dict[str, Any]) -> bool:
        return not self.ended <= _ended_in(run_of(document, str(self._file)))

    def _read(self, data: bytes) -> bool:
        """Take over what the file has; returns whether it is complete."""
        run = run_of(parse_file(data, str(self._file)), str(self._file))
        self.figures = figures_of(run)
        self._filed = _ended_in(run)
        self.ended |= self._filed
        return run.complete

    def close(self) -> None:
        """Let go of the journal, which stays."""
        if self._journal is not None:
            self._journal.close()


def _ended_in(run: "Run") -> set[str]:
    return {each.cell.key for each in run.measurements if not is_cut_short(each.outcome)}
