"""What comes from nodes, kept on the driver's disk and in the history: each cell once, in whatever order it comes."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
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
        self._started_at = self._foreign = ""
        self._journal: Journal | None = None
        self._limit = SampleLimit()
        self._facts: Run | None = None
        self.ended: set[str] = set()
        self._filed: set[str] = set()
        self.figures: RunFigures | None = None
        if (folder / RUN_FILE).is_file():
            with _kept_again(self._file):
                self._read(self._file.read_bytes())
        if (folder / JOURNAL).is_file():
            with _kept_again(folder / JOURNAL):
                journal = Journal.resume(folder / JOURNAL)
            self._follow(journal)
            self._add(list(journal.entries.values()))

    @property
    def _file(self) -> Path:
        return self._folder / RUN_FILE

    def _follow(self, journal: Journal) -> None:
        self._journal, self._started_at = journal, journal.header["started_at"]

    def take(self, lines: Sequence[bytes]) -> list[str]:
        """Keep lines of the node's journal, which may have come before; returns why some are not kept, in words.

        Those are damaged, or of another run: they cost their own cells alone. Raises `Lab4Error` where this machine
        cannot keep the others.
        """
        entries: list[JournalEntry] = []
        refused = []
        for line in lines:
            try:
                entry = self._taken(line)
            except RecordError as error:  # noqa: PERF203  # a line is a cell: there are few
                refused.append(str(error))
            else:
                entries += [] if entry is None else [entry]
        self._add(entries)
        return list(dict.fromkeys(refused))

    def _taken(self, line: bytes) -> JournalEntry | None:
        """The cell in a line, once it is on the disk; ``None`` where it has been, or the line is of another kind.

        Raises `RecordError` where the line is damaged, or of another run.
        """
        plain = parse(line)
        is_header = isinstance(plain, dict) and "started_at" in plain
        if is_header:
            header = header_of(*header_from_plain(plain))
            self._foreign = self._other_run(header["started_at"])
            if not self._foreign:
                self._begin(header)
        if self._foreign:  # and so are the lines that follow
            raise RecordError(self._foreign)
        if is_header:
            return None
        entry = read_line(line, self._limit)
        if not isinstance(entry, JournalEntry) or entry.measurement.cell.key in self.ended:
            return None
        if self._journal is None:
            raise RecordError("it comes before the first line of its journal")
        if entry.measurement.cell.key not in self._journal.header["planned"]:
            raise RecordError(f"{entry.measurement.cell.key} is no cell of this run")
        run_of(self._document(self._journal, [entry]), "its row")  # what would keep the run's file from being read
        self._journal.append(entry.measurement, entry.row)
        return entry

    def _begin(self, header: dict[str, Any]) -> None:
        """Follow the journal that begins so."""
        if self._journal is None and not self._file.is_file():  # else the run has ended: a copy that comes late
            self._folder.mkdir(parents=True, exist_ok=True)
            self._follow(Journal.create(self._folder / JOURNAL, header))

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

    def end(self, content: bytes | None) -> str:
        """Keep the run's file, or make it of what has come, without one or where that is more.

        Returns why ``content`` is not kept, in words: it is damaged, or of another run; or nothing. Raises `Lab4Error`
        where this machine cannot keep the file. The journal stays until the file is complete.
        """
        try:
            document = None if content is None else self._checked(content)
            refused = ""
        except RecordError as error:
            document, refused = None, str(error)
        if self._journal is not None and (document is None or self._has_more_than(document)):
            document = self._document(self._journal, list(self._journal.entries.values()))
        if document is not None:
            self._keep(document, is_of_node=content is not None and not refused)
        return refused

    def _checked(self, content: bytes) -> dict[str, Any]:
        """The file that a node has sent; raises `RecordError` where it is none of this run."""
        document: dict[str, Any] = parse_file(content, "its run.json")
        run = run_of(document, "its run.json")
        if foreign := self._other_run(run.started_at):
            raise RecordError(foreign)
        return document | {"commit_info": self._commit}

    def _other_run(self, started_at: str) -> str:
        """Why a run that began at a moment is not this one; empty where it is."""
        is_ours = self._started_at in ("", started_at)
        return "" if is_ours else f"it is of another run, which began at {started_at}"

    def _has_more_than(self, document: dict[str, Any]) -> bool:
        return not self.ended <= _ended_in(run_of(document, str(self._file)))

    def _keep(self, document: dict[str, Any], *, is_of_node: bool) -> None:
        if not (document["benchmarks"] or document["lab4"]["unmeasured"] or is_of_node):
            return
        write_run(self._file, document)
        data = self._file.read_bytes()
        is_complete = self._read(data)
        add_document(self._store, data, str(self._file))
        if is_complete and self._journal is not None:
            self._journal.close()
            self._journal.path.unlink(missing_ok=True)
            self._journal = None

    def _read(self, data: bytes) -> bool:
        """Take over what the file has; returns whether it is complete."""
        run = run_of(parse_file(data, str(self._file)), str(self._file))
        self._started_at = run.started_at
        self.figures = figures_of(run)
        self._filed = _ended_in(run)
        self.ended |= self._filed
        return run.complete

    def close(self) -> None:
        """Let go of the journal, which stays."""
        if self._journal is not None:
            self._journal.close()


@contextmanager
def _kept_again(path: Path) -> Iterator[None]:
    """Let errors of a file that is damaged on this machine say where there is another copy."""
    try:
        yield
    except RecordError as error:
        raise RecordError(
            f"{error}; remove {path.name}, and run the same command again: its node sends all of it once more"
        ) from None


def _ended_in(run: "Run") -> set[str]:
    return {each.cell.key for each in run.measurements if not is_cut_short(each.outcome)}
