import re
from dataclasses import replace
from datetime import date
from math import exp, expm1
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lab4_gate_runs import CELLS, IMAGES, cell, lucky, run_with, timed, verdicts

from lab4.analysis.approvals import approvals_of, with_approvals
from lab4.analysis.gate.judge import judge
from lab4.analysis.gate.sides import TIMED
from lab4.analysis.gate.timed import at_equal_parts, comparison_of, decided, is_blind, lacking_runs
from lab4.analysis.gate.verdict import ExitCode, VerdictOutcome
from lab4.analysis.policy import BudgetRule, ExpectedRule, Policy, PolicyRule
from lab4.domain.errors import Lab4Error
from lab4.domain.figures import Approval, CellFigures

TODAY = date(2026, 6, 1)
INT8 = "latency/cnn-cpu-b1-tflite_int8"
MIRROR = {VerdictOutcome.BETTER: VerdictOutcome.WORSE, VerdictOutcome.WORSE: VerdictOutcome.BETTER}
SEEDS = st.integers(0, 2**32)


def gate(candidates, baselines, policy=None, **more):
    return judge(candidates, baselines, policy or Policy(), today=TODAY, **more)


def scaled(run, factor):
    """The same run in other units of time."""
    return replace(
        run,
        cells={
            key: replace(
                found,
                values={
                    name: value / factor if name == "throughput" else value if name == "size" else value * factor
                    for name, value in found.values.items()
                },
            )
            for key, found in run.cells.items()
        },
    )


def test_unchanged_runs_pass():
    random = Random(1)
    found = gate(lucky(random, 3, first=10), lucky(random, 10))
    assert found.exit_code is ExitCode.PASSED
    assert not [each for each in found.verdicts if each.outcome is VerdictOutcome.WORSE]


def test_ten_percent_more_latency_of_int8_stops():
    random = Random(3)
    found = gate(lucky(random, 3, first=10, factors={INT8: 1.1}), lucky(random, 10))
    assert found.exit_code is ExitCode.REGRESSION
    worse = [each for each in found.verdicts if each.outcome is VerdictOutcome.WORSE]
    assert {each.cell for each in worse} == {INT8}
    latency = next(each for each in worse if each.figure == "latency")
    assert latency.evidence.low < 0.1 < latency.evidence.high
    assert latency.evidence.threshold < latency.evidence.change


def test_a_real_change_of_a_third_of_a_percent_is_no_alarm_however_sure():
    random = Random(3)
    found = gate(lucky(random, 20, 0.0005, 20, {INT8: 1.003}), lucky(random, 20, 0.0005))
    assert verdicts(found.verdicts)[INT8, "latency"] is VerdictOutcome.SAME


def test_what_moves_all_cells_of_a_format_is_still_a_regression():
    random = Random(4)
    keras = {key: 1.2 for key in CELLS if key.endswith("-keras")}
    found = gate(lucky(random, 3, first=10, factors=keras), lucky(random, 10))
    assert {each.cell for each in found.verdicts if each.outcome is VerdictOutcome.WORSE} == set(keras)


def test_a_cell_slower_than_its_peers_is_told_though_their_machine_is_restless():
    random = Random(5)
    runs = lucky(random, 14, 0.003)
    for number, run in enumerate(runs):
        shared = 1 + 0.06 * random.random()
        cells = {
            key: scaled(run, shared).cells[key] if key.endswith("-keras") else found for key, found in run.cells.items()
        }
        runs[number] = replace(run, cells=cells)
    slow = "latency/cnn-cpu-b1-keras"
    changed = [replace(run, cells={**run.cells, slow: scaled(run, 1.06).cells[slow]}) for run in runs[10:]]
    found = next(each for each in gate(changed, runs[:10]).verdicts if (each.cell, each.figure) == (slow, "latency"))
    assert found.outcome is VerdictOutcome.WORSE
    assert "against its peers" in found.reason


