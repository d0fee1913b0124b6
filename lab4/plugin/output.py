"""What a run leaves behind: the journal during the run, then run.json and the reports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lab4.bench.cells import catalogue_of
from lab4.cache import Cache
from lab4.domain.cell import Cell
from lab4.domain.errors import OutputError, in_words
from lab4.domain.outcome import Measured, is_cut_short
from lab4.history.plain import with_peaks
from lab4.history.run_file import read_run, run_document, run_section, write_run
from lab4.history.run_folder import RunFolder
from lab4.plugin.checks import require_room, require_same_run
from lab4.plugin.header import header_for
from lab4.storage.atomic import lacking_in

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import pytest

    from lab4.bench.bench import Bench
    from lab4.domain.rounds import Round
    from lab4.domain.run import Run
    from lab4.history.journal import Journal
    from lab4.plugin.gating import Baselines, Judgement
    from lab4.plugin.settings import RunSettings

#: What must be free before the first minute of measuring: a cache is under 60 MB.
_CACHE_BYTES = 200_000_000


class Output:
    """One run's journal and files; ``place`` keeps each cell and round as it ends.

    After `finish`, ``failure`` says what could not be written, if anything, ``faults`` which reports could not be
    rendered, and ``judgement`` what the gate says.
    """

    def __init__(
        self, config: pytest.Config, settings: RunSettings, planned: list[str], warn: Callable[[str], None]
    ) -> None:
        self._warn = warn
        self._config = config
        self._settings = settings
        self._planned = planned
        self.place = RunFolder(settings.output, warn)
        self._machine_info: dict[str, Any] = {}
        self.tables = ""
        self.faults: tuple[str, ...] = ()
        self.paths: tuple[Path, ...] = ()
        self.failure: str | None = None
        self.judgement: Judgement | None = None

    @property
    def folder(self) -> Path:
        """Where everything goes."""
        return self.place.path

    @property
    def started(self) -> bool:
        """Whether a first cell was reached."""
        return self.place.journal is not None

    @property
    def rounds(self) -> Sequence[Round]:
        """The rounds that an interrupted session had, to be continued."""
        return self._opened().rounds

    @property
    def counts(self) -> tuple[int, int]:
        """Cells measured, and planned."""
        journal = self._opened()
        done = sum(isinstance(each.measurement.outcome, Measured) for each in journal.entries.values())
        return done, len(journal.header["planned"])

    @property
    def complete(self) -> bool:
        """Whether every planned cell has ended."""
        journal = self.place.journal
        if journal is None:
            return False
        ended = {key for key, entry in journal.entries.items() if not is_cut_short(entry.measurement.outcome)}
        return set(journal.header["planned"]) <= ended

    # ----------------------------------------------------------------- before

    def resume(self) -> set[str]:
        """Open the journal of the interrupted run if asked to; returns the keys of what it has measured.

        Raises:
            RecordError: if there is nothing to continue, or it is damaged.
            OutputError: if another run owns the folder.
        """
        if not self._settings.resume:
            return set()
        outcomes = {key: entry.measurement.outcome for key, entry in self.place.resume().entries.items()}
        return {key for key, each in outcomes.items() if isinstance(each, Measured) and not is_cut_short(each)}

    def check(self) -> None:
        """Refuse a folder without free space or permission, or in use; raises `OutputError` or `CacheError`."""
        require_room(self.folder)
        self.place.claim()
        if lacking := lacking_in(self.folder):
            self._warn(lacking)
        for sentence in Cache(self._settings.order.cache).check_writable(_CACHE_BYTES):
            self._warn(sentence)

    def start(self, bench: Bench) -> None:
        """Start the journal, or check that the one to continue is of this machine and these settings."""
        hook = self._config.hook
        self._machine_info = hook.pytest_benchmark_generate_machine_info(config=self._config)
        catalogue = catalogue_of(self._settings.axes, self._settings.order.metrics)
        header = header_for(bench, catalogue, self._machine_info, self._planned)
        if self.place.journal is None:
            peaks = bench.peaks(Cell.from_key(key) for key in self._planned)
            self.place.create(with_peaks(header, peaks))
        else:
            require_same_run(self.folder, self.place.journal.header, header)

    # ----------------------------------------------------------------- during the run

    def add_machine(self, machine_info: dict[str, Any]) -> None:
        """Put the fingerprint into pytest-benchmark's own machine information."""
        if self.place.journal is not None:
            machine_info["lab4"] = self.place.journal.header["machine"]

    def header_and_unmeasured(self) -> dict[str, Any]:
        """The run's own section of a JSON."""
        journal = self._opened()
        return run_section(journal.header, self._rows(), self._unmeasured())

    def _opened(self) -> Journal:
        if self.place.journal is None:
            raise OutputError("the run ended before its journal was started")
        return self.place.journal

    def _rows(self) -> list[dict[str, Any]]:
        entries = self._opened().entries.values()
        return [e.row for e in entries if e.row is not None and isinstance(e.measurement.outcome, Measured)]

    def _unmeasured(self) -> list[dict[str, Any]]:
        return [e.plain for e in self._opened().entries.values() if not isinstance(e.measurement.outcome, Measured)]

    # ----------------------------------------------------------------- after

    def finish(self) -> None:
        """Write run.json and the reports; then delete the journal, if run.json has everything."""
        is_written = False
        try:
            if self.place.journal is not None:
                self.place.ensure(self.place.journal)
                self._write()
                is_written = True
        except Exception as error:  # noqa: BLE001  # whatever it is, the journal has everything and must stay
            why = in_words(error) if isinstance(error, OSError) else str(error) or type(error).__name__
            kept = self.place.journal_path
            self.failure = f"{why}; every cell measured is in {kept}: remove the cause and use --lab4-resume"
        finally:
            # Only what was written and read back can do without its journal.
            self.place.close(complete=self.complete and is_written)

    def _write(self) -> None:
        hook = self._config.hook
        commit = hook.pytest_benchmark_generate_commit_info(config=self._config)
        document = run_document(self._machine_info, commit, self._rows(), self._opened().header, self._unmeasured())
        before = self._baselines()
        path = self.folder / "run.json"
        write_run(path, document)
        # From the file, as any later reader has it: what cannot be read back must be known now.
        self._report(read_run(path))
        self.paths = (*self.paths, path)
        if before is not None:
            from lab4.plugin.gating import judged

            self.judgement = judged(self._settings, self.folder, self._config, before, self._warn)
            self.paths = (*self.paths, *self.judgement.paths)

    def _report(self, run: Run) -> None:
        """Write the worksheet, where the run has cells of the form, and the general report; keep what is shown."""
        from lab4.analysis.overview import report
        from lab4.report.files import write_documents
        from lab4.report.terminal import tables
        from lab4.worksheet import has_form_cells, worksheet

        documents = [worksheet([run])] if has_form_cells([run]) else []
        documents.append(report([run]))
        written = write_documents(documents, self.folder, self._settings.reports)
        self.paths, self.faults, self.tables = written.paths, written.faults, tables(documents[0])

    def _baselines(self) -> Baselines | None:
        if not self._settings.gate:
            return None
        from lab4.plugin.gating import baselines_of

        return baselines_of(self._settings, self._warn)
