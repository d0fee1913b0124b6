"""Measuring for a gate: two sides in turns, suspect cells again, or nothing changed."""

import sys
from argparse import Namespace
from collections.abc import Sequence
from datetime import date, datetime, timezone
from pathlib import Path

from lab4.analysis.gate.beside_selection import beside_selection
from lab4.analysis.gate.blessings import blessed
from lab4.analysis.gate.confirmation import Again
from lab4.analysis.gate.idle_rules import with_idle_rules
from lab4.analysis.gate.policy import Policy
from lab4.analysis.gate.presence import require_measured
from lab4.analysis.gate.reckoning import reckon
from lab4.analysis.gate.selected import with_left_out
from lab4.analysis.gate.timed_verdicts import judge_timed
from lab4.analysis.gate.turns import Measure, Role, judge_in_turns
from lab4.analysis.gate.verdict import Gate
from lab4.cli.gate_outputs import report
from lab4.cli.gate_request import Request, other_side, pytest_words, request_of, this_side
from lab4.cli.project import ledger_of, policy_of
from lab4.cli.shared import note
from lab4.domain.blessing import Blessing
from lab4.domain.errors import Lab4Error
from lab4.domain.figures import RunFigures
from lab4.domain.text import printable
from lab4.history.blessings import blessings_in, read_blessings
from lab4.interrupts import ending_like_an_interrupt
from lab4.launch import DEFAULT_ARGUMENTS, Side, file_at, measured, narrows
from lab4.reading.runs import figures_in, runs_at
from lab4.reading.store import add_document, opened
from lab4.report.gate.words import reckoning
from lab4.storage.atomic import write_atomically

__all__ = ["check", "measuring_again", "run"]

_FOLDER = Path("lab4-results", "gate")
#: Runs of a suspect cell, and of an unchanged suite: fewer say nothing of how runs vary.
_AGAIN_RUNS, _LEAST_CALIBRATION = 3, 3


def check(arguments: Namespace) -> None:
    """Refuse what does not go together; raises `Lab4Error`."""
    now = [name for name in ("against", "against-env", "calibrate") if _given(arguments, name) is not None]
    if now and arguments.runs:
        raise Lab4Error(f"--{now[0]} measures the candidate itself; leave out {' '.join(arguments.runs)}")
    if now and (arguments.baseline or arguments.last is not None):
        raise Lab4Error(f"--{now[0]} measures both sides itself; leave out --baseline and --last")
    if arguments.confirm and arguments.cross_machine:
        raise Lab4Error("--confirm measures seconds and --cross-machine judges ratios; leave out one of them")
    if arguments.rounds < 1:
        raise Lab4Error(f"--rounds {arguments.rounds}: name a positive number")
    if arguments.calibrate is not None and arguments.calibrate < _LEAST_CALIBRATION:
        raise Lab4Error(f"--calibrate {arguments.calibrate}: it takes at least {_LEAST_CALIBRATION} runs")


def _given(arguments: Namespace, option: str) -> object:
    return getattr(arguments, option.replace("-", "_"))


def run(arguments: Namespace) -> int:
    """Measure, judge and report; returns the exit code."""
    with ending_like_an_interrupt():
        return _calibrate(arguments) if arguments.calibrate is not None else _in_turns(arguments)


def _show(sentence: str) -> None:
    print(f"lab4: {printable(sentence)}", file=sys.stderr, flush=True)


def _kept(arguments: Namespace) -> Path:
    moment = datetime.now(timezone.utc).strftime("%Y%m%dT%H%M%S")
    return (arguments.kept or _FOLDER) / moment


def _keep(data: bytes, folder: Path) -> RunFigures:
    """Write a run under the next number of its folder; it is then safe whatever comes after."""
    path = folder / f"{len(list(folder.glob('*.json'))) + 1:03d}.json"
    write_atomically(path, data)
    return figures_in(data, str(path))


# --------------------------------------------------------------------- two sides in turns