def restless(random, runs, changes, by=0.1):
    """The runs, the state of each varying by so much in all cells of one format, and some of them changed."""
    found = []
    for run in runs:
        shared = exp(random.gauss(0, by))
        cells = {
            key: scaled(run, shared * changes.get(key, 1.0)).cells[key] if key.endswith("-keras") else cell
            for key, cell in run.cells.items()
        }
        found.append(replace(run, cells=cells))
    return found


@pytest.mark.parametrize("seed", range(4))
def test_peers_do_not_vouch_for_what_moved_them_all(seed):
    """A format of which the machine's state varies by 10%, 60% slower in all its cells: it is never the same."""
    random = Random(seed)
    keras = {key: 1.6 for key in CELLS if key.endswith("-keras")}
    before = restless(random, lucky(random, 5, 0.005), {})
    after = restless(random, lucky(random, 1, 0.005, first=5), keras, by=0.0)
    found = gate(after, before)
    seen = {verdicts(found.verdicts)[key, "latency"] for key in keras}
    assert seen <= {VerdictOutcome.INCONCLUSIVE, VerdictOutcome.WORSE}


def test_a_cell_is_not_worse_since_its_peers_are_better():
    random = Random(33)
    faster = {key: 0.8 for key in CELLS[4:] if key.endswith("-keras")}
    before = restless(random, lucky(random, 10, 0.005), {}, by=0.002)
    for _ in range(20):
        after = restless(random, lucky(random, 3, 0.001, first=10), faster, by=0.0)
        assert verdicts(gate(after, before).verdicts)[CELLS[0], "latency"] is not VerdictOutcome.WORSE


def test_one_run_a_side_passes_and_says_what_it_could_have_seen():
    random = Random(6)
    found = gate(lucky(random, 1, first=1), lucky(random, 1))
    assert found.exit_code is ExitCode.PASSED
    assert len(found.detectable) == len(CELLS)
    assert 0.03 < found.detectable[0] <= found.detectable[-1] < 1.0
    slow = gate(lucky(random, 1, first=1, factors={INT8: 2.0}), lucky(random, 1))
    assert slow.exit_code is ExitCode.REGRESSION


@pytest.mark.parametrize(("sides", "figures"), [((1, 1), {"latency"}), ((1, 4), {"latency", "throughput", "p90"})])
def test_the_admitted_rate_is_shared_by_what_may_stop_the_gate(sides, figures):
    random = Random(12)
    before, after = lucky(random, sides[0]), lucky(random, sides[1], first=5)
    compared = comparison_of(before, after, Policy())
    assert {name for name in TIMED if not lacking_runs(name, *sides)} & {"latency", "throughput", "p90"} == figures
    count = sum(each.figure in figures for each in compared.tests)
    shown = next(each for each in gate(after, before).verdicts if each.figure == "latency")
    own = next(
        each for each in decided(compared.tests, Policy(), sides) if (each.cell, each.figure) == (shown.cell, "latency")
    )
    assert own.limit == pytest.approx(Policy().false_alarms / count)
    assert shown.evidence.threshold == pytest.approx(expm1(own.threshold))


def test_what_must_be_detected_and_could_not_be_is_said_with_what_would_help():
    random = Random(6)
    before, after = lucky(random, 1), lucky(random, 1, first=1)
    found = gate(after, before, Policy(must_detect=0.03))
    assert found.exit_code is ExitCode.CANNOT_JUDGE
    reason = next(each.reason for each in found.verdicts if each.stops)
    assert re.search(r"would have been seen, and 3% must be; .*about \d+ .* would do$", reason)


@settings(deadline=None, max_examples=25)
@given(SEEDS, st.floats(0.002, 0.15), st.floats(0.02, 1.0))
def test_tests_that_need_more_of_the_rate_leave_the_whole_as_it_is(seed, noise, must):
    random, policy, sides = Random(seed), Policy(must_detect=must), (1, 1)
    compared = comparison_of(lucky(random, 1, noise), lucky(random, 1, noise, first=1), policy)
    found = decided(compared.tests, policy, sides)
    limits = [each.limit for each in found if not lacking_runs(each.figure, *sides)]
    assert sum(limits) <= policy.false_alarms * (1 + 1e-6)
    equal = policy.false_alarms / len(limits)
    assert min(limits) >= 0.25 * equal
    # All or none: a gate that cannot judge one cell is red in any case.
    assert max(limits) == min(limits) or not any(is_blind(each, policy) for each in found)


