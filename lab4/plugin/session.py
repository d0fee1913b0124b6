"""The working object: registered as a second plugin when a cell was collected, and only then."""

from __future__ import annotations

import importlib.util
import signal
from collections.abc import Generator  # noqa: TC003  # pluggy reads hook signatures
from contextlib import ExitStack, nullcontext, suppress
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Any

import pytest

from lab4.bench.bench import Bench
from lab4.dependencies import MEASURING
from lab4.domain.cell import EXAMINE, LATENCY, TRAIN, Cell
from lab4.domain.errors import Lab4Error, UnavailableError
from lab4.domain.outcome import Measured
from lab4.domain.progress import Step
from lab4.interrupts import block_interrupts, count_interrupts, ending_like_an_interrupt, swallow_interrupt
from lab4.plugin import rendering
from lab4.plugin.detail import remarks_on_detail
from lab4.plugin.items import cell_of, is_cell, is_of_suite, key_of
from lab4.plugin.measured_cell import MeasuredCell
from lab4.plugin.output import Output
from lab4.plugin.progress.displays import Display, Off, display_for, reporter_of, width_of
from lab4.plugin.progress.plan import Plan
from lab4.plugin.recording import RECORDED, ended, outcomes, reason_of, replay_clock, switched_off, usage_errors
from lab4.report.columns import wrapped

if TYPE_CHECKING:
    from lab4.domain.untyped import Untyped
    from lab4.plugin.settings import RunSettings

#: What a report carries from where it is made to where it is shown.
_LINE = "lab4_line"
_PHASES = {TRAIN: "training", LATENCY: "recording", EXAMINE: "examining"}


def _is_timed(item: pytest.Item) -> bool:
    """Whether the cell is one of those that are timed in rounds."""
    return is_cell(item) and cell_of(item).kind == LATENCY


