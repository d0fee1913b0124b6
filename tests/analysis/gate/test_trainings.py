"""Accuracies of models that were trained anew, from several seeds."""

from dataclasses import replace
from random import Random

import pytest
from lab4_gate_runs import run_with

from lab4.analysis.gate.accuracies import MIN_SEEDS, judge_accuracies
from lab4.analysis.gate.verdict import ExitCode, VerdictOutcome
from lab4.analysis.policy import Policy
from lab4.domain.figures import CellFigures

CELLS = [f"examine/m{number}-cpu-keras" for number in range(60)]
IMAGES = 2_000
CHURN = 20


def trained(random, right, seed, lost=0):
    """A run whose models lose and win images by chance; the first cell loses some besides."""
    cells = {}
    for key in CELLS:
        bits = list(right)
        hits, misses = ([at for at, is_right in enumerate(right) if is_right is which] for which in (True, False))
        for at in random.sample(hits, random.randint(CHURN // 2, CHURN) + (lost if key == CELLS[0] else 0)):
            bits[at] = False
        for at in random.sample(misses, random.randint(CHURN // 2, CHURN)):
            bits[at] = True
        cells[key] = CellFigures("measured", {"accuracy": sum(bits) / IMAGES}, correct=tuple(bits))
    run = run_with(cells, seed)
    return replace(run, settings=replace(run.settings, seed=seed))


def judged(seeds, lost, random):
    right = [random.random() < 0.97 for _ in range(IMAGES)]
    before = [trained(random, right, seed) for seed in range(seeds)]
    return judge_accuracies(before, [trained(random, right, 100, lost)], Policy())


def test_a_point_and_a_half_is_seen_although_every_training_differs():
    random = Random(1)
    for _ in range(5):
        worse = {each.cell for each in judged(5, 30, random) if each.outcome is VerdictOutcome.WORSE}
        assert worse == {CELLS[0]}


def test_trainings_that_differ_by_chance_are_no_alarm():
    random = Random(2)
    for _ in range(10):
        assert not [each for each in judged(5, 0, random) if each.outcome is VerdictOutcome.WORSE]


@pytest.mark.parametrize("seeds", [1, 2])
def test_too_few_seeds_cannot_be_judged_and_say_what_would_help(seeds):
    found = judged(seeds, 30, Random(3))
    assert {each.outcome for each in found} == {VerdictOutcome.INCONCLUSIVE}
    assert {each.stops for each in found} == {ExitCode.CANNOT_JUDGE}
    assert f"a baseline of {MIN_SEEDS} seeds" in found[0].reason


def test_runs_of_one_seed_are_one_training():
    random = Random(4)
    right = [random.random() < 0.97 for _ in range(IMAGES)]
    before = [trained(random, right, seed) for seed in range(MIN_SEEDS)]
    (found, *_) = judge_accuracies([*before, *before], [trained(random, right, 100)], Policy())
    assert f"({MIN_SEEDS} trainings before and 1 after)" in found.reason
    assert found.evidence.rule == "seeds"


def test_two_seeds_on_either_side_are_enough():
    random = Random(5)
    right = [random.random() < 0.97 for _ in range(IMAGES)]
    before, after = ([trained(random, right, seed, lost) for seed in (1, 2)] for lost in (0, 30))
    found = judge_accuracies(before, after, Policy())
    assert {each.evidence.rule for each in found} == {"seeds"}
    assert [each.cell for each in found if each.outcome is VerdictOutcome.WORSE] == [CELLS[0]]


def test_the_interval_is_of_the_spread_that_decides():
    (worse,) = [each for each in judged(5, 30, Random(6)) if each.outcome is VerdictOutcome.WORSE]
    assert worse.evidence.high < 0


def test_one_seed_that_was_trained_anew_says_what_would_decide():
    random = Random(7)
    right = [random.random() < 0.97 for _ in range(IMAGES)]
    (found, *_) = judge_accuracies([trained(random, right, 1)], [trained(random, right, 1, 10)], Policy())
    assert found.outcome is VerdictOutcome.SAME
    assert ("a baseline of several seeds decides" in found.reason) == (abs(found.evidence.change) > 0.005)