def test_a_cell_that_varies_much_takes_of_the_rate_what_it_needs():
    before, after, sides = lucky(Random(6), 1), lucky(Random(7), 1, first=1), (1, 1)
    tests = comparison_of(before, after, Policy()).tests
    equal = at_equal_parts(tests, Policy().false_alarms, sum(not lacking_runs(each.figure, *sides) for each in tests))
    usual = {each.cell: each for each in equal if (each.figure, each.rule) == ("latency", "peers")}
    widest = max(usual.values(), key=lambda each: each.threshold)
    policy = Policy(must_detect=0.99 * expm1(widest.threshold))
    assert is_blind(widest, policy)
    found = gate(after, before, policy)
    assert found.exit_code is ExitCode.PASSED
    shown = {each.cell: each.evidence.threshold for each in found.verdicts if each.figure == "latency"}
    assert shown[widest.cell] == pytest.approx(policy.must_detect)
    others = [key for key in usual if shown[key] < 0.95 * policy.must_detect]
    assert others
    assert all(shown[key] > expm1(usual[key].threshold) for key in others)


@pytest.mark.parametrize("side", ["baseline", "candidate"])
def test_a_value_of_few_calls_has_a_wider_threshold(side):
    def of_calls(runs, count):
        found = []
        for run in runs:
            cells = {key: replace(each, calls=count if key == INT8 else 600) for key, each in run.cells.items()}
            found.append(replace(run, cells=cells))
        return found

    def thresholds(judged):
        return {each.cell: each.evidence.threshold for each in judged.verdicts if each.figure == "latency"}

    before, after = lucky(Random(6), 1), lucky(Random(7), 1, first=1)
    many = thresholds(gate(of_calls(after, 600), of_calls(before, 600)))
    counts = {"baseline": 600, "candidate": 600, side: 6}
    few = thresholds(gate(of_calls(after, counts["candidate"]), of_calls(before, counts["baseline"])))
    assert few[INT8] > 1.5 * many[INT8]
    others = [key for key in CELLS if key != INT8]
    assert [few[key] for key in others] == pytest.approx([many[key] for key in others], rel=0.15)


def test_twice_the_baseline_runs_that_would_do_are_enough_for_most_cells():
    before, after, policy = lucky(Random(6), 1), lucky(Random(7), 1, first=1), Policy(must_detect=0.07)
    blind = {(each.cell, each.figure): each.reason for each in timed(before, after, policy) if each.stops}
    asked = {key: re.search(r"; about (\d+) baseline runs would do", reason) for key, reason in blind.items()}
    counts = {key: int(found[1]) for key, found in asked.items() if found}
    more = lucky(Random(8), 2 * max(counts.values()), first=2)
    still = {(each.cell, each.figure) for each in timed(more, after, policy) if each.stops}
    assert len(counts.keys() & still) < len(counts) / 4


@pytest.mark.parametrize(("must", "words"), [(0.095, "and 9.5% must be"), (0.004, "changes up to 0.5% are tolerated")])
def test_what_must_be_detected_is_said_as_it_was_written(must, words):
    found = timed(lucky(Random(6), 1), lucky(Random(6), 1, noise=0.2, first=1), Policy(must_detect=must))
    assert any(words in each.reason for each in found if each.stops)


def test_a_training_time_that_was_hardly_measured_stops_nothing():
    """The doubling that must be detected is one of a latency: two trainings have no peers and one value each."""
    cells = {f"train/{model}-cpu-b128-keras": CellFigures("measured", {"training": 3.0}) for model in ("cnn", "fcnn")}
    before, after = (run_with({**lucky(Random(1), 1)[0].cells, **cells}, number) for number in (0, 1))
    found = gate([after], [before])
    assert found.exit_code is ExitCode.PASSED
    assert max(found.detectable) > 0.2


