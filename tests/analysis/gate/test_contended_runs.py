"""Runs with too few uncontended calls: contended calls are no evidence about the code."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lab4.analysis.gate.adjustments import peer_adjusted
from lab4_gate_runs import lucky, verdicts

from lab4.analysis.gate.policy import Policy
from lab4.analysis.gate.sides import Sides, logged
from lab4.analysis.gate.verdict import ExitCode, VerdictOutcome

INT8 = "latency/cnn-cpu-b1-tflite_int8"
REFERENCE_S = 3e-5


def watched(random, runs, *, disturbed=()):
    """The runs on a restless machine that was watched; in those of ``disturbed`` no call of INT8 was uncontended."""
    made = []
    for number, run in enumerate(runs):
        shared = 1 + 0.4 * random.random()
        cells = {}
        for key, cell in run.cells.items():
            quiet = {name: cell.values[name] for name in ("latency", "p90", "p99")}
            corrected = {name: value / REFERENCE_S for name, value in quiet.items()}
            if number in disturbed and key == INT8:
                corrected = {}
            felt = {name: value * shared for name, value in quiet.items()}
            cells[key] = replace(cell, values={**cell.values, **felt}, corrected=corrected)
        made.append(replace(run, cells=cells))
    return made


def test_undisturbed_calls_decide_where_they_vary_less():
    random = Random(1)
    before = watched(random, lucky(random, 10, 0.002))
    after = watched(random, lucky(random, 3, 0.002, 10, {INT8: 1.05}))
    judged, notes = timed(before, after, Policy())
    assert {key for key, verdict in verdicts(judged).items() if verdict is VerdictOutcome.WORSE} >= {(INT8, "latency")}
    assert any("latency of uncontended calls" in note for note in notes)


def test_a_run_without_an_undisturbed_call_is_left_out_and_never_mixed_with_others():
    random = Random(2)
    before = watched(random, lucky(random, 10, 0.002), disturbed={0, 4})
    after = watched(random, lucky(random, 3, 0.002, 10), disturbed={1})
    judged, _ = timed(before, after, Policy())
    assert VerdictOutcome.WORSE not in verdicts(judged).values()
    assert verdicts(judged)[INT8, "latency"] is VerdictOutcome.SAME


def test_a_candidate_that_never_had_its_core_to_itself_cannot_be_judged():
    random = Random(3)
    before = watched(random, lucky(random, 10, 0.002))
    after = watched(random, lucky(random, 2, 0.002, 10), disturbed={0, 1})
    judged, _ = timed(before, after, Policy())
    found = next(each for each in judged if (each.cell, each.figure) == (INT8, "latency"))
    assert found.outcome is VerdictOutcome.INCONCLUSIVE
    assert found.stops is ExitCode.CANNOT_JUDGE
    assert "too few uncontended calls" in found.reason
    tail = next(each for each in judged if (each.cell, each.figure) == (INT8, "p99"))
    assert (tail.outcome, tail.stops) == (VerdictOutcome.INCONCLUSIVE, ExitCode.PASSED)


def test_what_no_neighbour_does_is_worse_even_so():
    random = Random(4)
    before = watched(random, lucky(random, 10, 0.002))
    after = watched(random, lucky(random, 1, 0.002, 10, {INT8: 10.0}), disturbed={0})
    judged, _ = timed(before, after, Policy())
    found = next(each for each in judged if (each.cell, each.figure) == (INT8, "latency"))
    assert (found.outcome, found.stops) == (VerdictOutcome.WORSE, ExitCode.REGRESSION)
    assert found.evidence.change > 5


@pytest.mark.parametrize(
    ("factor", "verdict", "stops"),
    [(10.0, VerdictOutcome.WORSE, ExitCode.REGRESSION), (0.1, VerdictOutcome.BETTER, ExitCode.PASSED)],
)
def test_nor_where_runs_vary_too_much_to_tell_a_neighbour(factor, verdict, stops):
    random = Random(6)
    before = lucky(random, 2, 0.3)
    policy = Policy(false_alarms=0.001)
    judged, _ = timed(before, lucky(random, 1, 0.3, 2), policy)
    assert verdicts(judged)[INT8, "latency"] is VerdictOutcome.INCONCLUSIVE
    judged, _ = timed(before, lucky(random, 1, 0.3, 2, {INT8: factor}), policy)
    found = next(each for each in judged if (each.cell, each.figure) == (INT8, "latency"))
    assert (found.outcome, found.stops) == (verdict, stops)
    assert "cannot explain a change this large" in found.reason
    assert verdicts(judged)[INT8, "p99"] is VerdictOutcome.INCONCLUSIVE


@given(
    st.dictionaries(st.integers(0, 5), st.floats(-3, 3), min_size=2),
    st.dictionaries(st.integers(0, 5), st.floats(-3, 3), min_size=2),
)
def test_between_sides_that_overlap_is_no_gap_and_swapped_sides_mirror_it(one, other):
    runs = [[{"cell": value} for value in side.values()] for side in (one, other)]
    gap = Sides(*runs).gap("cell")
    assert gap == -Sides(*reversed(runs)).gap("cell")
    apart = max(min(other.values()) - max(one.values()), min(one.values()) - max(other.values()))
    assert abs(gap) == max(0.0, apart)
    assert gap * Sides(*runs).change("cell") >= 0


def test_what_no_neighbour_touches_is_judged_in_disturbed_runs_too():
    random = Random(5)

    def with_memory(runs, factor):
        return [
            replace(
                run,
                cells={
                    key: replace(cell, values={**cell.values, "memory": factor * 1e6 * random.uniform(0.99, 1.01)})
                    for key, cell in run.cells.items()
                },
            )
            for run in runs
        ]

    before = with_memory(watched(random, lucky(random, 10, 0.002)), 1.0)
    after = with_memory(watched(random, lucky(random, 3, 0.002, 10), disturbed={0, 1, 2}), 1.5)
    judged, _ = timed(before, after, Policy())
    memory = {each.outcome for each in judged if each.figure == "memory"}
    assert memory == {VerdictOutcome.WORSE}


def test_a_peer_that_is_missing_in_a_run_does_not_move_the_others():
    cells = [f"latency/{model}-cpu-b{batch}-onnx" for model in ("cnn", "fcnn") for batch in (1, 2, 3)]
    run = {cell: float(level) for level, cell in enumerate(cells)}
    without = {cell: value for cell, value in run.items() if cell != cells[5]}
    beside = peer_adjusted(Sides([run, run], [without, run]))
    assert beside.candidate[0][cells[0]] == beside.baseline[0][cells[0]] == beside.candidate[1][cells[0]]


@pytest.mark.parametrize("factor", [1.0, 1.05, 5.0])
@pytest.mark.parametrize("disturbed", [(), (0,), (0, 1, 2)])
@pytest.mark.parametrize("few", [1, 3])
def test_what_raises_an_alarm_can_be_asked_for_alone(factor, disturbed, few):
    random = Random(4)
    before = watched(random, lucky(random, 6, 0.002))
    after = watched(random, lucky(random, few, 0.002, 6, {INT8: factor}), disturbed=disturbed)
    judged, _ = timed(before, after, Policy())
    worse = [each for each in judged if each.outcome is VerdictOutcome.WORSE]
    assert worse_verdicts(logged(before), logged(after), Policy()) == worse
    if factor == 5.0:
        assert {each.cell for each in worse} >= {INT8}


def test_a_change_beyond_all_neighbours_that_is_not_believed_is_an_alarm_too():
    random = Random(5)
    before = watched(random, lucky(random, 2, 0.3))
    after = watched(random, lucky(random, 1, 0.3, 2, {INT8: 30.0}))
    judged, _ = timed(before, after, Policy())
    worse = [each for each in judged if each.outcome is VerdictOutcome.WORSE]
    assert [(each.cell, each.figure) for each in worse] == [(INT8, "latency")]
    assert "cannot explain a change this large" in worse[0].reason
    assert worse_verdicts(logged(before), logged(after), Policy()) == worse