class Lab4Session:
    """One run: its bench, its journal, its progress."""

    def __init__(self, config: pytest.Config, settings: RunSettings, planned: list[str]) -> None:
        self.config = config
        self.planned = planned
        self._warnings: list[str] = []
        self.bench = Bench(settings.order, self._warnings.append, self._show)
        if settings.order.update_golden and not settings.order.sources:
            self._warnings.append("--lab4-update: the run has no model of yours, so that nothing is written")
        self._remarks = (*settings.remarks, *remarks_on_detail(config))
        self.output = Output(config, settings, planned, self._warnings.append)
        self.plan = Plan(planned, monotonic, settings.order.profile.usual_cell_s)
        self._mode, self._reports = settings.progress, settings.reports
        self._is_building = settings.build_only
        self._display: Display = Off()
        self._built = self._timed = self._examined = self._told_of_interrupt = False
        self._signalled: list[int] = []
        self._signals = ExitStack()
        self._has_begun = self._ended = False
        self._found: dict[str, Measured] = {}

    def cell_of(self, key: str) -> Cell:
        """Parse the key; raises `UnavailableError` where the cell's device or runtime is not here."""
        cell = Cell.from_key(key)
        if not self.bench.is_cut:
            self.bench.require(cell)
        return cell

    # ----------------------------------------------------------------- before the first cell

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        """Refuse now what would fail after minutes, open the runtimes, start the journal."""
        if session.testsfailed and not session.config.option.continue_on_collection_errors:
            return None  # pytest ends the run: an interrupted one stays as it is
        self._has_begun = True
        self._signals.enter_context(ending_like_an_interrupt())
        with usage_errors():
            self._begin_display(session)
            cells = [Cell.from_key(key) for key in self.planned]
            needed = (*MEASURING, *self.bench.frameworks(cells))
            missing = [name for name in needed if importlib.util.find_spec(name) is None]
            if missing:
                raise UnavailableError(
                    f"the suite is not installed ({missing[0]} is missing); run: pip install 'lab4[suite]'"
                )
            self.output.check()
            for remark in self._remarks:
                self._show(remark)
            if not switched_off(self.config):
                self.bench.preload(cells, for_peaks=self.output.place.journal is None)  # one that goes on has them
            if self._is_building:
                untrained = [cell for cell in cells if cell.kind != TRAIN]
                self._warnings += self.bench.build_only(untrained, self._display.step)
                self.output.keep_built(self.bench.builds.keys)
                return True  # no test runs
            self.output.start(self.bench)
            self.plan.prepared()
        return None

    def _begin_display(self, session: pytest.Session) -> None:
        alone = all(map(is_cell, session.items))
        self._display = display_for(self.config, self.plan, self._mode, alone=alone)
        reporter = reporter_of(self.config)
        if alone and reporter is not None and not isinstance(self._display, Off):
            reporter.showfspath = reporter._show_progress_info = False  # noqa: SLF001  # the display is in their place

    # ----------------------------------------------------------------- a cell

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(
        self, item: pytest.Item, nextitem: pytest.Item | None
    ) -> Generator[None, object, object]:
        """Time all latency cells together before the first of their tests, each of which then records its own.

        What has no clock of cells that examine is found out together too.
        """
        if switched_off(self.config):
            return (yield)
        if is_cell(item) and not self._built and cell_of(item).kind != TRAIN:
            self._build(item.session)
        if is_cell(item) and not self._examined and cell_of(item).kind == EXAMINE:
            self._examine(item.session)
        if not _is_timed(item):
            if is_cell(item):
                self._display.step(self._step_of(cell_of(item)))
            return (yield)
        if not self._timed:
            self._time(item.session)
        self._display.step(self._step_of(cell_of(item)))
        # What was timed so far is recorded, which takes no time without the rest; then the run ends.
        with count_interrupts(self._signalled):
            done = yield
        if self._signalled:
            self.bench.is_cut = True
        self._tell_of_interrupt()
        if self.bench.is_cut and (nextitem is None or not _is_timed(nextitem)):
            raise KeyboardInterrupt
        return done

    def _step_of(self, cell: Cell) -> Step:
        """The run is at a cell that is measured by itself."""
        return Step(_PHASES[cell.kind], self.plan.done, self.plan.total, cell.id, counts_run=True)

    def _at(self, step: Step) -> None:
        self.plan.at(step)
        self._display.step(step)

    def _build(self, session: pytest.Session) -> None:
        """Build what all cells need that are not trained, after those whose training has a clock."""
        self._built = True
        cells = [cell_of(item) for item in session.items if is_cell(item)]
        self.plan.absent = {cell.key for cell in cells if not self.bench.is_here(cell)}
        self.bench.build([cell for cell in cells if cell.kind != TRAIN], self._at)
        self.plan.prepared()

    def _examine(self, session: pytest.Session) -> None:
        self._examined = True
        rendering.prepare_in(self.bench.processes.of(rendering.PROCESS), self._reports)
        cells = [cell_of(item) for item in session.items if is_cell(item)]
        self.bench.examine_ahead([cell for cell in cells if cell.kind == EXAMINE], self._at)
        self.plan.prepared()

    def _time(self, session: pytest.Session) -> None:
        self._timed = True
        cells = [cell_of(item) for item in session.items if _is_timed(item)]
        try:
            with swallow_interrupt():
                self.bench.time_in_rounds(cells, self._at, self.output.place.keep_round, self.output.journal.rounds)
        except Lab4Error as error:  # a full disk: nothing more can be kept, so nothing more is measured
            session.shouldstop = f"lab4: {error}"
            return
        if self.bench.is_cut:
            self._signalled.append(signal.SIGINT)
        self._tell_of_interrupt()
        self.plan.done_ahead(LATENCY)

    def _tell_of_interrupt(self) -> None:
        if self.bench.is_cut and not self._told_of_interrupt:
            self._told_of_interrupt = True
            self._show("interrupted: recording what was timed so far (again to stop at once)")

    def _show(self, sentence: str) -> None:
        self._display.say(sentence)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Prepare pytest-benchmark's fixture."""
        if is_cell(item):
            if off := switched_off(self.config):
                pytest.skip(off)
            replay_clock(item)
            self._found.pop(key_of(item), None)  # a test that is run again measures again

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, request: pytest.FixtureRequest) -> Generator[None, Any, Any]:
        """Report an error of ours in a cell's fixture as an outcome."""
        with outcomes(request.node) if is_cell(request.node) else nullcontext():
            return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> Generator[None, Any, Any]:
        """Report an error of ours in a cell's test as an outcome; give a test of a suite its cell."""
        if is_of_suite(pyfuncitem):
            pyfuncitem.funcargs["cell"] = self._measured_cell(pyfuncitem)
        with outcomes(pyfuncitem) if is_cell(pyfuncitem) else nullcontext():
            return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Journal the cell as it ends."""
        report = yield
        if is_cell(item) and (report.when == "call" or (report.when == "setup" and not report.passed)):
            if report.passed and RECORDED not in item.stash:
                report.outcome = "failed"
                report.longrepr = "the test passed without recording anything (lab4_record, or cell.measure())"
            measurement, row = ended(item, report)
            try:
                self.output.place.keep(measurement, row)
            except Lab4Error as error:  # a full disk: nothing more can be kept, so nothing more is measured
                item.session.shouldstop = f"lab4: {error}"
            self.plan.end(measurement)
            line = self.plan.line(measurement)
            is_asserted = report.failed and RECORDED in item.stash
            line = f"{line}  FAILED: {reason_of(report)}" if is_asserted else line
            setattr(report, _LINE, line)
            self._display.ended(line, failed=report.failed, measured=isinstance(measurement.outcome, Measured))
        return report

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: pytest.TestReport) -> tuple[str, str, str] | None:
        """Show a cell's figure in place of a word; in place of a letter, nothing: the display has shown it."""
        line = getattr(report, _LINE, None)
        if line is None or self._ended or isinstance(self._display, Off):
            return None  # pytest's own letters and words, which the short summary has as well
        category: str = "error" if report.failed and report.when == "setup" else report.outcome
        if hasattr(report, "wasxfail"):  # as pytest counts a test that was expected to fail
            category = {"skipped": "xfailed", "passed": "xpassed"}.get(category, category)
        return category, "", line

    def _measured_cell(self, item: pytest.Function) -> MeasuredCell:
        timed = [cell_of(each) for each in item.session.items if _is_timed(each)]
        return MeasuredCell(cell_of(item), item, self.bench, timed, self._found)

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logstart(self) -> None:
        """Let pytest write what it holds back, since the display writes past it."""
        self._flush()

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logfinish(self) -> None:
        """Let pytest write what it holds back."""
        self._flush()

    def _flush(self) -> None:
        reporter = reporter_of(self.config)
        if reporter is not None:
            reporter.flush()

    # ----------------------------------------------------------------- after the last cell

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write the outputs, whatever ended the run; leave no process behind."""
        self._ended = True
        with self._signals:  # until the gate has judged, which an interrupt may end
            with block_interrupts():
                self.bench.processes.dismiss(rendering.PROCESS)
                with suppress(OSError, SystemExit):  # the terminal was closed
                    self._display.close()
                try:
                    if self._has_begun:
                        self.output.finish(partial(self.bench.processes.of, rendering.PROCESS))
                    else:
                        self.output.place.close(complete=False)
                finally:
                    self.bench.close()
            self.output.judge()
        if self.output.failure is not None:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        elif session.exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED and self.output.complete:
            session.exitstatus = pytest.ExitCode.OK  # resumed with nothing left to measure
        if session.exitstatus == pytest.ExitCode.OK and self.output.judgement is not None:
            session.exitstatus = self.output.judgement.code

    def pytest_terminal_summary(self, terminalreporter: Untyped) -> None:  # private type
        """Show the tables, where the files are, and how to continue."""
        say = partial(_say, terminalreporter, width_of(self.config))
        for sentence in self._warnings:
            say(sentence)
        output = self.output
        if output.built is not None:
            say(f"built, and measured nothing: {output.built} entries of the cache")
            return
        if output.place.journal is None or not self._has_begun:
            say("the run ended before its first cell; nothing was measured", yellow=True)
            return
        if output.failure is not None:
            say(output.failure, red=True)
            return
        terminalreporter.section("figures")
        _write_lines(terminalreporter, output.tables)
        if output.judgement is not None:
            terminalreporter.section("gate")
            _write_lines(terminalreporter, output.judgement.text)
        for path in output.paths:
            terminalreporter.write_line(f"lab4: wrote {path}")
        for fault in output.faults:
            say(fault, red=True)
        if not output.complete:
            done, planned = output.counts
            say(
                f"the run was interrupted with {done} of {planned} cells measured; "
                "run the same command with --lab4-resume to continue",
                yellow=True,
            )

    # ----------------------------------------------------------------- what pytest-benchmark writes and shows itself

    @pytest.hookimpl(optionalhook=True)
    def pytest_benchmark_update_machine_info(self, machine_info: dict[str, Any]) -> None:
        """Add our fingerprint to pytest-benchmark's own machine information."""
        if self.output.place.journal is not None:
            machine_info["lab4"] = self.output.place.journal.header["machine"]

    @pytest.hookimpl(optionalhook=True)
    def pytest_benchmark_update_json(self, output_json: dict[str, Any]) -> None:
        """Add the run, and the cells that have no row, to a JSON that pytest-benchmark writes itself."""
        output_json["lab4"] = self.output.header_and_unmeasured()

    @pytest.hookimpl(optionalhook=True, tryfirst=True)
    def pytest_benchmark_group_stats(self, benchmarks: list[dict[str, Any]]) -> list[Any] | None:
        """Leave the wide table to those who compare or ask for it: ours follows."""
        asked = ("benchmark_verbose", "benchmark_compare", "benchmark_columns")
        ours_only = all("lab4" in row["extra_info"] for row in benchmarks)
        return [] if ours_only and not any(self.config.getoption(name, None) for name in asked) else None


def _say(terminalreporter: Untyped, width: int | None, sentence: str, **markup: bool) -> None:
    """Write a sentence in lines that the terminal does not wrap."""
    for line in wrapped([f"lab4: {sentence}"], width):
        terminalreporter.write_line(line, **markup)


def _write_lines(terminalreporter: Untyped, text: str) -> None:
    """Write line by line: of a text that its terminal cannot show, pytest escapes all, line ends too."""
    for line in text.splitlines():
        terminalreporter.write_line(line)