def test_where_all_peers_are_slower_what_is_shown_is_what_shows_it():
    factors = dict.fromkeys((key for key in CELLS if key.endswith("onnx")), 1.15)
    before, after = lucky(Random(2), 1, noise=0.004), lucky(Random(3), 1, noise=0.004, first=1, factors=factors)
    rows = [each for each in gate(after, before).verdicts if "not beyond what unchanged cells" in each.reason]
    assert all(abs(each.evidence.change) > 0.05 for each in rows)


def test_what_was_approved_is_said_with_its_reason():
    before, after = lucky(Random(4), 1), lucky(Random(5), 1, first=1)
    approval = Approval(INT8, "latency", after[0].started_at, "exact softmax", "ada", factor=2.0)
    (note,) = [each for each in gate(after, before, approvals=[approval]).notes if "approved" in each]
    assert note == f"the baseline has 1 approved change: latency of {INT8}, +100.0% (exact softmax, ada)"


def test_other_cells_show_what_the_machine_did_where_few_are_selected():
    """As many peers, and as little noise, whatever is selected: a selection sees no less."""
    before, after = lucky(Random(6), 1), lucky(Random(7), 1, first=1, factors={INT8: 1.15})
    whole = {(each.cell, each.figure): each.evidence for each in gate(after, before).verdicts}
    chosen = gate(after, before, cells=frozenset({INT8})).verdicts
    assert {each.cell for each in chosen} == {INT8}
    for each in chosen:
        if each.evidence.rule:
            known = whole[each.cell, each.figure]
            assert (each.evidence.rule, each.evidence.standard_error) == (known.rule, known.standard_error)
            assert each.evidence.threshold <= known.threshold


@pytest.mark.parametrize("state", ["failed", "unavailable"])
def test_a_cell_that_was_measured_and_now_is_not_stops_with_its_reason(state):
    random = Random(7)
    after = lucky(random, 1, first=5)[0]
    after = replace(after, cells={**after.cells, INT8: CellFigures(state, reason="the accuracy check failed")})
    found = next(each for each in gate([after], lucky(random, 5)).verdicts if each.cell == INT8)
    assert (found.outcome, found.stops) == (VerdictOutcome.MISSING, ExitCode.REGRESSION)
    assert found.reason == f"{state}: the accuracy check failed"


def test_a_renamed_cell_is_missing_and_the_new_name_is_offered():
    random = Random(8)
    after = lucky(random, 1, first=5)[0]
    cells = dict(after.cells)
    cells["latency/cnn-cpu-b2-tflite_int8"] = cells.pop(INT8)
    found = gate([replace(after, cells=cells)], lucky(random, 5))
    missing = next(each for each in found.verdicts if each.cell == INT8)
    assert missing.outcome is VerdictOutcome.MISSING
    assert "is it latency/cnn-cpu-b2-tflite_int8 now?" in missing.reason
    assert verdicts(found.verdicts)["latency/cnn-cpu-b2-tflite_int8", "measurement"] is VerdictOutcome.NEW
    assert found.exit_code is ExitCode.REGRESSION


def test_an_interrupted_cell_cannot_be_judged():
    random = Random(9)
    after = lucky(random, 1, first=5)[0]
    after = replace(after, cells={**after.cells, INT8: CellFigures("interrupted", after.cells[INT8].values)})
    found = [each for each in gate([after], lucky(random, 5)).verdicts if each.cell == INT8]
    assert [(each.outcome, each.stops) for each in found] == [(VerdictOutcome.INCONCLUSIVE, ExitCode.CANNOT_JUDGE)]


def test_a_figure_that_is_gone_stops_and_one_with_a_reason_is_told():
    random = Random(10)
    before, after = lucky(random, 5), lucky(random, 1, first=5)[0]
    values = {name: value for name, value in after.cells[INT8].values.items() if name not in {"p99", "size"}}
    less = CellFigures("measured", values, missing={"p99": "too few calls"})
    found = verdicts(gate([replace(after, cells={**after.cells, INT8: less})], before).verdicts)
    assert found[INT8, "size"] is VerdictOutcome.MISSING
    assert found[INT8, "p99"] is VerdictOutcome.INCONCLUSIVE


