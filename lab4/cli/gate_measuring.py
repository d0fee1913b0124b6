"""Measuring for a gate: two interleaved sides, flagged cells again, or unchanged code."""

import sys
from argparse import Namespace
from collections.abc import Sequence
from datetime import date, datetime, timezone
from pathlib import Path

from lab4.analysis.gate.approvals import with_approvals
from lab4.analysis.gate.confirmation import Remeasure
from lab4.analysis.gate.interleaved import MeasureSide, Role, judge_interleaved
from lab4.analysis.gate.judge import self_check
from lab4.analysis.gate.policy import Policy
from lab4.analysis.gate.presence import require_measured
from lab4.analysis.gate.selection import with_unmatched_rules, with_unselected, without_unselected_budgets
from lab4.analysis.gate.timed_verdicts import judge_timed
from lab4.analysis.gate.verdict import GateResult
from lab4.cli.gate_outputs import report
from lab4.cli.gate_request import MeasuringRequest, other_side, pytest_words, request_of, this_side
from lab4.cli.project import approvals_path, policy_of
from lab4.cli.shared import note
from lab4.domain.approval import Approval
from lab4.domain.errors import Lab4Error
from lab4.domain.figures import RunFigures
from lab4.domain.text import printable
from lab4.history.approvals import APPROVALS_FILE, EARLIER_FILE, approvals_in, read_approvals
from lab4.interrupts import ending_like_an_interrupt
from lab4.launch import DEFAULT_ARGUMENTS, LaunchSide, file_at, measured, narrows
from lab4.reading.runs import figures_in, runs_at
from lab4.reading.store import add_document, opened
from lab4.report.gate.words import self_check_lines
from lab4.storage.atomic import write_atomically

__all__ = ["check", "remeasuring", "run"]

_FOLDER = Path("lab4-results", "gate")
#: Runs of a flagged cell, and of an unchanged suite: fewer do not show how runs vary.
_AGAIN_RUNS, _MIN_CALIBRATION = 3, 3


def check(arguments: Namespace) -> None:
    """Raise `Lab4Error` for options that exclude each other."""
    now = [name for name in ("against", "against-env", "calibrate") if _given(arguments, name) is not None]
    if now and arguments.runs:
        raise Lab4Error(f"--{now[0]} measures the candidate itself; leave out {' '.join(arguments.runs)}")
    if now and (arguments.baseline or arguments.last is not None):
        raise Lab4Error(f"--{now[0]} measures both sides itself; leave out --baseline and --last")
    if arguments.confirm and arguments.cross_machine:
        raise Lab4Error("--confirm measures seconds and --cross-machine judges ratios; leave out one of them")
    if arguments.rounds < 1:
        raise Lab4Error(f"--rounds {arguments.rounds}: name a positive number")
    if arguments.calibrate is not None and arguments.calibrate < _MIN_CALIBRATION:
        raise Lab4Error(f"--calibrate {arguments.calibrate}: name at least {_MIN_CALIBRATION} runs")


def _given(arguments: Namespace, option: str) -> object:
    return getattr(arguments, option.replace("-", "_"))


def run(arguments: Namespace) -> int:
    """Measure, judge and report; returns the exit code."""
    with ending_like_an_interrupt():
        return _calibrate(arguments) if arguments.calibrate is not None else _interleaved(arguments)


def _show(sentence: str) -> None:
    print(f"lab4: {printable(sentence)}", file=sys.stderr, flush=True)


def _kept(arguments: Namespace) -> Path:
    moment = datetime.now(timezone.utc).strftime("%Y%m%dT%H%M%S")
    return (arguments.kept or _FOLDER) / moment


def _keep(data: bytes, folder: Path) -> RunFigures:
    """Write a run under the next number of its folder; it is then on the disk."""
    path = folder / f"{len(list(folder.glob('*.json'))) + 1:03d}.json"
    write_atomically(path, data)
    return figures_in(data, str(path))


# --------------------------------------------------------------------- two interleaved sides


