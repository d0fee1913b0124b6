from dataclasses import replace
from datetime import date
from itertools import count, pairwise
from math import exp
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lab4_gate_runs import CELLS, at_speeds, cell, lucky, run_with, timed, verdicts

from lab4.analysis.gate.interleaved import Role, alpha_spent, judge_interleaved
from lab4.analysis.gate.policy import Policy
from lab4.analysis.gate.verdict import ExitCode, VerdictOutcome
from lab4.domain.errors import Lab4Error
from lab4.domain.figures import CellFigures

INT8 = "latency/cnn-cpu-b1-tflite_int8"


class Bench:
    """Measures by chance: cells of the candidate are slower by ``factors``.

    The machine drifts by ``drift`` a run, and its speed varies by ``speed``, which the reference kernel tells.
    """

    def __init__(self, seed, factors=None, noise=0.01, drift=0.0, speed=0.0):
        self.random, self.factors, self.noise, self.drift = Random(seed), factors or {}, noise, drift
        self.speed = speed
        self.asked = []
        self.number = count()

    def __call__(self, role, cells):
        number = next(self.number)
        self.asked.append((role, cells))
        factors = {key: exp(self.drift * number) for key in CELLS}
        if role is Role.CANDIDATE:
            factors = {key: factor * self.factors.get(key, 1.0) for key, factor in factors.items()}
        (run,) = lucky(self.random, 1, self.noise, number % 60, factors)
        if self.speed:
            (run,) = at_speeds(self.random, self.speed, [run])
        return run_with({key: found for key, found in run.cells.items() if cells is None or key in cells}, number % 60)


def interleaved(bench, rounds=8, **more):
    return judge_interleaved(bench, Policy(), rounds, today=date(2026, 6, 1), **more)


@given(st.integers(1, 100))
def test_all_looks_together_spend_what_is_admitted(rounds):
    shares = [alpha_spent(number, rounds) for number in range(1, rounds + 1)]
    assert sum(shares) == pytest.approx(1)
    assert all(share > 0 for share in shares)
    assert shares == sorted(shares)


def test_each_round_is_a_b_b_a():
    bench = Bench(1)
    interleaved(bench, 1)
    assert [role.value for role, _ in bench.asked] == ["baseline", "candidate", "candidate", "baseline"]


def test_unchanged_code_passes_and_stops_early():
    bench = Bench(2, noise=0.004)
    found = interleaved(bench)
    assert found.exit_code is ExitCode.PASSED
    assert len(bench.asked) < 32
    assert "interleaved: " in found.notes[0]


def test_a_slower_cell_is_found_and_only_undecided_cells_and_their_kin_are_measured_on():
    bench = Bench(3, {INT8: 1.1}, noise=0.01)
    found = interleaved(bench)
    assert verdicts(found.verdicts)[INT8, "latency"] is VerdictOutcome.WORSE
    assert found.exit_code is ExitCode.REGRESSION
    asked = [cells for _, cells in bench.asked]
    assert asked[0] is None
    assert all(len(later) <= len(CELLS if earlier is None else earlier) for earlier, later in pairwise(asked) if later)


def test_a_drift_of_the_machine_is_no_regression():
    # One percent per run is 16% from the first to the last: far more than the change that would stop.
    found = interleaved(Bench(4, noise=0.002, drift=0.01))
    assert [each for each in found.verdicts if each.outcome is VerdictOutcome.WORSE] == []


def test_what_is_found_once_and_not_again_stops_nobody():
    confirmed = interleaved(Bench(5, {INT8: 1.1}, noise=0.01), 2, confirm=True)
    assert verdicts(confirmed.verdicts)[INT8, "latency"] is VerdictOutcome.WORSE
    once = Bench(5, {INT8: 1.1}, noise=0.01)

    def changing(role, cells):
        if len(once.asked) >= 8:
            once.factors = {}
        return once(role, cells)

    found = judge_interleaved(changing, Policy(), 2, today=date(2026, 6, 1), confirm=True)
    assert found.exit_code is ExitCode.PASSED
    assert any("measured again" in note for note in found.notes)


