"""Accepted changes: whose runs have them, and what they take away."""

from dataclasses import replace
from datetime import date
from random import Random

from lab4_gate_runs import CELLS, lucky

from lab4.analysis.approvals import approvals_of, holding, on_machine_of, with_approvals
from lab4.analysis.gate.judge import judge
from lab4.analysis.gate.verdict import ExitCode
from lab4.analysis.policy import BudgetRule, Policy, PolicyRule

CELL = CELLS[0]
TODAY = date(2026, 6, 1)


def accepted(after, before, policy=None):
    gate = judge(after, before, policy or Policy(), today=TODAY)
    assert gate.exit_code is ExitCode.REGRESSION
    return approvals_of(gate.verdicts, after, PolicyRule(), "meant", "ada")


def test_the_runs_that_were_approved_have_the_change_already():
    random = Random(1)
    before = lucky(random, 10)
    after = lucky(random, 4, first=10, factors={CELL: 1.3})
    approvals = accepted(after, before)
    assert with_approvals(after, approvals) == after
    moved = with_approvals(before, approvals)
    assert all(
        new.cells[CELL].values["latency"] > 1.2 * old.cells[CELL].values["latency"]
        for new, old in zip(moved, before, strict=True)
    )


def test_a_figure_that_is_gone_takes_no_other_with_it():
    random = Random(2)
    before, after = lucky(random, 10), lucky(random, 3, first=10)
    for number, run in enumerate(after):
        values = {name: value for name, value in run.cells[CELL].values.items() if name != "size"}
        after[number] = replace(run, cells={**run.cells, CELL: replace(run.cells[CELL], values=values)})
    (approval,) = accepted(after, before)
    assert (approval.cell, approval.figure, approval.factor, approval.value) == (CELL, "size", None, None)
    moved = with_approvals(before, [approval])
    assert {*moved[0].cells[CELL].values} == {*before[0].cells[CELL].values} - {"size"}
    assert judge(after, before, Policy(), today=TODAY, approvals=[approval]).exit_code is ExitCode.PASSED


def test_a_budget_is_the_policys_and_not_approved_away():
    random = Random(3)
    before, after = lucky(random, 3), lucky(random, 1, first=3)
    policy = Policy(budgets=[BudgetRule(CELL, "size", at_most=1.0), BudgetRule("*rnn*", "size", at_most=1.0)])
    assert accepted(after, before, policy) == []


def on(run, **changes):
    return replace(run, machine=replace(run.machine, **changes))


def test_an_approval_holds_on_its_machine_and_where_names_distinguish_nothing_on_its_hardware():
    random = Random(4)
    before, after = lucky(random, 10), lucky(random, 3, first=10, factors={CELL: 1.3})
    everywhere = accepted(after, before)
    own = [on_machine_of(each, after[0]) for each in everywhere]
    assert holding(own, after, before) == own
    other = [[on(run, node="other") for run in side] for side in (after, before)]
    assert holding(own, *other) == []
    assert holding(everywhere, *other) == everywhere
    container = [on(run, node="c4f3a1") for run in after]
    assert holding(own, container, before) == own
    hardware = [[on(run, cpu="Another") for run in side] for side in (after, before)]
    assert holding(own, *hardware) == []
    of_kind = [replace(each, machine=None) for each in own]
    assert holding(of_kind, *other) == of_kind