def _interleaved(arguments: Namespace) -> int:
    policy = policy_of(arguments)
    approvals = _new_approvals(arguments)
    folder = _kept(arguments)
    here = this_side()
    with other_side(arguments) as other:
        request = request_of(arguments.pytest, DEFAULT_ARGUMENTS, (here, other), arguments.cells)
        measure = _measuring(request, {Role.CANDIDATE: here, Role.BASELINE: other}, folder, approvals)
        try:
            gate = judge_interleaved(
                measure,
                policy,
                arguments.rounds,
                today=date.today(),  # noqa: DTZ011  # the user's day
                confirm=arguments.confirm,
                show=_show,
            )
        except KeyboardInterrupt:
            note(
                f"interrupted; the runs measured so far are in {folder}; "
                f"judge them with: lab4 gate {folder / 'candidate'} --baseline {folder / 'baseline'} --interleaved"
            )
            raise
    note(f"the runs are in {folder}")
    return report(arguments, _with_policy_notes(arguments, request, gate, policy, folder / Role.CANDIDATE.value))


def _with_policy_notes(
    arguments: Namespace, request: MeasuringRequest, gate: GateResult, policy: Policy, runs: Path
) -> GateResult:
    """The gate with notes on rules that match no cell, and on budgets of cells that were not selected."""
    measured_once = runs_at([min(runs.glob("*.json"))], note)  # the first: later ones leave out decided cells
    everything = [with_unselected(run, request.left_out) for run in measured_once]
    gate = with_unmatched_rules(gate, policy, everything)
    own = arguments.pytest is not None and narrows(pytest_words(arguments.pytest))
    if arguments.pytest is not None and not own and request.cells is None:
        return gate  # a whole run
    return without_unselected_budgets(gate, measured_once, everything, narrowed=own)


def _new_approvals(arguments: Namespace) -> list[Approval]:
    """The approvals of this checkout that the other revision does not have."""
    if arguments.against is None:
        return []
    path = approvals_path(arguments)
    known = _approvals_then(arguments.against, path)
    return [approval for approval in read_approvals(path) if approval not in known]


def _approvals_then(revision: str, path: Path) -> list[Approval]:
    """The approvals in a revision's file; the project's own may have had its earlier name there."""
    project_files = [path.with_name(file.name) for file in (APPROVALS_FILE, EARLIER_FILE)]
    contents = {file: file_at(revision, file) for file in (project_files if path in project_files else [path])}
    return [
        approval
        for file, data in contents.items()
        if data is not None
        for approval in approvals_in(data, f"{file} of {revision}")
    ]


def _measuring(
    request: MeasuringRequest, sides: dict[Role, LaunchSide], folder: Path, approvals: Sequence[Approval]
) -> MeasureSide:
    def measure(role: Role, cells: Sequence[str] | None) -> RunFigures:
        data = measured(sides[role], request.arguments, request.cells if cells is None else cells)
        run = _keep(data, folder / role.value)
        return with_approvals([run], approvals, whenever=True)[0] if role is Role.BASELINE else run

    return measure


# --------------------------------------------------------------------- flagged cells again


def remeasuring(arguments: Namespace, profile: str) -> Remeasure:
    """A function that measures flagged cells of this checkout again, with the candidate's profile."""
    side, folder = this_side(), _kept(arguments) / "again"
    chosen = request_of(arguments.pytest, ("benchmarks", "--lab4-profile", profile), [side]).arguments

    def remeasure(cells: Sequence[str]) -> list[RunFigures]:
        with ending_like_an_interrupt():
            runs = []
            for number in range(1, _AGAIN_RUNS + 1):
                _show(f"second stage, run {number} of {_AGAIN_RUNS}: {len(cells)} flagged cells and peers")
                runs.append(_keep(measured(side, chosen, cells), folder))
            return runs

    return remeasure


# --------------------------------------------------------------------- unchanged code


def _calibrate(arguments: Namespace) -> int:
    policy = policy_of(arguments)
    side = this_side()
    request = request_of(arguments.pytest, DEFAULT_ARGUMENTS, [side], arguments.cells)
    store = opened(arguments.history, note)
    runs = []
    try:
        for number in range(1, arguments.calibrate + 1):
            _show(f"run {number} of {arguments.calibrate}")
            data = measured(side, request.arguments, request.cells)
            run = figures_in(data, f"calibration {number}")
            require_measured([run], "run")  # an empty run is no baseline for later candidates
            add_document(store, data, f"calibration of {datetime.now(timezone.utc):%Y-%m-%d}")
            runs.append(run)
    finally:
        store.close()
        if runs:
            where = printable(store.name)
            print(f"{len(runs)} runs added to {where}; judge a run against them with: lab4 gate RUN --last 20")
    timed, notes = judge_timed(runs[:-1], runs[-1:], policy)
    check = self_check(runs, policy, timed, date.today())  # noqa: DTZ011  # the user's day
    print("\n".join([*notes, *self_check_lines(GateResult([], notes, (), (), check))]))
    return 0