def test_the_machines_speed_hides_nothing_from_the_second_look():
    """A suspect without kin is measured alone then, which cannot show that the reference kernel helps."""
    bench, told = Bench(8, {INT8: 1.02}, noise=0.004, speed=0.04), []

    def measure(role, cells):
        again = any("measured again" in each for each in told)
        return bench(role, [INT8] if again else cells)

    found = interleaved(measure, 4, confirm=True, show=told.append)
    assert any("measured again" in note for note in found.notes)
    assert verdicts(found.verdicts)[INT8, "latency"] is VerdictOutcome.WORSE


def test_kin_are_measured_beside_what_is_undecided():
    told = []
    bench = Bench(3, {INT8: 1.1}, noise=0.01)
    interleaved(bench, show=told.append)
    asked = [set(cells) for _, cells in bench.asked if cells is not None]
    assert asked
    assert all(cells <= set(CELLS) for cells in asked)
    assert any(len(cells) > 1 for cells in asked)
    assert told[0] == "round 1 of at most 8, run 1 of 4: baseline, all cells"


def test_a_second_look_measures_the_suspects_kin_and_judges_the_suspects():
    bench, told = Bench(5, {INT8: 1.1}, noise=0.01), []
    found = interleaved(bench, 2, confirm=True, show=told.append)
    again = told.index(next(each for each in told if "measured again" in each))
    litert = {each for each in CELLS if "tflite" in each}
    assert all(INT8 in cells and set(cells) <= litert for _, cells in bench.asked[again:])
    assert told[again + 1] == "round 1 of at most 2, run 1 of 4: baseline, 1 cell and 4 of its peers"
    assert {cell for (cell, figure), each in verdicts(found.verdicts).items() if each is VerdictOutcome.WORSE} == {INT8}


@pytest.mark.parametrize("state", ["failed", "interrupted"])
def test_a_suspect_that_fails_in_its_second_look_is_not_acquitted(state):
    bench, told = Bench(5, {INT8: 1.1}, noise=0.01), []

    def measure(role, cells):
        run = bench(role, cells)
        if not any("measured again" in each for each in told):
            return run
        bench.factors = {}  # as fast as ever, where it does not crash
        crashed = role is Role.CANDIDATE and len(bench.asked) % 4 == 2
        return run_with({**run.cells, INT8: CellFigures(state, reason="crashed")}, 1) if crashed else run

    found = interleaved(measure, 2, confirm=True, show=told.append)
    assert verdicts(found.verdicts)[INT8, "latency"] is VerdictOutcome.WORSE
    assert found.exit_code is ExitCode.REGRESSION
    assert f"{INT8} could not be measured again (crashed); its first verdict remains" in found.notes


def test_what_only_one_side_has_is_not_measured_on():
    bench = Bench(3, {INT8: 1.1}, noise=0.01)
    new = "latency/rnn-cpu-b1-tflite_int8"

    def measure(role, cells):
        run = bench(role, cells)
        return run_with({**run.cells, new: cell()}, 1) if role is Role.CANDIDATE and cells is None else run

    interleaved(measure)
    assert any(cells for _, cells in bench.asked)
    assert not any(new in cells for _, cells in bench.asked if cells)


def test_a_side_that_measures_nothing_is_refused():
    def nothing(_, __):
        return run_with({key: CellFigures("unavailable", reason="no GPU") for key in CELLS})

    with pytest.raises(Lab4Error, match="the candidate has no measured cell"):
        judge_interleaved(nothing, Policy(), 2, today=date(2026, 6, 1))


def candidate_on(**changes):
    """Measures by chance, the candidate on a machine that differs so."""
    bench = Bench(7, noise=0.004)

    def measure(role, cells):
        run = bench(role, cells)
        return replace(run, machine=replace(run.machine, **changes)) if role is Role.CANDIDATE else run

    return measure, bench


def test_what_differs_between_the_sides_software_is_noted():
    measure, _ = candidate_on(libraries=(("onnxruntime", "9.9.9"),))
    found = interleaved(measure, 1)
    assert any(note.startswith("onnxruntime: ") and "9.9.9 in the candidate" in note for note in found.notes)


