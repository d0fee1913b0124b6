from dataclasses import replace

from lab4_gate_runs import cell, run_with
from lab4_sites import CELLS, MACHINES, RULES, numbered

from lab4.analysis.gate.judge import judge
from lab4.analysis.gate.verdict import ExitCode
from lab4.analysis.site.latest_gate import BASELINES, latest_gates
from lab4.analysis.site.selection import selection_of


def gates_of(runs):
    by_number = dict(runs)
    return latest_gates(selection_of(runs).machines, lambda numbers: [by_number[each] for each in numbers], RULES)


def test_the_verdicts_are_those_of_the_gate_on_the_last_twenty_of_the_machine():
    runs = numbered(turns=30)
    first, _ = gates_of(runs)
    named = (replace(run, source=f"run {number}") for number, run in runs)
    own = [run for run in named if run.machine.hardware_id == MACHINES[0].hardware_id]
    expected = judge([own[-1]], own[-1 - BASELINES : -1], RULES.policy, today=RULES.today)
    assert len(first.runs) == BASELINES
    assert first.result == expected


def test_a_first_run_has_no_baseline():
    (gate,) = gates_of([(1, run_with({CELLS[0]: cell()}))])
    assert gate.result.exit_code is ExitCode.NO_BASELINE
    assert gate.runs == ()


def test_runs_of_another_profile_are_no_baseline():
    runs = [run_with({CELLS[0]: cell()}, number) for number in range(3)]
    newest = run_with({CELLS[0]: cell()}, 3, settings=replace(runs[0].settings, profile="thorough"))
    (gate,) = gates_of([*enumerate(runs, 1), (4, newest)])
    assert gate.runs == ()


def test_what_cannot_be_judged_says_why():
    unknown = replace(MACHINES[0], cpu="x86_64")
    runs = [run_with({CELLS[0]: cell()}, number, machine=unknown) for number in range(3)]
    (gate,) = gates_of([*enumerate(runs, 1)])
    assert gate.result.fault.startswith("these runs may be of different machines: run 1 has no CPU model")
    assert gate.result.exit_code is ExitCode.CANNOT_JUDGE
