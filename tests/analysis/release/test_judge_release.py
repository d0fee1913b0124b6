"""A release: one verdict over machines, and on which of them."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lab4_gate_runs import CELLS, lucky
from lab4_releases import INT8, RACK, TODAY, judged, on, released, sides
from scipy import stats

from lab4.analysis.approvals import on_machine_of
from lab4.analysis.gate.judge import judge
from lab4.analysis.gate.verdict import ExitCode, VerdictOutcome
from lab4.analysis.policy import BudgetRule, ExpectedRule, Policy, PolicyRule
from lab4.domain.errors import Lab4Error
from lab4.domain.figures import Approval, CellFigures


def worse(release):
    return [each for each in release.verdicts if each.verdict.outcome is VerdictOutcome.WORSE and each.verdict.stops]


def with_cell(runs, key, cell, nodes=RACK):
    return [replace(run, cells={**run.cells, key: cell}) if run.machine.node in nodes else run for run in runs]


def without_measured(runs, node):
    """The runs, in which no cell could be measured on this machine."""
    failed = {key: CellFigures("failed", reason="no room") for run in runs for key in run.cells}
    return [replace(run, cells=failed) if run.machine.node == node else run for run in runs]


def test_unchanged_code_passes():
    release = released()
    assert release.exit_code is ExitCode.PASSED
    assert [each.name for each in release.machines] == list(RACK)
    assert worse(release) == []


def test_a_change_on_all_machines_is_seen_that_no_machine_shows_alone():
    candidates, baselines = sides(slow={"*": {INT8: 1.04}})
    (found,) = [each for each in worse(judged(candidates, baselines)) if each.verdict.figure == "latency"]
    assert found.verdict.cell == INT8
    assert found.is_everywhere
    assert found.is_shared
    assert found.verdict.evidence.low < 0.04 < found.verdict.evidence.high
    for node in RACK:
        before, after = ([run for run in side if run.machine.node == node] for side in (baselines, candidates))
        assert judge(after, before, Policy(), today=TODAY).exit_code is ExitCode.PASSED


def test_a_change_on_one_machine_is_that_machine_s():
    found = worse(released(slow={"rack-2": {INT8: 2.0}}))
    assert {each.machines for each in found} == {("rack-2",)}
    assert not any(each.is_everywhere or each.is_shared for each in found)


def test_a_change_on_all_machines_of_a_kind_names_the_kind():
    found = worse(released(slow={"lab-1": {INT8: 1.6}, "lab-2": {INT8: 1.6}}))
    latency = next(each for each in found if each.verdict.figure == "latency")
    assert latency.machines == ("lab-1", "lab-2")
    assert latency.kind.startswith("B, ")


def test_a_whole_runtime_that_is_slower_everywhere_is_seen_by_its_group():
    slow = {key: 1.06 for key in CELLS if key.endswith("onnx")} | {key: 1.06 for key in CELLS if "tflite" in key}
    found = [each for each in worse(released(slow={"*": slow}, saved=10)) if each.verdict.figure == "latency"]
    assert found
    assert all(each.is_everywhere for each in found)
    assert "machines, group" in {each.verdict.evidence.rule for each in found}


def test_a_machine_on_which_a_cell_got_faster_does_not_hide_a_change_on_the_others():
    slow = {"*": {INT8: 1.2}, "lab-2": {INT8: 0.5}}
    found = [each for each in worse(released(slow=slow, saved=10)) if each.verdict.figure == "latency"]
    assert found[0].machines == ("rack-1", "rack-2", "rack-3", "lab-1")
    assert not found[0].is_everywhere


@pytest.mark.parametrize(("must_detect", "code"), [(0.16, ExitCode.PASSED), (0.01, ExitCode.CANNOT_JUDGE)])
def test_what_no_machine_can_see_alone_is_judged_where_all_together_see_it(must_detect, code):
    candidates, baselines = sides(saved=1)
    policy = Policy(must_detect=must_detect)
    before, after = ([run for run in side if run.machine.node == "rack-1"] for side in (baselines, candidates))
    assert judge(after, before, policy, today=TODAY).exit_code is ExitCode.CANNOT_JUDGE
    assert judged(candidates, baselines, policy).exit_code is code


def test_a_single_machine_is_judged_by_the_rules_of_the_gate():
    machines = {"rack-1": "A"}
    candidates, baselines = sides(3, machines, slow={"*": {INT8: 1.15}}, saved=10)
    (release,) = judged(candidates, baselines).machines
    alone = judge(candidates, baselines, Policy(), today=TODAY)
    assert [(each.cell, each.figure, each.outcome) for each in release.gate.verdicts] == [
        (each.cell, each.figure, each.outcome) for each in alone.verdicts
    ]


@pytest.mark.untraced
@given(st.randoms(use_true_random=False))
@settings(max_examples=5, deadline=None)
def test_the_order_of_machines_does_not_matter(random):
    candidates, baselines = sides(4, slow={"*": {INT8: 1.08}, "rack-1": {CELLS[3]: 1.8}})

    def found(release):
        return {
            (each.verdict.cell, each.verdict.figure, each.verdict.outcome, frozenset(each.machines), each.is_everywhere)
            for each in release.verdicts
        }

    shuffled = [random.sample(side, len(side)) for side in (candidates, baselines)]
    assert found(judged(*shuffled)) == found(judged(candidates, baselines))


@pytest.mark.untraced
@pytest.mark.parametrize("machines", [2, 8])
def test_releases_of_unchanged_code_are_stopped_as_rarely_as_admitted(machines):
    names, draws = {f"node-{number}": f"{number % 3}" for number in range(machines)}, 60
    red = sum(released(seed, names, saved=1 + 4 * (seed % 2)).exit_code is not ExitCode.PASSED for seed in range(draws))
    # More than what one in a hundred gives in 999 of 1,000 such series.
    assert red <= stats.binom.isf(1e-3, draws, 0.01)


def test_a_machine_without_a_baseline_cannot_be_judged_and_the_others_are():
    candidates, baselines = sides()
    release = judged(candidates, [run for run in baselines if run.machine.node != "lab-1"])
    # Of its kind another machine has a name and baselines of its own: these are not taken.
    assert release.exit_code is ExitCode.CANNOT_JUDGE
    assert [each.name for each in release.machines if not each.is_judged] == ["lab-1"]
    for more in ({"policy": Policy(unjudged_only_warns=True)}, {"first_run_ok": True}):
        policy = more.pop("policy", None)
        passed = judged(candidates, [run for run in baselines if run.machine.node != "lab-1"], policy, **more)
        assert passed.exit_code is ExitCode.PASSED


def test_no_machine_with_a_baseline_is_a_first_release():
    candidates, _ = sides()
    assert judged(candidates, []).exit_code is ExitCode.NO_BASELINE
    assert judged(candidates, [], first_run_ok=True).exit_code is ExitCode.PASSED


def test_a_regression_has_precedence_over_a_machine_that_cannot_be_judged():
    candidates, baselines = sides(slow={"rack-1": {INT8: 2.0}})
    release = judged(candidates, [run for run in baselines if run.machine.node != "lab-1"], faults={"x.json": "cut"})
    assert release.exit_code is ExitCode.REGRESSION
    assert [each.gate.fault for each in release.machines if each.name == "x.json"] == ["cut"]


def test_a_machine_that_changed_its_name_is_judged_against_its_earlier_runs():
    candidates, baselines = sides(slow={"lab-1": {INT8: 2.0}})
    renamed = [
        replace(run, machine=replace(run.machine, node="new")) if run.machine.node == "lab-1" else run
        for run in candidates
    ]
    release = judged(renamed, baselines)
    assert {each.machines for each in worse(release)} == {("new",)}
    assert any("new has no baseline by its name: it is judged against 5 runs of lab-1" in one for one in release.notes)
    assert not any("not in this release" in note for note in release.notes)


def test_names_that_are_new_in_every_run_are_one_machine():
    random = Random(5)
    baselines = [run for name in "abc" for run in on(name, "A", lucky(random, 1, first=ord(name)))]
    candidates = [run for name in "xy" for run in on(name, "A", lucky(random, 1, first=ord(name)))]
    release = judged(candidates, baselines)
    (machine,) = release.machines
    assert (machine.name, len(machine.gate.candidates), len(machine.gate.baselines)) == ("x, y", 2, 3)


def test_a_required_machine_that_is_missing_fails_the_release():
    assert released(policy=Policy(machines=["rack-*", "lab-2"])).exit_code is ExitCode.PASSED
    release = released(policy=Policy(machines=["rack-*", "phone"]))
    assert (release.exit_code, release.missing) == (ExitCode.REGRESSION, ["phone"])


def test_a_machine_that_has_baselines_only_is_noted():
    candidates, baselines = sides()
    release = judged([run for run in candidates if run.machine.node != "rack-3"], baselines)
    assert release.exit_code is ExitCode.PASSED
    assert "in the baselines and not in this release: rack-3" in release.notes


def test_a_machine_that_is_slower_than_its_kind_is_noted_and_passes():
    candidates, baselines = sides(slow={"rack-1": dict.fromkeys(CELLS, 1.4)})
    slow = [scaled(run, 1.4) if run.machine.node == "rack-1" else run for run in baselines]
    release = judged(candidates, slow)
    assert release.exit_code is ExitCode.PASSED
    assert any(note.startswith("rack-1 is slower than the 2 other machines of its kind") for note in release.notes)


def scaled(run, factor):
    """The run with all times longer."""
    cells = {
        key: replace(
            cell,
            values={
                name: value / factor if name == "throughput" else value if name == "size" else value * factor
                for name, value in cell.values.items()
            },
        )
        for key, cell in run.cells.items()
    }
    return replace(run, cells=cells)


def test_figures_without_chance_are_counted_by_machine():
    candidates, baselines = sides()
    key = CELLS[0]
    larger = replace(candidates[0].cells[key], values={**candidates[0].cells[key].values, "size": 1_001.0})
    for nodes, everywhere in ((RACK, True), (["rack-1", "lab-1"], False)):
        release = judged(with_cell(candidates, key, larger, nodes), baselines)
        found = next(each for each in worse(release) if each.verdict.figure == "size")
        assert found.machines == tuple(nodes)
        assert found.is_everywhere is everywhere


def test_a_cell_that_failed_on_one_machine_is_named_with_its_reason():
    candidates, baselines = sides()
    release = judged(with_cell(candidates, INT8, CellFigures("failed", reason="no room"), ["lab-2"]), baselines)
    assert release.exit_code is ExitCode.REGRESSION
    (found,) = [each for each in release.verdicts if each.verdict.outcome is VerdictOutcome.MISSING]
    assert (found.machines, found.among) == (("lab-2",), 5)
    assert found.verdict.reason == "failed: no room"


def test_a_run_without_a_measured_cell_is_a_machine_that_cannot_be_judged():
    candidates, baselines = sides()
    release = judged(without_measured(candidates, "rack-1"), baselines)
    assert release.exit_code is ExitCode.CANNOT_JUDGE
    (fault,) = [each.gate.fault for each in release.machines if each.gate.fault]
    assert "the candidate has no measured cell" in fault


def test_a_budget_of_cells_that_a_machine_does_not_have_is_judged_on_the_others():
    candidates, baselines = sides()
    only = "latency/cnn-gpu-b1-onnx"
    cell = candidates[0].cells[CELLS[0]]
    policy = Policy(budgets=[BudgetRule(only, "latency", at_most=1.0, written="at most 1 s")])
    with_gpu = [with_cell(side, only, cell, ["lab-1"]) for side in (candidates, baselines)]
    assert judged(*with_gpu, policy).exit_code is ExitCode.PASSED
    assert judged(candidates, baselines, policy).exit_code is ExitCode.CANNOT_JUDGE


def test_rules_of_the_policy_hold_for_all_machines():
    slow = {"*": {INT8: 1.3}}
    expected = ExpectedRule(INT8, "*", 0.6, TODAY, "the new kernel")
    assert released(slow=slow, policy=Policy(expected=[expected])).exit_code is ExitCode.PASSED
    assert released(slow=slow, policy=Policy(warn=[PolicyRule(INT8)])).exit_code is ExitCode.PASSED
    assert any("match no cell" in note for note in released(policy=Policy(warn=[PolicyRule("latency/x")])).notes)


def test_an_approved_change_is_part_of_every_machine_s_baselines():
    candidates, baselines = sides(slow={"*": {INT8: 1.3}})
    approved = [
        Approval(INT8, figure, "2026-01-03T00:00:00+00:00", "exact", "me", factor=factor)
        for figure, factor in (("latency", 1.3), ("p90", 1.3), ("p99", 1.3), ("throughput", 1 / 1.3))
    ]
    assert judged(candidates, baselines, approvals=approved).exit_code is ExitCode.PASSED


def test_what_was_approved_on_one_machine_stops_another():
    candidates, baselines = sides(slow={"rack-1": {INT8: 2.0}, "rack-2": {INT8: 2.0}})
    (rack,) = [run for run in candidates if run.machine.node == "rack-1"]
    approved = [
        on_machine_of(Approval(INT8, figure, "2026-01-03T00:00:00+00:00", "a driver", "me", factor=factor), rack)
        for figure, factor in (("latency", 2.0), ("p90", 2.0), ("p99", 2.0), ("throughput", 0.5))
    ]
    assert {each.machines for each in worse(judged(candidates, baselines))} == {("rack-1", "rack-2")}
    found = judged(candidates, baselines, approvals=approved)
    assert {each.machines for each in worse(found)} == {("rack-2",)}
    (note,) = [each for each in found.notes if "approved on" in each]
    assert note.startswith("1 change of these was approved on rack-1 alone; ")
    assert note.endswith("with lab4 approve --all-machines (rack-2)")


def test_selected_cells_are_judged_and_a_pattern_that_matches_none_is_refused():
    candidates, baselines = sides(slow={"*": {INT8: 1.3}})
    assert judged(candidates, baselines, cells="*-onnx").exit_code is ExitCode.PASSED
    assert judged(candidates, baselines, cells="*int8").exit_code is ExitCode.REGRESSION
    with pytest.raises(Lab4Error, match="no cell is like"):
        judged(candidates, baselines, cells="*int9")


def test_what_no_machine_can_be_judged_for_is_one_error():
    with pytest.raises(Lab4Error, match="unknown figure"):
        released(policy=Policy(warn=[PolicyRule("*", "beauty")]))


def test_runs_of_unknown_hardware_are_judged_by_their_names_if_that_is_assumed():
    machines = {"a": "", "b": ""}
    candidates, baselines = sides(6, machines)
    with pytest.raises(Lab4Error, match="may be of different machines"):
        judged(candidates[:1], baselines)
    assert judged(candidates, baselines).exit_code is ExitCode.CANNOT_JUDGE
    assert judged(candidates, baselines, assume_same_machine=True).exit_code is ExitCode.PASSED


def test_a_machine_that_changed_more_than_is_expected_of_all_is_named():
    slow = {"*": {INT8: 1.3}, "rack-1": {INT8: 1.9}}
    policy = Policy(expected=(ExpectedRule(INT8, "*", 0.6, TODAY, "a slower kernel"),))
    release = released(slow=slow, policy=policy, saved=10)
    assert release.exit_code is ExitCode.REGRESSION
    assert {each.machines for each in worse(release) if each.verdict.figure == "latency"} == {("rack-1",)}


def test_a_budget_of_no_cell_is_named_whatever_became_of_another_machine():
    candidates, baselines = sides()
    policy = Policy(
        budgets=(BudgetRule("latency/none*", "latency", at_most=1.0, written="at most 1 s"),), unjudged_only_warns=True
    )
    release = judged(without_measured(candidates, "lab-1"), baselines, policy)
    assert release.exit_code is ExitCode.CANNOT_JUDGE
    assert "latency/none*" in {each.verdict.cell for each in release.verdicts}


def test_a_budget_of_cells_that_are_not_selected_is_not_judged():
    policy = Policy(budgets=(BudgetRule(CELLS[3], "latency", at_most=1e-9, written="at most 1 ns"),))
    assert judged(*sides(), policy, cells=INT8).exit_code is ExitCode.PASSED


def test_a_policy_that_only_warns_lets_machines_pass_that_see_too_little():
    candidates, baselines = sides(saved=1)
    policy = Policy(must_detect=0.001)
    assert judged(candidates, baselines, policy).exit_code is ExitCode.CANNOT_JUDGE
    assert judged(candidates, baselines, replace(policy, unjudged_only_warns=True)).exit_code is ExitCode.PASSED


def test_a_cell_that_a_machine_does_not_have_is_everywhere_without_it():
    candidates, baselines = sides(slow={"*": dict.fromkeys(CELLS, 1.2)}, saved=10)
    sides_without = [
        [
            replace(run, cells={key: cell for key, cell in run.cells.items() if key != INT8})
            if run.machine.node == "lab-1"
            else run
            for run in side
        ]
        for side in (candidates, baselines)
    ]
    found = [each for each in worse(judged(*sides_without)) if each.verdict.cell == INT8]
    assert found
    assert all(each.machines == ("rack-1", "rack-2", "rack-3", "lab-2") and each.is_everywhere for each in found)