def test_what_is_not_measured_on_either_side_is_told_and_stops_nobody():
    random = Random(11)
    gpu = {"latency/cnn-gpu-b1-keras": CellFigures("unavailable", reason="no GPU here")}
    runs = [replace(run, cells={**run.cells, **gpu}) for run in lucky(random, 6)]
    found = gate(runs[5:], runs[:5])
    told = next(each for each in found.verdicts if each.cell == "latency/cnn-gpu-b1-keras")
    assert told.reason == "not measured on either side: no GPU here"
    assert not told.stops


def test_an_empty_run_is_refused():
    with pytest.raises(Lab4Error, match="the candidate has no measured cell"):
        gate([run_with({})], lucky(Random(12), 3))


def test_another_machine_is_refused_or_judged_by_ratios():
    random = Random(13)
    before = lucky(random, 5)
    other = replace(before[0].machine, cpu="Another CPU")
    after = [replace(scaled(run, 3.0), machine=other) for run in lucky(random, 3, first=5)]
    with pytest.raises(Lab4Error, match="another machine"):
        gate(after, before)
    found = gate(after, before, cross_machine=True)
    assert found.exit_code is ExitCode.PASSED
    assert "ratios" in found.notes[0]
    slow = [replace(scaled(run, 3.0), machine=other) for run in lucky(random, 3, first=5, factors={INT8: 2.0})]
    worse = {
        each.cell for each in gate(slow, before, cross_machine=True).verdicts if each.outcome is VerdictOutcome.WORSE
    }
    assert worse == {INT8}


def test_ratios_of_two_machines_are_to_a_cell_that_both_have():
    random = Random(31)
    runs = lucky(random, 5)
    other = replace(runs[0].machine, cpu="Another CPU")
    before = [
        replace(run, cells={key: found for key, found in run.cells.items() if not key.endswith("tflite_float32")})
        for run in runs
    ]
    after = [replace(scaled(run, 3.0), machine=other) for run in lucky(random, 3, first=5)]
    found = gate(after, before, cross_machine=True)
    assert not [each for each in found.verdicts if each.outcome in {VerdictOutcome.WORSE, VerdictOutcome.BETTER}]


def test_one_byte_more_is_worse_and_one_less_is_better():
    random = Random(14)
    before, after = lucky(random, 3), lucky(random, 1, first=3)[0]
    for step, verdict in ((1, VerdictOutcome.WORSE), (-1, VerdictOutcome.BETTER), (0, VerdictOutcome.SAME)):
        values = dict(after.cells[INT8].values)
        values["size"] += step
        changed = replace(after, cells={**after.cells, INT8: CellFigures("measured", values)})
        assert verdicts(gate([changed], before).verdicts)[INT8, "size"] is verdict


def accurate(random, lost=0, won=0, images=IMAGES):
    """A pair of runs with the same accuracy, but for so many images."""
    right = [random.random() < 0.97 for _ in range(images)]
    hits, misses = ([at for at, is_right in enumerate(right) if is_right is which] for which in (True, False))
    changed = list(right)
    for at in random.sample(hits, lost):
        changed[at] = False
    for at in random.sample(misses, won):
        changed[at] = True
    key = "examine/cnn-cpu-tflite_int8"
    sides = [
        CellFigures("measured", {"accuracy": sum(bits) / images}, correct=tuple(bits)) for bits in (right, changed)
    ]
    return [run_with({key: sides[1]}, 1)], [run_with({key: sides[0]})]


def accuracy_verdict(sides):
    return next(each for each in gate(*sides).verdicts if each.figure == "accuracy")


def test_one_image_is_never_an_alarm():
    assert accuracy_verdict(accurate(Random(15), lost=1)).outcome is VerdictOutcome.SAME
    assert accuracy_verdict(accurate(Random(15), won=1)).outcome is VerdictOutcome.SAME