def _in_turns(arguments: Namespace) -> int:
    policy = policy_of(arguments)
    accepted = _accepted(arguments)
    folder = _kept(arguments)
    here = this_side()
    with other_side(arguments) as other:
        request = request_of(arguments.pytest, DEFAULT_ARGUMENTS, (here, other), arguments.cells)
        measure = _measuring(request, {Role.CANDIDATE: here, Role.BASELINE: other}, folder, accepted)
        try:
            gate = judge_in_turns(
                measure,
                policy,
                arguments.rounds,
                today=date.today(),  # noqa: DTZ011  # the day where people are
                confirm=arguments.confirm,
                show=_show,
            )
        except KeyboardInterrupt:
            note(
                f"interrupted; the runs measured so far are in {folder}; "
                f"judge them with: lab4 gate {folder / 'candidate'} --baseline {folder / 'baseline'} --in-turns"
            )
            raise
    note(f"the runs are in {folder}")
    return report(arguments, _beside(arguments, request, gate, policy, folder / Role.CANDIDATE.value))


def _beside(arguments: Namespace, request: Request, gate: Gate, policy: Policy, runs: Path) -> Gate:
    """The gate with what its policy asks of cells that were not selected."""
    measured_once = runs_at([min(runs.glob("*.json"))], note)  # the first: later ones leave out what is decided
    everything = [with_left_out(run, request.left_out) for run in measured_once]
    gate = with_idle_rules(gate, policy, everything)
    own = arguments.pytest is not None and narrows(pytest_words(arguments.pytest))
    if arguments.pytest is not None and not own and request.cells is None:
        return gate  # a whole run
    return beside_selection(gate, measured_once, everything, narrowed=own)


def _accepted(arguments: Namespace) -> list[Blessing]:
    """The changes that this checkout accepts and the other revision does not know."""
    if arguments.against is None:
        return []
    ledger = ledger_of(arguments)
    then = file_at(arguments.against, ledger)
    known = [] if then is None else blessings_in(then, f"{ledger} of {arguments.against}")
    return [each for each in read_blessings(ledger) if each not in known]


def _measuring(request: Request, sides: dict[Role, Side], folder: Path, accepted: Sequence[Blessing]) -> Measure:
    def measure(role: Role, cells: Sequence[str] | None) -> RunFigures:
        data = measured(sides[role], request.arguments, request.cells if cells is None else cells)
        found = _keep(data, folder / role.value)
        return blessed([found], accepted, whenever=True)[0] if role is Role.BASELINE else found

    return measure


# --------------------------------------------------------------------- suspect cells again


def measuring_again(arguments: Namespace, profile: str) -> Again:
    """What measures suspect cells of this checkout again, as the candidate's profile does."""
    side, folder = this_side(), _kept(arguments) / "again"
    chosen = request_of(arguments.pytest, ("benchmarks", "--lab4-profile", profile), [side]).arguments

    def again(cells: Sequence[str]) -> list[RunFigures]:
        with ending_like_an_interrupt():
            found = []
            for number in range(1, _AGAIN_RUNS + 1):
                _show(f"suspects again, run {number} of {_AGAIN_RUNS}: {len(cells)} with those beside them")
                found.append(_keep(measured(side, chosen, cells), folder))
            return found

    return again


# --------------------------------------------------------------------- nothing changed


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
            require_measured([run], "run")  # else every later candidate is judged by nothing
            add_document(store, data, f"calibration of {datetime.now(timezone.utc):%Y-%m-%d}")
            runs.append(run)
    finally:
        store.close()
        if runs:
            where = printable(store.name)
            print(f"{len(runs)} runs added to {where}; judge a run against them with: lab4 gate RUN --last 20")
    timed, notes = judge_timed(runs[:-1], runs[-1:], policy)
    found = reckon(runs, policy, timed, date.today())  # noqa: DTZ011  # the day where people are
    print("\n".join([*notes, *reckoning(Gate([], notes, (), (), found))]))
    return 0