def test_two_machines_are_refused_after_their_first_round():
    measure, bench = candidate_on(cpu="Another CPU")
    with pytest.raises(Lab4Error, match=r"ran on different machines \(.*; the candidate: Another CPU\)"):
        interleaved(measure)
    assert len(bench.asked) == 4


def test_a_cell_that_fails_in_one_run_is_named():
    bench = Bench(6, noise=0.004)

    def failing(role, cells):
        run = bench(role, cells)
        if role is Role.CANDIDATE and len(bench.asked) == 2:
            return run_with({**run.cells, INT8: CellFigures("failed", reason="crashed")}, 1)
        return run

    found = judge_interleaved(failing, Policy(), 2, today=date(2026, 6, 1))
    (missing,) = [each for each in found.verdicts if each.cell == INT8 and each.figure == "measurement"]
    assert missing.outcome is VerdictOutcome.MISSING
    assert "crashed (in 1 of " in missing.reason
    assert found.exit_code is ExitCode.REGRESSION


def test_a_size_that_changed_is_judged_as_ever():
    def measure(role, _):
        size = 1001.0 if role is Role.CANDIDATE else 1000.0
        return run_with({INT8: cell(1e-3, size=size)})

    found = judge_interleaved(measure, Policy(), 2, today=date(2026, 6, 1))
    assert verdicts(found.verdicts)[INT8, "size"] is VerdictOutcome.WORSE


def lacking(run, *cells):
    return replace(run, cells={key: found for key, found in run.cells.items() if key not in cells})


def test_a_cell_with_values_on_both_sides_and_no_pair_cannot_be_judged():
    random = Random(8)
    before, after = lucky(random, 4, 0.004), lucky(random, 4, 0.004, first=4, factors={INT8: 10.0})
    before, after = (
        [lacking(run, INT8) if number in without else run for number, run in enumerate(side)]
        for side, without in ((before, {2, 3}), (after, {0, 1}))
    )
    judged = timed(before, after, Policy(), paired=True)
    told = {each.figure: each for each in judged if each.cell == INT8}
    assert set(told) == {"latency", "throughput", "p90", "p99"}
    assert {each.outcome for each in told.values()} == {VerdictOutcome.INCONCLUSIVE}
    assert told["latency"].stops is ExitCode.CANNOT_JUDGE
    assert told["p99"].stops is ExitCode.PASSED
    assert "without --interleaved" in told["latency"].reason


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=5), st.booleans())
def test_each_cell_with_values_on_both_sides_has_a_verdict(has, paired):
    (run,) = lucky(Random(9), 1)
    before, after = ([run if there else lacking(run, INT8) for there in side] for side in zip(*has, strict=True))
    judged = timed(before, after, Policy(), paired=paired)
    both = all(any(INT8 in each.cells for each in side) for side in (before, after))
    assert ((INT8, "latency") in verdicts(judged)) == both


def test_few_cells_measured_twice_raise_no_more_false_alarms_than_many():
    random, alarms = Random(40), 0
    for _ in range(400):
        runs = [run_with({key: run.cells[key] for key in CELLS[:2]}) for run in lucky(random, 4, 0.02)]
        judged = timed(runs[:2], runs[2:], Policy(), paired=True)
        alarms += any(each.outcome is VerdictOutcome.WORSE for each in judged)
    assert alarms <= 12  # of 1%; more than so many come once in a thousand times


def test_a_state_that_moved_all_cells_of_a_pair_is_no_evidence_of_each():
    """Two pairs of which the second met another state of the machine: every cell says the same, and says it once."""
    random, alarms = Random(7), 0
    for _ in range(200):
        state = [random.gauss(0, 0.02) for _ in range(4)]
        runs = [run_with({key: cell(1e-3 * exp(at + random.gauss(0, 0.005))) for key in CELLS[:8]}) for at in state]
        judged = timed(runs[:2], runs[2:], Policy(), paired=True)
        alarms += any(each.outcome in {VerdictOutcome.WORSE, VerdictOutcome.BETTER} for each in judged)
    assert alarms <= 11  # of 1% each way; more than so many come once in a thousand times