@pytest.mark.parametrize("won", [0, 5, 10, 15])
def test_a_loss_of_a_point_and_a_half_is_an_alarm(won):
    found = accuracy_verdict(accurate(Random(16), lost=30 + won, won=won))
    assert found.outcome is VerdictOutcome.WORSE
    assert found.stops is ExitCode.REGRESSION
    assert f"{30 + won} images lost and {won} won of 2,000 (-1.50 points)" in found.reason


def test_as_many_won_as_lost_are_no_alarm():
    assert accuracy_verdict(accurate(Random(17), lost=40, won=40)).outcome is VerdictOutcome.SAME


def test_accuracies_of_other_images_cannot_be_judged():
    after, before = accurate(Random(18))
    other = [replace(after[0], dataset=replace(after[0].dataset, sha256="cd" * 32))]
    found = accuracy_verdict((other, before))
    assert (found.outcome, found.stops) == (VerdictOutcome.INCONCLUSIVE, ExitCode.CANNOT_JUDGE)


def test_budgets_hold_whatever_the_baseline_is():
    random = Random(19)
    policy = Policy(budgets=[BudgetRule("cnn-cpu-b1-tflite_int8", "size", at_most=2_999.0, written="at most 2,999 B")])
    before, after = lucky(random, 3), lucky(random, 1, first=3)
    found = gate(after, before, policy)
    assert [each.cell for each in found.verdicts if "budget" in each.reason and each.stops] == [INT8]
    none = gate(after, before, Policy(budgets=[BudgetRule("*rnn*", "size", at_most=1.0, written="at most 1 B")]))
    assert "no measured cell matches '*rnn*'" in next(each for each in none.verdicts if "budget" in each.reason).reason
    assert none.exit_code is not ExitCode.PASSED


def test_a_budget_of_what_could_not_be_told_cannot_be_judged():
    policy = Policy(budgets=[BudgetRule("*", "p99", at_most=1.0, written="at most 1 s")])
    told = cell(1e-3)
    untold = CellFigures("measured", {"latency": 1e-3}, missing={"p99": "too few calls"})
    cells = {"a": told, "b": untold, "c": CellFigures("failed", reason="crashed"), "d": CellFigures("unavailable")}
    found = {
        each.cell: each
        for each in gate([run_with(cells)], [run_with(cells, 1)], policy).verdicts
        if "budget" in each.reason
    }
    assert {key: each.outcome for key, each in found.items()} == {
        "a": VerdictOutcome.SAME,
        "b": VerdictOutcome.INCONCLUSIVE,
        "c": VerdictOutcome.INCONCLUSIVE,
    }
    assert [found[key].stops for key in "abc"] == [ExitCode.PASSED, ExitCode.CANNOT_JUDGE, ExitCode.CANNOT_JUDGE]
    assert found["b"].reason.endswith("but no value: too few calls")
    assert found["c"].reason.endswith("but no value: crashed")


def test_models_trained_otherwise_have_no_accuracies_to_compare():
    after, before = accurate(Random(25))
    longer = [replace(after[0], settings=replace(after[0].settings, epochs=9))]
    found = accuracy_verdict((longer, before))
    assert (found.outcome, found.stops) == (VerdictOutcome.INCONCLUSIVE, ExitCode.CANNOT_JUDGE)
    assert "trained for other epochs" in found.reason


def test_a_cell_that_failed_in_one_run_of_several_is_named():
    random = Random(26)
    after = lucky(random, 3, first=10)
    after[1] = replace(after[1], cells={**after[1].cells, INT8: CellFigures("failed", reason="crashed")})
    found = next(each for each in gate(after, lucky(random, 6)).verdicts if each.figure == "measurement")
    assert (found.cell, found.outcome, found.stops) == (INT8, VerdictOutcome.MISSING, ExitCode.REGRESSION)
    assert found.reason == "failed: crashed (in 1 of 3 runs)"


