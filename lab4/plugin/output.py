"""What a run leaves behind: the journal during the run, then run.json and the reports."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from lab4 import __version__
from lab4.cache import Cache
from lab4.devices.fingerprint import fingerprint
from lab4.doctor.checks import System, disturbances
from lab4.domain.cell import Cell
from lab4.domain.errors import OutputError, in_words
from lab4.domain.outcome import Measured, is_cut_short
from lab4.domain.run import Settings
from lab4.history.json_text import written
from lab4.history.plain import header_of, with_peaks
from lab4.history.run_file import read_run, run_document, run_section, write_run
from lab4.history.run_folder import BUILT_FILE, RunFolder
from lab4.history.run_schema import SCHEMA_VERSION, RunHeader
from lab4.plugin.checks import require_room, require_same_run
from lab4.plugin.progress.displays import width_of
from lab4.plugin.recording import switched_off
from lab4.storage.atomic import lacking_in, write_atomically

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import pytest

    from lab4.analysis.document import Document
    from lab4.bench.bench import Bench
    from lab4.bench.worker import Worker
    from lab4.domain.errors import Lab4Error
    from lab4.domain.figures import RunFigures
    from lab4.domain.run import Run
    from lab4.history.journal import Journal
    from lab4.plugin.gating import Judgement
    from lab4.plugin.settings import RunSettings
    from lab4.report import Student

#: What must be free before the first minute of measuring: a cache is under 60 MB.
_CACHE_BYTES = 200_000_000


class Output:
    """One run's journal and files; ``place`` keeps each cell and round as it ends.

    ``built`` is the number of entries of the cache, where the run only builds. After `finish`, ``failure`` says what
    could not be written, if anything, ``faults`` which reports could not be rendered, and ``judgement`` what the gate
    says.
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
        self.built: int | None = None
        self.judgement: Judgement | None = None
        self._before: Sequence[RunFigures] | Lab4Error | None = None
        self._is_written = False

    @property
    def journal(self) -> Journal:
        """The journal of the run that has started; raises `OutputError` before it has one."""
        if self.place.journal is None:
            raise OutputError("the run ended before its journal was started")
        return self.place.journal

    @property
    def counts(self) -> tuple[int, int]:
        """Cells measured, and planned."""
        done = sum(isinstance(each.measurement.outcome, Measured) for each in self.journal.entries.values())
        return done, len(self.journal.header["planned"])

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
        require_room(self.place.path)
        self.place.claim()
        if lacking := lacking_in(self.place.path):
            self._warn(lacking)
        for sentence in Cache(self._settings.order.cache).check_writable(_CACHE_BYTES):
            self._warn(sentence)

    def start(self, bench: Bench) -> None:
        """Start the journal, or check that the one to continue is of this machine and these settings."""
        hook = self._config.hook
        self._machine_info = hook.pytest_benchmark_generate_machine_info(config=self._config)
        cells = [Cell.from_key(key) for key in self._planned]
        header = self._header(bench, cells)
        bench.look_up(cells)
        if self.place.journal is None:
            # Where nothing is recorded, nothing is timed.
            self.place.create(with_peaks(header, () if switched_off(self._config) else bench.peaks(cells)))
        else:
            require_same_run(self.place.path, self.place.journal.header, header)

    def _header(self, bench: Bench, cells: Sequence[Cell]) -> dict[str, Any]:
        """What the run says of itself before its first cell; raises `Lab4Error` if the dataset cannot be loaded."""
        order = bench.order
        profile = order.profile
        # Before the data are named: it opens the user's models.
        catalogue = bench.catalogue(self._settings.axes)
        header = RunHeader(
            schema_version=SCHEMA_VERSION,
            # To the microsecond: the start is a part of what distinguishes two runs.
            started_at=datetime.now(timezone.utc).isoformat(timespec="microseconds"),
            lab4_version=__version__,
            settings=Settings(
                profile.name,
                order.seed,
                profile.epochs,
                profile.finetune_epochs,
                profile.latency_s,
                tuple(sorted(order.resources)),
            ),
            dataset=bench.dataset_info(cells),
            catalogue=catalogue,
            planned=tuple(self._planned),
        )
        cpu = self._machine_info.get("cpu", {})
        seen = disturbances(System())
        return header_of(header, fingerprint(bench.threads(cells), bench.versions(cells), cpu, seen))

    def keep_built(self, keys: Sequence[str]) -> None:
        """Write which entries of the cache a run that only builds has used; raises `OutputError`."""
        write_atomically(self.place.path / BUILT_FILE, written({"entries": list(keys)}))
        self.built = len(keys)

    # ----------------------------------------------------------------- during the run

    def header_and_unmeasured(self) -> dict[str, Any]:
        """The run's own section of a JSON."""
        return run_section(self.journal.header, self._rows(), self._unmeasured())

    def _rows(self) -> list[dict[str, Any]]:
        entries = self.journal.entries.values()
        return [e.row for e in entries if e.row is not None and isinstance(e.measurement.outcome, Measured)]

    def _unmeasured(self) -> list[dict[str, Any]]:
        return [e.plain for e in self.journal.entries.values() if not isinstance(e.measurement.outcome, Measured)]

    # ----------------------------------------------------------------- after

    def finish(self, worker: Callable[[], Worker]) -> None:
        """Write run.json and the reports; then delete the journal, if run.json has everything.

        Reports by heavy packages are rendered in a worker's process.
        """
        try:
            if self.place.journal is not None:
                self.place.ensure(self.place.journal)
                self._write(worker)
        except Exception as error:  # noqa: BLE001  # whatever it is, the journal has everything and must stay
            why = in_words(error) if isinstance(error, OSError) else _said(error)
            kept = self.place.journal_path
            self.failure = f"{why}; every cell measured is in {kept}: remove the cause and use --lab4-resume"
        finally:
            # Only what was written and read back can do without its journal.
            self.place.close(complete=self.complete and self._is_written)

    def _write(self, worker: Callable[[], Worker]) -> None:
        hook = self._config.hook
        commit = hook.pytest_benchmark_generate_commit_info(config=self._config)
        document = run_document(self._machine_info, commit, self._rows(), self.journal.header, self._unmeasured())
        if self._settings.gate:
            from lab4.plugin.gating import baselines_of

            self._before = baselines_of(self._settings, self._warn)
        path = self.place.path / "run.json"
        write_run(path, document)
        # From the file, as any later reader has it: what cannot be read back must be known now.
        self._report(read_run(path), worker)
        self.paths = (*self.paths, path)
        self._is_written = True

    def judge(self) -> None:
        """Judge the run that was written, where a gate was asked for; it may measure again, for minutes."""
        if self._before is not None and self._is_written:
            from lab4.plugin.gating import judged

            try:
                self.judgement = judged(self._settings, self.place.path, self._config, self._before, self._warn)
            except Exception as error:  # noqa: BLE001  # the run is kept, and must not look as if it had passed
                self.failure = f"the gate: {in_words(error) if isinstance(error, OSError) else _said(error)}"
                return
            self.paths = (*self.paths, *self.judgement.paths)

    def _student(self, document: Document) -> Student:
        """What the student has answered in an earlier run's file; the file with its headings where there is none."""
        from lab4.report import Student
        from lab4.report.written_answers import ANSWERS_FILE, ensure_file, student_in

        if not document.is_form:
            return Student()
        if (made := ensure_file(document, self.place.path)) is not None:
            self.paths = (*self.paths, made)
            return Student()
        return student_in(self.place.path / ANSWERS_FILE, document, self._warn)

    def _report(self, run: Run, worker: Callable[[], Worker]) -> None:
        """Write the worksheet, where the run has cells of the form, and the general report; keep what is shown."""
        from lab4.analysis.overview import report
        from lab4.plugin.rendering import next_to_each_other
        from lab4.report.files import write_documents
        from lab4.report.terminal import WIDEST, tables
        from lab4.worksheet import candidate_sections, has_form_cells, worksheet

        # A run that looks for the best settings has next to nothing of the form.
        documents = [worksheet([run])] if has_form_cells([run]) and not self._settings.tune else []
        more = candidate_sections([run]) if documents else ()
        if self._before is not None:
            from lab4.plugin.gating import history_sections

            more = (*history_sections(run, self._before, self._warn), *more)
        documents.append(report([run], more))
        student = self._student(documents[0])
        render = next_to_each_other(worker)
        written = write_documents(documents, self.place.path, self._settings.reports, student, render)
        for note in written.notes:
            self._warn(note)
        self.paths, self.faults = (*self.paths, *written.paths), written.faults
        self.tables = tables(documents[0], min(WIDEST, width_of(self._config) or WIDEST))


def _said(error: Exception) -> str:
    return str(error) or type(error).__name__