def test_benchmarks_of_others_are_judged_too():
    """What plain pytest-benchmark saved: names that are no cell ids."""
    key = "test_x.py::test_something[1]"
    random = Random(27)

    def runs(count, factor, first):
        return [
            run_with({key: CellFigures("measured", {"latency": factor * exp(random.gauss(0, 0.005))})}, first + number)
            for number in range(count)
        ]

    assert verdicts(gate(runs(3, 1.2, 10), runs(8, 1.0, 0)).verdicts)[key, "latency"] is VerdictOutcome.WORSE


def test_a_policy_warns_or_expects_until_a_day():
    random = Random(20)
    after, before = lucky(random, 3, first=10, factors={INT8: 1.3}), lucky(random, 10)
    warned = gate(after, before, Policy(warn=[PolicyRule("*tflite_int8")]))
    assert warned.exit_code is ExitCode.PASSED
    assert "only warns" in next(each for each in warned.verdicts if each.outcome is VerdictOutcome.WORSE).reason
    until = {
        day: Policy(expected=[ExpectedRule("*int8", "*", 0.5, date(2026, 6, day), "new kernel")]) for day in (1, 2)
    }
    assert gate(after, before, until[1]).exit_code is ExitCode.PASSED
    late = judge(after, before, until[1], today=date(2026, 6, 2))
    assert late.exit_code is ExitCode.REGRESSION
    assert any("which has passed" in each.reason for each in late.verdicts)
    less = Policy(expected=[ExpectedRule("*int8", "*", 0.1, date(2026, 6, 2), "new kernel")])
    assert gate(after, before, less).exit_code is ExitCode.REGRESSION


def test_an_approved_change_is_part_of_the_baseline_from_then_on():
    random = Random(21)
    before = lucky(random, 10)
    after = lucky(random, 3, first=10, factors={INT8: 1.3})
    cells = dict(after[2].cells)
    gone = "latency/fcnn-cpu-b32-onnx"
    after = [replace(run, cells={key: found for key, found in run.cells.items() if key != gone}) for run in after]
    cells = {
        key: replace(found, values={**found.values, "size": found.values["size"] + 5})
        for key, found in after[2].cells.items()
    }
    after[2] = replace(after[2], cells=cells)
    after[0], after[1] = (
        replace(
            run,
            cells={
                key: replace(found, values={**found.values, "size": cells[key].values["size"]})
                for key, found in run.cells.items()
            },
        )
        for run in after[:2]
    )
    first = gate(after, before)
    assert first.exit_code is ExitCode.REGRESSION
    approvals = approvals_of(first.verdicts, after, PolicyRule(), "a new kernel", "ada")
    assert {each.cell for each in approvals if each.figure == "measurement"} == {gone}
    again = gate(after, before, approvals=approvals)
    assert again.exit_code is ExitCode.PASSED, [each for each in again.verdicts if each.stops]
    worse_still = lucky(random, 3, first=20, factors={INT8: 1.6})
    assert verdicts(gate(worse_still, before, approvals=approvals).verdicts)[INT8, "latency"] is VerdictOutcome.WORSE


def test_a_cell_that_the_last_run_does_not_have_is_approved_as_another_has_it():
    random = Random(28)
    before, after = lucky(random, 10), lucky(random, 3, first=10, factors={INT8: 1.3})
    after.append(replace(after[0], cells={}, started_at="2026-01-20T00:00:00+00:00"))
    (approval,) = approvals_of(
        [each for each in gate(after, before, paired=True).verdicts if each.figure == "latency"],
        after,
        PolicyRule(),
        "new",
        "ada",
        paired=True,
    )
    assert (approval.cell, approval.figure, approval.started_at) == (INT8, "latency", "2026-01-20T00:00:00+00:00")
    assert approval.factor == pytest.approx(1.3, abs=0.05)


def test_the_baseline_is_moved_whenever_it_was_measured_if_that_is_asked():
    (run,) = lucky(Random(29), 1)
    accepted = [Approval(INT8, "latency", "2020-01-01T00:00:00+00:00", "new", "ada", factor=2.0)]
    assert with_approvals([run], accepted) == [run]
    (moved,) = with_approvals([run], accepted, whenever=True)
    assert moved.cells[INT8].values["latency"] == 2 * run.cells[INT8].values["latency"]


def test_a_run_that_cannot_be_judged_is_red_in_the_self_check_too():
    runs = lucky(Random(22), 5)
    check = gate(lucky(Random(23), 1, first=10), runs, Policy(must_detect=0.03)).self_check
    assert [source for source, _ in check.red] == [run.source for run in runs]
    bad = [*runs[:2], *lucky(Random(24), 1, first=2, factors={INT8: 2.0}), *runs[3:]]
    ((source, what),) = gate(lucky(Random(23), 1, first=10), bad).self_check.red
    assert (source, what.partition(" ")[0]) == ("run2.json", INT8)


def test_the_gate_tells_its_own_false_alarms():
    random = Random(22)
    found = gate(lucky(random, 3, first=10), lucky(random, 10)).self_check
    assert (found.trials, found.red) == (10, ())
    assert 0.2 < found.at_most < 0.3
    assert gate(lucky(random, 1, first=2), lucky(random, 2)).self_check is None


@settings(deadline=None, max_examples=25)
@given(SEEDS, st.floats(0.8, 1.25) | st.floats(0.1, 10))
def test_swapped_sides_mirror_the_verdict(seed, factor):
    random = Random(seed)
    one, other = lucky(random, 4), lucky(random, 3, first=4, factors={INT8: factor})
    there = verdicts(timed(one, other))
    back = verdicts(timed(other, one))
    # What may be worse is worth another look; what may be better is not.
    sure = {key for key in there if VerdictOutcome.INCONCLUSIVE not in {there[key], back[key]}}
    assert {key: back[key] for key in sure} == {key: MIRROR.get(there[key], there[key]) for key in sure}


@pytest.mark.untraced
@settings(deadline=None, max_examples=25)
@given(SEEDS, st.floats(1e-3, 10.0))
def test_units_order_and_names_change_nothing(seed, factor):
    random = Random(seed)
    # Calls beyond a millisecond are known to vary more: all of these are shorter, in any of the units.
    before, after = (
        [scaled(run, 0.01) for run in runs]
        for runs in (lucky(random, 4), lucky(random, 2, first=4, factors={INT8: 1.15}))
    )
    plain = verdicts(gate(after, before).verdicts)
    in_units = gate([scaled(run, factor) for run in after], [scaled(run, factor) for run in before])
    assert verdicts(in_units.verdicts) == plain
    renamed = [replace(run, machine=replace(run.machine, node="elsewhere")) for run in before]
    assert verdicts(gate(after, renamed).verdicts) == plain
    shuffled = [replace(run, cells=dict(random.sample(list(run.cells.items()), len(run.cells)))) for run in before]
    assert verdicts(gate(after, shuffled).verdicts) == plain


@settings(deadline=None, max_examples=25)
@given(SEEDS, st.floats(0.7, 1.4), st.floats(1.0, 2.0))
def test_worse_data_never_turns_a_worse_into_a_better(seed, factor, more):
    random = Random(seed)
    before, after = lucky(random, 5), lucky(random, 3, first=5, factors={INT8: factor})
    slower = [replace(run, cells={**run.cells, INT8: scaled(run, more).cells[INT8]}) for run in after]
    then, now = (verdicts(timed(before, side))[INT8, "latency"] for side in (after, slower))
    assert not (then is VerdictOutcome.WORSE and now is VerdictOutcome.BETTER)
    assert not (then is VerdictOutcome.SAME and now is VerdictOutcome.BETTER)


def test_a_lone_cell_is_judged_by_its_own_runs():
    key = CELLS[0]
    random = Random(24)
    before = [run_with({key: cell(1e-3 * (1 + 0.004 * random.random()))}, number) for number in range(8)]
    after = [run_with({key: cell(1.1e-3 * (1 + 0.004 * random.random()))}, 8 + number) for number in range(3)]
    assert verdicts(gate(after, before).verdicts)[key, "latency"] is VerdictOutcome.WORSE
